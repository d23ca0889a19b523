/** Packets by the second. */
import { describe, expect, test } from 'vitest'
import { Rates } from '../../../src/report/stats/rates.ts'

describe('by the second', () => {
  test('least, mean and most, silence included', () => {
    const rates = new Rates()
    for (const time of [0.1, 0.2, 0.9, 1.5, 4.2]) rates.add(time)
    expect([rates.fewest(4.5), rates.mean(4.5), rates.most]).toEqual([0, 1, 3])
    expect([rates.fewest(9.5), rates.mean(9.5)]).toEqual([0, 0.5])
  })

  test('a capture of less than a second', () => {
    const rates = new Rates()
    rates.add(0.1)
    rates.add(0.2)
    expect([rates.fewest(0.3), rates.mean(0.3), rates.most]).toEqual([2, 2, 2])
  })
})
