/** Who should have got a message and did not: told only where the capture shows that nothing came. */
import type { Message } from '../session/fanout/message.ts'
import type { Subscriber } from '../session/fanout/subscribers.ts'
import type { Stream } from '../store/record.ts'

/** A copy may take so long; a connection or a capture that ended sooner proves nothing. */
export const PATIENCE_S = 1

export interface Missing {
  readonly stream: Stream
  readonly qos: number
}

/** Named one by one; more are counted. */
export const MOST_MISSING = 20

/** `now`: seconds since the capture began, up to which copies were looked for. */
export function missingOf(message: Message, now: number): readonly Missing[] {
  const { copies, copyCount, expected, isDoubtful } = message
  if (!message.isPublisherSeen || isDoubtful || expected === undefined || copyCount > copies.length) return []
  // Not taken by the broker, as far as the wire shows: nothing is owed yet.
  if (message.qos > 0 ? !message.isAccepted : copyCount === 0 && hasLeft(message)) return []
  if (!(now - message.time >= PATIENCE_S)) return []
  const streams = new Set(copies.map(({ stream }) => stream))
  const clients = new Set(copies.map(({ stream }) => stream.clientId))
  return [...expected.values()]
    .filter(({ connection, noLocal }) => !noLocal || connection.stream !== message.stream)
    .filter(({ connection }) => !streams.has(connection.stream) && !clients.has(connection.clientId))
    .filter(subscriber => couldCome(subscriber, message))
    .map(({ connection, qos }) => ({ stream: connection.stream, qos: Math.min(message.qos, qos) }))
}

/** The publisher went at once: what it had sent last may have been lost with its connection. */
const hasLeft = ({ connection, time }: Message): boolean =>
  connection?.ending !== undefined && connection.ending.how !== 'capture' && connection.ending.time - time < PATIENCE_S

/** The connection stood long enough, all of it is in the capture, and the client takes packets of this size. */
function couldCome({ connection }: Subscriber, message: Message): boolean {
  const { ending, clientSide } = connection
  if (connection.hasGap || clientSide === -1) return false
  // It was away when an equal message came: which of the two it was sent nobody can tell.
  if (connection.sessionPresent === true && message.earlier > 0 && message.earlier < connection.firstPacket)
    return false
  if (ending !== undefined && ending.how !== 'capture' && ending.time - message.time < PATIENCE_S) return false
  return message.size < connection.peer(clientSide).maximumPacketSize
}
