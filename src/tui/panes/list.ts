/** The packet list: a window of the view, one row a packet, and rows without numbers for what stands between them. */

import type { Document } from '../../analysis/document.ts'
import type { Row } from '../../store/store.ts'
import { cells, cut, padEnd, padStart } from '../../text/cells.ts'
import { GLYPHS } from '../../text/paint.ts'
import { shortDuration } from '../../text/units.ts'
import type { Colours } from '../colours.ts'
import type { Model } from '../model.ts'
import { Roll } from '../roll.ts'
import { blank, fitted, type Line, retoken, type Span, span, textOf } from '../spans.ts'
import type { Token } from '../theme.ts'
import { incidentLine } from './incident-line.ts'
import { Infos } from './infos.ts'
import {
  CLIENT_WIDTH,
  type Columns,
  columnsFor,
  DELTA_WIDTH,
  FLAGS_WIDTH,
  fileTitle,
  ID_WIDTH,
  TIME_TITLES,
  TYPE_WIDTH,
  WIDE,
} from './list-columns.ts'
import { Items } from './list-items.ts'
import { RowTimes } from './row-times.ts'
import { bracket, CUT, clientName, directionText, exchangeWords, flagsText, typeName } from './words.ts'

export class List {
  /** Of each line drawn last: index of its packet in the view; -1 where it has none. */
  private drawn: readonly number[] = []
  private readonly roll = new Roll()
  private readonly infos = new Infos()
  /** Packets before in their connections, for their times. */
  private readonly before = new Map<number, number>()

  /** Index in the view of the packet on a line drawn last; -1 for none. */
  indexAt(line: number): number {
    return this.drawn[line] ?? -1
  }

  /** Packets to move by so that the next ones follow those drawn last, one of which stays. */
  get page(): number {
    return Math.max(1, this.drawn.filter(index => index >= 0).length - 1)
  }

  header(model: Model, width: number): Line {
    const columns = columnsFor(model, width)
    const { isWide } = columns
    const parts = [
      `  ${padStart('No.', columns.number)} ${padStart(TIME_TITLES[model.time], columns.time)} ${padStart('Δ', DELTA_WIDTH)}`,
      ...(columns.file > 0 ? [padEnd('File', columns.file)] : []),
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
    const columns = columnsFor(model, width)
    const times = new RowTimes(model, this.before)
    const related = model.row < 0 ? 0 : model.document.links.opener(model.row)
    const items = this.scroll(model, height)
    const places = this.roll.window
    this.drawn = places.map(({ item, part }) => (part === items.packetPart(item) ? item : -1))
    return places.map(({ item, part }) => {
      const incident = items.incident(item, part)
      if (incident !== undefined) return fitted(incidentLine(model.document, incident, columns, times), width)
      const row = view.row(item)
      const parts = this.row(model, row, view.row(item - 1), columns, times, related)
      if (item !== model.index) return wholly(fitted(parts, width), model.colours, row)
      return fitted(retoken([span('▌'), ...parts.slice(1)], isActive ? 'selected' : 'selectedDim'), width)
    })
  }

  /** Moves so that the selected packet is seen, with what stands behind it where there is room. */
  private scroll(model: Model, height: number): Items {
    const { view, index } = model
    const items = new Items(model)
    const size = (item: number): number => items.size(item)
    const part = items.packetPart(index)
    const isFirst = index === 0 && size(index) <= height
    const all = isFirst ? [0, size(index) - 1, part] : [Math.min(size(index) - 1, part + height - 1), part]
    this.roll.shows(view.length, height, size)
    for (const one of all) {
      this.roll.select(index, one)
      this.roll.shows(view.length, height, size)
    }
    return items
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
    const isCut = store.isCut(row)
    return [
      span(markOf(model, number), 'related'),
      span(
        level === undefined ? ' ' : GLYPHS[level],
        level === 'error' ? 'bad' : level === 'warning' ? 'caution' : 'note',
      ),
      span(padStart(`${number}`, columns.number), 'dim'),
      span(` ${padStart(stamp, columns.time)} `),
      span(padStart(before < 0 ? '-' : shortDuration(document.between(before, row)), DELTA_WIDTH), 'dim'),
      ...(columns.file > 0 ? [span(` ${padEnd(fileOf(document, row), columns.file)}`, 'dim')] : []),
      ...(columns.isWide ? [span(` ${padEnd(client, CLIENT_WIDTH)}`)] : []),
      span(` ${padEnd(directionText(document, row, name), columns.direction)} `),
      span(typeText(document, row, columns.isWide), type),
      span(isCut ? CUT : ' ', isCut ? 'caution' : 'plain'),
      span(`${padStart(size, columns.length)} ${padStart(id === 0 ? '-' : `${id}`, ID_WIDTH)} `),
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

/** The file that a packet came from, without its folder. */
const fileOf = ({ files, store }: Document, row: Row): string => fileTitle(files?.nameOf(store.frame(row)) ?? '')

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
