/** A search in a list of rows, some of which are no packets. */
import { expect, test } from 'vitest'
import { Search, type Searched } from '../../src/analysis/search.ts'

/** Ten places; the third is no packet. */
class List implements Searched {
  readonly length = 10
  selected: number[] = []
  readonly index: number

  constructor(place: number) {
    this.index = place
  }

  rowAt(place: number): number {
    return place === 2 ? -1 : place * 10
  }

  found(place: number): void {
    this.selected.push(place)
  }
}

test('it begins behind what is selected, and selects the first that fits', () => {
  const list = new List(4)
  expect(new Search(row => row % 20 === 0, list, true).advance(100)).toBe('found')
  expect(list.selected).toEqual([6])
})

test('backwards; what is no packet is asked nothing', () => {
  const list = new List(3)
  const asked: number[] = []
  const fits = (row: number): boolean => asked.push(row) > 0 && row === 10
  expect(new Search(fits, list, false).advance(100)).toBe('found')
  expect([asked, list.selected]).toEqual([[10], [1]])
})

test('in slices, up to the end', () => {
  const list = new List(4)
  const search = new Search(() => false, list, true)
  expect(search.advance(3)).toBeUndefined()
  expect(search.progress).toBeCloseTo(0.3)
  expect(search.advance(2)).toBeUndefined()
  expect(search.advance(2)).toBe('nothing')
  expect(list.selected).toEqual([])
})

test('it goes on where it was when the front of the list goes', () => {
  const list = new List(4)
  const asked: number[] = []
  const search = new Search(row => asked.push(row) < 0, list, true)
  search.advance(3)
  search.forget(4)
  expect(search.progress).toBeCloseTo(0.3)
  search.advance(1)
  expect(asked).toEqual([50, 60, 70, 40])
})
