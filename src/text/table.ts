/** Rows in columns that stand below each other. Where the terminal is too narrow the widest columns are cut, never wrapped. */

import type { Write } from '../store/record.ts'
import { cells, cut } from './cells.ts'
import { paint, Style } from './paint.ts'

export interface Column {
  readonly title: string
  readonly align?: 'left' | 'right'
  /** Most cells of the column, and least cells if there is no room; absent: it is not cut. */
  readonly most?: number
  readonly least?: number
  /** Least columns of a terminal that shows this column. */
  readonly from?: number
}

/** Printable text; with a style where colours are wanted. */
export type Cell = string | { readonly text: string; readonly style: string }

export interface TableOptions {
  /** Columns of the terminal; undefined where the output goes elsewhere: then nothing is cut to fit. */
  readonly width: number | undefined
  readonly color: boolean
}

const BETWEEN = 2
const NARROW_BETWEEN = 1
const NARROW = 100
const LEAST = 6

export const textOf = (cell: Cell): string => (typeof cell === 'string' ? cell : cell.text)

const isEmpty = (rows: Iterable<unknown>): boolean => rows[Symbol.iterator]().next().done === true

export class Table {
  private readonly columns: readonly Column[]
  /** Places of the columns that are shown. */
  private readonly places: readonly number[]
  private readonly options: TableOptions
  private readonly write: Write
  private readonly between: string
  private widths: readonly number[] | undefined

  constructor(columns: readonly Column[], options: TableOptions, write: Write) {
    const { width = Number.POSITIVE_INFINITY } = options
    this.options = options
    this.write = write
    this.places = columns.flatMap(({ from = 0 }, place) => (from <= width ? [place] : []))
    this.columns = this.places.flatMap(place => columns[place] ?? [])
    this.between = ' '.repeat(width < NARROW ? NARROW_BETWEEN : BETWEEN)
  }

  /** The first call decides how wide the columns are, and prints their titles: it goes through `rows` twice, which need not be held. */
  print(rows: Iterable<readonly Cell[]>): void {
    if (this.widths === undefined && !isEmpty(rows)) this.begin(rows)
    for (const row of rows) this.line(this.chosen(row))
  }

  private begin(rows: Iterable<readonly Cell[]>): void {
    this.widths = this.measure(rows)
    const titles = this.columns.map(({ title }) => title)
    if (titles.some(title => title !== '')) this.line(titles.map(text => ({ text, style: Style.bold })))
  }

  private chosen(row: readonly Cell[]): readonly Cell[] {
    return this.places.map(place => row[place] ?? '')
  }

  private measure(rows: Iterable<readonly Cell[]>): readonly number[] {
    const widest = this.columns.map(() => 0)
    for (const row of rows)
      for (const [at, place] of this.places.entries())
        widest[at] = Math.max(widest[at] ?? 0, cells(textOf(row[place] ?? '')))
    const widths = this.columns.map(({ title, most = Number.POSITIVE_INFINITY }, at) =>
      Math.max(cells(title), Math.min(most, widest[at] ?? 0)),
    )
    const { width } = this.options
    return width === undefined ? widths : this.fit(widths, width - this.between.length * (widths.length - 1))
  }

  /** The widest of those that may be cut gives a cell, until it fits. */
  private fit(wanted: readonly number[], room: number): readonly number[] {
    const widths = [...wanted]
    for (let over = widths.reduce((sum, width) => sum + width, 0) - room; over > 0; over--) {
      let widest = -1
      for (const [at, { most, least = LEAST }] of this.columns.entries()) {
        const width = widths[at] ?? 0
        if (most !== undefined && width > least && width > (widths[widest] ?? 0)) widest = at
      }
      if (widest === -1) break
      widths[widest] = (widths[widest] ?? 0) - 1
    }
    return widths
  }

  private line(row: readonly Cell[]): void {
    const parts = row.map((cell, at) => this.cell(cell, at, at + 1 === row.length))
    this.write(`${parts.join(this.between).trimEnd()}\n`)
  }

  private cell(cell: Cell, at: number, isLast: boolean): string {
    const width = this.widths?.[at] ?? 0
    const { align = 'left', most } = this.columns[at] ?? { title: '' }
    const whole = textOf(cell)
    const text = most !== undefined && cells(whole) > width ? cut(whole, width) : whole
    const blanks = ' '.repeat(Math.max(0, width - cells(text)))
    const shown = this.options.color && typeof cell !== 'string' ? paint(text, cell.style) : text
    if (align === 'right') return blanks + shown
    return isLast ? shown : shown + blanks
  }
}
