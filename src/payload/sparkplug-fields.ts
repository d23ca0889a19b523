/**
 * The fields of a Sparkplug B payload (specification 3.0.0, chapter 6.4, "Google Protocol Buffer Schema"): the numbers of the
 * schema, by message, and the data types.
 */
import { type Fields, WireType } from './wire.ts'

export const PAYLOAD = { timestamp: 1, metrics: 2, seq: 3, uuid: 4, body: 5 } as const
export const METRIC = {
  name: 1,
  alias: 2,
  timestamp: 3,
  datatype: 4,
  isHistorical: 5,
  isTransient: 6,
  isNull: 7,
  metadata: 8,
  properties: 9,
} as const
export const TEMPLATE = { version: 1, metrics: 2, parameters: 3, ref: 4, isDefinition: 5 } as const
export const PARAMETER = { name: 1, type: 2 } as const
export const DATA_SET = { columnCount: 1, columns: 2, types: 3, rows: 4 } as const
export const ROW = { elements: 1 } as const
export const PROPERTY_SET = { keys: 1, values: 2 } as const
export const PROPERTY_VALUE = { type: 1, isNull: 2 } as const
export const PROPERTY_SETS = { sets: 1 } as const

/** Where a value is found: its kinds follow each other in every message that has one, in the same order. */
export interface ValueFields {
  /** Number of `int_value`; `long_value`, `float_value`, `double_value`, `boolean_value`, `string_value` follow. */
  readonly first: number
  /** Messages and bytes; absent where the message has none. */
  readonly bytes?: number
  readonly dataSet?: number
  readonly template?: number
  readonly set?: number
  readonly sets?: number
}

export const METRIC_VALUE: ValueFields = { first: 10, bytes: 16, dataSet: 17, template: 18 }
export const PROPERTY_VALUE_VALUE: ValueFields = { first: 3, set: 9, sets: 10 }
export const PARAMETER_VALUE: ValueFields = { first: 3 }
export const CELL_VALUE: ValueFields = { first: 1 }
/** Offsets from `first`. */
export const Kind = { int: 0, long: 1, float: 2, double: 3, boolean: 4, string: 5 } as const

/** Names of the data types by number (chapter 6.4.16). */
export const DATA_TYPES: readonly string[] = [
  'Unknown',
  'Int8',
  'Int16',
  'Int32',
  'Int64',
  'UInt8',
  'UInt16',
  'UInt32',
  'UInt64',
  'Float',
  'Double',
  'Boolean',
  'String',
  'DateTime',
  'Text',
  'UUID',
  'DataSet',
  'Bytes',
  'File',
  'Template',
  'PropertySet',
  'PropertySetList',
  'Int8Array',
  'Int16Array',
  'Int32Array',
  'Int64Array',
  'UInt8Array',
  'UInt16Array',
  'UInt32Array',
  'UInt64Array',
  'FloatArray',
  'DoubleArray',
  'BooleanArray',
  'StringArray',
  'DateTimeArray',
]

export const Type = { boolean: 11, booleanArray: 32, stringArray: 33, template: 19, dataSet: 16 } as const

/** Bits of the whole numbers with a sign, by data type: they are written without one. */
export const SIGNED_BITS: Readonly<Record<number, number>> = { 1: 8, 2: 16, 3: 32, 4: 64 }

/** How one element of an array is packed, by data type (chapter 6.4.17); all are little-endian. */
export const PACKED: Readonly<
  Record<number, { readonly size: number; readonly kind: 'signed' | 'unsigned' | 'float' }>
> = {
  22: { size: 1, kind: 'signed' },
  23: { size: 2, kind: 'signed' },
  24: { size: 4, kind: 'signed' },
  25: { size: 8, kind: 'signed' },
  26: { size: 1, kind: 'unsigned' },
  27: { size: 2, kind: 'unsigned' },
  28: { size: 4, kind: 'unsigned' },
  29: { size: 8, kind: 'unsigned' },
  30: { size: 4, kind: 'float' },
  31: { size: 8, kind: 'float' },
  34: { size: 8, kind: 'signed' },
}

/** Returns the name of a data type; a number that no type has is its own name. */
export const typeName = (type: number): string => DATA_TYPES[type] ?? String(type)

/** Wire types of the fields of a payload, by number. */
const PAYLOAD_TYPES: readonly number[] = [
  -1,
  WireType.varint,
  WireType.bytes,
  WireType.varint,
  WireType.bytes,
  WireType.bytes,
]

/** True if one of the fields is of the schema, or there is none at all: `55.49` is protobuf, too, with a field 6. */
export const isPayload = ({ numbers, types, size }: Fields): boolean =>
  size === 0 || numbers.some((number, entry) => PAYLOAD_TYPES[number] === types[entry])

const KIND_TYPES = [
  WireType.varint,
  WireType.varint,
  WireType.fixed32,
  WireType.fixed64,
  WireType.varint,
  WireType.bytes,
] as const

/** Returns the entry of the value: the last of those that exclude each other (`oneof`); -1 for none. */
export function valueEntry(fields: Fields, where: ValueFields): number {
  for (let entry = fields.size - 1; entry >= 0; entry--) {
    const number = fields.numbers[entry] as number
    const type = fields.types[entry] as number
    if (number >= where.first && KIND_TYPES[number - where.first] === type) return entry
    if (type === WireType.bytes && isInner(number, where)) return entry
  }
  return -1
}

const isInner = (number: number, { bytes, dataSet, template, set, sets }: ValueFields): boolean =>
  number === bytes || number === dataSet || number === template || number === set || number === sets
