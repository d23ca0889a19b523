/** A clock that jumps for all connections at once is no silence and no latency. */
import { calm, found, noError, silent, tells, that } from '../claims.ts'
import { kind, times } from '../kind.ts'

/** Three clients that ping every five seconds. */
const enter = [1, 2, 3].map(n => `c${n}: CONNECT id=client-${n} keepalive=10\ns${n}: CONNACK`).join('\n')
const pings = (count: number): string =>
  times(count, () => `+5s\n${[1, 2, 3].map(n => `c${n}: PINGREQ\ns${n}: PINGRESP`).join('\n')}`)
const leave = [1, 2, 3].map(n => `c${n}: bye`).join('\n')

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000
const lastedAnHour = that('all sessions lasted an hour', verdict =>
  verdict.sessions.every(({ durationMs }) => Number(durationMs) >= HOUR_MS),
)
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
    right: [noError, tells(/3\.1\.2-23/, 'warning')],
  },
  'one client is all there is, and its silence of an hour is answered: a warning that names the clock': {
    seen: 'c: CONNECT id=k keepalive=10\ns: CONNACK\n+1h\nc: PINGREQ\ns: PINGRESP\n+1s\nc: bye',
    right: [noError, tells(/the clock may have stepped/, 'warning')],
  },
  'two clients without a keep alive send nothing for an hour: an hour has passed': {
    seen: `
      c1: CONNECT id=a keepalive=0
      s1: CONNACK
      c2: CONNECT id=b keepalive=0
      s2: CONNACK
      +1h
      c1: PUBLISH a x
      c1: bye
      c2: bye`,
    right: [calm, lastedAnHour],
  },
  'the capture paused for an hour while all went on, as the missing bytes show: an hour has passed': {
    seen: `
      ${enter}
      ${pings(2)}
      c1: lost PINGREQ
      s1: lost PINGRESP
      +1h
      c1: PINGREQ
      s1: PINGRESP
      ${pings(2)}
      ${leave}`,
    right: [noError, lastedAnHour],
  },
  'the clock jumps an hour ahead: what comes after it is listed with the time that its frames have': {
    seen: `${enter}\n${pings(1)}\n+1h\nc1: PUBLISH q1 #1 a x\ns1: PUBACK #1\n${pings(1)}\n${leave}`,
    right: [
      calm,
      that('the message was sent after the hour', verdict => {
        const opened = verdict.handshakes.map(({ time }) => Date.parse(String(time)))
        return Math.max(...opened) - Math.min(...opened) > HOUR_MS
      }),
    ],
  },
})
