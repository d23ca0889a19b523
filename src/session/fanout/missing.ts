/** Who should have got a message and did not: named only where the capture shows that nothing came. */
import type { Connection } from '../connection.ts'
import type { Message, Missing } from './message.ts'
import type { Subscriber } from './subscribers.ts'

/** A copy may take so long; a connection or a capture that ended sooner proves nothing. */
export const PATIENCE_S = 1

/** What is known of the copies of a message. */
export interface Copies {
  /** Seconds since the capture began, up to which copies were looked for. */
  readonly now: number
  /** True if the subscriber got the message, or may have got it. */
  has(connection: Connection): boolean
}

/** True if somebody may lack the message: it costs little to ask for each one. */
export const mayBeMissing = ({ expectedCount, copyCount, hasOthers, isPublisherSeen, isDoubtful }: Message): boolean =>
  expectedCount > 0 && (copyCount < expectedCount || hasOthers) && isPublisherSeen && !isDoubtful

/** Returns who lacks the message, of those who were to get it, where the broker has not refused it. */
export function missingOf(message: Message, copies: Copies): readonly Missing[] {
  const { expected, copyCount } = message
  if (expected === undefined || !(copies.now - message.time >= PATIENCE_S)) return []
  // Not taken by the broker, as far as the wire shows: nothing is owed yet.
  if (message.qos > 0 ? isOpen(message) : copyCount === 0 && hasLeft(message)) return []
  return [...expected.values()]
    .filter(({ connection, noLocal }) => !noLocal || connection.stream !== message.stream)
    .filter(subscriber => couldCome(subscriber, message) && !copies.has(subscriber.connection))
    .map(({ connection, qos }) => ({ connection, qos: Math.min(message.qos, qos) }))
}

/** The broker has not answered it so far; the object of an exchange that is over is used again for others. */
const isOpen = ({ exchange, number }: Message): boolean => exchange?.opener === number && exchange.state === 'open'

/** The publisher went at once: what it had sent last may have been lost with its connection. */
const hasLeft = ({ connection, time }: Message): boolean =>
  connection?.ending !== undefined && connection.ending.how !== 'capture' && connection.ending.time - time < PATIENCE_S

/** The connection stood long enough, all of it is in the capture, and the client takes packets of this size. */
function couldCome(subscriber: Subscriber, message: Message): boolean {
  const { connection } = subscriber
  const { ending, clientSide } = connection
  if (connection.hasGap || clientSide === -1 || hasGivenUp(subscriber, message)) return false
  // It was away when an equal message came: which of the two it was sent nobody can tell.
  if (connection.sessionPresent === true && message.earlier > 0 && message.earlier < connection.firstPacket)
    return false
  // It came as what was retained, for a SUBSCRIBE shortly before.
  if (message.replays > 0 && connection.subscribed > message.time - PATIENCE_S) return false
  if (ending !== undefined && ending.how !== 'capture' && ending.time - message.time < PATIENCE_S) return false
  return message.size < connection.peer(clientSide).maximumPacketSize
}

/**
 * The client gave up what it had asked for, before the broker was to have handed the message on: at QoS 2 it may wait for
 * PUBREL with that (MQTT 5 §4.3.3).
 */
const hasGivenUp = ({ by }: Subscriber, { qos, time }: Message): boolean =>
  by.every(({ until }) => (qos === 2 ? until >= time : until - time < PATIENCE_S))
