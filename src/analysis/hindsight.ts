/**
 * Hindsight is what a first pass over a capture finds out for a filter that is asked in the second one: how exchanges ended, how many
 * copies messages had, findings that were made after their packets had gone by, and who the client of a stream is. A packet is
 * judged as the screens judge it, which hold the whole capture.
 */
import { bytesColumn, type Column, countsColumn } from '../base/column.ts'
import type { Frame } from '../base/line.ts'
import type { Exchange } from '../session/exchange/exchange.ts'
import type { RuleFinding } from '../session/finding.ts'
import type { TrackerSink } from '../session/tracker.ts'
import type {
  Damage,
  ExchangeFact,
  Exporter,
  FanOutFact,
  Finding,
  PacketRecord,
  Side,
  Stream,
  Summary,
} from '../store/record.ts'
import { EXCHANGE_STATES, type ExchangeState } from '../store/vocabulary.ts'
import type { Foreign } from '../transport/recognise.ts'
import { Analysis, type AnalysisOptions, type Depth } from './analysis.ts'
import { Pipeline } from './pipeline.ts'
import type { PacketFilter } from './report-analysis.ts'

/** Findings kept of packets that went by, as many as the screens keep; later ones are not known to a filter. */
const MOST_LATE = 1_000_000

/** Streams kept whose client was learnt late; of later ones each packet has what was known there. Some 10 MB. */
const MOST_LEARNT = 100_000

/** What is known of the client of a stream in the end. */
type Learnt = Pick<Stream, 'clientId' | 'client'>

const NONE: readonly Finding[] = []

/** A number of a packet that nothing was kept of has no page, or a zero in it. */
const at = (column: Column, number: number): number => column.get(number) || 0

export class Hindsight implements TrackerSink {
  /** By number of the opener: place of its state in EXCHANGE_STATES, from 1 on. */
  private readonly states = bytesColumn()
  /** By number of the packet that brought the message first; grows where messages have copies. */
  private readonly copies = countsColumn()
  private readonly late = new Map<number, Finding[]>()
  /** By number of the stream. */
  private readonly learnt = new Map<number, Learnt>()
  private lateCount = 0
  private last = 0

  packet({ number, fanOut, stream }: PacketRecord): void {
    this.last = number
    if (stream.isLearntLate) this.learn(stream)
    if (fanOut === undefined || fanOut.opener === 0 || fanOut.opener === number) return
    if (fanOut.copies > at(this.copies, fanOut.opener)) this.copies.set(fanOut.opener, fanOut.copies)
  }

  exchange({ opener, state }: Exchange): void {
    if (opener > 0) this.states.set(opener, EXCHANGE_STATES.indexOf(state) + 1)
  }

  /** Keeps a finding on a packet that has gone by; one on the packet under way is made again in the second pass. */
  ruleFinding(found: RuleFinding): void {
    const { packet, id, level, message, offset } = found
    if (packet === 0 || packet > this.last || this.lateCount >= MOST_LATE) return
    this.lateCount++
    // Its connection is not kept: it may have ended long before the capture does.
    const kept = { id, level, message, offset }
    const there = this.late.get(packet)
    if (there === undefined) this.late.set(packet, [kept])
    else there.push(kept)
  }

  gap(): void {}
  skipped(): void {}
  damage(): void {}

  private learn({ flow, clientId, client }: Stream): void {
    const known = this.learnt.get(flow.index)
    if (known === undefined ? this.learnt.size >= MOST_LEARNT : isEqual(known, clientId, client)) return
    this.learnt.set(flow.index, { clientId, client })
  }

  /** Calls `then` while the stream shows what is known of its client in the end. */
  withLearnt<Result>(stream: Stream, then: () => Result): Result {
    const learnt = this.learnt.get(stream.flow.index)
    if (learnt === undefined) return then()
    const { clientId, client } = stream
    Object.assign(stream, learnt)
    const result = then()
    Object.assign(stream, { clientId, client })
    return result
  }

  /** How an exchange ended; undefined if the first pass did not come to its end. */
  state(opener: number): ExchangeState | undefined {
    return EXCHANGE_STATES[at(this.states, opener) - 1]
  }

  /** Subscribers that got a copy of a message. */
  copiesOf(opener: number): number {
    return at(this.copies, opener)
  }

  /** Findings on a packet that were made after it had gone by. */
  lateFindings(packet: number): readonly Finding[] {
    return this.late.get(packet) ?? NONE
  }
}

/** Returns what reads the capture for `hindsight`. Who is a client is known without following sessions. */
export const firstPass = (
  hindsight: Hindsight,
  depth: Depth,
  options: Omit<AnalysisOptions, 'depth'>,
): Pipeline | Analysis =>
  depth === 'packets' ? new Pipeline(hindsight, options) : new Analysis(hindsight, { ...options, depth })

const isEqual = (known: Learnt, clientId: Learnt['clientId'], client: Learnt['client']): boolean =>
  known.clientId === clientId && known.client === client

/** Columns that show the client and the sender as they are known in the end. */
export class HindsightColumns implements Exporter {
  private readonly exporter: Exporter
  private readonly hindsight: Hindsight

  constructor(exporter: Exporter, hindsight: Hindsight) {
    this.exporter = exporter
    this.hindsight = hindsight
  }

  begin(first: Frame): void {
    this.exporter.begin?.(first)
  }

  packet(record: PacketRecord): void {
    this.hindsight.withLearnt(record.stream, () => this.exporter.packet(record))
  }

  gap(stream: Stream, side: Side, size: number, frame: Frame): void {
    this.exporter.gap(stream, side, size, frame)
  }

  skipped(stream: Stream, side: Side, size: number, frame: Frame, foreign: Foreign): void {
    this.exporter.skipped(stream, side, size, frame, foreign)
  }

  damage(damage: Damage): void {
    this.exporter.damage(damage)
  }

  finish(summary: Summary): void {
    this.exporter.finish(summary)
  }
}

/** A filter that knows how it ended. */
export class HindsightFilter implements PacketFilter {
  private readonly filter: PacketFilter
  private readonly hindsight: Hindsight

  constructor(filter: PacketFilter, hindsight: Hindsight) {
    this.filter = filter
    this.hindsight = hindsight
  }

  begin(first: Frame): void {
    this.filter.begin(first)
  }

  gap(stream: Stream, side: Side, size: number): void {
    this.filter.gap(stream, side, size)
  }

  /** Returns true if the packet matches with what is known in the end; it is printed as it was known when it came. */
  matches(record: PacketRecord): boolean {
    const { exchange, ruleFindings, fanOut } = record
    const late = this.hindsight.lateFindings(record.number)
    record.exchange = this.ended(exchange)
    record.ruleFindings = late.length === 0 ? ruleFindings : [...ruleFindings, ...late]
    record.fanOut = this.spread(fanOut)
    const matches = this.hindsight.withLearnt(record.stream, () => this.filter.matches(record))
    record.add({ exchange, ruleFindings, fanOut })
    return matches
  }

  private ended(exchange: ExchangeFact | undefined): ExchangeFact | undefined {
    const state = exchange === undefined ? undefined : this.hindsight.state(exchange.opener)
    if (exchange === undefined || state === undefined) return exchange
    const { opener, kind, answers, latency, total } = exchange
    return { opener, kind, state, answers, latency, total }
  }

  private spread(fanOut: FanOutFact | undefined): FanOutFact | undefined {
    if (fanOut === undefined) return undefined
    const { role, opener, latency, expected } = fanOut
    return { role, opener, latency, expected, copies: Math.max(fanOut.copies, this.hindsight.copiesOf(opener)) }
  }
}
