/** A clock that jumps for all connections at once is no silence and no latency. */
import { calm, found, noError, silent, that } from '../claims.ts'
import { kind, times } from '../kind.ts'

/** Three clients that ping every five seconds. */
const enter = [1, 2, 3].map(n => `c${n}: CONNECT id=client-${n} keepalive=10\ns${n}: CONNACK`).join('\n')
const pings = (count: number): string =>
  times(count, () => `+5s\n${[1, 2, 3].map(n => `c${n}: PINGREQ\ns${n}: PINGRESP`).join('\n')}`)
const leave = [1, 2, 3].map(n => `c${n}: bye`).join('\n')

const DAY_MS = 86_400_000
const noTimeRunsBack = that('no session and no exchange takes less than no time', verdict =>
  [...verdict.sessions, ...verdict.handshakes].every(
    ({ durationMs = 0, totalMs = 0 }) => Number(durationMs) >= 0 && Number(totalMs) >= 0,
  ),
)
const noLatency = that('no answer took a day', verdict =>
  verdict.handshakes.every(({ totalMs = 0 }) => Number(totalMs) < DAY_MS),
)

kind('clock', {
  'the clock jumps 400 days ahead for all: nobody was silent': {
    seen: `${enter}\n${pings(3)}\n+400d\n${pings(3)}\n${leave}`,
    right: [calm, silent(/silent for/)],
  },
  'the clock jumps an hour ahead for all: nobody was silent': {
    seen: `${enter}\n${pings(3)}\n+1h\n${pings(3)}\n${leave}`,
    right: [calm, silent(/silent for/)],
  },
  'the clock is turned back an hour: no time runs back': {
    seen: `${enter}\n${pings(3)}\n-1h\n${pings(3)}\n${leave}`,
    right: [calm, noTimeRunsBack],
  },
  'the clock is turned back 400 days: no session lasted less than no time': {
    seen: `${enter}\n${pings(3)}\n-400d\n${pings(3)}\n${leave}`,
    right: [calm, noTimeRunsBack, that('no -400 d in the table', verdict => !/\s-\d/.test(verdict.table))],
  },
  'the clock is turned back half a second: nothing to say': {
    seen: `${enter}\n${pings(3)}\n-500ms\n${pings(3)}\n${leave}`,
    right: [calm, noTimeRunsBack],
  },
  'the clock jumps ahead between questions and their answers: that is no latency': {
    seen: `
      ${enter}
      ${pings(2)}
      +5s
      c1: PINGREQ
      c2: PINGREQ
      c3: PUBLISH q1 #1 a x
      +400d
      s1: PINGRESP
      s2: PINGRESP
      s3: PUBACK #1
      ${pings(2)}
      ${leave}`,
    right: [calm, noLatency],
  },
  'the clock is turned back between questions and their answers: no latency below 0': {
    seen: `
      ${enter}
      ${pings(2)}
      +5s
      c1: PINGREQ
      c2: PINGREQ
      c3: PUBLISH q1 #1 a x
      -1h
      s1: PINGRESP
      s2: PINGRESP
      s3: PUBACK #1
      ${pings(2)}
      ${leave}`,
    right: [calm, noTimeRunsBack],
  },
  'one client alone is silent for two hours while the others ping: it was silent': {
    seen: `
      ${enter}
      ${times(1440, () => '+5s\nc2: PINGREQ\ns2: PINGRESP\nc3: PINGREQ\ns3: PINGRESP')}
      s1: close
      c2: bye
      c3: bye`,
    right: [
      that('the silence of client-1 is told, and that of nobody else', verdict => {
        const said = found(verdict, /3\.1\.2-2[03]|keepalive\.exceeded/)
        return said.length > 0 && said.every(({ client }) => client === 'client-1')
      }),
    ],
  },
  'a laptop sleeps for an hour with three connections, and all are reset as it wakes: no error of the broker': {
    seen: `
      ${enter}
      ${pings(2)}
      +1h
      ${[1, 2, 3].map(n => `c${n}: PINGREQ\ns${n}: reset`).join('\n')}`,
    right: [noError],
  },
})
