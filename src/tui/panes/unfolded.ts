/** The bytes of a packet below its line: as text, or as hex. */

import { decodeText } from '../../base/strings.ts'
import type { RawPacket } from '../../mqtt/raw.ts'
import { cells, MOST_MARKS } from '../../text/cells.ts'
import { grouped } from '../../text/numbers.ts'
import { sanitize } from '../../text/sanitize.ts'
import { type Line, line, span } from '../spans.ts'
import type { Token } from '../theme.ts'
import { hexRow, ROW_BYTES } from './bytes.ts'

/** Of a packet; the rest is counted. */
const MOST_BYTES = 4096
const INDENT = '      '

type Bytes = Pick<RawPacket, 'bytes' | 'start' | 'kept'>

export function hexLines({ bytes, start, kept }: Bytes): readonly Line[] {
  const end = Math.min(kept, start + MOST_BYTES)
  const lines: Line[] = []
  for (let at = start; at < end; at += ROW_BYTES) {
    lines.push(hexRow(bytes, start, at, Math.min(end, at + ROW_BYTES), 0, 0))
  }
  return [...lines, ...rest(kept - end)]
}

/** Line breaks are kept; every other byte that is no visible character is a dot. */
export function textLines({ bytes, start, kept }: Bytes, width: number, token: Token): readonly Line[] {
  const end = Math.min(kept, start + MOST_BYTES)
  const text = decodeText(bytes, start, end)
  const shown = text.split(/\r?\n/).flatMap(part => chopped(visible(part), Math.max(1, width - INDENT.length)))
  return [...shown.map(part => [span(INDENT), span(part, token)]), ...rest(kept - end)]
}

const DOT = '·'
/** Signs of our own way of writing: nothing is escaped here that they could pretend to be. */
const PLAIN = /[\\⟨]/u
/** More marks on one character than a cell can hold. */
const SURPLUS = new RegExp(`(\\p{M}{${MOST_MARKS}})\\p{M}+`, 'gu')

const visible = (text: string): string =>
  Array.from(text.replace(SURPLUS, `$1${DOT}`), one =>
    (one === sanitize(one) || PLAIN.test(one)) && one !== '\ufffd' ? one : DOT,
  ).join('')

/** In pieces of at most so many cells; of nothing, one empty piece. */
function chopped(text: string, width: number): readonly string[] {
  const parts: string[] = []
  let part = ''
  let used = 0
  for (const character of text) {
    const size = cells(character)
    if (used + size > width) {
      parts.push(part)
      part = ''
      used = 0
    }
    part += character
    used += size
  }
  return [...parts, part]
}

const rest = (size: number): readonly Line[] =>
  size > 0 ? [line(`${INDENT}… ${grouped(size)} bytes more`, 'dim')] : []
