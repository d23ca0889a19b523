/**
 * The word lists of records, filters, reports and screens: each once, and its type derived from it. The order of a list is the
 * order that `<` has in filters.
 */
import type { FlowEnd } from '../base/line.ts'

export { LEVELS, type Level } from '../base/level.ts'

/** Who sent a packet; `unknown` if neither SYN, ports nor packets tell which side is the client. */
export const SENDERS = ['client', 'server', 'unknown'] as const
export type Sender = (typeof SENDERS)[number]

/** What packets that answer each other are about. */
export const EXCHANGE_KINDS = ['qos1', 'qos2', 'subscribe', 'unsubscribe', 'connect', 'ping', 'auth'] as const
export type ExchangeKind = (typeof EXCHANGE_KINDS)[number]

/** The kinds as people read them. */
export const KIND_NAMES: Readonly<Record<ExchangeKind, string>> = {
  qos1: 'QoS 1',
  qos2: 'QoS 2',
  subscribe: 'SUBSCRIBE',
  unsubscribe: 'UNSUBSCRIBE',
  connect: 'CONNECT',
  ping: 'PING',
  auth: 'AUTH',
}

/**
 * How far an exchange is. `open`: an answer is still to come. `refused`: an answer had a reason code of 0x80 or more.
 * `abandoned`: the connection ended, or the packet id was used again, before the answer came.
 */
export const EXCHANGE_STATES = ['open', 'complete', 'refused', 'abandoned'] as const
export type ExchangeState = (typeof EXCHANGE_STATES)[number]

/**
 * What a PUBLISH is on the way of its message over the broker. `fresh`: not seen before. `copy`: on its way to a subscriber.
 * `extra`: a copy for another filter of the same subscriber. `replay`: a copy of the retained message. `again`: a packet that
 * was resent.
 */
export const FANOUT_ROLES = ['fresh', 'copy', 'extra', 'replay', 'again'] as const
export type FanOutRole = (typeof FANOUT_ROLES)[number]

/** How a connection ended: by MQTT, or by TCP alone. */
export type EndingKind = 'disconnect' | 'refused' | 'takeover' | FlowEnd
