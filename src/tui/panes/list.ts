/** The packet list: a window of the view, one row a packet. */

import type { Document } from '../../analysis/document.ts'
import type { Row } from '../../store/store.ts'
import { cells, cut, padEnd, padStart } from '../../text/cells.ts'
import { GLYPHS } from '../../text/paint.ts'
import { shortDuration } from '../../text/units.ts'
import type { Colours } from '../colours.ts'
import type { Model } from '../model.ts'
import { blank, fitted, type Line, retoken, type Span, span, textOf } from '../spans.ts'
import type { Token } from '../theme.ts'
import { Infos } from './infos.ts'
import { FRACTION, RowTimes, type TimeMode } from './row-times.ts'
import { bracket, clientName, directionText, exchangeWords, flagsText, typeName } from './words.ts'

/** From here on there is room for client names and latencies. */
export const WIDE = 120
/** Of the longest name; where there is little room, the flags of a PUBLISH stand in it too. */
const TYPE_WIDTH = 11
const FLAGS_WIDTH = 3
const CLIENT_WIDTH = 16
const DELTA_WIDTH = 6
const ID_WIDTH = 5
const TIME_WIDTHS: Readonly<Record<TimeMode, number>> = { r: 8, delta: 9, conn: 9, ref: 9, u: 15, a: 15, ad: 26, e: 17 }
const TIME_TITLES: Readonly<Record<TimeMode, string>> = {
  r: 'Time s',
  delta: 'Delta s',
  conn: 'Conn s',
  ref: 'Ref s',
  u: 'UTC',
  a: 'Local',
  ad: 'Local',
  e: 'Unix s',
}

interface Columns {
  readonly number: number
  readonly time: number
  readonly direction: number
  readonly length: number
  readonly isWide: boolean
  /** Cells left for what the packet says. */
  readonly info: number
}

function columnsFor(model: Model, width: number): Columns {
  const { store } = model.document
  const number = Math.max(3, `${store.base + store.rows}`.length)
  const isWide = width >= WIDE
  const length = isWide ? 5 : 4
  // Seconds since the start need a cell more with each digit.
  const long = model.time === 'r' && store.rows > 0 ? seconds(model).length : 0
  const time = Math.max(TIME_WIDTHS[model.time], long)
  const direction = isWide ? 3 : `${store.streams.length}`.length + 2
  const wide = isWide ? CLIENT_WIDTH + 1 + FLAGS_WIDTH + 1 + DELTA_WIDTH + 1 : 0
  const fixed =
    2 + number + 1 + time + 1 + DELTA_WIDTH + 1 + direction + 1 + TYPE_WIDTH + 1 + length + 1 + ID_WIDTH + 1 + 2
  return { number, time, direction, length, isWide, info: width - fixed - wide }
}

/** Of the newest packet. */
function seconds({ document }: Model): string {
  const since =
    document.first === undefined ? 0 : document.store.nanosSince(document.store.rows - 1, document.first) / 1e9
  return Number.isNaN(since) ? '' : since.toFixed(FRACTION)
}

export class List {
  /** First place shown. */
  top = 0
  private readonly infos = new Infos()
  /** Packets before in their connections, for their times. */
  private readonly before = new Map<number, number>()

  /** Moves so that `place` is among `height` ones. */
  scroll(place: number, length: number, height: number): number {
    if (place < this.top) this.top = place
    if (place >= this.top + height) this.top = place - height + 1
    this.top = Math.max(0, Math.min(this.top, length - height))
    return this.top
  }

  header(model: Model, width: number): Line {
    const columns = columnsFor(model, width)
    const { isWide } = columns
    const parts = [
      `  ${padStart('No.', columns.number)} ${padStart(TIME_TITLES[model.time], columns.time)} ${padStart('Δ', DELTA_WIDTH)}`,
      ...(isWide ? [padEnd('Client', CLIENT_WIDTH)] : []),
      padEnd('Dir', columns.direction),
      padEnd(isWide ? 'Type' : 'Type    DQR', TYPE_WIDTH),
      ...(isWide ? ['DQR'] : []),
      padStart('Len', columns.length),
      padStart('Id', ID_WIDTH),
      isWide ? `  ${padStart('Took', DELTA_WIDTH)} Topic / info` : '  Info',
    ]
    return fitted([span(parts.join(' '), 'head')], width)
  }

  lines(model: Model, width: number, height: number, isActive: boolean): readonly Line[] {
    const { view } = model
    const place = model.index
    const top = this.scroll(place, view.length, height)
    const columns = columnsFor(model, width)
    const times = new RowTimes(model, this.before)
    const related = model.row < 0 ? 0 : model.document.links.opener(model.row)
    return view.window(top, height).map((row, at) => {
      const parts = this.row(model, row, view.row(top + at - 1), columns, times, related)
      if (top + at !== place) return wholly(fitted(parts, width), model.colours, row)
      return fitted(retoken([span('▌'), ...parts.slice(1)], isActive ? 'selected' : 'selectedDim'), width)
    })
  }

  private row(model: Model, row: Row, before: Row, columns: Columns, times: RowTimes, related: number): Line {
    const { document, colours } = model
    const { store, links } = document
    const number = store.number(row)
    const level = links.level(row)
    const type = colours.of(row)
    const isRelated = related !== 0 && links.opener(row) === related
    const id = store.packetId(row)
    const size = lengthText(document, row, columns.length)
    const stamp = times.of(row, before)
    const client = columns.isWide ? clientName(document, row) : ''
    const name = columns.isWide ? '' : `${store.streamId(row) + 1}`
    return [
      span(markOf(model, number), 'related'),
      span(
        level === undefined ? ' ' : GLYPHS[level],
        level === 'error' ? 'bad' : level === 'warning' ? 'caution' : 'note',
      ),
      span(padStart(`${number}`, columns.number), 'dim'),
      span(` ${padStart(stamp, columns.time)} `),
      span(padStart(before < 0 ? '-' : shortDuration(document.between(before, row)), DELTA_WIDTH), 'dim'),
      ...(columns.isWide ? [span(` ${padEnd(client, CLIENT_WIDTH)}`)] : []),
      span(` ${padEnd(directionText(document, row, name), columns.direction)} `),
      span(typeText(document, row, columns.isWide), type),
      span(` ${padStart(size, columns.length)} ${padStart(id === 0 ? '-' : `${id}`, ID_WIDTH)} `),
      span(`${bracket(document, row)} `, isRelated ? 'related' : 'plain'),
      ...this.rest(document, row, columns),
    ]
  }

  private rest(document: Document, row: Row, { isWide, info }: Columns): readonly Span[] {
    const words = exchangeWords(document, row, !isWide)
    const answered = isWide ? document.links.answers(row) : -1
    const latency = isWide
      ? [span(`${padStart(answered < 0 ? '' : shortDuration(document.passed(answered, row)), DELTA_WIDTH)} `, 'number')]
      : []
    const left = Math.max(0, info - (words === '' ? 0 : words.length + 1))
    const text = this.infos.of(document, row, info)
    if (text === '') return [...latency, span(cut(words, Math.max(1, info)), 'dim')]
    // The size stands in a column of its own: what is said comes first.
    const shown = cells(text) > left ? text.replace(SIZE_BEHIND, '') : text
    const said = span(cut(shown, Math.max(1, left)))
    return words === '' ? [...latency, said] : [...latency, said, blank(1), span(words, 'dim')]
  }
}

/** `21.5" 4 B` without the size. */
const SIZE_BEHIND = /(?<=["']) \d+ B$/

/** Marks, findings and handshakes keep the colour of their meaning, also in a row that is coloured as a whole. */
const QUIET: readonly Token[] = ['plain', 'dim', 'number']

function wholly(shown: Line, colours: Colours, row: Row): Line {
  if (!colours.wholeRows) return shown
  const style = colours.of(row)
  return shown.map(({ text, token }) => span(text, QUIET.includes(token) ? style : token))
}

function typeText(document: Document, row: Row, isWide: boolean): string {
  const name = typeName(document.store.type(row))
  const flags = flagsText(document, row)
  if (isWide) return `${padEnd(name, TYPE_WIDTH)} ${padEnd(flags, FLAGS_WIDTH)}`
  return flags === '' ? padEnd(name, TYPE_WIDTH) : `${name} ${flags}`
}

function markOf(model: Model, number: number): string {
  for (const [letter, marked] of model.marks) if (marked === number) return letter
  return model.marked.has(number) ? '•' : ' '
}

/** Remaining length, by the size of the whole packet; rounded where the column is too narrow: `112k`. */
function lengthText({ store }: Document, row: Row, width: number): string {
  const size = store.size(row)
  if (store.fault(row) !== 0 && size < 2) return '?'
  const length = size - (size < 130 ? 2 : size < 16_387 ? 3 : size < 2_097_156 ? 4 : 5)
  if (`${length}`.length <= width) return `${length}`
  return length < 999_500 ? `${Math.round(length / 1000)}k` : `${Math.round(length / 1e6)}M`
}

/** The selected packet as a row of the list, for the clipboard. */
export const rowText = (model: Model): string =>
  new List()
    .lines(model, WIDE * 2, 1, false)
    .map(spans =>
      textOf(spans)
        .replace(/^▌|\s+/g, ' ')
        .trim(),
    )
    .join('')
