/**
 * Protobuf by a schema: values as Google's JSON form has them (protobuf.dev, "ProtoJSON Format"), with the names of the
 * schema. 64-bit numbers and bytes are texts, fields that were not sent are absent, and fields that the schema does not have
 * are counted in `unknown`.
 */
import { base64 } from '../base/strings.ts'
import { Announcer } from './announcer.ts'
import type { PayloadDecoder, ValueSink } from './decoder.ts'
import { durationText, isWrapper, timestampText } from './proto-known.ts'
import { emptyKey, keyText, LONG, wholeText } from './proto-scalar.ts'
import { mayBePacked, type ProtoField, type ProtoMessage, wireTypeOf } from './proto-type.ts'
import {
  doubleText,
  Fields,
  float32,
  float64,
  floatText,
  signedText,
  textOf,
  uint32,
  uint64,
  varintEnd,
  WireType,
} from './wire.ts'

/** Parts of the bytes that make one message: protobuf merges a message that was sent twice. */
type Ranges = readonly (readonly [start: number, end: number])[]

export class ProtobufDecoder implements PayloadDecoder {
  readonly name = 'protobuf'
  private readonly type: ProtoMessage

  /** `type`: the message that each payload is. */
  constructor(type: ProtoMessage) {
    this.type = type
  }

  decode(bytes: Uint8Array, start: number, end: number, sink: ValueSink): boolean {
    return new ProtobufWalk(bytes, sink).message(this.type, [[start, end]])
  }
}

/** A value of a field: one entry of a message, or one number of a packed list. */
interface Value {
  readonly start: number
  readonly end: number
  /** First byte of the tag. */
  readonly tag: number
}

/** The entries of a message by the fields of its type. */
interface Sorted {
  readonly values: ReadonlyMap<ProtoField, readonly Value[]>
  /** Entries that are of no field. */
  readonly unknown: number
}

class ProtobufWalk {
  private readonly bytes: Uint8Array
  private readonly out: Announcer

  constructor(bytes: Uint8Array, sink: ValueSink) {
    this.bytes = bytes
    this.out = new Announcer(bytes, sink)
  }

  message(type: ProtoMessage, ranges: Ranges): boolean {
    const [first, last] = [ranges[0]?.[0] ?? 0, ranges.at(-1)?.[1] ?? 0]
    const fields = new Fields(this.bytes)
    for (const [start, end] of ranges) if (!this.out.read(fields, start, end)) return false
    const known = this.wellKnown(type, fields, first, last)
    if (known !== undefined) return known
    if (!this.out.open('map', first) || !this.members(type, fields, last)) return false
    return this.out.close(last)
  }

  private members(type: ProtoMessage, fields: Fields, end: number): boolean {
    const { values, unknown } = this.sorted(type, fields)
    for (const field of type.fields) {
      const found = values.get(field)
      if (found === undefined || found.length === 0 || !isChosen(field, type, values)) continue
      const [first] = found
      this.out.key(field.name, first?.tag ?? end, first?.start ?? end)
      if (!this.field(field, found)) return false
    }
    if (unknown === 0) return true
    this.out.key('unknown', end, end)
    return this.out.number(String(unknown), end, end)
  }

  /** The values of each field, in the order in which they came. */
  private sorted(type: ProtoMessage, fields: Fields): Sorted {
    const values = new Map<ProtoField, Value[]>()
    const byNumber = new Map(type.fields.map(field => [field.number, field]))
    let known = 0
    for (let entry = 0; entry < fields.size; entry++) {
      const field = byNumber.get(fields.numbers[entry] as number)
      if (field === undefined || !this.take(field, fields, entry, values)) continue
      known++
    }
    return { values, unknown: fields.size - known }
  }

  /** Adds the values of one entry; false if it is not written as the field is, or is a number that its enum does not have. */
  private take(field: ProtoField, fields: Fields, entry: number, values: Map<ProtoField, Value[]>): boolean {
    const [start, end, tag] = [fields.start(entry), fields.stop(entry), fields.tags[entry] as number]
    const found = values.get(field) ?? []
    const isPacked = fields.types[entry] === WireType.bytes && mayBePacked(field)
    if (!isPacked && fields.types[entry] !== wireTypeOf(field)) return false
    const added = isPacked ? this.unpack(field, start, end, tag) : [{ start, end, tag }]
    const kept = added.filter(value => !field.isClosed || this.enumName(field, value) !== undefined)
    if (kept.length === 0 && added.length > 0) return false
    for (const value of kept) found.push(value)
    values.set(field, found)
    return true
  }

  /** The numbers of a packed list; what does not make a number at its end is left out. */
  private unpack(field: ProtoField, start: number, end: number, tag: number): Value[] {
    const type = wireTypeOf(field)
    const size = type === WireType.fixed32 ? 4 : 8
    const values: Value[] = []
    for (let at = start; at < end; ) {
      const next = type === WireType.varint ? varintEnd(this.bytes, at, end) : at + size
      if (next < 0 || next > end) break
      values.push({ start: at, end: next, tag })
      at = next
    }
    return values
  }

  private field(field: ProtoField, values: readonly Value[]): boolean {
    const last = values.at(-1)
    if (last === undefined) return true
    if (field.isMap) return this.map(field, values)
    if (field.isRepeated) return this.list(field, values, last)
    return field.kind === 'message' ? this.inner(field, values) : this.scalar(field, last)
  }

  private list(field: ProtoField, values: readonly Value[], last: Value): boolean {
    if (!this.out.open('array', values[0]?.start ?? 0)) return false
    for (const value of values) {
      if (!(field.kind === 'message' ? this.inner(field, [value]) : this.scalar(field, value))) return false
    }
    return this.out.close(last.end)
  }

  /** A message; the end of a group is its last tag, which is as long as its first one. */
  private inner({ message, isGroup }: ProtoField, values: readonly Value[]): boolean {
    if (message === undefined) return this.out.fault('the schema has no such message', values[0]?.start ?? 0)
    return this.message(
      message,
      values.map(({ start, end, tag }) => [start, isGroup ? end - (start - tag) : end] as const),
    )
  }

  /** The last value of a key counts; what an entry leaves out is empty. */
  private map(field: ProtoField, values: readonly Value[]): boolean {
    const [keyField, valueField] = field.message?.fields ?? []
    if (keyField === undefined || valueField === undefined) return false
    const entries = new Map<string, { readonly value: readonly Value[]; readonly at: Value }>()
    for (const at of values) {
      const fields = new Fields(this.bytes)
      if (!this.out.read(fields, at.start, at.end)) return false
      const found = this.sorted(field.message as ProtoMessage, fields).values
      const key = found.get(keyField)?.at(-1)
      const text = key === undefined ? emptyKey(keyField.kind) : keyText(this.bytes, keyField.kind, key.start, key.end)
      entries.set(text, { value: found.get(valueField) ?? [], at })
    }
    const [first] = values
    if (!this.out.open('map', first?.start ?? 0)) return false
    for (const [key, { value, at }] of entries) {
      this.out.key(key, at.start, at.end)
      if (!(value.length === 0 ? this.empty(valueField, at.end) : this.field(valueField, value))) return false
    }
    return this.out.close(values.at(-1)?.end ?? 0)
  }

  /** The value of a map that was not sent. */
  private empty({ kind, message, names }: ProtoField, at: number): boolean {
    if (kind === 'message') return message !== undefined && this.message(message, [[at, at]])
    if (kind === 'string' || kind === 'bytes') return this.out.word('', at, at)
    if (kind === 'bool') return this.out.literal('false', at, at)
    if (kind === 'enum') return this.out.word(names.get(0) ?? '0', at, at)
    return LONG.has(kind) ? this.out.word('0', at, at) : this.out.number('0', at, at)
  }

  private scalar(field: ProtoField, { start, end }: Value): boolean {
    const { bytes, out } = this
    switch (field.kind) {
      case 'string':
        return this.string(field, start, end)
      case 'bytes':
        return out.word(base64(bytes, start, end), start, end)
      case 'bool':
        return out.literal(uint64(bytes, start, end) === 0 ? 'false' : 'true', start, end)
      case 'float':
        return this.real(floatText(float32(bytes, start)), start, end)
      case 'double':
        return this.real(doubleText(float64(bytes, start)), start, end)
      case 'enum': {
        const name = this.enumName(field, { start, end })
        return name === undefined
          ? out.number(signedText(bytes, start, end, 32), start, end)
          : out.word(name, start, end)
      }
    }
    const text = wholeText(this.bytes, field.kind, start, end)
    return LONG.has(field.kind) ? out.word(text, start, end) : out.number(text, start, end)
  }

  private string({ name, isStrict }: ProtoField, start: number, end: number): boolean {
    if (isStrict && textOf(this.bytes, start, end) === undefined) return this.out.fault(`${name} is not UTF-8`, start)
    return this.out.text(start, end)
  }

  /** What JSON has no number for is a text in Google's form. */
  private real(text: string, start: number, end: number): boolean {
    return /\d/.test(text) ? this.out.number(text, start, end) : this.out.word(text, start, end)
  }

  private enumName({ names }: ProtoField, { start, end }: Pick<Value, 'start' | 'end'>): string | undefined {
    return names.get(uint32(this.bytes, start, end) | 0)
  }

  /** Messages of google.protobuf that JSON has a form of its own for; undefined for all others. */
  private wellKnown(type: ProtoMessage, fields: Fields, start: number, end: number): boolean | undefined {
    if (!type.name.startsWith('google.protobuf.')) return undefined
    if (type.name === 'google.protobuf.Timestamp' || type.name === 'google.protobuf.Duration') {
      const text = this.timeText(type.name, fields)
      return text === undefined ? undefined : this.out.word(text, start, end)
    }
    if (isWrapper(type.name)) {
      const [field] = type.fields
      if (field === undefined) return undefined
      const value = this.sorted(type, fields).values.get(field)?.at(-1)
      return value === undefined ? this.empty(field, end) : this.scalar(field, value)
    }
    return this.structure(type, fields, start, end)
  }

  private timeText(name: string, fields: Fields): string | undefined {
    const number = (field: number, bits: number): bigint => {
      const entry = fields.last(field, WireType.varint)
      return entry < 0 ? 0n : BigInt(signedText(this.bytes, fields.start(entry), fields.stop(entry), bits))
    }
    const [seconds, nanos] = [number(1, 64), Number(number(2, 32))]
    return name.endsWith('Timestamp') ? timestampText(seconds, nanos) : durationText(seconds, nanos)
  }

  /** Struct, ListValue and Value are the JSON that they stand for. */
  private structure(type: ProtoMessage, fields: Fields, start: number, end: number): boolean | undefined {
    const [field] = type.fields
    const { values } = this.sorted(type, fields)
    if (type.name === 'google.protobuf.Value') {
      const chosen = type.fields.find(one => (values.get(one)?.length ?? 0) > 0 && isChosen(one, type, values))
      if (chosen === undefined || chosen.kind === 'enum') return this.out.literal('null', start, end)
      return this.field(chosen, values.get(chosen) ?? [])
    }
    if (field === undefined) return undefined
    const found = values.get(field) ?? []
    if (type.name === 'google.protobuf.Struct') {
      return found.length > 0 ? this.map(field, found) : this.out.open('map', start) && this.out.close(end)
    }
    if (type.name !== 'google.protobuf.ListValue') return undefined
    const last = found.at(-1)
    return last === undefined ? this.out.open('array', start) && this.out.close(end) : this.list(field, found, last)
  }
}

/** True unless another member of the same `oneof` came later. */
function isChosen(field: ProtoField, type: ProtoMessage, values: ReadonlyMap<ProtoField, readonly Value[]>): boolean {
  if (field.oneof === undefined) return true
  const last = values.get(field)?.at(-1)?.tag ?? -1
  return type.fields.every(other => other.oneof !== field.oneof || (values.get(other)?.at(-1)?.tag ?? -1) <= last)
}
