/** A payload as people read it: text where it is text, else its first bytes. */
import { hexByte, u8 } from '../base/bytes.ts'
import { sequenceSize } from '../mqtt/text.ts'
import { quoted, shown } from './sanitize.ts'

/** Bytes of a binary payload that are shown. */
const MOST_BYTES = 16
/** Bytes tested for each cell to distinguish text from bytes: a character has at most four. */
const CHARACTER_BYTES = 4
const DEL = 0x7f

/** Controls that text files hold: BEL to CR, and ESC. They are shown as `\x0a`, but do not make a payload binary. */
const isTextControl = (byte: number): boolean => (byte >= 0x07 && byte <= 0x0d) || byte === 0x1b

/** True where `bytes[start..looked)`, the beginning of a payload that ends at `end`, is text in UTF-8. */
function isText(bytes: Uint8Array, start: number, looked: number, end: number): boolean {
  let at = start
  while (at < looked) {
    const byte = u8(bytes, at)
    if (byte < 0x80) {
      if (byte < 0x20 ? !isTextControl(byte) : byte === DEL) return false
      at++
      continue
    }
    // The last character may reach beyond what is looked at, but not beyond the payload.
    const size = sequenceSize(bytes, at, end)
    if (size === 0) return false
    at += size
  }
  return true
}

/** A payload and its size: `"21.4" 4 B`, `00 ff 3c (3 B)`. */
export const measured = (text: string, size: string): string =>
  text.endsWith('"') || text.endsWith("'") ? `${text} ${size}` : `${text} (${size})`

/** Returns `"21.4"` or `00 ff 3c …` in about `most` cells; `empty` if there are no bytes. */
export function content(bytes: Uint8Array, start: number, end: number, most: number): string {
  if (start === end) return 'empty'
  const size = end - start
  if (isText(bytes, start, Math.min(end, start + most * CHARACTER_BYTES), end)) {
    return quoted(shown(bytes, start, end, most))
  }
  const count = Math.min(size, MOST_BYTES, Math.max(4, Math.floor(most / 3)))
  let text = hexByte(u8(bytes, start))
  for (let at = start + 1; at < start + count; at++) text += ` ${hexByte(u8(bytes, at))}`
  return count < size ? `${text} …` : text
}
