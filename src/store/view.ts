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
  private rows = new Uint32Array(0)
  private found = 0
  /** Ids of the streams that have rows let through by the test. */
  private readonly streams = new Set<number>()

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
    this.streams.clear()
    this.rows = new Uint32Array(test === undefined ? 0 : FIRST_SIZE)
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

  /** Returns the row at an index of the view; -1 beyond its ends. */
  row(index: number): Row {
    if (index < 0 || index >= this.length) return -1
    return this.test === undefined ? index : (this.rows[index] ?? -1)
  }

  /** True if a row of the stream with this id was let through; without a test, if it has rows (-1: none). */
  hasStream(id: number): boolean {
    return this.test === undefined ? id >= 0 : this.streams.has(id)
  }

  /** Returns the index of a row, or of the first one behind it; `length` where there is none. */
  indexOf(row: Row): number {
    if (this.test === undefined) return Math.max(0, Math.min(row, this.seen))
    let low = 0
    let high = this.found
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.rows[middle] ?? 0) < row) low = middle + 1
      else high = middle
    }
    return low
  }

  /** Returns at most `height` rows from an index on: the screen never asks for more. */
  window(top: number, height: number): readonly Row[] {
    const rows: Row[] = []
    for (let index = Math.max(0, top); index < Math.min(top + height, this.length); index++) rows.push(this.row(index))
    return rows
  }

  /** The store forgot its first rows: those that are left move up. Returns how many rows went from the view. */
  forget(count: number): number {
    const gone = this.test === undefined ? Math.min(count, this.until) : this.indexOf(count)
    for (let index = gone; index < this.found; index++) this.rows[index - gone] = (this.rows[index] ?? 0) - count
    this.found = Math.max(0, this.found - gone)
    this.scanned = Math.max(0, this.scanned - count)
    this.until = Math.max(0, this.until - count)
    return gone
  }

  private get seen(): number {
    return Math.min(this.store.rows, this.until)
  }

  private keep(row: Row): void {
    if (this.found >= this.rows.length) {
      const wider = new Uint32Array(this.rows.length * 2)
      wider.set(this.rows)
      this.rows = wider
    }
    this.rows[this.found++] = row
    this.streams.add(this.store.streamId(row))
  }
}
