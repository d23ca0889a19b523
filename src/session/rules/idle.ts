/** Connections that end in silence after the same idle time: something between the two ends forgets them. */
import type { Connection } from '../connection.ts'
import type { Rule } from '../rules.ts'
import type { Tracker } from '../tracker.ts'
import { seconds } from './seconds.ts'

export const IDLE_RULES = {
  timeout: {
    id: 'idle.timeout',
    level: 'warning',
    title: 'Idle timeout in the network',
    explanation:
      'Several connections ended without DISCONNECT after the same idle time, which is shorter than their keep alive. A firewall, a load balancer or a NAT that forgets idle connections may be the cause. Check its timeout, or use a shorter keep alive.',
  },
} as const satisfies Record<string, Rule>

/** Ends remembered; those of more are not compared. */
const MOST_ENDS = 1000
/** Connections that have to agree. */
const FEWEST = 3
/** Seconds: shorter times are those of programs, not of firewalls. */
const SHORTEST = 20
/** Idle times that differ by less are the same: seconds, or a part of the time. */
const TOLERANCE = 1
const TOLERANCE_PART = 0.01
/** Seconds between two ends: those that come at once have another cause. */
const APART = 1

interface End {
  readonly connection: Connection
  readonly idle: number
  readonly time: number
}

export class IdleTimes {
  private readonly ends: End[] = []

  ended(connection: Connection): void {
    const { ending, allowedSilence } = connection
    if (ending === undefined || this.ends.length >= MOST_ENDS || connection.missesBytes) return
    const isSilent = ending.how === 'rst' || (ending.how === 'fin' && ending.by === 'server')
    const idle = ending.circumstances?.after ?? 0
    if (!isSilent || idle < SHORTEST || allowedSilence === undefined) return
    if (allowedSilence === 0 || idle < allowedSilence) this.ends.push({ connection, idle, time: ending.time })
  }

  /** No more packets: the most connections that agree are told. */
  finish(tracker: Tracker): void {
    const sorted = this.ends.sort((a, b) => a.idle - b.idle)
    let best: readonly End[] = []
    let from = 0
    for (const [index, { idle }] of sorted.entries()) {
      while (idle - (sorted[from]?.idle ?? idle) > Math.max(TOLERANCE, idle * TOLERANCE_PART)) from++
      if (index - from >= best.length) best = sorted.slice(from, index + 1)
    }
    const separate = apart(best)
    const [first] = separate
    if (first === undefined || separate.length < FEWEST) return
    tracker.report(IDLE_RULES.timeout, first.connection, lastPacketOf(first.connection), textOf(separate))
  }
}

/** One of each group of ends that came at once. */
function apart(ends: readonly End[]): readonly End[] {
  const sorted = [...ends].sort((a, b) => a.time - b.time)
  return sorted.filter(({ time }, index) => index === 0 || time - (sorted[index - 1]?.time ?? 0) >= APART)
}

const lastPacketOf = (connection: Connection): number =>
  Math.max(connection.peer(0).lastPacket, connection.peer(1).lastPacket)

function textOf(ends: readonly End[]): string {
  const idle = ends.reduce((sum, end) => sum + end.idle, 0) / ends.length
  return `${ends.length} connections ended in silence after being idle for ${seconds(idle)}, shorter than their keep alive: a timeout in the network`
}
