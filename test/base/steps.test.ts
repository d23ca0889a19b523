import { expect, test } from 'vitest'
import { Steps } from '../../src/base/steps.ts'

/** The clock shows 10 and then 3610; later 3620 and then 10,000. */
function twice(): Steps {
  const steps = new Steps()
  steps.add(10, 3610)
  steps.add(3620, 10_000)
  return steps
}

test('without a step, what the clock shows has passed', () => {
  expect([new Steps().passed(5), new Steps().shown(5)]).toEqual([5, 5])
})

test('a millisecond is left of each step, and nothing of the rest has passed', () => {
  const steps = twice()
  expect([9, 10, 3610, 3620, 10_000, 10_007].map(time => steps.passed(time).toFixed(3))).toEqual([
    '9.000',
    '10.000',
    '10.001',
    '20.001',
    '20.002',
    '27.002',
  ])
})

test('what the clock showed comes back, on both sides of a step', () => {
  const steps = twice()
  for (const time of [9, 10, 3610, 3615.25, 3620, 10_000, 10_007]) {
    expect(steps.shown(steps.passed(time))).toBeCloseTo(time, 6)
  }
})

test('a step that is put back in has passed', () => {
  const steps = twice()
  steps.undo()
  expect(steps.passed(10_000)).toBeCloseTo(6400.001, 6)
})

test('after 64 steps, time passes', () => {
  const steps = new Steps()
  const taken = Array.from({ length: 65 }, (_, at) => steps.add(at * 100, at * 100 + 90))
  expect(taken.indexOf(false)).toBe(64)
})

test('a frame without a time has none without steps either', () => {
  expect([twice().passed(Number.NaN), twice().shown(Number.NaN)]).toEqual([Number.NaN, Number.NaN])
})
