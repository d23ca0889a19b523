/** Rows that become known in another order than they are told in. */
import { describe, expect, test } from 'vitest'
import { Sorted } from '../../src/report/sorted.ts'

describe('rows that become known in another order', () => {
  test('come out in order, as far as the limit lets them', () => {
    const out: number[][] = []
    const sorted = new Sorted<number>({
      order: (a, b) => a - b,
      emit: rows => void out.push([...rows]),
      size: () => 1,
      most: 4,
    })
    for (const row of [3, 1, 4, 2, 8, 6, 5, 7]) sorted.add(row)
    sorted.finish()
    expect(out).toEqual([
      [1, 2],
      [3, 4],
      [5, 6],
      [7, 8],
    ])
  })

  test('many bytes are a limit too', () => {
    const out: number[][] = []
    const sorted = new Sorted<number>({
      order: (a, b) => a - b,
      emit: rows => void out.push([...rows]),
      size: row => row,
      mostBytes: 100,
    })
    for (const row of [30, 20, 60, 10, 200, 1]) sorted.add(row)
    sorted.finish()
    expect(out).toEqual([[20, 30], [10, 60], [1], [200]])
  })
})
