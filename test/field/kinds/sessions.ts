/** What becomes of a session between two connections (3.1.1 §3.2.2.2, 5.0 §3.1.2.11.2, [MQTT-4.1.0-2]). */
import { calm, completes, noError, noneAbandoned, silent, tells } from '../claims.ts'
import { kind } from '../kind.ts'

const LOST_OR_PRESENT = /3\.2\.2-[23]|4\.1\.0-2|session\./

/** A client leaves and comes back after a while; the properties of both CONNECT, and the rest of both CONNACK. */
const back = (connect: string, pause: string, connack: string, first = ''): string => `
  v5
  c: CONNECT id=tb keep ${connect}
  s: CONNACK ${first}
  +1s
  c: bye
  +${pause}
  c2: CONNECT id=tb keep ${connect}
  s2: CONNACK ${connack}
  +1s
  c2: bye`

/** The same in 3.1.1: `keep` is Clean Session 0. `first` and `second` are of the two CONNECTs. */
const back3 = (second: string, first: string, connack: string): string => `
  c: CONNECT id=tb ${first}
  s: CONNACK
  +1s
  c: bye
  +10s
  c2: CONNECT id=tb ${second}
  s2: CONNACK ${connack}
  +1s
  c2: bye`

/** A connection breaks before the PUBACK of a message in 3.1.1, and what comes over the next one. */
const resent = (connack: string, rest: string): string => `
  c: CONNECT id=k keep
  s: CONNACK
  c: PUBLISH q1 #1 a x
  c: reset
  +2s
  c2: CONNECT id=k keep
  s2: CONNACK ${connack}
  ${rest}
  +1s
  c2: bye`

/** A client of 3.1.1 takes over its own connection, over which a message of the broker has no PUBACK; `rest` follows. */
const takenOver = (rest: string): string => `
  c: CONNECT id=k keep
  s: CONNACK
  c: SUBSCRIBE #1 a:1
  s: SUBACK #1 1
  s: PUBLISH q1 #1 a x
  +1s
  c2: CONNECT id=k keep
  s2: CONNACK present
  +8s
  c2: PINGREQ
  ${rest}
  +1s
  c2: bye`

kind('sessions', {
  'lost after 10 s of an expiry of 30 s: told, and no error': {
    seen: back('expiry=30', '10s', ''),
    right: [tells(/3\.2\.2-3/), noError],
  },
  'present after 10 s of an expiry of 30 s: nothing to say': {
    seen: back('expiry=30', '10s', 'present'),
    right: [calm, silent(LOST_OR_PRESENT)],
  },
  'present an hour after it had expired: told [MQTT-4.1.0-2]': {
    seen: back('expiry=10', '1h', 'present'),
    right: [tells(/4\.1\.0-2/)],
  },
  'present two seconds after it had expired: brokers look now and then, nothing to say': {
    seen: back('expiry=10', '12s', 'present'),
    right: [calm],
  },
  'present after ten days of an expiry that is never: nothing to say': {
    seen: back('expiry=4294967295', '10d', 'present'),
    right: [calm, silent(LOST_OR_PRESENT)],
  },
  'present after a minute, as the broker has made 10 s an hour: nothing to say': {
    seen: back('expiry=10', '60s', 'present', 'expiry=3600'),
    right: [calm, silent(LOST_OR_PRESENT)],
  },
  'gone after a minute, as the broker has made an hour 10 s: nothing to say': {
    seen: back('expiry=3600', '60s', '', 'expiry=10'),
    right: [calm, silent(LOST_OR_PRESENT)],
  },
  'ended by DISCONNECT with an expiry of 0, and present: told': {
    seen: `
      v5
      c: CONNECT id=ex keep expiry=300
      s: CONNACK
      c: DISCONNECT 0 expiry=0
      c: close
      s: close
      +2s
      c2: CONNECT id=ex keep expiry=300
      s2: CONNACK present
      +1s
      c2: bye`,
    right: [tells(/3\.2\.2-3|4\.1\.0-2/)],
  },
  'an expiry of 0 is raised by DISCONNECT: an error of the client': {
    seen: `
      v5
      c: CONNECT id=ex
      s: CONNACK
      c: DISCONNECT 0 expiry=3600
      c: close
      s: close`,
    right: [tells(/session_expiry\.raised|Session Expiry/, 'error')],
  },
  'present at the first connection that the capture has: it began before': {
    seen: `
      c: CONNECT id=k keep
      s: CONNACK present
      +1s
      c: bye`,
    right: [calm, silent(LOST_OR_PRESENT)],
  },
  'present in 3.1.1 after a week: such sessions have no end': {
    seen: `
      c: CONNECT id=k keep
      s: CONNACK
      c: SUBSCRIBE #1 a:1
      s: SUBACK #1 1
      +1s
      c: bye
      +7d
      c2: CONNECT id=k keep
      s2: CONNACK present
      +1s
      c2: bye`,
    right: [calm, silent(LOST_OR_PRESENT)],
  },
  'a clean session in between, and one that is present after it: told': {
    seen: `
      c: CONNECT id=k
      s: CONNACK
      c: bye
      +1s
      c2: CONNECT id=k keep
      s2: CONNACK present
      +1s
      c2: bye`,
    right: [tells(/3\.2\.2-3/, 'warning')],
  },
  'a clean session in 3.1.1 that is said to be present: told [MQTT-3.2.2-1]': {
    seen: back3('', 'keep', 'present'),
    right: [tells(/3\.2\.2-1/)],
  },
  'a clean session in 3.1.1 ends the one before it: not present, nothing to say': {
    seen: back3('', 'keep', ''),
    right: [calm, silent(LOST_OR_PRESENT)],
  },
  'a kept session in 3.1.1 that the broker no longer has: told, and no error': {
    seen: back3('keep', 'keep', ''),
    right: [tells(/3\.2\.2-2|session\./), noError],
  },
  'a kept session in 3.1.1 after a clean one: not present, nothing to say': {
    seen: back3('keep', '', ''),
    right: [calm, silent(LOST_OR_PRESENT)],
  },
  'an unacknowledged message is sent again in a session of 3.1.1 that is present: whole': {
    seen: resent('present', 'c2: PUBLISH q1 #1 dup a x\ns2: PUBACK #1'),
    right: [calm, noneAbandoned, completes(1, 'qos1')],
  },
  'PUBREL is sent again in a session of 3.1.1 that is present: whole': {
    seen: `
      c: CONNECT id=k keep
      s: CONNACK
      c: PUBLISH q2 #1 a x
      s: PUBREC #1
      c: reset
      +2s
      c2: CONNECT id=k keep
      s2: CONNACK present
      c2: PUBREL #1
      s2: PUBCOMP #1
      +1s
      c2: bye`,
    right: [noError, noneAbandoned, completes(1, 'qos2')],
  },
  'an unacknowledged message is not sent again in a session of 3.1.1 that is present: told, and no error': {
    seen: resent('present', 'c2: PINGREQ\ns2: PINGRESP\n+30s\nc2: PINGREQ\ns2: PINGRESP'),
    right: [
      tells(/4\.4\.0-1.*the client has not resent PUBLISH of packet 3 \(packet id 1\)/, 'warning'),
      silent(/waits for PUBACK/),
      noError,
    ],
  },
  'the broker does not resend its message in a session that its client has taken over: an error': {
    seen: takenOver('s2: PINGRESP'),
    right: [tells(/4\.4\.0-1.*the broker has not resent PUBLISH of packet 5/, 'error')],
  },
  'PUBACK comes over the old connection after the takeover: no error': {
    seen: takenOver('c: PUBACK #1\ns2: PINGRESP'),
    right: [silent(/4\.4\.0-1/, 'error')],
  },
  'the broker does not resend PUBREL in a session of 3.1.1: told of PUBREL': {
    seen: `
      c: CONNECT id=k keep
      s: CONNACK
      c: SUBSCRIBE #1 a:2
      s: SUBACK #1 2
      s: PUBLISH q2 #1 a x
      c: PUBREC #1
      s: PUBREL #1
      c: reset
      +2s
      c2: CONNECT id=k keep
      s2: CONNACK present
      +9s
      c2: bye`,
    right: [tells(/4\.4\.0-1.*the broker has not resent PUBREL of packet 7/, 'warning'), noError],
  },
  'the broker sends its unacknowledged message again in a session of 3.1.1: whole': {
    seen: `
      c: CONNECT id=k keep
      s: CONNACK
      c: SUBSCRIBE #1 a:1
      s: SUBACK #1 1
      s: PUBLISH q1 #1 a x
      c: reset
      +2s
      c2: CONNECT id=k keep
      s2: CONNACK present
      s2: PUBLISH q1 #1 dup a x
      c2: PUBACK #1
      +1s
      c2: bye`,
    right: [noError, noneAbandoned, completes(1, 'qos1')],
  },
  'a client of 3.1.1 subscribes again although its session is present: nothing to say': {
    seen: `
      c: CONNECT id=k keep
      s: CONNACK
      c: SUBSCRIBE #1 a:1
      s: SUBACK #1 1
      c: bye
      +2s
      c2: CONNECT id=k keep
      s2: CONNACK present
      c2: SUBSCRIBE #1 a:1
      s2: SUBACK #1 1
      +1s
      c2: bye`,
    right: [calm],
  },
})
