/** What lies between the packets of a capture, in the order in which it is shown. */
import type { Frame } from '../base/line.ts'
import { closingOf, expiredOf, ghostOf, type Incident, takeoverOf } from '../diagram/incident.ts'
import type { Connection } from '../session/connection.ts'
import type { Exchange } from '../session/exchange/exchange.ts'
import type { Expiry } from '../session/finding.ts'
import type { Tracker } from '../session/tracker.ts'
import type { Links } from '../store/links.ts'
import type { PacketRecord } from '../store/record.ts'
import type { Moment, Row, Store } from '../store/store.ts'
import { type Hole, holeText } from './holes.ts'

/** Most incidents kept; beyond it those that stand first go. About 200 bytes each. */
const MOST_INCIDENTS = 10_000

/** What incidents are made of: a capture in memory. */
export interface IncidentSource {
  readonly store: Store
  readonly links: Links
  readonly tracker: Tracker
  /** Time of the first frame; undefined before it came. */
  readonly first: Moment | undefined
}

export class Incidents {
  private readonly source: IncidentSource
  private list: Incident[] = []
  private isSorted = true

  constructor(source: IncidentSource) {
    this.source = source
  }

  /** Returns what stands behind the packets from number `from` on, and before the packet `to`, in order. */
  between(from: number, to: number): readonly Incident[] {
    const { sorted } = this
    return sorted.slice(lowerBound(sorted, from), lowerBound(sorted, to)).filter(isFirst)
  }

  /** Returns the number of the last packet at or before a time in seconds since the first frame; 0 if there is none. */
  packetAt(time: number): number {
    const { store, first } = this.source
    return first === undefined ? 0 : packetAt(store, first, time)
  }

  /** Packets up to this number are not kept any more, nor is what stands behind them. */
  forget(last: number): void {
    this.list = this.list.filter(({ after }) => after > last)
  }

  // What becomes an incident

  /** Bytes are missing, or were passed over, as `frame` shows. */
  hole(hole: Hole, frame: Frame): void {
    const { kind, stream, side, before } = hole
    this.add({ kind, after: before - 1, time: this.shownAt(frame), stream, side, text: holeText(hole) })
  }

  /** A connection is over. What is open in it belongs to a session that outlives it. */
  ended(connection: Connection): void {
    for (const exchange of connection.open.all()) this.ghost(exchange, connection)
    this.add(closingOf(connection, time => this.packetAt(time)))
  }

  /** An exchange is over. */
  left(exchange: Exchange, connection: Connection): void {
    const isWhole = exchange.state === 'complete' || exchange.state === 'refused'
    if (!isWhole && !this.source.tracker.pool.isDropping) this.ghost(exchange, connection)
  }

  /** A CONNACK has come. */
  answered(record: PacketRecord): void {
    const connection = this.source.tracker.connectionOn(record.stream)
    if (connection?.connack !== record.number) return
    this.add(takeoverOf(connection, this.shownAt(record.raw.frame)))
  }

  expired(expiry: Expiry): void {
    this.add(expiredOf(expiry, this.packetAt(expiry.time)))
  }

  /** The packet that `exchange` waited for until its connection ended, or until now. */
  private ghost(exchange: Exchange, connection: Connection): void {
    const { links, store, tracker } = this.source
    const after = links.lastOf(exchange.opener)
    const row = store.rowOf(after)
    if (row < 0) return
    const now = Math.min(tracker.now, connection.ending?.time ?? tracker.now)
    this.add(ghostOf(exchange, connection, { after, id: store.packetId(row), now, time: tracker.steps.shown(now) }))
  }

  private add(incident: Incident | undefined): void {
    if (incident === undefined) return
    const last = this.list.at(-1)
    if (last !== undefined && compare(last, incident) > 0) this.isSorted = false
    this.list.push(incident)
    if (this.list.length >= MOST_INCIDENTS * 2) this.list = this.sorted.slice(-MOST_INCIDENTS)
  }

  private get sorted(): readonly Incident[] {
    if (!this.isSorted) this.list.sort(compare)
    this.isSorted = true
    return this.list
  }

  /** Seconds since the first frame, as the clock of the capture shows them. */
  private shownAt({ seconds, nanos }: Frame): number {
    const { first } = this.source
    return first === undefined ? Number.NaN : seconds - first.seconds + (nanos - first.nanos) / 1e9
  }
}

/** A packet that never came stands directly behind the one that it was to answer; all others by their times. */
function compare(a: Incident, b: Incident): number {
  return a.after - b.after || rank(a) - rank(b) || a.time - b.time || 0
}

const rank = ({ kind }: Incident): number => (kind === 'ghost' ? 0 : 1)

/** An exchange that outlives its connection may be left twice, with nothing between: the first time counts. */
function isFirst({ kind, after }: Incident, at: number, all: readonly Incident[]): boolean {
  const before = all[at - 1]
  return kind !== 'ghost' || before?.kind !== 'ghost' || before.after !== after
}

/** Index of the first incident behind `least` or a later packet; the length if there is none. */
function lowerBound(incidents: readonly Incident[], least: number): number {
  let low = 0
  let high = incidents.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((incidents[middle]?.after ?? 0) < least) low = middle + 1
    else high = middle
  }
  return low
}

/** Nanoseconds that seconds are rounded by: a packet of the same frame is not later. */
const ROUNDING_NANOS = 500

/**
 * Returns the number of the last packet at or before `time`, in seconds since `first`. Rows stand in the order of their times
 * but for a few.
 */
function packetAt(store: Store, first: Moment, time: number): number {
  const isLater = (row: Row): boolean => store.nanosSince(row, first) > time * 1e9 + ROUNDING_NANOS
  let low = 0
  let high = store.rows
  while (low < high) {
    const middle = (low + high) >>> 1
    if (isLater(middle)) high = middle
    else low = middle + 1
  }
  return store.base + low
}
