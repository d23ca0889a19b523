/**
 * Reads of fixed-size integers. With `store/column.ts` the only file that writes `!` after an element:
 * the caller has checked the bounds ("check, then read"), so a read never yields `undefined`.
 */

export const u8 = (bytes: Uint8Array, at: number): number => bytes[at]!

export const u16 = (bytes: Uint8Array, at: number): number => (bytes[at]! << 8) | bytes[at + 1]!

/** `>>> 0`: a shift by 24 makes the sign bit of a 32-bit number. */
export const u32 = (bytes: Uint8Array, at: number): number =>
  ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0

export const u16le = (bytes: Uint8Array, at: number): number => bytes[at]! | (bytes[at + 1]! << 8)

export const u32le = (bytes: Uint8Array, at: number): number =>
  (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0

let viewed = new Uint8Array(0) as Uint8Array
let view = new DataView(viewed.buffer)

/**
 * The bytes as a DataView, which reads a word at once where a sum of bytes takes four reads. The last one is kept:
 * segments come by the thousand from one chunk.
 */
export function viewOf(bytes: Uint8Array): DataView {
  if (bytes !== viewed) {
    viewed = bytes
    view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  }
  return view
}

const HEX = '0123456789abcdef'
const PAIRS: readonly string[] = Array.from({ length: 256 }, (_, byte) => HEX.charAt(byte >> 4) + HEX.charAt(byte & 15))

/** Two lower-case hex digits. */
export const hexByte = (byte: number): string => PAIRS[byte & 255]!

/** Plain lower-case hex without separators. */
export function hex(bytes: Uint8Array, start = 0, end = bytes.length): string {
  let text = ''
  for (let at = start; at < end; at++) text += PAIRS[bytes[at]!]!
  return text
}

/** The bytes of hex text; blanks between digits are welcome, anything else throws (a wrong literal is our own bug). */
export function fromHex(text: string): Uint8Array {
  const digits = text.replace(/\s+/g, '')
  if (digits.length % 2 !== 0 || /[^0-9a-fA-F]/.test(digits)) throw new Error(`not hex: ${text}`)
  const bytes = new Uint8Array(digits.length / 2)
  for (let at = 0; at < bytes.length; at++) bytes[at] = Number.parseInt(digits.slice(at * 2, at * 2 + 2), 16)
  return bytes
}

/** True where both ranges hold the same bytes. */
export function equalBytes(a: Uint8Array, aStart: number, b: Uint8Array, bStart: number, size: number): boolean {
  for (let at = 0; at < size; at++) if (a[aStart + at] !== b[bStart + at]) return false
  return true
}

/** The same over views, four bytes at a time. */
export function equalWords(a: DataView, aStart: number, b: DataView, bStart: number, size: number): boolean {
  let at = 0
  for (; at + 4 <= size; at += 4) if (a.getInt32(aStart + at) !== b.getInt32(bStart + at)) return false
  for (; at < size; at++) if (a.getUint8(aStart + at) !== b.getUint8(bStart + at)) return false
  return true
}

/** Returns a number below 0, 0 or above 0, by the first byte that differs; if none does, the longer one is greater. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const size = Math.min(a.length, b.length)
  for (let at = 0; at < size; at++) if (a[at] !== b[at]) return a[at]! - b[at]!
  return a.length - b.length
}

/** Returns the index of the first `part` in the bytes; -1 if there is none. */
export function indexOfBytes(bytes: Uint8Array, part: Uint8Array): number {
  const last = bytes.length - part.length
  if (part.length === 0) return 0
  for (let at = bytes.indexOf(part[0]!); at >= 0 && at <= last; at = bytes.indexOf(part[0]!, at + 1))
    if (equalBytes(bytes, at, part, 0, part.length)) return at
  return -1
}

/** All of them in one array. */
export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}

/** A 16-bit number in the byte order a file states in its header. */
export const u16in = (bytes: Uint8Array, at: number, little: boolean): number =>
  little ? u16le(bytes, at) : u16(bytes, at)

/** A 32-bit number in the byte order a file states in its header. */
export const u32in = (bytes: Uint8Array, at: number, little: boolean): number =>
  little ? u32le(bytes, at) : u32(bytes, at)
