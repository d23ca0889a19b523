/** One direction was captured: its peer's acknowledgement numbers grow, so the other half was there, and nothing of it is missing. */
import { noError, noneAbandoned, reads, silent, tells } from '../claims.ts'
import { kind, type Situation, times } from '../kind.ts'

const talk = (version: 4 | 5): string => `
  v${version}
  c: CONNECT keepalive=10
  s: CONNACK
  c: SUBSCRIBE #1 t/#:2
  s: SUBACK #1 2
  ${times(
    3,
    n => `
      c: PUBLISH q2 #${n} t/a ${n}
      s: PUBREC #${n}
      c: PUBREL #${n}
      s: PUBCOMP #${n}
      s: PUBLISH q1 #${n} t/a ${n}
      c: PUBACK #${n}
      +9s
      c: PINGREQ
      s: PINGRESP`,
  )}
  c: bye`

const HALF = /\b(one|other|only|no|half)\b.{0,40}\b(direction|side|captured)\b/i

/** Packets of the client, and of the broker. */
const FROM_CLIENT = 15
const FROM_BROKER = 14

const half = (version: 4 | 5, hears: 'client' | 'broker'): Situation => ({
  seen: talk(version),
  hears,
  right: [
    noError,
    tells(HALF),
    noneAbandoned,
    silent(/waits for/),
    silent(/2\.3\.1-|2\.2\.1-|3\.1\.0-1|3\.2\.0-1/),
    reads(hears === 'client' ? FROM_CLIENT : FROM_BROKER),
  ],
})

kind('one-direction', {
  'the client alone was captured: told, and nothing is missing': half(4, 'client'),
  'the client of 5.0 alone was captured: told, and nothing is missing': half(5, 'client'),
  'the client alone was captured, but for the SYN of the broker: told, and no answer is called missing': {
    seen: talk(4),
    hears: 'client',
    hearsSyn: true,
    right: [noError, tells(HALF), noneAbandoned, reads(FROM_CLIENT)],
  },
  'the broker alone was captured, but for the SYN of the client: told, and no question is called missing': {
    seen: talk(5),
    hears: 'broker',
    hearsSyn: true,
    right: [noError, tells(HALF), noneAbandoned, reads(FROM_BROKER)],
  },
  'the broker alone was captured: told, and nothing is missing': half(4, 'broker'),
  'the broker of 5.0 alone was captured: told, and nothing is missing': half(5, 'broker'),
  'the broker alone, and the capture begins in the middle: told, and nothing is missing': {
    seen: `c stands\n${talk(4)}`,
    hears: 'broker',
    right: [noError, tells(HALF), noneAbandoned],
  },
  'the client publishes at QoS 0 alone, and the broker has nothing to say: both were captured': {
    seen: `
      c: CONNECT
      s: CONNACK
      ${times(20, n => `c: PUBLISH t ${n}\ns: ack`)}
      c: bye`,
    right: [silent(HALF), noError],
  },
})
