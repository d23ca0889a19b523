/** Rows that are to come out in order, though they become known in another one; with a limit. */

/** Rows held back. A capture of any size is read in flat memory: of more than these the earlier half is handed on. */
export const MOST_ROWS = 10_000

export class Sorted<Row> {
  private rows: Row[] = []
  private readonly order: (a: Row, b: Row) => number
  private readonly emit: (rows: readonly Row[]) => void
  private readonly most: number

  constructor(order: (a: Row, b: Row) => number, emit: (rows: readonly Row[]) => void, most = MOST_ROWS) {
    this.order = order
    this.emit = emit
    this.most = most
  }

  add(row: Row): void {
    this.rows.push(row)
    if (this.rows.length >= this.most) this.hand(this.most >> 1)
  }

  finish(): void {
    this.hand(this.rows.length)
  }

  private hand(count: number): void {
    this.rows.sort(this.order)
    const rows = this.rows.slice(0, count)
    this.rows = this.rows.slice(count)
    if (rows.length > 0) this.emit(rows)
  }
}
