/** The packet list: a window of the view, one row a packet. */

import { GLYPHS } from '../export/paint.ts'
import { cut } from '../export/sanitize.ts'
import { Times } from '../export/time.ts'
import type { Row } from '../store/store.ts'
import type { Capture } from './capture.ts'
import type { Model } from './model.ts'
import { fitted, type Line, padEnd, padStart, retoken, type Span, span } from './spans.ts'
import {
  bracket,
  clientName,
  directionText,
  exchangeWords,
  flagsText,
  infoText,
  shortTime,
  typeName,
  typeToken,
} from './words.ts'

/** From here on there is room for client names and latencies. */
export const WIDE = 120
const TYPE_WIDTH = 11
const CLIENT_WIDTH = 16
const DELTA_WIDTH = 7
const LENGTH_WIDTH = 5
const ID_WIDTH = 5
/** Digits of a second's fraction: with nine there is no room for anything else. */
const FRACTION = 6
const TIME_WIDTHS: Readonly<Record<string, number>> = { r: 10, u: 15, ad: 26, e: 17 }
/** Texts of rows kept between frames. */
const MOST_KEPT = 2000

interface Columns {
  readonly number: number
  readonly time: number
  readonly direction: number
  readonly isWide: boolean
  /** Cells left for what the packet says. */
  readonly info: number
}

function columnsFor(model: Model, width: number): Columns {
  const { store } = model.capture
  const number = Math.max(4, `${store.base + store.rows}`.length)
  const isWide = width >= WIDE
  const time = TIME_WIDTHS[model.time] ?? FRACTION
  const direction = isWide ? 3 : `${store.connections.length}`.length + 2
  const wide = isWide ? CLIENT_WIDTH + 1 + DELTA_WIDTH + 1 : 0
  const fixed = 2 + number + 1 + time + 1 + DELTA_WIDTH + 1 + wide + direction + 1 + TYPE_WIDTH + 1 + 3 + 1
  return { number, time, direction, isWide, info: width - fixed - LENGTH_WIDTH - 1 - ID_WIDTH - 1 - 2 }
}

export class List {
  private top = 0
  private kept = new Map<number, string>()
  private keptRoom = 0

  /** First place shown, so that `place` is among `height` ones. */
  scroll(place: number, length: number, height: number): number {
    if (place < this.top) this.top = place
    if (place >= this.top + height) this.top = place - height + 1
    this.top = Math.max(0, Math.min(this.top, length - height))
    return this.top
  }

  header(model: Model, width: number): Line {
    const columns = columnsFor(model, width)
    const { isWide } = columns
    const time = model.time === 'r' ? 'Time s' : 'Time'
    const parts = [
      `  ${padStart('No.', columns.number)} ${padStart(time, columns.time)} ${padStart('Δ', DELTA_WIDTH)}`,
      ...(isWide ? [padEnd('Client', CLIENT_WIDTH)] : []),
      padEnd('Dir', columns.direction),
      padEnd('Type', TYPE_WIDTH),
      'Flg',
      padStart('Len', LENGTH_WIDTH),
      padStart('Id', ID_WIDTH),
      ...(isWide ? [`  ${padStart('Latency', DELTA_WIDTH)}`] : ['']),
    ]
    return fitted([span(`${parts.join(' ')} ${isWide ? 'Topic / info' : ' Info'}`, 'head')], width)
  }

  lines(model: Model, width: number, height: number, isActive: boolean): readonly Line[] {
    const { view } = model
    const place = model.place
    const top = this.scroll(place, view.length, height)
    const columns = columnsFor(model, width)
    const times = new Times(model.time, FRACTION)
    if (model.capture.first !== undefined) times.begin(model.capture.first)
    const related = model.row < 0 ? 0 : model.capture.links.opener(model.row)
    return view.window(top, height).map((row, at) => {
      const parts = this.row(model, row, view.row(top + at - 1), columns, times, related)
      if (top + at !== place) return fitted(parts, width)
      return fitted(retoken([span('▌'), ...parts.slice(1)], isActive ? 'selected' : 'selectedDim'), width)
    })
  }

  private row(model: Model, row: Row, before: Row, columns: Columns, times: Times, related: number): Line {
    const { capture } = model
    const { store, links } = capture
    const number = store.number(row)
    const level = links.level(row)
    const type = typeToken(capture, row)
    const isRelated = related !== 0 && links.opener(row) === related
    const id = store.packetId(row)
    const size = lengthText(capture, row)
    const stamp = times.of(store.stamp(row))
    const client = columns.isWide ? clientName(capture, row) : ''
    const name = columns.isWide ? '' : `${store.connectionId(row) + 1}`
    return [
      span(markOf(model, number), 'related'),
      span(
        level === undefined ? ' ' : GLYPHS[level],
        level === 'error' ? 'bad' : level === 'warning' ? 'caution' : 'note',
      ),
      span(padStart(`${number}`, columns.number), 'dim'),
      span(` ${padStart(stamp, columns.time)} `),
      span(padStart(before < 0 ? '-' : shortTime(capture.between(before, row)), DELTA_WIDTH), 'dim'),
      ...(columns.isWide ? [span(` ${padEnd(client, CLIENT_WIDTH)}`)] : []),
      span(` ${padEnd(directionText(capture, row, name), columns.direction)} `),
      span(padEnd(typeName(store.type(row)), TYPE_WIDTH), type),
      span(
        ` ${padEnd(flagsText(capture, row), 3)} ${padStart(size, LENGTH_WIDTH)} ${padStart(id === 0 ? '-' : `${id}`, ID_WIDTH)} `,
      ),
      span(`${bracket(capture, row)} `, isRelated ? 'related' : 'plain'),
      ...this.rest(capture, row, columns),
    ]
  }

  private rest(capture: Capture, row: Row, { isWide, info }: Columns): readonly Span[] {
    const words = exchangeWords(capture, row, !isWide)
    const answered = isWide ? capture.links.answers(row) : -1
    const latency = isWide
      ? [span(`${padStart(answered < 0 ? '' : shortTime(capture.between(answered, row)), DELTA_WIDTH)} `, 'number')]
      : []
    const left = Math.max(0, info - (words === '' ? 0 : words.length + 1))
    const text = this.info(capture, row, info)
    if (text === '') return [...latency, span(cut(words, Math.max(1, info)), 'dim')]
    return [...latency, span(`${cut(text, Math.max(1, left))} `), span(words, 'dim')]
  }

  private info(capture: Capture, row: Row, room: number): string {
    if (room !== this.keptRoom || this.kept.size > MOST_KEPT) {
      this.kept = new Map()
      this.keptRoom = room
    }
    const number = capture.store.number(row)
    const known = this.kept.get(number)
    if (known !== undefined) return known
    const text = infoText(capture, row, room)
    this.kept.set(number, text)
    return text
  }
}

function markOf(model: Model, number: number): string {
  for (const [letter, marked] of model.marks) if (marked === number) return letter
  return model.marked.has(number) ? '•' : ' '
}

/** Remaining length, by the size of the whole packet. */
function lengthText({ store }: Capture, row: Row): string {
  const size = store.size(row)
  if (store.fault(row) !== 0 && size < 2) return '?'
  return `${size - (size < 130 ? 2 : size < 16_387 ? 3 : size < 2_097_156 ? 4 : 5)}`
}
