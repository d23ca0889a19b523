/** Lines of a stream: a packet with its direction, a hole where bytes are missing, and the bytes below a packet. */

import type { Document } from '../../analysis/document.ts'
import { type Hole, holeText } from '../../analysis/holes.ts'
import type { StreamList } from '../../analysis/stream-list.ts'
import { otherSide } from '../../net/flow.ts'
import type { Side } from '../../store/record.ts'
import type { Row } from '../../store/store.ts'
import { padEnd, padStart } from '../../text/cells.ts'
import { nameOfClient } from '../../text/client.ts'
import { grouped } from '../../text/numbers.ts'
import { GLYPHS } from '../../text/paint.ts'
import { shortDuration } from '../../text/units.ts'
import { type Line, rule, span } from '../spans.ts'
import type { Token } from '../theme.ts'
import { Infos } from './infos.ts'
import { hexLines, textLines } from './unfolded.ts'
import { answerWords, bracket, flagsText, levelToken, typeName } from './words.ts'

/** How packets are shown: decoded, and below that their bytes. */
export const FORMS = ['MQTT', 'text', 'hex'] as const
export type Form = (typeof FORMS)[number]

/** The selection's mark, the arrow and a blank. */
const BEFORE_HOLE = 3
const DELTA_WIDTH = 6
const TYPE_WIDTH = 11
const ID_WIDTH = 5
const LEAST_NUMBER_WIDTH = 4
/** Mark, arrow, level, bracket and the blanks between the columns. */
const BETWEEN = 14
/** Packets whose bytes are kept as lines between frames. */
const MOST_KEPT = 1000

export class StreamLines {
  private readonly document: Document
  private readonly infos = new Infos()
  /** Bytes by packet number, in the form and the width that were asked for last. */
  private readonly kept = new Map<number, readonly Line[]>()
  private keptFor = ''

  constructor(document: Document) {
    this.document = document
  }

  /** Who speaks with whom. */
  title({ stream, clientSide, id }: StreamList, width: number): Line {
    if (stream === undefined) return []
    const broker = stream.flow.endpoint(otherSide(clientSide))
    const address = stream.flow.endpoint(clientSide)
    const name = nameOfClient(stream)
    const who = name === address ? name : `${name} ${address}`
    const of = grouped(this.document.store.streams.length)
    return rule(`Connection ${id + 1} of ${of}: ${who} ⇄ broker ${broker}`, '', width, true)
  }

  /** The one line of a hole, the first of a packet. */
  first(list: StreamList, place: number, width: number): Line {
    const hole = list.hole(place)
    if (hole !== undefined) return missing(hole, list.clientSide, width)
    return this.packet(list.row(place), list.rowBefore(place), list.clientSide, width)
  }

  /** Bytes of a packet. */
  below(list: StreamList, place: number, form: Form, width: number): readonly Line[] {
    const row = list.row(place)
    if (row < 0 || form === 'MQTT') return []
    if (this.keptFor !== `${form} ${width}` || this.kept.size >= MOST_KEPT) this.kept.clear()
    this.keptFor = `${form} ${width}`
    const { store, log } = this.document
    const number = store.number(row)
    const known = this.kept.get(number)
    if (known !== undefined) return known
    const { raw } = store.load(row, log)
    const { token } = arrow(store.side(row) === list.clientSide)
    const lines = form === 'hex' ? hexLines(raw) : textLines(raw, width - 1, token)
    this.kept.set(number, lines)
    return lines
  }

  private packet(row: Row, before: Row, clientSide: Side, width: number): Line {
    if (row < 0) return []
    const { document } = this
    const { store, links } = document
    const { sign, token } = arrow(store.side(row) === clientSide)
    const number = Math.max(LEAST_NUMBER_WIDTH, `${store.base + store.rows}`.length)
    const level = links.level(row)
    const id = store.packetId(row)
    const delta = before < 0 ? '-' : `+${shortDuration(document.between(before, row))}`
    const flags = flagsText(document, row)
    const type = flags === '' ? typeName(store.type(row)) : `${typeName(store.type(row))} ${flags}`
    const words = answerWords(document, row)
    const fixed = number + DELTA_WIDTH + TYPE_WIDTH + ID_WIDTH + BETWEEN
    const room = Math.max(1, width - fixed - (words === '' ? 0 : words.length + 1))
    return [
      span(`${document.isSentByUs(row) ? '»' : sign} `, token),
      level === undefined ? span(' ') : span(GLYPHS[level], levelToken(level)),
      span(padStart(`${store.number(row)}`, number), 'dim'),
      span(` ${padStart(delta, DELTA_WIDTH + 1)} `, 'dim'),
      span(padEnd(type, TYPE_WIDTH), token),
      span(` ${padStart(id === 0 ? '-' : `${id}`, ID_WIDTH)} ${bracket(document, row)} `),
      span(padEnd(this.infos.of(document, row, width - fixed), room), token),
      span(words === '' ? '' : ` ${words}`, 'dim'),
    ]
  }
}

const arrow = (isClient: boolean): { readonly sign: string; readonly token: Token } =>
  isClient ? { sign: '→', token: 'fromClient' } : { sign: '←', token: 'fromBroker' }

function missing(hole: Hole, clientSide: Side, width: number): Line {
  const { sign, token } = arrow(hole.side === clientSide)
  const text = ` ░░ ${holeText(hole)} `
  const rest = '░'.repeat(Math.max(0, width - text.length - BEFORE_HOLE))
  return [span(`${sign} `, token), span(text + rest, 'caution')]
}
