/** Who should have got a message and did not: told only where the capture shows that nothing came. */
import { expectedOf } from '../session/fanout/fanout.ts'
import type { Message } from '../session/fanout/message.ts'
import type { Subscriber } from '../session/fanout/subscribers.ts'
import type { Connection } from '../store/record.ts'

/** A copy may take so long; a connection or a capture that ended sooner proves nothing. */
export const PATIENCE_S = 1

export interface Missing {
  readonly connection: Connection
  readonly qos: number
}

/** Named one by one; more are counted. */
export const MOST_MISSING = 20

/** `now`: seconds since the capture began, up to which copies were looked for. */
export function missingOf(message: Message, now: number): readonly Missing[] {
  const { copies, copyCount } = message
  const expected = expectedOf(message)
  if (!message.isSeen || expected === undefined || copyCount > copies.length) return []
  // Not taken by the broker, as far as the wire shows: nothing is owed yet.
  if (message.qos > 0 && !message.isTaken) return []
  if (!(now - message.time >= PATIENCE_S)) return []
  const connections = new Set(copies.map(({ connection }) => connection))
  const clients = new Set(copies.map(({ connection }) => connection.clientId))
  return expected
    .filter(({ session }) => !connections.has(session.connection) && !clients.has(session.clientId))
    .filter(subscriber => couldCome(subscriber, message))
    .map(({ session, qos }) => ({ connection: session.connection, qos: Math.min(message.qos, qos) }))
}

/** The connection stood long enough, all of it is in the capture, and the client takes packets of this size. */
function couldCome({ session }: Subscriber, message: Message): boolean {
  const { ending, clientSide } = session
  if (session.hasGap || clientSide === -1) return false
  if (ending !== undefined && ending.how !== 'capture' && ending.time - message.time < PATIENCE_S) return false
  return message.size < session.party(clientSide).maximumPacketSize
}
