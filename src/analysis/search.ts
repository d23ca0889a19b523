/** A search through a list of packets, in either direction from where something is selected, a slice at a time. */
import type { Row } from '../store/store.ts'
import type { RowTest } from '../store/view.ts'

/** A list that can be searched. */
export interface Searched {
  readonly length: number
  /** Where a search begins. */
  readonly index: number
  /** Returns the row at an index; -1 for what is no packet. */
  rowAt(index: number): Row
  /** Selects what a search has come to. */
  found(index: number): void
}

export type Outcome = 'found' | 'nothing'

export class Search {
  private readonly test: RowTest
  private readonly list: Searched
  private readonly step: 1 | -1
  private from: number
  private index: number

  constructor(test: RowTest, list: Searched, forward: boolean) {
    this.test = test
    this.list = list
    this.step = forward ? 1 : -1
    this.from = list.index
    this.index = list.index
  }

  /** The part of the list that has been looked at, from 0 to 1; undefined where the list is empty. */
  get progress(): number | undefined {
    const { length } = this.list
    return length === 0 ? undefined : Math.abs(this.index - this.from) / length
  }

  /** Looks at so many more; undefined while neither a packet that fits nor the end has come. */
  advance(count: number): Outcome | undefined {
    const { list, test } = this
    for (let left = count; left > 0; left--) {
      this.index += this.step
      if (this.index < 0 || this.index >= list.length) return 'nothing'
      const row = list.rowAt(this.index)
      if (row < 0 || !test(row)) continue
      list.found(this.index)
      return 'found'
    }
    return undefined
  }

  /** Goes on where it was after so many went from the front of the list. */
  forget(count: number): void {
    this.index = Math.max(-1, this.index - count)
    this.from = Math.max(0, this.from - count)
  }
}
