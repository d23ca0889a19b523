/** Puts the screens on the terminal: the source is read, the clock ticks, keys come in, until somebody leaves. */
import { randomInt } from 'node:crypto'
import { setTimeout as delay, setImmediate } from 'node:timers/promises'
import type { PacketSource } from '../capture/source.ts'
import { Exit, type ExitCode, Signalled, worse } from '../exit.ts'
import { summaryLine } from '../export/text.ts'
import type { Summary } from '../store/record.ts'
import { App, type Host } from './app.ts'
import { Capture, MOST_LIVE_ROWS } from './capture.ts'
import { type Drawn, prepare } from './draw.ts'
import { Follower } from './follow.ts'
import type { Key } from './input.ts'
import { Keys } from './keys.ts'
import { Model } from './model.ts'
import { readPreferences } from './preferences.ts'
import { save, saveBytes } from './saving.ts'
import type { StartOptions } from './start.ts'
import type { Status } from './status.ts'
import { Terminal } from './terminal.ts'
import { asksTerminal, resolveTheme, themeFor } from './theme.ts'
import { exitOf } from './trouble.ts'

export interface RunOptions
  extends Pick<StartOptions, 'ports' | 'filter' | 'autostop' | 'theme' | 'ascii' | 'mouse' | 'quiet'> {
  readonly source: PacketSource
  /** What the source says, one after the other. */
  readonly said: readonly string[]
  /** Frames that the kernel dropped so far, where somebody counts them. */
  readonly dropped: () => number | undefined
}

/** Nothing is drawn per packet: the screen looks at the store on a clock of its own. */
const TICK_MS = 100
/** While a file is read little changes that can be seen: a frame costs as much as reading for five milliseconds. */
const LOADING_TICK_MS = 250
/** A terminal that takes so long for a frame is given fewer of them. */
const SLOW_WRITE_MS = 50
const SLOW_TICK_MS = 500
/** What a capture that is asked to end may still take. */
const ON_ITS_WAY_MS = 2000
/** Of a tick, for looking through rows. */
const ADVANCE_MS = 25

export class Run implements Host {
  readonly status: Status
  private readonly options: RunOptions
  private readonly capture: Capture
  private readonly follower: Follower
  private readonly app: App
  private readonly terminal: Terminal
  private drawn: Drawn | undefined
  private timer: NodeJS.Timeout | undefined
  private stale = true
  private heard = 0
  private isStopping = false
  private readonly began = performance.now()
  private code: ExitCode = Exit.done
  private leave: () => void = () => {}
  /** The theme before the terminal answers. */
  private guessed: App['theme']

  constructor(options: RunOptions) {
    const { source, ports } = options
    this.options = options
    const isLive = source.stop !== undefined
    this.capture = new Capture({ ports, seed: randomInt(2 ** 31), ...(isLive ? { mostRows: MOST_LIVE_ROWS } : {}) })
    this.follower = new Follower(source, this.capture)
    const { keys, rules, faults } = readPreferences(process.env)
    const model = new Model(this.capture, rules)
    model.follows = isLive
    const theme = resolveTheme(options.theme, process.env)
    this.guessed = theme
    this.terminal = new Terminal({ asks: asksTerminal(options.theme, process.env), mouse: options.mouse })
    this.app = new App(model, this, { theme, ascii: options.ascii, keys: new Keys(keys) })
    this.status = new Progress(this.follower, options.dropped)
    if (options.filter !== undefined) model.choose(options.filter)
    if (faults.length > 0) this.app.say(faults.join('; '), 'bad')
  }

  async start(): Promise<ExitCode> {
    const left = new Promise<void>(resolve => {
      this.leave = resolve
    })
    const drawing = prepare(this.terminal.screen, this.app)
    this.terminal.open({
      key: key => this.key(key),
      redraw: () => this.update(),
      signal: signal => this.signalled(signal),
    })
    // Meanwhile, so that the first frame has rows.
    const reading = this.follower.run(drawing).then(() => this.changed())
    const show = await drawing
    this.app.model.advance(ADVANCE_MS)
    this.drawn = show()
    this.tick()
    await Promise.race([left, reading.then(() => left)])
    await this.settle(reading)
    await this.terminal.answered()
    this.close()
    if (!this.options.quiet) process.stderr.write(`${summaryLine(this.summary)}\n`)
    const { failure } = this.follower
    if (failure === undefined) return this.code
    process.stderr.write(`mqtt-sniff: ${failure.message}\n`)
    return worse(this.code, exitOf(failure))
  }

  /** A live capture ends in good order: what is on its way still comes, and its drops are counted. */
  private async settle(reading: Promise<void>): Promise<void> {
    if (this.follower.state !== 'reading') return
    this.follower.source.stop?.()
    if (!this.follower.isLive) return
    const enough = new AbortController()
    const late = delay(ON_ITS_WAY_MS, undefined, enough).catch(() => {})
    await Promise.race([reading, late])
    enough.abort()
  }

  private get summary(): Summary {
    const { summary } = this.capture
    return this.follower.isLive ? { ...summary, dropped: this.status.dropped } : summary
  }

  // Host

  quit(): void {
    this.leave()
  }

  suspend(): void {
    this.terminal.suspend()
  }

  redraw(): void {
    this.terminal.screen.invalidate()
  }

  /** OSC 52: the terminal puts it into the clipboard, over SSH too. */
  copy(text: string): void {
    this.terminal.send(`\x1b]52;c;${Buffer.from(text).toString('base64')}\x07`)
  }

  async save(request: string): Promise<string> {
    try {
      return await save(this.app.model, request, () => setImmediate())
    } finally {
      this.stale = true
    }
  }

  async saveBytes(request: string): Promise<string> {
    try {
      return await saveBytes(this.app.stream, request, () => setImmediate())
    } finally {
      this.stale = true
    }
  }

  // The clock

  /** Rows that have come, filters and searches under way; then a frame if something differs. */
  private readonly tick = (): void => {
    const { model } = this.app
    const before = this.capture.store.rows
    const changed = model.advance(ADVANCE_MS)
    this.tell()
    this.watch()
    if (changed || this.stale || this.follower.state === 'reading' || before !== this.capture.store.rows) this.update()
    this.stale = false
    const isSlow = this.terminal.screen.lastWriteMs > SLOW_WRITE_MS
    const isBusy = model.searching !== undefined || !model.view.isComplete
    clearTimeout(this.timer)
    this.timer = setTimeout(this.tick, isSlow ? SLOW_TICK_MS : isBusy ? 1 : this.isLoading ? LOADING_TICK_MS : TICK_MS)
  }

  /** A file is being read: it has an end. */
  private get isLoading(): boolean {
    return this.follower.state === 'reading' && !this.follower.isLive
  }

  /** What the source says, and when it has to end. */
  private watch(): void {
    this.follower.count()
    const { said, autostop, source } = this.options
    const words = said[this.heard]
    if (words !== undefined) {
      this.heard = said.length
      this.app.say(said.at(-1) ?? words)
      this.stale = true
    }
    const { seconds = Number.POSITIVE_INFINITY, bytes = Number.POSITIVE_INFINITY } = autostop ?? {}
    if (this.isStopping || (performance.now() - this.began < seconds * 1000 && source.read < bytes)) return
    this.isStopping = true
    source.stop?.()
  }

  private tell(): void {
    const outcome = this.app.model.takeOutcome()
    if (outcome === 'nothing') this.app.say('Not found further on', 'caution')
    if (outcome !== undefined) this.stale = true
  }

  private key(key: Key): void {
    if (key.name === 'background') return this.background(key.text ?? '')
    this.app.key(key)
    this.app.model.advance(ADVANCE_MS)
    this.tell()
    this.update()
  }

  /** Who has chosen another theme meanwhile keeps it. */
  private background(colour: string): void {
    const theme = themeFor(colour)
    if (theme === undefined || this.app.theme !== this.guessed) return
    this.app.theme = theme
    this.guessed = theme
    this.update()
  }

  private update(): void {
    this.drawn?.update()
  }

  /** The source has ended. A capture that never began has nothing to show. */
  private changed(): void {
    this.stale = true
    const { failure, source } = this.follower
    if (failure !== undefined) {
      this.app.message = undefined
      if (source.read === 0) return this.leave()
    }
    if (this.drawn !== undefined) this.tick()
  }

  private signalled(signal: keyof typeof Signalled): void {
    // Ctrl-C is how a live capture ends; the others say that somebody else ended it.
    if (signal !== 'SIGINT') this.code = Signalled[signal]
    this.leave()
  }

  private close(): void {
    clearTimeout(this.timer)
    this.drawn?.close()
    this.drawn = undefined
    this.terminal.close()
    this.follower.close()
  }
}

class Progress implements Status {
  private readonly follower: Follower
  private readonly kernel: (() => number | undefined) | undefined
  private readonly name_: string

  constructor(follower: Follower, dropped: (() => number | undefined) | undefined) {
    this.follower = follower
    this.kernel = dropped
    this.name_ = follower.source.name === '-' ? 'stdin' : follower.source.name
  }

  get name(): string {
    return this.name_
  }

  get state(): Status['state'] {
    return this.follower.state
  }

  get isLive(): boolean {
    return this.follower.isLive
  }

  get progress(): string {
    const { source, state } = this.follower
    if (state !== 'reading' || this.isLive) return ''
    if (source.size === undefined || source.size === 0) return `${(source.read / 1e6).toFixed(0)} MB`
    return `${Math.floor((source.read / source.size) * 100)} %`
  }

  get rate(): number | undefined {
    return this.follower.rate
  }

  get dropped(): number | undefined {
    return this.kernel?.()
  }

  get failure(): string | undefined {
    return this.follower.failure?.message
  }
}
