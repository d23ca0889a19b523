/** `-x`: the bytes of a packet, sixteen a line, as every hex dump shows them. */
import { hexByte, u8 } from '../base/bytes.ts'
import type { RawPacket } from '../mqtt/raw.ts'
import type { Write } from '../store/record.ts'

const ROW = 16
const HALF = 8
/** Bytes dumped of one packet: a payload of megabytes would bury all others. */
export const MOST_DUMPED = 64 * 1024
const INDENT = '      '
/** Cells of a full row: sixteen pairs, a blank before each, and one more in the middle. */
const HEX_WIDTH = ROW * 3 + 1

/** Writes the bytes kept of a packet, each at its offset in the packet, and a blank line. */
export function hexDump(raw: RawPacket, write: Write): void {
  const { bytes, holes } = raw
  let left = MOST_DUMPED
  let at = raw.start
  let offset = 0
  for (let next = 0; next <= holes.length && left > 0; next += 2) {
    const size = holes[next] === undefined ? raw.kept - at : (holes[next] ?? 0) - offset
    const taken = Math.min(size, left)
    rows(bytes, at, at + taken, offset, write)
    at += taken
    left -= taken
    offset += size
    if (left > 0 && holes[next] !== undefined) {
      write(`${INDENT}… ${holes[next + 1]} bytes are not in the capture\n`)
      offset += holes[next + 1] ?? 0
    }
  }
  if (at < raw.kept) write(`${INDENT}… ${raw.kept - at} bytes more\n`)
  write('\n')
}

/** `offset`: of `bytes[start]` in the packet. */
function rows(bytes: Uint8Array, start: number, end: number, offset: number, write: Write): void {
  for (let at = start; at < end; at += ROW) write(row(bytes, at, Math.min(at + ROW, end), offset + at - start))
}

function row(bytes: Uint8Array, start: number, end: number, offset: number): string {
  let hex = ''
  let text = ''
  for (let at = start; at < end; at++) {
    const byte = u8(bytes, at)
    hex += `${at - start === HALF ? '  ' : ' '}${hexByte(byte)}`
    text += byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.'
  }
  return `${INDENT}${offset.toString(16).padStart(4, '0')} ${hex.padEnd(HEX_WIDTH)}  ${text}\n`
}
