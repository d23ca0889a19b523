/**
 * Stands between whoever follows the sessions and the output: lets the packets through that a display filter selects, as
 * many as were asked for, and what is said later of those alone.
 */
import type { FlowEnd, Frame } from '../base/line.ts'
import type { Connection } from '../session/connection.ts'
import type { Exchange } from '../session/exchange/exchange.ts'
import type { Message } from '../session/fanout/message.ts'
import type { RuleFinding } from '../session/finding.ts'
import type { TrackerSink } from '../session/tracker.ts'
import { findingsOf } from '../store/findings.ts'
import type { Damage, PacketRecord, PlacedFinding, Side, Stream } from '../store/record.ts'
import type { Level } from '../store/vocabulary.ts'
import type { Foreign } from '../transport/recognise.ts'
import { Chosen } from './chosen.ts'
import type { Report } from './report.ts'

export interface GateOptions {
  /** The display filter; absent: every packet. */
  readonly matches?: ((record: PacketRecord) => boolean) | undefined
  /** Packets let through at most. */
  readonly most: number
  /** Hears the level of every finding on what was let through. */
  readonly judge?: ((level: Level) => void) | undefined
}

export class Gate implements TrackerSink {
  /** Packets let through. */
  packets = 0
  private readonly next: Report
  private readonly matches: GateOptions['matches']
  private readonly most: number
  private readonly judge: GateOptions['judge']
  /** Number of the last packet let through: without a filter all before it were. */
  private last = 0
  private readonly chosen: Chosen | undefined
  private readonly streams = new WeakSet<Stream>()
  /** Number of the last packet that was looked at. */
  private seen = 0
  /** Exchanges that end with the packet that is to come: what ends them is told before it is handed on. */
  private readonly ending: { readonly exchange: Exchange; readonly connection: Connection }[] = []

  constructor(next: Report, { matches, most, judge }: GateOptions) {
    this.next = next
    this.matches = matches
    this.most = most
    this.judge = judge
    if (matches !== undefined) this.chosen = new Chosen()
  }

  /** So many as were asked for have passed. */
  get full(): boolean {
    return this.packets >= this.most || this.next.full === true
  }

  begin(first: Frame): void {
    this.next.begin?.(first)
  }

  packet(record: PacketRecord): void {
    if (this.full) return
    this.next.every?.(record)
    this.seen = record.number
    const ending = this.ending.length === 0 ? undefined : this.ending.splice(0)
    if (this.matches !== undefined) {
      if (!this.matches(record)) return
      this.chosen?.add(record.number)
      this.streams.add(record.stream)
    }
    this.packets++
    for (const { exchange, connection } of ending ?? []) this.next.exchange?.(exchange, connection)
    this.last = record.number
    if (this.judge !== undefined) for (const { level } of findingsOf(record)) this.judge(level)
    this.next.packet(record)
  }

  gap(stream: Stream, side: Side, size: number, frame: Frame): void {
    if (!this.full && this.concerns(stream)) this.next.gap(stream, side, size, frame)
  }

  skipped(stream: Stream, side: Side, size: number, frame: Frame, foreign: Foreign): void {
    if (!this.full && this.concerns(stream)) this.next.skipped(stream, side, size, frame, foreign)
  }

  damage(damage: Damage): void {
    this.next.damage(damage)
  }

  ended(stream: Stream, side: Side, how: FlowEnd, frame: Frame): void {
    this.next.ended?.(stream, side, how, frame)
  }

  sealed(stream: Stream, frame: Frame): void {
    if (this.chosen === undefined) this.next.sealed?.(stream, frame)
  }

  finding(finding: PlacedFinding): void {
    if (!this.passed(finding.packet)) return
    this.judge?.(finding.level)
    this.next.finding?.(finding)
  }

  /** Comes before the packet it is made at, so it cannot be held against that: it tells which rules there are. */
  ruleFinding(finding: RuleFinding): void {
    this.next.ruleFinding?.(finding)
  }

  /** One step that was let through is enough. */
  exchange(exchange: Exchange, connection: Connection): void {
    for (let step = 0; step <= exchange.step; step++) {
      if (this.passed(exchange.numbers[step] ?? 0)) return this.next.exchange?.(exchange, connection)
    }
    if (exchange.last > this.seen) this.ending.push({ exchange, connection })
  }

  connection(connection: Connection): void {
    if (this.chosen === undefined ? connection.firstPacket <= this.last : this.streams.has(connection.stream))
      this.next.connection?.(connection)
  }

  /** Whoever tells of messages has seen which of their packets were let through. */
  message(message: Message): void {
    this.next.message?.(message)
  }

  private passed(number: number): boolean {
    return this.chosen === undefined ? number <= this.last : this.chosen.has(number)
  }

  /** With a filter, what is missing from a stream matters where the stream does. */
  private concerns(stream: Stream): boolean {
    return this.chosen === undefined || this.streams.has(stream)
  }
}
