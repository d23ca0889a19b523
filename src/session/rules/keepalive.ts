/** The clock of the client: it is never silent for longer than its keep alive, and the broker watches over it. */

import { otherSide } from '../../net/flow.ts'
import type { Connection, Peer } from '../connection.ts'
import type { Rule } from '../rules.ts'
import type { Context, Tracker } from '../tracker.ts'

export const KEEPALIVE_RULES = {
  exceeded: {
    id: 'keepalive.exceeded',
    v4: '3.1.2-23',
    v5: '3.1.2-20',
    level: 'error',
    title: 'Keep alive exceeded',
    explanation:
      'The client has promised to send something at least once per keep alive, a PINGREQ if there is nothing else. After one and a half times that long the broker takes it for dead.',
  },
  late: {
    id: 'keepalive.late',
    level: 'warning',
    title: 'Silent for longer than the keep alive',
    explanation:
      'The client was silent for longer than its keep alive, and not as long as would have made the broker close. A slow network may be the reason, or a client that pings too late.',
  },
  notEnforced: {
    id: 'keepalive.not_enforced',
    v4: '3.1.2-24',
    v5: '3.1.2-22',
    level: 'error',
    level3: 'warning',
    title: 'Broker did not close in time',
    explanation:
      'After one and a half times the keep alive without a packet the broker closes the connection, as if the network had failed. Here it waited more than twice as long.',
  },
} as const satisfies Record<string, Rule>

const PATIENCE = 1.5
/** Seconds of grace before a broker counts as late: brokers check their clients at intervals. */
const SLACK = 5

const seconds = (value: number): string => `${Math.round(value * 10) / 10} s`

/** A packet of the client after more silence than its keep alive (`Connection.quiet`). */
export function checkSilence({ record, connection, time }: Context, tracker: Tracker): void {
  const limit = connection.allowedSilence ?? 0
  const client = connection.peer(record.side)
  if (connection.missesBytes || limit === 0 || record.side !== connection.clientSide) return
  const silence = time - client.lastTime
  const isExceeded = silence > limit * PATIENCE
  const message = `silent for ${seconds(silence)}, keep alive is ${limit} s`
  tracker.report(isExceeded ? KEEPALIVE_RULES.exceeded : KEEPALIVE_RULES.late, connection, record.number, message)
  checkBroker(connection, connection.peer(otherSide(record.side)), silence, tracker)
}

/** The connection ended; how long had the client been silent? */
export function checkLastSilence(connection: Connection, tracker: Tracker): void {
  const limit = connection.allowedSilence ?? 0
  if (connection.clientSide === -1 || limit === 0 || connection.missesBytes || connection.connack === 0) return
  // When these ended nobody saw.
  if (connection.ending?.how === 'evicted' || connection.ending?.how === 'reuse') return
  const client = connection.peer(connection.clientSide)
  const broker = connection.peer(otherSide(connection.clientSide))
  if (client.disconnected || broker.disconnected) return
  const silence = (connection.ending?.time ?? tracker.now) - client.lastTime
  if (!(silence > limit * PATIENCE)) return
  const message = `silent for ${seconds(silence)} until the connection ended, keep alive is ${limit} s`
  tracker.report(KEEPALIVE_RULES.exceeded, connection, client.lastPacket, message)
  checkBroker(connection, broker, silence, tracker)
}

function checkBroker(connection: Connection, broker: Peer, silence: number, tracker: Tracker): void {
  const limit = connection.allowedSilence ?? 0
  if (silence < 2 * limit + SLACK || broker.ended === 'fin' || broker.packets === 0) return
  const message = `the client was silent for ${seconds(silence)}, keep alive is ${limit} s, and the broker did not close`
  tracker.report(KEEPALIVE_RULES.notEnforced, connection, broker.lastPacket, message)
}
