/**
 * The findings held against mosquitto itself: what it closes the connection for, we call an error of the client, and what
 * it lets pass, we do not. Where the two part, the reason stands in `disagreements.ts`.
 */
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { Broker } from '../support/broker.ts'
import { hasTool, needs } from '../support/tools.ts'
import { type Answer, askAll } from './broker.ts'
import { MORE_LENIENT, type Reason, STRICTER } from './disagreements.ts'
import { judge, type Verdict } from './judge.ts'
import { FAMILIES } from './sequences/all.ts'

let broker: Broker | undefined
const test = needs('mosquitto')

beforeAll(async () => {
  if (hasTool('mosquitto')) broker = await Broker.start()
})
afterAll(() => broker?.stop())

interface Case {
  readonly answer: Answer
  readonly verdict: Verdict
}

const describeCase = ({ answer, verdict }: Case): string =>
  `${answer.sequence.name}: ${verdict.client.map(({ level, id }) => `${level} ${id}`).join(', ') || 'nothing'}`

const unexplained = (cases: readonly Case[], reasons: readonly Reason[]): readonly string[] =>
  cases.filter(({ answer, verdict }) => !reasons.some(({ holds }) => holds(answer, verdict))).map(describeCase)

const TIME_MS = 180_000

describe('what mosquitto 2.0.11 closes for', () => {
  const used = new Set<Reason>()
  const explain = (cases: readonly Case[], reasons: readonly Reason[]): readonly string[] => {
    for (const { answer, verdict } of cases) {
      const reason = reasons.find(({ holds }) => holds(answer, verdict))
      if (reason !== undefined) used.add(reason)
    }
    return unexplained(cases, reasons)
  }

  for (const [family, sequences] of Object.entries(FAMILIES)) {
    test(
      `${family}: ${sequences.length} sequences`,
      async () => {
        const answers = await askAll(broker?.port ?? 0, sequences)
        const cases = answers.map(answer => ({ answer, verdict: judge(answer.pieces, answer.closed) }))
        const isError = ({ verdict }: Case): boolean => verdict.clientErrors.length > 0
        const missed = cases.filter(one => one.answer.rejected && !isError(one))
        const beyond = cases.filter(one => !one.answer.closed && isError(one))
        expect(explain(missed, STRICTER)).toEqual([])
        expect(explain(beyond, MORE_LENIENT)).toEqual([])
        expect(cases.filter(({ verdict }) => verdict.serverErrors.length > 0).map(describeCase)).toEqual([])
        const rejected = cases.filter(({ answer }) => answer.rejected)
        expect((rejected.length - missed.length) / rejected.length).toBeGreaterThan(0.85)
      },
      TIME_MS,
    )
  }

  test('every reason given is a true one', () => {
    const idle = [...STRICTER, ...MORE_LENIENT].filter(reason => !used.has(reason))
    expect(idle.map(({ why }) => why)).toEqual([])
  })
})
