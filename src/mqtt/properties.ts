/** The properties of MQTT 5 (§2.2.2), driven by the table in `spec.ts`. */
import { u8, u16, u32 } from '../base/bytes.ts'
import type { Field, FieldSink } from '../base/field.ts'
import { Fault } from './faults.ts'
import {
  PROP_KEY,
  PROP_KEY_LEN,
  PROP_STRING_LEN,
  PROP_UNKNOWN,
  PROP_VALUE,
  PROP_VALUE_LEN,
  PROPERTY_FIELDS,
  PROPERTY_GROUP,
  PROPERTY_ID,
  PROPERTY_LEN,
} from './fields.ts'
import { MOST_LENGTH_BYTES, PROPERTY_BY_ID, type Property, PropertyId, type PropertyKind } from './spec.ts'
import { faultAt, textFault } from './text.ts'
import { hasWildcard } from './topic.ts'

/**
 * Result of a step of a walk: the offset after the bytes read; `~offset` (negative) if the bytes end too soon for the
 * field at `offset`; STOP after a fault that leaves the rest unreadable.
 */
export type Offset = number
export const STOP: Offset = ~0x7fffffff

/** Bytes of the variable byte integer at `at` (§1.5.5): 1 to 4; 0 where the bytes end before it, -1 where it goes on too long. */
export function varintSize(bytes: Uint8Array, at: number, limit: number): number {
  for (let size = 1; size <= MOST_LENGTH_BYTES; size++) {
    if (at + size > limit) return 0
    if (u8(bytes, at + size - 1) < 0x80) return size
  }
  return -1
}

/** Returns the value of a variable byte integer that `varintSize` has found whole. */
export function varintValue(bytes: Uint8Array, at: number, size: number): number {
  let value = 0
  for (let index = size - 1; index >= 0; index--) value = value * 128 + (u8(bytes, at + index) & 0x7f)
  return value
}

/** `[MQTT-1.5.5-1]`: no longer than needed. */
export const isMinimal = (bytes: Uint8Array, at: number, size: number): boolean =>
  size === 1 || u8(bytes, at + size - 1) !== 0

/** A two-byte length and so many bytes of UTF-8: MQTT 5 §1.5.4. */
export function textField(
  bytes: Uint8Array,
  at: number,
  limit: number,
  sink: FieldSink,
  lengthField: Field,
  valueField: Field,
): Offset {
  const end = sizedField(bytes, at, limit, sink, lengthField, valueField)
  if (end < 0) return end
  const fault = textFault(bytes, at + 2, end)
  if (fault !== 0) sink.fault(fault, faultAt)
  return end
}

/** A two-byte length and so many bytes of any kind: MQTT 5 §1.5.6. */
export function sizedField(
  bytes: Uint8Array,
  at: number,
  limit: number,
  sink: FieldSink,
  lengthField: Field,
  valueField: Field,
): Offset {
  if (at + 2 > limit) return ~at
  const size = u16(bytes, at)
  sink.field(lengthField, at, at + 2, size)
  const from = at + 2
  if (from + size > limit) return ~at
  sink.field(valueField, from, from + size, 0)
  return from + size
}

/** Contents of the last block read; scratch, made once. */
export const block = {
  /** Bits of identifiers below and from 32. */
  low: 0,
  high: 0,
  payloadFormat: 0,
}

export const blockHolds = (id: number): boolean => ((id < 32 ? block.low >>> id : block.high >>> (id - 32)) & 1) === 1

const OWNERS: readonly number[] = PROPERTY_BY_ID.map(bits(property => property.in))
const REPEATS: readonly number[] = PROPERTY_BY_ID.map(bits(property => property.repeats ?? []))

function bits(ownersOf: (property: Property) => readonly number[]): (property: Property | undefined) => number {
  return property => (property === undefined ? 0 : ownersOf(property).reduce((sum, owner) => sum | (1 << owner), 0))
}

/** Announces a property length and the properties after it; `owner` is the packet type that has them, or WILL. */
export function properties(
  bytes: Uint8Array,
  at: number,
  limit: number,
  sink: FieldSink,
  group: Field,
  owner: number,
): Offset {
  block.low = 0
  block.high = 0
  block.payloadFormat = 0
  const size = varintSize(bytes, at, limit)
  if (size === 0) return ~at
  if (size < 0) {
    sink.fault(Fault.badLength, at)
    return STOP
  }
  const length = varintValue(bytes, at, size)
  const end = at + size + length
  sink.open(group, at)
  sink.field(PROPERTY_LEN, at, at + size, length)
  if (!isMinimal(bytes, at, size)) sink.fault(Fault.longLength, at)
  let next = at + size
  while (next < end) {
    // A block longer than the packet: what fits is shown.
    if (next >= limit) return ~next
    next = property(bytes, next, end, limit, sink, owner)
    if (next < 0) return next
  }
  if (next > end) sink.fault(Fault.propertyOverrun, at)
  if (blockHolds(PropertyId.authenticationData) && !blockHolds(PropertyId.authenticationMethod))
    sink.fault(Fault.authDataWithoutMethod, at)
  sink.close(end)
  return end
}

/** One property; a value that overruns the block is still shown as far as the packet (`limit`) goes. */
function property(bytes: Uint8Array, at: number, end: number, limit: number, sink: FieldSink, owner: number): Offset {
  const id = u8(bytes, at)
  const known = PROPERTY_BY_ID[id]
  const field = PROPERTY_FIELDS[id]
  if (known === undefined || field === undefined) return unknownProperty(bytes, at, end, limit, sink)
  sink.open(known.kind === 'pair' ? field : PROPERTY_GROUP, at)
  sink.field(PROPERTY_ID, at, at + 1, id)
  remember(id, at, sink, owner)
  const next = VALUES[known.kind](bytes, at + 1, limit, sink, field, known)
  if (next < 0) return next
  if (id === PropertyId.payloadFormatIndicator) block.payloadFormat = u8(bytes, at + 1)
  if (id === PropertyId.responseTopic) responseTopic(bytes, at + 3, next, sink)
  sink.close(next)
  return next
}

/** A topic name: `[MQTT-3.3.2-14]`, `[MQTT-4.7.3-1]`. */
function responseTopic(bytes: Uint8Array, start: number, end: number, sink: FieldSink): void {
  if (start === end) sink.fault(Fault.emptyResponseTopic, start)
  else if (hasWildcard(bytes, start, end)) sink.fault(Fault.wildcardInResponseTopic, start)
}

/** Announces an unknown property. Its end is unknown, so the rest of the block belongs to it. */
function unknownProperty(bytes: Uint8Array, at: number, end: number, limit: number, sink: FieldSink): Offset {
  sink.open(PROPERTY_GROUP, at)
  sink.field(PROPERTY_ID, at, at + 1, u8(bytes, at))
  sink.fault(Fault.unknownProperty, at)
  if (end > limit) return ~(at + 1)
  sink.field(PROP_UNKNOWN, at + 1, end, 0)
  sink.close(end)
  return end
}

function remember(id: number, at: number, sink: FieldSink, owner: number): void {
  if ((((OWNERS[id] ?? 0) >>> owner) & 1) === 0) sink.fault(Fault.propertyNotAllowed, at)
  if (blockHolds(id) && (((REPEATS[id] ?? 0) >>> owner) & 1) === 0) sink.fault(Fault.repeatedProperty, at)
  if (id < 32) block.low |= 1 << id
  else block.high |= 1 << (id - 32)
}

type Reader = (
  bytes: Uint8Array,
  at: number,
  limit: number,
  sink: FieldSink,
  field: Field,
  property: Property,
) => Offset

const VALUES: Readonly<Record<PropertyKind, Reader>> = {
  byte: (bytes, at, limit, sink, field, property) =>
    at + 1 > limit ? ~at : number(sink, field, property, at, at + 1, u8(bytes, at)),
  two: (bytes, at, limit, sink, field, property) =>
    at + 2 > limit ? ~at : number(sink, field, property, at, at + 2, u16(bytes, at)),
  four: (bytes, at, limit, sink, field, property) =>
    at + 4 > limit ? ~at : number(sink, field, property, at, at + 4, u32(bytes, at)),
  varint,
  text: (bytes, at, limit, sink, field, property) =>
    property.name === 'contentType'
      ? contentType(bytes, at, limit, sink, field)
      : textField(bytes, at, limit, sink, PROP_STRING_LEN, field),
  binary: (bytes, at, limit, sink, field) => sizedField(bytes, at, limit, sink, PROP_STRING_LEN, field),
  pair,
}

/** Wireshark counts the length of a content type as part of its value, so it has no field of its own there; nor here. */
function contentType(bytes: Uint8Array, at: number, limit: number, sink: FieldSink, field: Field): Offset {
  if (at + 2 > limit) return ~at
  const end = at + 2 + u16(bytes, at)
  if (end > limit) return ~at
  sink.field(field, at + 2, end, 0)
  const fault = textFault(bytes, at + 2, end)
  if (fault !== 0) sink.fault(fault, faultAt)
  return end
}

/** `[MQTT-3.3.2-8]`: an alias of 0 has a number of its own. */
const outOfRange = ({ name }: Property): number => (name === 'topicAlias' ? Fault.zeroAlias : Fault.propertyValue)

function number(sink: FieldSink, field: Field, property: Property, start: number, end: number, value: number): Offset {
  sink.field(field, start, end, value)
  if (value < (property.least ?? 0) || value > (property.most ?? value)) sink.fault(outOfRange(property), start)
  return end
}

function varint(
  bytes: Uint8Array,
  at: number,
  limit: number,
  sink: FieldSink,
  field: Field,
  property: Property,
): Offset {
  const size = varintSize(bytes, at, limit)
  if (size === 0) return ~at
  if (size < 0) {
    sink.fault(Fault.badLength, at)
    return STOP
  }
  if (!isMinimal(bytes, at, size)) sink.fault(Fault.longLength, at)
  return number(sink, field, property, at, at + size, varintValue(bytes, at, size))
}

/** `[MQTT-1.5.7-1]`: both halves are UTF-8. */
function pair(bytes: Uint8Array, at: number, limit: number, sink: FieldSink): Offset {
  const middle = textField(bytes, at, limit, sink, PROP_KEY_LEN, PROP_KEY)
  return middle < 0 ? middle : textField(bytes, middle, limit, sink, PROP_VALUE_LEN, PROP_VALUE)
}
