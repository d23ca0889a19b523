/** All that is known of a session, in a paragraph. */

import { FIRST_FAILURE, NEVER_EXPIRES, SubscriptionOption, VERSION_NAMES } from '../mqtt/spec.ts'
import { otherSide } from '../net/flow.ts'
import type { Connection, Will } from '../session/connection.ts'
import type { Subscription } from '../session/session.ts'
import type { Side } from '../store/record.ts'
import { content, measured } from '../text/content.ts'
import type { Clock } from '../text/moments.ts'
import { plainCount } from '../text/numbers.ts'
import { paint, Style } from '../text/paint.ts'
import { quoted, sanitize } from '../text/sanitize.ts'
import { transportWords } from '../text/transport-text.ts'
import { bytes, duration } from '../text/units.ts'
import { wrap } from '../text/wrap.ts'
import { endText, lastWords } from './ending.ts'
import type { ReportOptions } from './report.ts'
import type { SessionRow } from './session-record.ts'

const INDENT = '  '
const WIDE = 120
const LABEL = 11
const TEXT_CELLS = 48
/** Cells that are left for the payload of a will behind a long topic. */
const LEAST_CELLS = 12

export function sessionDetails(row: SessionRow, clock: Clock, options: ReportOptions): string {
  const { connection } = row
  const client: Side = connection.clientSide === -1 ? 0 : connection.clientSide
  const { flow } = connection.stream
  const name = quoted(sanitize(connection.clientId ?? '?'))
  const title = `Session ${connection.number}: ${name} ${flow.endpoint(client)} → ${flow.endpoint(otherSide(client))}`
  const lines: (readonly [string, readonly string[]])[] = [
    ['', [options.color ? paint(title, Style.bold) : title]],
    ['opened', opened(row, clock)],
    ['wrapped', wrapped(connection, options.redact)],
    ['agreed', agreed(connection)],
    ['will', connection.will === undefined ? [] : will(connection.will, options.redact)],
    ['subscribed', row.subscriptions.map(subscription => subscribed(subscription, connection))],
    ['client', sent(connection, client)],
    ['broker', sent(connection, otherSide(client))],
    ['ended', [endText(connection), `after ${duration(row.end - connection.start)}`, ...lastWords(connection)]],
  ]
  return `${lines.map(([label, parts]) => paragraph(label, parts, options.width ?? WIDE)).join('')}\n`
}

/** Parts with commas between, wrapped under each other. */
function paragraph(label: string, parts: readonly string[], width: number): string {
  if (parts.length === 0) return ''
  if (label === '') return `${parts.join(', ')}\n`
  const words = parts.map((part, at) => (at + 1 < parts.length ? `${part},` : part))
  const lines = wrap(words, width - INDENT.length - LABEL)
  return lines.map((line, at) => `${INDENT}${(at === 0 ? label : '').padEnd(LABEL)}${line}\n`).join('')
}

function opened({ connection, previous }: SessionRow, clock: Clock): readonly string[] {
  const { version, stream, connect, connack } = connection
  const behind = stream.proxy?.client
  const from = stream.dialect.from === 'connect' ? 'as its CONNECT says' : 'as its packets look'
  return [
    `at ${clock.text(connection.start)} s`,
    version === 0 ? 'version unknown' : `MQTT ${VERSION_NAMES[version]} ${from}`,
    connect === 0 ? 'its CONNECT is not in the capture' : `CONNECT is packet ${connect}`,
    ...(connack > 0 ? [`CONNACK packet ${connack}`] : connect === 0 ? [] : ['not accepted']),
    ...(behind === undefined ? [] : [`from ${sanitize(behind)} as the PROXY head says`]),
    ...(previous === undefined ? [] : [`after session ${previous} of the same client`]),
    ...(connection.hasGap ? ['with bytes missing from the capture'] : []),
  ]
}

const wrapped = ({ stream: { transport } }: Connection, redact: boolean): readonly string[] =>
  transport === undefined ? [] : transportWords(transport, redact)

/** What CONNECT and CONNACK agreed on, in words. */
export function agreed(connection: Connection): readonly string[] {
  if (connection.connect === 0) return []
  const { keepAlive, serverKeepAlive, clean, version, sessionPresent, expiry } = connection
  return [
    keepAlive === undefined ? '' : keepAlive === 0 ? 'no keep alive' : `keep alive ${keepAlive} s`,
    serverKeepAlive === undefined ? '' : `the broker wants ${serverKeepAlive} s`,
    clean === undefined ? '' : clean ? `clean ${version === 5 ? 'start' : 'session'}` : 'resumes what was kept',
    sessionPresent === undefined ? '' : sessionPresent ? 'session present' : 'no session present',
    connection.isKept ? 'kept after the end' : 'not kept after the end',
    expiry === undefined || expiry === 0
      ? ''
      : expiry === NEVER_EXPIRES
        ? 'never expires'
        : `expires after ${expiry} s`,
    connection.userName === undefined ? '' : 'with a user name',
  ].filter(text => text !== '')
}

const FATES: Readonly<Record<Will['state'], string>> = {
  stored: 'still stored',
  discarded: 'thrown away by DISCONNECT',
  due: 'due, not seen to be published',
  fired: 'published',
}

function will({ topic, qos, retain, payload, delay, state, packet }: Will, redact: boolean): readonly string[] {
  const size = `${payload.length} B`
  const text = redact
    ? `⟨${size}⟩`
    : payload.length === 0
      ? 'empty'
      : measured(content(payload, 0, payload.length, Math.max(LEAST_CELLS, TEXT_CELLS - topic.length)), size)
  return [
    `${sanitize(topic)} Q${qos}${retain ? ' retain' : ''} ${text}`,
    ...(delay === 0 ? [] : [`delayed by ${delay} s`]),
    `${FATES[state]}${packet === 0 ? '' : ` as packet ${packet}`}`,
  ]
}

/** A subscription, how it was answered, and whether it still stands. */
export function subscribed({ filter, options, granted, packet }: Subscription, connection: Connection): string {
  const wanted = options & SubscriptionOption.qos
  const answer =
    granted === undefined
      ? 'not answered'
      : granted >= FIRST_FAILURE
        ? `refused (0x${granted.toString(16)})`
        : granted === wanted
          ? 'granted'
          : `granted Q${granted}`
  const isOver = connection.session.subscriptions.get(filter)?.packet !== packet
  return `${sanitize(filter)} Q${wanted} ${answer}${isOver ? ' (no longer)' : ''}`
}

function sent(connection: Connection, side: Side): readonly string[] {
  const { packets, bytes: size, publishes, mostInFlight } = connection.peer(side)
  const allowed = connection.peer(otherSide(side)).receiveMaximum
  return [
    `sent ${plainCount(packets, 'packet')}`,
    bytes(size),
    plainCount(publishes, 'message'),
    ...(mostInFlight === 0
      ? []
      : [`${mostInFlight} in flight at most${connection.version === 5 ? ` of ${allowed}` : ''}`]),
  ]
}
