/** Bytes and texts as JSON, harmless on a terminal too: what is invisible or moves a cursor always stands as `\uXXXX`. */
import { u8 } from '../bytes.ts'
import { isUtf8 } from '../mqtt/text.ts'
import { asciiText, base64, decodeText } from '../strings.ts'

const QUOTE = 0x22
const BACKSLASH = 0x5c

function isPlain(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    const byte = u8(bytes, at)
    if (byte < 0x20 || byte > 0x7e || byte === QUOTE || byte === BACKSLASH) return false
  }
  return true
}

/** DEL, C1, format characters (bidi, joiners, tags, the byte order mark), separators of lines, private use, noncharacters. */
const HARMFUL = /[\x7f-\x9f\p{Cf}\p{Co}\p{Zl}\p{Zp}\p{Noncharacter_Code_Point}]/gu

/** By UTF-16 units, as JSON has it. */
const escaped = (character: string): string =>
  Array.from(
    { length: character.length },
    (_, at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`,
  ).join('')

/** A JSON string. `JSON.stringify` takes care of quotes, backslashes and what lies below 0x20. */
export const jsonText = (text: string): string => JSON.stringify(text).replace(HARMFUL, escaped)

/** UTF-8 bytes as a JSON string, with U+FFFD where they break UTF-8. */
export const jsonString = (bytes: Uint8Array, start: number, end: number): string =>
  isPlain(bytes, start, end) ? `"${asciiText(bytes, start, end)}"` : jsonText(decodeText(bytes, start, end))

const jsonBase64 = (bytes: Uint8Array, start: number, end: number): string => `"${base64(bytes, start, end)}"`

/** The bytes in base64 where they break UTF-8, so that they are not lost; else undefined. */
export const brokenBytes = (bytes: Uint8Array, start: number, end: number): string | undefined =>
  isUtf8(bytes, start, end) ? undefined : jsonBase64(bytes, start, end)

/** `,"key":"text"`; text that breaks UTF-8 has all its bytes in `keyBase64` beside it. */
export function textMember(key: string, bytes: Uint8Array, start: number, end: number): string {
  if (isPlain(bytes, start, end)) return `,"${key}":"${asciiText(bytes, start, end)}"`
  const broken = brokenBytes(bytes, start, end)
  const member = `,"${key}":${jsonText(decodeText(bytes, start, end))}`
  return broken === undefined ? member : `${member},"${key}Base64":${broken}`
}

/** `"text":"…"`, or `"base64":"…"` where the bytes are no UTF-8. */
const content = (bytes: Uint8Array, start: number, end: number): string => {
  if (isPlain(bytes, start, end)) return `"text":"${asciiText(bytes, start, end)}"`
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
  get member(): string {
    if (this.count === 0) return ''
    const omitted = this.count > this.most ? `,"${this.key}Omitted":${this.count - this.most}` : ''
    return `,"${this.key}":[${this.text}]${omitted}`
  }
}
