/**
 * The wire format of protobuf (protobuf.dev, "Encoding"): the fields of a message with their places. It needs no schema, and it
 * does not say what a field means: the same bytes may be a text, a message or a packed list.
 */
import { viewOf } from '../base/bytes.ts'
import { asciiText, isPlainAscii } from '../base/strings.ts'
import { MOST_VALUES } from './decoder.ts'

/** How the value of a field is written. Groups (3, 4) are old and are passed over as one value. */
export const WireType = { varint: 0, fixed64: 1, bytes: 2, group: 3, groupEnd: 4, fixed32: 5 } as const

/** Bytes of the longest varint: 64 bits, 7 in each. */
const LONGEST_VARINT = 10
/** Bytes of the longest tag: a field number of 29 bits and 3 bits of type. */
const LONGEST_TAG = 5
/** Groups inside each other that are passed over. */
const MOST_GROUPS = 100

/** The fields of one message, in the order in which they came. Reading another range adds to them, as protobuf merges messages. */
export class Fields {
  /** Field numbers, wire types, first bytes of the tags, and the range of the values without their length. */
  readonly numbers: number[] = []
  readonly types: number[] = []
  readonly tags: number[] = []
  readonly starts: number[] = []
  readonly ends: number[] = []
  /** The reason why the bytes are no message, and where; undefined while they are one. */
  fault: string | undefined = undefined
  faultAt = 0
  private bytes: Uint8Array
  private at = 0
  private end = 0

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }

  /** Adds the fields of `bytes[start..end)`. False, with `fault` set, if they are not fields to the last byte. */
  read(start: number, end: number): boolean {
    this.at = start
    this.end = end
    while (this.at < this.end) if (!this.next()) return false
    return true
  }

  get size(): number {
    return this.numbers.length
  }

  /** Returns the last entry of a field that is written as `type`; -1 if there is none. The last one counts. */
  last(number: number, type: number): number {
    for (let entry = this.size - 1; entry >= 0; entry--) if (this.is(entry, number, type)) return entry
    return -1
  }

  /** Returns the entries of a field that are written as `type`, in order. */
  all(number: number, type: number): readonly number[] {
    const entries: number[] = []
    for (let entry = 0; entry < this.size; entry++) if (this.is(entry, number, type)) entries.push(entry)
    return entries
  }

  start(entry: number): number {
    return this.starts[entry] as number
  }

  /** First byte behind the value. */
  stop(entry: number): number {
    return this.ends[entry] as number
  }

  private is(entry: number, number: number, type: number): boolean {
    return this.numbers[entry] === number && this.types[entry] === type
  }

  private next(): boolean {
    const tag = this.at
    const after = varintEnd(this.bytes, tag, this.end, LONGEST_TAG)
    if (after < 0) return this.fail(faultOf(after), tag)
    const key = uint32(this.bytes, tag, after)
    if (key >>> 3 === 0) return this.fail('a field has number 0', tag)
    if (this.size >= MOST_VALUES) return this.fail(`there are more than ${MOST_VALUES} fields`, tag)
    return this.value(tag, after, key >>> 3, key & 7)
  }

  private value(tag: number, start: number, number: number, type: number): boolean {
    const length = type === WireType.bytes ? varintEnd(this.bytes, start, this.end) : start
    if (length < 0) return this.fail(faultOf(length), start)
    const stop = this.stopOf(start, number, type)
    if (stop < 0) return this.fail(faultOf(stop), start)
    if (stop > this.end) return this.fail('a field ends behind its message', start)
    this.numbers.push(number)
    this.types.push(type)
    this.tags.push(tag)
    this.starts.push(length)
    this.ends.push(stop)
    this.at = stop
    return true
  }

  /** Returns the first byte behind a value, or why there is none (see `Stop`). It may lie behind the end. */
  private stopOf(start: number, number: number, type: number): number {
    if (type === WireType.group) return groupEnd(this.bytes, start, this.end, number)
    if (type === WireType.groupEnd) return Stop.strayEnd
    return valueEnd(this.bytes, start, this.end, type)
  }

  private fail(fault: string, at: number): boolean {
    this.fault = fault
    this.faultAt = at
    return false
  }
}

/** Reasons why a value has no end, as negative offsets. */
const Stop = { short: -1, long: -2, type: -3, strayEnd: -4, openGroup: -5, deep: -6 } as const
const STOPS: readonly string[] = [
  'a number ends too soon',
  'a number is longer than it can be',
  'a field has a wire type that does not exist',
  'a group ends that was not begun',
  'a group does not end',
  'groups are too deep inside each other',
]

const faultOf = (stop: number): string => STOPS[-stop - 1] ?? ''

/** Returns the first byte behind the varint at `start`, or a `Stop`. */
export function varintEnd(bytes: Uint8Array, start: number, end: number, most = LONGEST_VARINT): number {
  const limit = Math.min(end, start + most)
  for (let at = start; at < limit; at++) if ((bytes[at] as number) < 0x80) return at + 1
  return limit < start + most ? Stop.short : Stop.long
}

function valueEnd(bytes: Uint8Array, start: number, end: number, type: number): number {
  if (type === WireType.varint) return varintEnd(bytes, start, end)
  if (type === WireType.fixed64) return start + 8
  if (type === WireType.fixed32) return start + 4
  if (type !== WireType.bytes) return Stop.type
  const after = varintEnd(bytes, start, end)
  return after < 0 ? after : after + uint64(bytes, start, after)
}

/** Returns the first byte behind the end of a group, whose fields are passed over. */
function groupEnd(bytes: Uint8Array, start: number, end: number, number: number): number {
  const open = [number]
  for (let at = start; at < end; ) {
    const after = varintEnd(bytes, at, end, LONGEST_TAG)
    if (after < 0) return after
    const key = uint32(bytes, at, after)
    const type = key & 7
    if (type === WireType.group) {
      if (open.push(key >>> 3) > MOST_GROUPS) return Stop.deep
      at = after
    } else if (type === WireType.groupEnd) {
      if (open.pop() !== key >>> 3) return Stop.strayEnd
      if (open.length === 0) return after
      at = after
    } else {
      at = valueEnd(bytes, after, end, type)
      if (at < 0) return at
    }
  }
  return Stop.openGroup
}

/** Returns the low 32 bits of a varint, unsigned. */
export function uint32(bytes: Uint8Array, start: number, end: number): number {
  let value = 0
  for (let at = start, shift = 0; at < end && shift < 32; at++, shift += 7)
    value |= ((bytes[at] as number) & 0x7f) << shift
  return value >>> 0
}

/** Returns a varint as a number; beyond 2^53 it is rounded. */
export function uint64(bytes: Uint8Array, start: number, end: number): number {
  if (end - start <= 4) return uint32(bytes, start, end)
  return Number(bigOf(bytes, start, end))
}

/** Returns all 64 bits of a varint, unsigned. */
export function bigOf(bytes: Uint8Array, start: number, end: number): bigint {
  let value = 0n
  for (let at = end - 1; at >= start; at--) value = (value << 7n) | BigInt((bytes[at] as number) & 0x7f)
  return BigInt.asUintN(64, value)
}

/** Returns the varint with all its digits, unsigned. */
export const unsignedText = (bytes: Uint8Array, start: number, end: number): string =>
  end - start <= 4 ? String(uint32(bytes, start, end)) : String(bigOf(bytes, start, end))

/** Returns the low `bits` bits of a varint as a signed number with all its digits. */
export const signedText = (bytes: Uint8Array, start: number, end: number, bits: number): string =>
  String(BigInt.asIntN(bits, bigOf(bytes, start, end)))

/** Returns a varint in ZigZag form (`sint32`, `sint64`) with all its digits. */
export function zigzagText(bytes: Uint8Array, start: number, end: number, bits: number): string {
  const value = BigInt.asUintN(bits, bigOf(bytes, start, end))
  return String((value & 1n) === 0n ? value >> 1n : -((value + 1n) >> 1n))
}

/** Returns a number of 64 bits as JSON writes it; `NaN`, `Infinity` and `-Infinity` are for the sink to write. */
export const doubleText = (value: number): string => (Object.is(value, -0) ? '-0.0' : String(value))

/** Returns the fewest digits that a number of 32 bits has for itself: 0.1, not 0.10000000149011612. */
export function floatText(value: number): string {
  if (!Number.isFinite(value) || Object.is(value, -0)) return doubleText(value)
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits))
    if (Math.fround(short) === value) return String(short)
  }
  return String(Number(value.toPrecision(9)))
}

/** Returns the little-endian number of 32 bits at `at`. Four bytes must be there. */
export const float32 = (bytes: Uint8Array, at: number): number => viewOf(bytes).getFloat32(at, true)

/** Returns the little-endian number of 64 bits at `at`. Eight bytes must be there. */
export const float64 = (bytes: Uint8Array, at: number): number => viewOf(bytes).getFloat64(at, true)

/** Returns a little-endian whole number of `size` bytes (1 to 8) with all its digits. */
export function fixedText(bytes: Uint8Array, at: number, size: number, isSigned: boolean): string {
  let value = 0n
  for (let index = size - 1; index >= 0; index--) value = (value << 8n) | BigInt(bytes[at + index] as number)
  return String(isSigned ? BigInt.asIntN(size * 8, value) : value)
}

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Returns the text of UTF-8 bytes; undefined if they are none. */
export function textOf(bytes: Uint8Array, start: number, end: number): string | undefined {
  if (isPlainAscii(bytes, start, end)) return asciiText(bytes, start, end)
  try {
    return strict.decode(bytes.subarray(start, end))
  } catch {
    return undefined
  }
}
