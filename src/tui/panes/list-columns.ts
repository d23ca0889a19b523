/** The columns of the packet list, and how wide they are. */
import { cells } from '../../text/cells.ts'
import { sanitize } from '../../text/sanitize.ts'
import type { Model } from '../model.ts'
import { FRACTION, type TimeMode } from './row-times.ts'

/** From here on there is room for client names and latencies. */
export const WIDE = 120
/** Of the longest name; where there is little room, the flags of a PUBLISH stand in it too. */
export const TYPE_WIDTH = 11
export const FLAGS_WIDTH = 3
export const CLIENT_WIDTH = 16
export const DELTA_WIDTH = 6
export const ID_WIDTH = 5
const TIME_WIDTHS: Readonly<Record<TimeMode, number>> = { r: 8, delta: 9, conn: 9, ref: 9, u: 15, a: 15, ad: 26, e: 17 }
export const TIME_TITLES: Readonly<Record<TimeMode, string>> = {
  r: 'Time s',
  delta: 'Delta s',
  conn: 'Conn s',
  ref: 'Ref s',
  u: 'UTC',
  a: 'Local',
  ad: 'Local',
  e: 'Unix s',
}

export interface Columns {
  readonly number: number
  readonly time: number
  readonly direction: number
  readonly length: number
  readonly isWide: boolean
  /** Cells of the name of the file; 0 if there is one file. */
  readonly file: number
  /** Cells left for what the packet says. */
  readonly info: number
}

export function columnsFor(model: Model, width: number): Columns {
  const { store } = model.document
  const number = Math.max(3, `${store.base + store.rows}`.length)
  const isWide = width >= WIDE
  const length = isWide ? 5 : 4
  // Seconds since the start need a cell more with each digit.
  const long = model.time === 'r' && store.rows > 0 ? seconds(model).length : 0
  const time = Math.max(TIME_WIDTHS[model.time], long)
  const direction = isWide ? 3 : `${store.streams.length}`.length + 2
  const file = fileWidth(model)
  const wide = isWide ? CLIENT_WIDTH + 1 + FLAGS_WIDTH + 1 + DELTA_WIDTH + 1 : 0
  const fixed =
    2 + number + 1 + time + 1 + DELTA_WIDTH + 1 + direction + 1 + TYPE_WIDTH + 1 + length + 1 + ID_WIDTH + 1 + 2
  const info = width - fixed - wide - (file === 0 ? 0 : file + 1)
  return { number, time, direction, length, isWide, file, info }
}

const MOST_FILE_WIDTH = 14

/** The longest name of the files that are read, if there are several. */
function fileWidth({ document }: Model): number {
  const { files } = document
  if (files === undefined) return 0
  return Math.min(MOST_FILE_WIDTH, Math.max('File'.length, ...files.names.map(name => cells(fileTitle(name)))))
}

/** The name of a file without its folder. */
export const fileTitle = (name: string): string => sanitize(name.replace(/^.*[/\\]/, ''))

/** Of the newest packet. */
function seconds({ document }: Model): string {
  const since =
    document.first === undefined ? 0 : document.store.nanosSince(document.store.rows - 1, document.first) / 1e9
  return Number.isNaN(since) ? '' : since.toFixed(FRACTION)
}
