/** A column: numbers by row in a typed array, grown by doubling. Beside `bytes.ts` the only place for `!` on an element. */

type Numbers = Uint8Array | Uint16Array | Uint32Array | Float64Array

const FIRST_ROWS = 1024

export class Column<N extends Numbers = Numbers> {
  /** For who writes many columns at once, see `reserve`: a call for each number costs more than the number. */
  numbers: N
  private readonly make: (rows: number) => N

  constructor(make: (rows: number) => N) {
    this.make = make
    this.numbers = make(FIRST_ROWS)
  }

  get(row: number): number {
    return this.numbers[row]!
  }

  set(row: number, value: number): void {
    if (row >= this.numbers.length) this.reserve(row)
    this.numbers[row] = value
  }

  /** Makes room for a row. How many there is room for. */
  reserve(row: number): number {
    if (row < this.numbers.length) return this.numbers.length
    const wider = this.make(Math.max(this.numbers.length * 2, row + 1))
    wider.set(this.numbers)
    this.numbers = wider
    return wider.length
  }

  /** The first `count` of `rows` numbers go, the others move to the front. */
  shift(count: number, rows: number): void {
    this.numbers.copyWithin(0, count, rows)
  }
}

export const bytesColumn = (): Column => new Column(rows => new Uint8Array(rows))
export const wordsColumn = (): Column => new Column(rows => new Uint16Array(rows))
export const countsColumn = (): Column => new Column(rows => new Uint32Array(rows))
export const doublesColumn = (): Column => new Column(rows => new Float64Array(rows))
