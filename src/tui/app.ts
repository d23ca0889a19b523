/** What is on the screen, and what a key does to it. Knows nothing of the terminal: keys come in, blocks go out. */

import type { Kind } from '../analysis/journal.ts'
import type { Searched } from '../analysis/search.ts'
import { FilterError } from '../filter/error.ts'
import type { Level } from '../store/vocabulary.ts'
import { sanitize } from '../text/sanitize.ts'
import { clientFilter, topicFilter } from './apply.ts'
import { type Around, bottom, filterBar, titleBar } from './bars.ts'
import { type Block, LEAST_HEIGHT, LEAST_WIDTH, type Pane, pane, paneAt, rows } from './block.ts'
import type { ColourRule } from './colours.ts'
import { COMMON } from './commands.ts'
import type { AppContext, Host, Screen } from './context.ts'
import { Dialog } from './dialog.ts'
import { type CommandId, type Keys, keyName, type ScreenName } from './keys.ts'
import type { Model } from './model.ts'
import { Tree } from './panes/tree.ts'
import { clientName, levelToken } from './panes/words.ts'
import type { PromptKind } from './prompt.ts'
import { FindingsScreen } from './screens/findings.ts'
import { FlowScreen } from './screens/flow.ts'
import { Help } from './screens/help.ts'
import { LogScreen } from './screens/log.ts'
import { Packets } from './screens/packets.ts'
import { SessionsScreen } from './screens/sessions.ts'
import { StatsScreen } from './screens/stats.ts'
import { StreamScreen } from './screens/stream.ts'
import { TopicsScreen } from './screens/topics.ts'
import { type Line, line, spanAt } from './spans.ts'
import type { Drawing } from './terminal/draw.ts'
import type { Key } from './terminal/input.ts'
import type { Mouse } from './terminal/mouse.ts'
import { painted } from './terminal/paint.ts'
import type { Caret } from './terminal/screen.ts'
import type { ThemeName, Token } from './theme.ts'

export interface AppOptions {
  readonly theme: Exclude<ThemeName, 'auto'>
  readonly ascii: boolean
  readonly keys: Keys
}

/** Row of the prompt, below the title. */
const PROMPT_LINE = 1

/** A command that waits for a letter. */
interface Pending {
  readonly asks: string
  readonly take: (letter: string) => void
}

export class App implements Drawing, AppContext, Around {
  readonly model: Model
  readonly host: Host
  readonly keys: Keys
  readonly dialog: Dialog
  readonly details = new Tree()
  readonly packets = new Packets(this.details)
  readonly stream: StreamScreen
  theme: Exclude<ThemeName, 'auto'>
  /** Said at the bottom until the next key. */
  message: Line | undefined
  pending: Pending | undefined
  private readonly ascii: boolean
  private readonly screens: Readonly<Record<ScreenName, Screen>>
  private current: ScreenName = 'packets'
  private width = 80
  private height = 24
  private shown: Block = pane([], 0, 0)
  private readonly before: ScreenName[] = []
  /** Whether to leave; the key before said so. */
  private asked = false
  private digits = ''
  /** Makes of the expression that a screen filters by the one that is meant. */
  private join: ((text: string) => string) | undefined

  constructor(model: Model, host: Host, options: AppOptions) {
    this.model = model
    this.host = host
    this.theme = options.theme
    this.ascii = options.ascii
    this.keys = options.keys
    this.dialog = new Dialog(this, () => this.searched)
    this.stream = new StreamScreen(model)
    this.screens = {
      packets: this.packets,
      flow: new FlowScreen(),
      topics: new TopicsScreen(),
      sessions: new SessionsScreen(),
      stats: new StatsScreen(),
      findings: new FindingsScreen(),
      stream: this.stream,
      log: new LogScreen(),
      help: new Help(),
    }
  }

  get screen(): Screen {
    return this.screens[this.current]
  }

  /** The screen that was there before this one. */
  get beneath(): ScreenName {
    return this.before.at(-1) ?? 'packets'
  }

  // Drawing

  block(width: number, height: number): Block {
    this.width = width
    this.height = height
    this.shown = this.layout(width, height)
    return this.shown
  }

  private layout(width: number, height: number): Block {
    if (width < LEAST_WIDTH || height < LEAST_HEIGHT) return this.notice(width, height)
    const filter = this.dialog.prompt === undefined ? filterBar(this, width) : this.dialog.lines(width)
    const top = [titleBar(this, width), ...filter]
    const end = bottom(this, width)
    const body = height - top.length - end.length
    return rows(pane(top, width, top.length), this.screen.block(this, width, body), pane(end, width, end.length))
  }

  /** Where something is written: for those who cannot see it otherwise, and for what pops up beside it. */
  get caret(): Caret | undefined {
    const { caret } = this.dialog
    const isShown = this.width >= LEAST_WIDTH && this.height >= LEAST_HEIGHT
    return caret === undefined || !isShown ? undefined : { x: Math.min(caret, this.width - 1), y: PROMPT_LINE }
  }

  paint(spans: Line): string {
    return painted(spans, this.theme, this.ascii)
  }

  private notice(width: number, height: number): Block {
    const text = `${width}x${height} is too small: ${LEAST_WIDTH}x${LEAST_HEIGHT} at least (q leaves)`
    return pane([line(text)], Math.max(1, width), Math.max(1, height))
  }

  /** Says it, and keeps it in the log. */
  report(kind: Kind, level: Level, text: string, token: Token = levelToken(level)): void {
    this.model.document.journal.add(kind, level, text)
    this.say(sanitize(text), token)
  }

  say(text: string, token: Token = 'note'): void {
    this.message = line(` ${text}`, token)
  }

  /** What is searched from this screen. */
  private get searched(): Searched {
    return this.current === 'stream' ? this.stream : this.model
  }

  // Keys

  key(key: Key): void {
    this.message = undefined
    if (key.name === '^c') return this.run('quit')
    if (key.name === '^z') return this.run('suspend')
    if (key.mouse !== undefined) return this.mouse(key.mouse)
    if (this.dialog.key(key)) return
    if (this.pending !== undefined) return this.letter(this.pending, key)
    const command = this.keys.command(key.name, this.current)
    this.asked = this.asked && command === 'back'
    if (this.goesTo(key, command)) return
    if (key.name === 'escape' && command === 'back' && this.isHome && this.leaves !== '')
      return this.say(`${this.leaves} leaves`)
    if (command !== undefined) return this.run(command)
    if (key.name !== 'paste' && key.name !== 'escape')
      this.say(`No command on this key; ${this.keys.text('help')} lists them`, 'dim')
  }

  /** On what is on the screen now. */
  private mouse({ kind, x, y, lines }: Mouse): void {
    this.pending = undefined
    this.asked = false
    this.digits = ''
    const { pane: hit, row, column } = paneAt(this.shown, x, y) ?? {}
    if (hit === undefined || row === undefined || column === undefined) return
    if (kind === 'wheel') return this.wheel(hit, lines)
    // What is being written is not left by a slip of the hand.
    if (this.dialog.prompt !== undefined) return y === PROMPT_LINE ? this.dialog.point(x) : undefined
    const { command } = spanAt(hit.lines[row] ?? [], column) ?? {}
    if (command !== undefined) return this.run(command)
    // The first click has selected, and may have moved what is below the hand.
    if (kind === 'double' && hit.pointer?.opens === true) this.run('open')
    else hit.pointer?.click?.(row, column)
  }

  private wheel({ pointer }: Pane, lines: number): void {
    if (pointer?.wheel !== undefined) return pointer.wheel(lines)
    for (let left = Math.abs(lines); left > 0; left--) this.run(lines < 0 ? 'up' : 'down')
  }

  run(command: CommandId): void {
    this.model.stopSearch()
    if (this.screen.run(this, command)) return
    COMMON[command]?.(this)
  }

  /** The next key is a letter for `take`; `asks` is said meanwhile. */
  ask(asks: string, take: (letter: string) => void): void {
    this.pending = { asks, take }
  }

  private letter({ take }: Pending, { name, text }: Key): void {
    this.pending = undefined
    if (text === undefined || !/^[a-z]$/.test(name)) this.say('A letter from a to z is needed', 'caution')
    else take(name)
  }

  /** Digits before the key that goes to the last packet are the number of another; one alone is a screen. */
  private goesTo(key: Key, command: CommandId | undefined): boolean {
    const { digits } = this
    this.digits = /^\d$/.test(key.name) ? digits + key.name : ''
    if (command === 'last' && digits.length > 1) {
      this.jump(Number(digits))
      return true
    }
    if (command !== undefined || this.digits.length < 2) return false
    this.say(`${this.digits}: ${this.keys.text('last')} goes to that packet`)
    return true
  }

  // Moving about

  open(name: ScreenName): void {
    if (name === this.current) return
    this.before.push(this.current)
    this.current = name
    this.screen.opened?.(this)
    // The next key may come before the next frame: a screen knows what it moves in once it was laid out.
    this.block(this.width, this.height)
  }

  back(): void {
    const name = this.before.pop()
    if (name === undefined && this.current === 'packets') return this.quit()
    this.current = name ?? 'packets'
  }

  /** The key to leave with. Esc is pressed once too often when prompts and panes are left: it alone does not. */
  private get leaves(): string {
    return this.keys
      .of('back')
      .filter(key => key !== 'escape')
      .map(keyName)
      .join(' ')
  }

  /** Asks where something would be lost. */
  private quit(): void {
    if (!this.host.status.isUnsaved || this.asked) return this.host.quit()
    this.asked = true
    const again = this.leaves === '' ? this.keys.text('back') : this.leaves
    this.say(
      `The packets of this live capture are in no file: ${this.keys.text('save')} saves, ${again} again leaves`,
      'caution',
    )
  }

  /** Nothing is left to go back from. */
  get isHome(): boolean {
    return this.current === 'packets' && this.before.length === 0 && this.packets.isAtRest
  }

  /** Shows a packet in the list; from another screen, with the way back to it. */
  jump(number: number): boolean {
    const outcome = this.model.jump(number)
    if (outcome === 'gone') this.say(`Packet ${number} is not there`, 'caution')
    else {
      if (this.current !== 'packets') this.before.splice(0, this.before.length, this.current)
      this.current = 'packets'
      if (outcome === 'hidden') this.say(`Packet ${number} is hidden by the filter; \\ shows all`, 'caution')
    }
    return outcome === 'there'
  }

  openStream(index: number, number: number): void {
    this.stream.hold(index, number)
    this.open('stream')
  }

  explain(): void {
    this.packets.explain()
  }

  /** Colours the client of a packet, then its topic, then neither. */
  colourPacket(number: number): void {
    const { document } = this.model
    const row = document.store.rowOf(number)
    if (row < 0) return this.say('There is no packet to colour by', 'caution')
    const topic = document.store.topics.text(document.store.topicId(row))
    this.colour([
      { name: clientName(document, row), filter: clientFilter(document, row) },
      ...(topic === undefined ? [] : [{ name: topic, filter: topicFilter(topic, false) }]),
    ])
  }

  /** Colours what fits the first of these, then the second, then nothing of it. */
  colour(filters: readonly Pick<ColourRule, 'name' | 'filter'>[]): void {
    try {
      const rule = this.model.colours.turn(filters)
      if (rule === undefined) this.say('No colour of its own any more')
      else this.say(`Coloured: ${sanitize(rule.name)}`, rule.style)
    } catch (cause) {
      if (!(cause instanceof FilterError)) throw cause
      this.report('filter', 'error', cause.message)
    }
  }

  /** Filters by what is selected, joined with what is there. */
  applyAs(join: (text: string) => string): void {
    this.join = join
    this.run('apply')
    this.join = undefined
  }

  openFilter(text: string): void {
    this.dialog.open('filter', this.join?.(text) ?? text)
  }

  write(kind: PromptKind, text: string): void {
    this.dialog.open(kind, text)
  }

  findAgain(forward: boolean): void {
    this.dialog.findAgain(forward)
  }
}
