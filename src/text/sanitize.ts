/**
 * The one place where captured text becomes printable. A topic can hold an escape sequence that clears the screen or
 * a character that turns the reading direction round; what is shown must be harmless, fit one row, and say what was there.
 *
 * - C0, DEL and C1 become `\x1b`, tab and line breaks too: one packet is one line. A backslash becomes `\\`.
 * - What is invisible or moves its neighbours (format characters, bidi controls, tags, private use, separators of lines
 *   and paragraphs, fillers, noncharacters, lone surrogates) becomes `⟨U+202E⟩`, and so does the bracket `⟨` itself.
 *
 * So both ways of writing are unambiguous: no text can pretend to be an escape. Bytes that are no UTF-8 are U+FFFD.
 */

import { hexByte, u8 } from '../base/bytes.ts'
import { asciiText, decodeText } from '../base/strings.ts'
import { cut, ELLIPSIS, MOST_MARKS } from './cells.ts'

const BACKSLASH = 0x5c

/** Hangul fillers, the combining grapheme joiner and the Braille blank are letters and symbols by category, but show nothing. */
const HIDDEN =
  /[\u034f\\\u27e8\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}\p{Noncharacter_Code_Point}\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\u{e0000}-\u{e007f}]/gu

function written(character: string): string {
  const code = character.codePointAt(0) ?? 0
  if (code === BACKSLASH) return '\\\\'
  if (code < 0x100 && code !== 0xad) return `\\x${hexByte(code)}`
  return `⟨U+${code.toString(16).toUpperCase().padStart(4, '0')}⟩`
}

/** Text of any origin, made printable. */
export const sanitize = (text: string): string => text.replace(HIDDEN, written)

/** Characters that act on a terminal or are invisible, except the line break. */
const ACTING =
  /[\u034f\0-\x09\x0b-\x1f\x7f-\x9f\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}\p{Noncharacter_Code_Point}\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\u{e0000}-\u{e007f}]/gu

/** Lines of any origin, made harmless for a terminal. What `sanitize` has made printable stays as it is. */
export const harmless = (lines: string): string => lines.replace(ACTING, written)

/** True if every byte of the range is printable ASCII and is shown unchanged. */
function isPlain(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    const byte = u8(bytes, at)
    if (byte < 0x20 || byte > 0x7e || byte === BACKSLASH) return false
  }
  return true
}

/** UTF-8 bytes, made printable. */
export const printable = (bytes: Uint8Array, start: number, end: number): string =>
  isPlain(bytes, start, end) ? asciiText(bytes, start, end) : sanitize(decodeText(bytes, start, end))

/** A cell holds one character and its marks, of at most four bytes each: what `shown` reads for one cell. */
const MOST_CELL_BYTES = 4 * (1 + MOST_MARKS)

/** UTF-8 bytes, made printable in at most so many terminal cells; of a long text only the beginning is read. */
export function shown(bytes: Uint8Array, start: number, end: number, most: number): string {
  const size = end - start
  if (isPlain(bytes, start, size > most ? start + most : end)) {
    return size <= most ? asciiText(bytes, start, end) : asciiText(bytes, start, start + most - 1) + ELLIPSIS
  }
  if (size <= most * MOST_CELL_BYTES) return cut(printable(bytes, start, end), most)
  const limit = sequenceStart(bytes, start + most * MOST_CELL_BYTES)
  return cut(printable(bytes, start, limit) + ELLIPSIS, most)
}

/** Steps back from the middle of a UTF-8 sequence to where it begins. */
function sequenceStart(bytes: Uint8Array, from: number): number {
  let at = from
  while (at > from - 3 && (u8(bytes, at) & 0xc0) === 0x80) at--
  return at
}

/**
 * Returns the text in double quotes; in single ones if it holds double ones; with double ones escaped if it holds both.
 */
export function quoted(text: string): string {
  if (!text.includes('"')) return `"${text}"`
  return text.includes("'") ? `"${text.replaceAll('"', '\\"')}"` : `'${text}'`
}
