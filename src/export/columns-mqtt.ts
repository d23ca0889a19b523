/** Columns of the packet itself: every field of the walk, and those that whoever follows the connection knows. */
import type { Field } from '../base/field.ts'
import * as F from '../mqtt/fields.ts'
import { FACTS, type Fact, RECORD_FIELDS } from '../store/facts.ts'
import { type FormatOptions, formatOf, payloadText, rowText, textFormat } from '../text/row-values.ts'
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
function userProperties(options: FormatOptions): readonly Source[] {
  let key = ''
  const format = textFormat()
  const value = formatOf(F.PROP_VALUE, F.PROP_VALUE, options)
  return [
    {
      field: F.PROP_KEY,
      format: (bytes, start, end) => {
        key = format(bytes, start, end, 0)
        return undefined
      },
    },
    { field: F.PROP_VALUE, format: (bytes, start, end) => `${key}=${value(bytes, start, end, 0)}` },
  ]
}

/** As tshark writes times: with nine digits. */
const SECOND_DIGITS = 9

/** The value of a fact as it stands in a cell. */
function cellText({ kind, words }: Fact, value: number | string): string {
  if (typeof value === 'string') return value
  if (Number.isNaN(value)) return ''
  if (kind === 'seconds') return value.toFixed(SECOND_DIGITS)
  return words?.[value] ?? `${value}`
}

function factColumn(fact: Fact): Column {
  const { field, number, text, all } = fact
  const { name } = field
  if (all !== undefined) return { name, values: record => all(record).map(value => cellText(fact, value)) }
  if (number !== undefined) return { name, value: record => cellText(fact, number(record)) }
  const bytesText = textFormat()
  return {
    name,
    isSecret: field.secret === true,
    value: record => {
      const value = text?.(record) ?? ''
      return typeof value === 'string' ? rowText(value) : bytesText(value, 0, value.length, 0)
    },
  }
}

/** Names that the walk over a packet does not announce, or not alone. */
const MADE: readonly Column[] = [
  ...PAYLOADS,
  // Wireshark writes the topic that an alias stands for under the same name.
  { ...walked(F.TOPIC), value: record => (record.aliasTopic === undefined ? '' : rowText(record.aliasTopic)) },
  { name: F.MSG_DECODED_AS.name },
  { name: 'mqtt.property.userProperty', sources: userProperties },
]

/** A later column of the same name takes the place of an earlier one. */
export const RECORD_COLUMNS: readonly Column[] = [...RECORD_FIELDS.map(walked), ...FACTS.map(factColumn), ...MADE]
