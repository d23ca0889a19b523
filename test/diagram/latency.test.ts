/** How long handshakes took, as data. */
import { describe, expect, test } from 'vitest'
import { Histogram } from '../../src/base/histogram.ts'
import { binsFor, kindWithLatency, latencyAt, latencyBins, latencyRows } from '../../src/diagram/latency.ts'
import { loadedSample } from './loaded.ts'

function took(...seconds: readonly number[]): Histogram {
  const histogram = new Histogram()
  for (const value of seconds) histogram.add(value)
  return histogram
}

describe('rows', () => {
  test('qos2: the six messages, then two CONNECT and a SUBSCRIBE', () => {
    const { latencies } = loadedSample('qos2')
    const rows = latencyRows(latencies)
    expect(rows.map(({ kind, count }) => [kind, count])).toEqual([
      ['qos2', 6],
      ['connect', 2],
      ['subscribe', 1],
    ])
    // From PUBLISH to PUBCOMP, by the times of the frames: 153.457, 160.458, 179.296, 203.592, 233.850 and 41,896.066 µs.
    const [messages] = rows
    expect(messages?.p50).toBeCloseTo(0.000179296, 9)
    expect(messages?.p95).toBeCloseTo(0.041896066, 9)
    expect(messages?.most).toBeCloseTo(0.041896066, 9)
  })

  test('one kind first', () => {
    const { latencies } = loadedSample('qos2')
    expect(latencyRows(latencies, 'subscribe').map(({ kind }) => kind)).toEqual(['subscribe', 'qos2', 'connect'])
    expect(latencyRows(latencies, 'ping').map(({ kind }) => kind)).toEqual(['qos2', 'connect', 'subscribe'])
  })

  test('none', () => {
    expect(latencyRows(new Map())).toEqual([])
  })
})

test('the kind asked for, or the first one that has any', () => {
  const latencies = new Map([
    ['ping', took(1)],
    ['connect', took(1)],
  ] as const)
  expect(kindWithLatency(latencies, 'ping')).toBe('ping')
  expect(kindWithLatency(latencies, 'qos1')).toBe('connect')
  expect(kindWithLatency(latencies, undefined)).toBe('connect')
  expect(kindWithLatency(new Map(), 'ping')).toBeUndefined()
})

describe('bins', () => {
  test('each is as many times as long as the one before', () => {
    const bins = latencyBins(took(0.001, 0.002, 0.009, 0.01, 0.099, 0.1, 1), 3)
    expect(bins.map(({ value }) => value)).toEqual([3, 2, 2])
    expect(bins.flatMap(({ from, to }) => [from, to]).map(value => value.toFixed(6))).toEqual([
      '0.001000',
      '0.010000',
      '0.010000',
      '0.100000',
      '0.100000',
      '1.000000',
    ])
  })

  test('what took less than a microsecond is in the first one', () => {
    const zero = took(0, 0, 0.5e-6, 1e-4)
    expect(latencyBins(zero, 2).map(({ value }) => value)).toEqual([3, 1])
    expect(latencyAt(zero, 0)).toBe(1e-6)
    expect(latencyAt(zero, 0.5)).toBeCloseTo(1e-5, 12)
    expect(latencyAt(zero, 1)).toBeCloseTo(1e-4, 12)
  })

  test('all alike: one bin has them all', () => {
    expect(latencyBins(took(0.25, 0.25), 2)).toEqual([
      { from: 0.25, to: 0.25, value: 2 },
      { from: 0.25, to: 0.25, value: 0 },
    ])
  })

  test('their number: eight at least, twice the square root of the values, no more than there is room for', () => {
    const many = (count: number): Histogram => took(...Array.from({ length: count }, () => 1))
    expect(binsFor(many(1), 100)).toBe(8)
    expect(binsFor(many(16), 100)).toBe(8)
    expect(binsFor(many(17), 100)).toBe(9)
    expect(binsFor(many(900), 100)).toBe(60)
    expect(binsFor(many(900), 40)).toBe(40)
  })
})
