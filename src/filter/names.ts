/**
 * The names that stand in expressions: what kind of value each has, and where its values come from. Names are those of
 * the field tables; a few are put together here.
 */
import type { Field } from '../base/field.ts'
import { nearest } from '../base/nearest.ts'
import * as M from '../mqtt/fields.ts'
import { REASON_CODE } from '../mqtt/fields.ts'
import * as N from '../net/fields.ts'
import { dottedPath, type Path } from '../payload/path.ts'
import { type Fact, type FactKind, factNamed, RECORD_FIELDS } from '../store/facts.ts'
import { TRANSPORT_FIELDS } from '../transport/fields.ts'
import type { Source } from './sources.ts'
import { sourceOf } from './sources.ts'

/**
 * `choice`: one of a few words, in the order in which `<` has them. `time`: nanoseconds. `presence`: there or not.
 * Texts, IPv6 and hardware addresses are compared as bytes. `payload`: what stands at a path of a decoded payload, a number, a
 * text or a literal; it is compared with values of the literal's kind alone.
 */
export type ValueType = 'number' | 'choice' | 'time' | 'text' | 'bytes' | 'ipv4' | 'ipv6' | 'presence' | 'payload'

export interface Name {
  readonly name: string
  readonly type: ValueType
  readonly isFlag: boolean
  readonly isHex: boolean
  readonly isSeldom: boolean
  /** It may stand more than once in a packet. */
  readonly repeats: boolean
  readonly label: string
  readonly explanation: string
  readonly values: Readonly<Record<number, string>>
  readonly aliases: Readonly<Record<number, string>>
  readonly unit: string | undefined
  /** The highest number it can hold. */
  readonly most: number
  readonly source: Source
}

const TYPES: Readonly<Record<Field['kind'], ValueType>> = {
  uint: 'number',
  hex: 'number',
  flag: 'number',
  text: 'text',
  bytes: 'bytes',
  pair: 'text',
  group: 'presence',
  ipv4: 'ipv4',
  ipv6: 'ipv6',
  mac: 'bytes',
}

const FACT_TYPES: Readonly<Record<FactKind, ValueType>> = {
  number: 'number',
  word: 'choice',
  seconds: 'time',
  text: 'text',
  mark: 'presence',
}

const TIMES: ReadonlySet<string> = new Set(['frame.time_epoch', 'frame.time_relative'])

/** Protocols whose bytes can be searched: `mqtt contains "…"`, `tcp[13] == 02`. */
const PROTOCOLS: ReadonlySet<string> = new Set(['mqtt', 'frame', 'eth', 'ip', 'ipv6', 'tcp'])

/** More than one may stand in a packet: filters and their options and codes, user properties, what holds for both ends. */
const REPEATED: ReadonlySet<string> = new Set([
  ...[M.TOPIC, M.TOPIC_LEN, M.FILTER, M.SUB_QOS, M.SUB_OPTIONS, M.SUB_OPTIONS_QOS, M.SUB_OPTIONS_NL].map(f => f.name),
  ...[M.SUB_OPTIONS_RAP, M.SUB_OPTIONS_RETAIN, M.SUB_OPTIONS_RESERVED, M.SUBACK_QOS].map(({ name }) => name),
  ...[M.PROPERTY_GROUP, M.PROPERTY_LEN, M.PROPERTY_ID, M.PROP_NUMBER, M.PROP_STRING, M.PROP_STRING_LEN].map(
    f => f.name,
  ),
  ...[M.PROP_KEY, M.PROP_KEY_LEN, M.PROP_VALUE, M.PROP_VALUE_LEN].map(f => f.name),
  ...[REASON_CODE[9], REASON_CODE[11]].map(field => field?.name ?? ''),
  ...N.EITHER.map(({ field }) => field.name),
  'mqtt.property.userProperty',
  'mqtt.property.subscriptionIdentifier',
  'tcp.gap',
])

/** Texts that seldom come again. */
const PAYLOADS: ReadonlySet<string> = new Set([
  'mqtt.msg_text',
  'mqtt.payload',
  'mqtt.willmsg_text',
  'mqtt.will_payload',
])

type Made = Pick<Name, 'name' | 'type' | 'label' | 'explanation'> & Partial<Pick<Name, 'unit'>>

/** Names without a field of the tables. */
const MADE: readonly Made[] = [
  { name: 'mqtt', type: 'bytes', label: 'MQTT', explanation: 'Every control packet; its bytes.' },
  {
    name: 'payload',
    type: 'payload',
    label: 'Value of the payload',
    explanation:
      'The payload as a number or text. payload.temp, payload.list.0 and payload("/odd key") are values in a decoded one: JSON by itself, other formats by --decode.',
  },
  {
    name: 'mqtt.payload.decoded_as',
    type: 'text',
    label: 'Payload decoded as',
    explanation:
      'The decoder of the payload, with what was unpacked before: json, gzip+cbor. Absent if no rule is for the payload.',
  },
  {
    name: 'mqtt.payload.error',
    type: 'text',
    label: 'Payload decoding error',
    explanation: 'Why the payload does not fit the decoder that a rule chose for it.',
  },
  {
    name: 'tcp.gap',
    type: 'number',
    label: 'Gap',
    unit: 'B',
    explanation: 'Bytes missing from the capture before or in the packet; 0: nobody knows how many.',
  },
]

const NOTHING: Readonly<Record<number, string>> = {}

function typeOf({ name, kind }: Field, fact: Fact | undefined): ValueType {
  if (fact !== undefined) return FACT_TYPES[fact.kind]
  if (TIMES.has(name)) return 'time'
  return PROTOCOLS.has(name) ? 'bytes' : TYPES[kind]
}

function nameOf(field: Field): Name {
  const { name, kind, mask, label, explanation } = field
  const fact = factNamed(name)
  return {
    name,
    type: typeOf(field, fact),
    isFlag: kind === 'flag',
    isHex: kind === 'hex',
    isSeldom: field.secret === true || PAYLOADS.has(name),
    repeats: REPEATED.has(name) || fact?.all !== undefined,
    label,
    explanation,
    values: fact?.words ?? field.values ?? NOTHING,
    aliases: field.aliases ?? NOTHING,
    unit: field.unit,
    most: mask === undefined ? Number.POSITIVE_INFINITY : mask / (mask & -mask),
    source: sourceOf(name, field),
  }
}

const made = (parts: Made): Name => ({
  isFlag: false,
  isHex: false,
  isSeldom: false,
  repeats: REPEATED.has(parts.name),
  values: NOTHING,
  aliases: NOTHING,
  unit: undefined,
  most: Number.POSITIVE_INFINITY,
  source: sourceOf(parts.name, undefined),
  ...parts,
})

/** All names, in the order in which people read them. */
export const NAMES: readonly Name[] = [
  ...MADE.map(made),
  ...[...RECORD_FIELDS, ...N.NET_FIELDS, ...TRANSPORT_FIELDS].map(nameOf),
].sort((a, b) => order(a.name) - order(b.name))

/** Those of MQTT before the others; a protocol's own name before its fields. */
function order(name: string): number {
  return (name.startsWith('mqtt') ? 0 : 2) + (name.includes('.') ? 1 : 0)
}

const BY_NAME: ReadonlyMap<string, Name> = new Map(NAMES.map(name => [name.name, name]))

/** Wireshark writes `mqtt.conack.val` and `mqtt.connack.reason_code`; either spelling of both will do. */
export const findName = (name: string): Name | undefined =>
  BY_NAME.get(name) ??
  BY_NAME.get(name.replace(/^mqtt\.connack\./, 'mqtt.conack.')) ??
  BY_NAME.get(name.replace(/^mqtt\.conack\./, 'mqtt.connack.'))

/** Returns the name of the values at a path of the payload; `title` as it was written. */
export const payloadName = (title: string, path: Path): Name => ({
  ...(BY_NAME.get('payload') as Name),
  name: title,
  repeats: true,
  source: { payload: path },
})

const PAYLOAD_PATH = /^payload\.(.+)$/

/** Returns the name for `payload.temp`; undefined for any other word. */
export function payloadPathNamed(word: string): Name | undefined {
  const path = PAYLOAD_PATH.exec(word)?.[1]
  return path === undefined ? undefined : payloadName(word, dottedPath(path))
}

/** `; did you mean mqtt.topic?` or nothing. */
export function didYouMean(name: string): string {
  const known = [...BY_NAME.keys()]
  const sameLetters = known.filter(one => one.toLowerCase() === name.toLowerCase())
  const near = sameLetters.length > 0 ? sameLetters : nearest(name, known)
  return near.length === 0 ? '' : `; did you mean ${near.join(' or ')}?`
}

/** It can only be meant as the name of a field. */
export const looksLikeName = (word: string): boolean =>
  /^(mqtt|frame|eth|ip|ipv6|tcp|vlan|tls|websocket)\.[a-z]/i.test(word)
