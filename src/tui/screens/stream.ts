/** The screen of a stream: one connection from its first packet to its last, each direction in its own colour. */

import type { Document } from '../../analysis/document.ts'
import type { Searched } from '../../analysis/search.ts'
import { DIRECTIONS, type Direction, StreamList } from '../../analysis/stream-list.ts'
import type { Row } from '../../store/store.ts'
import { grouped } from '../../text/numbers.ts'
import { type Block, type Pointer, pane } from '../block.ts'
import type { AppContext, Screen } from '../context.ts'
import type { CommandId } from '../keys.ts'
import type { Model } from '../model.ts'
import { WIDE } from '../panes/list-columns.ts'
import { FORMS, type Form, StreamLines } from '../panes/stream-lines.ts'
import { type Place, Roll } from '../roll.ts'
import { fitted, type Line, line, retoken, span, textOf } from '../spans.ts'

const DIRECTION_NAMES: Readonly<Record<Direction, string>> = {
  both: 'both directions',
  client: 'to the broker',
  broker: 'from the broker',
}

const HEAD_LINES = 2

export class StreamScreen implements Screen, Searched {
  readonly name = 'stream'
  readonly title = 'Stream'
  private readonly model: Model
  private list: StreamList
  private readonly lines: StreamLines
  private readonly roll = new Roll()
  private form: Form = 'MQTT'
  private direction: Direction = 'both'
  private follows = false
  private isHeld = false
  /** Number of the selected packet: places move when the oldest packets go. */
  private selected = 0

  constructor(model: Model) {
    this.model = model
    this.lines = new StreamLines(model.document)
    this.list = new StreamList(model.document, -1, 'both')
  }

  /** Follows the connection, from the packet `number` on. */
  show(id: number, number: number): void {
    this.list = new StreamList(this.model.document, id, this.direction)
    this.follows = this.model.follows
    this.choose(number)
  }

  opened(): void {
    const { model } = this
    if (!this.isHeld && model.row >= 0) this.show(model.document.store.streamId(model.row), model.cursor)
    this.isHeld = false
  }

  /** Another screen has chosen the connection: it is not that of the selected packet. */
  hold(id: number, number: number): void {
    this.show(id, number)
    this.isHeld = true
  }

  block(app: AppContext, width: number, height: number): Block {
    const { list, roll } = this
    if (list.stream === undefined) return pane([line(' No packet to follow.', 'dim')], width, height)
    this.catchUp()
    const sizeOf = (item: number): number => 1 + this.below(item, width).length
    roll.shows(list.length, height - HEAD_LINES, sizeOf, this.follows)
    const { item, part } = roll.selected
    this.selected = list.number(item)
    const body = roll.window.map(place => {
      const shown = this.line(place, width)
      const isSelected = place.item === item && place.part === part
      return isSelected ? retoken(fitted([span('▌'), ...shown], width), 'selected') : [span(' '), ...shown]
    })
    return pane([...this.head(app, width), ...body], width, height, this.pointer())
  }

  run(app: AppContext, command: CommandId): boolean {
    const { list } = this
    if (this.roll.run(command)) this.follows = command === 'last' && app.host.status.isLive
    else if (command === 'open') app.jump(list.number(this.roll.selected.item))
    else if (command === 'as') {
      this.form = FORMS[(FORMS.indexOf(this.form) + 1) % FORMS.length] ?? 'MQTT'
      this.choose(this.selected)
      app.say(`Shown as ${this.form}`)
    } else if (command === 'direction') this.turn(app)
    else if (command === 'save-bytes') app.write('bytes', `${this.direction} `)
    else if (command === 'next-connection' || command === 'previous-connection') {
      this.step(app, command === 'next-connection' ? 1 : -1)
    } else if (command === 'follow') {
      this.follows = !this.follows
      app.say(this.follows ? 'Following the newest packet of this connection' : 'Not following any more')
    } else return false
    return true
  }

  copied(): string {
    return textOf(this.line(this.roll.selected, WIDE * 2))
      .replace(/\s+/g, ' ')
      .trim()
  }

  get document(): Document {
    return this.model.document
  }

  /** Numbers of the connection's packets in a direction, and the bytes that are missing there: for saving. */
  packetsOf(direction: Direction): { readonly numbers: readonly number[]; readonly missing: number } {
    const all = new StreamList(this.document, this.list.id, direction)
    all.catchUp(this.document.store.rows)
    return { numbers: all.packets, missing: all.missing }
  }

  // For a search

  get length(): number {
    return this.list.length
  }

  get index(): number {
    return this.roll.selected.item
  }

  rowAt(place: number): Row {
    return this.list.row(place)
  }

  found(place: number): void {
    this.follows = false
    this.roll.select(place)
  }

  // Moving about

  private catchUp(): void {
    const { list, model } = this
    const { view, document } = model
    const before = list.number(this.roll.selected.item)
    list.catchUp(Math.min(view.until, document.store.rows))
    if (before !== list.number(this.roll.selected.item)) this.roll.select(list.placeOf(this.selected))
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
    const { list } = this
    this.selected = number
    list.catchUp(Math.min(this.model.view.until, this.model.document.store.rows))
    this.roll.shows(list.length, 1, () => 1)
    this.roll.select(list.placeOf(number))
  }

  private turn(app: AppContext): void {
    this.direction = DIRECTIONS[(DIRECTIONS.indexOf(this.direction) + 1) % DIRECTIONS.length] ?? 'both'
    const { follows } = this
    this.show(this.list.id, this.selected)
    this.follows = follows
    app.say(`Shown: ${DIRECTION_NAMES[this.direction]}`)
  }

  private step(app: AppContext, by: number): void {
    const { streams } = this.model.document.store
    const id = this.list.id + by
    if (streams[id] === undefined) return app.say('There is none: another connection', 'caution')
    this.show(id, 0)
    this.follows = false
  }

  // Drawing

  private head({ keys }: AppContext, width: number): readonly Line[] {
    const { list, direction, form, follows } = this
    const ways = `${DIRECTION_NAMES[direction]} (${keys.text('direction')})  as ${form} (${keys.text('as')})`
    return [
      this.lines.title(list, width),
      [
        span(` → ${grouped(list.sent)} packets `, 'fromClient'),
        span(` ← ${grouped(list.got)} `, 'fromBroker'),
        span(`  ${ways}`, 'dim'),
        ...(follows ? [span('  following', 'good')] : []),
      ],
    ]
  }

  private line({ item, part }: Place, width: number): Line {
    if (part === 0) return this.lines.first(this.list, item, width)
    return this.below(item, width)[part - 1] ?? []
  }

  private below(item: number, width: number): readonly Line[] {
    return this.lines.below(this.list, item, this.form, width)
  }
}
