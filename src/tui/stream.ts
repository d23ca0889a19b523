/** The screen of a stream: one connection from its first packet to its last, each direction in its own colour. */
import { GLYPHS } from '../export/paint.ts'
import type { Row } from '../store/store.ts'
import type { App, Screen } from './app.ts'
import { type Block, pane } from './block.ts'
import type { Capture } from './capture.ts'
import { Conversation, DIRECTIONS, type Direction } from './conversation.ts'
import { type Hole, holeText } from './holes.ts'
import { Infos } from './infos.ts'
import type { CommandId } from './keys.ts'
import { WIDE } from './list.ts'
import type { Model, Searched } from './model.ts'
import type { Pointer } from './mouse.ts'
import { Roll } from './roll.ts'
import { fitted, type Line, line, padEnd, padStart, retoken, rule, span, textOf } from './spans.ts'
import type { Token } from './theme.ts'
import { hexLines, textLines } from './unfolded.ts'
import { bracket, exchangeWords, flagsText, levelToken, nameOfClient, shortTime, typeName } from './words.ts'

/** How packets are shown: decoded, and below that their bytes. */
const FORMS = ['MQTT', 'text', 'hex'] as const
type Form = (typeof FORMS)[number]

const DIRECTION_NAMES: Readonly<Record<Direction, string>> = {
  both: 'both directions',
  client: 'to the broker',
  broker: 'from the broker',
}

const HEAD_LINES = 2
/** The selection's mark, the arrow and a blank. */
const BEFORE_HOLE = 3
const DELTA_WIDTH = 6
const TYPE_WIDTH = 11
const ID_WIDTH = 5
/** Packets whose lines are kept between frames. */
const MOST_KEPT = 1000

export class StreamScreen implements Screen, Searched {
  readonly name = 'stream'
  readonly title = 'Stream'
  private readonly model: Model
  private conversation: Conversation
  private readonly roll = new Roll()
  private readonly infos = new Infos()
  private form: Form = 'MQTT'
  direction: Direction = 'both'
  private follows = false
  private isHeld = false
  /** Number of the selected packet: places move when the oldest packets go. */
  private selected = 0
  private kept = new Map<number, readonly Line[]>()
  private keptFor = ''

  constructor(model: Model) {
    this.model = model
    this.conversation = new Conversation(model.capture, -1, 'both')
  }

  /** Follows the connection, from the packet `number` on. */
  show(id: number, number: number): void {
    this.conversation = new Conversation(this.model.capture, id, this.direction)
    this.kept.clear()
    this.follows = this.model.follows
    this.choose(number)
  }

  opened(): void {
    const { model } = this
    if (!this.isHeld && model.row >= 0) this.show(model.capture.store.connectionId(model.row), model.cursor)
    this.isHeld = false
  }

  /** Another screen has chosen the connection: it is not that of the selected packet. */
  hold(id: number, number: number): void {
    this.show(id, number)
    this.isHeld = true
  }

  block(_app: App, width: number, height: number): Block {
    const { conversation } = this
    if (conversation.connection === undefined) return pane([line(' No packet to follow.', 'dim')], width, height)
    this.catchUp()
    if (this.keptFor !== `${this.form} ${width}`) this.kept.clear()
    this.keptFor = `${this.form} ${width}`
    this.roll.shows(conversation.length, height - HEAD_LINES, item => this.sizeOf(item, width), this.follows)
    this.selected = conversation.number(this.roll.selected.item)
    const { item: chosen, part: chosenPart } = this.roll.selected
    const number = this.numberWidth
    const body = this.roll.window.map(({ item, part }) => {
      const shown = part === 0 ? this.first(item, number, width) : (this.below(item, width)[part - 1] ?? [])
      const isChosen = item === chosen && part === chosenPart
      return isChosen ? retoken(fitted([span('▌'), ...shown], width), 'selected') : [span(' '), ...shown]
    })
    return pane([...this.head(width), ...body], width, height, this.pointer())
  }

  run(app: App, command: CommandId): boolean {
    const { conversation } = this
    if (this.roll.run(command)) this.follows = command === 'last' && app.host.status.isLive
    else if (command === 'open') app.jump(conversation.number(this.roll.selected.item))
    else if (command === 'as') {
      this.form = FORMS[(FORMS.indexOf(this.form) + 1) % FORMS.length] ?? 'MQTT'
      this.choose(this.selected)
      app.say(`Shown as ${this.form}`)
    } else if (command === 'direction') this.turn(app)
    else if (command === 'next-connection' || command === 'previous-connection') {
      this.step(app, command === 'next-connection' ? 1 : -1)
    } else if (command === 'follow') {
      this.follows = !this.follows
      app.say(this.follows ? 'Following the newest packet of this connection' : 'Not following any more')
    } else return false
    return true
  }

  copied(): string {
    const { item, part } = this.roll.selected
    const shown = part === 0 ? this.first(item, this.numberWidth, WIDE * 2) : (this.below(item, WIDE)[part - 1] ?? [])
    return textOf(shown).replace(/\s+/g, ' ').trim()
  }

  get capture(): Capture {
    return this.model.capture
  }

  /** Numbers of the connection's packets in a direction, and the bytes that are missing there: for saving. */
  packetsOf(direction: Direction): { readonly numbers: readonly number[]; readonly missing: number } {
    const all = new Conversation(this.capture, this.conversation.id, direction)
    all.catchUp(this.capture.store.rows)
    return { numbers: all.packets, missing: all.missing }
  }

  // For a search

  get length(): number {
    return this.conversation.length
  }

  get place(): number {
    return this.roll.selected.item
  }

  rowAt(place: number): Row {
    return this.conversation.row(place)
  }

  found(place: number): void {
    this.follows = false
    this.roll.select(place)
  }

  // Moving about

  private catchUp(): void {
    const { conversation, model } = this
    const { view, capture } = model
    const before = conversation.number(this.roll.selected.item)
    conversation.catchUp(Math.min(view.until, capture.store.rows))
    if (before !== conversation.number(this.roll.selected.item)) this.roll.select(conversation.placeOf(this.selected))
  }

  private pointer(): Pointer {
    const pointer = this.roll.pointer(HEAD_LINES)
    return {
      ...pointer,
      click: (row, column) => {
        this.follows = false
        pointer.click?.(row, column)
      },
    }
  }

  private choose(number: number): void {
    const { conversation } = this
    this.selected = number
    conversation.catchUp(Math.min(this.model.view.until, this.model.capture.store.rows))
    this.roll.shows(conversation.length, 1, () => 1)
    this.roll.select(conversation.placeOf(number))
  }

  private turn(app: App): void {
    this.direction = DIRECTIONS[(DIRECTIONS.indexOf(this.direction) + 1) % DIRECTIONS.length] ?? 'both'
    const { follows } = this
    this.show(this.conversation.id, this.selected)
    this.follows = follows
    app.say(`Shown: ${DIRECTION_NAMES[this.direction]}`)
  }

  private step(app: App, by: number): void {
    const { connections } = this.model.capture.store
    const id = this.conversation.id + by
    if (connections[id] === undefined) return app.say('There is none: another connection', 'caution')
    this.show(id, 0)
    this.follows = false
  }

  // Drawing

  private head(width: number): readonly Line[] {
    const { conversation, model } = this
    const { connections } = model.capture.store
    const { connection, clientSide, sent, got } = conversation
    if (connection === undefined) return []
    const broker = connection.flow.endpoint(clientSide === 0 ? 1 : 0)
    const name = nameOfClient(connection)
    const address = connection.flow.endpoint(clientSide)
    const who = name === address ? name : `${name} ${address}`
    const count = (packets: number): string => packets.toLocaleString('en')
    return [
      rule(
        `Connection ${conversation.id + 1} of ${count(connections.length)}: ${who} ⇄ broker ${broker}`,
        '',
        width,
        true,
      ),
      [
        span(` → ${count(sent)} packets `, 'fromClient'),
        span(` ← ${count(got)} `, 'fromBroker'),
        span(`  ${DIRECTION_NAMES[this.direction]} (d)  as ${this.form} (x)`, 'dim'),
        ...(this.follows ? [span('  following', 'good')] : []),
      ],
    ]
  }

  private get numberWidth(): number {
    const { store } = this.capture
    return Math.max(4, `${store.base + store.rows}`.length)
  }

  private sizeOf(item: number, width: number): number {
    return 1 + (this.form === 'MQTT' ? 0 : this.below(item, width).length)
  }

  private first(item: number, number: number, width: number): Line {
    const hole = this.conversation.hole(item)
    return hole === undefined
      ? this.packet(this.conversation.row(item), this.conversation.rowBefore(item), number, width)
      : this.missing(hole, width)
  }

  private arrow(isClient: boolean): { readonly sign: string; readonly token: Token } {
    return isClient ? { sign: '→', token: 'fromClient' } : { sign: '←', token: 'fromBroker' }
  }

  private missing(hole: Hole, width: number): Line {
    const { sign, token } = this.arrow(hole.side === this.conversation.clientSide)
    const text = ` ░░ ${holeText(hole)} `
    return [
      span(`${sign} `, token),
      span(text, 'caution'),
      span('░'.repeat(Math.max(0, width - text.length - BEFORE_HOLE)), 'caution'),
    ]
  }

  private packet(row: Row, before: Row, number: number, width: number): Line {
    if (row < 0) return []
    const { capture } = this.model
    const { store, links } = capture
    const { sign: arrow, token } = this.arrow(store.side(row) === this.conversation.clientSide)
    const sign = capture.isSentByUs(row) ? '»' : arrow
    const level = links.level(row)
    const id = store.packetId(row)
    const delta = before < 0 ? '-' : `+${shortTime(capture.between(before, row))}`
    const flags = flagsText(capture, row)
    const type = flags === '' ? typeName(store.type(row)) : `${typeName(store.type(row))} ${flags}`
    const words = exchangeWords(capture, row, true)
    const fixed = number + DELTA_WIDTH + TYPE_WIDTH + ID_WIDTH + 14
    const room = Math.max(1, width - fixed - (words === '' ? 0 : words.length + 1))
    return [
      span(`${sign} `, token),
      level === undefined ? span(' ') : span(GLYPHS[level], levelToken(level)),
      span(padStart(`${store.number(row)}`, number), 'dim'),
      span(` ${padStart(delta, DELTA_WIDTH + 1)} `, 'dim'),
      span(padEnd(type, TYPE_WIDTH), token),
      span(` ${padStart(id === 0 ? '-' : `${id}`, ID_WIDTH)} ${bracket(capture, row)} `),
      span(padEnd(this.infos.of(capture, row, width - fixed), room), token),
      span(words === '' ? '' : ` ${words}`, 'dim'),
    ]
  }

  /** Bytes of a packet, below its line. */
  private below(item: number, width: number): readonly Line[] {
    const row = this.conversation.row(item)
    if (row < 0 || this.form === 'MQTT') return []
    const { store, log } = this.model.capture
    const known = this.kept.get(store.number(row))
    if (known !== undefined) return known
    if (this.kept.size >= MOST_KEPT) this.kept.clear()
    const { raw } = store.load(row, log)
    const { token } = this.arrow(store.side(row) === this.conversation.clientSide)
    const lines = this.form === 'hex' ? hexLines(raw) : textLines(raw, width - 1, token)
    this.kept.set(store.number(row), lines)
    return lines
  }
}
