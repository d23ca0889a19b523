/** The same filter gives the same packets in the list, in the findings and on the screens. */
import { type Claim, that } from '../claims.ts'
import { kind } from '../kind.ts'

const numbers = (printed: string): readonly number[] =>
  printed.split('\n').flatMap(row => (/^ *(\d+) /.test(row) ? [Number.parseInt(row, 10)] : []))

/** The packets that this filter lets through, everywhere. */
const gives = (filter: string, ...packets: readonly number[]): Claim =>
  that(`${filter} gives ${packets.join(', ')}`, async verdict => {
    const { printed } = await verdict.ran(filter)
    return `${numbers(printed)}` === `${packets}` && `${verdict.shown(filter)}` === `${packets}`
  })

const sameAsFindings: Claim = that('errors gives the packets of the findings', async verdict => {
  const { printed } = await verdict.ran('errors')
  const wrong = verdict.findings.filter(({ level }) => level === 'error').map(({ packet }) => packet)
  const packets = [...new Set(wrong)].sort((a, b) => a - b)
  return packets.length > 0 && `${numbers(printed)}` === `${packets}` && `${verdict.shown('errors')}` === `${packets}`
})

const TALK = `
  c: CONNECT id=a
  s: CONNACK
  c: PUBLISH q1 #1 a 1
  s: PUBACK #1
  c: PUBLISH q2 #2 a 2
  s: PUBREC #2
  c: PUBREL #2
  s: PUBCOMP #2
  c: PUBLISH q1 #3 a 3
  +1s
  c: close
  s: close`

kind('filters', {
  'exchanges that are complete in the end: all of their packets': {
    seen: TALK,
    right: [gives('mqtt.exchange.state == complete', 1, 2, 3, 4, 5, 6, 7, 8)],
  },
  'exchanges that nobody finished: their packets': {
    seen: TALK,
    right: [gives('mqtt.exchange.state == abandoned', 9)],
  },
  'exchanges that are open: none in the end': {
    seen: TALK,
    right: [gives('mqtt.exchange.state == open')],
  },
  'messages with a copy: those that were copied in the end': {
    seen: `
      c: CONNECT id=sub
      s: CONNACK
      c: SUBSCRIBE #1 a:0
      s: SUBACK #1 0
      +2s
      c2: CONNECT id=pub
      s2: CONNACK
      c2: PUBLISH a 1
      s: PUBLISH a 1
      c2: PUBLISH b 2
      +2s
      c2: bye
      c: bye`,
    right: [gives('mqtt.fanout.copies >= 1', 7, 8)],
  },
  'an error that is told late, of an earlier packet: -Y errors and findings agree': {
    seen: `
      c: CONNECT id=js keepalive=10
      s: CONNACK
      c: SUBSCRIBE #1 t:0
      s: SUBACK #1 0
      ${Array.from({ length: 20 }, (_, n) => `s: PUBLISH t ${n}\nc: ack\n+1s`).join('\n')}
      s: close
      c: close`,
    right: [sameAsFindings],
  },
  'an error at its own packet: -Y errors and findings agree': {
    seen: `
      c: CONNECT
      s: CONNACK
      c: SUBSCRIBE #1 a:1
      c: SUBSCRIBE #1 b:1
      s: SUBACK #1 1
      c: bye`,
    right: [sameAsFindings],
  },
})
