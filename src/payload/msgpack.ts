/** MessagePack (the specification of msgpack.org): announces the values of one object with their places. */
import { viewOf } from '../base/bytes.ts'
import { Announcer } from './announcer.ts'
import type { PayloadDecoder, ValueSink } from './decoder.ts'
import { floatText } from './floats.ts'
import { textOf } from './wire.ts'

/** First bytes of formats that are not a range of bytes. */
const Format = {
  nil: 0xc0,
  neverUsed: 0xc1,
  false: 0xc2,
  true: 0xc3,
  bin8: 0xc4,
  ext8: 0xc7,
  float32: 0xca,
  float64: 0xcb,
  uint8: 0xcc,
  int8: 0xd0,
  fixExt1: 0xd4,
  str8: 0xd9,
  array16: 0xdc,
  map16: 0xde,
  negativeFixInt: 0xe0,
} as const
/** The extension type of a timestamp. */
const TIMESTAMP = -1
/** Seconds of the years 0 to 9999, which RFC 3339 can write. */
const FIRST_SECOND = -62_167_219_200n
const LAST_SECOND = 253_402_300_799n
const MOST_NANOS = 999_999_999

export const MSGPACK_DECODER: PayloadDecoder = {
  name: 'msgpack',
  decode: (bytes, start, end, sink) => new MsgpackWalk(bytes, start, end, sink).document(),
}

class MsgpackWalk {
  private readonly bytes: Uint8Array
  private readonly view: DataView
  private readonly end: number
  private readonly out: Announcer
  private at: number

  constructor(bytes: Uint8Array, start: number, end: number, sink: ValueSink) {
    this.bytes = bytes
    this.view = viewOf(bytes)
    this.end = end
    this.at = start
    this.out = new Announcer(bytes, sink)
  }

  document(): boolean {
    return this.value() && (this.at === this.end || this.out.fault('something follows the value', this.at))
  }

  private value(): boolean {
    const from = this.at
    if (from >= this.end) return this.tooSoon(from)
    const first = this.bytes[from] as number
    this.at = from + 1
    if (first < 0x80) return this.out.number(String(first), from, this.at)
    if (first < 0x90) return this.map(first & 15, from)
    if (first < 0xa0) return this.array(first & 15, from)
    if (first < 0xc0) return this.text(first & 31, from)
    if (first >= Format.negativeFixInt) return this.out.number(String(first - 256), from, this.at)
    return this.marked(first, from)
  }

  /** Formats from 0xc0 to 0xdf. */
  private marked(first: number, from: number): boolean {
    if (first >= Format.map16) return this.sized(2 << (first - Format.map16), from, size => this.map(size, from))
    if (first >= Format.array16) return this.sized(2 << (first - Format.array16), from, size => this.array(size, from))
    if (first >= Format.str8) return this.sized(1 << (first - Format.str8), from, size => this.text(size, from))
    if (first >= Format.fixExt1) return this.extension(1 << (first - Format.fixExt1), from)
    if (first >= Format.int8) return this.integer(1 << (first - Format.int8), from, true)
    if (first >= Format.uint8) return this.integer(1 << (first - Format.uint8), from, false)
    if (first >= Format.float32) return this.float(first === Format.float32 ? 4 : 8, from)
    if (first >= Format.ext8) return this.sized(1 << (first - Format.ext8), from, size => this.extension(size, from))
    if (first >= Format.bin8) return this.sized(1 << (first - Format.bin8), from, size => this.binary(size, from))
    return this.single(first, from)
  }

  private single(first: number, from: number): boolean {
    switch (first) {
      case Format.nil:
        return this.out.literal('null', from, this.at)
      case Format.false:
        return this.out.literal('false', from, this.at)
      case Format.true:
        return this.out.literal('true', from, this.at)
      default:
        return this.out.fault('the byte 0xc1 is never used', from)
    }
  }

  /** Reads a size of 1, 2 or 4 bytes, and then what has that size. */
  private sized(width: number, from: number, read: (size: number) => boolean): boolean {
    const { at } = this
    if (at + width > this.end) return this.tooSoon(from)
    this.at = at + width
    if (width === 1) return read(this.view.getUint8(at))
    return read(width === 2 ? this.view.getUint16(at) : this.view.getUint32(at))
  }

  private array(size: number, from: number): boolean {
    // Each value takes a byte at least: an announced size allocates nothing.
    if (size > this.end - this.at) return this.tooSoon(from)
    if (!this.out.open('array', from)) return false
    for (let nth = 0; nth < size; nth++) if (!this.value()) return false
    return this.out.close(this.at)
  }

  private map(size: number, from: number): boolean {
    if (2 * size > this.end - this.at) return this.tooSoon(from)
    if (!this.out.open('map', from)) return false
    for (let nth = 0; nth < size; nth++) if (!this.key() || !this.value()) return false
    return this.out.close(this.at)
  }

  /** A key that is text, or a value of its own that stands for the key. */
  private key(): boolean {
    const from = this.at
    if (from >= this.end) return this.tooSoon(from)
    const first = this.bytes[from] as number
    const isText = (first >= 0xa0 && first < 0xc0) || (first >= Format.str8 && first < Format.array16)
    if (!isText) {
      this.out.key(undefined, from, from)
      return this.value()
    }
    this.at = from + 1
    if (first < 0xc0) return this.textKey(first & 31, from)
    return this.sized(1 << (first - Format.str8), from, size => this.textKey(size, from))
  }

  private textKey(size: number, from: number): boolean {
    const text = this.textOfSize(size, from)
    if (text === undefined) return false
    this.out.key(text, from, this.at)
    return true
  }

  private text(size: number, from: number): boolean {
    const text = this.textOfSize(size, from)
    return text !== undefined && this.out.word(text, this.at - size, this.at)
  }

  /** Steps over a text and returns it; undefined after a fault. */
  private textOfSize(size: number, from: number): string | undefined {
    if (size > this.end - this.at) {
      this.tooSoon(from)
      return undefined
    }
    const text = textOf(this.bytes, this.at, this.at + size)
    if (text === undefined) this.out.fault('a text is not UTF-8', from)
    this.at += size
    return text
  }

  private binary(size: number, from: number): boolean {
    if (size > this.end - this.at) return this.tooSoon(from)
    this.at += size
    return this.out.bytes(this.at - size, this.at)
  }

  private integer(width: number, from: number, isSigned: boolean): boolean {
    const { at, view } = this
    if (at + width > this.end) return this.tooSoon(from)
    this.at = at + width
    return this.out.number(isSigned ? signedText(view, at, width) : unsignedText(view, at, width), from, this.at)
  }

  private float(width: number, from: number): boolean {
    const { at } = this
    if (at + width > this.end) return this.tooSoon(from)
    this.at = at + width
    const value = width === 4 ? this.view.getFloat32(at) : this.view.getFloat64(at)
    return this.out.number(floatText(value), from, this.at)
  }

  /** A type and as many bytes of data as `size` says. */
  private extension(size: number, from: number): boolean {
    const at = this.at + 1
    if (size > this.end - at) return this.tooSoon(from)
    const type = this.view.getInt8(this.at)
    this.at = at + size
    const time = type === TIMESTAMP ? timestampText(this.view, at, size) : undefined
    if (time !== undefined) return this.out.mark('timestamp', time, from, this.at)
    return this.out.mark('ext', String(type), at, this.at)
  }

  private tooSoon(at: number): boolean {
    return this.out.fault('it ends too soon', at)
  }
}

function unsignedText(view: DataView, at: number, width: number): string {
  if (width === 8) return view.getBigUint64(at).toString()
  if (width === 4) return String(view.getUint32(at))
  return String(width === 2 ? view.getUint16(at) : view.getUint8(at))
}

function signedText(view: DataView, at: number, width: number): string {
  if (width === 8) return view.getBigInt64(at).toString()
  if (width === 4) return String(view.getInt32(at))
  return String(width === 2 ? view.getInt16(at) : view.getInt8(at))
}

/** Returns a timestamp of 4, 8 or 12 bytes; undefined for another size, or if its nanoseconds make more than a second. */
function timestampText(view: DataView, at: number, size: number): string | undefined {
  if (size === 4) return timeText(BigInt(view.getUint32(at)), 0)
  if (size === 8) {
    const word = view.getBigUint64(at)
    return timeText(word & 0x3_ffff_ffffn, Number(word >> 34n))
  }
  return size === 12 ? timeText(view.getBigInt64(at + 4), view.getUint32(at)) : undefined
}

function timeText(seconds: bigint, nanos: number): string | undefined {
  if (nanos > MOST_NANOS) return undefined
  const digits = nanos === 0 ? '' : `.${String(nanos).padStart(9, '0').replace(/0+$/, '')}`
  if (seconds < FIRST_SECOND || seconds > LAST_SECOND) return `@${seconds}${digits}`
  return `${new Date(Number(seconds) * 1000).toISOString().slice(0, -5)}${digits}Z`
}
