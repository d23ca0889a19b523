/** What packets say about their session. */
import { Slot } from '../mqtt/fields.ts'
import type { PacketRecord } from '../store/record.ts'
import type { Details } from './details.ts'
import { FIRST_REFUSAL } from './exchanges.ts'
import { MOST_SUBSCRIPTIONS, type Session } from './session.ts'

const SESSION_EXPIRY = 0x11
const SERVER_KEEP_ALIVE = 0x13
const AUTH_METHOD = 0x15
const WILL_DELAY = 0x18
const RECEIVE_MAXIMUM = 0x21
const ALIAS_MAXIMUM = 0x22
const MAXIMUM_PACKET_SIZE = 0x27
const SUBSCRIPTION_IDENTIFIER = 0x0b

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
  session.clientId = record.connection.clientId
  session.userName = details.userName
  session.keepAlive = packet.has(Slot.keepAlive) ? packet.value(Slot.keepAlive) : undefined
  session.clean = (flags & CLEAN_FLAG) !== 0
  session.expiry = details.properties.get(SESSION_EXPIRY)
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
  session.clientId = record.connection.clientId
  if (session.version === 0) session.version = record.version
  if (code !== 0) {
    session.ending = { how: 'refused', by: 'server', code, time }
    return
  }
  session.connack = record.number
  if (packet.has(Slot.ackFlags)) session.sessionPresent = (packet.value(Slot.ackFlags) & 1) === 1
  session.serverKeepAlive = details.properties.get(SERVER_KEEP_ALIVE)
  session.expiry = details.properties.get(SESSION_EXPIRY) ?? session.expiry
  learnLimits(session, record, details)
}

export function learnSubscribe(session: Session, record: PacketRecord, details: Details): void {
  const identifier = details.properties.get(SUBSCRIPTION_IDENTIFIER) ?? 0
  for (const { filter, options } of details.filters) {
    if (!session.subscriptions.has(filter) && session.subscriptions.size >= MOST_SUBSCRIPTIONS) {
      session.subscriptionsOmitted++
      continue
    }
    session.subscriptions.set(filter, { filter, options, granted: undefined, packet: record.number, identifier })
  }
}

/** The codes stand in the order of the filters asked for (`[MQTT-3.9.3-1]`). */
export function learnSuback(session: Session, opener: number, details: Details): void {
  let place = 0
  for (const subscription of session.subscriptions.values()) {
    if (subscription.packet === opener) subscription.granted = details.codes[place++]
  }
}

/** Unanswered requests remembered of a session: as many as a client has packet ids. */
const MOST_REQUESTS = 65_535

export function learnUnsubscribe(session: Session, record: PacketRecord, details: Details): void {
  if (session.unsubscribing.size >= MOST_REQUESTS) return
  session.unsubscribing.set(
    record.number,
    details.filters.map(({ filter }) => filter),
  )
}

/** From the UNSUBACK on the filters of its UNSUBSCRIBE are gone. */
export function learnUnsuback(session: Session, opener: number): void {
  for (const filter of session.unsubscribing.get(opener) ?? []) session.subscriptions.delete(filter)
  session.unsubscribing.delete(opener)
}

/** A DISCONNECT of the client takes its will back, unless it says otherwise (MQTT 5 §3.14.2.1). */
export function learnDisconnect(session: Session, record: PacketRecord, details: Details, time: number): void {
  const code = details.codes[0] ?? (session.version === 5 ? 0 : -1)
  const by = session.connection.senderOf(record.side)
  session.party(record.side).disconnected = true
  session.expiry = details.properties.get(SESSION_EXPIRY) ?? session.expiry
  session.ending ??= { how: 'disconnect', by, code, time }
  if (by !== 'client' || session.will?.state !== 'stored') return
  if (code === DISCONNECT_WITH_WILL || code >= FIRST_REFUSAL) session.will.state = 'due'
  else session.will.state = 'discarded'
}
