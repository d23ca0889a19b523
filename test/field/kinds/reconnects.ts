/** Reconnects: delay and jitter between the attempts of a client, and many clients at once after a broker's end. */
import { noError, silent, tells } from '../claims.ts'
import { kind, times } from '../kind.ts'

const STORM = /storm|at once|within (1|one) s/i

/** So many clients, connected one by one. */
const crowd = (count: number): string => times(count, n => `c${n}: CONNECT id=dev-${n}\ns${n}: CONNACK\n+200ms`)
/** The broker ends. */
const fall = (count: number): string => times(count, n => `s${n}: close`)
/** All are back; `pause` between them. */
const back = (count: number, pause: string): string =>
  times(count, n => `c${n + count}: CONNECT id=dev-${n}\ns${n + count}: CONNACK\n+${pause}`)

kind('reconnects', {
  'ten attempts, five seconds apart, each refused as unavailable: told, with five seconds': {
    seen: times(10, n => `c${n}: CONNECT id=eager\ns${n}: CONNACK 3\ns${n}: close\nc${n}: close\n+5s`),
    right: [tells(/(reconnect|attempt).*\b5(\.\d+)? s/i), noError],
  },
  'eight attempts, each after twice the time of the one before: told, with the longest': {
    seen: times(8, n => `c${n}: CONNECT id=patient\ns${n}: CONNACK 3\ns${n}: close\nc${n}: close\n+${2 ** (n - 1)}s`),
    right: [tells(/(reconnect|attempt).*\b64(\.\d+)? s/i), noError],
  },
  'a client is thrown out and is back every 100 ms: told': {
    seen: times(
      30,
      n => `c${n}: CONNECT id=mad\ns${n}: CONNACK\nc${n}: PUBLISH a 1\ns${n}: close\nc${n}: close\n+96ms`,
    ),
    right: [tells(/reconnect|attempt/i), noError],
  },
  'forty clients lose their broker and are back within a second: told as a storm': {
    seen: `${crowd(40)}\n+10s\n${fall(40)}\n+3s\n${back(40, '15ms')}\n+10s`,
    right: [tells(STORM), tells(/\b40 clients\b/), noError],
  },
  'forty clients lose their broker and are back over two minutes: no storm': {
    seen: `${crowd(40)}\n+10s\n${fall(40)}\n+3s\n${back(40, '3s')}\n+10s`,
    right: [silent(STORM), noError],
  },
  'a client connects once a day: nothing to say': {
    seen: times(5, n => `c${n}: CONNECT id=daily\ns${n}: CONNACK\nc${n}: PUBLISH a ${n}\nc${n}: bye\n+1d`),
    right: [silent(/reconnect|attempt|storm/i), noError],
  },
})
