/** The clock of the client: it is never silent for longer than its keep alive, and the broker watches over it. */

import { DISCONNECT, Reason } from '../../mqtt/spec.ts'
import { otherSide } from '../../net/flow.ts'
import type { Connection } from '../connection.ts'
import type { Rule } from '../rules.ts'
import type { Context, Tracker } from '../tracker.ts'
import { seconds } from './seconds.ts'

export const KEEPALIVE_RULES = {
  exceeded: {
    id: 'keepalive.exceeded',
    v4: '3.1.2-23',
    v5: '3.1.2-20',
    level: 'error',
    title: 'Keep alive exceeded',
    explanation:
      'A client sends at least one packet per keep alive interval, a PINGREQ if it has nothing else. After 1.5 times the interval the broker closes the connection. Check whether the client hangs, sleeps or lost its network.',
  },
  unreachable: {
    id: 'keepalive.unreachable',
    v4: '3.1.2-23',
    v5: '3.1.2-20',
    level: 'warning',
    title: 'Client unreachable',
    explanation:
      'A client sends at least one packet per keep alive interval. This one sent none, and its TCP stack acknowledged nothing in that time either. The client may have lost its network or power, or it sleeps.',
  },
  late: {
    id: 'keepalive.late',
    level: 'warning',
    title: 'Silent longer than keep alive',
    explanation:
      'The client was silent for more than its keep alive, but less than 1.5 times as long, so the broker does not close. The network is slow, or the client pings too late.',
  },
  notEnforced: {
    id: 'keepalive.not_enforced',
    v4: '3.1.2-24',
    v5: '3.1.2-22',
    level: 'error',
    level3: 'warning',
    title: 'Keep alive not enforced',
    explanation:
      'After 1.5 times the keep alive without a packet the broker closes the connection. This broker waited more than twice as long.',
  },
  clock: {
    id: 'keepalive.clock',
    level: 'warning',
    title: 'Long silence or clock step',
    explanation:
      'The client was silent for much longer than its keep alive, the broker goes on with it, and the capture has no frame at all from that time. The clock of the capture may have been set forward, or the machine slept; then the client was not silent. Otherwise the broker did not close in time.',
  },
  timeout: {
    id: 'keepalive.timeout',
    level: 'warning',
    title: 'Closed after Keep Alive timeout',
    explanation:
      'The broker closes with the reason Keep Alive timeout: it received no packet from the client for 1.5 times the keep alive. Packets may have been lost between the capture and the broker.',
  },
} as const satisfies Record<string, Rule>

const PATIENCE = 1.5
/** Seconds of grace before a broker counts as late: brokers check their clients at intervals. */
const SLACK = 5

/** A packet of the client that ended more silence than its keep alive (`Connection.quiet`): it ends as the packet begins. */
export function checkSilence({ record, connection }: Context, tracker: Tracker): void {
  const limit = connection.allowedSilence ?? 0
  if (connection.missesPackets || limit === 0 || record.side !== connection.clientSide) return
  const { lastTime } = connection.peer(record.side)
  const silence = tracker.startOf(record) - lastTime
  if (!(silence > connection.quiet)) return
  const message = `silent for ${seconds(silence)}, keep alive is ${limit} s`
  const isAlive = tracker.lastAck(connection, record.side) - lastTime > limit / 2
  connection.pause = pauseIn(silence, lastTime, limit, tracker)
  const rule = ruleOf(silence, limit, isAlive && connection.pause === 0)
  tracker.report(rule, connection, record.number, message)
  if (silence > limit * PATIENCE) tracker.expired(rule, connection, lastTime + limit * PATIENCE)
  if (checkBroker(connection, silence, tracker) || silence < 2 * limit + SLACK) return
  // Whether the broker had closed is shown by its answer.
  connection.lateSilence = silence
  connection.review()
}

/** Returns the seconds without any frame where they alone make the silence too long; 0 otherwise. */
function pauseIn(silence: number, since: number, limit: number, tracker: Tracker): number {
  const pause = tracker.pauseSince(since)
  return silence - pause <= limit * PATIENCE ? pause : 0
}

function ruleOf(silence: number, limit: number, isAlive: boolean): Rule {
  if (silence <= limit * PATIENCE) return KEEPALIVE_RULES.late
  return isAlive ? KEEPALIVE_RULES.exceeded : KEEPALIVE_RULES.unreachable
}

/** The first packet of the broker after a client that was silent for too long: the broker had not closed. */
export function checkLateAnswer({ record, connection }: Context, tracker: Tracker): void {
  if (record.side === connection.clientSide) return
  const silence = connection.lateSilence
  connection.lateSilence = 0
  connection.review()
  if (record.type !== DISCONNECT && !connection.missesPackets) reportBroker(connection, silence, record.number, tracker)
}

/** The broker closes a connection and says that its client was silent for too long. */
export function checkTimeout({ record, connection, details, time }: Context, tracker: Tracker): void {
  if (record.side === connection.clientSide || details?.codes[0] !== Reason.keepAliveTimeout) return
  const limit = connection.allowedSilence ?? 0
  const { lastTime } = connection.peer(otherSide(record.side))
  const silence = time - lastTime
  const isSeen = limit > 0 && !connection.missesPackets && silence > limit * PATIENCE
  const isPaused = pauseIn(silence, lastTime, limit, tracker) > 0
  const isAlive = !isPaused && tracker.lastAck(connection, otherSide(record.side)) - lastTime > limit
  const rule = isSeen && isAlive ? KEEPALIVE_RULES.exceeded : KEEPALIVE_RULES.timeout
  const message = `the broker closes for Keep Alive timeout: the client was silent for ${seconds(silence)}, keep alive is ${limit} s`
  tracker.report(rule, connection, record.number, message)
  if (isSeen) tracker.expired(rule, connection, lastTime + limit * PATIENCE)
}

/** The connection ended; how long had the client been silent? */
export function checkLastSilence(connection: Connection, tracker: Tracker): void {
  const limit = connection.allowedSilence ?? 0
  if (connection.clientSide === -1 || limit === 0 || connection.missesPackets || connection.connack === 0) return
  // When these ended nobody saw.
  if (connection.ending?.how === 'evicted' || connection.ending?.how === 'reuse') return
  const client = connection.peer(connection.clientSide)
  const broker = connection.peer(otherSide(connection.clientSide))
  if (client.disconnected || broker.disconnected) return
  const silence = (connection.ending?.time ?? tracker.now) - client.lastTime
  if (!(silence > limit * PATIENCE)) return
  const message = `silent for ${seconds(silence)} until the connection ended, keep alive is ${limit} s`
  connection.pause = pauseIn(silence, client.lastTime, limit, tracker)
  const isAlive = connection.lastAck - client.lastTime > limit
  const rule = ruleOf(silence, limit, isAlive && connection.pause === 0)
  const time = client.lastTime + limit * PATIENCE
  tracker.reportAt(time, rule, connection, client.lastPacket, message)
  tracker.expired(rule, connection, time)
  checkBroker(connection, silence, tracker)
}

/** Returns true if the broker went on with the connection when it should have been closed for long. */
function checkBroker(connection: Connection, silence: number, tracker: Tracker): boolean {
  const limit = connection.allowedSilence ?? 0
  const client = connection.clientSide === 1 ? 1 : 0
  const broker = connection.peer(otherSide(client))
  if (!(broker.lastTime - connection.peer(client).lastTime >= 2 * limit + SLACK)) return false
  reportBroker(connection, silence, broker.lastPacket, tracker)
  return true
}

function reportBroker(connection: Connection, silence: number, packet: number, tracker: Tracker): void {
  const limit = connection.allowedSilence ?? 0
  const message = `the client was silent for ${seconds(silence)}, keep alive is ${limit} s, and the broker did not close`
  if (connection.pause === 0) return tracker.report(KEEPALIVE_RULES.notEnforced, connection, packet, message)
  const doubt = `${message}; the capture has no frame for ${seconds(connection.pause)}: the clock may have stepped`
  tracker.report(KEEPALIVE_RULES.clock, connection, packet, doubt)
}
