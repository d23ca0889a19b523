/** What packets say about their session. */
import { Slot } from '../mqtt/fields.ts'
import { filterFault, isShare, isShareWellFormed, shareEnd } from '../mqtt/topic.ts'
import type { PacketRecord } from '../store/record.ts'
import type { Details } from './details.ts'
import { FIRST_REFUSAL } from './exchange/exchange.ts'
import { MOST_SUBSCRIPTIONS, type Session } from './session.ts'

const SESSION_EXPIRY = 0x11
const SERVER_KEEP_ALIVE = 0x13
const AUTH_METHOD = 0x15
const WILL_DELAY = 0x18
const RECEIVE_MAXIMUM = 0x21
const ALIAS_MAXIMUM = 0x22
const MAXIMUM_PACKET_SIZE = 0x27
const SUBSCRIPTION_IDENTIFIER = 0x0b
const PROBLEM_INFORMATION = 0x17
const RESPONSE_INFORMATION = 0x19
const MAXIMUM_QOS = 0x24
const RETAIN_AVAILABLE = 0x25
const WILDCARD_AVAILABLE = 0x28
const IDENTIFIERS_AVAILABLE = 0x29
const SHARED_AVAILABLE = 0x2a

const DISCONNECT_WITH_WILL = 0x04

const WILL_FLAG = 0x04
const CLEAN_FLAG = 0x02

/** What each side allows the other: the same properties in CONNECT and CONNACK (MQTT 5 §3.1.2.11, §3.2.2.3). */
function learnLimits(session: Session, record: PacketRecord, details: Details): void {
  const party = session.party(record.side)
  const { properties } = details
  party.receiveMaximum = properties.get(RECEIVE_MAXIMUM) ?? party.receiveMaximum
  party.aliasMaximum = properties.get(ALIAS_MAXIMUM) ?? party.aliasMaximum
  party.maximumPacketSize = properties.get(MAXIMUM_PACKET_SIZE) ?? party.maximumPacketSize
}

export function learnConnect(session: Session, record: PacketRecord, details: Details): void {
  const { packet } = record
  const flags = packet.has(Slot.connectFlags) ? packet.value(Slot.connectFlags) : 0
  session.connect = record.number
  session.version = record.version
  session.clientId = record.stream.clientId
  session.userName = details.userName
  session.keepAlive = packet.has(Slot.keepAlive) ? packet.value(Slot.keepAlive) : undefined
  session.clean = (flags & CLEAN_FLAG) !== 0
  session.expiry = details.properties.get(SESSION_EXPIRY)
  session.askedExpiry = session.expiry ?? 0
  session.wantsProblems = details.properties.get(PROBLEM_INFORMATION) !== 0
  session.wantsResponseInformation = details.properties.get(RESPONSE_INFORMATION) === 1
  learnQuiet(session)
  session.authMethod = details.texts.get(AUTH_METHOD)
  learnLimits(session, record, details)
  if ((flags & WILL_FLAG) === 0 || details.willTopic === undefined) return
  session.will = {
    topic: details.willTopic,
    qos: (flags >> 3) & 3,
    retain: (flags & 0x20) !== 0,
    payload: details.willPayload ?? new Uint8Array(0),
    delay: details.willProperties.get(WILL_DELAY) ?? 0,
    state: 'stored',
    packet: 0,
  }
}

export function learnConnack(session: Session, record: PacketRecord, details: Details, time: number): void {
  const { packet } = record
  const code = packet.has(Slot.reason) ? packet.value(Slot.reason) : -1
  if (session.connack > 0) return
  session.connackCode = code
  session.clientId = record.stream.clientId
  if (session.version === 0) session.version = record.version
  if (code !== 0) {
    session.ending = { how: 'refused', by: 'server', code, time }
    return
  }
  session.connack = record.number
  if (packet.has(Slot.ackFlags)) session.sessionPresent = (packet.value(Slot.ackFlags) & 1) === 1
  session.serverKeepAlive = details.properties.get(SERVER_KEEP_ALIVE)
  session.expiry = details.properties.get(SESSION_EXPIRY) ?? session.expiry
  learnQuiet(session)
  learnOffer(session, details.properties)
  learnLimits(session, record, details)
}

/** Seconds by which a packet may be late on its way without a remark. */
const JITTER = 1

/** Keep alive 0 means no limit (MQTT 5 §3.1.2.10). */
function learnQuiet(session: Session): void {
  const limit = session.allowedSilence ?? 0
  session.quiet = limit === 0 ? Number.POSITIVE_INFINITY : limit + JITTER
}

/** MQTT 5 §3.2.2.3: what is left out is on offer. */
function learnOffer(session: Session, properties: ReadonlyMap<number, number>): void {
  session.maximumQos = properties.get(MAXIMUM_QOS) ?? 2
  session.retainAvailable = properties.get(RETAIN_AVAILABLE) !== 0
  session.wildcardAvailable = properties.get(WILDCARD_AVAILABLE) !== 0
  session.identifiersAvailable = properties.get(IDENTIFIERS_AVAILABLE) !== 0
  session.sharedAvailable = properties.get(SHARED_AVAILABLE) !== 0
}

/** Filters given up that are remembered of a session. */
const MOST_GIVEN_UP = 1000

const filtersOf = (details: Details): readonly string[] => details.filters.map(({ filter }) => filter)

export function learnSubscribe(session: Session, record: PacketRecord, details: Details, time: number): void {
  const identifier = details.properties.get(SUBSCRIPTION_IDENTIFIER) ?? 0
  session.subscribed = time
  session.ask(record.number, filtersOf(details))
  for (const { filter, options } of details.filters) {
    const known = session.subscriptions.get(filter)
    if (known === undefined && session.subscriptions.size >= MOST_SUBSCRIPTIONS) {
      session.subscriptionsOmitted++
      continue
    }
    const pattern = known?.pattern ?? patternOf(filter)
    session.subscribe({
      filter,
      pattern,
      options,
      granted: undefined,
      before: Math.max(known?.granted ?? -1, known?.before ?? -1),
      packet: record.number,
      identifier,
    })
  }
}

const encoder = new TextEncoder()

/** What the subscription selects; undefined for a filter that is none. */
function patternOf(filter: string): Uint8Array | undefined {
  const bytes = encoder.encode(filter)
  if (filter === '' || filter.includes('\ufffd') || filterFault(bytes, 0, bytes.length) !== 0) return undefined
  const isGroup = isShare(bytes, 0, bytes.length) && isShareWellFormed(bytes, 0, bytes.length)
  return isGroup ? bytes.slice(shareEnd(bytes, 0, bytes.length)) : bytes
}

/** The codes stand in the order of the filters asked for (`[MQTT-3.9.3-1]`). */
export function learnSuback(session: Session, opener: number, details: Details): void {
  const filters = session.asked(opener) ?? []
  session.answered(opener)
  for (const [place, filter] of filters.entries()) {
    const subscription = session.subscriptions.get(filter)
    if (subscription?.packet === opener) subscription.granted = details.codes[place]
  }
}

export function learnUnsubscribe(session: Session, record: PacketRecord, details: Details): void {
  session.ask(record.number, filtersOf(details))
}

/** From the UNSUBACK on the filters of its UNSUBSCRIBE are gone. */
export function learnUnsuback(session: Session, opener: number): void {
  for (const filter of session.asked(opener) ?? []) {
    const pattern = session.subscriptions.get(filter)?.pattern
    if (pattern !== undefined && session.watch.givenUp.length < MOST_GIVEN_UP) session.watch.givenUp.push(pattern)
    session.unsubscribe(filter)
  }
  session.answered(opener)
}

/** A DISCONNECT of the client takes its will back, unless it says otherwise (MQTT 5 §3.14.2.1). */
export function learnDisconnect(session: Session, record: PacketRecord, details: Details, time: number): void {
  const code = details.codes[0] ?? (session.version === 5 ? 0 : -1)
  const by = session.stream.senderOf(record.side)
  session.party(record.side).disconnected = true
  session.expiry = details.properties.get(SESSION_EXPIRY) ?? session.expiry
  session.ending ??= { how: 'disconnect', by, code, time }
  if (by !== 'client' || session.will?.state !== 'stored') return
  if (code === DISCONNECT_WITH_WILL || code >= FIRST_REFUSAL) session.will.state = 'due'
  else session.will.state = 'discarded'
}
