/**
 * Bytes to text. `Strings`: byte string → id → text, each kept once, by open addressing over the bytes, so that no text is
 * made to look a topic up. Below: text, hex and base64 of a range of bytes.
 */
import { equalWords, u8, u16, viewOf } from './bytes.ts'

/** The id of a string beyond the limits: its text must be read from the packet itself. */
export const OVERFLOW = 0xffffffff

/** Beyond these a hostile capture with a topic per message would grow without end; later strings are OVERFLOW. */
export const MOST_STRINGS = 100_000
export const MOST_STRING_BYTES = 16 * 1024 * 1024

const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/** The text of UTF-8 bytes, with U+FFFD for each maximal part that breaks it (Unicode 15 §3.9, as browsers do). */
export const decodeText = (bytes: Uint8Array, start: number, end: number): string =>
  decoder.decode(bytes.subarray(start, end))

export class Strings {
  /** Strings that found no room. */
  overflowed = 0
  private slots = new Uint32Array(1024)
  private mask = 1023
  private offsets = new Uint32Array(1024)
  private bytes = new Uint8Array(16 * 1024)
  private view = new DataView(this.bytes.buffer)
  private hashes = new Int32Array(1024)
  private readonly texts: string[] = []
  private readonly most: number
  private readonly mostBytes: number
  private readonly seed: number

  constructor(most = MOST_STRINGS, mostBytes = MOST_STRING_BYTES, seed = 0) {
    this.most = most
    this.mostBytes = mostBytes
    this.seed = seed
  }

  get size(): number {
    return this.texts.length
  }

  /** The id of the bytes, made on first sight; ids count from 0. */
  intern(bytes: Uint8Array, start: number, end: number): number {
    const hash = this.hash(bytes, start, end)
    let slot = hash & this.mask
    for (;;) {
      const entry = this.slots[slot] as number
      if (entry === 0) return this.add(bytes, start, end, hash, slot)
      if (this.hashes[entry - 1] === hash && this.holds(entry - 1, bytes, start, end)) return entry - 1
      slot = (slot + 1) & this.mask
    }
  }

  /** The text of an id, with U+FFFD where the bytes break UTF-8; undefined for OVERFLOW and ids never given. */
  text(id: number): string | undefined {
    return this.texts[id]
  }

  private add(bytes: Uint8Array, start: number, end: number, hash: number, slot: number): number {
    const id = this.texts.length
    const used = this.offsets[id] as number
    const size = end - start
    if (id >= this.most || used + size > this.mostBytes) {
      this.overflowed++
      return OVERFLOW
    }
    if (used + size > this.bytes.length) {
      this.bytes = grown(this.bytes, used + size)
      this.view = new DataView(this.bytes.buffer)
    }
    this.bytes.set(bytes.subarray(start, end), used)
    if (id + 2 > this.offsets.length) this.offsets = widened(this.offsets)
    if (id + 1 > this.hashes.length) {
      const wider = new Int32Array(this.hashes.length * 2)
      wider.set(this.hashes)
      this.hashes = wider
    }
    this.offsets[id + 1] = used + size
    this.hashes[id] = hash
    this.texts.push(decoder.decode(bytes.subarray(start, end)))
    this.slots[slot] = id + 1
    if (this.texts.length * 2 > this.mask) this.rehash()
    return id
  }

  private holds(id: number, bytes: Uint8Array, start: number, end: number): boolean {
    const from = this.offsets[id] as number
    const size = (this.offsets[id + 1] as number) - from
    return size === end - start && equalWords(this.view, from, viewOf(bytes), start, size)
  }

  /** Four bytes at a time, multiplied and stirred as in FNV-1a; seeded so that a hostile capture cannot aim at one slot. */
  private hash(bytes: Uint8Array, start: number, end: number): number {
    const view = viewOf(bytes)
    let hash = 0x811c9dc5 ^ this.seed ^ (end - start)
    let at = start
    for (; at + 4 <= end; at += 4) {
      hash = Math.imul(hash ^ view.getInt32(at), 0x9e3779b1)
      hash ^= hash >>> 15
    }
    for (; at < end; at++) hash = Math.imul(hash ^ u8(bytes, at), 0x01000193)
    return hash ^ (hash >>> 13)
  }

  private rehash(): void {
    this.mask = this.mask * 2 + 1
    this.slots = new Uint32Array(this.mask + 1)
    for (let id = 0; id < this.texts.length; id++) {
      let slot = (this.hashes[id] as number) & this.mask
      while (this.slots[slot] !== 0) slot = (slot + 1) & this.mask
      this.slots[slot] = id + 1
    }
  }
}

function widened(numbers: Uint32Array): Uint32Array<ArrayBuffer> {
  const wider = new Uint32Array(numbers.length * 2)
  wider.set(numbers)
  return wider
}

function grown(bytes: Uint8Array, size: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(Math.max(bytes.length * 2, size))
  larger.set(bytes)
  return larger
}

/** True where every byte is a printable ASCII character. */
export function isPlainAscii(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    const byte = u8(bytes, at)
    if (byte < 0x20 || byte > 0x7e) return false
  }
  return true
}

/** ASCII of up to so many bytes is put together by hand sooner than the decoder is called; beyond it, the other way round. */
const SHORT = 20

/** The text of ASCII bytes. */
export const asciiText = (bytes: Uint8Array, start: number, end: number): string =>
  end - start <= SHORT ? shortText(bytes, start, end) : decoder.decode(bytes.subarray(start, end))

const ofCodes = String.fromCharCode

/** Eight characters by one call: one by one they cost twice as much. */
function shortText(bytes: Uint8Array, start: number, end: number): string {
  let text = ''
  let at = start
  for (; at + 8 <= end; at += 8) text += eight(bytes, at)
  switch (end - at) {
    case 0:
      return text
    case 1:
      return text + ofCodes(u8(bytes, at))
    case 2:
      return text + ofCodes(u8(bytes, at), u8(bytes, at + 1))
    case 3:
      return text + ofCodes(u8(bytes, at), u8(bytes, at + 1), u8(bytes, at + 2))
    default:
      return text + four(bytes, at) + shortText(bytes, at + 4, end)
  }
}

const four = (bytes: Uint8Array, at: number): string =>
  ofCodes(u8(bytes, at), u8(bytes, at + 1), u8(bytes, at + 2), u8(bytes, at + 3))

const eight = (bytes: Uint8Array, at: number): string =>
  ofCodes(
    u8(bytes, at),
    u8(bytes, at + 1),
    u8(bytes, at + 2),
    u8(bytes, at + 3),
    u8(bytes, at + 4),
    u8(bytes, at + 5),
    u8(bytes, at + 6),
    u8(bytes, at + 7),
  )

/** Arguments of one call: engines take some ten thousand. */
const MOST_CODES = 8192

/** One character for each byte, U+0000 to U+00FF. (The decoder of that name reads 0x80 to 0x9f as Windows does.) */
export function latin1Text(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += MOST_CODES) {
    // Spread out they would go through an iterator, at seven times the cost.
    const codes: ArrayLike<number> = bytes.subarray(at, at + MOST_CODES)
    text += ofCodes.apply(null, codes as number[])
  }
  return text
}

/** Digits on their way to a text: put together one by one, those of 16 MiB would take half a gigabyte. */
const digits = new Uint8Array(16 * 1024)

/** `size` digits, which are ASCII. */
const digitText = (size: number): string => decoder.decode(digits.subarray(0, size))

const HEX_DIGITS = asciiBytes('0123456789abcdef')
const HEX_PIECE = digits.length / 2

/** Plain lower-case hex of any number of bytes. */
export function hexText(bytes: Uint8Array, start: number, end: number): string {
  let text = ''
  for (let from = start; from < end; from += HEX_PIECE) text += hexPiece(bytes, from, Math.min(end, from + HEX_PIECE))
  return text
}

function hexPiece(bytes: Uint8Array, start: number, end: number): string {
  let size = 0
  for (let at = start; at < end; at++) {
    const byte = u8(bytes, at)
    digits[size++] = u8(HEX_DIGITS, byte >> 4)
    digits[size++] = u8(HEX_DIGITS, byte & 15)
  }
  return digitText(size)
}

const BASE64_DIGITS = asciiBytes('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/')
const PADDING = 0x3d
/** A whole number of triples, so that only the last piece is padded. */
const BASE64_PIECE = (digits.length / 4) * 3

/** Base64 with padding (RFC 4648 §4). */
export function base64(bytes: Uint8Array, start: number, end: number): string {
  let text = ''
  for (let from = start; from < end; from += BASE64_PIECE)
    text += base64Piece(bytes, from, Math.min(end, from + BASE64_PIECE))
  return text
}

function base64Piece(bytes: Uint8Array, start: number, end: number): string {
  let size = 0
  let at = start
  for (; at + 3 <= end; at += 3) {
    putFour((u8(bytes, at) << 16) | u16(bytes, at + 1), size)
    size += 4
  }
  if (at === end) return digitText(size)
  const two = at + 2 === end
  putFour(two ? u16(bytes, at) << 8 : u8(bytes, at) << 16, size)
  if (!two) digits[size + 2] = PADDING
  digits[size + 3] = PADDING
  return digitText(size + 4)
}

function putFour(triple: number, at: number): void {
  digits[at] = u8(BASE64_DIGITS, triple >> 18)
  digits[at + 1] = u8(BASE64_DIGITS, (triple >> 12) & 63)
  digits[at + 2] = u8(BASE64_DIGITS, (triple >> 6) & 63)
  digits[at + 3] = u8(BASE64_DIGITS, triple & 63)
}

const encoder = new TextEncoder()

/** The bytes of a text in UTF-8; a lone surrogate becomes U+FFFD. */
export const utf8 = (text: string): Uint8Array => encoder.encode(text)

function asciiBytes(text: string): Uint8Array {
  return Uint8Array.from(text, character => character.charCodeAt(0))
}

/**
 * The same text in one piece. What was put together of parts stays a tree of them until someone reads it; a text that is
 * kept to be part of many others would be walked each time.
 */
export const flat = (text: string): string => decoder.decode(encoder.encode(text))
