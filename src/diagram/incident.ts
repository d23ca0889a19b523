/** Incidents are what lies between packets: bytes that are missing, a keep alive that ran out, a takeover, an end, a packet that never came. */
import { TYPE_NAMES } from '../mqtt/spec.ts'
import type { Circumstances, Connection } from '../session/connection.ts'
import type { Exchange } from '../session/exchange/exchange.ts'
import type { Expiry } from '../session/finding.ts'
import type { Side } from '../store/record.ts'
import type { Stream } from '../store/stream.ts'
import type { EndingKind, Level, Sender } from '../store/vocabulary.ts'
import { nameOfClient } from '../text/client.ts'
import { shortDuration } from '../text/units.ts'

/** The common part of all incidents. */
interface Placed {
  /** Number of the packet that it follows; 0 before the first one. */
  readonly after: number
  /** Seconds since the first frame, as the clock of the capture shows them; NaN if unknown. */
  readonly time: number
  readonly stream: Stream
}

/** Bytes of a stream that are not in the capture, or that no packet begins in. */
export interface Gap extends Placed {
  readonly kind: 'gap' | 'skipped'
  /** Side that sent them. */
  readonly side: Side
  /** The event as text. */
  readonly text: string
}

/**
 * DISCONNECT and a refusing CONNACK are packets, and a takeover is an incident of its own: the end of TCP after them is
 * not.
 */
type How = Extract<EndingKind, 'fin' | 'rst'>

/** The end of a connection without a packet. */
export interface Closing extends Placed {
  readonly kind: 'closing'
  readonly how: How
  readonly by: Sender
  /** Number and type of the last packet, and the seconds since. */
  readonly circumstances?: Circumstances | undefined
}

/** A client id that goes over to another connection while this one stands. */
export interface Takeover extends Placed {
  readonly kind: 'takeover'
  /** The connection that the client id is taken from. */
  readonly from: Stream
  /** Number of the first packet of that connection. */
  readonly since: number
}

/** A keep alive that ran out: one and a half times as long without a packet. */
export interface Expired extends Placed {
  readonly kind: 'expired'
  readonly level: Level
  /** Seconds of the keep alive. */
  readonly limit: number
}

/** A packet that was owed when its connection ended, or its packet id was used again, or the capture ended. */
export interface Ghost extends Placed {
  readonly kind: 'ghost'
  /** Type of the packet that did not come, and the side that owed it. */
  readonly type: number
  readonly side: Side
  /** Packet id; 0 for none. */
  readonly id: number
  /** Number of the packet that opened the exchange. */
  readonly opener: number
  /** Seconds from the packet that it was to answer until it was no longer expected. */
  readonly wait: number
  /** Bytes of its side are missing since: it may be among them. */
  readonly isUnseen: boolean
}

export type Incident = Gap | Closing | Takeover | Expired | Ghost

const WORDS: Readonly<Record<How, string>> = { fin: 'closed', rst: 'reset' }
const BY: Readonly<Record<Sender, string>> = { client: ' by the client', server: ' by the broker', unknown: '' }
const isBare = (how: EndingKind): how is How => how in WORDS

/** Returns the end of a connection if no packet says it; `after`: number of the packet that came before it. */
export function closingOf({ ending, stream }: Connection, after: (time: number) => number): Closing | undefined {
  if (ending === undefined || !isBare(ending.how)) return undefined
  const { how, by, circumstances } = ending
  const time = ending.shown ?? ending.time
  return { kind: 'closing', after: after(time), time, stream, how, by, circumstances }
}

/** Returns the takeover that the CONNACK of `connection` completes at `time`; undefined if it took nothing over. */
export function takeoverOf({ tookOver, previous, connect, stream }: Connection, time: number): Takeover | undefined {
  if (!tookOver || previous === undefined) return undefined
  return { kind: 'takeover', after: connect, time, stream, from: previous.stream, since: previous.firstPacket }
}

/** Returns the end of a keep alive; `after`: number of the packet that came before it. */
export function expiredOf({ connection, time, level }: Expiry, after: number): Expired {
  const limit = connection.allowedSilence ?? 0
  return { kind: 'expired', after, time, stream: connection.stream, level, limit }
}

/**
 * Returns the packet that `exchange` waited for until `now` (seconds since the capture began, without the steps of its clock).
 * Undefined if none is owed, or if the capture has one direction alone: then nothing is known of the other one. `after`: number
 * of the last packet of the exchange; `id`: packet id, 0 for none; `time`: `now` as the clock of the capture shows it.
 */
export function ghostOf(
  exchange: Exchange,
  connection: Connection,
  { after, id, now, time }: { after: number; id: number; now: number; time: number },
): Ghost | undefined {
  const { awaited, opener, lastTime, state } = exchange
  if (awaited === undefined || connection.isHalf) return undefined
  const { gapTime } = connection.peer(awaited.side)
  return {
    kind: 'ghost',
    after,
    time,
    stream: connection.stream,
    type: awaited.type,
    side: awaited.side,
    id,
    opener,
    wait: Math.max(0, now - lastTime),
    isUnseen: gapTime >= lastTime || connection.hasUnknown || (state === 'open' && connection.missesBytes),
  }
}

/**
 * `kitchen: closed by the client`; sanitised. Of a gap it says in which direction, to the broker (→) or from it, and of a ghost it
 * names the packet: `PUBACK never came, 12.4s`.
 */
export function incidentText(incident: Incident): string {
  if (incident.kind === 'ghost') return ghostText(incident)
  const client = nameOfClient(incident.stream)
  switch (incident.kind) {
    case 'closing':
      return `${client}: ${closingText(incident)}`
    case 'takeover':
      return `${client}: takes over from ${clientAddress(incident.from)} (packet ${incident.since})`
    case 'expired':
      return `${client}: keep alive (${incident.limit} s × 1.5) exceeded`
    default:
      return `${client} ${incident.stream.senderOf(incident.side) === 'server' ? '←' : '→'} ${incident.text}`
  }
}

function closingText({ how, by, circumstances: after }: Closing): string {
  if (after === undefined || after.packet === 0) return `${WORDS[how]}${BY[by]}`
  return `${WORDS[how]}${BY[by]} ${shortDuration(after.after)} after ${TYPE_NAMES[after.type]}`
}

const ghostText = (ghost: Ghost): string => `${TYPE_NAMES[ghost.type]} ${ghostWords(ghost)}`

/** Returns the fate of an expected packet, without its name; `isLate`: it came over a later connection. */
export function ghostWords({ wait, isUnseen }: Ghost, isLate = false): string {
  if (isUnseen) return 'not in the capture'
  return isLate ? 'came later' : `never came, ${shortDuration(wait)}`
}

const clientAddress = ({ client, flow }: Stream): string => flow.endpoint(client === 1 ? 1 : 0)
