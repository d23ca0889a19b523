/** Grabs one target after the other and prints their events: the edge between `grab/` and the system. */

import { createReadStream } from 'node:fs'
import { Exit, type ExitCode, Signalled, worse } from '../base/exit.ts'
import type { Frame } from '../base/line.ts'
import { type Target, TargetError, targetOfLine } from '../capture/sources/target.ts'
import { Trace } from '../capture/sources/trace.ts'
import { eventText } from '../grab/event.ts'
import type { Grabbed } from '../grab/grab.ts'
import { Indenter } from '../grab/indent.ts'
import { Many } from '../grab/many.ts'
import type { GrabSettings } from '../grab/settings.ts'
import { Timeslice } from '../grab/timeslice.ts'
import { tell as tellError } from '../tui/terminal/stderr.ts'
import { Output, OutputError } from './output.ts'
import { Saver } from './save.ts'

export interface GrabRun {
  readonly settings: GrabSettings
  readonly targets: readonly Target[]
  /** A file with more of them, `-` for stdin. */
  readonly file?: string
  readonly defaultPort: number
  readonly concurrency: number
  readonly pretty: boolean
  /** The traffic is saved here. */
  readonly pcap?: string
  /** Is told instead of stdout and stderr. */
  readonly onlooker?: Onlooker
}

/** Sees everything as it happens. */
export interface Onlooker {
  /** Aborted: what is under way ends. */
  readonly signal: AbortSignal
  began(target: Target): void
  /** Valid during the call. */
  frame(frame: Frame): void
  /** There is room for more frames. */
  room(): Promise<void>
  grabbed(grabbed: Grabbed): void
  say(words: string): void
}

const STDOUT = 1
/** Characters of an event after which it is seen to that they are written. */
const ENOUGH = 64 * 1024

function tell(message: string, onlooker: Onlooker | undefined): void {
  if (onlooker === undefined) tellError(message)
  else onlooker.say(message)
}

/** Prints one event for each target. */
export async function grabAll(run: GrabRun): Promise<ExitCode> {
  try {
    return await new Run(run).run()
  } catch (cause) {
    if (cause instanceof OutputError && cause.code === 'EPIPE') return Exit.done
    if (!(cause instanceof OutputError || cause instanceof TargetsError)) throw cause
    tell(cause.message, run.onlooker)
    return cause instanceof TargetsError ? Exit.input : Exit.output
  }
}

class Run {
  private readonly options: GrabRun
  private readonly output = new Output(STDOUT, 'stdout')
  private readonly saver: Saver | undefined
  private readonly controller = new AbortController()
  private readonly list: TargetList
  private readonly many: Many
  private writing: Promise<void> = Promise.resolve()
  private saving: Promise<void> = Promise.resolve()
  private code: ExitCode = Exit.done
  private signalled: ExitCode | undefined

  constructor(options: GrabRun) {
    this.options = options
    this.list = new TargetList(options)
    this.saver = options.pcap === undefined ? undefined : new Saver(options.pcap, [])
    const { saver } = this
    const { onlooker } = options
    const hear = (frame: Frame): void => {
      saver?.frame(frame)
      onlooker?.frame(frame)
    }
    const around = {
      timeslice: new Timeslice(() => this.rest()),
      signal: this.controller.signal,
      ...(saver === undefined && onlooker === undefined ? {} : { trace: () => new Trace(hear) }),
    }
    this.many = new Many(options.settings, around, options.concurrency, grabbed => this.take(grabbed))
    onlooker?.signal.addEventListener('abort', () => this.controller.abort())
  }

  async run(): Promise<ExitCode> {
    const { onlooker } = this.options
    const progress = onlooker === undefined ? new Progress(this.many) : undefined
    const forget = onlooker === undefined ? this.onSignals() : undefined
    const targets = this.list.targets()
    try {
      await this.many.run(targets)
    } finally {
      progress?.stop()
      await this.save(true)
      if (this.signalled !== undefined) await this.tellLeft(targets)
      this.list.close()
      forget?.()
    }
    if (this.list.wrong > 0) this.code = worse(this.code, Exit.usage)
    return this.signalled ?? this.code
  }

  private async take(grabbed: Grabbed): Promise<void> {
    const { onlooker } = this.options
    if (onlooker === undefined) return this.print(grabbed)
    onlooker.grabbed(grabbed)
  }

  /** What the last turns made is written, or seen. */
  private async rest(): Promise<void> {
    await this.save(false)
    await this.options.onlooker?.room()
  }

  /** Events are written one after the other; a failure ends everything. */
  private print(grabbed: Grabbed): Promise<void> {
    const before = this.writing
    this.writing = before
      .then(() => this.write(grabbed))
      .catch(cause => {
        this.controller.abort()
        throw cause
      })
    return this.writing
  }

  private async write(grabbed: Grabbed): Promise<void> {
    const { output, options } = this
    const indenter = options.pretty ? new Indenter() : undefined
    let size = 0
    for (const piece of eventText(grabbed, options.settings)) {
      output.write(indenter === undefined ? piece : indenter.indent(piece))
      size += piece.length
      // Waiting for nothing costs more than a small message does.
      if (size < ENOUGH) continue
      size = 0
      await output.drain()
    }
    output.write('\n')
    await output.drain(true)
  }

  /** One write after the other. A full disk ends the saving, not the grabbing. */
  private save(isLast: boolean): Promise<void> {
    const { saver } = this
    if (saver === undefined) return this.saving
    this.saving = this.saving.then(() => saver.drain(isLast)).catch(cause => this.cannotSave(cause))
    return this.saving
  }

  private cannotSave(cause: unknown): void {
    if (!(cause instanceof OutputError)) throw cause
    tell(cause.message, this.options.onlooker)
    this.code = worse(this.code, Exit.output)
  }

  /** The first signal ends what is under way, and prints it; the second does not wait for anything. */
  private onSignals(): () => void {
    const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
    const listeners = names.map(name => {
      const listener = (): void => {
        if (this.signalled !== undefined) process.exit(Signalled[name])
        this.signalled = Signalled[name]
        this.controller.abort()
      }
      process.on(name, listener)
      return () => void process.off(name, listener)
    })
    return () => {
      for (const forget of listeners) forget()
    }
  }

  private async tellLeft(targets: AsyncIterator<Target>): Promise<void> {
    if (this.list.isEndless) return tell('stopped; the rest of stdin was not read', this.options.onlooker)
    let left = 0
    while ((await targets.next()).done !== true) left++
    tell(`stopped; ${left} ${left === 1 ? 'target was' : 'targets were'} not begun`, this.options.onlooker)
  }
}

/** The list of targets cannot be read. */
class TargetsError extends Error {
  override readonly name = 'TargetsError'
}

/** Of one line: far more than a name has, so that a file of another kind does not fill the memory. */
const LONGEST_LINE = 4096

/** The targets named, then those of a file, read as they are needed. */
class TargetList {
  /** Lines that name no target. */
  wrong = 0
  private readonly options: GrabRun

  constructor(options: GrabRun) {
    this.options = options
  }

  /** Nobody can tell when stdin ends. */
  get isEndless(): boolean {
    return this.options.file === '-'
  }

  /** A terminal or a pipe that stays open would keep the program waiting. */
  close(): void {
    if (this.isEndless) process.stdin.destroy()
  }

  async *targets(): AsyncGenerator<Target> {
    for await (const target of this.all()) {
      this.options.onlooker?.began(target)
      yield target
    }
  }

  private async *all(): AsyncGenerator<Target> {
    yield* this.options.targets
    const { file } = this.options
    if (file === undefined) return
    let number = 0
    for await (const line of this.lines(file)) {
      const target = this.parse(line, `${file === '-' ? 'stdin' : file}:${++number}`)
      if (target !== undefined) yield target
    }
  }

  /** A wrong line is told and passed over: the others are no worse for it. */
  private parse(line: string, where: string): Target | undefined {
    try {
      return targetOfLine(line, this.options.defaultPort)
    } catch (cause) {
      if (!(cause instanceof TargetError)) throw cause
      this.wrong++
      tell(`${where}: ${cause.message}`, this.options.onlooker)
      return undefined
    }
  }

  private async *lines(file: string): AsyncGenerator<string> {
    const stream = file === '-' ? process.stdin : createReadStream(file)
    stream.setEncoding('utf8')
    let rest = ''
    try {
      for await (const chunk of stream as AsyncIterable<string>) {
        const lines = (rest + chunk).split('\n')
        rest = lines.pop() ?? ''
        yield* lines
        if (rest.length > LONGEST_LINE) throw new Error(`a line has more than ${LONGEST_LINE} characters`)
      }
    } catch (cause) {
      throw new TargetsError(`cannot read ${file}: ${(cause as Error).message}`)
    }
    yield rest
  }
}

const PROGRESS_EVERY_MS = 200

/** One line on a terminal's stderr. */
class Progress {
  private readonly many: Many
  private readonly timer: NodeJS.Timeout | undefined

  constructor(many: Many) {
    this.many = many
    if (process.stderr.isTTY === true) this.timer = setInterval(() => this.show(), PROGRESS_EVERY_MS)
  }

  stop(): void {
    if (this.timer === undefined) return
    clearInterval(this.timer)
    process.stderr.write('\r\x1b[K')
  }

  private show(): void {
    const { begun, done, connected } = this.many
    process.stderr.write(`\r\x1b[K${done} done (${connected} answered), ${begun - done} under way`)
  }
}
