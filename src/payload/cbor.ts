/** CBOR (RFC 8949): announces the values of one data item with their places. */
import { viewOf } from '../base/bytes.ts'
import { Announcer } from './announcer.ts'
import type { PayloadDecoder, ValueSink } from './decoder.ts'
import { floatText, halfOf } from './floats.ts'
import { textOf } from './wire.ts'

/** RFC 8949 §3.1. */
const Major = { unsigned: 0, negative: 1, bytes: 2, text: 3, array: 4, map: 5, tag: 6, simple: 7 } as const
/** The lower five bits of a first byte. */
const Info = { byte: 24, half: 25, single: 26, double: 27, indefinite: 31 } as const
const SimpleValue = { false: 20, true: 21, null: 22, undefined: 23 } as const
const BREAK = 0xff
/** Tags of numbers of any size, positive and negative (§3.4.3). */
const BIGNUM = 2
const NEGATIVE_BIGNUM = 3
/** Longest number of any size that is written in digits, in bytes: to write more takes time that grows with its square. */
const LONGEST_BIGNUM = 1024

export const CBOR_DECODER: PayloadDecoder = {
  name: 'cbor',
  decode: (bytes, start, end, sink) => new CborWalk(bytes, start, end, sink).document(),
}

class CborWalk {
  private readonly bytes: Uint8Array
  private readonly view: DataView
  private readonly end: number
  private readonly out: Announcer
  private at: number
  /** The argument of the last head (§3); beyond 2^53 it is rounded, and stands exactly at `wideAt`, which else is -1. */
  private size = 0
  private wideAt = -1

  constructor(bytes: Uint8Array, start: number, end: number, sink: ValueSink) {
    this.bytes = bytes
    this.view = viewOf(bytes)
    this.end = end
    this.at = start
    this.out = new Announcer(bytes, sink)
  }

  document(): boolean {
    return this.item() && (this.at === this.end || this.out.fault('something follows the value', this.at))
  }

  private item(): boolean {
    const from = this.at
    if (from >= this.end) return this.tooSoon(from)
    const first = this.bytes[from] as number
    const major = first >> 5
    const info = first & 31
    if (major === Major.simple) return this.simple(info, from)
    if (info === Info.indefinite) return this.indefinite(major, from)
    if (!this.head(info, from)) return false
    if (major === Major.unsigned) return this.out.number(this.unsignedText(), from, this.at)
    if (major === Major.negative) return this.out.number(this.negativeText(), from, this.at)
    return this.sized(major, from)
  }

  private sized(major: number, from: number): boolean {
    switch (major) {
      case Major.bytes:
        return this.fits(from) && this.out.bytes(this.at, this.step(this.size))
      case Major.text:
        return this.fits(from) && this.text(this.at, this.step(this.size), from)
      case Major.array:
        return this.array(from)
      case Major.map:
        return this.map(from)
      default:
        return this.tag(from)
    }
  }

  /** Reads the argument of a head; false after a fault. */
  private head(info: number, from: number): boolean {
    this.at = from + 1
    this.wideAt = -1
    this.size = info
    if (info < Info.byte) return true
    if (info > Info.double) return this.out.fault('the additional information 28 to 30 is reserved', from)
    const width = 1 << (info - Info.byte)
    if (this.at + width > this.end) return this.tooSoon(from)
    if (width === 8) this.wideAt = this.at
    this.size = unsignedAt(this.view, this.at, width)
    this.at += width
    return true
  }

  private unsignedText(): string {
    return this.wideAt < 0 ? String(this.size) : this.view.getBigUint64(this.wideAt).toString()
  }

  private negativeText(): string {
    return this.wideAt < 0 ? String(-1 - this.size) : (-1n - this.view.getBigUint64(this.wideAt)).toString()
  }

  /** True if `size` bytes follow the head. Nothing is allocated by an announced size. */
  private fits(from: number): boolean {
    return this.size <= this.end - this.at || this.tooSoon(from)
  }

  /** Steps over bytes, and returns the offset behind them. */
  private step(size: number): number {
    this.at += size
    return this.at
  }

  private text(start: number, end: number, from: number): boolean {
    return this.isText(start, end, from) && this.out.text(start, end)
  }

  private isText(start: number, end: number, from: number): boolean {
    return textOf(this.bytes, start, end) !== undefined || this.out.fault('a text is not UTF-8', from)
  }

  private array(from: number): boolean {
    const { size } = this
    // Each value takes a byte at least.
    if (size > this.end - this.at) return this.tooSoon(from)
    if (!this.out.open('array', from)) return false
    for (let nth = 0; nth < size; nth++) if (!this.item()) return false
    return this.out.close(this.at)
  }

  private map(from: number): boolean {
    const { size } = this
    if (2 * size > this.end - this.at) return this.tooSoon(from)
    if (!this.out.open('map', from)) return false
    for (let nth = 0; nth < size; nth++) if (!this.member()) return false
    return this.out.close(this.at)
  }

  private member(): boolean {
    return this.key() && this.item()
  }

  /** A key that is text, or a value of its own that stands for the key. */
  private key(): boolean {
    const from = this.at
    if (from >= this.end) return this.tooSoon(from)
    const first = this.bytes[from] as number
    if (first >> 5 !== Major.text || (first & 31) === Info.indefinite) {
      this.out.key(undefined, from, from)
      return this.item()
    }
    if (!this.head(first & 31, from) || !this.fits(from)) return false
    const start = this.at
    if (!this.isText(start, this.step(this.size), from)) return false
    this.out.key(textOf(this.bytes, start, this.at), from, this.at)
    return true
  }

  private tag(from: number): boolean {
    const { size } = this
    if ((size === BIGNUM || size === NEGATIVE_BIGNUM) && this.isBignum()) return this.bignum(size, from)
    return this.out.tag(this.unsignedText(), from, this.at) && this.item() && this.out.untag()
  }

  /** True if the tag is followed by a byte string of a size that can be written as a number. */
  private isBignum(): boolean {
    const first = this.at < this.end ? (this.bytes[this.at] as number) : 0
    const info = first & 31
    if (first >> 5 !== Major.bytes || info > Info.half) return false
    const width = info < Info.byte ? 0 : 1 << (info - Info.byte)
    if (this.at + 1 + width > this.end) return false
    const size = width === 0 ? info : unsignedAt(this.view, this.at + 1, width)
    return size <= LONGEST_BIGNUM && this.at + 1 + width + size <= this.end
  }

  private bignum(tag: number, from: number): boolean {
    if (!this.head((this.bytes[this.at] as number) & 31, this.at)) return false
    const start = this.at
    let value = 0n
    for (const byte of this.bytes.subarray(start, this.step(this.size))) value = (value << 8n) | BigInt(byte)
    return this.out.number((tag === BIGNUM ? value : -1n - value).toString(), from, this.at)
  }

  /** Major type 7: simple values and floating-point numbers (§3.3). */
  private simple(info: number, from: number): boolean {
    if (info === Info.indefinite) return this.out.fault('a break without anything to end', from)
    if (info >= Info.half && info <= Info.double) return this.float(info, from)
    if (!this.head(info, from)) return false
    const { size } = this
    if (info === Info.byte && size < 32) return this.out.fault('a simple value below 32 takes one byte', from)
    switch (size) {
      case SimpleValue.false:
        return this.out.literal('false', from, this.at)
      case SimpleValue.true:
        return this.out.literal('true', from, this.at)
      case SimpleValue.null:
        return this.out.literal('null', from, this.at)
      case SimpleValue.undefined:
        return this.out.mark('undefined', '', from, this.at)
      default:
        return this.out.mark('simple', String(size), from, this.at)
    }
  }

  private float(info: number, from: number): boolean {
    const width = 1 << (info - Info.byte)
    const at = from + 1
    if (at + width > this.end) return this.tooSoon(from)
    this.at = at + width
    if (info === Info.half) return this.out.number(floatText(halfOf(this.view.getUint16(at))), from, this.at)
    const value = info === Info.single ? this.view.getFloat32(at) : this.view.getFloat64(at)
    return this.out.number(floatText(value), from, this.at)
  }

  /** Strings in pieces, and lists and maps with a break at their end (§3.2). */
  private indefinite(major: number, from: number): boolean {
    this.at = from + 1
    if (major === Major.array) return this.openArray(from)
    if (major === Major.map) return this.openMap(from)
    if (major === Major.bytes || major === Major.text) return this.pieces(major, from)
    return this.out.fault('this kind of value has no indefinite length', from)
  }

  private openArray(from: number): boolean {
    if (!this.out.open('array', from)) return false
    while (!this.isBreak()) if (!this.item()) return false
    return this.out.close(this.at)
  }

  private openMap(from: number): boolean {
    if (!this.out.open('map', from)) return false
    while (!this.isBreak()) if (!this.member()) return false
    return this.out.close(this.at)
  }

  /** Steps over a break, if there is one here. */
  private isBreak(): boolean {
    if (this.at >= this.end || this.bytes[this.at] !== BREAK) return false
    this.at++
    return true
  }

  /** A string in pieces, which is announced in one. */
  private pieces(major: number, from: number): boolean {
    const ranges: (readonly [number, number])[] = []
    let text = ''
    while (!this.isBreak()) {
      const piece = this.at
      if (piece >= this.end) return this.tooSoon(from)
      const first = this.bytes[piece] as number
      if (first >> 5 !== major || (first & 31) === Info.indefinite)
        return this.out.fault('a piece of a string is another kind of value', piece)
      if (!this.head(first & 31, piece) || !this.fits(piece)) return false
      const start = this.at
      ranges.push([start, this.step(this.size)])
      if (major === Major.bytes) continue
      if (!this.isText(start, this.at, piece)) return false
      text += textOf(this.bytes, start, this.at)
    }
    return major === Major.text ? this.out.word(text, from, this.at) : this.joined(ranges, from)
  }

  private joined(ranges: readonly (readonly [number, number])[], from: number): boolean {
    const filled = ranges.filter(([start, end]) => start < end)
    const [first = [from, from] as const] = filled
    if (filled.length <= 1) return this.out.bytes(first[0], first[1])
    return this.out.bytes(from, this.at, this.joinedBytes(filled))
  }

  private joinedBytes(ranges: readonly (readonly [number, number])[]): Uint8Array {
    const all = new Uint8Array(ranges.reduce((sum, [start, end]) => sum + end - start, 0))
    let size = 0
    for (const [start, end] of ranges) {
      all.set(this.bytes.subarray(start, end), size)
      size += end - start
    }
    return all
  }

  private tooSoon(at: number): boolean {
    return this.out.fault('it ends too soon', at)
  }
}

/** Returns a number of 1, 2, 4 or 8 bytes, the highest first; beyond 2^53 it is rounded. */
function unsignedAt(view: DataView, at: number, width: number): number {
  if (width === 8) return Number(view.getBigUint64(at))
  if (width === 4) return view.getUint32(at)
  return width === 2 ? view.getUint16(at) : view.getUint8(at)
}
