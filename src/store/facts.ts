/**
 * The derived facts of a packet: what no walk announces, because it comes from the connection, the session or the frame.
 * One entry a fact: its name, and how it is read from a record and from a row of the store. Filters, `-e`, listings and
 * completion read this table. The JSON of a packet has keys and an order of its own (`text/exchange-text.ts`).
 */
import { defineField, type Field } from '../base/field.ts'
import { MQTT_FIELDS, Slot, TOPIC_RESOLVED } from '../mqtt/fields.ts'
import { PUBLISH, VERSION_NAMES } from '../mqtt/spec.ts'
import { FRAME_CAP_LEN, FRAME_FILE, FRAME_INTERFACE, FRAME_LEN, FRAME_NUMBER } from '../net/fields.ts'
import { TLS_ALPN, TLS_CIPHER_SUITE, TLS_SERVER_NAME } from '../transport/fields.ts'
import { LAYERS } from '../transport/unit.ts'
import { findingsOf } from './findings.ts'
import { illegalTopicLengths, isVersionUnknown } from './marks.ts'
import type { ExchangeFact, FanOutFact, PacketRecord, Stream, TrackerFacts } from './record.ts'
import type { Row, Store } from './store.ts'
import { EXCHANGE_STATES, FANOUT_ROLES, LEVELS, SENDERS } from './vocabulary.ts'

/** What the values of a fact are. `word`: the number of one of `words`. `mark`: there or not. */
export type FactKind = 'number' | 'word' | 'seconds' | 'text' | 'mark'

/** No value. */
export const NONE = Number.NaN
/** The store does not tell: the packet has to be read. */
export const UNSURE = Number.POSITIVE_INFINITY

/** What a tracker knows of a row; undefined if nobody follows sessions. */
export type KnownOfRow = (row: Row) => TrackerFacts | undefined

/** How the values of a fact are read. */
interface Reading {
  /** The one value as a number: NONE if there is none. */
  readonly number?: (record: PacketRecord) => number
  /** The same from the store alone: a number, NONE or UNSURE. */
  readonly row?: (store: Store, row: Row, known: KnownOfRow) => number
  /** The one value as text, or as bytes of UTF-8; undefined if there is none. */
  readonly text?: (record: PacketRecord) => Uint8Array | string | undefined
  /** Where the store holds the text: by topic, or by stream as the client id. */
  readonly held?: 'topic' | 'client'
  /** All values of a fact that may stand more than once. */
  readonly all?: (record: PacketRecord) => readonly (number | string)[]
  /** Only a tracker knows the fact; `fanout`: only one that ties copies to their messages. */
  readonly needs?: 'sessions' | 'fanout'
  /** Packets that come later may change it. */
  readonly isOpen?: boolean
  /** It is a fact of the stream that is learnt from one of its packets: those before have it in hindsight. */
  readonly isLearnt?: boolean
}

export interface Fact extends Reading {
  readonly field: Field
  readonly kind: FactKind
  readonly words: Readonly<Record<number, string>> | undefined
}

/** A fact of a field that stands in another table. */
interface Placed extends Reading {
  readonly field: Field
  readonly kind: FactKind
}

interface Named extends Reading {
  readonly name: string
  readonly label: string
  readonly kind: FactKind
  readonly words?: readonly string[] | Readonly<Record<number, string>>
  readonly explanation: string
}

const FIELD_KINDS: Readonly<Record<FactKind, Field['kind']>> = {
  number: 'uint',
  word: 'text',
  seconds: 'text',
  text: 'text',
  mark: 'group',
}

function fact({ name, label, kind, words, explanation, ...reading }: Named): Fact {
  const unit = kind === 'seconds' ? { unit: 's' } : {}
  const field = defineField({ name, label, kind: FIELD_KINDS[kind], ...unit, explanation })
  return { field, kind, words: Array.isArray(words) ? Object.fromEntries(words.entries()) : words, ...reading }
}

const placed = (parts: Placed): Fact => ({ words: undefined, ...parts })

/** A number that a tracker knows: of a record by itself, of a row by asking the tracker. */
const tracked = (needs: NonNullable<Reading['needs']>, number: (facts: TrackerFacts) => number): Reading => ({
  needs,
  number,
  row: (_store, row, known) => {
    const facts = known(row)
    return facts === undefined ? NONE : number(facts)
  },
})

/** An exchange without an opener is one that the packet does not belong to. */
const ofExchange = (read: (fact: ExchangeFact) => number): Reading =>
  tracked('sessions', ({ exchange }) => (exchange === undefined || exchange.opener === 0 ? NONE : read(exchange)))

const ofFanOut = (read: (fact: FanOutFact) => number): Reading =>
  tracked('fanout', ({ fanOut }) => (fanOut === undefined ? NONE : read(fanOut)))

/** A number below `least` stands for none. */
const counted = (count: number, least: number): number => (count < least ? NONE : count)

/** Findings of rules may be about copies. Most packets have no finding at all; the store does not hold the others. */
const ofFindings = (all: NonNullable<Reading['all']>): Reading => ({
  needs: 'fanout',
  isOpen: true,
  all,
  row: (store, row, known) => (store.isPlain(row) && (known(row)?.ruleFindings ?? []).length === 0 ? NONE : UNSURE),
})

/** The topic of a PUBLISH, also if only its alias was sent. */
function resolvedTopic({ type, aliasTopic, packet, raw }: PacketRecord): Uint8Array | string | undefined {
  if (type !== PUBLISH) return undefined
  if (aliasTopic !== undefined) return aliasTopic
  return packet.has(Slot.topic) ? raw.bytes.subarray(packet.start(Slot.topic), packet.end(Slot.topic)) : undefined
}

const mark = (isPresent: (record: PacketRecord) => boolean): Reading => ({
  number: record => (isPresent(record) ? 1 : NONE),
})

/** The one layer of a stream as a number; UNSURE if there are more. */
function viaOf({ transport }: Stream): number {
  const [layer, ...more] = transport?.layers ?? []
  if (layer === undefined) return NONE
  return more.length > 0 ? UNSURE : LAYERS.indexOf(layer)
}

/** Facts of the packet, in the order in which people read them. */
const PACKET_FACTS: readonly Fact[] = [
  placed({ field: TOPIC_RESOLVED, kind: 'text', text: resolvedTopic, held: 'topic' }),
  fact({
    name: 'mqtt.client',
    label: 'Client',
    kind: 'text',
    explanation:
      'The client id of the connection, on each of its packets: as in CONNECT, or as the broker assigned it.',
    text: ({ stream }) => stream.clientId,
    held: 'client',
    isLearnt: true,
  }),
  fact({
    name: 'mqtt.client_address',
    label: 'Client address',
    kind: 'text',
    explanation:
      'The address and port of the client behind a load balancer, on each packet of the connection: as the PROXY head says that stands before CONNECT.',
    text: ({ stream }) => stream.proxy?.client,
  }),
  fact({
    name: 'mqtt.from',
    label: 'From',
    kind: 'word',
    words: SENDERS,
    explanation: 'Who sent the packet: client, server or unknown.',
    number: ({ stream, side }) => SENDERS.indexOf(stream.senderOf(side)),
    row: (store, row) => SENDERS.indexOf(store.stream(row).senderOf(store.side(row))),
    isLearnt: true,
  }),
  fact({
    name: 'mqtt.via',
    label: 'Via',
    kind: 'word',
    words: LAYERS,
    explanation: 'What the packet is wrapped in, the outermost first: tls, websocket. Plain MQTT has none.',
    all: ({ stream }) => stream.transport?.layers.map(layer => LAYERS.indexOf(layer)) ?? [],
    row: (store, row) => viaOf(store.stream(row)),
  }),
  fact({
    name: 'mqtt.version',
    label: 'Version',
    kind: 'word',
    words: VERSION_NAMES,
    explanation: 'The version spoken: 3.1, 3.1.1, 5 or unknown.',
    number: ({ version }) => version,
    row: (store, row) => store.version(row),
  }),
  fact({
    name: 'mqtt.exchange.opener',
    label: 'Opener of the exchange',
    kind: 'number',
    explanation: 'Number of the packet that opened the exchange this one belongs to.',
    ...ofExchange(({ opener }) => opener),
  }),
  fact({
    name: 'mqtt.exchange.state',
    label: 'State of the exchange',
    kind: 'word',
    words: EXCHANGE_STATES,
    explanation:
      'How far the exchange was at this packet; in a filter over a file how it ended: open, complete, refused or abandoned.',
    isOpen: true,
    ...ofExchange(({ state }) => EXCHANGE_STATES.indexOf(state)),
  }),
  fact({
    name: 'mqtt.exchange.latency',
    label: 'Latency',
    kind: 'seconds',
    explanation: 'Time since the packet that this one answers.',
    ...ofExchange(({ latency, answers }) => (answers === 0 ? NONE : latency)),
  }),
  fact({
    name: 'mqtt.exchange.total',
    label: 'Time since the opener',
    kind: 'seconds',
    explanation: 'Time since the packet that opened the exchange.',
    ...ofExchange(({ total }) => total),
  }),
  fact({
    name: 'mqtt.fanout.opener',
    label: 'Message',
    kind: 'number',
    explanation:
      'Number of the packet that brought the message first: the same in the packet of the publisher and in every copy.',
    ...ofFanOut(({ opener }) => counted(opener, 1)),
  }),
  fact({
    name: 'mqtt.fanout.role',
    label: 'Role in the fan-out',
    kind: 'word',
    words: FANOUT_ROLES,
    explanation:
      'What a PUBLISH is: fresh (not seen before), copy (on its way to a subscriber), extra (the same for another of its filters), replay (as what is retained) or again (a packet sent again).',
    ...ofFanOut(({ role }) => FANOUT_ROLES.indexOf(role)),
  }),
  fact({
    name: 'mqtt.fanout.latency',
    label: 'Latency of the broker',
    kind: 'seconds',
    explanation: 'Of a copy: time since the packet of the publisher.',
    ...ofFanOut(({ latency }) => latency),
  }),
  fact({
    name: 'mqtt.fanout.copies',
    label: 'Copies',
    kind: 'number',
    explanation:
      'Subscribers that got a copy of the message: up to this packet; in a filter over a file and on the screens in all.',
    isOpen: true,
    ...ofFanOut(({ copies }) => counted(copies, 1)),
  }),
  fact({
    name: 'mqtt.fanout.expected',
    label: 'Copies expected',
    kind: 'number',
    explanation: 'Subscribers that are to get the message, as far as the capture shows their subscriptions.',
    ...ofFanOut(({ expected }) => counted(expected, 0)),
  }),
  fact({
    name: 'mqtt.finding.id',
    label: 'Finding',
    kind: 'text',
    explanation: 'The id of each remark on the packet.',
    ...ofFindings(record => findingsOf(record).map(({ id }) => id)),
  }),
  fact({
    name: 'mqtt.finding.level',
    label: 'Finding level',
    kind: 'word',
    words: LEVELS,
    explanation: 'note, warning or error.',
    ...ofFindings(record => findingsOf(record).map(({ level }) => LEVELS.indexOf(level))),
  }),
  fact({
    name: 'mqtt.illegal_topic_length',
    label: 'Topic of length 0',
    kind: 'mark',
    explanation: 'Present where a topic or filter is empty and may not be.',
    all: record => new Array<number>(illegalTopicLengths(record)).fill(1),
  }),
  fact({
    name: 'mqtt.unknown_version',
    label: 'Unknown version',
    kind: 'mark',
    explanation: 'Present where neither a CONNECT nor the bytes tell which version is spoken.',
    ...mark(isVersionUnknown),
  }),
  fact({
    name: 'mqtt.unknown_topic_alias',
    label: 'Unknown topic alias',
    kind: 'mark',
    explanation: 'Present where a topic alias stands for a topic that was not seen.',
    ...mark(({ aliasUnknown }) => aliasUnknown),
  }),
]

/** Facts of the wrappings, which hold for all packets of a connection. */
const TRANSPORT_FACTS: readonly Fact[] = [
  placed({ field: TLS_SERVER_NAME, kind: 'text', text: ({ stream }) => stream.transport?.tls?.sni }),
  placed({ field: TLS_CIPHER_SUITE, kind: 'text', text: ({ stream }) => stream.transport?.tls?.cipher }),
  placed({ field: TLS_ALPN, kind: 'text', text: ({ stream }) => stream.transport?.tls?.alpn }),
]

/** Facts of the frame that need no walk over it. */
const FRAME_FACTS: readonly Fact[] = [
  placed({
    field: FRAME_NUMBER,
    kind: 'number',
    number: ({ raw }) => raw.frame.number,
    row: (store, row) => store.frame(row),
  }),
  placed({
    field: FRAME_LEN,
    kind: 'number',
    number: ({ raw }) => raw.frame.wireSize,
    row: (store, row) => store.wireSize(row),
  }),
  placed({
    field: FRAME_CAP_LEN,
    kind: 'number',
    number: ({ raw: { frame } }) => frame.end - frame.start,
    row: (store, row) => store.frameSize(row),
  }),
  placed({ field: FRAME_INTERFACE, kind: 'number', number: ({ raw }) => raw.frame.port }),
  placed({ field: FRAME_FILE, kind: 'text', text: ({ raw, stream }) => stream.files?.nameOf(raw.frame.number) }),
]

export const FACTS: readonly Fact[] = [...PACKET_FACTS, ...TRANSPORT_FACTS, ...FRAME_FACTS]

const BY_NAME: ReadonlyMap<string, Fact> = new Map(FACTS.map(one => [one.field.name, one]))

export const factNamed = (name: string): Fact | undefined => BY_NAME.get(name)

/** All fields of a packet in the order in which people read them: what the walk announces, then the facts. */
export const RECORD_FIELDS: readonly Field[] = [...new Set([...MQTT_FIELDS, ...PACKET_FACTS.map(({ field }) => field)])]

/** True if only those who follow sessions know the values of a name. */
export const isOfSessions = (name: string): boolean => factNamed(name)?.needs !== undefined
/** True if copies have to be tied to their messages for it. */
export const isOfFanOut = (name: string): boolean => factNamed(name)?.needs === 'fanout'
/** True if packets that come later may change the value of a name. */
export const isOfOutcomes = (name: string): boolean => factNamed(name)?.isOpen === true

/** True if packets before the one that tells the fact of their stream have it in hindsight. */
export const isOfLearnt = (name: string): boolean => factNamed(name)?.isLearnt === true
