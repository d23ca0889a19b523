/** The ladder of a flow as lines: lanes below their names, an arrow for each packet. Spans alone, no state. */

import { closingText } from '../../diagram/closings.ts'
import { labelText } from '../../diagram/label.ts'
import type { Arrow, Entry } from '../../diagram/ladder.ts'
import type { Lane, Lanes } from '../../diagram/lanes.ts'
import { cells, cut, padEnd } from '../../text/cells.ts'
import { shortDuration } from '../../text/units.ts'
import { blank, type Line, type Span, span } from '../spans.ts'
import type { Token } from '../theme.ts'

/** Cells that a lane needs. */
const LANE_WIDTH = 26
const MOST_CLIENTS = 6
/** Cells beside the first and the last lane; their names lean inwards. */
const MARGIN = 3
/** Cells around what is written across the lanes. */
const AROUND_NOTE = 4

/** Returns the number of clients that have room beside the broker: 1 at least. */
export const clientsIn = (width: number): number => Math.max(1, Math.min(MOST_CLIENTS, Math.floor(width / LANE_WIDTH)))

/** Lanes at even distances in `width` cells. */
export class LadderPane {
  private readonly lanes: Lanes
  private readonly width: number
  /** By lane: the column of its line. */
  private readonly columns: readonly number[]

  constructor(lanes: Lanes, width: number) {
    const count = lanes.all.length
    const step = Math.floor((width - MARGIN * 2) / Math.max(1, count - 1))
    this.lanes = lanes
    this.width = width
    this.columns = Array.from({ length: count }, (_, at) => MARGIN + at * step)
  }

  /** An arrow in the colour of `token`, or what lies between two arrows. */
  line(entry: Entry, token: Token): Line {
    if (entry.kind !== 'arrow') return this.across(noteText(entry))
    if (entry.from >= 0) return this.arrow(entry, token)
    return this.across(`connection ${entry.stream + 1}: ${labelText(entry.label)}`)
  }

  /** Names over their lanes. */
  titles(part: keyof Lane): Line {
    const { width, columns } = this
    const { all } = this.lanes
    const spans: Span[] = []
    let used = 0
    for (const [nth, lane] of all.entries()) {
      const text = cut(lane[part], this.titleRoom(nth, part))
      const start = Math.max(used, Math.min((columns[nth] ?? 0) - Math.floor(cells(text) / 2), width - cells(text)))
      spans.push(blank(start - used), span(text, part === 'title' ? 'bold' : 'dim'))
      used = start + cells(text)
    }
    return [...spans, span(padEnd('', Math.max(0, width - used)))]
  }

  /** Cells for a name; the first and the last one have what their neighbours leave. */
  private titleRoom(nth: number, part: keyof Lane): number {
    const { all } = this.lanes
    const step = (this.columns[1] ?? this.width) - (this.columns[0] ?? 0)
    if (nth > 0 && nth < all.length - 1) return Math.max(1, step - 2)
    const neighbour = all[nth === 0 ? 1 : nth - 1]
    const taken =
      all.length > 2 ? Math.ceil(Math.min(cells(neighbour?.[part] ?? ''), step - 2) / 2) : Math.floor(step / 2) - MARGIN
    return Math.max(1, step + MARGIN - 1 - taken)
  }

  private arrow(arrow: Arrow, token: Token): Line {
    const from = this.columns[arrow.from] ?? 0
    const to = this.columns[arrow.to] ?? 0
    const left = Math.min(from, to)
    const right = Math.max(from, to)
    return [
      span(this.rails(0, left, '│'), 'rule'),
      span('│', 'rule'),
      span(arrowText(arrow, right - left - 1), token),
      span('│', 'rule'),
      span(this.rails(right + 1, this.width, '│'), 'rule'),
    ]
  }

  /** Nothing goes from lane to lane: the lanes go on, with a word across them. */
  private across(text: string): Line {
    const { width } = this
    const shown = ` ${text.slice(0, width - AROUND_NOTE)} `
    const at = Math.max(1, Math.floor((width - shown.length) / 2))
    return [
      span(this.rails(0, at, '┊'), 'rule'),
      span(shown, 'dim'),
      span(this.rails(at + shown.length, width, '┊'), 'rule'),
    ]
  }

  /** The lines of all lanes from one column up to another. */
  private rails(from: number, to: number, sign: string): string {
    let text = ''
    for (let at = from; at < to; at++) text += this.columns.includes(at) ? sign : ' '
    return text
  }
}

function noteText(entry: Exclude<Entry, Arrow>): string {
  if (entry.kind === 'closing') return closingText(entry)
  if (entry.kind === 'silence') return `${shortDuration(entry.seconds)} of silence`
  return entry.size === 0 ? 'bytes missing from the capture' : `${entry.size} bytes missing from the capture`
}

/** A double line for what is resent, a cross in place of the tip for what was never answered. */
function arrowText({ from, to, label, isRepeat, isLost }: Arrow, width: number): string {
  const dash = isRepeat ? '═' : '─'
  const shown = cut(labelText(label), Math.max(1, width - 4))
  const rest = dash.repeat(Math.max(0, width - 3 - cells(shown)))
  const tip = isLost ? '×' : from < to ? '▶' : '◀'
  return from < to ? `${dash}${dash}${shown}${rest}${tip}` : `${tip}${rest}${shown}${dash}${dash}`
}
