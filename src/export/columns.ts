/** The names that `-e` takes, and where the values of each come from. */
import type { Field } from '../field.ts'
import * as F from '../mqtt/fields.ts'
import { Slot } from '../mqtt/fields.ts'
import { CONNECT, PUBLISH } from '../mqtt/spec.ts'
import type { PacketRecord } from '../store/record.ts'
import { remarksOf } from '../store/remarks.ts'
import { VERSION_NAMES } from './names.ts'
import { fraction } from './time.ts'
import { type Format, type FormatOptions, formatOf, payloadText, rowText, textFormat } from './values.ts'

/** A field whose announcements become values; a format that gives undefined only takes notice. */
export interface Source {
  readonly field: Field
  readonly format: (...announced: Parameters<Format>) => string | undefined
}

export interface Column {
  readonly name: string
  /** What a walk over the packet (or over its frame) announces. */
  readonly sources?: (options: FormatOptions) => readonly Source[]
  /** Needs the walk over the frame. */
  readonly ofFrame?: boolean
  /** Read from the record, where the walks yield nothing. */
  readonly values?: (record: PacketRecord) => readonly string[]
  /** The same for columns that have one value. */
  readonly value?: (record: PacketRecord) => string
}

/** A name that is not known; `near` are those at most two letters away. */
export class UnknownFieldError extends Error {
  readonly field: string
  readonly near: readonly string[]

  constructor(field: string, near: readonly string[]) {
    super(`unknown field ${field}${near.length === 0 ? '' : `; did you mean ${near.join(' or ')}?`}`)
    this.name = 'UnknownFieldError'
    this.field = field
    this.near = near
  }
}

/** The columns of the names, in their order. Throws UnknownFieldError for the first name that is not known. */
export function resolveFields(names: readonly string[]): readonly Column[] {
  return names.map(name => {
    const column = COLUMNS.get(name)
    if (column === undefined) throw new UnknownFieldError(name, nearest(name))
    return column
  })
}

/** All names, in the order of the field tables. */
export const columnNames = (): readonly string[] => [...COLUMNS.keys()]

const FARTHEST = 2
const MOST_NEAR = 3

function nearest(name: string): readonly string[] {
  return columnNames()
    .map(known => ({ known, distance: editDistance(name, known) }))
    .filter(({ distance }) => distance <= FARTHEST)
    .sort((a, b) => a.distance - b.distance)
    .slice(0, MOST_NEAR)
    .map(({ known }) => known)
}

/** Letters to insert, delete or replace (Levenshtein). */
export function editDistance(a: string, b: string): number {
  let before = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let row = 1; row <= a.length; row++) {
    const now = [row]
    for (let column = 1; column <= b.length; column++) {
      const replaced = (before[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1)
      now.push(Math.min(replaced, (before[column] ?? 0) + 1, (now[column - 1] ?? 0) + 1))
    }
    before = now
  }
  return before[b.length] ?? 0
}

/** Field and the fields whose values go by its name too. */
const announcersOf = (field: Field): readonly Field[] => [field, ...F.MQTT_FIELDS.filter(other => other.also === field)]

const walked = (field: Field): Column => ({
  name: field.name,
  sources: options => announcersOf(field).map(source => ({ field: source, format: formatOf(field, source, options) })),
})

const PAYLOAD_TEXTS: readonly Column[] = [
  { name: F.MSG_TEXT.name, sources: options => [{ field: F.MSG, format: payloadText(F.MSG, options) }] },
  { name: F.WILLMSG_TEXT.name, sources: options => [{ field: F.WILLMSG, format: payloadText(F.WILLMSG, options) }] },
]

/** The group around a user property has no value of its own: its name and value are put together here. */
function userProperties(): readonly Source[] {
  let key = ''
  const format = textFormat()
  return [
    {
      field: F.PROP_KEY,
      format: (bytes, start, end) => {
        key = format(bytes, start, end, 0)
        return undefined
      },
    },
    { field: F.PROP_VALUE, format: (bytes, start, end) => `${key}=${format(bytes, start, end, 0)}` },
  ]
}

/**
 * Wireshark's remark on an empty topic: on each empty filter and will topic at once, on that of a PUBLISH where nothing
 * took its place (no alias, or alias 0).
 */
function illegalTopicLengths(): readonly Source[] {
  let isPublish = false
  let isEmpty = false
  let pending = false
  const topicAlias = F.PROPERTY_FIELDS[0x23] ?? F.TOPIC
  return [
    {
      field: F.MSGTYPE,
      format: (_bytes, _start, _end, type) => {
        isPublish = type === PUBLISH
        isEmpty = false
        pending = false
        return undefined
      },
    },
    {
      field: F.TOPIC_LEN,
      format: (_bytes, _start, _end, size) => {
        isEmpty = isPublish && size === 0
        pending = isEmpty
        return size === 0 && !isPublish ? '1' : undefined
      },
    },
    { field: F.WILLTOPIC_LEN, format: (_bytes, _start, _end, size) => (size === 0 ? '1' : undefined) },
    {
      field: topicAlias,
      format: (_bytes, _start, _end, alias) => {
        pending = isEmpty && alias === 0
        return undefined
      },
    },
    { field: F.MSG, format: () => (pending ? '1' : undefined) },
  ]
}

const resolvedText = textFormat()

function resolvedTopic(record: PacketRecord): string {
  if (record.type !== PUBLISH) return ''
  if (record.aliasTopic !== undefined) return rowText(record.aliasTopic)
  const { packet, raw } = record
  return packet.has(Slot.topic) ? resolvedText(raw.bytes, packet.start(Slot.topic), packet.end(Slot.topic), 0) : ''
}

const mark = (present: boolean): string => (present ? '1' : '')

/** Names that the walk over a packet does not announce, or not alone. */
const MADE: readonly Column[] = [
  ...PAYLOAD_TEXTS,
  // Wireshark writes the topic that an alias stands for under the same name.
  { ...walked(F.TOPIC), value: record => (record.aliasTopic === undefined ? '' : rowText(record.aliasTopic)) },
  { name: F.TOPIC_RESOLVED.name, value: resolvedTopic },
  { name: F.MSG_DECODED_AS.name },
  { name: 'mqtt.property.userProperty', sources: userProperties },
  { name: F.ILLEGAL_TOPIC_LENGTH.name, sources: illegalTopicLengths },
  { name: F.UNKNOWN_VERSION.name, value: record => mark(isVersionUnknown(record)) },
  { name: F.UNKNOWN_TOPIC_ALIAS.name, value: record => mark(record.aliasUnknown) },
  { name: F.CLIENT.name, value: record => rowText(record.connection.clientId ?? '') },
  { name: F.FROM.name, value: record => record.connection.senderOf(record.side) },
  { name: F.VERSION.name, value: record => VERSION_NAMES[record.version] },
  { name: F.FINDING_ID.name, values: record => remarksOf(record).map(({ id }) => id) },
  { name: F.FINDING_LEVEL.name, values: record => remarksOf(record).map(({ level }) => level) },
]

/** A CONNECT with a level of no version is an answer too, though not a good one. */
const isVersionUnknown = ({ version, type, connection }: PacketRecord): boolean =>
  version === 0 && type !== CONNECT && connection.dialect.level === 0

/** `192.0.2.1:1883` without the port, `[2001:db8::1]:1883` without port and brackets. */
const hostOf = (endpoint: string): string => endpoint.slice(0, endpoint.lastIndexOf(':')).replace(/^\[|\]$/g, '')

const address =
  (family: 4 | 6, ofSender: boolean) =>
  ({ connection: { flow }, side }: PacketRecord): string => {
    if (flow.family !== family) return ''
    return hostOf(flow.endpoint(ofSender ? side : side === 0 ? 1 : 0))
  }

const port =
  (ofSender: boolean) =>
  ({ connection: { flow }, side }: PacketRecord): string =>
    `${flow.port(ofSender ? side : side === 0 ? 1 : 0)}`

/** As tshark writes it: always nine digits. */
function epoch({ raw: { frame } }: PacketRecord): string {
  return Number.isNaN(frame.seconds) ? '' : frame.seconds + fraction(frame.nanos, 9)
}

/** Names of the layers below that the record itself answers: they cost no walk over the frame. */
const BELOW: readonly Column[] = [
  { name: 'frame.number', value: record => `${record.raw.frame.number}` },
  { name: 'frame.time_epoch', value: epoch },
  { name: 'frame.len', value: record => `${record.raw.frame.wireSize}` },
  { name: 'ip.src', value: address(4, true) },
  { name: 'ip.dst', value: address(4, false) },
  { name: 'ipv6.src', value: address(6, true) },
  { name: 'ipv6.dst', value: address(6, false) },
  { name: 'tcp.srcport', value: port(true) },
  { name: 'tcp.dstport', value: port(false) },
  { name: 'tcp.stream', value: record => `${record.connection.flow.index}` },
]

const COLUMNS: ReadonlyMap<string, Column> = new Map(
  [...F.MQTT_FIELDS.map(walked), ...MADE, ...BELOW].map(column => [column.name, column]),
)
