/** One MQTT Network Connection, from its CONNECT to its end, as far as the capture shows it. */

import { FewMap } from '../base/few.ts'
import type { FlowEnd } from '../base/line.ts'
import type { Version } from '../mqtt/spec.ts'
import { otherSide } from '../net/flow.ts'
import type { Side, Stream } from '../store/record.ts'
import type { ConnectionFact } from '../store/stream.ts'
import type { EndingKind, Sender } from '../store/vocabulary.ts'
import type { Exchange, ExchangeOwner } from './exchange/exchange.ts'
import { OpenExchanges } from './exchange/open.ts'
import type { ExchangePool } from './exchange/pool.ts'
import { RuleState } from './rule-state.ts'
import { Session, type Subscription } from './session.ts'

/** Unanswered requests remembered of a connection: as many as a client has packet ids. */
const MOST_REQUESTS = 65_535

/** What becomes of a will (MQTT 5 §3.1.2.5). `due`: the connection ended so that it must be published. */
export type WillState = 'stored' | 'discarded' | 'due' | 'fired'

export interface Will {
  readonly topic: string
  readonly qos: number
  readonly retain: boolean
  readonly payload: Uint8Array
  /** Seconds the broker waits. */
  readonly delay: number
  state: WillState
  /** Packet that published it. */
  packet: number
}

/** A packet that did not come before the end. */
export interface Unanswered {
  /** Type of the packet that did not come, and of the one it would have answered. */
  readonly type: number
  readonly from: Sender
  readonly packet: number
}

/** What came before the end of a connection. */
export interface Circumstances {
  /** Number and type of the last packet of either side; 0 for none. */
  readonly packet: number
  readonly type: number
  readonly from: Sender
  /** Seconds from that packet to the end. */
  readonly after: number
  readonly unanswered: readonly Unanswered[]
  /** Seconds since the last packet of the client; NaN if it sent none. */
  readonly silence: number
}

/** How a connection ended. */
export interface Ending {
  readonly how: EndingKind
  /** Who ended it, where the wire shows it. */
  readonly by: Sender
  /** Reason code of the DISCONNECT or of the refusing CONNACK; -1 for none. */
  readonly code: number
  /** Seconds since the capture began. */
  readonly time: number
  /** Seconds since the capture began as its clock shows them, whatever steps it made; undefined for an end that is a packet. */
  readonly shown?: number
  /** Of an end without DISCONNECT; undefined for the others. */
  readonly circumstances?: Circumstances
}

/** A packet that took a while to come: its bytes came in several segments. Times in seconds since the capture began. */
export interface LargePacket {
  readonly packet: number
  readonly type: number
  readonly size: number
  readonly start: number
  readonly end: number
}

/** One side of a connection: what it has sent, and what it lets the other side send. */
export class Peer {
  packets = 0
  bytes = 0
  publishes = 0
  /** Time and number of its last packet. */
  lastTime = Number.NaN
  lastPacket = 0
  /** Messages at QoS 1 and 2 that it has sent and that are not acknowledged: now, and the most there were. */
  inFlight = 0
  mostInFlight = 0
  /** Limits that the other side has to keep (MQTT 5 §3.1.2.11, §3.2.2.3). */
  receiveMaximum = 65_535
  aliasMaximum = 0
  /** Type of its last packet; 0 before the first one. */
  lastType = 0
  /** True once it has sent DISCONNECT: nothing may follow. */
  disconnected = false
  /** How many packets it had sent when bytes of it were last missing; -1 for never. */
  packetsAtGap = -1
  ended: FlowEnd | undefined = undefined
  /** The last packet that took a second or more to come. */
  large: LargePacket | undefined = undefined
  /** A number that is no integer takes 16 bytes more, NaN and Infinity too: what few peers have is undefined for the others. */
  private lost: number | undefined = undefined
  private largest: number | undefined = undefined

  /** Seconds since the capture began at which bytes of it were last found missing; NaN for never. */
  get gapTime(): number {
    return this.lost ?? Number.NaN
  }

  set gapTime(time: number) {
    this.lost = time
  }

  /** The largest packet that the other side may send (MQTT 5 §3.1.2.11.4, §3.2.2.3.6). */
  get maximumPacketSize(): number {
    return this.largest ?? Number.POSITIVE_INFINITY
  }

  set maximumPacketSize(size: number) {
    this.largest = size === Number.POSITIVE_INFINITY ? undefined : size
  }
}

/** Who follows the connections, as they know it: the tracker. */
export interface ConnectionHost {
  /** Exchanges of all its connections. */
  readonly pool: ExchangePool
  /** Called when an exchange of `connection` is no longer open; its object is used again afterwards. */
  exchangeEnded(exchange: Exchange, connection: Connection): void
}

/** A message whose session is gone. */
export interface LostMessage {
  readonly packet: number
  readonly fingerprint: number
}

export class Connection implements ConnectionFact, ExchangeOwner {
  // What is read for every packet stands first.
  readonly stream: Stream
  readonly open: OpenExchanges
  /** True while no check of the connection is needed for each packet, so that the rules may skip them. Kept by `review`. */
  isPlain = false
  private readonly host: ConnectionHost
  private readonly peer0 = new Peer()
  private readonly peer1 = new Peer()
  /** Number of the connection, from 1 in order of appearance. */
  readonly number: number
  /** Time and number of the first packet seen. */
  readonly start: number
  readonly firstPacket: number
  /** Packet of the CONNECT and of the accepting CONNACK; 0 where they were not seen. */
  connect = 0
  connack = 0
  /** Code of the CONNACK; -1 where none was seen. */
  connackCode = -1
  version: Version = 0
  clientId: string | undefined = undefined
  userName: string | undefined = undefined
  keepAlive: number | undefined = undefined
  /** Seconds of client silence after which the keep-alive rule runs; Infinity when no keep alive was agreed. */
  quiet = Number.POSITIVE_INFINITY
  serverKeepAlive: number | undefined = undefined
  clean: boolean | undefined = undefined
  /** The client says with its protocol level that it is a bridge: it gets RETAIN as it was published. */
  isBridge = false
  sessionPresent: boolean | undefined = undefined
  /** Seconds the broker keeps the session after the connection; undefined where nothing tells. */
  expiry: number | undefined = undefined
  /** Session Expiry Interval of the CONNECT, whatever the broker made of it; 0 if it has none. */
  askedExpiry = 0
  authMethod: string | undefined = undefined
  /** Requests of the CONNECT (MQTT 5 §3.1.2.11.6, §3.1.2.11.7). */
  wantsResponseInformation = false
  wantsProblems = true
  /** Offers of the broker (MQTT 5 §3.2.2.3). */
  maximumQos = 2
  retainAvailable = true
  wildcardAvailable = true
  identifiersAvailable = true
  sharedAvailable = true
  will: Will | undefined = undefined
  /** The first malformed packet of the client; 0 for none. */
  malformed = 0
  ending: Ending | undefined = undefined
  /** Seconds the client was silent beyond the patience of its broker, before a packet that the broker has not answered; 0 for none. */
  lateSilence = 0
  /** Seconds without any frame of anybody that make the last silence of the client too long; 0 if it was too long without them. */
  pause = 0
  /** True if it resumed a session all of whose subscriptions were seen to be made. */
  private resumedKnown = false
  private sessionNow = Session.NONE
  // Many connections are held, and most of them have none of these: they are made when first used.
  private requests: FewMap<number, readonly string[]> | undefined = undefined
  private ruleStateSoFar: RuleState | undefined = undefined
  /** By packet id: what the client had sent before, unacknowledged, in the session that the broker no longer has; undefined for none. */
  lostMessages: ReadonlyMap<number, LostMessage> | undefined = undefined
  /** The connection before it of the same client; undefined once the connection after it has come. */
  previous: Connection | undefined = undefined
  /** True if it took the client id over from `previous`, which stood until then. */
  tookOver = false
  /** True once a packet was cut before a field that others are judged by: a packet id, a filter, a property. */
  hasUnknown = false
  /** True if properties of its CONNACK are behind a cut: a Server Keep Alive may be among them. */
  isOfferCut = false
  /** By side, as bits: bytes of it are missing or could not be read. */
  private gapSides = 0
  // Times that many connections never have: NaN would take 16 bytes more in each.
  private subscribedAt: number | undefined = undefined
  private malformedAt: number | undefined = undefined
  private lastAckAt: number | undefined = undefined

  constructor(host: ConnectionHost, number: number, stream: Stream, start: number, firstPacket: number) {
    this.host = host
    this.number = number
    this.stream = stream
    this.open = new OpenExchanges(host.pool, this)
    this.start = start
    this.firstPacket = firstPacket
  }

  /** Time of the last SUBSCRIBE, in seconds since the capture began; NaN for none. */
  get subscribed(): number {
    return this.subscribedAt ?? Number.NaN
  }

  set subscribed(time: number) {
    this.subscribedAt = time
  }

  /** Time of the first malformed packet of the client; NaN for none. */
  get malformedTime(): number {
    return this.malformedAt ?? Number.NaN
  }

  set malformedTime(time: number) {
    this.malformedAt = time
  }

  /** Seconds since the capture began at which TCP of the client had last acknowledged when the connection ended; NaN for never. */
  get lastAck(): number {
    return this.lastAckAt ?? Number.NaN
  }

  set lastAck(time: number) {
    this.lastAckAt = Number.isNaN(time) ? undefined : time
  }

  /** True if the capture shows the connection from its CONNECT on without a gap: what was not seen was not sent. */
  get isComplete(): boolean {
    return this.connect > 0 && this.isGapless
  }

  /** True while it is the connection on its stream: it has not ended. */
  get stands(): boolean {
    return this.stream.connection === this
  }

  /** The session as of the last packet of this connection. */
  get session(): Session {
    return this.sessionNow
  }

  subscribe(subscription: Subscription): void {
    this.sessionNow = this.sessionNow.with(subscription, this.version)
  }

  unsubscribe(filter: string): void {
    this.sessionNow = this.sessionNow.without(filter)
  }

  /** Goes on with the session of `before`: its subscriptions, and its unfinished messages (MQTT 5 §4.4). */
  resume(before: Connection): void {
    const asked = this.session.subscriptions
    this.resumedKnown = before.knowsSubscriptions
    this.sessionNow = before.session.shared()
    // A client may subscribe before its CONNACK comes.
    for (const subscription of asked.values()) this.subscribe(subscription)
    for (const exchange of before.open.all()) if (exchange.isMessage) this.adopt(exchange, before)
  }

  private adopt(exchange: Exchange, before: Connection): void {
    const client = this.clientSide === -1 ? 0 : this.clientSide
    const byClient = exchange.side === before.clientSide
    before.uncount(exchange)
    this.open.adopt(exchange, byClient ? client : otherSide(client))
  }

  /**
   * The message is sent, for the first time over this connection: it counts against the Receive Maximum until it is
   * acknowledged. A PUBREL that is sent again does not (MQTT 5 §4.9).
   */
  count(exchange: Exchange): void {
    if (exchange.counted || exchange.state !== 'open') return
    exchange.counted = true
    const peer = this.peer(exchange.side)
    if (++peer.inFlight > peer.mostInFlight && !this.isWaiting) peer.mostInFlight = peer.inFlight
  }

  private uncount(exchange: Exchange): void {
    if (!exchange.counted) return
    exchange.counted = false
    this.peer(exchange.side).inFlight--
  }

  exchangeEnded(exchange: Exchange): void {
    this.uncount(exchange)
    this.host.exchangeEnded(exchange, this)
  }

  /** Remembers the filters of a SUBSCRIBE or UNSUBSCRIBE until it is answered. */
  ask(packet: number, filters: readonly string[]): void {
    this.requests ??= new FewMap()
    if (this.requests.size < MOST_REQUESTS) this.requests.set(packet, filters)
  }

  /** Returns the filters of the SUBSCRIBE or UNSUBSCRIBE in this packet while it waits for its answer. */
  asked(packet: number): readonly string[] | undefined {
    return this.requests?.get(packet)
  }

  /** Forgets the filters of a SUBSCRIBE or UNSUBSCRIBE: it was answered. */
  answered(packet: number): void {
    this.requests?.delete(packet)
    if (this.requests?.size === 0) this.requests = undefined
  }

  /** Decides anew whether the connection is plain, after something was learnt about it. */
  review(): void {
    const { peer0, peer1 } = this
    const isLimited = Math.min(peer0.maximumPacketSize, peer1.maximumPacketSize) < Number.POSITIVE_INFINITY
    const isEnding = peer0.disconnected || peer1.disconnected || this.ending !== undefined
    this.isPlain =
      this.connack > 0 &&
      !isLimited &&
      !isEnding &&
      this.wantsProblems &&
      this.malformed === 0 &&
      this.lateSilence === 0
  }

  /** What the rules remember of the connection, until `dropRuleState`. */
  get ruleState(): RuleState {
    this.ruleStateSoFar ??= new RuleState()
    return this.ruleStateSoFar
  }

  /** The subscriptions have changed: what was looked up for the rules holds no longer. */
  forgetAllowed(): void {
    this.ruleStateSoFar?.forgetAllowed()
  }

  /** Frees what only the rules needed: the connection has ended. */
  dropRuleState(): void {
    this.ruleStateSoFar = this.requests = undefined
  }

  get clientSide(): Side | -1 {
    return this.stream.client
  }

  /** True once bytes are missing somewhere: what was not seen may have been there. */
  get hasGap(): boolean {
    return this.gapSides !== 0 || this.isHalf
  }

  /** True if bytes of this side are missing. */
  hasGapOf(side: Side): boolean {
    return (this.gapSides & (1 << side)) !== 0
  }

  /** Bytes of this side are missing, found at `time` in seconds since the capture began: what they said is not known. */
  loseBytes(side: Side, time: number): void {
    this.gapSides |= 1 << side
    const peer = this.peer(side)
    peer.gapTime = time
    peer.packetsAtGap = peer.packets
    this.open.loseBytes()
  }

  /** True if a DISCONNECT may be among the bytes that are missing: nothing that this side sent was read after them. */
  mayHaveLeft(side: Side): boolean {
    const { packetsAtGap, packets } = this.peer(side)
    return packetsAtGap === packets
  }

  /** True if one side alone was captured. */
  get isHalf(): boolean {
    return this.stream.flow.unheard !== -1
  }

  /** True while a direction waits for bytes that the other one acknowledges, or that are passed over. */
  get isWaiting(): boolean {
    return this.stream.flow.waitingAt >= 0
  }

  /** True if bytes are missing, or seem to be: one direction waits for them while the other goes on. */
  get missesBytes(): boolean {
    return this.hasUnknown || this.missesPackets
  }

  /** True if whole packets may be missing; those that a snap length cut were seen to come. */
  get missesPackets(): boolean {
    return this.hasGap || this.isWaiting
  }

  /** True if nothing is missing so far. Some connections begin with their CONNECT although no SYN was seen of them. */
  get isGapless(): boolean {
    return !this.missesBytes && (!this.stream.midStream || this.connect === this.firstPacket)
  }

  /** True if the session began with this connection: it has no messages and no subscriptions from before. */
  get isNew(): boolean {
    return this.isComplete && (this.clean === true || this.sessionPresent === false)
  }

  /** True if every subscription of the session was seen to be made. */
  get knowsSubscriptions(): boolean {
    return (this.isNew || (this.isComplete && this.resumedKnown)) && this.session.omitted === 0
  }

  peer(side: Side): Peer {
    return side === 0 ? this.peer0 : this.peer1
  }

  /** Seconds of silence the client is allowed; 0 for no limit, undefined where nothing tells. */
  get allowedSilence(): number | undefined {
    return this.serverKeepAlive ?? (this.isOfferCut ? undefined : this.keepAlive)
  }

  /** True if the broker is to keep the session beyond the connection. */
  get isKept(): boolean {
    if (this.version === 5) return (this.expiry ?? 0) > 0
    return this.clean === false
  }
}

/**
 * True if `connection` takes the client id of `before`, which stands, or which its broker ended after the CONNECT of
 * `connection` had come: brokers close the old connection before they answer the new one ([MQTT-3.1.4-2], 5.0 [MQTT-3.1.4-3]).
 */
export function isTakenOver(before: Connection, connection: Connection): boolean {
  if (before === connection || connection.connect === 0) return false
  return before.ending === undefined || (before.ending.by === 'server' && before.ending.time >= connection.start)
}

/** Returns the connection that stands on `stream`; undefined if there is none. */
export const connectionOn = ({ connection }: Stream): Connection | undefined =>
  connection instanceof Connection ? connection : undefined
