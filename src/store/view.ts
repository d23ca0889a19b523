/** The rows that a test lets through, in order: what a screen shows a window of. Without a test, all rows, and no index. */
import type { Row, Store } from './store.ts'

export type RowTest = (row: Row) => boolean

const FIRST_SIZE = 1024

export class View {
  /** Rows looked at so far; a test that asks for bytes takes its time. */
  scanned = 0
  /** Rows beyond it are not seen: a view that stands still while packets come in. */
  until = Number.POSITIVE_INFINITY
  private readonly store: Store
  private test: RowTest | undefined
  private index = new Uint32Array(0)
  private found = 0

  constructor(store: Store) {
    this.store = store
  }

  /** Rows let through so far. */
  get length(): number {
    return this.test === undefined ? this.seen : this.found
  }

  /** Every row that is there has been looked at. */
  get isComplete(): boolean {
    return this.test === undefined || this.scanned >= this.seen
  }

  /** Begins anew with another test. */
  choose(test: RowTest | undefined): void {
    this.test = test
    this.scanned = 0
    this.found = 0
    this.index = new Uint32Array(test === undefined ? 0 : FIRST_SIZE)
  }

  /** Looks at so many rows more; who calls has the clock. */
  advance(count: number): void {
    const { test } = this
    if (test === undefined) return
    const end = Math.min(this.scanned + count, this.seen)
    while (this.scanned < end) {
      const row = this.scanned++
      if (test(row)) this.keep(row)
    }
  }

  /** The row at a place of the view; -1 beyond its ends. */
  row(place: number): Row {
    if (place < 0 || place >= this.length) return -1
    return this.test === undefined ? place : (this.index[place] ?? -1)
  }

  /** The place of a row, or of the first one behind it: `length` where there is none. */
  place(row: Row): number {
    if (this.test === undefined) return Math.max(0, Math.min(row, this.seen))
    let low = 0
    let high = this.found
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.index[middle] ?? 0) < row) low = middle + 1
      else high = middle
    }
    return low
  }

  /** At most `height` rows from a place on: the screen never asks for more. */
  window(top: number, height: number): readonly Row[] {
    const rows: Row[] = []
    for (let place = Math.max(0, top); place < Math.min(top + height, this.length); place++) rows.push(this.row(place))
    return rows
  }

  /** The store forgot its first rows: those of the index move up. How many places went. */
  forget(count: number): number {
    const gone = this.test === undefined ? Math.min(count, this.until) : this.place(count)
    for (let place = gone; place < this.found; place++) this.index[place - gone] = (this.index[place] ?? 0) - count
    this.found = Math.max(0, this.found - gone)
    this.scanned = Math.max(0, this.scanned - count)
    this.until = Math.max(0, this.until - count)
    return gone
  }

  private get seen(): number {
    return Math.min(this.store.rows, this.until)
  }

  private keep(row: Row): void {
    if (this.found >= this.index.length) {
      const wider = new Uint32Array(this.index.length * 2)
      wider.set(this.index)
      this.index = wider
    }
    this.index[this.found++] = row
  }
}
