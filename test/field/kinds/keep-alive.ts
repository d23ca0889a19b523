/** The client's silence lasts from the end of one packet to the start of the next (3.1.1 §3.1.2.10, 5.0 §3.1.2.10). */
import { calm, found, noError, silent, tells, that } from '../claims.ts'
import { kind, times } from '../kind.ts'

const SILENCE = /3\.1\.2-2[03]|keep alive/i
const NOT_CLOSED = /3\.1\.2-2[24]/
/** The first frame of a conversation, in milliseconds since 1970. */
const START = 1_700_000_000_000

/** Messages of the broker once a second, which TCP alone acknowledges. */
const acknowledged = (count: number, more = ''): string =>
  times(count, n => `s: PUBLISH t/x ${n}\nc: ack\n+1s\n${more}`)

kind('keep-alive', {
  'neither packets nor TCP acknowledgements for 90 s of a keep alive of 60 s, then a reset: told, and no error': {
    seen: `
      c: CONNECT id=tracker keepalive=60
      s: CONNACK
      c: PUBLISH q1 #1 pos 1
      s: PUBACK #1
      +91s
      s: reset`,
    right: [tells(SILENCE), silent(/3\.1\.2-2[03]/, 'error')],
  },
  'the broker sends again and again and hears nothing, then resets: told, and no error': {
    seen: `
      c: CONNECT keepalive=10
      s: CONNACK
      c: SUBSCRIBE #1 t:0
      s: SUBACK #1 0
      +5s
      s: PUBLISH t x
      ${times(4, () => '+5s\ns: again')}
      s: reset`,
    right: [tells(SILENCE), noError],
  },
  'no packet for twice the keep alive, and TCP acknowledges all the time: an error of the client': {
    seen: `
      c: CONNECT id=js keepalive=10
      s: CONNACK
      c: SUBSCRIBE #1 t/#:0
      s: SUBACK #1 0
      ${acknowledged(20)}
      s: close`,
    right: [tells(/3\.1\.2-23/, 'error')],
  },
  'no packet for twice the keep alive in 5.0, and TCP acknowledges all the time: an error of the client': {
    seen: `
      v5
      c: CONNECT id=js keepalive=10
      s: CONNACK
      c: SUBSCRIBE #1 t/#:0
      s: SUBACK #1 0
      ${acknowledged(20)}
      s: close`,
    right: [tells(/3\.1\.2-20/, 'error')],
  },
  'a minute of a keep alive of 10 s, acknowledged by TCP, and the broker goes on: an error of the broker, too': {
    seen: `
      c: CONNECT keepalive=10
      s: CONNACK
      c: SUBSCRIBE #1 t/#:0
      s: SUBACK #1 0
      ${acknowledged(60)}
      c: PINGREQ
      s: PINGRESP
      c: bye`,
    right: [tells(/3\.1\.2-24/, 'error')],
  },
  'a PINGREQ after an hour of sleep is answered by a reset: the broker had closed': {
    seen: `
      c: CONNECT id=laptop keepalive=60
      s: CONNACK
      c: PINGREQ
      s: PINGRESP
      +3600s
      c: PINGREQ
      s: reset`,
    right: [silent(NOT_CLOSED, 'error'), tells(SILENCE)],
  },
  'a PINGREQ after 130 s of a keep alive of 60 s is answered by a reset: the broker had closed': {
    seen: `
      v5
      c: CONNECT keepalive=60
      s: CONNACK
      +130s
      c: PINGREQ
      s: reset`,
    right: [silent(NOT_CLOSED, 'error')],
  },
  'the broker closes after one and a half times the keep alive: no error': {
    seen: `
      c: CONNECT keepalive=10
      s: CONNACK
      +15.5s
      s: close`,
    right: [noError, tells(SILENCE)],
  },
  'the broker gives 0x8D, Keep Alive timeout, as its reason: told': {
    seen: `
      v5
      c: CONNECT id=k keepalive=10
      s: CONNACK
      +16s
      s: DISCONNECT 0x8d
      s: close`,
    right: [tells(/keep ?alive/i)],
  },
  'the Server Keep Alive of 30 s is ignored, and the broker closes: told, with 30 s': {
    seen: `
      v5
      c: CONNECT id=sk keepalive=600
      s: CONNACK serverKeepAlive=30
      +50s
      c: ack
      s: close`,
    right: [tells(/keep alive is 30/i)],
  },
  'a client pings every 50 s, as it wished, and the Server Keep Alive is 30 s: it broke [MQTT-3.2.2-21]': {
    seen: `
      v5
      c: CONNECT keepalive=600
      s: CONNACK serverKeepAlive=30
      ${times(3, () => '+25s\ns: PUBLISH t x\nc: ack\n+25s\nc: PINGREQ\ns: PINGRESP')}
      c: bye`,
    right: [tells(/3\.2\.2-21|3\.1\.2-20/, 'error')],
  },
  'the Server Keep Alive is longer than what the client wished: it may be silent for so long': {
    seen: `
      v5
      c: CONNECT keepalive=10
      s: CONNACK serverKeepAlive=30
      ${times(3, () => '+25s\nc: PINGREQ\ns: PINGRESP')}
      c: bye`,
    right: [calm],
  },
  'a message is under way for 30 s of a keep alive of 10 s: no silence': {
    seen: `
      c: CONNECT id=upload keepalive=10
      s: CONNACK
      c: over 30s PUBLISH q1 #1 fw size=60000
      s: PUBACK #1
      +1s
      c: bye`,
    right: [calm],
  },
  'a message of 5.0 is under way for 30 s of a keep alive of 10 s: no silence': {
    seen: `
      v5
      c: CONNECT id=upload keepalive=10
      s: CONNACK
      c: over 30s PUBLISH q1 #1 fw size=60000
      s: PUBACK #1
      +1s
      c: bye`,
    right: [calm],
  },
  'a message begins after 9 s of a keep alive of 10 s and takes half a minute: the silence ended as it began': {
    seen: `
      c: CONNECT id=upload keepalive=10
      s: CONNACK
      +9s
      c: over 30s PUBLISH q1 #1 fw size=60000
      s: PUBACK #1
      +9s
      c: PINGREQ
      s: PINGRESP
      c: bye`,
    right: [calm],
  },
  'a slow link carries one large message after the other: no silence': {
    seen: `
      c: CONNECT keepalive=5
      s: CONNACK
      ${times(4, n => `c: over 20s PUBLISH q1 #${n} log/${n} size=20000\ns: PUBACK #${n}`)}
      c: bye`,
    right: [calm],
  },
  'silent for 40 s of a keep alive of 10 s before a large message, acknowledged by TCP: an error': {
    seen: `
      c: CONNECT keepalive=10
      s: CONNACK
      c: SUBSCRIBE #1 t/#:0
      s: SUBACK #1 0
      ${acknowledged(40)}
      c: over 20s PUBLISH q1 #2 fw size=60000
      s: PUBACK #2
      c: bye`,
    right: [tells(/3\.1\.2-23/, 'error')],
  },
  'a keep alive of 0, and a day of silence: nothing to say': {
    seen: `
      c: CONNECT
      s: CONNACK
      +1d
      c: PINGREQ
      s: PINGRESP
      c: bye`,
    right: [calm],
  },
  'a fifth longer than the keep alive, as slow clients are: a warning and no error': {
    seen: `
      c: CONNECT keepalive=10
      s: CONNACK
      +12s
      c: PINGREQ
      s: PINGRESP
      c: bye`,
    right: [noError, tells(SILENCE, 'warning')],
  },
  'acknowledgements of messages are packets, too: no PINGREQ is needed': {
    seen: `
      c: CONNECT keepalive=10
      s: CONNACK
      c: SUBSCRIBE #1 t:1
      s: SUBACK #1 1
      ${times(6, n => `+9s\ns: PUBLISH q1 #${n} t x\nc: PUBACK #${n}`)}
      c: bye`,
    right: [calm],
  },
  'a client is silent for too long: the finding has the time at which that was so': {
    seen: `
      c: CONNECT id=sleeper keepalive=10
      s: CONNACK
      c2: CONNECT id=other
      s2: CONNACK
      ${times(6, n => `+5s\nc2: PUBLISH t ${n}`)}
      s: close
      c2: bye`,
    right: [
      that('the finding is between 10 and 30 s', verdict => {
        const [said] = found(verdict, /3\.1\.2-23|3\.1\.2-20/)
        const at = (Date.parse(said?.time ?? '') - START) / 1000
        return at >= 10 && at <= 30.1
      }),
    ],
  },
})
