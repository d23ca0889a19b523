/** What is kept of flows that have not proved anything yet: within which limits, and how twins are tied. */
import { expect, test } from 'vitest'
import { WaitingFlows } from '../../src/analysis/waiting.ts'
import type { RunSink } from '../../src/base/line.ts'
import { Anomaly } from '../../src/net/anomaly.ts'
import { Flow } from '../../src/net/flow.ts'
import { Segment } from '../../src/net/segment.ts'

const NOBODY: RunSink = { run: () => {}, gap: () => {}, end: () => {} }
const SIDES = [NOBODY, NOBODY] as const

function flowOf(index: number, twin = -1): Flow {
  const flow = new Flow(index, new Segment())
  flow.rarities.twin = twin
  return flow
}

function waiting(...flows: readonly Flow[]): WaitingFlows {
  const all = new WaitingFlows()
  for (const flow of flows) all.add(flow, SIDES)
  return all
}

const anomaly = (number: number) => ({ side: 0, code: Anomaly.Urgent, frame: { number }, from: 0, to: 0 }) as const

test('64 anomalies of a flow are kept, the first ones', () => {
  const flow = flowOf(3)
  const all = waiting(flow)
  for (let number = 1; number <= 70; number++) all.keep(flow, anomaly(number))
  const kept = all.remove(flow)?.anomalies.map(({ frame }) => frame.number)
  expect(kept).toEqual(Array.from({ length: 64 }, (_, index) => index + 1))
  expect([all.size, all.has(3), all.remove(flow)]).toEqual([0, false, undefined])
})

test('65,536 of all flows together, and what is taken out makes room', () => {
  const flows = Array.from({ length: 1025 }, (_, index) => flowOf(index))
  const all = waiting(...flows)
  for (const flow of flows) for (let number = 1; number <= 64; number++) all.keep(flow, anomaly(number))
  const [first = flowOf(-1)] = flows
  const last = flowOf(1024)
  expect(all.remove(last)?.anomalies).toHaveLength(0)
  all.add(last, SIDES)
  expect(all.remove(first)?.anomalies).toHaveLength(64)
  all.keep(last, anomaly(1))
  expect(all.remove(last)?.anomalies).toHaveLength(1)
})

test('an anomaly of a flow that does not wait is not kept', () => {
  const flow = flowOf(1)
  const all = waiting()
  all.keep(flow, anomaly(1))
  all.add(flow, SIDES)
  expect(all.remove(flow)?.anomalies).toEqual([])
})

test('a twin is tied to the first of them all, if that one waits', () => {
  const [first, second, third] = [flowOf(0), flowOf(1, 0), flowOf(2, 1)]
  const all = waiting(first, second, third)
  expect([all.tie(second), all.tie(third), all.tie(flowOf(7, 0))]).toEqual([true, true, false])
  expect(all.remove(first)?.twins).toEqual([second, third])
  expect(all.remove(second)?.twins).toEqual([])
  expect(all.tie(third)).toBe(false)
})

test('the oldest is the one that was added first of those that wait', () => {
  const [first, second] = [flowOf(5), flowOf(3)]
  const all = waiting(first, second)
  expect(all.oldest?.flow).toBe(first)
  all.remove(first)
  expect(all.oldest?.flow).toBe(second)
  all.remove(second)
  expect(all.oldest).toBeUndefined()
})

test('the oldest is the one that waits longest of those that still wait', () => {
  const [one, two, three] = [flowOf(1), flowOf(2), flowOf(3)]
  const all = waiting(one, two)
  const oldest = (): number | undefined => all.oldest?.flow.index
  expect([oldest(), oldest()]).toEqual([1, 1])
  all.remove(one)
  expect(oldest()).toBe(2)
  // What comes again is the newest.
  all.add(one, SIDES)
  all.remove(two)
  all.add(three, SIDES)
  expect(oldest()).toBe(1)
  all.remove(one)
  all.remove(three)
  expect(oldest()).toBeUndefined()
  all.add(two, SIDES)
  expect(oldest()).toBe(2)
})
