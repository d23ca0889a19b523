/** Byte string → id → text, each kept once. Open addressing over the bytes: no text is made to look a topic up. */
import { equalWords, u8, viewOf } from './bytes.ts'

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

/** The text of ASCII bytes. Natively: from 20 bytes on a loop over the characters costs two to ten times as much. */
export const asciiText = (bytes: Uint8Array, start: number, end: number): string =>
  bufferOf(bytes).toString('latin1', start, end)

/** Plain lower-case hex of any number of bytes: put together digit by digit, 16 MiB would take half a gigabyte. */
export const hexText = (bytes: Uint8Array, start: number, end: number): string =>
  bufferOf(bytes).toString('hex', start, end)

export const base64 = (bytes: Uint8Array, start: number, end: number): string =>
  bufferOf(bytes).toString('base64', start, end)

let viewed = new Uint8Array(0) as Uint8Array
let view = Buffer.from(viewed.buffer)

/** The same bytes as a Buffer. The last one is kept: packets come by the hundred from one chunk. */
function bufferOf(bytes: Uint8Array): Buffer {
  if (bytes === viewed) return view
  viewed = bytes
  view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  return view
}

/**
 * The same text in one piece. What was put together of parts stays a tree of them until someone reads it; a text that is
 * kept to be part of many others would be walked each time.
 */
export const flat = (text: string): string => Buffer.from(text).toString()
