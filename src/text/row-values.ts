/**
 * The values of a field as `-T fields` and `-T csv` write them: as tshark 4.0 does, so that scripts made for it run
 * unchanged.
 */

import { ipv6Text } from '../base/address.ts'
import { hex, hexByte, u8, u32 } from '../base/bytes.ts'
import type { Field } from '../base/field.ts'
import { asciiText, decodeText, flat, hexText, isPlainAscii, OVERFLOW, Strings } from '../base/strings.ts'
import { PROP_UNKNOWN, TRAILING } from '../mqtt/fields.ts'
import { sanitize } from './sanitize.ts'

/** Writes the value announced at `bytes[start..end)`. */
export type Format = (bytes: Uint8Array, start: number, end: number, value: number) => string

/** Texts remembered: topics and client ids come again and again. Beyond these limits each is made again. */
const MOST_TEXTS = 20_000
const MOST_TEXT_BYTES = 1024 * 1024
const LONGEST_TEXT = 256

/** Text made of bytes by `make`, remembered by the bytes. */
export class Texts {
  private readonly strings = new Strings(MOST_TEXTS, MOST_TEXT_BYTES)
  private readonly made: string[] = []
  private readonly make: Format

  constructor(make: Format) {
    this.make = make
  }

  of(bytes: Uint8Array, start: number, end: number): string {
    const id = end - start > LONGEST_TEXT ? OVERFLOW : this.strings.intern(bytes, start, end)
    if (id === OVERFLOW) return this.make(bytes, start, end, 0)
    const known = this.made[id]
    if (known !== undefined) return known
    const text = flat(this.make(bytes, start, end, 0))
    this.made[id] = text
    return text
  }
}

/** tshark writes these five as a backslash and a letter; other control characters it lets through, and we do not. */
const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['\b', '\\b'],
  ['\t', '\\t'],
  ['\n', '\\n'],
  ['\f', '\\f'],
  ['\r', '\\r'],
])

/**
 * Returns text that is safe in a row: nothing in it moves a cursor, breaks a line or turns the direction of writing.
 * A backslash stays one: scripts made for tshark expect `DOMAIN\user` as it is.
 */
export const rowText = (text: string): string =>
  text.replace(/[\b\t\n\f\r]|[^\\\b\t\n\f\r]+/g, part => ESCAPES.get(part) ?? sanitize(part))

const text: Format = (bytes, start, end) =>
  isPlainAscii(bytes, start, end) ? asciiText(bytes, start, end) : rowText(decodeText(bytes, start, end))

export interface FormatOptions {
  /** User names, passwords and payloads are shown by their length alone. */
  readonly redact: boolean
  /** Text for bytes of length 0. */
  readonly noBytes: string
  /** Names that have payloads: tshark has `mqtt.msg` or, by its preference, `mqtt.msg_text`, never both. */
  readonly payloads: 'both' | 'bytes' | 'text'
}

/** Returns a hexadecimal number with the digits of tshark: two for each byte of the field. */
function hexNumber(start: number, end: number, value: number): string {
  if (end - start <= 1) return `0x${hexByte(value)}`
  return `0x${value.toString(16).padStart(2 * (end - start), '0')}`
}

const ipv4 = (bytes: Uint8Array, at: number): string =>
  `${u8(bytes, at)}.${u8(bytes, at + 1)}.${u8(bytes, at + 2)}.${u8(bytes, at + 3)}`

/** Writes the size of a value alone, for `--redact`. */
const redacted: Format = (_bytes, start, end) => `<${end - start} bytes>`

/**
 * True if a value may be secret. Bytes after the last field of a malformed packet, or after an unknown property, may
 * be.
 */
export const isSecret = (field: Field): boolean => field.secret === true || field === TRAILING || field === PROP_UNKNOWN

/** The format of the values that `source` announces under the name of `shown` (which may be a generic one). */
export function formatOf(shown: Field, source: Field, options: FormatOptions): Format {
  if (options.redact && isSecret(source)) return redacted
  // Wireshark prints an unknown property as text.
  return shown === PROP_UNKNOWN ? textFormat() : formatOfKind(shown, options.noBytes)
}

export function textFormat(): Format {
  const texts = new Texts(text)
  return (bytes, start, end) => texts.of(bytes, start, end)
}

/** Payloads seldom repeat: they are not remembered. */
export const payloadText = (source: Field, options: FormatOptions): Format =>
  options.redact && isSecret(source) ? redacted : text

function formatOfKind(field: Field, noBytes: string): Format {
  switch (field.kind) {
    case 'flag':
      return (_bytes, _start, _end, value) => (value === 0 ? '0' : '1')
    case 'uint':
      return (_bytes, _start, _end, value) => `${value}`
    case 'hex':
      return (_bytes, start, end, value) => hexNumber(start, end, value)
    case 'text':
      return textFormat()
    case 'bytes':
      return (bytes, start, end) => (start === end ? noBytes : hexText(bytes, start, end))
    case 'ipv4':
      return ipv4
    case 'mac':
      return (bytes, start, end) => hex(bytes, start, end).replace(/(..)(?=.)/g, '$1:')
    case 'ipv6':
      return (bytes, start) =>
        ipv6Text(u32(bytes, start), u32(bytes, start + 4), u32(bytes, start + 8), u32(bytes, start + 12))
    default:
      return () => '1'
  }
}
