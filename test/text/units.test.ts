/** Durations, sizes, rates and shares as people read them. */
import { describe, expect, test } from 'vitest'
import {
  amount,
  bytes,
  duration,
  lineDuration,
  megabytes,
  milliseconds,
  rate,
  share,
  shortDuration,
  shortShare,
} from '../../src/text/units.ts'

describe('durations, amounts and rates of reports', () => {
  test.each([
    [Number.NaN, '-'],
    [0, '0 s'],
    [3e-9, '3 ns'],
    [0.0000412, '41.2 µs'],
    [0.00099951, '1.00 ms'],
    [0.412, '412 ms'],
    [4.2, '4.20 s'],
    [99.96, '1m 40s'],
    [3599.6, '1h 00m'],
    [93_600, '1d 02h'],
    [-0.002, '-2.00 ms'],
  ])('%d s: %s', (seconds, told) => {
    expect(duration(seconds)).toBe(told)
  })

  test.each([
    [0, '0'],
    [99_999, '99999'],
    [100_000, '100k'],
    [1_234_567, '1.23M'],
    [0.5, '0.50'],
    [2920.4, '2920'],
    [999_600, '1.00M'],
  ])('%d: %s', (value, told) => {
    expect(amount(value)).toBe(told)
  })

  test('of bytes and of seconds', () => {
    expect([bytes(12), bytes(1_234_567), rate(0.25), rate(Number.NaN), rate(Number.POSITIVE_INFINITY)]).toEqual([
      '12 B',
      '1.23 MB',
      '0.25/s',
      '-',
      '-',
    ])
  })
})

describe('durations of -T text and of records', () => {
  test.each([
    [0, '0.000 ms'],
    [0.000000999, '0.001 ms'],
    [0.000412, '0.412 ms'],
    [0.0099996, '10.000 ms'],
    [0.010004, '10.0 ms'],
    [0.4126, '413 ms'],
    [0.9996, '1.0 s'],
    [10.7, '10.7 s'],
    [3600, '3600 s'],
    [-0.00002, '-0.020 ms'],
  ])('%d s: %s', (seconds, text) => {
    expect(lineDuration(seconds)).toBe(text)
  })

  test('no noise of binary fractions', () => {
    expect(milliseconds(0.1 + 0.2)).toBe(300)
    expect(milliseconds(1.000000001 - 1)).toBe(0.000001)
  })
})

describe('durations of screens', () => {
  test.each([
    [Number.NaN, '-'],
    [0, '0µs'],
    [0.000_999_4, '999µs'],
    [0.000_999_5, '1.0ms'],
    [0.012_1, '12.1ms'],
    [0.0995, '100ms'],
    [0.9994, '999ms'],
    [0.9995, '1.0s'],
    [99.94, '99.9s'],
    [99.95, '100s'],
    [99_999, '99999s'],
    [360_000, '100h'],
    [-0.002, '-2.0ms'],
  ])('%d s: %s', (seconds, text) => {
    expect(shortDuration(seconds)).toBe(text)
  })
})

describe('shares', () => {
  test('with one digit, or as few as there is room for', () => {
    expect([share(1, 3), share(0, 7), share(7, 7), share(0, 0)]).toEqual(['33.3 %', '0.0 %', '100.0 %', '-'])
    expect([shortShare(0), shortShare(0.047), shortShare(0.1), shortShare(1)]).toEqual([
      '0 %',
      '4.7 %',
      '10 %',
      '100 %',
    ])
  })

  test('megabytes are whole', () => {
    expect([megabytes(0), megabytes(499_999), megabytes(12_600_000)]).toEqual(['0 MB', '0 MB', '13 MB'])
  })
})
