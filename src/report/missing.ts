/** Who should have got a message and did not: told only where the capture shows that nothing came. */
import { addressOf } from './exchange-row.ts'
import type { Message } from './message.ts'
import type { Subscriber } from './subscribers.ts'

/** A copy may take so long; a connection or a capture that ended sooner proves nothing. */
export const PATIENCE_S = 1

export interface Missing {
  readonly client: string | undefined
  readonly address: string
  readonly stream: number
  readonly qos: number
}

/** Named one by one; more are counted. */
export const MOST_MISSING = 20

/** Who is to get it: the publisher itself only where it wants to. */
export const expectedOf = ({ expected, stream }: Message): readonly Subscriber[] | undefined =>
  expected?.some(({ noLocal }) => noLocal) === true
    ? expected.filter(subscriber => !(subscriber.noLocal && streamOf(subscriber) === stream))
    : expected

/** `now`: seconds since the capture began, up to which copies were looked for. */
export function missingOf(message: Message, now: number): readonly Missing[] {
  const { copies, copyCount } = message
  const expected = expectedOf(message)
  if (!message.isSeen || expected === undefined || copyCount > copies.length) return []
  // Not taken by the broker, as far as the wire shows: nothing is owed yet.
  if (message.qos > 0 && !message.isTaken) return []
  if (!(now - message.time >= PATIENCE_S)) return []
  const streams = new Set(copies.map(({ stream }) => stream))
  const clients = new Set(copies.map(({ client }) => client))
  return expected
    .filter(subscriber => !streams.has(streamOf(subscriber)) && !clients.has(subscriber.session.clientId))
    .filter(subscriber => couldCome(subscriber, message))
    .map(subscriber => ({
      client: subscriber.session.clientId,
      address: addressOf(subscriber.session.connection),
      stream: streamOf(subscriber),
      qos: Math.min(message.qos, subscriber.qos),
    }))
}

const streamOf = ({ session }: Subscriber): number => session.connection.flow.index

/** The connection stood long enough, all of it is in the capture, and the client takes packets of this size. */
function couldCome({ session }: Subscriber, message: Message): boolean {
  const { ending, clientSide } = session
  if (session.hasGap || clientSide === -1) return false
  if (ending !== undefined && ending.how !== 'capture' && ending.time - message.time < PATIENCE_S) return false
  return message.size < session.party(clientSide).maximumPacketSize
}
