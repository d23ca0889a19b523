/** A ladder as data: an entry for each packet, and between them silences, gaps and the ends of connections. */
import type { Connection } from '../session/connection.ts'
import type { Links } from '../store/links.ts'
import type { Side } from '../store/record.ts'
import type { Row, Store } from '../store/store.ts'
import type { Stream } from '../store/stream.ts'
import type { Level } from '../store/vocabulary.ts'
import { type Closing, closingsOf } from './closings.ts'
import { type Label, labelOf } from './label.ts'
import type { Lanes } from './lanes.ts'

/** What a ladder needs of a capture in memory. */
export interface LadderSource {
  readonly store: Store
  readonly links: Links
  /** Time of the first frame; undefined before it came. */
  readonly first: { readonly seconds: number; readonly nanos: number } | undefined
  /** Connections that ended. */
  readonly past: readonly Connection[]
  /** True if this program sent the packet itself. */
  isSentByUs(row: Row): boolean
}

/** Bytes of a stream that are not in the capture. */
export interface Gap {
  readonly stream: Stream
  /** Side that sent them. */
  readonly side: Side
  /** Bytes; 0 if their number is unknown. */
  readonly size: number
  /** Number of the packet that came next, of whatever stream. */
  readonly before: number
}

export interface LadderOptions {
  /** Seconds: longer times between two packets make a silence. */
  readonly silence: number
  /** No packet follows the last row, so what came after it belongs to the ladder. */
  readonly isEnd: boolean
  /** In order of `before`; none if absent. */
  readonly gaps?: readonly Gap[]
}

/** One packet. */
export interface Arrow {
  readonly kind: 'arrow'
  readonly row: Row
  /** Id of its stream in the store. */
  readonly stream: number
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
  /** Last packet of an exchange that was abandoned: the answer never came. */
  readonly isLost: boolean
}

/** Seconds without a packet. */
export interface Silence {
  readonly kind: 'silence'
  readonly seconds: number
}

export interface GapEntry extends Gap {
  readonly kind: 'gap'
}

export type Entry = Arrow | Silence | Closing | GapEntry

/** Returns the entries for `rows` (in order) from top to bottom. */
export function ladder(
  source: LadderSource,
  rows: readonly Row[],
  lanes: Lanes,
  options: LadderOptions,
): readonly Entry[] {
  const { store } = source
  const between = new Between(source, rows, options.gaps ?? [])
  const entries: Entry[] = []
  let above: Row = -1
  for (const row of rows) {
    const since = store.secondsBetween(above, row)
    const found = above < 0 ? [] : between.entries(above, row)
    // The end of a connection says that time has passed.
    if (since > options.silence && !found.some(({ kind }) => kind === 'closing')) {
      entries.push({ kind: 'silence', seconds: since })
    }
    entries.push(...found, arrow(source, row, since, lanes))
    above = row
  }
  if (options.isEnd && above >= 0) entries.push(...between.entries(above, -1))
  return entries
}

/** Entries that are not packets, looked up by the rows around them. */
class Between {
  private readonly source: LadderSource
  private readonly closings: readonly Closing[]
  private readonly gaps: readonly Gap[]

  constructor(source: LadderSource, rows: readonly Row[], gaps: readonly Gap[]) {
    const { store, past } = source
    const streams = new Set<Stream>(rows.map(row => store.stream(row)))
    this.source = source
    this.closings = closingsOf(store, past, rows)
    this.gaps = gaps.filter(({ stream }) => streams.has(stream))
  }

  /** Entries after one row up to another; -1 as `to`: all that follow. */
  entries(from: Row, to: Row): readonly (Closing | GapEntry)[] {
    const { store } = this.source
    const [after, until] = [timeOf(this.source, from), to < 0 ? Number.POSITIVE_INFINITY : timeOf(this.source, to)]
    const [first, last] = [store.number(from), to < 0 ? Number.POSITIVE_INFINITY : store.number(to)]
    return [
      ...this.gaps
        .filter(({ before }) => before > first && before <= last)
        .map(gap => ({ ...gap, kind: 'gap' }) as const),
      ...this.closings.filter(({ time }) => time > after && time <= until),
    ]
  }
}

function arrow(source: LadderSource, row: Row, since: number, lanes: Lanes): Arrow {
  const { store, links } = source
  const stream = store.streamId(row)
  const client = lanes.ofStream.get(stream)
  const isFromBroker = store.stream(row).senderOf(store.side(row)) === 'server'
  const opener = links.opener(row)
  const isAnswer = links.isAnswer(row)
  return {
    kind: 'arrow',
    row,
    stream,
    from: client === undefined ? -1 : isFromBroker ? lanes.broker : client,
    to: client === undefined ? -1 : isFromBroker ? client : lanes.broker,
    time: timeOf(source, row),
    since,
    label: labelOf(store, links, row, source.isSentByUs(row)),
    level: links.level(row),
    opener,
    isAnswer,
    isRepeat: opener !== 0 && opener !== store.number(row) && !isAnswer,
    isLost: opener !== 0 && links.next(row) < 0 && links.state(row) === 'abandoned',
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
