/** One MQTT connection from CONNECT to its end, as far as the capture shows it. */
import type { FlowEnd } from '../base/line.ts'
import type { Version } from '../mqtt/spec.ts'
import type { Side, Stream } from '../store/record.ts'
import type { ConnectionFact } from '../store/stream.ts'
import type { EndingKind, Sender } from '../store/vocabulary.ts'
import type { Exchange, ExchangeOwner } from './exchange/exchange.ts'
import { OpenExchanges } from './exchange/open.ts'
import type { ExchangePool } from './exchange/pool.ts'
import { RuleState } from './rule-state.ts'
import { Session, type Subscription } from './session.ts'

/** Unanswered requests remembered of a session: as many as a client has packet ids. */
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

/** How a session ended. */
export interface Ending {
  readonly how: EndingKind
  /** Who ended it, where the wire shows it. */
  readonly by: Sender
  /** Reason code of the DISCONNECT or of the refusing CONNACK; -1 for none. */
  readonly code: number
  readonly time: number
}

/** Of one side: what it has sent and what it asks of the other. */
export class Peer {
  packets = 0
  bytes = 0
  publishes = 0
  /** Time and number of its last packet. */
  lastTime = Number.NaN
  lastPacket = 0
  /** QoS 1 and 2 messages it has sent that are not acknowledged, and the most there were. */
  inFlight = 0
  mostInFlight = 0
  /** What the other side may do (MQTT 5 §3.1.2.11, §3.2.2.3). */
  receiveMaximum = 65_535
  aliasMaximum = 0
  maximumPacketSize = Number.POSITIVE_INFINITY
  /** What the last packet was; 0 before the first one. */
  lastType = 0
  /** Sent DISCONNECT: nothing may follow. */
  disconnected = false
  ended: FlowEnd | undefined = undefined
}

/** Who follows connections, as they know it: the tracker. */
export interface ConnectionHost {
  /** Exchanges of all its connections. */
  readonly pool: ExchangePool
  /** Called when an exchange of `connection` is no longer open; its object is used again afterwards. */
  exchangeEnded(exchange: Exchange, connection: Connection): void
}

export class Connection implements ConnectionFact, ExchangeOwner {
  // What is read for every packet stands first.
  readonly stream: Stream
  readonly open: OpenExchanges
  /** Nothing is to be looked at in each packet but the packet itself: see `review`. */
  isPlain = false
  private readonly host: ConnectionHost
  private readonly peer0 = new Peer()
  private readonly peer1 = new Peer()
  /** From 1, in order of appearance. */
  readonly number: number
  /** Of the first packet seen. */
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
  /** Silence of the client that deserves a look, in seconds; no number reaches it where nothing was agreed on. */
  quiet = Number.POSITIVE_INFINITY
  serverKeepAlive: number | undefined = undefined
  clean: boolean | undefined = undefined
  sessionPresent: boolean | undefined = undefined
  /** Seconds the broker keeps the session after the connection; undefined where nothing tells. */
  expiry: number | undefined = undefined
  /** What the CONNECT asked for, whatever the broker made of it; 0 where it asked for nothing. */
  askedExpiry = 0
  authMethod: string | undefined = undefined
  /** Of the CONNECT (MQTT 5 §3.1.2.11.6, §3.1.2.11.7). */
  wantsResponseInformation = false
  wantsProblems = true
  /** What the broker offers (MQTT 5 §3.2.2.3). */
  maximumQos = 2
  retainAvailable = true
  wildcardAvailable = true
  identifiersAvailable = true
  sharedAvailable = true
  will: Will | undefined = undefined
  /** Time of the last SUBSCRIBE. */
  subscribed = Number.NaN
  /** The first packet of the client that is malformed, and when it came. */
  malformed = 0
  malformedTime = Number.NaN
  ending: Ending | undefined = undefined
  /** The session it resumed is one all of whose subscriptions were seen to be made. */
  private resumedKnown = false
  private sessionNow = Session.NONE
  // Many connections are held, and most of them have none of these: made when first used.
  private requests: Map<number, readonly string[]> | undefined = undefined
  private ruleStateSoFar: RuleState | undefined = undefined
  /** The connection before it of the same client, until the next one comes. */
  previous: Connection | undefined = undefined
  /** Bytes are missing somewhere: what was not seen may have been there. */
  hasGap = false

  constructor(host: ConnectionHost, number: number, stream: Stream, start: number, firstPacket: number) {
    this.host = host
    this.number = number
    this.stream = stream
    this.open = new OpenExchanges(host.pool, this)
    this.start = start
    this.firstPacket = firstPacket
  }

  /** The whole conversation was there to see, so that what was not seen was not sent. */
  get isComplete(): boolean {
    return this.connect > 0 && this.isGapless
  }

  /** True while it is the connection on its stream: it has not ended. */
  get stands(): boolean {
    return this.stream.connection === this
  }

  /** What outlives it, as of its last packet. */
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
    const asked = this.sessionNow.subscriptions
    this.resumedKnown = before.knowsSubscriptions
    this.sessionNow = before.session.shared()
    // A client may subscribe before its CONNACK comes.
    for (const [filter, subscription] of asked)
      if (!this.session.subscriptions.has(filter)) this.subscribe(subscription)
    for (const exchange of before.open.all()) if (exchange.isMessage) this.adopt(exchange, before)
  }

  private adopt(exchange: Exchange, before: Connection): void {
    const client = this.clientSide === -1 ? 0 : this.clientSide
    const byClient = exchange.side === before.clientSide
    before.peer(exchange.side).inFlight--
    this.open.adopt(exchange, byClient ? client : client === 0 ? 1 : 0)
    this.peer(exchange.side).inFlight++
  }

  exchangeEnded(exchange: Exchange): void {
    if (exchange.isMessage) this.peer(exchange.side).inFlight--
    this.host.exchangeEnded(exchange, this)
  }

  /** Remembers the filters of a SUBSCRIBE or UNSUBSCRIBE until it is answered. */
  ask(packet: number, filters: readonly string[]): void {
    this.requests ??= new Map()
    if (this.requests.size < MOST_REQUESTS) this.requests.set(packet, filters)
  }

  /** The filters of the SUBSCRIBE or UNSUBSCRIBE in this packet, as long as it waits for its answer. */
  asked(packet: number): readonly string[] | undefined {
    return this.requests?.get(packet)
  }

  answered(packet: number): void {
    this.requests?.delete(packet)
  }

  /** What was learnt may concern the packets that follow. */
  review(): void {
    const { peer0, peer1 } = this
    const isLimited = Math.min(peer0.maximumPacketSize, peer1.maximumPacketSize) < Number.POSITIVE_INFINITY
    const isEnding = peer0.disconnected || peer1.disconnected || this.ending !== undefined
    this.isPlain = this.connack > 0 && !isLimited && !isEnding && this.wantsProblems && this.malformed === 0
  }

  /** What the rules keep in mind. */
  get ruleState(): RuleState {
    this.ruleStateSoFar ??= new RuleState()
    return this.ruleStateSoFar
  }

  /** The connection is over, and the rules with it. */
  dropRuleState(): void {
    this.ruleStateSoFar = this.requests = undefined
  }

  get clientSide(): Side | -1 {
    return this.stream.client
  }

  /** Bytes are missing, or seem to be: one direction waits for them while the other goes on. */
  get missesBytes(): boolean {
    return this.hasGap || this.stream.flow.waitingAt >= 0
  }

  /** Nothing is missing so far. No SYN was seen of some connections that begin with their CONNECT all the same. */
  get isGapless(): boolean {
    return !this.missesBytes && (!this.stream.midStream || this.connect === this.firstPacket)
  }

  /** The session began with this connection: it brought no messages and no subscriptions from before. */
  get isNew(): boolean {
    return this.isComplete && (this.clean === true || this.sessionPresent === false)
  }

  /** Every subscription it has was seen to be made. */
  get knowsSubscriptions(): boolean {
    return (this.isNew || (this.isComplete && this.resumedKnown)) && this.session.omitted === 0
  }

  peer(side: Side): Peer {
    return side === 0 ? this.peer0 : this.peer1
  }

  /** Seconds of silence the client is allowed; 0 for no limit, undefined where nothing tells. */
  get allowedSilence(): number | undefined {
    return this.serverKeepAlive ?? this.keepAlive
  }

  /** Whether the broker is to keep the session beyond the connection. */
  get isKept(): boolean {
    if (this.version === 5) return (this.expiry ?? 0) > 0
    return this.clean === false
  }
}

/** Returns the connection that stands on `stream`; undefined if there is none. */
export const connectionOn = ({ connection }: Stream): Connection | undefined =>
  connection instanceof Connection ? connection : undefined
