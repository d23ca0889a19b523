/** The screen of packets: list, details, bytes, explanation. */
import { hex } from '../../base/bytes.ts'
import { fieldFilter } from '../apply.ts'
import { type Block, columns, type Pointer, pane, rows } from '../block.ts'
import type { AppContext, Screen } from '../context.ts'
import { moveRows } from '../cursor.ts'
import type { CommandId } from '../keys.ts'
import { Bytes, type Shown } from '../panes/bytes.ts'
import { emptyLines } from '../panes/empty.ts'
import { explain } from '../panes/explain.ts'
import { List, rowText } from '../panes/list.ts'
import { WIDE } from '../panes/list-columns.ts'
import { noDetails, type Tree, titleOf } from '../panes/tree.ts'
import { type Line, rule } from '../spans.ts'
import { Split } from '../split.ts'

type PaneName = 'list' | 'tree' | 'bytes'
const PANES: readonly PaneName[] = ['list', 'tree', 'bytes']

/** Columns of the bytes beside the details. */
const BYTES_WIDTH = 75
/** Lines with the title. */
const LEAST_LIST = 3
const LEAST_TREE = 2
const LEAST_BYTES = 2

/** Where details and bytes stand; the first needs room beside the details. */
const ARRANGEMENTS = ['beside', 'below', 'list and details'] as const
type Arrangement = (typeof ARRANGEMENTS)[number]
const ARRANGEMENT_NAMES: Readonly<Record<Arrangement, string>> = {
  beside: 'bytes beside the details',
  below: 'bytes below the details',
  'list and details': 'no bytes',
}

export class Packets implements Screen {
  readonly name = 'packets'
  readonly title = 'Packets'
  pane: PaneName = 'list'
  explains = false
  private zoomed = false
  private chosen: Arrangement = 'beside'
  private arrangements: readonly Arrangement[] = ARRANGEMENTS
  private readonly listSplit = new Split()
  private readonly bytesSplit = new Split()
  private readonly list = new List()
  readonly tree: Tree
  private readonly bytes = new Bytes()
  /** Of the byte that is stepped through; -1 where a field is selected. */
  private byte = -1
  private page = 1

  constructor(tree: Tree) {
    this.tree = tree
  }

  block(app: AppContext, width: number, height: number): Block {
    const { model } = app
    this.tree.show(model.document, model.row)
    if (this.zoomed) return this.part(app, this.pane, width, height)
    this.arrangements = width >= WIDE ? ARRANGEMENTS : ARRANGEMENTS.slice(1)
    const { arrangement } = this
    if (arrangement === 'beside') return this.beside(app, width, height)
    return this.below(app, width, height, arrangement === 'below')
  }

  run(app: AppContext, command: CommandId): boolean {
    // Several keys may come between two frames.
    this.tree.show(app.model.document, app.model.row)
    switch (command) {
      case 'next-pane':
      case 'previous-pane':
        this.turn(command === 'next-pane' ? 1 : -1)
        return true
      case 'zoom':
        this.zoomed = !this.zoomed
        return true
      case 'layout':
        this.rearrange(app)
        return true
      case 'grow':
      case 'shrink':
        this.resize(command === 'grow' ? 1 : -1)
        return true
      case 'explain':
        if (this.explains) this.explains = false
        else this.explain()
        return true
      case 'open':
        return this.open(app)
      case 'apply':
        return this.apply(app)
      case 'back':
        if (this.isAtRest) return false
        if (this.zoomed) this.zoomed = false
        else this.pane = 'list'
        return true
      default:
        return this.move(app, command)
    }
  }

  /** Neither in the details nor in the bytes. */
  get isAtRest(): boolean {
    return this.pane === 'list' && !this.zoomed
  }

  /** What `y` copies: the row of the list, the field, or its bytes. */
  copied(app: AppContext): string {
    if (this.pane === 'bytes') return this.litBytes()
    return this.pane === 'tree' ? (this.tree.item?.text ?? '') : rowText(app.model)
  }

  explain(): void {
    this.explains = true
    if (this.pane === 'list') this.pane = 'tree'
  }

  /** Where there is no room for the one that was chosen, the first that there is room for. */
  private get arrangement(): Arrangement {
    const { chosen, arrangements } = this
    return arrangements.includes(chosen) ? chosen : (arrangements[0] ?? 'below')
  }

  private rearrange(app: AppContext): void {
    const { arrangements } = this
    this.chosen = arrangements[(arrangements.indexOf(this.arrangement) + 1) % arrangements.length] ?? 'below'
    if (this.chosen === 'list and details' && this.pane === 'bytes') this.pane = 'tree'
    app.say(`Layout: ${ARRANGEMENT_NAMES[this.chosen]}`)
  }

  /** The selected pane gets a line more or less. */
  private resize(lines: number): void {
    if (this.pane === 'list') this.listSplit.move(lines)
    else if (this.pane === 'tree') this.listSplit.move(-lines)
    else this.bytesSplit.move(lines)
  }

  /** In hex: those that are lit, or all of the packet where none is. */
  private litBytes(): string {
    const shown = this.shown()
    if (shown === undefined) return ''
    const [from, to] = shown.to > shown.from ? [shown.from, shown.to] : [shown.start, shown.end]
    return hex(shown.bytes.subarray(from, to))
  }

  private turn(by: number): void {
    const panes = this.arrangement === 'list and details' ? PANES.slice(0, -1) : PANES
    this.pane = panes[(panes.indexOf(this.pane) + by + panes.length) % panes.length] ?? 'list'
    this.byte = -1
  }

  private open(app: AppContext): boolean {
    const { model } = app
    const { item } = this.tree
    if (this.pane === 'list') this.pane = 'tree'
    else if (item?.packet !== undefined) app.jump(item.packet)
    else if (item?.hasParts === true) this.tree.turn(model.document, model.row, item.key)
    return true
  }

  private apply(app: AppContext): boolean {
    const { model } = app
    const text = fieldFilter(model.document, model.row, this.pane === 'list' ? undefined : this.tree.item)
    if (text === undefined) app.say('This line has no value to filter by', 'caution')
    else app.openFilter(text)
    return true
  }

  private move(app: AppContext, command: CommandId): boolean {
    const { model } = app
    if (this.pane === 'list') {
      if (command === 'right') this.pane = 'tree'
      return command === 'right' || command === 'left' || moveRows(app, command, this.page)
    }
    const step = STEPS[command]
    if (step !== undefined) this.step(step === PAGE ? this.page : step === -PAGE ? -this.page : step)
    else if (command === 'first' || command === 'last') this.step(command === 'first' ? -ALL : ALL)
    else if (command === 'left' || command === 'right') {
      if (this.pane === 'bytes') this.stepByte(command === 'right' ? 1 : -1)
      else this.tree.fold(model.document, model.row, command === 'right')
    } else return false
    return true
  }

  private step(by: number): void {
    if (this.pane === 'tree') this.tree.move(by)
    else this.stepByte(Math.abs(by) === ALL ? by : by * BYTES_A_ROW)
  }

  private stepByte(by: number): void {
    const shown = this.shown()
    const layer = this.tree.item?.layer
    if (shown === undefined || layer === undefined) return
    const from = this.byte < 0 ? shown.from : this.byte
    this.byte = Math.max(shown.start, Math.min(from + by, shown.end - 1))
    this.tree.selectByte(layer, this.byte)
  }

  // Layout

  /** One below the other. With the explanation, the list gives way. */
  private below(app: AppContext, width: number, height: number, hasBytes: boolean): Block {
    const told = this.explains ? Math.floor(height * 0.42) : 0
    const room = height - told
    const few = Math.max(2, Math.floor(height * 0.14)) + 1
    const bytes = hasBytes ? this.bytesSplit.size(few, LEAST_BYTES, room - LEAST_LIST - LEAST_TREE) : 0
    const details = Math.floor((room - (hasBytes ? few : 0)) * (this.explains ? 0.6 : 0.42))
    const byItself = Math.max(LEAST_LIST, room - (hasBytes ? few : 0) - details)
    const list = this.listSplit.size(byItself, LEAST_LIST, room - bytes - LEAST_TREE)
    return rows(
      this.part(app, 'list', width, list),
      this.part(app, 'tree', width, room - bytes - list),
      this.part(app, 'bytes', width, bytes),
      this.explained(width, told),
    )
  }

  private beside(app: AppContext, width: number, height: number): Block {
    const list = this.listSplit.size(Math.floor(height * 0.46), LEAST_LIST, height - LEAST_TREE - LEAST_BYTES)
    const below = height - list
    const left = width - BYTES_WIDTH
    const isTold = this.explains || height > 30
    const most = below - (isTold ? LEAST_BYTES : 0)
    const bytes = isTold ? this.bytesSplit.size(below - Math.floor(below * 0.6), LEAST_BYTES, most) : below
    return rows(
      this.part(app, 'list', width, list),
      columns(
        this.part(app, 'tree', left, below),
        rows(this.part(app, 'bytes', BYTES_WIDTH, bytes), this.explained(BYTES_WIDTH, below - bytes)),
      ),
    )
  }

  private part(app: AppContext, name: PaneName, width: number, height: number): Block {
    const isActive = this.pane === name
    if (isActive) this.page = Math.max(1, height - 2)
    const inside = Math.max(0, height - 1)
    const { model } = app
    if (name === 'list') {
      const empty = model.view.length === 0 ? emptyLines(model, app.host.status) : []
      const shown = [...this.list.lines(model, width, inside, isActive), ...empty]
      if (isActive && model.view.length > inside) this.page = this.list.page
      return pane([this.list.header(model, width), ...shown], width, height, this.pointer(app, name))
    }
    if (name === 'tree') {
      const title = model.row < 0 ? 'Details' : titleOf(model.document, model.row)
      const shown = model.row < 0 ? noDetails() : this.tree.lines(width, inside, isActive)
      return pane([rule(title, '', width, isActive), ...shown], width, height, this.pointer(app, name))
    }
    const shown = [rule(this.bytesTitle(), '', width, isActive), ...this.hexLines(inside)]
    return pane(shown, width, height, this.pointer(app, name))
  }

  /** The first line of each pane is its title. */
  private pointer({ model }: AppContext, name: PaneName): Pointer {
    const pointers: Record<PaneName, Pointer> = {
      list: {
        wheel: lines => model.moveBy(lines),
        click: row => {
          const index = row > 0 ? this.list.indexAt(row - 1) : -1
          if (index >= 0) model.pick(index)
        },
      },
      tree: this.tree.pointer(1),
      bytes: {
        wheel: lines => this.bytes.scroll(lines),
        click: (row, column) => row > 0 && this.pickByte(this.bytes.byteAt(row - 1, column)),
      },
    }
    const own = pointers[name]
    return {
      ...own,
      opens: true,
      click: (row, column) => {
        if (this.pane !== name) this.byte = -1
        this.pane = name
        own.click?.(row, column)
      },
    }
  }

  /** A byte of those that are shown, by its place among them. */
  private pickByte(place: number): void {
    const shown = this.shown()
    const layer = this.tree.item?.layer
    if (place < 0 || shown === undefined || layer === undefined || shown.start + place >= shown.end) return
    this.byte = shown.start + place
    this.tree.selectByte(layer, this.byte)
  }

  private explained(width: number, height: number): Block {
    if (height === 0) return pane([], width, 0)
    const { item, record } = this.tree
    const lines = explain(item, record?.version ?? 0, width, record?.type)
    return pane([rule('Explained', 'e', width), ...lines], width, height)
  }

  private hexLines(height: number): readonly Line[] {
    const shown = this.shown()
    return shown === undefined ? [] : this.bytes.lines(shown, height)
  }

  /** The bytes of the layer that the selected line belongs to; of the packet where it belongs to none. */
  private shown(): Shown | undefined {
    const { record, item } = this.tree
    if (record === undefined) return undefined
    const { raw } = record
    const { bytes, start, end } = item?.layer ?? { bytes: raw.bytes, start: raw.start, end: raw.kept }
    if (this.byte >= 0 && this.pane === 'bytes') return { bytes, start, end, from: this.byte, to: this.byte + 1 }
    const { node } = item ?? {}
    return { bytes, start, end, from: node?.start ?? start, to: node === undefined ? start : Math.min(node.end, end) }
  }

  private bytesTitle(): string {
    const shown = this.shown()
    if (shown === undefined) return 'Bytes'
    const { item } = this.tree
    const of = item?.layer?.piece ?? 'packet'
    const base = shown.start
    const place =
      shown.to - shown.from === 1 ? `byte ${shown.from - base}` : `bytes ${shown.from - base} to ${shown.to - base - 1}`
    const lit = shown.to > shown.from ? `: ${place}, ${item?.node?.field.label ?? ''}` : ''
    return `Bytes of the ${of} (${shown.end - shown.start})${lit}`
  }
}

const BYTES_A_ROW = 16
const PAGE = 1_000_000
const ALL = 1_000_000_000
const STEPS: Readonly<Partial<Record<CommandId, number>>> = {
  down: 1,
  up: -1,
  'page-down': PAGE,
  'page-up': -PAGE,
  'half-down': 5,
  'half-up': -5,
}
