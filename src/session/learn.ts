/** What packets say about their connection and its session. */
import { Slot } from '../mqtt/fields.ts'
import {
  BRIDGE_BIT,
  CONNACK,
  CONNECT,
  ConnectFlag,
  DISCONNECT,
  FIRST_FAILURE,
  PropertyId,
  Reason,
  SESSION_PRESENT,
  SUBACK,
  SUBSCRIBE,
  UNSUBACK,
  UNSUBSCRIBE,
  willQosOf,
} from '../mqtt/spec.ts'
import { filterFault, isShare, isShareWellFormed, shareEnd } from '../mqtt/topic.ts'
import type { PacketRecord } from '../store/record.ts'
import type { Connection } from './connection.ts'
import type { Details } from './details.ts'
import { isMisdirected } from './direction.ts'
import type { GivenUp, RuleState } from './rule-state.ts'
import type { Subscription } from './session.ts'

/** What each side allows the other: the same properties in CONNECT and CONNACK (MQTT 5 §3.1.2.11, §3.2.2.3). */
function learnLimits(connection: Connection, record: PacketRecord, details: Details): void {
  const peer = connection.peer(record.side)
  const { properties } = details
  // What is behind a cut allows whatever is done; the client id stands behind the properties of CONNECT.
  if (record.isCut && !record.packet.has(Slot.clientId)) peer.aliasMaximum = Number.POSITIVE_INFINITY
  // 0 is out of range for both maximums, and limits nothing.
  peer.receiveMaximum = properties.get(PropertyId.receiveMaximum) || peer.receiveMaximum
  peer.aliasMaximum = properties.get(PropertyId.topicAliasMaximum) ?? peer.aliasMaximum
  peer.maximumPacketSize = properties.get(PropertyId.maximumPacketSize) || peer.maximumPacketSize
}

function learnConnect(connection: Connection, record: PacketRecord, details: Details): void {
  if (connection.connect > 0) return
  const { packet } = record
  const flags = packet.has(Slot.connectFlags) ? packet.value(Slot.connectFlags) : 0
  connection.connect = record.number
  connection.version = record.version
  connection.clientId = record.stream.clientId
  connection.userName = details.userName
  connection.keepAlive = packet.has(Slot.keepAlive) ? packet.value(Slot.keepAlive) : undefined
  connection.clean = (flags & ConnectFlag.clean) !== 0
  connection.isBridge = packet.has(Slot.level) && (packet.value(Slot.level) & BRIDGE_BIT) !== 0
  connection.expiry = details.properties.get(PropertyId.sessionExpiryInterval)
  connection.askedExpiry = connection.expiry ?? 0
  connection.wantsProblems = details.properties.get(PropertyId.requestProblemInformation) !== 0
  connection.wantsResponseInformation = details.properties.get(PropertyId.requestResponseInformation) === 1
  learnQuiet(connection)
  connection.authMethod = details.texts.get(PropertyId.authenticationMethod)
  learnLimits(connection, record, details)
  if ((flags & ConnectFlag.will) === 0 || details.willTopic === undefined) return
  if (details.willPayload === undefined && record.isCut) return
  connection.will = {
    topic: details.willTopic,
    qos: willQosOf(flags),
    retain: (flags & ConnectFlag.willRetain) !== 0,
    payload: details.willPayload ?? new Uint8Array(0),
    delay: details.willProperties.get(PropertyId.willDelayInterval) ?? 0,
    state: 'stored',
    packet: 0,
  }
}

function learnConnack(connection: Connection, record: PacketRecord, details: Details, time: number): void {
  const { packet } = record
  const code = packet.has(Slot.reason) ? packet.value(Slot.reason) : -1
  if (connection.connack > 0 || (code === -1 && record.isCut)) return
  connection.isOfferCut = record.isCut
  connection.connackCode = code
  connection.clientId = record.stream.clientId
  if (connection.version === 0) connection.version = record.version
  if (code !== 0) {
    connection.ending = { how: 'refused', by: 'server', code, time }
    return
  }
  connection.connack = record.number
  if (packet.has(Slot.ackFlags)) connection.sessionPresent = (packet.value(Slot.ackFlags) & SESSION_PRESENT) !== 0
  connection.serverKeepAlive = details.properties.get(PropertyId.serverKeepAlive)
  connection.expiry = details.properties.get(PropertyId.sessionExpiryInterval) ?? connection.expiry
  learnQuiet(connection)
  learnOffer(connection, details.properties)
  learnLimits(connection, record, details)
}

/** Seconds by which a packet may be late on its way without a finding. */
const JITTER = 1

/** Keep alive 0 means no limit (MQTT 5 §3.1.2.10). */
function learnQuiet(connection: Connection): void {
  const limit = connection.allowedSilence ?? 0
  connection.quiet = limit === 0 ? Number.POSITIVE_INFINITY : limit + JITTER
}

/** MQTT 5 §3.2.2.3: what is left out is on offer. */
function learnOffer(connection: Connection, properties: ReadonlyMap<number, number>): void {
  connection.maximumQos = properties.get(PropertyId.maximumQoS) ?? 2
  connection.retainAvailable = properties.get(PropertyId.retainAvailable) !== 0
  connection.wildcardAvailable = properties.get(PropertyId.wildcardSubscriptionAvailable) !== 0
  connection.identifiersAvailable = properties.get(PropertyId.subscriptionIdentifierAvailable) !== 0
  connection.sharedAvailable = properties.get(PropertyId.sharedSubscriptionAvailable) !== 0
}

/** Most filters remembered that a client has unsubscribed from. */
const MOST_GIVEN_UP = 1000

const filtersOf = (details: Details): readonly string[] => details.filters.map(({ filter }) => filter)

function learnSubscribe(connection: Connection, record: PacketRecord, details: Details, time: number): void {
  const identifier = details.properties.get(PropertyId.subscriptionIdentifier) ?? 0
  connection.subscribed = time
  if (!record.isCut) connection.ask(record.number, filtersOf(details))
  for (const { filter, options } of details.filters) {
    const pattern = connection.session.subscriptions.get(filter)?.pattern ?? patternOf(filter)
    connection.subscribe({
      filter,
      pattern,
      options,
      granted: undefined,
      before: -1,
      packet: record.number,
      until: Number.NaN,
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
  return kept(bytes.subarray(isGroup ? shareEnd(bytes, 0, bytes.length) : 0))
}

/** Bytes of memory that patterns have in common: an array with memory of its own takes 200 bytes more. */
const COMMON_BYTES = 16 * 1024
let common = new Uint8Array(0)
let used = 0

/** Returns a copy of a pattern, in the memory that it has in common with others made at about the same time. */
function kept(pattern: Uint8Array): Uint8Array {
  if (used + pattern.length > common.length) {
    common = new Uint8Array(Math.max(COMMON_BYTES, pattern.length))
    used = 0
  }
  const copy = common.subarray(used, used + pattern.length)
  copy.set(pattern)
  used += pattern.length
  return copy
}

/** The filter was asked for once more before the answer to the first time came. */
function learnBefore(subscription: Subscription, granted = FIRST_FAILURE): void {
  if (granted < FIRST_FAILURE) subscription.before = Math.max(subscription.before, granted)
}

/** The codes stand in the order of the filters asked for (`[MQTT-3.9.3-1]`). */
function learnSuback(connection: Connection, _: PacketRecord, details: Details, _time: number, opener: number): void {
  const filters = connection.asked(opener) ?? []
  connection.answered(opener)
  for (const [index, filter] of filters.entries()) {
    const subscription = connection.session.subscriptions.get(filter)
    if (subscription?.packet === opener) subscription.granted = details.codes[index]
    else if (subscription !== undefined && subscription.packet > opener) learnBefore(subscription, details.codes[index])
  }
}

function learnUnsubscribe(connection: Connection, record: PacketRecord, details: Details, time: number): void {
  if (!record.isCut) connection.ask(record.number, filtersOf(details))
  for (const { filter } of details.filters) {
    const subscription = connection.session.subscriptions.get(filter)
    if (subscription !== undefined) subscription.until = time
  }
}

function giveUp(state: RuleState, filter: GivenUp): void {
  state.givenUp ??= []
  if (state.givenUp.length < MOST_GIVEN_UP) state.givenUp.push(filter)
}

/** From the UNSUBACK on the filters of its UNSUBSCRIBE are gone. */
function learnUnsuback(
  connection: Connection,
  { number }: PacketRecord,
  _details: Details,
  _time: number,
  opener: number,
): void {
  for (const filter of connection.asked(opener) ?? []) {
    const subscription = connection.session.subscriptions.get(filter)
    // It was asked for again before the answer came.
    if (subscription !== undefined && subscription.packet > opener) continue
    const pattern = subscription?.pattern
    if (pattern !== undefined) giveUp(connection.ruleState, { pattern, packet: number })
    connection.unsubscribe(filter)
  }
  connection.answered(opener)
}

/** A DISCONNECT of the client takes its will back, unless it says otherwise (MQTT 5 §3.14.2.1). */
function learnDisconnect(connection: Connection, record: PacketRecord, details: Details, time: number): void {
  const code = details.codes[0] ?? (connection.version === 5 ? 0 : -1)
  const by = connection.stream.senderOf(record.side)
  connection.peer(record.side).disconnected = true
  connection.expiry = details.properties.get(PropertyId.sessionExpiryInterval) ?? connection.expiry
  connection.ending ??= { how: 'disconnect', by, code, time }
  if (by !== 'client' || connection.will?.state !== 'stored') return
  if (code === Reason.disconnectWithWill || code >= FIRST_FAILURE) connection.will.state = 'due'
  else connection.will.state = 'discarded'
}

type Learner = (connection: Connection, record: PacketRecord, details: Details, time: number, opener: number) => void

/** By packet type; from the other types nothing is learnt. */
const LEARNERS: Readonly<Record<number, Learner>> = {
  [CONNECT]: learnConnect,
  [CONNACK]: learnConnack,
  [SUBSCRIBE]: learnSubscribe,
  [SUBACK]: learnSuback,
  [UNSUBSCRIBE]: learnUnsubscribe,
  [UNSUBACK]: learnUnsuback,
  [DISCONNECT]: learnDisconnect,
}

/** Learns what the packet says about its connection. `opener`: number of the packet that it answers; 0 for none. */
export const learn: Learner = (connection, record, details, time, opener) => {
  if (isMisdirected(record)) return
  LEARNERS[record.type]?.(connection, record, details, time, opener)
  connection.review()
}
