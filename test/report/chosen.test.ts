/** Which packets a filter let through. */
import { describe, expect, test } from 'vitest'
import { Chosen } from '../../src/report/chosen.ts'

describe('which packets were let through', () => {
  test('are remembered, as far as there is room', () => {
    const chosen = new Chosen(64)
    for (const number of [1, 5, 33, 64, 70]) chosen.add(number)
    expect([1, 2, 33, 64, 65, 70, 71].map(number => chosen.has(number))).toEqual([
      false,
      false,
      true,
      true,
      false,
      true,
      false,
    ])
    chosen.add(1_000_000)
    expect([33, 70, 999_999, 1_000_000].map(number => chosen.has(number))).toEqual([false, false, false, true])
  })
})
