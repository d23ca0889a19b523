/** The broker's answers to our CONNECT and SUBSCRIBE: what the event shows of them, and what the grab acts on. */
import { hexByte, u8 } from '../base/bytes.ts'
import type { Field, FieldSink } from '../base/field.ts'
import { decodeText } from '../base/strings.ts'
import { PacketJson } from '../export/json-packet.ts'
import { PROPERTY_FIELDS, REASON_CODE, Slot, SUBACK_QOS } from '../mqtt/fields.ts'
import {
  CONNACK,
  DISCONNECT,
  FIRST_FAILURE,
  PropertyId,
  PublishFlag,
  qosOf,
  RETURN_CODES,
  reasonName,
  SESSION_PRESENT,
  SUBACK,
} from '../mqtt/spec.ts'
import type { PacketRecord } from '../store/record.ts'

export interface Connack {
  /** The object of the event. */
  readonly json: string
  readonly accepted: boolean
  /** Refused for want of credentials, or for wrong ones. */
  readonly auth: boolean
  /** In place of our keep-alive: [MQTT-3.2.2-21]. */
  readonly keepAlive: number | undefined
}

/** 3.1.1 §3.2.2.3: bad user name or password, not authorized. */
const CREDENTIALS: readonly number[] = [4, 5]
/** MQTT 5 §3.2.2.2: bad user name or password, not authorized, bad authentication method. */
const CREDENTIALS_5: readonly number[] = [0x86, 0x87, 0x8c]

/**
 * The first packet decides, once it is whole: malformed, it is a greeting of something else. A CONNACK is believed
 * whatever it says, unless both its flags and its code are nonsense.
 */
export function isStrange(record: PacketRecord): boolean {
  const { packet, raw, type, version } = record
  // Of a CONNACK that never became whole nobody can tell.
  if (type !== CONNACK) return packet.malformed || raw.badLength || raw.incomplete
  if (raw.badLength) return true
  if (!packet.has(Slot.reason)) return false
  const flags = u8(raw.bytes, packet.start(Slot.reason) - 1)
  const code = packet.value(Slot.reason)
  const isKnown = version === 5 ? reasonName(CONNACK, code) !== undefined : RETURN_CODES[code] !== undefined
  return (flags & ~SESSION_PRESENT) !== 0 && !isKnown
}

/** undefined where it is too short to hold an answer. */
export function readConnack(record: PacketRecord): Connack | undefined {
  const { packet, version } = record
  if (!packet.has(Slot.reason)) return undefined
  const code = packet.value(Slot.reason)
  const refusals = version === 5 ? CREDENTIALS_5 : CREDENTIALS
  const properties = new Wanted()
  record.walk(properties)
  return {
    json: connackJson(record, code),
    accepted: code === 0,
    auth: refusals.includes(code),
    keepAlive: properties.keepAlive,
  }
}

/** The keys of the documented object; in 5.0 `reasonCode` and `properties` stand in for `returnCode`. */
function connackJson(record: PacketRecord, code: number): string {
  const { packet, raw, version } = record
  const flags = u8(raw.bytes, raw.start)
  const json = new PacketJson(false)
  json.of(record)
  const header = `"cmd":"connack","retain":${(flags & PublishFlag.retain) !== 0},"qos":${qosOf(flags)},"dup":${(flags & PublishFlag.dup) !== 0}`
  const body = `"length":${packet.value(Slot.length)},"topic":null,"payload":null`
  const session = json.sessionPresent === '' ? ',"sessionPresent":false' : json.sessionPresent
  const properties = json.properties.member === '' ? ',"properties":{}' : json.properties.member
  const answer = version === 5 ? `"reasonCode":${code}${properties}` : `"returnCode":${code}`
  return `{${header},${body}${session},${answer}}`
}

/** Bytes of a server reference that are told. */
const MOST_REFERENCE = 256

/** Listens for the properties that a client acts on, or here rather does not. */
class Wanted implements FieldSink {
  keepAlive: number | undefined
  reference: { start: number; end: number } | undefined

  field(field: Field, start: number, end: number, value: number): void {
    if (field === PROPERTY_FIELDS[PropertyId.serverKeepAlive]) this.keepAlive = value
    else if (field === PROPERTY_FIELDS[PropertyId.serverReference]) this.reference = { start, end }
  }

  open(): void {}
  close(): void {}
  fault(): void {}
}

/** The other server that a CONNACK or DISCONNECT of 5.0 names; undefined where it names none. */
export function referenceOf(record: PacketRecord): string | undefined {
  const { raw, version, type } = record
  if (version !== 5 || (type !== CONNACK && type !== DISCONNECT)) return undefined
  const wanted = new Wanted()
  record.walk(wanted)
  if (wanted.reference === undefined) return undefined
  const { start, end } = wanted.reference
  return decodeText(raw.bytes, start, Math.min(end, start + MOST_REFERENCE))
}

/** `: 0x9c Use another server`. */
export function reasonDetail(record: PacketRecord): string {
  if (!record.packet.has(Slot.reason)) return ''
  const code = record.packet.value(Slot.reason)
  return `: 0x${hexByte(code)} ${reasonName(record.type, code) ?? 'unknown reason'}`
}

class Codes implements FieldSink {
  refused = 0

  field(field: Field, _start: number, _end: number, value: number): void {
    if ((field === SUBACK_QOS || field === REASON_CODE[SUBACK]) && value >= FIRST_FAILURE) this.refused++
  }

  open(): void {}
  close(): void {}
  fault(): void {}
}

/** Whether a SUBACK refuses any of the filters. */
export function refusesFilter(record: PacketRecord): boolean {
  const codes = new Codes()
  record.walk(codes)
  return codes.refused > 0
}
