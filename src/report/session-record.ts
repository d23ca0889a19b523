/** A session as a JSON record. */

import { base64, decodeText } from '../base/strings.ts'
import { VERSION_NAMES } from '../mqtt/spec.ts'
import { isUtf8 } from '../mqtt/text.ts'
import type { Session, Subscription, Will } from '../session/session.ts'
import type { Side } from '../store/record.ts'
import { milliseconds } from '../text/answers.ts'
import type { Clock } from '../text/moments.ts'
import { endReason, isKeepAliveExceeded } from './ending.ts'
import { known } from './handshakes.ts'

export interface SessionRow {
  readonly session: Session
  /** Number of the session before it with the same client id. */
  readonly previous: number | undefined
  /** Every subscription it ever had, as far as they were kept. */
  readonly subscriptions: readonly Subscription[]
  /** Seconds since the capture began. */
  readonly end: number
}

const opposite = (side: Side): Side => (side === 0 ? 1 : 0)

export function sessionRecord(row: SessionRow, clock: Clock, redact: boolean): object {
  const { session, previous, end } = row
  const { stream, version, clientSide, ending } = session
  const client = clientSide === -1 ? 0 : clientSide
  return {
    record: 'session',
    session: session.number,
    stream: stream.flow.index,
    client: session.clientId,
    address: stream.flow.endpoint(client),
    server: stream.flow.endpoint(opposite(client)),
    version: VERSION_NAMES[version],
    versionFrom: version === 0 || stream.dialect.from === '' ? undefined : stream.dialect.from,
    start: clock.iso(session.start),
    durationMs: known(milliseconds(end - session.start)),
    firstPacket: session.firstPacket,
    connect: session.connect === 0 ? undefined : session.connect,
    connack: session.connack === 0 ? undefined : session.connack,
    previous,
    ...agreed(session, redact),
    will: session.will && willRecord(session.will, redact),
    subscriptions: row.subscriptions.map(subscription => subscriptionRecord(subscription, session)),
    subscriptionsOmitted: session.subscriptionsOmitted === 0 ? undefined : session.subscriptionsOmitted,
    fromClient: partyRecord(session, client),
    fromServer: partyRecord(session, opposite(client)),
    end: {
      how: ending?.how ?? 'capture',
      by: ending?.by ?? 'unknown',
      reasonCode: ending === undefined || ending.code < 0 ? undefined : ending.code,
      reason: endReason(session),
      keepAliveExceeded: isKeepAliveExceeded(session) ? true : undefined,
    },
    whole: session.isWhole,
  }
}

function agreed(session: Session, redact: boolean): object {
  const { clean, version, userName } = session
  return {
    keepAlive: session.keepAlive,
    serverKeepAlive: session.serverKeepAlive,
    ...(clean === undefined ? {} : version === 5 ? { cleanStart: clean } : { cleanSession: clean }),
    kept: session.connect === 0 ? undefined : session.isKept,
    sessionPresent: session.sessionPresent,
    expiry: session.expiry,
    username: userName === undefined ? undefined : redact ? { size: Buffer.byteLength(userName) } : userName,
  }
}

function willRecord({ topic, qos, retain, payload, delay, state, packet }: Will, redact: boolean): object {
  const size = payload.length
  const isText = isUtf8(payload, 0, size)
  const content = isText ? { text: decodeText(payload, 0, size) } : { base64: base64(payload, 0, size) }
  return {
    topic,
    qos,
    retain,
    delay,
    payload: redact ? { size } : { size, ...content },
    state,
    packet: packet === 0 ? undefined : packet,
  }
}

function subscriptionRecord({ filter, options, granted, packet, identifier }: Subscription, session: Session): object {
  const now = session.subscriptions.get(filter)
  return {
    filter,
    qos: options & 3,
    granted,
    packet,
    identifier: identifier === 0 ? undefined : identifier,
    // What the client took back, or asked for anew.
    ended: now?.packet === packet ? undefined : true,
  }
}

/** `receiveMaximum` is what the other side allows this one. */
function partyRecord(session: Session, side: Side): object {
  const { packets, bytes, publishes, mostInFlight } = session.party(side)
  const allowed = session.version === 5 ? session.party(opposite(side)).receiveMaximum : undefined
  return { packets, bytes, publishes, mostInFlight, receiveMaximum: allowed }
}
