/** The screen of sessions: who was connected, how, and how it ended. */
import { sanitize } from '../export/sanitize.ts'
import { VERSION_NAMES } from '../mqtt/spec.ts'
import type { Ending, Session } from '../session/session.ts'
import { decodeText } from '../strings.ts'
import type { App, Screen } from './app.ts'
import { streamFilter } from './apply.ts'
import { type Block, pane, rows } from './block.ts'
import { Cursor } from './cursor.ts'
import type { CommandId } from './keys.ts'
import type { Model } from './model.ts'
import { fitted, type Line, line, padEnd, padStart, retoken, rule, span, textOf } from './spans.ts'
import { shortTime } from './words.ts'

const TOLD = 6
const CLIENT_WIDTH = 16
const ADDRESS_WIDTH = 18
const MOST_FILTERS = 20

/** For the list. */
const ENDS: Readonly<Record<Ending['how'], string>> = {
  disconnect: 'left',
  refused: 'refused',
  takeover: 'replaced',
  fin: 'closed',
  rst: 'reset',
  reuse: 'reused',
  evicted: '?',
  capture: 'open',
}

const ENDINGS: Readonly<Record<Ending['how'], string>> = {
  disconnect: 'left with DISCONNECT',
  refused: 'refused',
  takeover: 'taken over by a newer connection',
  fin: 'closed without DISCONNECT',
  rst: 'reset',
  reuse: 'ports used again',
  evicted: 'not followed to its end',
  capture: 'open when the capture ended',
}

export class SessionsScreen implements Screen {
  readonly name = 'sessions'
  readonly title = 'Sessions'
  private readonly cursor = new Cursor()
  private shown: readonly Session[] = []

  block(app: App, width: number, height: number): Block {
    const { capture } = app.model
    this.shown = [...capture.past, ...capture.tracker.standing].sort((a, b) => a.number - b.number)
    const list = height - TOLD
    this.cursor.shows(this.shown.length, list - 1)
    const head = `  ${padEnd('Client', CLIENT_WIDTH)} ${padEnd('Address', ADDRESS_WIDTH)} ${padEnd('MQTT', 5)} ${padStart('Alive', 5)} ${padEnd('Clean', 5)} ${padStart('Sent', 6)} ${padStart('Got', 6)}  End`
    const body = this.shown.length === 0 ? [line(' No session so far.', 'dim')] : this.lines(width, list - 1)
    return rows(
      pane([line(head, 'head'), ...body], width, list, this.cursor.pointer(1)),
      pane(this.told(app.model, width), width, TOLD),
    )
  }

  run(app: App, command: CommandId): boolean {
    if (this.cursor.run(command)) return true
    const session = this.shown[this.cursor.selected]
    if (session === undefined) return false
    if (command === 'open') app.jump(session.firstPacket)
    else if (command === 'stream') {
      const { connections } = app.model.capture.store
      app.stream.hold(connections.indexOf(session.connection), session.firstPacket)
      return false
    } else if (command === 'apply') app.openFilter(streamFilter(session.connection.flow))
    else if (command === 'colour') app.colourPacket(session.firstPacket)
    else return false
    return true
  }

  copied(): string {
    const session = this.shown[this.cursor.selected]
    return session === undefined ? '' : textOf(sessionLine(session)).replace(/\s+/g, ' ').trim()
  }

  private lines(width: number, height: number): readonly Line[] {
    const { selected, top } = this.cursor
    return this.shown.slice(top, top + height).map((session, at) => {
      const isSelected = top + at === selected
      const parts: Line = [span(isSelected ? '▌' : ' '), ...sessionLine(session)]
      return fitted(isSelected ? retoken(parts, 'selected') : parts, width)
    })
  }

  private told(model: Model, width: number): readonly Line[] {
    const session = this.shown[this.cursor.selected]
    if (session === undefined) return [rule('', '', width)]
    const { will, ending, start, firstPacket } = session
    const filters = [...session.subscriptions.values()].slice(0, MOST_FILTERS).map(({ filter }) => sanitize(filter))
    const lasted = ending === undefined ? '' : `, after ${shortTime(ending.time - start)}`
    const by =
      ending === undefined || ending.by === 'unknown' ? '' : `, by the ${ending.by === 'server' ? 'broker' : 'client'}`
    return [
      rule(
        `Session ${session.number}  ${sanitize(session.clientId ?? '?')}  packet ${firstPacket} on`,
        '',
        width,
        true,
      ),
      [span(' Subscribed  ', 'dim'), span(filters.length === 0 ? 'to nothing' : filters.join(', '))],
      [span(' Will        ', 'dim'), span(will === undefined ? 'none' : willText(will))],
      [
        span(' End         ', 'dim'),
        span(ending === undefined ? 'still open' : `${ENDINGS[ending.how]}${by}${lasted}`),
      ],
      [
        span(' Before      ', 'dim'),
        span(session.previous === undefined ? 'nothing seen of this client' : `session ${session.previous.number}`),
      ],
    ].slice(0, model.cursor < 0 ? 0 : TOLD)
  }
}

function willText({ topic, qos, retain, payload, state }: NonNullable<Session['will']>): string {
  const text = sanitize(decodeText(payload, 0, Math.min(payload.length, 100)))
  const became = { stored: 'kept by the broker', discarded: 'thrown away', due: 'to be published', fired: 'published' }[
    state
  ]
  return `${sanitize(topic)} Q${qos}${retain ? ' retain' : ''} "${text}": ${became}`
}

function sessionLine(session: Session): Line {
  const { connection, clientSide, version, keepAlive, clean, ending } = session
  const side = clientSide === -1 ? 0 : clientSide
  const sent = session.party(side).packets
  const got = session.party(side === 0 ? 1 : 0).packets
  const isPolite = ending === undefined || ending.how === 'disconnect' || ending.how === 'capture'
  const name = sanitize(session.clientId ?? '?') || '(empty)'
  return [
    span(` ${padEnd(name, CLIENT_WIDTH)} ${padEnd(connection.flow.endpoint(side), ADDRESS_WIDTH)} `),
    span(
      `${padEnd(VERSION_NAMES[version], 5)} ${padStart(keepAlive === undefined ? '?' : `${keepAlive}s`, 5)} ${padEnd(clean === undefined ? '?' : clean ? 'yes' : 'no', 5)} `,
    ),
    span(`${padStart(`${sent}`, 6)} ${padStart(`${got}`, 6)}  `, 'number'),
    span(ending === undefined ? 'open' : ENDS[ending.how], isPolite ? 'good' : 'caution'),
  ]
}
