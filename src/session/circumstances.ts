/** Why a connection ended, as far as the wire shows it: what came last, what was unanswered, how long the client was silent. */
import type { Circumstances, Connection } from './connection.ts'

/** Open exchanges named of an end; more of them say no more. */
const MOST_UNANSWERED = 3

/** Returns the circumstances of an end at `time`, in seconds since the capture began. */
export function circumstancesOf(connection: Connection, time: number): Circumstances {
  const { clientSide, stream } = connection
  const side = connection.peer(1).lastPacket > connection.peer(0).lastPacket ? 1 : 0
  const last = connection.peer(side)
  const unanswered = connection.open.all().flatMap(({ awaited, last: packet }) => {
    return awaited === undefined ? [] : [{ type: awaited.type, from: stream.senderOf(awaited.side), packet }]
  })
  return {
    packet: last.lastPacket,
    type: last.lastType,
    from: stream.senderOf(side),
    after: Math.max(0, time - last.lastTime),
    unanswered: connection.isHalf ? [] : unanswered.slice(0, MOST_UNANSWERED),
    silence: clientSide === -1 ? Number.NaN : time - connection.peer(clientSide).lastTime,
  }
}
