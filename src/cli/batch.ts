/** Follows a source and prints its records: everything that is not a screen. */
import { randomInt } from 'node:crypto'
import { Pipeline } from '../analysis/pipeline.ts'
import { Exit, type ExitCode, worse } from '../base/exit.ts'
import type { FlowEnd, Frame } from '../base/line.ts'
import { LiveError, type Trouble } from '../capture/sources/backend.ts'
import { SourceError } from '../capture/sources/file.ts'
import { type Autostop, type LiveInput, type LiveSource, liveSource } from '../capture/sources/live.ts'
import { open, type PacketSource } from '../capture/sources/source.ts'
import { summaryLine } from '../export/text.ts'
import { Gate } from '../report/gate.ts'
import type { Report } from '../report/report.ts'
import { Findings } from '../session/findings.ts'
import { Forwarding } from '../session/forwarding.ts'
import { type Checks, Tracker } from '../session/tracker.ts'
import { RecentFrames } from '../store/recent.ts'
import type { Damage, PacketRecord, RecordSink, Side, Stream, Summary } from '../store/record.ts'
import { LEVELS, type Level } from '../store/vocabulary.ts'
import type { Foreign } from '../transport/recognise.ts'
import { Output, OutputError } from './output.ts'
import { type Ring, Saver } from './save.ts'
import { Stops } from './stops.ts'

export interface BatchOptions {
  /** A file's name, `-` for stdin, or what to capture. */
  readonly input: string | LiveInput
  readonly ports: ReadonlySet<number>
  /** The display filter: only packets that match are shown, counted and reported on. */
  readonly filter?: PacketFilter | undefined
  /** Follow sessions: records carry their exchanges and what is remarked on behaviour. */
  readonly track: boolean
  /** Tie copies to their messages, and check what the broker hands on; `copies`: keep who got each. */
  readonly fanOut?: boolean | 'copies'
  /** Fail where a finding of this level or above was made. */
  readonly failOn?: Level | undefined
  /** Stop after so many control packets. */
  readonly count: number
  /** Save the frames to this file. */
  readonly write: string | undefined
  readonly ring?: Ring | undefined
  readonly autostop?: Autostop | undefined
  readonly quiet: boolean
  readonly exporter: (write: (text: string) => void, writeBytes: (bytes: Uint8Array) => void) => Report
}

/** What batch asks of a display filter. */
export interface PacketFilter {
  begin(first: Frame): void
  gap(stream: Stream, side: Side, size: number): void
  matches(record: PacketRecord): boolean
}

const STDOUT = 1
const LARGEST_SEED = 2 ** 31

/** Prints the records of a capture. Tells what is wrong on stderr; the exit code says it too. */
export async function batch(options: BatchOptions): Promise<ExitCode> {
  const output = new Output(STDOUT, 'stdout')
  try {
    return await new Batch(options, output).run()
  } catch (cause) {
    if (cause instanceof OutputError && cause.code === 'EPIPE') return Exit.done
    if (!(cause instanceof OutputError || cause instanceof SourceError || cause instanceof LiveError)) throw cause
    tell(cause.message)
    if (cause instanceof LiveError) return EXITS[cause.kind]
    return cause instanceof SourceError ? Exit.input : Exit.output
  }
}

const EXITS: Readonly<Record<Trouble, ExitCode>> = {
  permission: Exit.permission,
  interface: Exit.permission,
  down: Exit.permission,
  missing: Exit.permission,
  filter: Exit.usage,
  usage: Exit.usage,
  gone: Exit.input,
  ended: Exit.input,
}

const tell = (message: string): void => void process.stderr.write(`mqtt-sniff: ${message}\n`)

class Batch {
  private readonly options: BatchOptions
  private readonly output: Output
  private readonly damages = new Damages()
  private code: ExitCode = Exit.done

  constructor(options: BatchOptions, output: Output) {
    this.options = options
    this.output = output
  }

  async run(): Promise<ExitCode> {
    const { options, output } = this
    process.stderr.on('error', () => {}) // a terminal that has gone hears nothing more
    const { autostop, input, write } = options
    const live = typeof input === 'string' ? undefined : await this.capture(input)
    const source = live ?? (await open(input as string))
    const exporter = options.exporter(output.write, output.writeBytes)
    // With a filter the frames of a packet are saved once it has matched.
    const recent = write === undefined || options.filter === undefined ? undefined : new RecentFrames()
    const matched = (record: PacketRecord): void => {
      for (const frame of recent?.take(record) ?? []) saver?.frame(frame)
    }
    const line = new Line(options, exporter, this.damages, recent === undefined ? undefined : matched)
    const pipeline = new Pipeline(line, {
      ports: options.ports,
      seed: randomInt(LARGEST_SEED),
      ...(write === undefined && exporter.frame === undefined ? {} : { frame: (frame: Frame) => hear(frame) }),
    })
    const saver = write === undefined ? undefined : new Saver(write, pipeline.interfaces, options.ring)
    const hear = (frame: Frame): void => {
      if (line.full) return
      if (recent === undefined) saver?.frame(frame)
      else recent.add(frame)
      exporter.frame?.(frame)
    }
    await this.save(saver, false)
    const stops = new Stops(source, autostop?.seconds)
    try {
      await this.follow(source, pipeline, line, saver, stops)
    } catch (cause) {
      await this.save(saver, true)
      throw cause
    } finally {
      source.close()
      stops.end()
    }
    const summary = pipeline.end()
    if (live !== undefined) summary.dropped = live.drops?.frames
    if (source.damage !== undefined) {
      summary.damage++
      line.damage(source.damage)
    }
    line.finish(summary)
    this.code = worse(this.code, line.code)
    await this.print(true, stops)
    await this.save(saver, true)
    this.code = worse(this.code, stops.code)
    this.conclude(summary)
    if (live?.drops !== undefined && !options.quiet) explain(live.drops)
    return this.code
  }

  private capture(wanted: Exclude<BatchOptions['input'], string>): Promise<LiveSource> {
    const { autostop, quiet } = this.options
    return liveSource({ ...wanted, frames: autostop?.frames, tell, began: quiet ? () => {} : tell })
  }

  private async follow(
    source: PacketSource,
    pipeline: Pipeline,
    line: Line,
    saver: Saver | undefined,
    stops: Stops,
  ): Promise<void> {
    const progress = new Progress(source)
    const growing = source.stop !== undefined
    const mostBytes = this.options.autostop?.bytes ?? Number.POSITIVE_INFINITY
    try {
      for await (const chunk of source) {
        pipeline.push(chunk)
        await this.print(growing, stops)
        await this.save(saver, false)
        if (!growing) progress.show(line.packets)
        if (line.full && !growing) pipeline.stop()
        if (pipeline.done) break
        if (line.full || (saver !== undefined && saver.written >= mostBytes)) stops.ask()
      }
    } catch (cause) {
      // What came before is printed and saved; a capture that never began has nothing to print.
      if (!(cause instanceof LiveError) || source.read === 0) throw cause
      tell(cause.message)
      this.code = worse(this.code, EXITS[cause.kind])
    }
    progress.clear()
  }

  /** A terminal that has gone ends a live capture in good order: what was asked for before is still saved. */
  private async print(all: boolean, stops: Stops): Promise<void> {
    try {
      await this.output.drain(all)
    } catch (cause) {
      if (!(cause instanceof OutputError && cause.code === 'EIO')) throw cause
      stops.hangUp()
    }
  }

  /** A full disk ends the saving, not the reading: the file is left whole up to there. */
  private async save(saver: Saver | undefined, last: boolean): Promise<void> {
    if (saver === undefined) return
    try {
      await saver.drain(last)
    } catch (cause) {
      if (!(cause instanceof OutputError)) throw cause
      tell(cause.message)
      this.code = worse(this.code, Exit.output)
    }
  }

  private conclude(summary: Summary): void {
    if (summary.damage > 0) this.code = worse(this.code, Exit.input)
    this.damages.tell()
    if (!this.options.quiet) process.stderr.write(`${summaryLine(summary)}\n`)
  }
}

/** What has to be known about the number of dropped frames. */
function explain({ frames, halved, atMost }: NonNullable<LiveSource['drops']>): void {
  if (frames === 0) return
  if (halved) tell('dropped frames: loopback counts each frame twice, the number given is the half')
  if (atMost) tell('dropped frames: "any" counts those of loopback twice, the number given is the most they can be')
}

/**
 * What a record passes on its way to the output: who follows the sessions, then the gate. Once as many have passed as
 * were asked for, nothing more goes in: what is told is what would be told if the capture ended there.
 */
class Line implements RecordSink {
  code: ExitCode = Exit.done
  private readonly report: Report
  private readonly gate: Gate
  private readonly tracker: Tracker | undefined
  private readonly next: RecordSink
  private readonly damages: Damages
  private readonly filter: PacketFilter | undefined

  constructor(
    { filter, count, failOn, track, fanOut = false }: BatchOptions,
    report: Report,
    damages: Damages,
    matched?: Matched,
  ) {
    const failing = failOn === undefined ? LEVELS.length : LEVELS.indexOf(failOn)
    const judge = (level: Level): void => {
      if (LEVELS.indexOf(level) >= failing) this.code = Exit.failed
    }
    this.report = report
    const matches = filter === undefined ? undefined : (record: PacketRecord) => isMatch(filter, record, matched)
    this.filter = filter
    this.gate = new Gate(report, { matches, most: count, judge: failOn === undefined ? undefined : judge })
    this.tracker = track ? new Tracker(this.gate, checksFor(fanOut)) : undefined
    this.next = this.tracker ?? this.gate
    this.damages = damages
    if (this.tracker !== undefined) report.follow?.(this.tracker)
  }

  get full(): boolean {
    return this.gate.full
  }

  get packets(): number {
    return this.gate.packets
  }

  begin(first: Frame): void {
    this.filter?.begin(first)
    this.next.begin?.(first)
  }

  packet(record: PacketRecord): void {
    if (!this.gate.full) this.next.packet(record)
  }

  gap(stream: Stream, side: Side, size: number, frame: Frame): void {
    this.filter?.gap(stream, side, size)
    if (!this.gate.full) this.next.gap(stream, side, size, frame)
  }

  skipped(stream: Stream, side: Side, size: number, frame: Frame, foreign: Foreign): void {
    if (!this.gate.full) this.next.skipped(stream, side, size, frame, foreign)
  }

  ended(stream: Stream, side: Side, how: FlowEnd, frame: Frame): void {
    this.next.ended?.(stream, side, this.gate.full ? 'capture' : how, frame)
  }

  damage(damage: Damage): void {
    this.damages.add(damage)
    this.next.damage(damage)
  }

  finish(summary: Summary): void {
    this.tracker?.finish()
    this.report.finish(summary)
  }
}

function checksFor(fanOut: boolean | 'copies'): Checks {
  const findings = new Findings()
  if (fanOut === false) return findings
  return new Forwarding(findings, { keepsCopies: fanOut === 'copies', seed: randomInt(LARGEST_SEED) })
}

type Matched = (record: PacketRecord) => void

function isMatch(filter: PacketFilter, record: PacketRecord, matched: Matched | undefined): boolean {
  const matches = filter.matches(record)
  if (matches) matched?.(record)
  return matches
}

/** Damages told one by one on stderr; further ones are only counted there. */
const MOST_DAMAGES_TOLD = 10

class Damages {
  private readonly first: Damage[] = []
  private count = 0

  add(damage: Damage): void {
    if (this.count++ < MOST_DAMAGES_TOLD) this.first.push(damage)
  }

  tell(): void {
    for (const { message, at } of this.first) tell(`at byte ${at}: ${message}`)
    if (this.count > this.first.length) tell(`and ${this.count - this.first.length} more damaged places`)
  }
}

const PROGRESS_AFTER_MS = 1000
const PROGRESS_EVERY_MS = 100

/** How far a long read has come: one line on a terminal's stderr. */
class Progress {
  private readonly source: PacketSource
  private readonly began = Date.now()
  private next = Date.now() + PROGRESS_AFTER_MS
  private shown = false

  constructor(source: PacketSource) {
    this.source = source
  }

  show(packets: number): void {
    if (process.stderr.isTTY !== true || Date.now() < this.next) return
    this.next = Date.now() + PROGRESS_EVERY_MS
    this.shown = true
    const { read, size } = this.source
    const part = size === undefined || size === 0 ? '' : ` ${Math.floor((read / size) * 100)} %`
    const seconds = Math.round((Date.now() - this.began) / 1000)
    process.stderr.write(`\r\x1b[K${(read / 1e6).toFixed(0)} MB${part}, ${packets} packets, ${seconds} s`)
  }

  clear(): void {
    if (this.shown) process.stderr.write('\r\x1b[K')
  }
}
