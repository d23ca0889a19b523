/** The ladder of a flow as lines: lanes below their names, an arrow for each packet. Spans alone, no state. */

import { ghostWords, incidentText } from '../../diagram/incident.ts'
import { labelText } from '../../diagram/label.ts'
import type { Arrow, Entry, GhostArrow } from '../../diagram/ladder.ts'
import type { Lane, Lanes } from '../../diagram/lanes.ts'
import { TYPE_NAMES } from '../../mqtt/spec.ts'
import { cells, cut, padEnd } from '../../text/cells.ts'
import { nameOfClient } from '../../text/client.ts'
import { shortDuration } from '../../text/units.ts'
import { blank, type Line, type Span, span } from '../spans.ts'
import type { Token } from '../theme.ts'
import { CUT } from './words.ts'

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
    if (entry.kind === 'ghost') return this.ghost(entry, token)
    if (entry.kind !== 'arrow') return this.across(noteText(entry), token)
    if (entry.from >= 0) return this.arrow(entry, token)
    return this.across(`${entry.client}: ${labelText(entry.label)}`)
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
    return this.fromTo(arrow, room => span(arrowText(arrow, room), token))
  }

  /** A packet that never came: a dotted line without a head, since it arrived nowhere. */
  private ghost(entry: GhostArrow, token: Token): Line {
    if (entry.from < 0) return this.across(`${nameOfClient(entry.ghost.stream)}: ${incidentText(entry.ghost)}`, token)
    return this.fromTo(entry, room => span(ghostText(entry, room), token))
  }

  /** A line between two lanes, which `draw` draws in the cells between them. */
  private fromTo({ from, to }: Pick<Arrow, 'from' | 'to'>, draw: (room: number) => Span): Line {
    const [one, other] = [this.columns[from] ?? 0, this.columns[to] ?? 0]
    const [left, right] = [Math.min(one, other), Math.max(one, other)]
    return [
      span(this.rails(0, left, '│'), 'rule'),
      span('│', 'rule'),
      draw(right - left - 1),
      span('│', 'rule'),
      span(this.rails(right + 1, this.width, '│'), 'rule'),
    ]
  }

  /** Nothing goes from lane to lane: the lanes go on, with words across them. */
  private across(text: string, token: Token = 'dim'): Line {
    const { width } = this
    const shown = ` ${cut(text, width - AROUND_NOTE)} `
    const size = cells(shown)
    const at = Math.max(1, Math.floor((width - size) / 2))
    return [span(this.rails(0, at, '┊'), 'rule'), span(shown, token), span(this.rails(at + size, width, '┊'), 'rule')]
  }

  /** The lines of all lanes from one column up to another. */
  private rails(from: number, to: number, sign: string): string {
    let text = ''
    for (let at = from; at < to; at++) text += this.columns.includes(at) ? sign : ' '
    return text
  }
}

const noteText = (entry: Exclude<Entry, Arrow | GhostArrow>): string =>
  entry.kind === 'silence' ? `${shortDuration(entry.seconds)} of silence` : incidentText(entry)

/** A double line for what is resent; a head where the packet arrived, and a mark in front of one that is not whole. */
function arrowText({ from, to, label, isRepeat, isCut }: Arrow, width: number): string {
  const dash = isRepeat ? '═' : '─'
  const text = `${isCut ? `${CUT} ` : ''}${labelText(label)}`
  const shown = cut(text, Math.max(1, width - 4))
  const rest = dash.repeat(Math.max(0, width - 3 - cells(shown)))
  return from < to ? `${dash}${dash}${shown}${rest}▶` : `◀${rest}${shown}${dash}${dash}`
}

/** `┄┄PUBACK id 7 never came, 12.4s┄┄`; without the packet id, and then without the wait, where there is less room. */
function ghostText({ ghost, from, to, isLate }: GhostArrow, width: number): string {
  const name = TYPE_NAMES[ghost.type] ?? TYPE_NAMES[0]
  const words = ghostWords(ghost, isLate)
  const texts = [`${name}${ghost.id === 0 ? '' : ` id ${ghost.id}`} ${words}`, `${name} ${words}`]
  const shown = texts.find(text => cells(text) <= width - 2) ?? cut(`${name} ${words.replace(/,.*/, '')}`, width - 2)
  const rest = '┄'.repeat(Math.max(0, width - 1 - cells(shown)))
  return from < to ? `┄${shown}${rest}` : `${rest}${shown}┄`
}
