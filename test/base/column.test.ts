/** Columns over several pages: what stands where after rows came and went. */
import { expect, test } from 'vitest'
import { bytesColumn, countsColumn, doublesColumn, PAGE_ROWS, wordsColumn } from '../../src/base/column.ts'

const ROWS = 3 * PAGE_ROWS + 5

test.each([
  ['bytes', bytesColumn, 0xff],
  ['words', wordsColumn, 0xffff],
  ['counts', countsColumn, 0xffff_ffff],
  ['doubles', doublesColumn, 2 ** 53 - 1],
] as const)('%s keep their numbers', (_, make, most) => {
  const column = make()
  for (let row = 0; row < ROWS; row++) column.set(row, most - (row % 200))
  for (let row = 0; row < ROWS; row++) if (column.get(row) !== most - (row % 200)) expect(column.get(row)).toBe(row)
  expect(column.get(ROWS - 1)).toBe(most - ((ROWS - 1) % 200))
})

test.each([1, 7, PAGE_ROWS - 1, PAGE_ROWS, PAGE_ROWS + 1, 2 * PAGE_ROWS])(
  'rows go, %d at a time, and others come',
  count => {
    const column = countsColumn()
    const plain: number[] = []
    let next = 0
    for (let round = 0; round < 4; round++) {
      while (plain.length < ROWS) {
        column.set(plain.length, ++next)
        plain.push(next)
      }
      column.shift(count)
      plain.splice(0, count)
      expect(Array.from({ length: plain.length }, (_, row) => column.get(row))).toEqual(plain)
    }
    column.set(3, 17)
    expect([column.get(2), column.get(3), column.get(4)]).toEqual([plain[2], 17, plain[4]])
  },
)

test('all rows go, also at the end of a page', () => {
  for (const rows of [5, PAGE_ROWS]) {
    const column = countsColumn()
    for (let row = 0; row < rows; row++) column.set(row, row + 1)
    column.shift(rows)
    column.set(0, 99)
    column.set(1, 98)
    expect([column.get(0), column.get(1)]).toEqual([99, 98])
  }
})

test('what is written into the last page stands behind what is there', () => {
  const column = wordsColumn()
  for (let row = 0; row < 2 * PAGE_ROWS; row++) {
    if (row % PAGE_ROWS === 0) column.extend()
    column.tail[row % PAGE_ROWS] = row % 1000
  }
  column.shift(PAGE_ROWS - 1)
  expect([column.get(0), column.get(1), column.get(2)]).toEqual(
    [PAGE_ROWS - 1, PAGE_ROWS, PAGE_ROWS + 1].map(row => row % 1000),
  )
})
