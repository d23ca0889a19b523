/** Bytes in hex and as text, those of the selected field lit. */
import { hexByte, u8 } from '../bytes.ts'
import { type Line, type Span, span } from './spans.ts'
import type { Token } from './theme.ts'

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

  lines({ bytes, start, end, from, to }: Shown, height: number): readonly Line[] {
    const rows = Math.ceil((end - start) / ROW_BYTES)
    const first = Math.floor((from - start) / ROW_BYTES)
    const last = Math.max(first, Math.floor((Math.max(to, from + 1) - 1 - start) / ROW_BYTES))
    // The beginning of what is lit is always seen, its end where there is room.
    if (last >= this.top + height) this.top = last - height + 1
    if (first < this.top) this.top = first
    if (first >= this.top + height) this.top = first
    this.top = Math.max(0, Math.min(this.top, rows - height))
    const lines: Line[] = []
    for (let row = this.top; row < Math.min(rows, this.top + height); row++) {
      lines.push(hexRow(bytes, start, start + row * ROW_BYTES, Math.min(end, start + (row + 1) * ROW_BYTES), from, to))
    }
    return lines
  }
}

/** Sixteen pairs, a blank before each, one more in the middle. */
const HEX_WIDTH = ROW_BYTES * 3 + 1

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
