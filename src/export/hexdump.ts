/** `-x`: the bytes of a packet, sixteen a line, as every hex dump shows them. */
import { hexByte, u8 } from '../bytes.ts'
import type { Write } from '../store/record.ts'

const ROW = 16
const HALF = 8
/** Bytes dumped of one packet: a payload of megabytes would bury all others. */
export const MOST_DUMPED = 64 * 1024
const INDENT = '      '
/** Of a full row: sixteen pairs, a blank before each, and one more in the middle. */
const HEX_WIDTH = ROW * 3 + 1

/** Writes `bytes[start..end)`; offsets count from `start`. */
export function hexDump(bytes: Uint8Array, start: number, end: number, write: Write): void {
  const limit = Math.min(end, start + MOST_DUMPED)
  const digits = limit - start > 0x10000 ? 6 : 4
  for (let at = start; at < limit; at += ROW) write(row(bytes, start, at, Math.min(at + ROW, limit), digits))
  if (limit < end) write(`${INDENT}… ${end - limit} bytes more\n`)
  write('\n')
}

function row(bytes: Uint8Array, start: number, from: number, to: number, digits: number): string {
  let hex = ''
  let text = ''
  for (let at = from; at < to; at++) {
    const byte = u8(bytes, at)
    hex += `${at - from === HALF ? '  ' : ' '}${hexByte(byte)}`
    text += byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.'
  }
  const offset = (from - start).toString(16).padStart(digits, '0')
  return `${INDENT}${offset} ${hex.padEnd(HEX_WIDTH)}  ${text}\n`
}
