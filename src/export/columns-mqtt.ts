/** Columns of the packet itself: every field of the walk, and those that whoever follows the connection knows. */
import type { Field } from '../base/field.ts'
import * as F from '../mqtt/fields.ts'
import { Slot } from '../mqtt/fields.ts'
import { PUBLISH, VERSION_NAMES } from '../mqtt/spec.ts'
import { illegalTopicLengths, isVersionUnknown } from '../store/facts.ts'
import { findingsOf } from '../store/findings.ts'
import type { PacketRecord } from '../store/record.ts'
import { type FormatOptions, formatOf, payloadText, rowText, textFormat } from '../text/values.ts'
import type { Column, Source } from './column.ts'

/** Field and the fields whose values go by its name too. */
const announcersOf = (field: Field): readonly Field[] => [field, ...F.MQTT_FIELDS.filter(other => other.also === field)]

const walked = (field: Field): Column => ({
  name: field.name,
  sources: options => announcersOf(field).map(source => ({ field: source, format: formatOf(field, source, options) })),
})

/** A payload under one of its names: its bytes, its text where that is asked for, and its text always. */
const payloadColumns = (payload: Field, asText: Field, always: Field): readonly Column[] => {
  const text = (options: FormatOptions): readonly Source[] => [
    { field: payload, format: payloadText(payload, options) },
  ]
  const bytes = (options: FormatOptions): readonly Source[] => [
    { field: payload, format: formatOf(payload, payload, options) },
  ]
  return [
    { name: payload.name, sources: options => (options.payloads === 'text' ? [] : bytes(options)) },
    { name: asText.name, sources: options => (options.payloads === 'bytes' ? [] : text(options)) },
    { name: always.name, sources: text },
  ]
}

const PAYLOADS: readonly Column[] = [
  ...payloadColumns(F.MSG, F.MSG_TEXT, F.PAYLOAD),
  ...payloadColumns(F.WILLMSG, F.WILLMSG_TEXT, F.WILL_PAYLOAD),
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

const resolvedText = textFormat()

function resolvedTopic(record: PacketRecord): string {
  if (record.type !== PUBLISH) return ''
  if (record.aliasTopic !== undefined) return rowText(record.aliasTopic)
  const { packet, raw } = record
  return packet.has(Slot.topic) ? resolvedText(raw.bytes, packet.start(Slot.topic), packet.end(Slot.topic), 0) : ''
}

/** As tshark writes times: with nine digits. */
const secondsText = (seconds = Number.NaN): string => (Number.isNaN(seconds) ? '' : seconds.toFixed(9))

/** A number below `least` stands for none. */
const countText = (count = -1, least = 0): string => (count < least ? '' : `${count}`)

/** Whether a column needs sessions to be followed. */
export const isOfSessions = (name: string): boolean => /^mqtt\.(exchange|fanout|finding)\./.test(name)
/** Whether it needs copies to be tied to their messages: some findings are on copies. */
export const isOfFanOut = (name: string): boolean => /^mqtt\.(fanout|finding)\./.test(name)

const mark = (present: boolean): string => (present ? '1' : '')

/** Names that the walk over a packet does not announce, or not alone. */
const MADE: readonly Column[] = [
  ...PAYLOADS,
  // Wireshark writes the topic that an alias stands for under the same name.
  { ...walked(F.TOPIC), value: record => (record.aliasTopic === undefined ? '' : rowText(record.aliasTopic)) },
  { name: F.TOPIC_RESOLVED.name, value: resolvedTopic },
  { name: F.MSG_DECODED_AS.name },
  { name: 'mqtt.property.userProperty', sources: userProperties },
  { name: F.ILLEGAL_TOPIC_LENGTH.name, values: record => new Array<string>(illegalTopicLengths(record)).fill('1') },
  { name: F.UNKNOWN_VERSION.name, value: record => mark(isVersionUnknown(record)) },
  { name: F.UNKNOWN_TOPIC_ALIAS.name, value: record => mark(record.aliasUnknown) },
  { name: F.CLIENT.name, value: record => rowText(record.stream.clientId ?? '') },
  { name: F.FROM.name, value: record => record.stream.senderOf(record.side) },
  { name: F.VERSION.name, value: record => VERSION_NAMES[record.version] },
  { name: F.EXCHANGE_OPENER.name, value: ({ exchange }) => (exchange === undefined ? '' : `${exchange.opener}`) },
  { name: F.EXCHANGE_STATE.name, value: ({ exchange }) => exchange?.state ?? '' },
  { name: F.EXCHANGE_LATENCY.name, value: ({ exchange }) => secondsText(exchange?.latency) },
  { name: F.EXCHANGE_TOTAL.name, value: ({ exchange }) => secondsText(exchange?.total) },
  { name: F.FANOUT_OPENER.name, value: ({ fanOut }) => countText(fanOut?.opener, 1) },
  { name: F.FANOUT_ROLE.name, value: ({ fanOut }) => fanOut?.role ?? '' },
  { name: F.FANOUT_LATENCY.name, value: ({ fanOut }) => secondsText(fanOut?.latency) },
  { name: F.FANOUT_COPIES.name, value: ({ fanOut }) => countText(fanOut?.copies, 1) },
  { name: F.FANOUT_EXPECTED.name, value: ({ fanOut }) => countText(fanOut?.expected, 0) },
  { name: F.FINDING_ID.name, values: record => findingsOf(record).map(({ id }) => id) },
  { name: F.FINDING_LEVEL.name, values: record => findingsOf(record).map(({ level }) => level) },
]

/** A later column of the same name takes the place of an earlier one. */
export const MQTT_COLUMNS: readonly Column[] = [...F.MQTT_FIELDS.map(walked), ...MADE]
