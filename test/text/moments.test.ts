/** Moments of the capture as text. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Frame, NO_TIME } from '../../src/base/line.ts'
import { Clock, moment, type TimeFormat, Times } from '../../src/text/moments.ts'
import { frameOf, NANOS, SECONDS } from '../support/record.ts'

const at = (seconds: number, nanos: number, timeDigits = 6) => frameOf({ seconds, nanos, timeDigits })
const once = (format: TimeFormat, seconds: number, nanos: number, digits = 6): string =>
  new Times(format).of(at(seconds, nanos, digits))

let zone: string | undefined
beforeEach(() => {
  zone = process.env.TZ
  process.env.TZ = 'America/New_York'
})
afterEach(() => {
  if (zone === undefined) delete process.env.TZ
  else process.env.TZ = zone
})

describe('one moment in every format', () => {
  const cases: readonly (readonly [TimeFormat, number, string])[] = [
    ['r', 6, '0.000000'],
    ['r', 9, '0.000000000'],
    ['d', 6, '0.000000'],
    ['a', 6, '05:06:31.123456'],
    ['ad', 6, '2026-11-20 05:06:31.123456'],
    ['ad', 9, '2026-11-20 05:06:31.123456789'],
    ['u', 6, '10:06:31.123456'],
    ['e', 6, '1795169191.123456'],
    ['e', 9, '1795169191.123456789'],
    ['e', 3, '1795169191.123'],
    ['e', 0, '1795169191'],
  ]
  it.each(cases)('%s with %i digits', (format, digits, expected) => {
    expect(once(format, SECONDS, NANOS, digits)).toBe(expected)
  })
})

describe('the ends of the scale', () => {
  it('1970 and 2106', () => {
    expect(once('u', 0, 0)).toBe('00:00:00.000000')
    expect(once('ad', 0, 0)).toBe('1969-12-31 19:00:00.000000')
    expect(once('ad', 0xffffffff, 999_999_999)).toBe('2106-02-07 01:28:15.999999')
    expect(once('e', 0xffffffff, 999_999_999)).toBe('4294967295.999999')
  })
  it('beyond any calendar the second itself', () => expect(once('ad', 9e12, 5000)).toBe('@9000000000000.000005'))
  it('a frame without a time has a dash', () => {
    for (const format of ['r', 'a', 'ad', 'u', 'e', 'd'] as const) expect(once(format, NO_TIME, 0)).toBe('-')
  })
  it('before 1970, for clocks that are off', () => expect(once('e', -2, 750_000_000)).toBe('-1.250000'))
})

describe('relative times', () => {
  it('count from the first frame', () => {
    const times = new Times('r')
    times.begin(at(100, 900_000_000))
    times.begin(at(200, 0))
    expect(times.of(at(101, 100_000_000))).toBe('0.200000')
    expect(times.of(at(100 + 86_400, 900_001_000))).toBe('86400.000001')
  })
  it('go below zero where the clock went back', () => {
    const times = new Times('r')
    times.begin(at(100, 0))
    expect(times.of(at(99, 999_999_000))).toBe('-0.000001')
    expect(times.of(at(98, 500_000_000))).toBe('-1.500000')
    expect(times.of(at(90, 0))).toBe('-10.000000')
  })
  it('a first frame without a time is no start', () => {
    const times = new Times('r')
    expect(times.of(at(NO_TIME, 0))).toBe('-')
    times.begin(at(NO_TIME, 0))
    expect(times.of(at(7, 0))).toBe('0.000000')
    expect(times.of(at(8, 0))).toBe('1.000000')
  })
  it('d counts from the line before', () => {
    const times = new Times('d')
    expect([at(1, 0), at(1, 5000), at(3, 0), at(2, 999_999_000)].map(frame => times.of(frame))).toEqual([
      '0.000000',
      '0.000005',
      '1.999995',
      '-0.000001',
    ])
  })
  it('have no more digits than there is room for', () => {
    const times = new Times('r', 6)
    times.begin(at(1, 0, 9))
    expect(times.of(at(1, 123_456_789, 9))).toBe('0.123456')
  })
})

it('summer and winter', () => {
  const times = new Times('ad')
  expect(times.of(at(Date.UTC(2026, 2, 8, 6, 59, 59) / 1000, 0))).toBe('2026-03-08 01:59:59.000000')
  expect(times.of(at(Date.UTC(2026, 2, 8, 7, 0, 0) / 1000, 0))).toBe('2026-03-08 03:00:00.000000')
})

describe('from seconds since the first frame', () => {
  it('with the digits of the capture', () => {
    const clock = new Clock()
    const first = Object.assign(new Frame(), { number: 1, seconds: 1_700_000_000, nanos: 999_999_000, timeDigits: 6 })
    clock.begin(first)
    expect(clock.iso(0.000001)).toBe('2023-11-14T22:13:21.000000Z')
    expect(clock.iso(3600.5)).toBe('2023-11-14T23:13:21.499999Z')
    expect(clock.iso(Number.NaN)).toBeUndefined()
    clock.at(Object.assign(new Frame(), { number: 2, seconds: 1_700_000_009, nanos: 0 }))
    expect(clock.duration).toBeCloseTo(8.000001, 6)
  })

  it('as seconds, with a dash for none', () => {
    expect([moment(0.3016666), moment(12, 0), moment(Number.NaN)]).toEqual(['0.301667', '12', '-'])
  })
})
