/** Bytes and texts as JSON, harmless on a terminal too: what is invisible or moves a cursor always stands as `\uXXXX`. */
import { u8 } from '../base/bytes.ts'
import { asciiText, base64, decodeText } from '../base/strings.ts'
import { isUtf8 } from '../mqtt/text.ts'

const QUOTE = 0x22
const BACKSLASH = 0x5c

/** What has to be done to bytes before they may stand in a JSON string. */
const Need = { nothing: 0, escapes: 1, care: 2 } as const

/** Payloads are JSON themselves more often than not: ASCII with quotes, where no character beyond it need be looked for. */
function needOf(bytes: Uint8Array, start: number, end: number): number {
  let need: number = Need.nothing
  for (let at = start; at < end; at++) {
    const byte = u8(bytes, at)
    if (byte > 0x7e) return Need.care
    if (byte < 0x20 || byte === QUOTE || byte === BACKSLASH) need = Need.escapes
  }
  return need
}

/** A JSON string of ASCII bytes. */
const asciiString = (bytes: Uint8Array, start: number, end: number, need: number): string =>
  need === Need.nothing ? `"${asciiText(bytes, start, end)}"` : JSON.stringify(asciiText(bytes, start, end))

/** DEL, C1, format characters (bidi, joiners, tags, the byte order mark), separators of lines, private use, noncharacters. */
const HARMFUL = /[\x7f-\x9f\p{Cf}\p{Co}\p{Zl}\p{Zp}\p{Noncharacter_Code_Point}]/gu

/** By UTF-16 units, as JSON has it. */
const escaped = (character: string): string =>
  Array.from(
    { length: character.length },
    (_, at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`,
  ).join('')

/** Returns JSON text in which nothing is invisible or moves a cursor: such characters can stand in its strings alone. */
export const harmlessJson = (text: string): string => text.replace(HARMFUL, escaped)

/** A value as JSON. `JSON.stringify` takes care of quotes, backslashes and what lies below 0x20. */
export const json = (value: unknown): string => harmless(JSON.stringify(value))

/** Returns JSON that others have written, with the characters that a terminal obeys as escapes. */
export const harmless = (text: string): string => text.replace(HARMFUL, escaped)

/** A JSON string. */
export const jsonText = (text: string): string => json(text)

/** UTF-8 bytes as a JSON string, with U+FFFD where they break UTF-8. */
export function jsonString(bytes: Uint8Array, start: number, end: number): string {
  const need = needOf(bytes, start, end)
  return need === Need.care ? jsonText(decodeText(bytes, start, end)) : asciiString(bytes, start, end, need)
}

const jsonBase64 = (bytes: Uint8Array, start: number, end: number): string => `"${base64(bytes, start, end)}"`

/** The bytes in base64 where they break UTF-8, so that they are not lost; else undefined. */
export const brokenBytes = (bytes: Uint8Array, start: number, end: number): string | undefined =>
  isUtf8(bytes, start, end) ? undefined : jsonBase64(bytes, start, end)

/**
 * `,"key":"text"`; text that breaks UTF-8 has all its bytes in `keyBase64` beside it. `before` is `{` for the first member
 * of an object: cutting the comma off afterwards would copy what was put together so far.
 */
export function textMember(key: string, bytes: Uint8Array, start: number, end: number, before = ','): string {
  const need = needOf(bytes, start, end)
  if (need !== Need.care) return `${before}"${key}":${asciiString(bytes, start, end, need)}`
  const broken = brokenBytes(bytes, start, end)
  const member = `${before}"${key}":${jsonText(decodeText(bytes, start, end))}`
  return broken === undefined ? member : `${member},"${key}Base64":${broken}`
}

/** `"text":"…"`, or `"base64":"…"` where the bytes are no UTF-8. */
function content(bytes: Uint8Array, start: number, end: number): string {
  const need = needOf(bytes, start, end)
  if (need !== Need.care) return `"text":${asciiString(bytes, start, end, need)}`
  if (!isUtf8(bytes, start, end)) return `"base64":${jsonBase64(bytes, start, end)}`
  return `"text":${jsonText(decodeText(bytes, start, end))}`
}

/** What only its length is to be told of. */
export const sizeAlone = (size: number): string => `{"size":${size}}`

/** Bytes that may be text or not: `{"size":4,"text":"abcd"}`. */
export const binary = (bytes: Uint8Array, start: number, end: number): string =>
  `{"size":${end - start},${content(bytes, start, end)}}`

/**
 * Bytes of which not all came: `kept` of `size` are here, closed up; `holes` says where the others are missing, in pairs
 * of offset and size counted from `origin` bytes before the first.
 */
export function partial(
  bytes: Uint8Array,
  start: number,
  kept: number,
  size: number,
  holes: readonly number[],
  origin: number,
): string {
  const missing: string[] = []
  for (let at = 0; at + 1 < holes.length; at += 2) missing.push(`[${(holes[at] ?? 0) - origin},${holes[at + 1] ?? 0}]`)
  const where = missing.length === 0 ? '' : `,"missing":[${missing.join(',')}]`
  return `{"size":${size},${content(bytes, start, start + kept)},"kept":${kept}${where}}`
}

/** Members of a JSON array, as they come; beyond `most` they are only counted, and the count stands in `<key>Omitted`. */
export class List {
  private text = ''
  private count = 0
  private readonly key: string
  private readonly most: number

  constructor(key: string, most: number) {
    this.key = key
    this.most = most
  }

  reset(): void {
    this.text = ''
    this.count = 0
  }

  get size(): number {
    return this.count
  }

  /** True where there is room for another; what has none is counted. */
  room(): boolean {
    return this.count++ < this.most
  }

  /** Adds what `room` was asked for. */
  add(json: string): void {
    this.text += this.text === '' ? json : `,${json}`
  }

  /** `,"key":[…]`; nothing where it is empty. */
  member(before = ','): string {
    if (this.count === 0) return ''
    const omitted = this.count > this.most ? `,"${this.key}Omitted":${this.count - this.most}` : ''
    return `${before}"${this.key}":[${this.text}]${omitted}`
  }
}
