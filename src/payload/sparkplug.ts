/**
 * Sparkplug B payloads (specification 3.0.0, chapter 6.4): a table of fields over protobuf's wire format. Metrics are
 * announced with the data type they say, or that their birth said: the wire alone does not tell -5 from 4294967291.
 */
import type { PayloadDecoder, ValueSink } from './decoder.ts'
import { type Inside, isTrue, MessageWalk } from './message-walk.ts'
import { announceArray, columnTypes, type PlacedType } from './sparkplug-arrays.ts'
import {
  CELL_VALUE,
  DATA_SET,
  isPayload,
  Kind,
  METRIC,
  METRIC_VALUE,
  PARAMETER,
  PARAMETER_VALUE,
  PAYLOAD,
  PROPERTY_SET,
  PROPERTY_SETS,
  PROPERTY_VALUE,
  PROPERTY_VALUE_VALUE,
  ROW,
  SIGNED_BITS,
  TEMPLATE,
  typeName,
  type ValueFields,
  valueEntry,
} from './sparkplug-fields.ts'
import { doubleText, Fields, float32, float64, floatText, signedText, uint32, unsignedText, WireType } from './wire.ts'

/** What a birth said of a metric. */
export interface BornMetric {
  readonly name: string
  /** -1 where the birth said none. */
  readonly type: number
  /** Packet of the birth. */
  readonly from: number
}

/** What the births of the node said, asked for a metric that gives its alias alone, or no data type. */
export interface Births {
  byAlias(alias: string): BornMetric | undefined
  byName(name: string): BornMetric | undefined
}

export class SparkplugDecoder implements PayloadDecoder {
  readonly name = 'sparkplug'
  /** Births of the node whose payload comes next; undefined where none are known. */
  births: Births | undefined = undefined

  decode(bytes: Uint8Array, start: number, end: number, sink: ValueSink): boolean {
    return new SparkplugWalk(bytes, sink, this.births).payload(start, end)
  }
}

class SparkplugWalk extends MessageWalk {
  private readonly births: Births | undefined

  constructor(bytes: Uint8Array, sink: ValueSink, births: Births | undefined) {
    super(bytes, sink)
    this.births = births
  }

  payload(start: number, end: number): boolean {
    const fields = new Fields(this.bytes)
    return (
      this.out.open('map', start) &&
      this.out.read(fields, start, end) &&
      (isPayload(fields) || this.out.fault('no field of a Sparkplug payload is in it', start)) &&
      this.number(fields, PAYLOAD.timestamp, 'timestamp') &&
      this.number(fields, PAYLOAD.seq, 'seq') &&
      this.metrics(fields, PAYLOAD.metrics) &&
      this.text(fields, PAYLOAD.uuid, 'uuid') &&
      this.one(fields, PAYLOAD.body, WireType.bytes, 'body', (from, to) => this.out.bytes(from, to)) &&
      this.out.close(end)
    )
  }

  private metrics(fields: Fields, number: number): boolean {
    return this.list(fields, number, 'metrics', (from, to) => this.metric(from, to))
  }

  private metric(start: number, end: number): boolean {
    const fields = new Fields(this.bytes)
    if (!this.out.open('map', start) || !this.out.read(fields, start, end)) return false
    const born = this.born(fields)
    const said = fields.last(METRIC.datatype, WireType.varint)
    const type = said < 0 ? (born?.type ?? 0) : uint32(this.bytes, fields.start(said), fields.stop(said))
    return (
      this.nameOf(fields, born, start) &&
      this.number(fields, METRIC.alias, 'alias') &&
      this.number(fields, METRIC.timestamp, 'timestamp') &&
      this.typeOf(fields, said, type, born, start) &&
      this.flag(fields, METRIC.isHistorical, 'isHistorical') &&
      this.flag(fields, METRIC.isTransient, 'isTransient') &&
      this.message(fields, METRIC.metadata, 'metadata', (from, to, parts) => this.metadata(from, to, parts)) &&
      this.message(fields, METRIC.properties, 'properties', (from, to, parts) => this.properties(from, to, parts)) &&
      this.value(fields, METRIC_VALUE, type, METRIC.isNull, start) &&
      this.out.close(end)
    )
  }

  /** Returns what the births said of a metric that leaves something out. */
  private born(fields: Fields): BornMetric | undefined {
    if (this.births === undefined) return undefined
    const name = fields.last(METRIC.name, WireType.bytes)
    if (name >= 0) {
      if (fields.last(METRIC.datatype, WireType.varint) >= 0) return undefined
      return this.births.byName(decode(this.bytes, fields.start(name), fields.stop(name)))
    }
    const alias = fields.last(METRIC.alias, WireType.varint)
    return alias < 0
      ? undefined
      : this.births.byAlias(unsignedText(this.bytes, fields.start(alias), fields.stop(alias)))
  }

  private nameOf(fields: Fields, born: BornMetric | undefined, start: number): boolean {
    if (fields.last(METRIC.name, WireType.bytes) >= 0) return this.text(fields, METRIC.name, 'name')
    if (born === undefined) return true
    this.out.key('name', start, start)
    return this.out.word(born.name, start, start)
  }

  private typeOf(fields: Fields, said: number, type: number, born: BornMetric | undefined, start: number): boolean {
    if (said < 0 && (born === undefined || born.type < 0)) return this.fromOf(born, start)
    const [from, to] = said < 0 ? [start, start] : [fields.start(said), fields.stop(said)]
    this.out.key('dataType', said < 0 ? start : (fields.tags[said] as number), from)
    return this.out.word(typeName(type), from, to) && this.fromOf(born, start)
  }

  private fromOf(born: BornMetric | undefined, start: number): boolean {
    if (born === undefined) return true
    this.out.key('from', start, start)
    return this.out.number(String(born.from), start, start)
  }

  private metadata(_start: number, end: number, fields: Fields): boolean {
    return (
      this.flag(fields, 1, 'isMultiPart') &&
      this.text(fields, 2, 'contentType') &&
      this.number(fields, 3, 'size') &&
      this.number(fields, 4, 'seq') &&
      this.text(fields, 5, 'fileName') &&
      this.text(fields, 6, 'fileType') &&
      this.text(fields, 7, 'md5') &&
      this.text(fields, 8, 'description') &&
      this.out.close(end)
    )
  }

  /** Keys and values stand in two lists of one length; what the longer one has more of is left out. */
  private properties(_start: number, end: number, fields: Fields): boolean {
    const keys = fields.all(PROPERTY_SET.keys, WireType.bytes)
    const values = fields.all(PROPERTY_SET.values, WireType.bytes)
    for (const [index, value] of values.entries()) {
      const key = keys[index]
      if (key === undefined) break
      this.out.ownKey(fields.start(key), fields.stop(key))
      if (!this.property(fields.start(value), fields.stop(value))) return false
    }
    return this.out.close(end)
  }

  private property(start: number, end: number): boolean {
    const fields = new Fields(this.bytes)
    if (!this.out.read(fields, start, end)) return false
    const type = this.uint(fields, PROPERTY_VALUE.type)
    return this.bare(fields, PROPERTY_VALUE_VALUE, type, PROPERTY_VALUE.isNull, start)
  }

  /** The value of a metric or parameter with its key; nothing where none was sent. */
  private value(fields: Fields, where: ValueFields, type: number, isNull: number, start: number): boolean {
    if (valueEntry(fields, where) < 0 && !this.isSet(fields, isNull)) return true
    const entry = valueEntry(fields, where)
    if (entry < 0) this.out.key('value', start, start)
    else this.out.key('value', fields.tags[entry] as number, fields.start(entry))
    return this.bare(fields, where, type, isNull, start)
  }

  /** The value alone, null if there is none. */
  private bare(fields: Fields, where: ValueFields, type: number, isNull: number, start: number): boolean {
    const entry = valueEntry(fields, where)
    if (entry < 0 || this.isSet(fields, isNull)) return this.out.literal('null', start, start)
    const from = fields.start(entry)
    const to = fields.stop(entry)
    const number = fields.numbers[entry] as number
    if (number === where.bytes) return announceArray(this.out, this.bytes, from, to, type)
    if (number === where.sets) return this.sets(from, to)
    const inner = this.innerOf(number, where)
    return inner === undefined ? this.scalar(number - where.first, from, to, type) : this.inside(from, to, inner)
  }

  private innerOf(number: number, where: ValueFields): Inside | undefined {
    if (number === where.dataSet) return (_from, to, fields) => this.dataSet(to, fields)
    if (number === where.template) return (_from, to, fields) => this.template(to, fields)
    if (number === where.set) return this.setInside
    return undefined
  }

  private scalar(kind: number, from: number, to: number, type: number): boolean {
    const { bytes, out } = this
    if (kind === Kind.float) return out.number(floatText(float32(bytes, from)), from, to)
    if (kind === Kind.double) return out.number(doubleText(float64(bytes, from)), from, to)
    if (kind === Kind.string) return out.text(from, to)
    if (kind === Kind.boolean) return out.literal(isTrue(bytes, from, to) ? 'true' : 'false', from, to)
    const bits = SIGNED_BITS[type]
    if (bits !== undefined) return out.number(signedText(bytes, from, to, bits), from, to)
    const text = kind === Kind.int ? String(uint32(bytes, from, to)) : unsignedText(bytes, from, to)
    return out.number(text, from, to)
  }

  /** A list of sets is an array of them. */
  private sets(from: number, to: number): boolean {
    const fields = new Fields(this.bytes)
    if (!this.out.open('array', from) || !this.out.read(fields, from, to)) return false
    for (const entry of fields.all(PROPERTY_SETS.sets, WireType.bytes))
      if (!this.inside(fields.start(entry), fields.stop(entry), this.setInside)) return false
    return this.out.close(to)
  }

  private readonly setInside: Inside = (from, to, fields) => this.properties(from, to, fields)

  private dataSet(end: number, fields: Fields): boolean {
    const types = columnTypes(this.bytes, fields)
    this.out.key('columns', end, end)
    if (!this.out.open('array', end)) return false
    for (const entry of fields.all(DATA_SET.columns, WireType.bytes))
      if (!this.out.text(fields.start(entry), fields.stop(entry))) return false
    this.out.close(end)
    this.out.key('types', end, end)
    if (!this.out.open('array', end)) return false
    for (const { type, from, to } of types) if (!this.out.word(typeName(type), from, to)) return false
    this.out.close(end)
    const rows = fields.all(DATA_SET.rows, WireType.bytes)
    this.out.key('rows', end, end)
    if (!this.out.open('array', end)) return false
    for (const row of rows) if (!this.row(fields.start(row), fields.stop(row), types)) return false
    return this.out.close(end) && this.out.close(end)
  }

  private row(start: number, end: number, types: readonly PlacedType[]): boolean {
    const fields = new Fields(this.bytes)
    if (!this.out.open('array', start) || !this.out.read(fields, start, end)) return false
    for (const [column, entry] of fields.all(ROW.elements, WireType.bytes).entries()) {
      const cell = new Fields(this.bytes)
      const from = fields.start(entry)
      if (!this.out.read(cell, from, fields.stop(entry))) return false
      if (!this.bare(cell, CELL_VALUE, types[column]?.type ?? 0, 0, from)) return false
    }
    return this.out.close(end)
  }

  private template(end: number, fields: Fields): boolean {
    return (
      this.text(fields, TEMPLATE.ref, 'ref') &&
      this.text(fields, TEMPLATE.version, 'version') &&
      this.flag(fields, TEMPLATE.isDefinition, 'isDefinition') &&
      this.metrics(fields, TEMPLATE.metrics) &&
      this.list(fields, TEMPLATE.parameters, 'parameters', (from, to) => this.parameter(from, to)) &&
      this.out.close(end)
    )
  }

  private parameter(start: number, end: number): boolean {
    const fields = new Fields(this.bytes)
    if (!this.out.open('map', start) || !this.out.read(fields, start, end)) return false
    const said = fields.last(PARAMETER.type, WireType.varint)
    const type = this.uint(fields, PARAMETER.type)
    return (
      this.text(fields, PARAMETER.name, 'name') &&
      this.typeOf(fields, said, type, undefined, start) &&
      this.value(fields, PARAMETER_VALUE, type, 0, start) &&
      this.out.close(end)
    )
  }
}

const decoder = new TextDecoder()
const decode = (bytes: Uint8Array, from: number, to: number): string => decoder.decode(bytes.subarray(from, to))
