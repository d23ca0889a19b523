/** Two connections with one client id: the broker closes the older one ([MQTT-3.1.4-2], 5.0 [MQTT-3.1.4-3]), often before it answers the newer. */
import { calm, found, noError, silent, tells, that } from '../claims.ts'
import { kind, times } from '../kind.ts'

const TAKEN = /3\.1\.4-[23]|taken over|takeover/i

/** Two clients at .10 and .11 that share an id; `end`: what comes on the old connection in front of the new CONNACK. */
const fight = (many: number, end: (old: number) => string): string => `
  ${times(
    many,
    n => `
      c${n} from 192.0.2.${10 + (n % 2)}:${40_000 + n}
      c${n}: CONNECT id=twin keepalive=15
      ${n === 1 ? '' : end(n - 1)}
      s${n}: CONNACK
      c${n}: PUBLISH e/x 1
      +1s`,
  )}
  c${many}: bye`

const namesBoth = that('both addresses that share the id are named', verdict =>
  found(verdict, TAKEN).some(({ message }) => /192\.0\.2\.1[01]/.test(message)),
)
const isOne = that('a repetition is one finding', verdict => found(verdict, TAKEN).length === 1)

kind('takeover', {
  'the broker closes the old connection in front of the new CONNACK: told, with the addresses': {
    seen: fight(6, old => `s${old}: close`),
    right: [tells(TAKEN), noError, namesBoth],
  },
  'the broker of 5.0 says DISCONNECT with 0x8E in front of it: told, with the addresses': {
    seen: `v5\n${fight(6, old => `s${old}: DISCONNECT 0x8e\ns${old}: close`)}`,
    right: [tells(TAKEN), noError, namesBoth],
  },
  'the broker resets the old connection in front of the new CONNACK: told': {
    seen: fight(6, old => `s${old}: reset`),
    right: [tells(TAKEN), noError],
  },
  'eight times in eight seconds: one finding, with the number of times': {
    seen: fight(9, old => `s${old}: close`),
    right: [isOne, tells(/(taken over|takeover).*\b8 times/i)],
  },
  'eight times in eight seconds in 5.0: one finding, with the number of times': {
    seen: `v5\n${fight(9, old => `s${old}: DISCONNECT 0x8e\ns${old}: close`)}`,
    right: [isOne, tells(/(taken over|takeover).*\b8 times/i)],
  },
  'the broker closes the old connection after the new CONNACK: told': {
    seen: `
      c: CONNECT id=twin
      s: CONNACK
      +5s
      c2: CONNECT id=twin
      s2: CONNACK
      s: close
      +5s
      c3: CONNECT id=twin
      s3: CONNACK
      s2: close
      +5s
      c3: bye`,
    right: [tells(TAKEN), noError],
  },
  'a client that lost its network connects again from the same address: told, and nobody shares an id': {
    seen: `
      c: CONNECT id=roamer
      s: CONNACK
      +60s
      c2: CONNECT id=roamer
      s: close
      s2: CONNACK
      +5s
      c2: bye`,
    right: [calm, tells(TAKEN), silent(/share/)],
  },
  'a client closes and connects again: nobody was taken over': {
    seen: `
      c: CONNECT id=calm
      s: CONNACK
      c: bye
      +1s
      c2: CONNECT id=calm
      s2: CONNACK
      c2: close
      s2: close
      +1s
      c3: CONNECT id=calm
      s3: CONNACK
      c3: bye`,
    right: [calm, silent(TAKEN)],
  },
  'the old connection is served on after the new CONNACK: told': {
    seen: `
      c: CONNECT id=twin
      s: CONNACK
      c: SUBSCRIBE #1 a:0
      s: SUBACK #1 0
      +5s
      c2: CONNECT id=twin
      s2: CONNACK
      ${times(5, n => `+2s\ns: PUBLISH a ${n}`)}
      c2: bye
      c: bye`,
    right: [tells(/3\.1\.4-2/, 'warning')],
  },
  'the same id at two brokers of one host: two clients': {
    ports: [1883, 1884],
    seen: `
      c2 to 192.0.2.1:1884
      c: CONNECT id=same
      s: CONNACK
      c2: CONNECT id=same
      s2: CONNACK
      +3s
      c2: PUBLISH x 1
      c: PUBLISH q1 #1 x 1
      s: PUBACK #1
      c: bye
      c2: bye`,
    right: [calm, silent(TAKEN)],
  },
  'the same id at two hosts: two clients': {
    seen: `
      c2 to 192.0.2.2:1883
      c: CONNECT id=same
      s: CONNACK
      c2: CONNECT id=same
      s2: CONNACK
      +3s
      c2: PUBLISH q1 #1 x 1
      s2: PUBACK #1
      c: PUBLISH q1 #1 x 1
      s: PUBACK #1
      c: bye
      c2: bye`,
    right: [calm, silent(TAKEN)],
  },
  'two clients without an id: they share nothing': {
    seen: `
      c: CONNECT id=
      s: CONNACK
      c2: CONNECT id=
      s2: CONNACK
      +3s
      c: PUBLISH q1 #1 x 1
      s: PUBACK #1
      c: bye
      c2: bye`,
    right: [calm, silent(TAKEN)],
  },
})
