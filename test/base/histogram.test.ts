/** Percentiles against those of the sorted list. */
import { describe, expect, test } from 'vitest'
import { Histogram, MOST_EXACT } from '../../src/base/histogram.ts'
import { Random } from '../support/random.ts'

const PARTS = [0, 0.01, 0.25, 0.5, 0.9, 0.95, 0.99, 0.999, 1]

function exact(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.max(1, Math.ceil(part * sorted.length)) - 1] ?? Number.NaN
}

function of(values: readonly number[]): Histogram {
  const histogram = new Histogram()
  for (const value of values) histogram.add(value)
  return histogram
}

describe('percentiles', () => {
  test('of nothing', () => {
    const none = new Histogram()
    expect(none.percentile(0.5)).toBeNaN()
    expect(none.mean).toBeNaN()
  })

  test('of one value, and what is not known counts for nothing', () => {
    const one = of([0.25, Number.NaN])
    expect(PARTS.map(part => one.percentile(part))).toEqual(PARTS.map(() => 0.25))
    expect(one.count).toBe(1)
  })

  test('few values: exact', () => {
    const values = Array.from({ length: MOST_EXACT }, (_, at) => ((at * 7919) % MOST_EXACT) / 1000)
    for (const part of PARTS) expect(of(values).percentile(part)).toBe(exact(values, part))
  })

  test.each([1, 2, 3])('many values: within 1 %% (seed %i)', seed => {
    const random = new Random(seed)
    // From nanoseconds to hours, most of them small.
    const values = Array.from({ length: 20_000 }, () => 10 ** (random.below(13_000) / 1000 - 9))
    const histogram = of(values)
    for (const part of PARTS) {
      const right = exact(values, part)
      expect(Math.abs(histogram.percentile(part) - right) / right, `${part}`).toBeLessThanOrEqual(0.01)
    }
    expect(histogram.most).toBe(Math.max(...values))
    expect(histogram.percentile(1)).toBe(histogram.most)
    expect(histogram.least).toBe(Math.min(...values))
    expect(histogram.mean).toBeCloseTo(values.reduce((sum, value) => sum + value, 0) / values.length, 6)
  })

  test('sizes of packets too', () => {
    const values = Array.from({ length: 5000 }, (_, at) => at * 53_687 + 2)
    const histogram = of(values)
    for (const part of PARTS) {
      const right = exact(values, part)
      expect(Math.abs(histogram.percentile(part) - right) / right).toBeLessThanOrEqual(0.01)
    }
  })

  test('zeros and negative ones', () => {
    const values = Array.from({ length: 3000 }, (_, at) => (at < 1000 ? 0 : at < 1010 ? -1 : 1))
    const histogram = of(values)
    expect(histogram.percentile(0.2)).toBe(0)
    expect(histogram.percentile(0.9)).toBeCloseTo(1, 1)
    expect(histogram.least).toBe(-1)
  })
})

describe('spread', () => {
  const of = (values: readonly number[]): Histogram => {
    const histogram = new Histogram()
    for (const value of values) histogram.add(value)
    return histogram
  }

  test('each range is so many times the one before', () => {
    expect(of([1, 2, 9, 10, 99, 100, 1000]).spread(3)).toEqual([3, 2, 2])
  })

  test('counts all, few values and many', () => {
    for (const size of [1, 10, 5000]) {
      const histogram = of(Array.from({ length: size }, (_, at) => at / 1000))
      expect(histogram.spread(20).reduce((a, b) => a + b, 0)).toBe(size)
    }
  })

  test('what is less than the least of the scale is counted with it', () => {
    expect(of([0, 0, 0.5, 1, 10, 99]).spread(2, 1)).toEqual([4, 2])
  })

  test('of one value, and of nothing', () => {
    expect(of([5, 5]).spread(4)).toEqual([2, 0, 0, 0])
    expect(of([]).spread(2)).toEqual([0, 0])
  })
})
