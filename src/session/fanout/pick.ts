/** Which of several equal messages a copy is of, and whether it is a retained message that was sent on subscribe. */
import { SubscriptionOption } from '../../mqtt/spec.ts'
import type { PacketRecord } from '../../store/record.ts'
import { type Connection, connectionOn } from '../connection.ts'
import { qosOfRecord, topicBytes } from './carried.ts'
import { type Chain, MOST_TRIED } from './chain.ts'
import { type Message, YOUNG_S } from './message.ts'
import { MOST_OF_SESSION, matching } from './subscribers.ts'

/**
 * Returns the message of the chain that the PUBLISH is a copy of: behind the last that this receiver got, the first young one
 * that it is to get; failing that a young one, then the last one. `now`: seconds since the capture began.
 */
export function pick(chain: Chain, receiver: number, record: PacketRecord, now: number): Message | undefined {
  const port = record.stream.flow.port(record.side)
  const qos = qosOfRecord(record)
  const isOnly = chain.size === 1
  const bound = isOnly ? startBound(record) : boundOf(record)
  const connection = isOnly ? undefined : connectionOn(record.stream)
  const from = Math.max(chain.after(chain.got(receiver)), chain.size - MOST_TRIED)
  let young: Message | undefined
  let last: Message | undefined
  for (let at = from; at < chain.size; at++) {
    const message = chain.at(at)
    if (message === undefined || message.port !== port || message.sentLast <= bound) continue
    if (message.isPublisherSeen && qos > message.qos) continue
    const isYoung = !(now - message.time > YOUNG_S)
    if (connection !== undefined && isForOthers(message, connection, qos)) {
      if (isYoung) young ??= message
    } else if (isYoung) return message
    else last = message
  }
  return young ?? last
}

/** Returns the packet up to which equal messages are not for the receiver: it had not asked for any by then. */
function boundOf(record: PacketRecord): number {
  const bound = startBound(record)
  const connection = connectionOn(record.stream)
  if (connection?.knowsSubscriptions !== true || connection.session.subscriptions.size > MOST_OF_SESSION) return bound
  const asked = matching(connection, topicBytes(record)).map(({ packet, before }) => (before === -1 ? packet : 0))
  return asked.length === 0 ? bound : Math.max(bound, Math.min(...asked))
}

/** Returns the packet with which a new session began: what was published before is not for it, unless it is retained. */
function startBound(record: PacketRecord): number {
  const connection = connectionOn(record.stream)
  return connection?.isComplete === true && connection.sessionPresent !== true ? connection.firstPacket : 0
}

/** Seconds after a SUBSCRIBE in which it may be the reason for a message with RETAIN 1. */
const RETAINED_TIME_S = 60
/** Seconds between a SUBSCRIBE and a message published later, from which on a broker has taken them in that order. */
const PATIENCE_S = 2

/**
 * True if a PUBLISH with RETAIN 1 is a retained message sent on subscribe, not a live one, which has the flag for a bridge and
 * with Retain As Published (MQTT 5 §3.8.3.1). `isGot`: the receiver has got `message` before.
 */
export function isReplay(record: PacketRecord, message: Message | undefined, isGot: boolean, now: number): boolean {
  const connection = connectionOn(record.stream)
  if (message === undefined || connection === undefined) return true
  // What it got once comes again because it has subscribed since.
  if (isGot && connection.subscribed > message.time) return true
  if (!isGot && isLive(message, connection)) return false
  if (record.version !== 5 && !connection.isBridge) return true
  if (!message.retain && !(now - connection.subscribed > RETAINED_TIME_S)) return true
  return !matching(connection, topicBytes(record)).some(
    ({ options, packet, before }) =>
      (connection.isBridge || (options & SubscriptionOption.retainAsPublished) !== 0) &&
      (packet < message.number || before !== -1),
  )
}

/** True if the message was published long after the client had asked for anything: its broker had nothing to send from before. */
export function isLive(message: Message, { subscribed, start, knowsSubscriptions }: Connection): boolean {
  if (!message.isPublisherSeen || !knowsSubscriptions) return false
  return message.time - (Number.isNaN(subscribed) ? start : subscribed) > PATIENCE_S
}

/** True if the message is hardly for this receiver: it was away, and few brokers keep QoS 0 meanwhile; or it had not asked for it. */
const isForOthers = ({ number, expected }: Message, connection: Connection, qos: number): boolean =>
  number < connection.firstPacket ? qos === 0 : connection.knowsSubscriptions && expected?.has(connection) === false
