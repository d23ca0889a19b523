/**
 * Names whose values are at hand as one number: in the few numbers kept of each packet, and in the store's columns.
 * NaN: the packet has none. UNSURE: the column does not tell, the packet itself has to be asked.
 */
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
import type { PacketRecord, Stream, TrackerFacts } from '../store/record.ts'
import type { Row, Store } from '../store/store.ts'
import { EXCHANGE_STATES, FANOUT_ROLES, SENDERS } from '../store/vocabulary.ts'
import type { Moment } from './sources.ts'

export const UNSURE = Number.POSITIVE_INFINITY
const NONE = Number.NaN

/** What whoever follows sessions has to say of a row. */
export type Told = (row: Row) => TrackerFacts | undefined

export interface Columns {
  readonly store: Store
  readonly first: Moment
  readonly told: Told | undefined
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

const ofExchange = (read: (fact: NonNullable<PacketRecord['exchange']>) => number): NumberColumn => ({
  record: ({ exchange }) => (exchange === undefined || exchange.opener === 0 ? NONE : read(exchange)),
  row: ({ told }) => {
    if (told === undefined) return () => NONE
    return row => {
      const fact = told(row)?.exchange
      return fact === undefined || fact.opener === 0 ? NONE : read(fact)
    }
  },
})

const ofFanOut = (read: (fact: NonNullable<PacketRecord['fanOut']>) => number): NumberColumn => ({
  record: ({ fanOut }) => (fanOut === undefined ? NONE : read(fanOut)),
  row: ({ told }) => {
    if (told === undefined) return () => NONE
    return row => {
      const fact = told(row)?.fanOut
      return fact === undefined ? NONE : read(fact)
    }
  },
})

/** A number below `least` stands for none. */
const counted = (count: number, least: number): number => (count < least ? NONE : count)

/** Most packets have no finding at all; what is said of the others stands nowhere in numbers. */
const REMARKS: NumberColumn = {
  row:
    ({ store, told }) =>
    row =>
      store.isPlain(row) && (told?.(row)?.ruleFindings ?? []).length === 0 ? NONE : UNSURE,
}

const NANOS = 1e9
const isEarly = (version: number): boolean => version === 3 || version === 4
const isLate = (version: number): boolean => !isEarly(version)

const ACKS = ['puback', 'pubrec', 'pubrel', 'pubcomp'].map(
  (name, at) => [`mqtt.${name}.reason_code`, code(PUBACK + at, isLate)] as const,
)

const COLUMNS: Readonly<Record<string, NumberColumn>> = {
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
  'mqtt.from': {
    record: ({ stream, side }) => SENDERS.indexOf(stream.senderOf(side)),
    row:
      ({ store }) =>
      row =>
        SENDERS.indexOf(store.stream(row).senderOf(store.side(row))),
  },
  'mqtt.version': {
    record: ({ version }) => version,
    row:
      ({ store }) =>
      row =>
        store.version(row),
  },
  'mqtt.exchange.opener': ofExchange(({ opener }) => opener),
  'mqtt.exchange.state': ofExchange(({ state }) => EXCHANGE_STATES.indexOf(state)),
  'mqtt.exchange.latency': ofExchange(({ latency, answers }) => (answers === 0 ? NONE : Math.round(latency * NANOS))),
  'mqtt.exchange.total': ofExchange(({ total }) => Math.round(total * NANOS)),
  'mqtt.fanout.opener': ofFanOut(({ opener }) => counted(opener, 1)),
  'mqtt.fanout.role': ofFanOut(({ role }) => FANOUT_ROLES.indexOf(role)),
  'mqtt.fanout.latency': ofFanOut(({ latency }) => Math.round(latency * NANOS)),
  'mqtt.fanout.copies': ofFanOut(({ copies }) => counted(copies, 1)),
  'mqtt.fanout.expected': ofFanOut(({ expected }) => counted(expected, 0)),
  'mqtt.finding.id': REMARKS,
  'mqtt.finding.level': REMARKS,
  // A record's own way to this value is as short.
  'frame.time_relative': {
    row:
      ({ store, first }) =>
      row =>
        store.nanosSince(row, first),
  },
  'frame.number': {
    record: ({ raw }) => raw.frame.number,
    row:
      ({ store }) =>
      row =>
        store.frame(row),
  },
  'frame.len': {
    record: ({ raw }) => raw.frame.wireSize,
    row:
      ({ store }) =>
      row =>
        store.wireSize(row),
  },
  'frame.cap_len': {
    record: ({ raw: { frame } }) => frame.end - frame.start,
    row:
      ({ store }) =>
      row =>
        store.frameSize(row),
  },
}

export const numberColumn = (name: string): NumberColumn | undefined =>
  Object.hasOwn(COLUMNS, name) ? COLUMNS[name] : undefined

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

const TEXTS: Readonly<Record<string, TextOfRecord>> = {
  'mqtt.topic': topic,
  'mqtt.topic_resolved': record => (record.type === PUBLISH ? topic(record) : null),
  'mqtt.clientid': textSlot(Slot.clientId),
  'mqtt.protoname': textSlot(Slot.protocolName),
}

export const textAtHand = (name: string): TextOfRecord | undefined =>
  Object.hasOwn(TEXTS, name) ? TEXTS[name] : undefined

/** Protocols that are in every packet, or in all of a connection: where there are tunnels, the innermost layer counts. */
const PROTOCOLS: Readonly<Record<string, (stream: Stream) => boolean>> = {
  mqtt: () => true,
  frame: () => true,
  tcp: () => true,
  ip: ({ flow }) => flow.family === 4,
  ipv6: ({ flow }) => flow.family === 6,
}

export const protocolPresence = (name: string): ((stream: Stream) => boolean) | undefined =>
  Object.hasOwn(PROTOCOLS, name) ? PROTOCOLS[name] : undefined
