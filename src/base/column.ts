/**
 * A column: numbers by row, in pages of typed arrays. It grows and lets go of its oldest rows without moving any number.
 * Beside `bytes.ts` the only place for unchecked elements.
 */

type Numbers = Uint8Array | Uint16Array | Uint32Array | Float64Array

const PAGE_BITS = 14
const MASK = (1 << PAGE_BITS) - 1
export const PAGE_ROWS = 1 << PAGE_BITS

export class Column<N extends Numbers = Numbers> {
  /** The last page, for who writes many columns row by row: a call for each number costs more than the number. */
  tail: N
  private readonly pages: N[] = []
  /** Rows that went, of the first page. */
  private start = 0
  private readonly make: (rows: number) => N

  constructor(make: (rows: number) => N) {
    this.make = make
    this.tail = make(0)
  }

  get(row: number): number {
    const at = row + this.start
    return this.pages[at >>> PAGE_BITS]?.[at & MASK] as number
  }

  set(row: number, value: number): void {
    const at = row + this.start
    while (at >>> PAGE_BITS >= this.pages.length) this.extend()
    this.pages[at >>> PAGE_BITS]![at & MASK] = value
  }

  /** One more page. */
  extend(): void {
    this.tail = this.make(PAGE_ROWS)
    this.pages.push(this.tail)
  }

  /** The first `count` numbers go, the others move up. */
  shift(count: number): void {
    this.start += count
    this.pages.splice(0, this.start >>> PAGE_BITS)
    this.start &= MASK
  }
}

export const bytesColumn = (): Column => new Column(rows => new Uint8Array(rows))
export const wordsColumn = (): Column => new Column(rows => new Uint16Array(rows))
export const countsColumn = (): Column => new Column(rows => new Uint32Array(rows))
export const doublesColumn = (): Column => new Column(rows => new Float64Array(rows))
