/** Rows that are to come out in order, though they become known in another one; with limits. */

/** Rows held back, and what they take. A capture of any size is read in flat memory: of more the earlier half is handed on. */
export const MOST_ROWS = 10_000
export const MOST_ROW_BYTES = 16 * 1024 * 1024

export interface SortedOptions<Row> {
  readonly order: (a: Row, b: Row) => number
  readonly emit: (rows: readonly Row[]) => void
  /** Bytes that the row takes, about. */
  readonly size: (row: Row) => number
  readonly most?: number
  readonly mostBytes?: number
}

export class Sorted<Row> {
  private rows: Row[] = []
  private bytes = 0
  private readonly options: SortedOptions<Row>
  private readonly most: number
  private readonly mostBytes: number

  constructor(options: SortedOptions<Row>) {
    this.options = options
    this.most = options.most ?? MOST_ROWS
    this.mostBytes = options.mostBytes ?? MOST_ROW_BYTES
  }

  add(row: Row): void {
    this.rows.push(row)
    this.bytes += this.options.size(row)
    if (this.rows.length >= this.most || this.bytes >= this.mostBytes) this.hand(Math.ceil(this.rows.length / 2))
  }

  finish(): void {
    this.hand(this.rows.length)
  }

  private hand(count: number): void {
    const { order, emit, size } = this.options
    this.rows.sort(order)
    const rows = this.rows.slice(0, count)
    this.rows = this.rows.slice(count)
    this.bytes = this.rows.reduce((sum, row) => sum + size(row), 0)
    if (rows.length > 0) emit(rows)
  }
}
