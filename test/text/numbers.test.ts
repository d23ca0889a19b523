/** Numbers and counted things. */
import { describe, expect, test } from 'vitest'
import { count, grouped, plainCount } from '../../src/text/numbers.ts'

describe('numbers', () => {
  test('groups of three digits', () => {
    expect([0, 999, 1000, 1_234_567, 2.5].map(grouped)).toEqual(['0', '999', '1,000', '1,234,567', '3'])
  })

  test('counted things, with commas and without', () => {
    expect([count(0, 'packet'), count(1, 'packet'), count(1200, 'packet')]).toEqual([
      '0 packets',
      '1 packet',
      '1,200 packets',
    ])
    expect([plainCount(1, 'copy', 'copies'), plainCount(1200, 'copy', 'copies')]).toEqual(['1 copy', '1200 copies'])
  })
})
