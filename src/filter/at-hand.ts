/**
 * Names whose values are at hand as one number: in the few numbers kept of each packet, and in the store's columns.
 * NaN: the packet has none. UNSURE: the column does not tell, the packet itself has to be asked.
 */
import { byWord } from '../base/by-word.ts'
import { Slot } from '../mqtt/fields.ts'
import {
  CONNACK,
  PUBACK,
  PUBLISH,
  PUBREL,
  PublishFlag,
  qosOf,
  SUBACK,
  SUBSCRIBE,
  UNSUBACK,
  UNSUBSCRIBE,
} from '../mqtt/spec.ts'
import { type Fact, factNamed, type KnownOfRow, NONE, UNSURE } from '../store/facts.ts'
import type { PacketRecord, Stream } from '../store/record.ts'
import type { Row, Store } from '../store/store.ts'
import { type Moment, scaled, textBytes } from './sources.ts'

export interface Columns {
  readonly store: Store
  readonly first: Moment
  /** What a tracker knows of a row. */
  readonly told: KnownOfRow | undefined
}

type OfRecord = (record: PacketRecord) => number
type OfRow = (columns: Columns) => (row: Row) => number

export interface NumberColumn {
  readonly record?: OfRecord
  readonly row?: OfRow
}

const slot =
  (place: number): OfRecord =>
  ({ packet }) =>
    packet.has(place) ? packet.value(place) : NONE

/** What the first byte says; a first byte of 0 may be one that was not captured. */
const ofFirstByte = (read: (byte: number, version: number) => number): NumberColumn => ({
  record: ({ packet, version }) => (packet.has(Slot.flags) ? read(packet.value(Slot.flags), version) : NONE),
  row:
    ({ store }) =>
    row => {
      const byte = store.firstByte(row)
      if (byte === 0) return UNSURE
      // The flags of a PUBLISH are the same in every version.
      return read(byte, byte >> 4 === PUBLISH ? 0 : store.version(row))
    },
})

/** In 3.1 these have DUP and QoS too. */
const hasQos = (type: number, version: number): boolean =>
  type === PUBLISH || (version === 3 && (type === PUBREL || type === SUBSCRIBE || type === UNSUBSCRIBE))

/** What follows the first byte, by the size of the packet; a length longer than it has to be is a fault. */
function remainingLength({ store }: Columns): (row: Row) => number {
  return row => {
    if (store.fault(row) !== 0) return UNSURE
    const size = store.size(row)
    return size - (size < 130 ? 2 : size < 16_387 ? 3 : size < 2_097_156 ? 4 : 5)
  }
}

/** Packet ids of 0 are a fault, and most packets without one have a 0 in the column. */
function packetId({ store }: Columns): (row: Row) => number {
  return row => {
    const id = store.packetId(row)
    if (id !== 0) return id
    return store.fault(row) === 0 ? NONE : UNSURE
  }
}

/** A code of 0 may be one that was left out; SUBACK and UNSUBACK may have several. */
const code = (type: number, versions: (version: number) => boolean): NumberColumn => ({
  record: ({ packet, type: own, version }) =>
    own === type && versions(version) && packet.has(Slot.reason) ? packet.value(Slot.reason) : NONE,
  row:
    ({ store }) =>
    row => {
      if (store.firstByte(row) === 0) return UNSURE
      if (store.type(row) !== type || !versions(store.version(row))) return NONE
      const reason = store.reason(row)
      return reason === 0 || type === SUBACK || type === UNSUBACK ? UNSURE : reason
    },
})

const isEarly = (version: number): boolean => version === 3 || version === 4
const isLate = (version: number): boolean => !isEarly(version)

const ACKS = ['puback', 'pubrec', 'pubrel', 'pubcomp'].map(
  (name, at) => [`mqtt.${name}.reason_code`, code(PUBACK + at, isLate)] as const,
)

const COLUMNS: Readonly<Record<string, NumberColumn>> = byWord({
  'mqtt.hdrflags': ofFirstByte(byte => byte),
  'mqtt.msgtype': ofFirstByte(byte => byte >> 4),
  'mqtt.dupflag': ofFirstByte((byte, version) => (hasQos(byte >> 4, version) ? (byte >> 3) & 1 : NONE)),
  'mqtt.qos': ofFirstByte((byte, version) => (hasQos(byte >> 4, version) ? qosOf(byte) : NONE)),
  'mqtt.retain': ofFirstByte(byte => (byte >> 4 === PUBLISH ? byte & PublishFlag.retain : NONE)),
  'mqtt.hdr_reserved': ofFirstByte((byte, version) => (hasQos(byte >> 4, version) ? NONE : byte & 15)),
  'mqtt.len': { record: slot(Slot.length), row: remainingLength },
  'mqtt.msgid': { record: slot(Slot.packetId), row: packetId },
  'mqtt.ver': { record: slot(Slot.level) },
  'mqtt.conflags': { record: slot(Slot.connectFlags) },
  'mqtt.kalive': { record: slot(Slot.keepAlive) },
  'mqtt.conack.flags': { record: slot(Slot.ackFlags) },
  'mqtt.conack.val': code(CONNACK, isEarly),
  'mqtt.connack.reason_code': code(CONNACK, isLate),
  ...Object.fromEntries(ACKS),
  // A record's own way to this value is as short.
  'frame.time_relative': {
    row:
      ({ store, first }) =>
      row =>
        store.nanosSince(row, first),
  },
})

const NOBODY: KnownOfRow = () => undefined

/** A fact as a column; undefined if it is text. */
function factColumn(fact: Fact): NumberColumn | undefined {
  const { number, row } = fact
  const record = number === undefined ? {} : { record: scaled(fact, number) }
  if (row === undefined) return number === undefined ? undefined : record
  return { ...record, row: ({ store, told = NOBODY }) => scaled(fact, (at: Row) => row(store, at, told)) }
}

export function numberColumn(name: string): NumberColumn | undefined {
  const fact = factNamed(name)
  if (fact !== undefined) return factColumn(fact)
  return COLUMNS[name]
}

/** The one text of the packet; null where it has none, undefined where its walk has to be asked. */
type TextOfRecord = (record: PacketRecord) => Uint8Array | null | undefined

const textSlot =
  (place: number): TextOfRecord =>
  ({ packet, raw }) =>
    packet.has(place) ? raw.bytes.subarray(packet.start(place), packet.end(place)) : null

const publishedTopic = textSlot(Slot.topic)

/** Only the first of several filters is kept, and a topic may stand behind an alias. */
const topic: TextOfRecord = record => {
  const { type, packet } = record
  if (type === SUBSCRIBE || type === UNSUBSCRIBE || (type === PUBLISH && !packet.has(Slot.topic))) return undefined
  return publishedTopic(record)
}

const TEXTS: Readonly<Record<string, TextOfRecord>> = byWord({
  'mqtt.topic': topic,
  'mqtt.clientid': textSlot(Slot.clientId),
  'mqtt.protoname': textSlot(Slot.protocolName),
})

export function textAtHand(name: string): TextOfRecord | undefined {
  const read = factNamed(name)?.text
  if (read === undefined) return TEXTS[name]
  return record => {
    const text = read(record) ?? null
    return typeof text === 'string' ? textBytes(text) : text
  }
}

/** Protocols that are in every packet, or in all of a connection, and layers: where there are tunnels, the innermost layer counts. */
const PROTOCOLS: Readonly<Record<string, (stream: Stream) => boolean>> = byWord({
  mqtt: () => true,
  frame: () => true,
  tcp: () => true,
  ip: ({ flow }) => flow.family === 4,
  ipv6: ({ flow }) => flow.family === 6,
  tls: ({ transport }) => transport?.layers.includes('tls') === true,
  websocket: ({ transport }) => transport?.layers.includes('websocket') === true,
})

export const protocolPresence = (name: string): ((stream: Stream) => boolean) | undefined => PROTOCOLS[name]
