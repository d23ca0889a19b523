/** One exchange as it is reported: the tracker's own object is used again. */

import { Slot } from '../mqtt/fields.ts'
import {
  CONNACK,
  FIRST_FAILURE,
  RETURN_CODES,
  reasonName,
  SUBACK,
  SUBACK_CODES,
  TYPE_NAMES,
  type Version,
} from '../mqtt/spec.ts'
import type { Connection } from '../session/connection.ts'
import { type Exchange, STEPS } from '../session/exchange/exchange.ts'
import type { PacketRecord, Stream } from '../store/record.ts'
import type { ExchangeKind, ExchangeState, Sender } from '../store/vocabulary.ts'
import { sanitize } from '../text/sanitize.ts'

export interface Leg {
  readonly packet: number
  readonly type: string
  readonly from: Sender
  /** Seconds since the capture began. */
  readonly time: number
}

/** Who has to send what, and how long that has been so when the exchange ended or the capture did. */
export interface Awaited {
  readonly type: string
  readonly from: Sender
  readonly since: number
  readonly waited: number
}

export interface ExchangeRow {
  readonly opener: number
  readonly kind: ExchangeKind
  readonly state: ExchangeState
  readonly stream: number
  readonly client: string | undefined
  /** The client's end of the connection. */
  readonly address: string
  readonly from: Sender
  readonly packetId: number | undefined
  readonly topic: string | undefined
  readonly legs: readonly Leg[]
  readonly total: number
  readonly repeats: number
  readonly dups: number
  readonly resumed: number
  readonly code: number
  readonly reason: string | undefined
  readonly awaited: Awaited | undefined
}

const HIGHEST_ID = 0xffff

export const QOS: Readonly<Partial<Record<ExchangeKind, number>>> = { qos1: 1, qos2: 2 }

/** `now`: seconds since the capture began. */
export function exchangeRow(
  exchange: Exchange,
  connection: Connection,
  topic: string | undefined,
  now: number,
): ExchangeRow {
  const { stream } = connection
  const state = stateOf(exchange, connection)
  const isUnfinished = state === 'open' || state === 'abandoned'
  return {
    opener: exchange.opener,
    kind: exchange.kind,
    state,
    stream: stream.flow.index,
    client: connection.clientId ?? stream.clientId,
    address: addressOf(stream),
    from: stream.senderOf(exchange.side),
    packetId: exchange.key <= HIGHEST_ID ? exchange.key : undefined,
    topic,
    legs: legsOf(exchange, connection),
    total: exchange.total,
    repeats: exchange.repeats,
    dups: exchange.dups,
    resumed: exchange.resumed,
    code: exchange.code,
    reason: state === 'refused' ? reasonOf(exchange, connection) : undefined,
    awaited: isUnfinished ? awaitedOf(exchange, connection, now) : undefined,
  }
}

/** The client's end of a connection. */
export const addressOf = ({ flow, client }: Stream): string => flow.endpoint(client === 1 ? 1 : 0)

/** Without a name of its own a client goes by its address. */
export const nameOf = (client: string | undefined, address: string): string =>
  client === undefined || client === '' ? address : sanitize(client)

/** What still waits when the capture ends is not given up: nobody saw it end. */
function stateOf(exchange: Exchange, connection: Connection): ExchangeState {
  if (exchange.state !== 'abandoned') return exchange.state
  const how = connection.ending?.how
  return how === 'capture' || how === 'evicted' ? 'open' : 'abandoned'
}

function legsOf(exchange: Exchange, { stream }: Connection): readonly Leg[] {
  return STEPS[exchange.kind].slice(0, exchange.step + 1).map(({ type, byOpener }, step) => ({
    packet: exchange.numbers[step] ?? 0,
    type: TYPE_NAMES[type] ?? '',
    from: stream.senderOf(byOpener === (exchange.side === 0) ? 0 : 1),
    time: exchange.times[step] ?? Number.NaN,
  }))
}

function awaitedOf(exchange: Exchange, { stream }: Connection, now: number): Awaited | undefined {
  const { awaited, lastTime } = exchange
  if (awaited === undefined) return undefined
  return {
    type: TYPE_NAMES[awaited.type] ?? '',
    from: stream.senderOf(awaited.side),
    since: lastTime,
    waited: Math.max(0, now - lastTime),
  }
}

const reasonOf = ({ kind, code, step }: Exchange, { version }: Connection): string | undefined =>
  codeText(STEPS[kind][step]?.type ?? 0, code, version)

/** A code in the words of the version spoken: those of 3.x are few. */
export function codeText(type: number, code: number, version: Version): string | undefined {
  if (version === 5 || (version === 0 && code >= FIRST_FAILURE)) return reasonName(type, code)
  if (type === SUBACK) return SUBACK_CODES[code]
  return type === CONNACK ? RETURN_CODES[code]?.replace('Connection Refused, ', '') : undefined
}

/** The topic of the packet that opens an exchange, where the tracker has no bytes to keep: an alias alone names it. */
export const aliasedTopic = (record: PacketRecord): string | undefined =>
  record.packet.has(Slot.topic) ? undefined : record.aliasTopic
