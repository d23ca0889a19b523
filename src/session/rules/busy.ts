/** PINGRESP stuck behind a large packet: the broker answers, and the link is busy. */
import { TYPE_NAMES } from '../../mqtt/spec.ts'
import { otherSide } from '../../net/flow.ts'
import type { Connection } from '../connection.ts'
import type { Exchange } from '../exchange/exchange.ts'
import type { Rule } from '../rules.ts'
import type { Context, Tracker } from '../tracker.ts'
import { seconds } from './seconds.ts'

export const BUSY_RULES = {
  stuck: {
    id: 'pingresp.stuck',
    level: 'note',
    title: 'PINGRESP delayed by large packet',
    explanation:
      'The broker was still sending a large packet when it had to send PINGRESP. A client with a short timeout takes the broker for dead and reconnects. The link is slow, or the packet is too large for it.',
  },
} as const satisfies Record<string, Rule>

/** Seconds that a client waits for PINGRESP before it is worth a word. */
const WORTH_TELLING = 1

/** A PINGRESP that answers late, since another packet was under way. */
export function checkStuck({ record, connection, role, time }: Context, tracker: Tracker): void {
  if (role.name !== 'step' || !(role.latency >= WORTH_TELLING)) return
  const cause = busyWith(connection, record.side, time - role.latency)
  if (cause === '') return
  tracker.report(BUSY_RULES.stuck, connection, record.number, `PINGRESP came after ${seconds(role.latency)}, ${cause}`)
}

/** Returns what kept the answer to a PINGREQ of `exchange` from coming; empty if nothing is known to. */
export const causeOfNone = (exchange: Exchange, connection: Connection): string =>
  exchange.kind === 'ping' ? busyWith(connection, otherSide(exchange.side), exchange.lastTime) : ''

/** `behind packet 9 (PUBLISH, 100016 bytes), which was under way for 16 s`, if it was at `since`. */
function busyWith(connection: Connection, side: 0 | 1, since: number): string {
  const { large } = connection.peer(side)
  if (large === undefined || large.end < since) return ''
  const under = `which was under way for ${seconds(large.end - large.start)}`
  return `behind packet ${large.packet} (${TYPE_NAMES[large.type]}, ${large.size} bytes), ${under}`
}
