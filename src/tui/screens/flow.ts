/** The screen of flow: packets as arrows between lanes, with the time between them; below, the handshake of the selected one. */

import type { Row } from '../../store/store.ts'
import type { RowTest } from '../../store/view.ts'
import type { ExchangeKind } from '../../store/vocabulary.ts'
import { GLYPHS } from '../../text/paint.ts'
import { Times } from '../../text/time.ts'
import type { App, Screen } from '../app.ts'
import { type Block, columns, type Pointer, pane, rows } from '../block.ts'
import type { CommandId } from '../keys.ts'
import type { Model } from '../model.ts'
import { closingsOf, timeOf } from '../panes/closings.ts'
import { handshake } from '../panes/handshake.ts'
import { arrowLine, laneTitles, silence } from '../panes/ladder.ts'
import { type Lanes, lanesFor } from '../panes/lanes.ts'
import { latencyHistogram } from '../panes/latency.ts'
import { WIDE } from '../panes/list.ts'
import { flagsText, shortTime, typeName } from '../panes/words.ts'
import { fitted, type Line, line, padStart, retoken, rule, span } from '../spans.ts'
import { Split } from '../split.ts'

type Scope = 'handshake' | 'connection' | 'all'
const SCOPES: readonly Scope[] = ['all', 'connection', 'handshake']
const SCOPE_NAMES: Readonly<Record<Scope, string>> = {
  all: 'all packets',
  connection: 'one connection',
  handshake: 'one handshake',
}

const GUTTER = 21
/** Names and addresses above the ladder. */
const HEAD_LINES = 2
const TIME_WIDTH = 10
const TOLD = 7
const WIDE_TOLD = 9
const LEAST_TOLD = 2
const LEAST_LADDER = 5
const TREE_WIDTH = 52
/** Rows looked at to fill the screen with those of one connection among many. */
const MOST_SCANNED = 200_000
/** So many times the median of the gaps around it, and no less than can be felt. */
const SILENT_TIMES = 10
const SILENT_SECONDS = 0.05

export class FlowScreen implements Screen {
  readonly name = 'flow'
  readonly title = 'Flow'
  private scope: Scope = 'all'
  private page = 1
  private onlyBroken = false
  private showsLatency = false
  private readonly split = new Split()
  private readonly latencySplit = new Split()
  /** Of each line of the ladder; -1 where none is drawn. */
  private drawn: readonly Row[] = []

  block(app: App, width: number, height: number): Block {
    const { model } = app
    const told = this.showsLatency
      ? this.latencySplit.size(Math.floor(height / 2), LEAST_TOLD, height - LEAST_LADDER)
      : this.split.size(height > 30 ? WIDE_TOLD : TOLD, LEAST_TOLD, height - LEAST_LADDER)
    const isWide = width >= WIDE
    const left = isWide ? width - TREE_WIDTH : width
    const ladder = pane(this.ladder(app, left, height - told), left, height - told, this.pointer(model))
    const words = this.showsLatency
      ? latencyHistogram(model.capture, kindOf(model), left, told)
      : handshake(model, left, told)
    const below = pane(words, left, told)
    if (!isWide) return rows(ladder, below)
    const { tree } = app.packets
    tree.show(model.capture, model.row)
    const details = pane(
      [rule('Details', '', TREE_WIDTH), ...tree.lines(TREE_WIDTH, height - 1, false)],
      TREE_WIDTH,
      height,
      tree.pointer(1),
    )
    return columns(rows(ladder, below), details)
  }

  run(app: App, command: CommandId): boolean {
    const { model } = app
    const steps: Partial<Record<CommandId, number>> = {
      down: 1,
      up: -1,
      'page-down': this.page,
      'page-up': -this.page,
      'half-down': this.page >> 1,
      'half-up': -(this.page >> 1),
      ...(this.showsAll ? {} : { first: -MOST_SCANNED, last: MOST_SCANNED }),
    }
    const step = steps[command]
    if (step !== undefined) this.move(model, step)
    else if (command === 'grow' || command === 'shrink') {
      const split = this.showsLatency ? this.latencySplit : this.split
      split.move(command === 'grow' ? -1 : 1)
    } else if (command === 'latency') this.showsLatency = !this.showsLatency
    else if (command === 'broken') this.turnBroken(app)
    else if (command === 'scope') {
      this.scope = SCOPES[(SCOPES.indexOf(this.scope) + 1) % SCOPES.length] ?? 'all'
      app.say(`Shown: ${SCOPE_NAMES[this.scope]}`)
    } else if (command === 'open') app.jump(model.cursor)
    else return this.showsAll && app.moveRows(command, this.page)
    return true
  }

  copied(app: App): string {
    return app.model.row < 0 ? '' : app.packets.rowText(app.model)
  }

  private get showsAll(): boolean {
    return this.scope === 'all' && !this.onlyBroken
  }

  private turnBroken(app: App): void {
    const { model } = app
    this.onlyBroken = !this.onlyBroken
    if (!this.onlyBroken) return app.say('All handshakes are shown')
    const found = this.around(model, 1)
    if (found.length === 0) {
      this.onlyBroken = false
      return app.say('No handshake was refused, left open or had packets sent again', 'good')
    }
    model.follows = false
    if (!found.includes(model.row)) model.goTo(model.view.place(found.at(-1) ?? 0))
    app.say('Shown: handshakes that were refused or never finished, or had packets sent again')
  }

  /** Rows that are shown: at most `count` before the selected one, itself if it is among them, and `count` behind. */
  private around(model: Model, count: number): readonly Row[] {
    const test = this.test(model)
    return this.onlyBroken ? brokenAround(model, test, count) : around(model, test, count)
  }

  /** Within what is shown. */
  private move(model: Model, by: number): void {
    const found = this.around(model, Math.abs(by))
    const at = found.indexOf(model.row)
    const place = (at < 0 ? found.findIndex(row => row > model.row) : at) + by
    const row = found[Math.max(0, Math.min(place, found.length - 1))]
    if (row === undefined) return
    if (by < 0) model.follows = false
    model.goTo(model.view.place(row))
  }

  private test(model: Model): RowTest {
    const { store, links } = model.capture
    const { row } = model
    if (row < 0 || this.scope === 'all') return () => true
    const opener = links.opener(row)
    if (this.scope === 'handshake') return other => (opener === 0 ? other === row : links.opener(other) === opener)
    const id = store.streamId(row)
    return other => store.streamId(other) === id
  }

  private pointer(model: Model): Pointer {
    return {
      opens: true,
      click: line => {
        const row = this.drawn[line - HEAD_LINES] ?? -1
        if (row >= 0) model.pick(model.view.place(row))
      },
    }
  }

  private ladder({ model, keys }: App, width: number, height: number): readonly Line[] {
    const { row, capture } = model
    const title = `${SCOPE_NAMES[this.scope]} (${keys.text('scope')})`
    const what = this.onlyBroken ? `broken (${keys.text('broken')})` : 'Time s'
    if (row < 0) return [line(' No packet to show', 'dim')]
    this.page = Math.max(1, height - 4)
    const found = this.around(model, height)
    const room = width - GUTTER - 2
    const shown = windowOf(found, row, this.page)
    const lanes = lanesFor(capture, shown, row, room)
    const head = [
      [span(padStart(title, GUTTER - 1), 'dim'), span(' '), ...laneTitles(lanes.all, room, 'title')],
      [
        span(`${padStart(what, TIME_WIDTH)} ${padStart('Δ', 8)}  `, this.onlyBroken ? 'caution' : 'head'),
        ...laneTitles(lanes.all, room, 'address'),
      ],
    ]
    // Fewer behind the selected one than were asked for: nothing follows.
    const isLast = shown.at(-1) === found.at(-1) && found.length - found.indexOf(row) <= height
    return [...head, ...this.body(model, shown, isLast, lanes, room, height - head.length)]
  }

  /** From the top, unless the selected packet would then be out of sight. */
  private body(
    model: Model,
    shown: readonly Row[],
    isLast: boolean,
    lanes: Lanes,
    room: number,
    height: number,
  ): readonly Line[] {
    const times = new Times('r', 6)
    if (model.capture.first !== undefined) times.begin(model.capture.first)
    const silent = silentFrom(model, shown)
    const lines: Line[] = []
    const drawn: Row[] = []
    const places = lanes.all.map(lane => lane.at)
    const closings = closingsOf(model.capture, shown)
    const close = (from: number, until: number): boolean => {
      const before = lines.length
      for (const { time, text } of closings) {
        if (!(time > from && time <= until)) continue
        drawn.push(-1)
        const at = span(padStart(time.toFixed(6), TIME_WIDTH), 'dim')
        lines.push([at, span(' '.repeat(GUTTER - TIME_WIDTH)), ...silence(places, text.slice(0, room - 4), room)])
      }
      return lines.length > before
    }
    for (const [at, row] of shown.entries()) {
      const before = shown[at - 1]
      const gap = before === undefined ? Number.NaN : model.capture.between(before, row)
      const isClosed = before !== undefined && close(timeOf(model.capture, before), timeOf(model.capture, row))
      if (gap > silent && !isClosed) {
        drawn.push(-1)
        lines.push([span(' '.repeat(GUTTER)), ...silence(places, `${shortTime(gap)} of silence`, room)])
      }
      drawn.push(row)
      lines.push(packetLine(model, row, gap, lanes, times, room))
    }
    if (isLast) close(timeOf(model.capture, shown.at(-1) ?? -1), Number.POSITIVE_INFINITY)
    const top = Math.max(0, Math.min(drawn.indexOf(model.row) - Math.floor(height / 2), lines.length - height))
    this.drawn = drawn.slice(top, top + height)
    return lines.slice(top, top + height)
  }
}

function packetLine(model: Model, row: Row, gap: number, lanes: Lanes, times: Times, room: number): Line {
  const { capture } = model
  const { store, links } = capture
  const isSelected = row === model.row
  const level = links.level(row)
  const delta = Number.isNaN(gap) ? '' : `${gap < 0 ? '' : '+'}${shortTime(gap)}`
  const parts: Line = [
    span(isSelected ? '▌' : ' '),
    span(`${padStart(times.of(store.stamp(row)), TIME_WIDTH - 1)} `),
    span(`${padStart(delta, 8)}  `, 'dim'),
    ...arrow(model, row, lanes, room),
    span(level === undefined ? ' ' : GLYPHS[level], level === 'error' ? 'bad' : 'caution'),
  ]
  return isSelected ? retoken(fitted(parts, GUTTER + room + 2), 'selected') : parts
}

function arrow({ capture, colours, row: chosen }: Model, row: Row, lanes: Lanes, room: number): Line {
  const { store, links } = capture
  const places = lanes.all.map(({ at }) => at)
  const client = lanes.byConnection.get(store.streamId(row))
  const label = labelOf(capture, row)
  if (client === undefined) {
    return [...silence(places, `connection ${store.streamId(row) + 1}: ${label}`.slice(0, room - 4), room)]
  }
  const fromServer = store.stream(row).senderOf(store.side(row)) === 'server'
  const opener = links.opener(row)
  const isRelated = chosen >= 0 && opener !== 0 && opener === links.opener(chosen)
  const isLost = opener !== 0 && links.next(row) < 0 && links.state(row) === 'abandoned'
  const isRepeat = opener !== 0 && opener !== store.number(row) && !links.isAnswer(row)
  const [from, to] = fromServer ? [lanes.broker, client] : [client, lanes.broker]
  const token = isRelated ? 'related' : colours.of(row)
  return arrowLine(places, { from, to, label, token, isRepeat, isLost }, room)
}

/** What we sent ourselves is marked. */
function labelOf(capture: Model['capture'], row: Row): string {
  const { store } = capture
  const flags = flagsText(capture, row)
  const id = store.packetId(row)
  const topic = store.topics.text(store.topicId(row))
  const isAscii = topic !== undefined && /^[ -~]+$/.test(topic)
  const quality =
    flags === '' ? '' : ` Q${flags[1]}${flags[0] === 'D' ? ' again' : ''}${flags[2] === 'R' ? ' retain' : ''}`
  const own = capture.isSentByUs(row) ? '» ' : ''
  const isRefused = capture.links.isAnswer(row) && capture.links.state(row) === 'refused'
  return `${own}${typeName(store.type(row))}${quality}${id === 0 ? '' : ` id ${id}`}${isRefused ? ' refused' : ''}${isAscii ? ` ${topic}` : ''}`
}

/** Rows that pass the test: at most `count` before the selected one, itself, and `count` behind. */
function around(model: Model, test: RowTest, count: number): readonly Row[] {
  const { view } = model
  const place = model.place
  const collect = (step: 1 | -1): Row[] => {
    const found: Row[] = []
    let left = MOST_SCANNED
    for (let at = place + step; found.length < count && left > 0; at += step, left--) {
      const row = view.row(at)
      if (row < 0) break
      if (test(row)) found.push(row)
    }
    return found
  }
  return [...collect(-1).reverse(), view.row(place), ...collect(1)]
}

/** The same among the packets of handshakes that went wrong. */
function brokenAround({ capture, view, row }: Model, test: RowTest, count: number): readonly Row[] {
  const { broken, store, links, tracker } = capture
  const rows = broken.rows(store, links, tracker.pool.all, tracker.now)
  const shown = rows.filter(one => test(one) && view.row(view.place(one)) === one)
  const behind = shown.findIndex(one => one > row)
  const at = behind < 0 ? shown.length : behind
  return shown.slice(Math.max(0, at - count - 1), at + count)
}

function kindOf({ capture, row }: Model): ExchangeKind | undefined {
  return row < 0 || capture.links.opener(row) === 0 ? undefined : capture.links.kind(row)
}

/** At most so many rows with the selected one near the middle. */
function windowOf(found: readonly Row[], row: Row, height: number): readonly Row[] {
  const top = Math.max(0, Math.min(found.indexOf(row) - Math.floor(height / 2), found.length - height))
  return found.slice(top, top + height)
}

/** Longer gaps are drawn as one line of silence. */
function silentFrom({ capture }: Model, shown: readonly Row[]): number {
  const gaps = shown.slice(1).map((row, at) => capture.between(shown[at] ?? -1, row))
  const median = gaps.toSorted((a, b) => a - b)[gaps.length >> 1] ?? 0
  return Math.max(SILENT_SECONDS, median * SILENT_TIMES)
}
