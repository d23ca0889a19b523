/**
 * A capture analysed for one report: a display filter, a number of packets and a level to fail at stand before it. Once as
 * many packets have passed as were asked for, nothing more goes in: what is reported is what would be reported if the
 * capture ended there.
 */
import type { FlowEnd, Frame } from '../base/line.ts'
import type { Interface } from '../capture/reader.ts'
import { Gate } from '../report/gate.ts'
import type { Report } from '../report/report.ts'
import type { Tracker } from '../session/tracker.ts'
import type { Damage, PacketRecord, PlacedFinding, RecordSink, Side, Stream, Summary } from '../store/record.ts'
import { LEVELS, type Level } from '../store/vocabulary.ts'
import type { Foreign } from '../transport/recognise.ts'
import { type Depth, follower } from './analysis.ts'
import { Pipeline, type PipelineOptions } from './pipeline.ts'

/** What is asked of a display filter. */
export interface PacketFilter {
  /** Packets that come later may change its answer: a file is read twice for it. */
  readonly ofOutcomes?: boolean
  /** The client or the sender may be learnt later in the stream: a file is read twice for it. */
  readonly ofLearnt?: boolean
  begin(first: Frame): void
  gap(stream: Stream, side: Side, size: number): void
  matches(record: PacketRecord): boolean
}

export interface ReportAnalysisOptions extends PipelineOptions {
  readonly depth: Depth
  /** Only packets that match are shown, counted and reported on. */
  readonly filter?: PacketFilter | undefined
  /** Packets let through at most. */
  readonly count: number
  /** A finding of this level or above lets the analysis fail. */
  readonly failOn?: Level | undefined
  /** Hears of every packet that matches, before the report does. */
  readonly matched?: ((record: PacketRecord) => void) | undefined
  /** Hears of damage to the capture, as the report does. */
  readonly damage?: (damage: Damage) => void
}

export class ReportAnalysis implements RecordSink {
  /** A finding of the level to fail at, or above, was made on what was let through. */
  hasFailed = false
  private readonly report: Report
  private readonly options: ReportAnalysisOptions
  private readonly gate: Gate
  private readonly tracker: Tracker | undefined
  private readonly next: RecordSink
  private readonly pipeline: Pipeline

  constructor(report: Report, options: ReportAnalysisOptions) {
    const { depth, seed = 0 } = options
    this.report = report
    this.options = options
    this.gate = this.gateOf(options)
    this.tracker = depth === 'packets' ? undefined : follower(this.gate, { depth, seed })
    this.next = this.tracker ?? this.gate
    if (this.tracker !== undefined) report.follow?.(this.tracker)
    const hearsFrames = options.frame !== undefined || report.frame !== undefined
    const hear = hearsFrames ? { frame: (frame: Frame) => this.frame(frame) } : {}
    this.pipeline = new Pipeline(this, { ...options, ...hear })
  }

  /** Damage of single files, out of several. */
  private readonly ofFiles = { count: 0, bytes: 0 }

  /** The next bytes of the capture, cut anywhere; their memory may be used again after the call. */
  push(chunk: Uint8Array): void {
    this.pipeline.push(chunk)
  }

  /** Before `end`, where the capture goes on but nobody wants more of it. */
  stop(): void {
    this.pipeline.stop()
  }

  /** No more bytes. `damage`: of the source itself, where it broke off. The report goes on until `finish`. */
  end(damage?: Damage): Summary {
    const summary = this.pipeline.end()
    summary.damage += this.ofFiles.count
    summary.damageBytes += this.ofFiles.bytes
    if (damage === undefined) return summary
    summary.damage++
    this.damage(damage)
    return summary
  }

  /** After `end`: the report is completed, with the summary that is to stand in it. */
  finish(summary: Summary): void {
    this.tracker?.finish()
    this.report.finish(summary)
  }

  /** Damage of one of several files, which the merged stream does not show. */
  fileDamage(damage: Damage): void {
    this.ofFiles.count++
    this.ofFiles.bytes += damage.size
    this.damage(damage)
  }

  /** As many packets as were asked for have passed. */
  get full(): boolean {
    return this.gate.full
  }

  /** Packets let through. */
  get packets(): number {
    return this.gate.packets
  }

  get interfaces(): readonly Interface[] {
    return this.pipeline.interfaces
  }

  /** True once nothing more will be read, whatever comes. */
  get done(): boolean {
    return this.pipeline.done
  }

  // From the pipeline

  begin(first: Frame): void {
    this.options.filter?.begin(first)
    this.next.begin?.(first)
  }

  paused(from: number, frame: Frame): void {
    this.next.paused?.(from, frame)
  }

  packet(record: PacketRecord): void {
    if (!this.gate.full) this.next.packet(record)
  }

  gap(stream: Stream, side: Side, size: number, frame: Frame): void {
    this.options.filter?.gap(stream, side, size)
    if (!this.gate.full) this.next.gap(stream, side, size, frame)
  }

  skipped(stream: Stream, side: Side, size: number, frame: Frame, foreign: Foreign): void {
    if (!this.gate.full) this.next.skipped(stream, side, size, frame, foreign)
  }

  finding(finding: PlacedFinding): void {
    if (!this.gate.full) this.next.finding?.(finding)
  }

  sealed(stream: Stream, frame: Frame): void {
    if (!this.gate.full) this.next.sealed?.(stream, frame)
  }

  ended(stream: Stream, side: Side, how: FlowEnd, frame: Frame): void {
    this.next.ended?.(stream, side, this.gate.full ? 'capture' : how, frame)
  }

  damage(damage: Damage): void {
    this.options.damage?.(damage)
    this.next.damage(damage)
  }

  private frame(frame: Frame): void {
    if (this.gate.full) return
    this.options.frame?.(frame)
    this.report.frame?.(frame)
  }

  private gateOf({ filter, matched, count, failOn }: ReportAnalysisOptions): Gate {
    const failing = failOn === undefined ? LEVELS.length : LEVELS.indexOf(failOn)
    const judge = (level: Level): void => {
      if (LEVELS.indexOf(level) >= failing) this.hasFailed = true
    }
    const matches = filter === undefined ? undefined : (record: PacketRecord) => isMatch(filter, record, matched)
    return new Gate(this.report, { matches, most: count, judge: failOn === undefined ? undefined : judge })
  }
}

function isMatch(filter: PacketFilter, record: PacketRecord, matched: ReportAnalysisOptions['matched']): boolean {
  const matches = filter.matches(record)
  if (matches) matched?.(record)
  return matches
}
