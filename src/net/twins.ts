/**
 * The same stream twice: a capture point on both sides of a translation of addresses sees each segment under two names. The
 * two streams have the same sequence numbers in both directions and begin with the same bytes; one of them is read.
 */
import type { RunSink, Side } from '../base/line.ts'
import { type Flow, Known } from './flow.ts'
import type { Recent } from './recent.ts'
import type { Segment } from './segment.ts'
import type { Tracked } from './table.ts'

/** Streams opened last among which the twin of a new one is looked for: a translation takes less than a millisecond. */
const MOST_CANDIDATES = 32
/** Seconds between the first segments of twins: two capture points may be merged by clocks that differ a little. */
const MOST_APART_S = 1
const BOTH_BASES = Known.Base0 | Known.Base1

/** Receives what a stream brings whose twin is read. */
const NOBODY: RunSink = { run: () => {}, gap: () => {}, end: () => {} }

export class Twins {
  private readonly latest: (Tracked | undefined)[] = []
  private next = 0

  /** A stream is opened: one that began with the same sequence number may be its twin. */
  opened(flow: Tracked): void {
    for (const other of this.latest) {
      if (other === undefined || other.base0 !== flow.base0 || other.closed) continue
      if (!hasOtherAddress(flow, other) || !beginTogether(flow, other)) continue
      flow.suspect = other
      other.suspect = flow
    }
    this.latest[this.next] = flow
    this.next = (this.next + 1) % MOST_CANDIDATES
  }
}

const beginTogether = (flow: Flow, other: Flow): boolean =>
  Math.abs(flow.seconds - other.seconds + (flow.nanos - other.nanos) / 1e9) < MOST_APART_S

const WORDS_4 = ['a0', 'b0'] as const
const WORDS_6 = ['a0', 'a1', 'a2', 'a3', 'b0', 'b1', 'b2', 'b3'] as const

/** A translation changes one address at least: two ports of one client are two connections. */
function hasOtherAddress(flow: Flow, other: Flow): boolean {
  if (flow.family !== other.family) return true
  const words = flow.family === 4 ? WORDS_4 : WORDS_6
  return words.some(word => flow[word] !== other[word])
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
  if (flow.hasData || (flow.known & suspect.known & BOTH_BASES) !== BOTH_BASES) return false
  if (flow.base0 !== suspect.base0 || flow.base1 !== suspect.base1) return false
  if (!recent.holds(suspect.index * 2 + side, segment.seq, segment)) return false
  flow.twin = suspect.index
  flow.listen(0, NOBODY)
  flow.listen(1, NOBODY)
  return true
}
