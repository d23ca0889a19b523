/** A Sparkplug B payload as the rules need it: what was sent and what was left out, not the values of metrics. */
import { decodeText } from '../../base/strings.ts'
import { columnTypes } from '../../payload/sparkplug-arrays.ts'
import {
  DATA_SET,
  isPayload,
  Kind,
  METRIC,
  METRIC_VALUE,
  PAYLOAD,
  PROPERTY_SET,
  TEMPLATE,
  valueEntry,
} from '../../payload/sparkplug-fields.ts'
import { Fields, uint32, uint64, unsignedText, WireType } from '../../payload/wire.ts'

/** Bytes of the largest payload that is read. A larger one is taken for one that was not captured. */
export const MOST_BYTES = 1024 * 1024
/** The uuid of a payload whose body is another payload, compressed: no part of the specification, and not opened here. */
const COMPRESSED = 'SPBV1.0_COMPRESSED'

export type MetricFault = 'keys' | 'columns' | 'types' | 'definition'

export type MetricPart = 'properties' | 'data set' | 'template'

export interface MetricReading {
  readonly name: string | undefined
  /** With all its digits. */
  readonly alias: string | undefined
  readonly hasTime: boolean
  /** Number of the data type; -1 where none was sent. */
  readonly type: number
  /** The value of a boolean; undefined for all others. */
  readonly flag: boolean | undefined
  /** The value of a whole number, rounded beyond 2^53; NaN for all others. */
  readonly number: number
  readonly faults: readonly MetricFault[]
  /** Parts that rules are about. */
  readonly has: readonly MetricPart[]
}

export interface Reading {
  /** NaN where none was sent. */
  readonly seq: number
  readonly metrics: readonly MetricReading[]
  readonly isCompressed: boolean
}

/** The bytes are no payload of Sparkplug B. */
export interface Malformed {
  readonly fault: string
  readonly at: number
}

/** Reads `bytes[start..end)`. */
export function readPayload(bytes: Uint8Array, start: number, end: number): Reading | Malformed {
  const fields = new Fields(bytes)
  if (!fields.read(start, end)) return { fault: fields.fault ?? '', at: fields.faultAt }
  if (!isPayload(fields)) return { fault: 'no field of a Sparkplug payload is in it', at: start }
  const metrics: MetricReading[] = []
  for (const entry of fields.all(PAYLOAD.metrics, WireType.bytes)) {
    const metric = new Fields(bytes)
    if (!metric.read(fields.start(entry), fields.stop(entry))) return { fault: metric.fault ?? '', at: metric.faultAt }
    metrics.push(readMetric(bytes, metric))
  }
  const seq = fields.last(PAYLOAD.seq, WireType.varint)
  return {
    seq: seq < 0 ? Number.NaN : uint64(bytes, fields.start(seq), fields.stop(seq)),
    metrics,
    isCompressed: textIn(bytes, fields, PAYLOAD.uuid) === COMPRESSED,
  }
}

function readMetric(bytes: Uint8Array, fields: Fields): MetricReading {
  const alias = fields.last(METRIC.alias, WireType.varint)
  const type = fields.last(METRIC.datatype, WireType.varint)
  const value = valueEntry(fields, METRIC_VALUE)
  const kind = value < 0 ? -1 : (fields.numbers[value] as number) - METRIC_VALUE.first
  const isWhole = kind === Kind.int || kind === Kind.long
  return {
    name: textIn(bytes, fields, METRIC.name),
    alias: alias < 0 ? undefined : unsignedText(bytes, fields.start(alias), fields.stop(alias)),
    hasTime: fields.last(METRIC.timestamp, WireType.varint) >= 0,
    type: type < 0 ? -1 : uint32(bytes, fields.start(type), fields.stop(type)),
    flag: kind === Kind.boolean ? uint64(bytes, fields.start(value), fields.stop(value)) !== 0 : undefined,
    number: isWhole ? uint64(bytes, fields.start(value), fields.stop(value)) : Number.NaN,
    faults: faultsOf(bytes, fields, value),
    has: partsOf(fields, value),
  }
}

const NO_PARTS: readonly MetricPart[] = []

function partsOf(fields: Fields, value: number): readonly MetricPart[] {
  const hasProperties = fields.last(METRIC.properties, WireType.bytes) >= 0
  const number = value < 0 ? 0 : fields.numbers[value]
  if (!hasProperties && number !== METRIC_VALUE.dataSet && number !== METRIC_VALUE.template) return NO_PARTS
  const parts: MetricPart[] = hasProperties ? ['properties'] : []
  if (number === METRIC_VALUE.dataSet) parts.push('data set')
  if (number === METRIC_VALUE.template) parts.push('template')
  return parts
}

const NONE: readonly MetricFault[] = []

function faultsOf(bytes: Uint8Array, fields: Fields, value: number): readonly MetricFault[] {
  const properties = fields.last(METRIC.properties, WireType.bytes)
  const number = value < 0 ? 0 : fields.numbers[value]
  const isDeep = number === METRIC_VALUE.dataSet || number === METRIC_VALUE.template
  if (properties < 0 && !isDeep) return NONE
  const faults: MetricFault[] = []
  if (properties >= 0 && !isEven(bytes, fields.start(properties), fields.stop(properties))) faults.push('keys')
  if (number === METRIC_VALUE.dataSet) addDataSet(faults, bytes, fields.start(value), fields.stop(value))
  if (number === METRIC_VALUE.template && isDefinition(bytes, fields.start(value), fields.stop(value)))
    faults.push('definition')
  return faults
}

/** True if a PropertySet has as many keys as values. */
function isEven(bytes: Uint8Array, start: number, end: number): boolean {
  const set = new Fields(bytes)
  if (!set.read(start, end)) return true
  return set.all(PROPERTY_SET.keys, WireType.bytes).length === set.all(PROPERTY_SET.values, WireType.bytes).length
}

function addDataSet(faults: MetricFault[], bytes: Uint8Array, start: number, end: number): void {
  const set = new Fields(bytes)
  if (!set.read(start, end)) return
  const said = set.last(DATA_SET.columnCount, WireType.varint)
  if (said < 0) return
  const count = uint64(bytes, set.start(said), set.stop(said))
  if (set.all(DATA_SET.columns, WireType.bytes).length !== count) faults.push('columns')
  if (columnTypes(bytes, set).length !== count) faults.push('types')
}

function isDefinition(bytes: Uint8Array, start: number, end: number): boolean {
  const template = new Fields(bytes)
  if (!template.read(start, end)) return false
  const said = template.last(TEMPLATE.isDefinition, WireType.varint)
  return said >= 0 && uint64(bytes, template.start(said), template.stop(said)) !== 0
}

function textIn(bytes: Uint8Array, fields: Fields, number: number): string | undefined {
  const entry = fields.last(number, WireType.bytes)
  return entry < 0 ? undefined : decodeText(bytes, fields.start(entry), fields.stop(entry))
}

/** Returns the number of the metric `bdSeq`; NaN if there is none. */
export const bdSeqOf = ({ metrics }: Reading): number =>
  metrics.find(({ name }) => name === 'bdSeq')?.number ?? Number.NaN
