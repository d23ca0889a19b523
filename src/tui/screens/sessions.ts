/** The screen of sessions: who was connected, how, and how it ended. */

import { decodeText } from '../../base/strings.ts'
import { VERSION_NAMES } from '../../mqtt/spec.ts'
import { otherSide } from '../../net/flow.ts'
import { endReason, isKeepAliveExceeded, lastWords } from '../../report/ending.ts'
import { agreed, subscribed } from '../../report/session-details.ts'
import type { Connection } from '../../session/connection.ts'
import type { Stream } from '../../store/stream.ts'
import type { EndingKind } from '../../store/vocabulary.ts'
import { padEnd, padStart } from '../../text/cells.ts'
import { sanitize } from '../../text/sanitize.ts'
import { transportWords } from '../../text/transport-text.ts'
import { shortDuration } from '../../text/units.ts'
import { wrap } from '../../text/wrap.ts'
import { streamFilter } from '../apply.ts'
import { type Block, pane, rows } from '../block.ts'
import type { AppContext, Screen } from '../context.ts'
import { Cursor } from '../cursor.ts'
import type { CommandId } from '../keys.ts'
import { fitted, type Line, line, retoken, rule, span, textOf } from '../spans.ts'

const TOLD = 8
const CLIENT_WIDTH = 16
const ADDRESS_WIDTH = 18
/** Up to here all columns have their least width; of the cells beyond it, client and address have so many at most. */
const NARROW = 80
const MORE_CLIENT = 16
const MORE_ADDRESS = 29
const LABEL_WIDTH = 13
const MOST_FILTERS = 20

/** For the list. */
const ENDS: Readonly<Record<EndingKind, string>> = {
  disconnect: 'left',
  refused: 'refused',
  takeover: 'replaced',
  fin: 'closed',
  rst: 'reset',
  reuse: 'reused',
  evicted: '?',
  capture: 'open',
}

const ENDINGS: Readonly<Record<EndingKind, string>> = {
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
  private shown: readonly Connection[] = []

  block(app: AppContext, width: number, height: number): Block {
    const { document } = app.model
    this.shown = [...document.past, ...document.tracker.connected].sort((a, b) => a.number - b.number)
    const columns = columnsFor(width)
    const told = Math.min(TOLD, Math.floor(height / 2))
    const list = height - told
    this.cursor.shows(this.shown.length, list - 1)
    const head = `  ${padEnd('Client', columns.client)} ${padEnd('Address', columns.address)} ${padEnd('MQTT', 5)} ${padStart('Alive', 5)} ${padEnd('Clean', 5)} ${padStart('Sent', 6)} ${padStart('Got', 6)}  End`
    const none = document.sealedStreams.length === 0 ? [line(' No session so far.', 'dim')] : []
    const body = this.shown.length === 0 ? none : this.lines(width, list - 1)
    const sealed = sealedLines(document.sealedStreams, width).slice(0, Math.max(0, list - 1 - body.length))
    return rows(
      pane([line(head, 'head'), ...body, ...sealed], width, list, this.cursor.pointer(1)),
      pane(this.told(width), width, told),
    )
  }

  run(app: AppContext, command: CommandId): boolean {
    if (this.cursor.run(command)) return true
    const connection = this.shown[this.cursor.selected]
    if (connection === undefined) return false
    if (command === 'open') app.jump(connection.firstPacket)
    else if (command === 'stream') {
      const { streams } = app.model.document.store
      app.openStream(streams.indexOf(connection.stream), connection.firstPacket)
    } else if (command === 'apply') app.openFilter(streamFilter(connection.stream.flow))
    else if (command === 'colour') app.colourPacket(connection.firstPacket)
    else return false
    return true
  }

  copied(): string {
    const connection = this.shown[this.cursor.selected]
    return connection === undefined
      ? ''
      : textOf(sessionLine(connection, columnsFor(NARROW + MORE_CLIENT + MORE_ADDRESS)))
          .replace(/\s+/g, ' ')
          .trim()
  }

  private lines(width: number, height: number): readonly Line[] {
    const columns = columnsFor(width)
    const { selected, top } = this.cursor
    return this.shown.slice(top, top + height).map((connection, at) => {
      const isSelected = top + at === selected
      const parts: Line = [span(isSelected ? '▌' : ' '), ...sessionLine(connection, columns)]
      return fitted(isSelected ? retoken(parts, 'selected') : parts, width)
    })
  }

  private told(width: number): readonly Line[] {
    const connection = this.shown[this.cursor.selected]
    if (connection === undefined) return [rule('', '', width)]
    const { will, firstPacket, previous } = connection
    const subscriptions = [...connection.session.subscriptions.values()].slice(0, MOST_FILTERS)
    const name = sanitize(connection.clientId ?? '?')
    const agreements = agreed(connection)
    const { proxy, transport } = connection.stream
    return [
      rule(`Session ${connection.number}  ${name}  from packet ${firstPacket} on`, '', width, true),
      ...paragraph('Agreed', agreements.length === 0 ? ['its CONNECT is not in the capture'] : agreements, width),
      ...(proxy?.client === undefined
        ? []
        : paragraph('Client', [`${sanitize(proxy.client)} as the PROXY head says`], width)),
      ...(transport === undefined ? [] : paragraph('Wrapped', transportWords(transport, false), width)),
      ...paragraph('Will', [will === undefined ? 'none' : willText(will)], width),
      ...paragraph('End', endWords(connection), width),
      ...paragraph(
        'Before',
        [previous === undefined ? 'no session of this client' : `session ${previous.number}`],
        width,
      ),
      ...paragraph(
        'Subscribed',
        subscriptions.length === 0 ? ['to nothing, at the end'] : subscriptions.map(one => subscribed(one, connection)),
        width,
      ),
    ]
  }
}

/** What is known of TLS connections that nothing opened, a line each: no session, so that nothing can be done with them. */
function sealedLines(streams: readonly Stream[], width: number): readonly Line[] {
  if (streams.length === 0) return []
  const title = line(' TLS that nothing opened: name its key log with --keylog FILE', 'caution')
  const lines = streams.map(({ flow, client, transport }) => {
    const side = client === 1 ? 1 : 0
    const words = transport === undefined ? [] : transportWords(transport, false)
    return fitted(
      [span(`  ${flow.endpoint(side)} → ${flow.endpoint(otherSide(side))}  ${words.join(', ')}`, 'dim')],
      width,
    )
  })
  return [title, ...lines]
}

/** Parts with commas between, in two lines at most. */
function paragraph(label: string, parts: readonly string[], width: number): readonly Line[] {
  const words = parts.map((part, at) => (at + 1 < parts.length ? `${part},` : part))
  const lines = wrap(words, width - LABEL_WIDTH - 1).slice(0, 2)
  return lines.map((text, at) => [span(` ${padEnd(at === 0 ? label : '', LABEL_WIDTH - 1)}`, 'dim'), span(text)])
}

/** `left with DISCONNECT`, `by the client`, `after 12.0s`. */
function endWords(connection: Connection): readonly string[] {
  const { ending, start } = connection
  if (ending === undefined) return ['still open']
  const reason = ending.code === 0 ? undefined : endReason(connection)
  return [
    `${ENDINGS[ending.how]}${reason === undefined ? '' : ` (${reason})`}`,
    ...(ending.by === 'unknown' ? [] : [`by the ${ending.by === 'server' ? 'broker' : 'client'}`]),
    `after ${shortDuration(ending.time - start)}`,
    ...(isKeepAliveExceeded(connection) ? ['keep alive exceeded'] : []),
    ...lastWords(connection),
  ]
}

function willText({ topic, qos, retain, payload, state }: NonNullable<Connection['will']>): string {
  const text = sanitize(decodeText(payload, 0, Math.min(payload.length, 100)))
  const became = { stored: 'kept by the broker', discarded: 'thrown away', due: 'to be published', fired: 'published' }[
    state
  ]
  return `${sanitize(topic)} Q${qos}${retain ? ' retain' : ''} "${text}": ${became}`
}

interface Columns {
  readonly client: number
  readonly address: number
}

function columnsFor(width: number): Columns {
  const more = Math.max(0, width - NARROW)
  const address = Math.min(MORE_ADDRESS, Math.ceil(more / 2))
  return { client: CLIENT_WIDTH + Math.min(MORE_CLIENT, more - address), address: ADDRESS_WIDTH + address }
}

function sessionLine(connection: Connection, columns: Columns): Line {
  const { stream, clientSide, version, keepAlive, clean, ending } = connection
  const side = clientSide === -1 ? 0 : clientSide
  const sent = connection.peer(side).packets
  const got = connection.peer(otherSide(side)).packets
  const isPolite = ending === undefined || ending.how === 'disconnect' || ending.how === 'capture'
  const name = sanitize(connection.clientId ?? '?') || '(empty)'
  const address = sanitize(stream.proxy?.client ?? stream.flow.endpoint(side))
  return [
    span(` ${padEnd(name, columns.client)} ${padEnd(address, columns.address)} `),
    span(
      `${padEnd(version === 0 ? '?' : VERSION_NAMES[version], 5)} ${padStart(keepAlive === undefined ? '?' : `${keepAlive}s`, 5)} ${padEnd(clean === undefined ? '?' : clean ? 'yes' : 'no', 5)} `,
    ),
    span(`${padStart(`${sent}`, 6)} ${padStart(`${got}`, 6)}  `, 'number'),
    span(ending === undefined ? 'open' : ENDS[ending.how], isPolite ? 'good' : 'caution'),
  ]
}
