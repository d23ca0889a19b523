/** "Why was I disconnected?": who closed, how long after which packet, what was unanswered, how long silent, busy with what. */
import { fromHex, hex } from '../../../src/base/bytes.ts'
import { packetOf } from '../../support/script.ts'
import { ended, noError, tells, that } from '../claims.ts'
import { kind, times } from '../kind.ts'

/** The bytes of a large message of the broker, in so many parts. */
function parts(count: number): readonly string[] {
  const bytes = fromHex(packetOf('PUBLISH fw/image size=100000', 4))
  const size = Math.ceil(bytes.length / count)
  return Array.from(
    { length: count },
    (_, at) => `HEX ${hex(bytes, at * size, Math.min(bytes.length, (at + 1) * size))}`,
  )
}

const BUSY = parts(10)

kind('ends', {
  'the broker closes 30 ms after a retained PUBLISH, unanswered: told, and no error': {
    seen: `
      c: CONNECT id=bridge
      s: CONNACK
      c: PUBLISH q1 #1 a 1
      s: PUBACK #1
      +4s
      c: PUBLISH q1 #2 retain dev/state on
      +29ms
      s: close`,
    right: [noError, tells(/waits for PUBACK .*\b2\b/)],
  },
  'the broker closes 30 ms after a retained PUBLISH: its session says who closed, after which packet, and what was unanswered':
    {
      seen: `
      c: CONNECT id=bridge
      s: CONNACK
      +4s
      c: PUBLISH q1 #2 retain dev/state on
      +29ms
      s: close
      c: close`,
      right: [ended('bridge', /broker.*\b(30|0\.03).*PUBLISH/), ended('bridge', /PUBACK/)],
    },
  'the broker resets: its session says so': {
    seen: `
      c: CONNECT id=robot
      s: CONNACK
      c: PUBLISH a 1
      +1s
      s: reset`,
    right: [ended('robot', /broker.*reset/), ended('robot', /PUBLISH/)],
  },
  'the client resets: its session says so': {
    seen: `
      c: CONNECT id=robot
      s: CONNACK
      c: PUBLISH a 1
      +1s
      c: reset`,
    right: [ended('robot', /client.*reset/)],
  },
  'the broker closes on a client that was silent for 16 s of a keep alive of 10 s: its session says both': {
    seen: `
      c: CONNECT id=sleeper keepalive=10
      s: CONNACK
      +16s
      s: close
      c: close`,
    right: [ended('sleeper', /broker.*silent.*\b16\b.*\b10 s/)],
  },
  'a client closes without DISCONNECT right after CONNACK: its session says after which packet': {
    seen: `
      c: CONNECT id=shy
      s: CONNACK
      +5ms
      c: close
      s: close`,
    right: [ended('shy', /client.*CONNACK/)],
  },
  'the broker says why, Administrative action: its session says it': {
    seen: `
      v5
      c: CONNECT id=x
      s: CONNACK
      +5s
      s: DISCONNECT 0x98
      s: close
      c: close`,
    right: [ended('x', /broker.*Administrative action/)],
  },
  'PINGRESP is stuck behind a large message for 20 s, and the client closes: told with its cause': {
    seen: `
      c: CONNECT id=thin keepalive=10
      s: CONNACK
      c: SUBSCRIBE #1 fw/#:0
      s: SUBACK #1 0
      ${BUSY.slice(0, 3)
        .map(part => `s: ${part}\n+2s`)
        .join('\n')}
      c: PINGREQ
      ${BUSY.slice(3, 8)
        .map(part => `s: ${part}\n+2s`)
        .join('\n')}
      c: close`,
    right: [
      that('the message that was under way is named as the cause', verdict =>
        verdict.findings.some(({ message }) => /PING/.test(message) && /(behind|busy|under way|while)/i.test(message)),
      ),
      noError,
    ],
  },
  'PINGRESP comes after 10 s, behind a large message: told with its cause, and no error': {
    seen: `
      c: CONNECT id=thin keepalive=60
      s: CONNACK
      c: SUBSCRIBE #1 fw/#:0
      s: SUBACK #1 0
      ${BUSY.slice(0, 3)
        .map(part => `s: ${part}\n+2s`)
        .join('\n')}
      c: PINGREQ
      ${BUSY.slice(3)
        .map(part => `s: ${part}\n+2s`)
        .join('\n')}
      s: PINGRESP
      +1s
      c: bye`,
    right: [noError, tells(/PING.*(behind|busy|under way|while)/i)],
  },
  'four connections idle for 300 s of a keep alive of 1,200 s, and each ends in silence: told, with 300 s': {
    seen: `
      ${times(4, n => `c${n}: CONNECT id=idle-${n} keepalive=1200\ns${n}: CONNACK\nc${n}: PUBLISH a ${n}\nc${n}: ack\n+7s`)}
      +272s
      ${times(4, n => `s${n}: reset\n+7s`)}`,
    right: [tells(/(idle|timeout|middlebox).*\b(300(\.\d+)? s|5 min)/i)],
  },
  'four connections end after different times of silence: no timeout is made of it': {
    seen: `
      ${times(4, n => `c${n}: CONNECT id=idle-${n} keepalive=1200\ns${n}: CONNACK\nc${n}: PUBLISH a ${n}\nc${n}: ack\n+7s`)}
      ${times(4, n => `+${60 + n * 55}s\ns${n}: reset`)}`,
    right: [that('no timeout', verdict => !verdict.findings.some(({ message }) => /idle|middlebox/i.test(message)))],
  },
})
