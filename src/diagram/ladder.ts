/** A ladder as data: an entry for each packet, and between them silences and incidents. */
import type { Links } from '../store/links.ts'
import type { Row, Store } from '../store/store.ts'
import type { Level } from '../store/vocabulary.ts'
import { nameOfClient } from '../text/client.ts'
import type { Ghost, Incident } from './incident.ts'
import { type Label, labelOf } from './label.ts'
import type { Lanes } from './lanes.ts'

/** The parts of a capture in memory that a ladder needs. */
export interface LadderSource {
  readonly store: Store
  readonly links: Links
  /** Time of the first frame; undefined before it came. */
  readonly first: { readonly seconds: number; readonly nanos: number } | undefined
  /** True if this program sent the packet itself. */
  isSentByUs(row: Row): boolean
}

export interface LadderOptions {
  /** Seconds: longer times between two packets make a silence. */
  readonly silence: number
  /** Incidents before, between and after the packets, in order of `after`. */
  readonly incidents: readonly Incident[]
}

/** One packet. */
export interface Arrow {
  readonly kind: 'arrow'
  readonly row: Row
  /** Id of its stream in the store, and the name of its client. */
  readonly stream: number
  readonly client: string
  /** Indices of lanes: sender and receiver. Both -1 if the client of the stream has no lane. */
  readonly from: number
  readonly to: number
  /** Seconds since the first frame; NaN if one of the two has no time. */
  readonly time: number
  /** Seconds since the packet above; NaN for the first one, negative if the capture has the two out of order. */
  readonly since: number
  readonly label: Label
  /** Level of the most severe finding. */
  readonly level: Level | undefined
  /** Number of the packet that opened its exchange; 0 for none. */
  readonly opener: number
  /** Answers an earlier packet of its exchange. */
  readonly isAnswer: boolean
  /** Resent. */
  readonly isRepeat: boolean
  /** The capture does not hold all its bytes. */
  readonly isCut: boolean
}

/** A packet that never came. */
export interface GhostArrow {
  readonly kind: 'ghost'
  readonly ghost: Ghost
  /** Indices of lanes, as those of an arrow. */
  readonly from: number
  readonly to: number
  /** True if the packet came after all, over a later connection. */
  readonly isLate: boolean
}

/** Seconds without a packet. */
export interface Silence {
  readonly kind: 'silence'
  readonly seconds: number
}

export type Entry = Arrow | GhostArrow | Silence | Exclude<Incident, Ghost>

/** Returns the entries for `rows` (in order) from top to bottom. */
export function ladder(
  source: LadderSource,
  rows: readonly Row[],
  lanes: Lanes,
  { silence, incidents }: LadderOptions,
): readonly Entry[] {
  const { store } = source
  const entries: Entry[] = []
  let above: Row = -1
  let used = 0
  for (const row of rows) {
    const since = store.secondsBetween(above, row)
    const found = until(incidents, used, store.number(row))
    // The end of a connection or of a keep alive says that time has passed.
    if (since > silence && !found.some(saysTime)) entries.push({ kind: 'silence', seconds: since })
    entries.push(...found.map(incident => between(source, incident, lanes)), arrow(source, row, since, lanes))
    used += found.length
    above = row
  }
  return [...entries, ...incidents.slice(used).map(incident => between(source, incident, lanes))]
}

/** Returns the incidents from index `from` on that stand before the packet with this number. */
function until(incidents: readonly Incident[], from: number, number: number): readonly Incident[] {
  const rest = incidents.slice(from)
  const end = rest.findIndex(({ after }) => after >= number)
  return end < 0 ? rest : rest.slice(0, end)
}

const saysTime = ({ kind }: Incident): boolean => kind === 'closing' || kind === 'expired'

function between(source: LadderSource, incident: Incident, lanes: Lanes): Exclude<Entry, Arrow | Silence> {
  if (incident.kind !== 'ghost') return incident
  const { stream, side } = incident
  const ends = endsOf(lanes, source.store.idOfStream(stream), stream.senderOf(side) === 'server')
  return { kind: 'ghost', ghost: incident, ...ends, isLate: isLate(source, incident) }
}

/** True if the packet came after all, over a later connection of the same session. */
export function isLate({ store, links }: Pick<LadderSource, 'store' | 'links'>, { after, type }: Ghost): boolean {
  const row = store.rowOf(after)
  return row >= 0 && links.next(row) >= 0 && links.rows(row).some(other => other > row && store.type(other) === type)
}

/** Lanes of sender and receiver; both -1 if the client of the stream has no lane. */
function endsOf({ ofStream, broker }: Lanes, stream: number, isFromBroker: boolean): { from: number; to: number } {
  const client = ofStream.get(stream)
  if (client === undefined) return { from: -1, to: -1 }
  return isFromBroker ? { from: broker, to: client } : { from: client, to: broker }
}

function arrow(source: LadderSource, row: Row, since: number, lanes: Lanes): Arrow {
  const { store, links } = source
  const stream = store.streamId(row)
  const isFromBroker = store.stream(row).senderOf(store.side(row)) === 'server'
  const opener = links.opener(row)
  const isAnswer = links.isAnswer(row)
  return {
    kind: 'arrow',
    row,
    stream,
    client: nameOfClient(store.stream(row)),
    ...endsOf(lanes, stream, isFromBroker),
    time: timeOf(source, row),
    since,
    label: labelOf(store, links, row, source.isSentByUs(row)),
    level: links.level(row),
    opener,
    isAnswer,
    isRepeat: opener !== 0 && opener !== store.number(row) && !isAnswer,
    isCut: store.isCut(row),
  }
}

/** Seconds from the first frame to a row, as connections count them; NaN if one of the two has no time. */
const timeOf = ({ store, first }: LadderSource, row: Row): number =>
  first === undefined ? Number.NaN : store.nanosSince(row, first) / 1e9

/** A silence lasts so many times the median of the times between packets. */
const SILENT_TIMES = 10
/** Seconds: shorter silences cannot be felt. */
const LEAST_SILENCE = 0.05

/** Returns the seconds from which on a time between two of `rows` is a silence among the others. */
export function silenceAmong(store: Store, rows: readonly Row[]): number {
  const times = rows.slice(1).map((row, at) => store.secondsBetween(rows[at] ?? -1, row))
  const median = times.toSorted((a, b) => a - b)[times.length >> 1] ?? 0
  return Math.max(LEAST_SILENCE, median * SILENT_TIMES)
}
