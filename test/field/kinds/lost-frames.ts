/** Frames that the capture lost: the acknowledgement number of the next segment of the other side proves it in time. */
import { calm, completes, found, gaps, noError, noneAbandoned, reads, silent, tells, that } from '../claims.ts'
import { kind, times } from '../kind.ts'
import type { Verdict } from '../verdict.ts'

const rowsOf = (verdict: Verdict): readonly string[] => verdict.text.split('\n').slice(0, -2)
const timeOf = (row: string): number => Number(/^ *(?:\d+|~~~) +([\d.]+) /.exec(row)?.[1] ?? Number.NaN)

const inOrder = that('the rows are in the order of their times', verdict => {
  const stamps = rowsOf(verdict)
    .map(timeOf)
    .filter(time => !Number.isNaN(time))
  return stamps.length > 2 && stamps.every((time, index) => index === 0 || time >= (stamps[index - 1] ?? 0))
})

/** The gap has its row between those of these payloads. */
const gapBetween = (before: string, after: string) =>
  that(`the gap stands between ${before} and ${after}`, verdict => {
    const rows = rowsOf(verdict)
    const at = (what: string): number => rows.findIndex(row => row.includes(what))
    return at(`"${before}"`) < at(' GAP ') && at(' GAP ') < at(`"${after}"`)
  })

/** Messages of the broker one after the other, each acknowledged; the fifth is not in the capture. */
const STREAM = `
  c: CONNECT
  s: CONNACK
  c: SUBSCRIBE #1 t:1
  s: SUBACK #1 1
  ${times(20, n => `s: ${n === 5 ? 'lost ' : ''}PUBLISH q1 #${n} t no-${n}\nc: PUBACK #${n}`)}
  +1s
  c: bye`

kind('lost-frames', {
  'PUBACK is lost, and its id is used again: it was free': {
    seen: `
      c: CONNECT
      s: CONNACK
      c: PUBLISH q1 #1 a 1
      s: lost PUBACK #1
      c: PUBLISH q1 #1 b 22
      s: PUBACK #1
      +1s
      c: bye`,
    right: [noError, silent(/2\.3\.1-2/), silent(/waits for PUBACK/, 'warning')],
  },
  'PUBACK is lost, and the next message comes: the Receive Maximum of 1 is kept': {
    seen: `
      v5
      c: CONNECT receive=1
      s: CONNACK
      c: SUBSCRIBE #1 a:1
      s: SUBACK #1 1
      s: PUBLISH q1 #1 a 1
      c: lost PUBACK #1
      s: PUBLISH q1 #2 a 2
      c: PUBACK #2
      +1s
      c: bye`,
    right: [noError],
  },
  'PUBCOMP is lost: id and Receive Maximum are free again': {
    seen: `
      v5
      c: CONNECT
      s: CONNACK receive=1
      c: PUBLISH q2 #1 a 1
      s: PUBREC #1
      c: PUBREL #1
      s: lost PUBCOMP #1
      c: PUBLISH q2 #1 a 22
      s: PUBREC #1
      c: PUBREL #1
      s: PUBCOMP #1
      +1s
      c: bye`,
    right: [noError],
  },
  'PUBREC is lost: PUBREL does not come before it': {
    seen: `
      c: CONNECT
      s: CONNACK
      c: PUBLISH q2 #1 a 1
      s: lost PUBREC #1
      c: PUBREL #1
      s: PUBCOMP #1
      +1s
      c: bye`,
    right: [calm, silent(/4\.3\.3-1|PUBREL before/)],
  },
  'PUBREL is lost: PUBCOMP does not come before it': {
    seen: `
      c: CONNECT
      s: CONNACK
      c: PUBLISH q2 #1 a 1
      s: PUBREC #1
      c: lost PUBREL #1
      s: PUBCOMP #1
      +1s
      c: bye`,
    right: [calm, silent(/4\.3\.3-2|PUBCOMP before/)],
  },
  'a message of the broker is lost: its PUBACK acknowledges something': {
    seen: `
      c: CONNECT
      s: CONNACK
      c: SUBSCRIBE #1 a:1
      s: SUBACK #1 1
      s: lost PUBLISH q1 #1 a 1
      c: PUBACK #1
      s: PUBLISH q1 #2 a 2
      c: PUBACK #2
      +1s
      c: bye`,
    right: [calm, silent(/2\.3\.1-6/)],
  },
  'one message of twenty is lost: the other nineteen have their acknowledgements': {
    seen: STREAM,
    right: [calm, completes(19, 'qos1'), noneAbandoned, silent(/2\.3\.1-6/)],
  },
  'one message of twenty is lost: its gap has the row where it was proven': {
    seen: STREAM,
    right: [gapBetween('no-4', 'no-6'), inOrder, gaps(1, 11)],
  },
  'SUBSCRIBE is lost: SUBACK answers a question, and messages have a subscription': {
    seen: `
      c: CONNECT
      s: CONNACK
      c: lost SUBSCRIBE #1 a/#:1
      s: SUBACK #1 1
      +2s
      s: PUBLISH q1 #1 a/b x
      c: PUBACK #1
      c: bye`,
    right: [calm, silent(/2\.3\.1-7/)],
  },
  'SUBACK is lost: it is not said that it never came, and the id is free': {
    seen: `
      c: CONNECT
      s: CONNACK
      c: SUBSCRIBE #1 a:1
      s: lost SUBACK #1 1
      c: SUBSCRIBE #1 b:1
      s: SUBACK #1 1
      +1s
      c: bye`,
    right: [calm, silent(/waits for SUBACK/, 'warning')],
  },
  'UNSUBSCRIBE is lost: UNSUBACK answers a question': {
    seen: `
      c: CONNECT
      s: CONNACK
      c: SUBSCRIBE #1 a:1
      s: SUBACK #1 1
      c: lost UNSUBSCRIBE #2 a
      s: UNSUBACK #2
      +1s
      c: bye`,
    right: [calm, silent(/2\.3\.1-7/)],
  },
  'CONNACK is lost: the broker has begun with it': {
    seen: `
      c: CONNECT
      s: lost CONNACK
      c: SUBSCRIBE #1 a:1
      s: SUBACK #1 1
      +1s
      c: bye`,
    right: [calm, silent(/3\.2\.0-1/), silent(/waits for CONNACK/, 'warning')],
  },
  'CONNECT is lost: the client has begun with it': {
    seen: `
      c: lost CONNECT
      s: CONNACK
      c: PUBLISH q1 #1 a 1
      s: PUBACK #1
      +1s
      c: bye`,
    right: [calm, silent(/3\.1\.0-1|connect\.missing/)],
  },
  'PINGREQ is lost: the client was not silent, and PINGRESP answers it': {
    seen: `
      c: CONNECT keepalive=10
      s: CONNACK
      +9s
      c: lost PINGREQ
      s: PINGRESP
      +9s
      c: PINGREQ
      s: PINGRESP
      c: bye`,
    right: [calm],
  },
  'the message that set an alias is lost: the alias was set': {
    seen: `
      v5
      c: CONNECT
      s: CONNACK aliasMaximum=5
      c: lost PUBLISH alias=1 a/b 1
      c: PUBLISH alias=1 - 2
      +1s
      c: bye`,
    right: [silent(/3\.3\.2-7/), noError],
  },
  'DISCONNECT is lost, and FIN proves it: the will is not missed': {
    seen: `
      c: CONNECT id=watch
      s: CONNACK
      c: SUBSCRIBE #1 s/#:0
      s: SUBACK #1 0
      +10s
      c2: CONNECT id=d will=s/d:off
      s2: CONNACK
      +5s
      c2: lost DISCONNECT
      c2: close
      s2: close
      +20s
      c: bye`,
    right: [calm, silent(/3\.1\.2-8/)],
  },
  'a message is lost long before the client breaks: its DISCONNECT is not among what is missing, and the will is missed':
    {
      seen: `
      c: CONNECT id=watch
      s: CONNACK
      c: SUBSCRIBE #1 s/#:0
      s: SUBACK #1 0
      +10s
      c2: CONNECT id=d will=s/d:off
      s2: CONNACK
      c2: lost PUBLISH x 1
      c2: PUBLISH x 2
      s2: ack
      +5s
      c2: PINGREQ
      s2: PINGRESP
      c2: close
      s2: close
      +20s
      c: bye`,
      right: [noError, tells(/3\.1\.2-8/)],
    },
  'frames of both directions are lost between many at QoS 2: nobody broke a rule': {
    seen: `
      v5
      c: CONNECT receive=2
      s: CONNACK receive=2
      c: SUBSCRIBE #1 t:2
      s: SUBACK #1 2
      ${times(12, n => {
        const lost = (step: number): string => (n % 4 === step ? 'lost ' : '')
        return `
          c: ${lost(0)}PUBLISH q2 #7 t ${n}
          s: ${lost(1)}PUBREC #7
          c: ${lost(2)}PUBREL #7
          s: ${lost(3)}PUBCOMP #7
          s: ${lost(3)}PUBLISH q2 #9 t ${n}
          c: ${lost(2)}PUBREC #9
          s: ${lost(1)}PUBREL #9
          c: ${lost(0)}PUBCOMP #9`
      })}
      +1s
      c: bye`,
    right: [calm],
  },
  'a hole inside a large message: it is counted, and the message is read around it': {
    seen: `
      c: CONNECT
      s: CONNACK
      c: SUBSCRIBE #1 fw:1
      s: SUBACK #1 1
      s: torn PUBLISH q1 #1 fw size=6000
      c: PUBACK #1
      +1s
      c: bye`,
    right: [calm, gaps(1, 1400), reads(7), completes(1, 'qos1')],
  },
  'bytes of the broker are missing: the note says that they are of the broker': {
    seen: `
      c: CONNECT
      s: CONNACK
      c: SUBSCRIBE #1 a:1
      s: lost SUBACK #1 1
      c: PUBLISH q1 #2 b 1
      s: PUBACK #2
      +1s
      c: bye`,
    right: [tells(/capture\.gap.*\bbroker\b/), silent(/capture\.gap.*\bclient\b/), gaps(1, 5)],
  },
  'bytes of the client are missing: the note says that they are of the client': {
    seen: `
      c: CONNECT
      s: CONNACK
      c: lost PUBLISH a 1
      c: PUBLISH a 2
      +1s
      c: bye`,
    right: [tells(/capture\.gap.*\bclient\b/), silent(/capture\.gap.*\bbroker\b/)],
  },
  'what may lie in the missing bytes is not told as missing': {
    seen: `
      c: CONNECT id=sub
      s: CONNACK
      c: SUBSCRIBE #1 a:1
      s: SUBACK #1 1
      c2: CONNECT id=pub
      s2: CONNACK
      +1s
      c2: PUBLISH q1 #1 a 1
      s2: PUBACK #1
      s: lost PUBLISH q1 #1 a 1
      c: PUBACK #1
      +5s
      c2: bye
      c: bye`,
    right: [
      calm,
      that('nobody is said to have missed the message', verdict => found(verdict, /delivery\.missing/).length === 0),
    ],
  },
})
