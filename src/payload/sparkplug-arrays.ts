/** Arrays of Sparkplug B (data types 22 to 34): one field of bytes that holds the elements one after the other. */

import { u32le } from '../base/bytes.ts'
import type { Announcer } from './announcer.ts'
import { DATA_SET, PACKED, Type } from './sparkplug-fields.ts'
import { doubleText, type Fields, fixedText, float32, float64, floatText, uint32, WireType } from './wire.ts'

/** Bytes of the count in front of an array of booleans. */
const COUNT = 4

/**
 * Announces the bytes of a metric as its data type has them. Bytes that no array of this type can have, and types that are
 * no arrays, are announced as bytes.
 */
export function announceArray(out: Announcer, bytes: Uint8Array, start: number, end: number, type: number): boolean {
  const packed = PACKED[type]
  if (type === Type.booleanArray && hasBooleans(bytes, start, end)) return booleans(out, bytes, start, end)
  if (type === Type.stringArray && isTerminated(bytes, start, end)) return strings(out, bytes, start, end)
  if (packed === undefined || (end - start) % packed.size !== 0) return out.bytes(start, end)
  if (!out.open('array', start)) return false
  for (let at = start; at < end; at += packed.size) {
    if (!out.number(textOf(bytes, at, packed.size, packed.kind), at, at + packed.size)) return false
  }
  return out.close(end)
}

function textOf(bytes: Uint8Array, at: number, size: number, kind: 'signed' | 'unsigned' | 'float'): string {
  if (kind !== 'float') return fixedText(bytes, at, size, kind === 'signed')
  return size === 4 ? floatText(float32(bytes, at)) : doubleText(float64(bytes, at))
}

/** True if there are as many bits as the count says, and no byte more. */
const hasBooleans = (bytes: Uint8Array, start: number, end: number): boolean =>
  end - start >= COUNT && Math.ceil(u32le(bytes, start) / 8) === end - start - COUNT

/** A count, then bits from the top of each byte. */
function booleans(out: Announcer, bytes: Uint8Array, start: number, end: number): boolean {
  if (!out.open('array', start)) return false
  const count = u32le(bytes, start)
  for (let index = 0; index < count; index++) {
    const at = start + COUNT + (index >> 3)
    const isSet = ((bytes[at] as number) & (0x80 >> (index & 7))) !== 0
    if (!out.literal(isSet ? 'true' : 'false', at, at + 1)) return false
  }
  return out.close(end)
}

const isTerminated = (bytes: Uint8Array, start: number, end: number): boolean => start === end || bytes[end - 1] === 0

/** Texts, each with a zero byte behind it. */
function strings(out: Announcer, bytes: Uint8Array, start: number, end: number): boolean {
  if (!out.open('array', start)) return false
  for (let at = start; at < end; ) {
    let stop = at
    while (bytes[stop] !== 0) stop++
    if (!out.text(at, stop)) return false
    at = stop + 1
  }
  return out.close(end)
}

/** The data type of a column, and its bytes. */
export interface PlacedType {
  readonly type: number
  readonly from: number
  readonly to: number
}

/** Returns the types of the columns of a DataSet, which are sent one by one or packed into one field. */
export function columnTypes(bytes: Uint8Array, fields: Fields): readonly PlacedType[] {
  const types: PlacedType[] = []
  for (let entry = 0; entry < fields.size; entry++) {
    if (fields.numbers[entry] !== DATA_SET.types) continue
    const isPacked = fields.types[entry] === WireType.bytes
    if (isPacked || fields.types[entry] === WireType.varint)
      addTypes(types, bytes, fields.start(entry), fields.stop(entry))
  }
  return types
}

function addTypes(types: PlacedType[], bytes: Uint8Array, start: number, end: number): void {
  for (let from = start, at = start; at < end; at++) {
    if ((bytes[at] as number) >= 0x80) continue
    types.push({ type: uint32(bytes, from, at + 1), from, to: at + 1 })
    from = at + 1
  }
}
