/**
 * The same stream twice: a capture point on both sides of a translation of addresses sees each segment under two names. The
 * two streams have the same sequence numbers in both directions and begin with the same bytes; one of them is read.
 */
import type { Side } from '../base/line.ts'
import { type Flow, Known } from './flow.ts'
import type { Recent } from './recent.ts'
import type { Segment } from './segment.ts'
import { NOBODY, type Tracked } from './table.ts'

/** Streams opened last among which the twin of a new one is looked for: a translation takes less than a millisecond. */
const MOST_CANDIDATES = 32
/** Seconds between the first segments of twins: two capture points may be merged by clocks that differ a little. */
const MOST_APART_S = 1
const BOTH_BASES = Known.Base0 | Known.Base1

export class Twins {
  private readonly latest: (Tracked | undefined)[] = []
  private next = 0

  /** A stream is opened: one that began with the same sequence number, on either side, may be its twin. */
  opened(flow: Tracked): void {
    for (const other of this.latest) {
      if (other === undefined || other.closed || !beginTogether(flow, other)) continue
      if (!mayBeTwins(flow, other, 0) && !mayBeTwins(flow, other, 1)) continue
      flow.suspect = other
      other.suspect = flow
    }
    this.latest[this.next] = flow
    this.next = (this.next + 1) % MOST_CANDIDATES
  }
}

const beginTogether = (flow: Flow, other: Flow): boolean =>
  Math.abs(flow.seconds - other.seconds + (flow.nanos - other.nanos) / 1e9) < MOST_APART_S

/** Relation between the sides of two streams: 1 if the first segments captured of them come from opposite sides. */
type Turn = 0 | 1

const BASES = [Known.Base0, Known.Base1] as const
const turned = (side: Side, turn: Turn): Side => (side === turn ? 0 : 1)

/** True if one side of `flow`, whose number is known, began like the side of `other` that belongs to it, at other addresses. */
const mayBeTwins = (flow: Flow, other: Flow, turn: Turn): boolean =>
  (hasSameBase(flow, other, 0, turn) || (turn === 1 && hasSameBase(flow, other, 1, turn))) &&
  hasOtherAddress(flow, other, turn)

function hasSameBase(flow: Flow, other: Flow, side: Side, turn: Turn): boolean {
  const its = turned(side, turn)
  const areKnown = (flow.known & BASES[side]) !== 0 && (other.known & BASES[its]) !== 0
  return areKnown && flow.base(side) === other.base(its)
}

/** A translation changes one address at least: two ports of one client are two connections. */
const hasOtherAddress = (flow: Flow, other: Flow, turn: Turn): boolean =>
  flow.family !== other.family || !hasSameHost(flow, 0, other, turn) || !hasSameHost(flow, 1, other, turn)

/** Compares numbers: the texts of both addresses would have to be made for each of the candidates. */
function hasSameHost(flow: Flow, side: Side, other: Flow, turn: Turn): boolean {
  const its = turned(side, turn)
  if (firstWord(flow, side) !== firstWord(other, its)) return false
  return flow.family === 4 || flow.host(side) === other.host(its)
}

/** The whole of an IPv4 address, the first 32 bits of an IPv6 address. */
const firstWord = (flow: Flow, side: Side): number => (side === 0 ? flow.a0 : flow.b0)

/** Returns how the sides of two streams belong together, by the numbers of both; -1 if they are no twins. */
function turnOf(flow: Flow, other: Flow): Turn | -1 {
  if ((flow.known & other.known & BOTH_BASES) !== BOTH_BASES) return -1
  for (const turn of [0, 1] as const)
    if (hasSameBase(flow, other, 0, turn) && hasSameBase(flow, other, 1, turn) && hasOtherAddress(flow, other, turn))
      return turn
  return -1
}

/**
 * Compares the first data of `flow` with that of the stream that may be its twin. Returns true if they are the same, and
 * that one had it before: it is read, and `flow` is not.
 */
export function isTwin(flow: Tracked, side: Side, segment: Segment, recent: Recent): boolean {
  const { suspect } = flow
  if (suspect === null || segment.end === segment.start) return false
  // The data of this one came first: the other one is compared with it.
  if (!flow.hasData && !suspect.hasData) return false
  flow.suspect = null
  const turn = flow.hasData ? -1 : turnOf(flow, suspect)
  if (turn === -1 || !recent.holds(suspect.index * 2 + turned(side, turn), segment.seq, segment)) return false
  flow.rarities.twin = suspect.index
  flow.listen(0, NOBODY)
  flow.listen(1, NOBODY)
  return true
}
