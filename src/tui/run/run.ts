/** Puts the screens on the terminal: the source is read, the clock ticks, keys come in, until somebody leaves. */

import { randomInt } from 'node:crypto'
import { setTimeout as delay, setImmediate } from 'node:timers/promises'
import { Document, MOST_LIVE_ROWS } from '../../analysis/document.ts'
import { type PortOptions, portOptionsOf } from '../../analysis/pipeline.ts'
import { Exit, type ExitCode, Signalled, worse } from '../../base/exit.ts'
import { LiveError } from '../../capture/sources/backend.ts'
import type { KeyLogs } from '../../capture/sources/key-log.ts'
import type { Autostop } from '../../capture/sources/live.ts'
import { PacedSource } from '../../capture/sources/paced.ts'
import type { PacketSource } from '../../capture/sources/source.ts'
import { exitOf } from '../../capture/sources/trouble.ts'
import { otherPortLines, sealedLines, summaryLine, unreadLines } from '../../export/text.ts'
import type { Rule } from '../../payload/rules.ts'
import type { PayloadReader } from '../../store/payloads.ts'
import type { Summary } from '../../store/record.ts'
import { App } from '../app.ts'
import type { Host } from '../context.ts'
import { Keys } from '../keys.ts'
import { Model } from '../model.ts'
import type { Active } from '../status.ts'
import { type Drawn, prepare } from '../terminal/draw.ts'
import type { Key } from '../terminal/input.ts'
import { tell, writeError } from '../terminal/stderr.ts'
import { Terminal } from '../terminal/terminal.ts'
import { asksTerminal, resolveTheme, type ThemeName, themeFor } from '../theme.ts'
import { addRule, decodeFile } from './decode-file.ts'
import { Follower } from './follow.ts'
import type { LiveCapture } from './live.ts'
import { readPreferences } from './preferences.ts'
import { Progress } from './progress.ts'
import { save, saveBytes } from './saving.ts'
import { Watch } from './watch.ts'

export interface RunOptions extends PortOptions {
  readonly source: PacketSource
  /** Where the source comes from, if it is one that can begin again. */
  readonly live?: LiveCapture | undefined
  /** The source is what we say and hear ourselves. */
  readonly active?: Active
  /** What the source says, one after the other; taken out as it is read. */
  readonly said: string[]
  /** Display filter to begin with. */
  readonly filter?: string | undefined
  /** Decodes payloads; absent: by the built-in rules alone. */
  readonly payloads?: PayloadReader
  readonly autostop?: Autostop | undefined
  /** Files that may bring more keys of TLS while something is captured. */
  readonly keyLogs?: KeyLogs | undefined
  readonly theme: ThemeName
  /** Letters and signs of ASCII alone; `start` also sets it where the locale has no more. */
  readonly ascii: boolean
  /** The mouse is ours; else the terminal's own. */
  readonly mouse: boolean
  readonly quiet: boolean
}

const paceText = ({ pace }: PacedSource): string => `${Number(pace.toFixed(3))}x`

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
  readonly status: Progress
  private readonly options: RunOptions
  private readonly document: Document
  private readonly follower: Follower
  private readonly app: App
  private readonly terminal: Terminal
  private drawn: Drawn | undefined
  private timer: NodeJS.Timeout | undefined
  private stale = true
  private readonly state: Watch
  private reading: Promise<void> = Promise.resolve()
  /** By `-a`. */
  private isStopping = false
  private isStarting = false
  private began = performance.now()
  private code: ExitCode = Exit.done
  private leave: () => void = () => {}
  private fail: (cause: unknown) => void = () => {}
  /** The theme before the terminal answers. */
  private guessed: App['theme']

  constructor(options: RunOptions) {
    const { source } = options
    this.options = options
    const isLive = source.stop !== undefined
    const limits = isLive ? { mostRows: MOST_LIVE_ROWS } : {}
    const isOurs = options.active !== undefined
    this.document = new Document({
      ...portOptionsOf(options),
      seed: randomInt(2 ** 31),
      now: Date.now,
      isOurs,
      ...(options.payloads !== undefined && { payloads: options.payloads }),
      ...limits,
    })
    source.onDamage = damage => this.document.damage(damage)
    this.follower = new Follower(source, this.document, options)
    const { keys, rules, faults } = readPreferences(process.env)
    const model = new Model(this.document, rules)
    model.follows = isLive
    const theme = resolveTheme(options.theme, process.env)
    this.guessed = theme
    this.terminal = new Terminal({ asks: asksTerminal(options.theme, process.env), mouse: options.mouse })
    this.app = new App(model, this, { theme, ascii: options.ascii, keys: new Keys(keys) })
    this.status = new Progress(this.follower, this.document, options)
    this.state = new Watch(this.document, this.status, options.said)
    if (options.filter !== undefined) model.choose(options.filter)
    for (const fault of faults) this.app.report('preferences', 'error', fault)
    if (faults.length > 1) this.app.say(faults.join('; '), 'bad')
  }

  async start(): Promise<ExitCode> {
    const left = new Promise<void>((resolve, reject) => {
      this.leave = resolve
      this.fail = reject
    })
    // It may fail before it is waited for.
    left.catch(() => {})
    const drawing = prepare(this.terminal.screen, this.app)
    this.terminal.open({
      key: key => this.key(key),
      redraw: () => this.update(),
      signal: signal => this.signalled(signal),
    })
    // Meanwhile, so that the first frame has rows.
    this.read(this.follower.run(drawing))
    const show = await drawing
    this.app.model.advance(within(ADVANCE_MS))
    this.drawn = show()
    this.tick()
    await left
    await this.settle()
    await this.terminal.answered()
    this.close()
    await this.terminal.given()
    const { summary } = this
    for (const line of [...unreadLines(summary), ...sealedLines(summary), ...otherPortLines(summary)]) tell(line)
    if (!this.options.quiet) writeError(`${summaryLine(this.summary)}\n`)
    const { failure } = this.follower
    if (failure === undefined) return this.code
    tell(failure.message)
    return worse(this.code, exitOf(failure))
  }

  /** A live capture ends in good order: what is on its way still comes, and its drops are counted. */
  private async settle(): Promise<void> {
    const { follower } = this
    if (!follower.isLive) return
    if (follower.state === 'reading') {
      follower.source.stop?.()
      const enough = new AbortController()
      const late = delay(ON_ITS_WAY_MS, undefined, enough).catch(() => {})
      await Promise.race([this.reading, late])
      enough.abort()
    }
    if (follower.state !== 'reading') follower.conclude()
  }

  private get summary(): Summary {
    const { summary } = this.document
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
      const words = await save(this.app.model, request, () => setImmediate())
      this.status.saved()
      return words
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

  async saveRule(rule: Rule): Promise<string> {
    this.stale = true
    return addRule(decodeFile(process.env), rule)
  }

  startStop(): void {
    const { app, follower, options } = this
    if (follower.source instanceof PacedSource) {
      follower.source.hold()
      return app.say(
        follower.source.isPaused ? 'The replay stands still' : `The replay goes on at ${paceText(follower.source)}`,
      )
    }
    if (options.live === undefined)
      return app.say('This is no live capture: there is nothing to stop or start', 'caution')
    if (follower.state !== 'reading') return this.startAgain(options.live)
    follower.source.stop?.()
    app.say('The capture stops: what is on its way still comes')
  }

  replay(how: 'faster' | 'slower' | 'step'): void {
    const { app, follower } = this
    const { source } = follower
    if (!(source instanceof PacedSource)) return app.say('This is no replay: --pace makes one', 'caution')
    if (how === 'step') return source.isPaused ? source.step() : app.say('Stop the replay first', 'caution')
    source.scale(how === 'faster' ? 2 : 0.5)
    app.say(`The pace is ${paceText(source)}`)
  }

  private startAgain(live: LiveCapture): void {
    if (this.isStarting) return
    this.isStarting = true
    const goOn = (source: PacketSource): void => {
      if (live.isClosed) return source.close()
      this.isStarting = false
      this.isStopping = false
      this.began = performance.now()
      this.read(this.follower.goOn(source))
    }
    const refused = (cause: unknown): void => {
      if (live.isClosed) return
      this.isStarting = false
      if (!(cause instanceof LiveError)) return this.fail(cause)
      this.app.report('source', 'error', cause.message)
      this.update()
    }
    live.open().then(goOn, refused)
  }

  private read(reading: Promise<void>): void {
    this.reading = reading.then(
      () => this.changed(),
      cause => this.fail(cause),
    )
  }

  // The clock

  /** Rows that have come, filters and searches under way; then a frame if something differs. */
  private readonly tick = (): void => {
    const { model } = this.app
    const before = this.document.store.rows
    const changed = model.advance(within(ADVANCE_MS))
    this.tell()
    this.look()
    if (changed || this.stale || this.follower.state === 'reading' || before !== this.document.store.rows) this.update()
    this.stale = false
    const { screen } = this.terminal
    const isSlow = screen.isWaiting || screen.lastWriteMs > SLOW_WRITE_MS
    const isBusy = model.searching !== undefined || !model.view.isComplete
    clearTimeout(this.timer)
    this.timer = setTimeout(this.tick, isSlow ? SLOW_TICK_MS : isBusy ? 1 : this.isLoading ? LOADING_TICK_MS : TICK_MS)
  }

  /** A file is being read: it has an end. */
  private get isLoading(): boolean {
    return this.follower.state === 'reading' && !this.follower.isLive
  }

  /** What the source says, and when it has to end. */
  private look(): void {
    const { follower } = this
    const { source } = follower
    follower.count()
    const words = this.state.look()
    if (words !== undefined) {
      this.app.say(words)
      this.stale = true
    }
    const { autostop } = this.options
    const { seconds = Number.POSITIVE_INFINITY, bytes = Number.POSITIVE_INFINITY } = autostop ?? {}
    if (this.isStopping || (performance.now() - this.began < seconds * 1000 && source.read < bytes)) return
    this.isStopping = true
    this.app.report('source', 'note', 'As -a says, the capture stops here')
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
    this.app.model.advance(within(ADVANCE_MS))
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
      if (source.read + this.document.summary.frames === 0) return this.leave()
    } else if (this.status.restarts) this.app.report('source', 'note', 'The capture has stopped')
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
    this.options.live?.close()
    this.follower.close()
  }
}

/** True for so many milliseconds from now on. */
function within(milliseconds: number): () => boolean {
  const until = performance.now() + milliseconds
  return () => performance.now() < until
}
