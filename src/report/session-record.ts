/** A session as a JSON record. */

import { base64, decodeText, utf8 } from '../base/strings.ts'
import { transportRecord } from '../export/transport-json.ts'
import { SubscriptionOption, TYPE_NAMES, VERSION_NAMES } from '../mqtt/spec.ts'
import { isUtf8 } from '../mqtt/text.ts'
import { otherSide } from '../net/flow.ts'
import type { Connection, Will } from '../session/connection.ts'
import type { Subscription } from '../session/session.ts'
import type { Side } from '../store/record.ts'
import type { Clock } from '../text/moments.ts'
import { milliseconds } from '../text/units.ts'
import { endReason, isKeepAliveExceeded } from './ending.ts'
import { known } from './handshakes.ts'

export interface SessionRow {
  readonly connection: Connection
  /** Number of the session before it with the same client id. */
  readonly previous: number | undefined
  /** Every subscription it ever had, as far as they were kept. */
  readonly subscriptions: readonly Subscription[]
  /** Seconds since the capture began. */
  readonly end: number
}

export function sessionRecord(row: SessionRow, clock: Clock, redact: boolean): object {
  const { connection, previous, end } = row
  const { stream, version, clientSide, ending } = connection
  const client = clientSide === -1 ? 0 : clientSide
  return {
    record: 'session',
    session: connection.number,
    stream: stream.flow.index,
    client: connection.clientId,
    address: stream.flow.endpoint(client),
    server: stream.flow.endpoint(otherSide(client)),
    clientAddress: stream.proxy?.client,
    serverAddress: stream.proxy?.server,
    transport: stream.transport && transportRecord(stream.transport, redact),
    version: VERSION_NAMES[version],
    versionFrom: version === 0 || stream.dialect.from === '' ? undefined : stream.dialect.from,
    start: clock.iso(connection.start),
    durationMs: known(milliseconds(end - connection.start)),
    firstPacket: connection.firstPacket,
    connect: connection.connect === 0 ? undefined : connection.connect,
    connack: connection.connack === 0 ? undefined : connection.connack,
    previous,
    ...agreed(connection, redact),
    will: connection.will && willRecord(connection.will, redact),
    subscriptions: row.subscriptions.map(subscription => subscriptionRecord(subscription, connection)),
    subscriptionsOmitted: connection.session.omitted === 0 ? undefined : connection.session.omitted,
    fromClient: partyRecord(connection, client),
    fromServer: partyRecord(connection, otherSide(client)),
    end: {
      how: ending?.how ?? 'capture',
      by: ending?.by ?? 'unknown',
      reasonCode: ending === undefined || ending.code < 0 ? undefined : ending.code,
      reason: endReason(connection),
      ...circumstances(connection),
      keepAliveExceeded: isKeepAliveExceeded(connection) ? true : undefined,
    },
    whole: connection.isComplete,
  }
}

/** What came before an end without DISCONNECT. */
function circumstances({ ending }: Connection): object {
  const facts = ending?.circumstances
  if (facts === undefined || facts.packet === 0) return {}
  const { packet, after, unanswered, silence } = facts
  return {
    packet,
    afterMs: milliseconds(after),
    silenceMs: known(milliseconds(silence)),
    unanswered: unanswered.map(one => ({ packet: one.packet, type: TYPE_NAMES[one.type], from: one.from })),
  }
}

function agreed(connection: Connection, redact: boolean): object {
  const { clean, version, userName } = connection
  return {
    keepAlive: connection.keepAlive,
    serverKeepAlive: connection.serverKeepAlive,
    ...(clean === undefined ? {} : version === 5 ? { cleanStart: clean } : { cleanSession: clean }),
    kept: connection.connect === 0 ? undefined : connection.isKept,
    sessionPresent: connection.sessionPresent,
    expiry: connection.expiry,
    username: userName === undefined ? undefined : redact ? { size: utf8(userName).length } : userName,
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

function subscriptionRecord(
  { filter, options, granted, packet, identifier }: Subscription,
  connection: Connection,
): object {
  const now = connection.session.subscriptions.get(filter)
  return {
    filter,
    qos: options & SubscriptionOption.qos,
    granted,
    packet,
    identifier: identifier === 0 ? undefined : identifier,
    // What the client took back, or asked for anew.
    ended: now?.packet === packet ? undefined : true,
  }
}

/** `receiveMaximum` is what the other side allows this one. */
function partyRecord(connection: Connection, side: Side): object {
  const { packets, bytes, publishes, mostInFlight } = connection.peer(side)
  const allowed = connection.version === 5 ? connection.peer(otherSide(side)).receiveMaximum : undefined
  return { packets, bytes, publishes, mostInFlight, receiveMaximum: allowed }
}
