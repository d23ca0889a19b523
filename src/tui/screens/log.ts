/** The screen of the log: what the program has to say, the newest last. */

import type { Document } from '../../analysis/document.ts'
import type { Entry } from '../../analysis/journal.ts'
import { padStart } from '../../text/cells.ts'
import { Times } from '../../text/moments.ts'
import { grouped } from '../../text/numbers.ts'
import { GLYPHS } from '../../text/paint.ts'
import { sanitize } from '../../text/sanitize.ts'
import { wrap } from '../../text/wrap.ts'
import { type Block, type Pointer, pane, rows } from '../block.ts'
import type { AppContext, Screen } from '../context.ts'
import { Cursor } from '../cursor.ts'
import type { CommandId } from '../keys.ts'
import { levelToken } from '../panes/words.ts'
import { fitted, type Line, line, retoken, rule, span } from '../spans.ts'

const HEAD_LINES = 1
const TOLD = 4
const TIME_WIDTH = 12
const NUMBER_WIDTH = 8
const FRACTION = 6

export class LogScreen implements Screen {
  readonly name = 'log'
  readonly title = 'Log'
  private readonly cursor = new Cursor()
  /** The newest entry is selected, always. */
  private follows = true

  opened(): void {
    this.follows = true
  }

  block(app: AppContext, width: number, height: number): Block {
    const { document } = app.model
    const { entries, count } = document.journal
    const list = height - TOLD
    if (this.follows) this.cursor.selected = entries.length
    this.cursor.shows(entries.length, list - HEAD_LINES)
    const times = timesOf(document)
    const head = ` ${padStart('Time', TIME_WIDTH + 2)} ${padStart('Packet', NUMBER_WIDTH)}  What`
    const { selected, top } = this.cursor
    const shown = entries.slice(top, top + list - HEAD_LINES).map((entry, at) => {
      const isSelected = top + at === selected
      const parts: Line = [span(isSelected ? '▌' : ' '), ...entryLine(entry, document, times)]
      return fitted(isSelected ? retoken(parts, 'selected') : parts, width)
    })
    const more = count > entries.length ? [span(`  ${grouped(count - entries.length)} not kept`, 'dim')] : []
    const body = entries.length === 0 ? [line(' Nothing to report so far.', 'good')] : shown
    return rows(
      pane([[span(head, 'head'), ...more], ...body], width, list, this.pointer()),
      pane(told(entries[selected], width), width, TOLD),
    )
  }

  run(app: AppContext, command: CommandId): boolean {
    if (this.cursor.run(command)) {
      this.follows = command === 'last'
      return true
    }
    if (command !== 'open') return false
    const packet = app.model.document.journal.entries[this.cursor.selected]?.packet ?? 0
    if (packet === 0) app.say('It is about no packet', 'caution')
    else app.jump(packet)
    return true
  }

  private pointer(): Pointer {
    const pointer = this.cursor.pointer(HEAD_LINES)
    return {
      ...pointer,
      click: (row, column) => {
        this.follows = false
        pointer.click?.(row, column)
      },
    }
  }

  copied(app: AppContext): string {
    return sanitize(app.model.document.journal.entries[this.cursor.selected]?.text ?? '')
  }
}

function timesOf({ first }: Document): Times {
  const times = new Times('r', FRACTION)
  if (first !== undefined) times.begin(first)
  return times
}

/** When: in the capture where it has a place there, else by the clock. */
function entryLine({ level, text, packet, at }: Entry, { store }: Document, times: Times): Line {
  const row = store.rowOf(packet)
  const when = row < 0 ? clock(at) : `${times.of(store.stamp(row))} s`
  return [
    span(` ${GLYPHS[level]}`, levelToken(level)),
    span(`${padStart(when, TIME_WIDTH)} `, row < 0 ? 'dim' : 'plain'),
    span(`${padStart(row < 0 ? '-' : `${packet}`, NUMBER_WIDTH)}  `),
    span(sanitize(text)),
  ]
}

/** Of day, as the clock on the wall shows it. */
function clock(at: number): string {
  const date = new Date(at)
  const parts = [date.getHours(), date.getMinutes(), date.getSeconds()]
  return parts.map(part => `${part}`.padStart(2, '0')).join(':')
}

function told(entry: Entry | undefined, width: number): readonly Line[] {
  if (entry === undefined) return [rule('', '', width)]
  return [rule('', '', width), ...wrap(sanitize(entry.text).split(' '), width - 2).map(part => line(` ${part}`))]
}
