/** Follows a source and prints its records: everything that is not a screen. */

import { randomInt } from 'node:crypto'
import { type Hindsight, HindsightColumns, HindsightFilter } from '../analysis/hindsight.ts'
import { type PortOptions, portOptionsOf } from '../analysis/pipeline.ts'
import { ReportAnalysis, type ReportAnalysisOptions } from '../analysis/report-analysis.ts'
import { Exit, type ExitCode, worse } from '../base/exit.ts'
import type { Frame } from '../base/line.ts'
import { isNoCapture } from '../capture/damage.ts'
import { LiveError } from '../capture/sources/backend.ts'
import { liveSource } from '../capture/sources/choose.ts'
import { SourceError } from '../capture/sources/file.ts'
import { type KeyLogs, withKeyLogs } from '../capture/sources/key-log.ts'
import type { Autostop } from '../capture/sources/live.ts'
import type { Live, LiveInput } from '../capture/sources/live-capture.ts'
import { MergedSource, openInput } from '../capture/sources/merged.ts'
import { type Pace, paced } from '../capture/sources/paced.ts'
import type { PacketSource } from '../capture/sources/source.ts'
import type { TapInput } from '../capture/sources/tap/options.ts'
import { exitOf } from '../capture/sources/trouble.ts'
import { keyLines, otherPortLines, sealedLines, summaryLine, unreadLines } from '../export/text.ts'
import type { Report } from '../report/report.ts'
import { RecentFrames } from '../store/recent.ts'
import type { Damage, Summary } from '../store/record.ts'
import { tell, writeError } from '../tui/terminal/stderr.ts'
import { hindsightOf } from './look-ahead.ts'
import { Output, OutputError } from './output.ts'
import { Progress } from './progress.ts'
import { type Ring, Saver } from './save.ts'
import { Stops } from './stops.ts'

export interface BatchOptions
  extends Pick<ReportAnalysisOptions, 'depth' | 'filter' | 'count' | 'failOn'>,
    PortOptions {
  /** A file's name, `-` for stdin; several files; what to capture, or a tap. */
  readonly input: string | readonly string[] | LiveInput | TapInput
  /** Hands on the frames of files at their time. */
  readonly pace?: Pace | undefined
  /** Save the frames to this file. */
  readonly write: string | undefined
  readonly ring?: Ring | undefined
  readonly autostop?: Autostop | undefined
  /** Files that may bring more keys of TLS while something is captured. */
  readonly keyLogs?: KeyLogs | undefined
  /** With `write`: the secrets that open what is saved are saved with it. */
  readonly embedKeys?: boolean
  readonly quiet: boolean
  /** The exporter shows columns of facts that are learnt behind the first packets of a stream. */
  readonly showsLearnt?: boolean
  readonly exporter: (write: (text: string) => void, writeBytes: (bytes: Uint8Array) => void) => Report
}

const STDOUT = 1
const LARGEST_SEED = 2 ** 31
const AS_KNOWN =
  '-Y: exchanges, copies and findings are as known at that packet; only a file is read twice, to know how they ended'

const isLive = (input: BatchOptions['input']): input is LiveInput | TapInput =>
  typeof input === 'object' && ('interfaces' in input || 'listen' in input)

const isStdin = (input: string | readonly string[]): boolean =>
  input === '-' || (typeof input !== 'string' && input.includes('-'))

/** Prints the records of a capture. Tells what is wrong on stderr; the exit code says it too. */
export async function batch(options: BatchOptions): Promise<ExitCode> {
  const output = new Output(STDOUT, 'stdout')
  try {
    return await new Batch(options, output).run()
  } catch (cause) {
    if (cause instanceof OutputError && cause.code === 'EPIPE') return Exit.done
    if (!(cause instanceof OutputError || cause instanceof SourceError || cause instanceof LiveError)) throw cause
    tell(cause.message)
    return cause instanceof OutputError ? Exit.output : exitOf(cause)
  }
}

class Batch {
  private readonly options: BatchOptions
  private readonly output: Output
  private readonly damages = new Damages()
  private code: ExitCode = Exit.done
  /** The filter asks for more than is known at each packet, and nobody has been told so far. */
  private isAsKnown = false

  constructor(options: BatchOptions, output: Output) {
    this.options = options
    this.output = output
  }

  async run(): Promise<ExitCode> {
    const { options, output } = this
    const { autostop, input, write } = options
    const live = isLive(input) ? await this.capture(input) : undefined
    const file = live === undefined ? await openInput(input as string | readonly string[], tell) : undefined
    const files = file instanceof MergedSource ? file.files : undefined
    const source = live ?? paced(file as PacketSource, this.options.pace, tell)
    const seed = randomInt(LARGEST_SEED)
    const hindsight = await this.lookAhead(source, seed)
    const report = options.exporter(output.write, output.writeBytes)
    const { filter } = options
    const analysis = new ReportAnalysis(this.informed(report, hindsight), {
      ...options,
      files,
      filter: filter === undefined || hindsight === undefined ? filter : new HindsightFilter(filter, hindsight),
      seed,
      damage: damage => this.damages.add(damage),
      ...(write === undefined ? {} : this.saving(frame => saver?.frame(frame))),
    })
    source.onDamage = damage => analysis.fileDamage(damage)
    const saver = write === undefined ? undefined : new Saver(write, analysis.interfaces, options.ring)
    if (options.embedKeys === true && options.keys !== undefined) options.keys.onUsed = line => saver?.secrets(line)
    await this.save(saver, false)
    const stops = new Stops(source, autostop?.seconds)
    try {
      await this.follow(source, analysis, saver, stops)
    } catch (cause) {
      await this.save(saver, true)
      throw cause
    } finally {
      source.close()
      stops.end()
    }
    const summary = analysis.end(source.damage)
    if (live !== undefined) summary.dropped = live.drops?.frames
    if (live?.isPartial === true) this.code = worse(this.code, Exit.input)
    analysis.finish(summary)
    if (analysis.hasFailed) this.code = worse(this.code, Exit.failed)
    await this.print(true, stops)
    await this.save(saver, true)
    this.code = worse(this.code, stops.code)
    this.conclude(summary)
    if (live?.drops !== undefined && !options.quiet) explain(live.drops)
    return this.code
  }

  /** What later packets tell is known of a file; of what cannot be read twice, filter and columns go by each packet. */
  private async lookAhead(source: PacketSource, seed: number): Promise<Hindsight | undefined> {
    const { filter, input, depth, quiet, showsLearnt } = this.options
    const ofOutcomes = filter?.ofOutcomes === true
    if (!ofOutcomes && filter?.ofLearnt !== true && showsLearnt !== true) return undefined
    const quietly = (): void => {}
    if (!isLive(input) && !isStdin(input) && source.size !== undefined)
      return hindsightOf(
        () => openInput(input, quietly),
        ofOutcomes ? (depth === 'sessions' ? 'sessions' : 'fanout') : 'packets',
        {
          ...portOptionsOf(this.options),
          seed,
        },
      )
    this.isAsKnown = ofOutcomes && !quiet
    return undefined
  }

  /** Told once it is known that the input is a capture. */
  private hint(): void {
    if (this.isAsKnown) tell(AS_KNOWN)
    this.isAsKnown = false
  }

  private informed(report: Report, hindsight: Hindsight | undefined): Report {
    return hindsight === undefined || this.options.showsLearnt !== true
      ? report
      : new HindsightColumns(report, hindsight)
  }

  /** Frames are saved as they come; with a filter, those of a packet once it has matched. */
  private saving(save: (frame: Frame) => void): Pick<ReportAnalysisOptions, 'frame' | 'matched'> {
    if (this.options.filter === undefined) return { frame: save }
    const recent = new RecentFrames()
    return {
      frame: frame => recent.add(frame),
      matched: record => {
        for (const frame of recent.take(record)) save(frame)
      },
    }
  }

  private capture(wanted: LiveInput | TapInput): Promise<Live> {
    const { autostop, quiet } = this.options
    return liveSource({ ...wanted, frames: autostop?.frames, tell, began: quiet ? () => {} : tell })
  }

  private async follow(
    source: PacketSource,
    analysis: ReportAnalysis,
    saver: Saver | undefined,
    stops: Stops,
  ): Promise<void> {
    const progress = new Progress(source)
    const growing = source.stop !== undefined
    const mostBytes = this.options.autostop?.bytes ?? Number.POSITIVE_INFINITY
    try {
      for await (const chunk of withKeyLogs(source, this.options.keyLogs)) {
        analysis.push(chunk)
        if (analysis.packets > 0) this.hint()
        await this.print(growing, stops)
        await this.save(saver, false)
        if (!growing) progress.show(analysis.packets)
        if (analysis.full && !growing) analysis.stop()
        if (analysis.done) break
        if (analysis.full || (saver !== undefined && saver.written >= mostBytes)) stops.ask()
      }
    } catch (cause) {
      // What came before is printed and saved; a capture that never began has nothing to print.
      if (!(cause instanceof LiveError) || source.read === 0) throw cause
      tell(cause.message)
      this.code = worse(this.code, exitOf(cause))
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
    if (this.damages.areNoCapture) return tell(this.damages.words)
    this.hint()
    this.damages.report()
    const sealed = [...sealedLines(summary), ...keyLines(summary, this.options.keys)]
    for (const line of [...unreadLines(summary), ...sealed, ...otherPortLines(summary)]) tell(line)
    if (!this.options.quiet) writeError(`${summaryLine(summary)}\n`)
  }
}

/** What has to be known about the number of dropped frames. */
function explain({ frames, halved, atMost }: NonNullable<Live['drops']>): void {
  if (frames === 0) return
  if (halved) tell('dropped frames: loopback counts each frame twice, so half of the count is shown')
  if (atMost) tell('dropped frames: "any" counts those of loopback twice, so the count may be too high')
}

/** Damages told one by one on stderr; further ones are only counted there. */
const MOST_DAMAGES_REPORTED = 10

class Damages {
  private readonly first: Damage[] = []
  private count = 0

  add(damage: Damage): void {
    if (this.count++ < MOST_DAMAGES_REPORTED) this.first.push(damage)
  }

  /** The input is no capture at all: its bytes are empty or begin none. */
  get areNoCapture(): boolean {
    const [first] = this.first
    return first !== undefined && isNoCapture(first)
  }

  /** The first damage. */
  get words(): string {
    return this.first[0]?.message ?? ''
  }

  report(): void {
    for (const { message, at } of this.first) tell(`at byte ${at}: ${message}`)
    if (this.count > this.first.length) tell(`and ${this.count - this.first.length} more damaged places`)
  }
}
