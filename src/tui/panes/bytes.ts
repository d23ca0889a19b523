/** Bytes in hex and as text, those of the selected field lit. */
import { hexByte, u8 } from '../../base/bytes.ts'
import { type Line, type Span, span } from '../spans.ts'
import type { Token } from '../theme.ts'

export const ROW_BYTES = 16
const HALF = 8

/** What is shown: bytes of a layer, from `start` to `end`, of which `[from, to)` is lit. */
export interface Shown {
  readonly bytes: Uint8Array
  readonly start: number
  readonly end: number
  readonly from: number
  readonly to: number
}

export class Bytes {
  private top = 0
  /** What was lit in the last frame, and in how many rows: only another is brought into sight. */
  private drawn: readonly unknown[] = []

  lines({ bytes, start, end, from, to }: Shown, height: number): readonly Line[] {
    const rows = Math.ceil((end - start) / ROW_BYTES)
    const first = Math.floor((from - start) / ROW_BYTES)
    const last = Math.max(first, Math.floor((Math.max(to, from + 1) - 1 - start) / ROW_BYTES))
    const now = [bytes, from, to, height]
    if (now.some((value, at) => value !== this.drawn[at])) this.show(first, last, height)
    this.drawn = now
    this.top = Math.max(0, Math.min(this.top, rows - height))
    const lines: Line[] = []
    for (let row = this.top; row < Math.min(rows, this.top + height); row++) {
      lines.push(hexRow(bytes, start, start + row * ROW_BYTES, Math.min(end, start + (row + 1) * ROW_BYTES), from, to))
    }
    return lines
  }

  /** So many rows on, or back: what is lit may go out of sight. */
  scroll(rows: number): void {
    this.top = Math.max(0, this.top + rows)
  }

  /** Places count from the first row drawn; -1 where no byte stands. */
  byteAt(row: number, column: number): number {
    const place = column < TEXT_COLUMN ? hexPlace(column - OFFSET_WIDTH) : column - TEXT_COLUMN
    return place < 0 || place >= ROW_BYTES ? -1 : (this.top + row) * ROW_BYTES + place
  }

  /** The beginning of what is lit is seen, its end where there is room. */
  private show(first: number, last: number, height: number): void {
    if (last >= this.top + height) this.top = last - height + 1
    if (first < this.top) this.top = first
    if (first >= this.top + height) this.top = first
  }
}

/** ` 0010 ` */
const OFFSET_WIDTH = 6

/** Sixteen pairs, a blank before each, one more in the middle. */
const HEX_WIDTH = ROW_BYTES * 3 + 1
const TEXT_COLUMN = OFFSET_WIDTH + HEX_WIDTH + 2

/** The pair at a column of the sixteen; the blank before it belongs to it. */
const hexPlace = (column: number): number => Math.floor((column - (column > HALF * 3 ? 1 : 0)) / 3)

export function hexRow(bytes: Uint8Array, base: number, start: number, end: number, from: number, to: number): Line {
  const hex: Span[] = []
  const text: Span[] = []
  const isLit = (at: number): boolean => at >= from && at < to
  for (let at = start; at < end; at++) {
    const token: Token = isLit(at) ? 'byte' : 'plain'
    const gap = at - start === HALF ? '  ' : ' '
    // What stands between two lit bytes of a row is lit too.
    hex.push(span(gap, isLit(at) && isLit(at - 1) && at > start ? token : 'plain'), span(hexByte(u8(bytes, at)), token))
    const byte = u8(bytes, at)
    text.push(span(byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.', token))
  }
  const used = hex.reduce((sum, part) => sum + part.text.length, 0)
  const offset = (start - base).toString(16).padStart(4, '0')
  return [span(` ${offset} `, 'dim'), ...hex, span(' '.repeat(Math.max(0, HEX_WIDTH - used) + 2)), ...text]
}
