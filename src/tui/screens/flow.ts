/** The screen of flow: packets as arrows between lanes, with the time between them; below, the handshake of the selected one. */

import { among } from '../../analysis/between.ts'
import { FlowRows, MOST_SCANNED, SCOPES, type Scope, windowOf } from '../../analysis/flow-rows.ts'
import { type Arrow, type Entry, type GhostArrow, ladder, silenceAmong } from '../../diagram/ladder.ts'
import { lanesOf } from '../../diagram/lanes.ts'
import type { Row } from '../../store/store.ts'
import type { ExchangeKind } from '../../store/vocabulary.ts'
import { padStart } from '../../text/cells.ts'
import { Times } from '../../text/moments.ts'
import { GLYPHS } from '../../text/paint.ts'
import { shortDuration } from '../../text/units.ts'
import { type Block, columns, type Pointer, pane, rows } from '../block.ts'
import type { AppContext, Screen } from '../context.ts'
import { moveRows } from '../cursor.ts'
import type { CommandId } from '../keys.ts'
import type { Model } from '../model.ts'
import { handshake } from '../panes/handshake.ts'
import { clientsIn, LadderPane } from '../panes/ladder.ts'
import { latencyHistogram } from '../panes/latency.ts'
import { rowText } from '../panes/list.ts'
import { WIDE } from '../panes/list-columns.ts'
import { ghostTime, incidentToken, levelToken } from '../panes/words.ts'
import { blank, fitted, type Line, line, retoken, rule, span } from '../spans.ts'
import { Split } from '../split.ts'
import type { Token } from '../theme.ts'

const SCOPE_NAMES: Readonly<Record<Scope, string>> = {
  all: 'all packets',
  connection: 'one connection',
  handshake: 'one handshake',
}

/** Cells of the times beside the ladder. */
const GUTTER = 21
/** Names and addresses above the ladder. */
const HEAD_LINES = 2
const TIME_WIDTH = 10
const DELTA_WIDTH = 8
const TOLD = 7
const WIDE_TOLD = 9
const LEAST_TOLD = 2
const LEAST_LADDER = 5
const TREE_WIDTH = 52

export class FlowScreen implements Screen {
  readonly name = 'flow'
  readonly title = 'Flow'
  private readonly rows = new FlowRows()
  private page = 1
  private showsLatency = false
  private readonly split = new Split()
  private readonly latencySplit = new Split()
  /** Of each line of the ladder; -1 where none is drawn. */
  private drawn: readonly Row[] = []

  block(app: AppContext, width: number, height: number): Block {
    const { model } = app
    const told = this.showsLatency
      ? this.latencySplit.size(Math.floor(height / 2), LEAST_TOLD, height - LEAST_LADDER)
      : this.split.size(height > 30 ? WIDE_TOLD : TOLD, LEAST_TOLD, height - LEAST_LADDER)
    const isWide = width >= WIDE
    const left = isWide ? width - TREE_WIDTH : width
    const ladder = pane(this.ladder(app, left, height - told), left, height - told, this.pointer(model))
    const words = this.showsLatency
      ? latencyHistogram(model.document.latencies, kindOf(model), left, told)
      : handshake(model, left, told)
    const below = pane(words, left, told)
    if (!isWide) return rows(ladder, below)
    const { details } = app
    details.show(model.document, model.row)
    const tree = pane(
      [rule('Details', '', TREE_WIDTH), ...details.lines(TREE_WIDTH, height - 1, false)],
      TREE_WIDTH,
      height,
      details.pointer(1),
    )
    return columns(rows(ladder, below), tree)
  }

  run(app: AppContext, command: CommandId): boolean {
    const { model } = app
    const steps: Partial<Record<CommandId, number>> = {
      down: 1,
      up: -1,
      'page-down': this.page,
      'page-up': -this.page,
      'half-down': Math.max(1, this.page >> 1),
      'half-up': -Math.max(1, this.page >> 1),
      ...(this.rows.showsAll ? {} : { first: -MOST_SCANNED, last: MOST_SCANNED }),
    }
    const step = steps[command]
    if (step !== undefined) this.move(model, step)
    else if (command === 'grow' || command === 'shrink') {
      const split = this.showsLatency ? this.latencySplit : this.split
      split.move(command === 'grow' ? -1 : 1)
    } else if (command === 'latency') this.showsLatency = !this.showsLatency
    else if (command === 'broken') this.turnBroken(app)
    else if (command === 'scope') {
      this.rows.scope = SCOPES[(SCOPES.indexOf(this.rows.scope) + 1) % SCOPES.length] ?? 'all'
      app.say(`Shown: ${SCOPE_NAMES[this.rows.scope]}`)
    } else if (command === 'open') app.jump(model.cursor)
    else return this.rows.showsAll && moveRows(app, command, this.page)
    return true
  }

  copied(app: AppContext): string {
    return app.model.row < 0 ? '' : rowText(app.model)
  }

  private turnBroken(app: AppContext): void {
    const { model } = app
    this.rows.onlyBroken = !this.rows.onlyBroken
    if (!this.rows.onlyBroken) return app.say('All handshakes are shown')
    const found = this.rows.around(model, 1)
    if (found.length === 0) {
      this.rows.onlyBroken = false
      return app.say('No handshake was refused, left open or had packets sent again', 'good')
    }
    model.follows = false
    if (!found.includes(model.row)) model.goTo(model.view.indexOf(found.at(-1) ?? 0))
    app.say('Shown: handshakes that were refused or never finished, or had packets sent again')
  }

  /** Within what is shown. */
  private move(model: Model, by: number): void {
    const found = this.rows.around(model, Math.abs(by))
    const at = found.indexOf(model.row)
    const place = (at < 0 ? found.findIndex(row => row > model.row) : at) + by
    const row = found[Math.max(0, Math.min(place, found.length - 1))]
    if (row === undefined) return
    if (by < 0) model.follows = false
    model.goTo(model.view.indexOf(row))
  }

  private pointer(model: Model): Pointer {
    return {
      opens: true,
      click: line => {
        const row = this.drawn[line - HEAD_LINES] ?? -1
        if (row >= 0) model.pick(model.view.indexOf(row))
      },
    }
  }

  private ladder({ model, keys }: AppContext, width: number, height: number): readonly Line[] {
    const { row, document } = model
    const { store } = document
    const { scope, onlyBroken } = this.rows
    if (row < 0) return [line(' No packet to show', 'dim')]
    const most = Math.max(1, height - 4)
    const found = this.rows.around(model, height)
    const shown = windowOf(found, row, most)
    const room = width - GUTTER - 2
    // The client of the selected packet has a lane, always.
    const lanes = lanesOf(store, [row, ...shown], clientsIn(room))
    // Fewer before or after the selected one than were asked for: nothing else is there.
    const isStart = shown[0] === found[0] && found.indexOf(row) < height
    const isEnd = shown.at(-1) === found.at(-1) && found.length - found.indexOf(row) <= height
    const incidents = among(model, shown, { isAll: this.rows.showsAll, isStart, isEnd })
    const entries = ladder(document, shown, lanes, { silence: silenceAmong(store, shown), incidents })
    const inSight = inSightOf(entries, row, height - HEAD_LINES)
    this.drawn = inSight.map(entry => (entry.kind === 'arrow' ? entry.row : -1))
    this.page = Math.max(1, this.drawn.filter(one => one >= 0).length - 1)
    const drawing = new Drawing(model, new LadderPane(lanes, room), room)
    const title = `${SCOPE_NAMES[scope]} (${keys.text('scope')})`
    const what = onlyBroken ? `broken (${keys.text('broken')})` : 'Time s'
    return [
      [span(padStart(title, GUTTER - 1), 'dim'), blank(1), ...drawing.pane.titles('title')],
      [
        span(`${padStart(what, TIME_WIDTH)} ${padStart('Δ', DELTA_WIDTH)}  `, onlyBroken ? 'caution' : 'head'),
        ...drawing.pane.titles('address'),
      ],
      ...inSight.map(entry => drawing.line(entry)),
    ]
  }
}

/** From the top, unless the selected packet would then be out of sight. */
function inSightOf(entries: readonly Entry[], row: Row, height: number): readonly Entry[] {
  const selected = entries.findIndex(entry => entry.kind === 'arrow' && entry.row === row)
  const top = Math.max(0, Math.min(selected - Math.floor(height / 2), entries.length - height))
  return entries.slice(top, top + height)
}

/** The lines of a ladder with times beside them. */
class Drawing {
  readonly pane: LadderPane
  private readonly model: Model
  private readonly room: number
  private readonly times = new Times('r', 6)
  /** Number of the packet that opened the exchange of the selected one; 0 for none. */
  private readonly opener: number

  constructor(model: Model, pane: LadderPane, room: number) {
    const { document, row } = model
    this.model = model
    this.pane = pane
    this.room = room
    this.opener = document.links.opener(row)
    if (document.first !== undefined) this.times.begin(document.first)
  }

  line(entry: Entry): Line {
    if (entry.kind === 'arrow') return this.packet(entry)
    if (entry.kind === 'silence') return [blank(GUTTER), ...this.pane.line(entry, 'dim')]
    if (entry.kind === 'ghost') return this.ghost(entry)
    return [
      span(padStart(this.times.of(this.model.document.stampAt(entry.time)), TIME_WIDTH), 'dim'),
      blank(GUTTER - TIME_WIDTH),
      ...this.pane.line(entry, incidentToken(entry)),
      ...(entry.kind === 'expired' ? [span(GLYPHS[entry.level], levelToken(entry.level))] : []),
    ]
  }

  /** Its time is none; in place of the time between two packets stands how long it was waited for. */
  private ghost(entry: GhostArrow): Line {
    const { ghost, isLate } = entry
    return [
      span(
        `${padStart(ghostTime(ghost, isLate), TIME_WIDTH)} ${padStart(shortDuration(ghost.wait), DELTA_WIDTH)}  `,
        'dim',
      ),
      ...this.pane.line(entry, ghost.opener === this.opener ? 'related' : incidentToken(ghost)),
    ]
  }

  private packet(arrow: Arrow): Line {
    const { model, room } = this
    const { row, since, level } = arrow
    const isSelected = row === model.row
    const delta = Number.isNaN(since) ? '' : `${since < 0 ? '' : '+'}${shortDuration(since)}`
    const parts: Line = [
      span(isSelected ? '▌' : ' '),
      span(`${padStart(this.times.of(model.document.store.stamp(row)), TIME_WIDTH - 1)} `),
      span(`${padStart(delta, DELTA_WIDTH)}  `, 'dim'),
      ...this.pane.line(arrow, this.token(arrow)),
      span(level === undefined ? ' ' : GLYPHS[level], level === 'error' ? 'bad' : 'caution'),
    ]
    return isSelected ? retoken(fitted(parts, GUTTER + room + 2), 'selected') : parts
  }

  private token({ row, opener }: Arrow): Token {
    return opener !== 0 && opener === this.opener ? 'related' : this.model.colours.of(row)
  }
}

function kindOf({ document, row }: Model): ExchangeKind | undefined {
  return row < 0 || document.links.opener(row) === 0 ? undefined : document.links.kind(row)
}
