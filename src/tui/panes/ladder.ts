/** The ladder of a flow: lanes for who takes part, an arrow for each packet. Text alone, no state. */
import { cells, cut } from '../../text/sanitize.ts'
import { blank, type Line, padEnd, type Span, span } from '../spans.ts'
import type { Token } from '../theme.ts'

export interface Lane {
  readonly title: string
  readonly address: string
  /** Column of its line. */
  readonly at: number
}

export interface Arrow {
  /** Columns. */
  readonly from: number
  readonly to: number
  readonly label: string
  readonly token: Token
  /** Sent again: a double line. */
  readonly isRepeat: boolean
  /** Nothing answered it. */
  readonly isLost: boolean
}

/** Lanes at even distances; `count` at least 2. */
export function lanePlaces(count: number, width: number): readonly number[] {
  const step = Math.floor((width - MARGIN * 2) / Math.max(1, count - 1))
  return Array.from({ length: count }, (_, at) => MARGIN + at * step)
}

/** Beside the first and the last lane; their names lean inwards. */
const MARGIN = 3

/** Lines of lanes from one column up to another. */
function lines(lanes: readonly number[], from: number, to: number, sign: string): string {
  let text = ''
  for (let at = from; at < to; at++) text += lanes.includes(at) ? sign : ' '
  return text
}

export function arrowLine(lanes: readonly number[], arrow: Arrow, width: number): Line {
  const a = Math.min(arrow.from, arrow.to)
  const b = Math.max(arrow.from, arrow.to)
  return [
    span(lines(lanes, 0, a, '│'), 'rule'),
    span('│', 'rule'),
    span(arrowText(arrow, b - a - 1), arrow.token),
    span('│', 'rule'),
    span(lines(lanes, b + 1, width, '│'), 'rule'),
  ]
}

function arrowText({ from, to, label, isRepeat, isLost }: Arrow, width: number): string {
  const dash = isRepeat ? '═' : '─'
  const shown = cut(label, Math.max(1, width - 4))
  const rest = dash.repeat(Math.max(0, width - 3 - cells(shown)))
  const tip = isLost ? '×' : from < to ? '▶' : '◀'
  return from < to ? `${dash}${dash}${shown}${rest}${tip}` : `${tip}${rest}${shown}${dash}${dash}`
}

/** Nothing happens: the lanes go on, with a word across them. */
export function silence(lanes: readonly number[], text: string, width: number): Line {
  const shown = ` ${text} `
  const at = Math.max(1, Math.floor((width - shown.length) / 2))
  return [
    span(lines(lanes, 0, at, '┊'), 'rule'),
    span(shown, 'dim'),
    span(lines(lanes, at + shown.length, width, '┊'), 'rule'),
  ]
}

/** What its neighbour leaves to the first and the last name. */
function endRoom(lanes: readonly Lane[], nth: number, part: 'title' | 'address', step: number): number {
  const neighbour = lanes[nth === 0 ? 1 : nth - 1]
  const isInside = lanes.length > 2
  const taken = isInside
    ? Math.ceil(Math.min(cells(neighbour?.[part] ?? ''), step - 2) / 2)
    : Math.floor(step / 2) - MARGIN
  return Math.max(1, step + MARGIN - 1 - taken)
}

/** Names over their lanes. */
export function laneTitles(lanes: readonly Lane[], width: number, part: 'title' | 'address'): Line {
  const spans: Span[] = []
  let used = 0
  const step = (lanes[1]?.at ?? width) - (lanes[0]?.at ?? 0)
  const inside = Math.max(1, step - 2)
  for (const [nth, lane] of lanes.entries()) {
    const isEnd = nth === 0 || nth === lanes.length - 1
    const text = cut(lane[part], isEnd ? endRoom(lanes, nth, part, step) : inside)
    const start = Math.max(used, Math.min(lane.at - Math.floor(cells(text) / 2), width - cells(text)))
    spans.push(blank(start - used), span(text, part === 'title' ? 'bold' : 'dim'))
    used = start + cells(text)
  }
  return [...spans, span(padEnd('', Math.max(0, width - used)))]
}
