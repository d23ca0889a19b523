/** Whatever comes again is answered again: the second answer is due ([MQTT-4.3.2-4], [MQTT-4.3.3-11]). */
import { calm, completes, noError, silent, tells, tellsTimes, that } from '../claims.ts'
import { kind, times } from '../kind.ts'

const STRAY = /2\.3\.1-6|2\.2\.1-5|ack\.stray/
const FIRST = /4\.3\.2-[12]|dup\.first/

kind('resends', {
  'a message comes twice and is acknowledged twice: the second PUBACK is due': {
    seen: `
      c: CONNECT id=slow
      s: CONNACK
      c: SUBSCRIBE #1 a:1
      s: SUBACK #1 1
      s: PUBLISH q1 #1 a 1
      +20s
      s: PUBLISH q1 #1 dup a 1
      c: PUBACK #1
      c: PUBACK #1
      +3s
      c: bye`,
    right: [silent(STRAY)],
  },
  'a message comes three times, and each is acknowledged at once but for the first: no stray': {
    seen: `
      c: CONNECT
      s: CONNACK
      c: PUBLISH q1 #1 a 1
      +10s
      c: PUBLISH q1 #1 dup a 1
      +10s
      c: PUBLISH q1 #1 dup a 1
      s: PUBACK #1 | PUBACK #1 | PUBACK #1
      +1s
      c: bye`,
    right: [noError, silent(STRAY)],
  },
  'PUBREL comes twice over a reconnect and is completed twice: the second PUBCOMP is due': {
    seen: `
      c: CONNECT id=k keep
      s: CONNACK
      c: PUBLISH q2 #1 a 1
      s: PUBREC #1
      c: PUBREL #1
      s: PUBCOMP #1
      c: reset
      +2s
      c2: CONNECT id=k keep
      s2: CONNACK present
      c2: PUBREL #1
      s2: PUBCOMP #1
      +1s
      c2: bye`,
    right: [noError, silent(STRAY)],
  },
  'a message at QoS 2 comes twice and is received twice: the second PUBREC is due': {
    seen: `
      c: CONNECT
      s: CONNACK
      c: PUBLISH q2 #1 a 1
      +20s
      c: PUBLISH q2 #1 dup a 1
      s: PUBREC #1
      s: PUBREC #1
      c: PUBREL #1
      s: PUBCOMP #1
      +1s
      c: bye`,
    right: [noError, silent(STRAY), completes(1, 'qos2')],
  },
  'a third PUBACK for a message that came twice: it acknowledges nothing': {
    seen: `
      c: CONNECT
      s: CONNACK
      c: SUBSCRIBE #1 a:1
      s: SUBACK #1 1
      s: PUBLISH q1 #1 a 1
      +20s
      s: PUBLISH q1 #1 dup a 1
      c: PUBACK #1
      c: PUBACK #1
      +1s
      c: PUBACK #1
      +3s
      c: bye`,
    right: [tellsTimes(1, STRAY, 'warning')],
  },
  'PUBACK for an id that nobody used: it acknowledges nothing': {
    seen: `
      c: CONNECT
      s: CONNACK
      c: PUBACK #77
      +1s
      c: bye`,
    right: [tellsTimes(1, STRAY, 'warning')],
  },
  'PUBREC again and again in a resumed session, and no PUBREL: told': {
    seen: `
      c: CONNECT id=paho keep
      s: CONNACK present
      ${times(4, () => 's: PUBREC #9\n+20s\nc: PINGREQ\ns: PINGRESP')}
      c: bye`,
    right: [tells(/PUBREL|4\.3\.3-[14]/)],
  },
  'PUBREC again and again in a resumed session of 5.0, and no PUBREL: told': {
    seen: `
      v5
      c: CONNECT id=paho keep expiry=600
      s: CONNACK present
      ${times(4, () => 's: PUBREC #9\n+20s\nc: PINGREQ\ns: PINGRESP')}
      c: bye`,
    right: [tells(/PUBREL|4\.3\.3-[14]/)],
  },
  'PUBREC of both sides under one id in a resumed session: each side has ids of its own': {
    seen: `
      c: CONNECT id=paho keep
      s: CONNACK present
      s: PUBREC #9
      c: PUBREC #9
      c: PUBREL #9
      s: PUBREL #9
      s: PUBCOMP #9
      c: PUBCOMP #9
      c: bye`,
    right: [silent(/4\.3\.3-[14]|pubrel\.missing/)],
  },
  'PUBREC that refuses in a resumed session of 5.0, twice: no PUBREL is due': {
    seen: `
      v5
      c: CONNECT id=paho keep expiry=600
      s: CONNACK present
      s: PUBREC #9 0x92
      +1s
      s: PUBREC #9 0x92
      +1s
      c: bye`,
    right: [silent(/4\.3\.3-[14]|pubrel\.missing/)],
  },
  'PUBREC from before the capture in a resumed session, and its PUBREL: nothing to say': {
    seen: `
      c: CONNECT id=paho keep
      s: CONNACK present
      s: PUBREC #9
      c: PUBREL #9
      s: PUBCOMP #9
      c: bye`,
    right: [calm],
  },
  'a message at QoS 2 without PUBREC for a minute: told, and no error': {
    seen: `
      c: CONNECT id=sender keepalive=60
      s: CONNACK
      c: PUBLISH q2 #1 test hello
      +50s
      c: PINGREQ
      s: PINGRESP
      +5s
      c: close
      s: close`,
    right: [tells(/waits for PUBREC/), noError],
  },
  'a client that never sends PUBCOMP: told for each of five messages': {
    seen: `
      c: CONNECT id=arduino
      s: CONNACK
      c: SUBSCRIBE #1 a:2
      s: SUBACK #1 2
      ${times(5, n => `s: PUBLISH q2 #${n} a ${n}\nc: PUBREC #${n}\ns: PUBREL #${n}\n+3s`)}
      c: close
      s: close`,
    right: [tellsTimes(5, /waits for PUBCOMP/)],
  },
  'a client leaves in front of PUBREC: told, and no error': {
    seen: `
      c: CONNECT id=php
      s: CONNACK
      c: PUBLISH q2 #1 t x
      c: bye`,
    right: [tells(/waits for PUBREC/), noError],
  },
  'DUP after the broker lost the session, in 3.1.1: the message was sent before, and the lost session is told': {
    seen: `
      c: CONNECT id=cl keep
      s: CONNACK
      c: PUBLISH q1 #1 a 1
      s: reset
      +1s
      c2: CONNECT id=cl keep
      s2: CONNACK
      c2: PUBLISH q1 #1 dup a 1
      s2: PUBACK #1
      +1s
      c2: bye`,
    right: [
      silent(FIRST),
      tells(/3\.2\.2-2/),
      that('the packet that was first is named', verdict =>
        verdict.findings.some(({ packet, message }) => packet === 6 && /packet 3\b/.test(message)),
      ),
    ],
  },
  'DUP after the broker lost the session, in 5.0: the message was sent before, and the lost session is told': {
    seen: `
      v5
      c: CONNECT id=cl keep expiry=600
      s: CONNACK
      c: PUBLISH q1 #1 a 1
      s: reset
      +1s
      c2: CONNECT id=cl keep expiry=600
      s2: CONNACK
      c2: PUBLISH q1 #1 dup a 1
      s2: PUBACK #1
      +1s
      c2: bye`,
    right: [
      silent(FIRST),
      tells(/3\.2\.2-3/),
      that('the packet that was first is named', verdict =>
        verdict.findings.some(({ packet, message }) => packet === 6 && /packet 3\b/.test(message)),
      ),
    ],
  },
  'DUP on a message that never was before: told': {
    seen: `
      c: CONNECT
      s: CONNACK
      c: PUBLISH q1 #1 dup a 1
      s: PUBACK #1
      +1s
      c: bye`,
    right: [tells(FIRST, 'warning')],
  },
  'sent again over the same connection in 5.0: an error [MQTT-4.4.0-1]': {
    seen: `
      v5
      c: CONNECT
      s: CONNACK
      c: PUBLISH q1 #1 a 1
      +20s
      c: PUBLISH q1 #1 dup a 1
      s: PUBACK #1
      +1s
      c: bye`,
    right: [tells(/4\.4\.0-1/, 'error')],
  },
})
