/**
 * Follows every connection: which packets answer each other, what the session agreed on, how it ended. It stands
 * between the pipeline and the exporters and adds to each record what is known as of that packet.
 */

import { AgedMap } from '../base/aged.ts'
import type { FlowEnd, Frame } from '../base/line.ts'
import { Strings } from '../base/strings.ts'
import { Slot } from '../mqtt/fields.ts'
import type { Foreign } from '../mqtt/foreign.ts'
import { AUTH, CONNACK, CONNECT, DISCONNECT, PUBLISH, SUBACK, SUBSCRIBE, UNSUBACK, UNSUBSCRIBE } from '../mqtt/spec.ts'
import type { Damage, Finding, PacketRecord, PlacedFinding, RecordSink, Side, Stream } from '../store/record.ts'
import { Connection, connectionOn } from './connection.ts'
import { Details } from './details.ts'
import { isMisdirected } from './direction.ts'
import { type Event, type Exchange, Role } from './exchange/exchange.ts'
import { ExchangePool } from './exchange/pool.ts'
import type { Message } from './fanout/message.ts'
import { type RuleFinding, ruleFinding } from './finding.ts'
import {
  learnConnack,
  learnConnect,
  learnDisconnect,
  learnSuback,
  learnSubscribe,
  learnUnsuback,
  learnUnsubscribe,
} from './learn.ts'
import type { Rule } from './rules.ts'

/** Sessions that are over, remembered by client id to link reconnects; beyond it the one that ended first is forgotten. */
export const MOST_CLIENTS = 20_000

/** What the checks are given with each packet; one object, reused. `connection` is as it was before the packet. */
export interface Context {
  record: PacketRecord
  connection: Connection
  role: Role
  /** Only of packets that open, change and end sessions. */
  details: Details | undefined
  /** Seconds since the capture began. */
  time: number
}

/** Findings of rules, as they are made: see `rules/`. */
export interface Checks {
  packet(context: Context, tracker: Tracker): void
  /** An exchange is no longer open; its object is used again afterwards. */
  exchange(exchange: Exchange, connection: Connection, tracker: Tracker): void
  /** Both sides of the connection have ended. */
  ended(connection: Connection, tracker: Tracker): void
  /** Bytes of the connection are missing or could not be read. */
  gap?(connection: Connection, size: number, tracker: Tracker): void
  /** No more packets. */
  finish?(tracker: Tracker): void
}

/** Hears of what the tracker makes out, beside the records. */
export interface TrackerSink extends RecordSink {
  ruleFinding?(finding: RuleFinding): void
  /** Its object is used again afterwards. */
  exchange?(exchange: Exchange, connection: Connection): void
  connection?(connection: Connection): void
  /** Nothing more will be tied to it. */
  message?(message: Message): void
}

const NONE: readonly Finding[] = []
const DETAILED: readonly boolean[] = Array.from({ length: 16 }, (_, type) =>
  [CONNECT, CONNACK, SUBSCRIBE, SUBACK, UNSUBSCRIBE, UNSUBACK, DISCONNECT, AUTH].includes(type),
)
const DUP_FLAG = 0x08
const encoder = new TextEncoder()

export class Tracker implements RecordSink {
  readonly topics = new Strings()
  readonly pool: ExchangePool
  /** Sessions so far. */
  count = 0
  /** Seconds since the capture began of what is being looked at. */
  now = 0
  private readonly next: TrackerSink
  private readonly checks: Checks
  private readonly live = new Map<Stream, Connection>()
  /** The session of each client id whose connection stands, and the last one of those whose connection is over. */
  private readonly present = new Map<string, Connection>()
  private readonly past = new AgedMap<string, Connection>()
  private readonly role = new Role()
  private readonly event = new CurrentEvent()
  private context: Context | undefined = undefined
  private seconds = Number.NaN
  private nanos = 0
  private number = 0
  private findings: Finding[] = []

  constructor(next: TrackerSink, checks: Checks) {
    this.next = next
    this.checks = checks
    this.pool = new ExchangePool((exchange, connection) => this.exchangeEnded(exchange, connection))
  }

  begin(first: Frame): void {
    this.seconds = first.seconds
    this.nanos = first.nanos
    this.next.begin?.(first)
  }

  packet(record: PacketRecord): void {
    this.now = this.timeOf(record.raw.frame)
    this.number = record.number
    const connection = connectionOn(record.stream) ?? this.begins(record)
    const details = DETAILED[record.type] === true ? Details.of(record) : undefined
    this.fill(record)
    connection.open.track(this.event, this.role)
    this.check(record, connection, details)
    if (details !== undefined) this.learn(connection, record, details)
    this.tally(connection, record)
    record.exchange = this.role.exchange === undefined ? undefined : this.role
    record.ruleFindings = this.findings.length === 0 ? NONE : this.findings
    if (this.findings.length > 0) this.findings = []
    this.number = 0
    this.next.packet(record)
  }

  gap(stream: Stream, side: Side, size: number, frame: Frame): void {
    this.lose(stream, size, frame)
    this.next.gap(stream, side, size, frame)
  }

  skipped(stream: Stream, side: Side, size: number, frame: Frame, foreign: Foreign): void {
    this.lose(stream, size, frame)
    this.next.skipped(stream, side, size, frame, foreign)
  }

  damage(damage: Damage): void {
    this.next.damage(damage)
  }

  finding(finding: PlacedFinding): void {
    this.next.finding?.(finding)
  }

  ended(stream: Stream, side: Side, how: FlowEnd, frame: Frame): void {
    this.now = this.timeOf(frame)
    const connection = this.live.get(stream)
    if (connection !== undefined) this.endSide(connection, side, how)
    this.next.ended?.(stream, side, how, frame)
  }

  /** A finding: on the packet at hand with it, on an earlier one as a record of its own. */
  report(rule: Rule, connection: Connection, packet: number, message: string, offset = 0): void {
    const found = ruleFinding(rule, connection, packet, message, offset)
    this.next.ruleFinding?.(found)
    if (packet === this.number) this.findings.push(found)
    else this.next.finding?.({ ...found, stream: connection.stream })
  }

  /** A message and its copies, once no more of them are looked for. */
  messageDone(message: Message): void {
    this.next.message?.(message)
  }

  /** The session that has this client id now or had it last. */
  connectionOf(clientId: string): Connection | undefined {
    return this.present.get(clientId) ?? this.past.get(clientId)
  }

  /** The connection that stands on this stream. */
  connectionOn(stream: Stream): Connection | undefined {
    return this.live.get(stream)
  }

  /** The connection before `connection` of the same client at the same broker. */
  earlier(connection: Connection): Connection | undefined {
    const before = this.connectionOf(connection.clientId ?? '')
    return before === undefined || before === connection || !isSameBroker(before, connection) ? undefined : before
  }

  /** Sessions whose connection stands. */
  get connected(): Iterable<Connection> {
    return this.live.values()
  }

  /** A RST is told later than it comes. */
  private sinceBegin(unix: number): number {
    return unix - this.seconds - this.nanos / 1e9
  }

  private timeOf(frame: Frame): number {
    if (Number.isNaN(this.seconds)) {
      this.seconds = frame.seconds
      this.nanos = frame.nanos
    }
    return frame.seconds - this.seconds + (frame.nanos - this.nanos) / 1e9
  }

  private begins(record: PacketRecord): Connection {
    const connection = new Connection(++this.count, record.stream, this.pool, this.now, record.number)
    connection.version = record.version
    this.live.set(record.stream, connection)
    record.stream.connection = connection
    return connection
  }

  private lose(stream: Stream, size: number, frame: Frame): void {
    const connection = this.live.get(stream)
    if (connection === undefined) return
    this.now = this.timeOf(frame)
    this.checks.gap?.(connection, size, this)
    connection.hasGap = true
  }

  private fill(record: PacketRecord): void {
    const { event } = this
    const { packet, type } = record
    const first = packet.has(Slot.flags) ? packet.value(Slot.flags) : 0
    event.number = record.number
    event.time = this.now
    event.type = type
    event.side = record.side
    event.id = packet.has(Slot.packetId) ? packet.value(Slot.packetId) : 0
    event.qos = type === PUBLISH ? (first >> 1) & 3 : 0
    event.dup = type === PUBLISH && (first & DUP_FLAG) !== 0
    event.code = packet.has(Slot.reason) ? packet.value(Slot.reason) : 0
    event.topic = packet.has(Slot.topic) && event.id > 0 ? this.internTopic(record) : -1
    event.fingerprint =
      event.topic * 31 + (packet.has(Slot.payload) ? packet.end(Slot.payload) - packet.start(Slot.payload) : 0)
  }

  /** Id of the topic of a PUBLISH, or of what its alias stands for; -1 for none. */
  topicOf(record: PacketRecord): number {
    if (this.event.topic >= 0) return this.event.topic
    if (record.packet.has(Slot.topic)) return this.internTopic(record)
    const aliases = record.stream.aliasesOf(record.side)
    if (record.aliasTopic === undefined || !aliases?.find(record.packet.value(Slot.alias))) return -1
    return this.topics.intern(aliases.bytes, aliases.start, aliases.end)
  }

  /** Id of a topic by its text. */
  topicNamed(text: string): number {
    const bytes = encoder.encode(text)
    return this.topics.intern(bytes, 0, bytes.length)
  }

  private internTopic(record: PacketRecord): number {
    const { packet, raw } = record
    return this.topics.intern(raw.bytes, packet.start(Slot.topic), packet.end(Slot.topic))
  }

  private check(record: PacketRecord, connection: Connection, details: Details | undefined): void {
    this.context ??= { record, connection, role: this.role, details, time: this.now }
    const { context } = this
    context.record = record
    context.connection = connection
    context.details = details
    context.time = this.now
    this.checks.packet(context, this)
  }

  private learn(connection: Connection, record: PacketRecord, details: Details): void {
    if (isMisdirected(record)) return
    this.teach(connection, record, details)
    connection.review()
  }

  private teach(connection: Connection, record: PacketRecord, details: Details): void {
    switch (record.type) {
      case CONNECT:
        if (connection.connect === 0) learnConnect(connection, record, details)
        return
      case CONNACK:
        learnConnack(connection, record, details, this.now)
        if (connection.connack === record.number) this.accepted(connection)
        return
      case SUBSCRIBE:
        return learnSubscribe(connection, record, details, this.now)
      case SUBACK:
        return learnSuback(connection, this.role.opener, details)
      case UNSUBSCRIBE:
        return learnUnsubscribe(connection, record, details)
      case UNSUBACK:
        return learnUnsuback(connection, this.role.opener)
      case DISCONNECT:
        return learnDisconnect(connection, record, details, this.now)
    }
  }

  /** The client is in: an earlier session of its name ends or goes on (MQTT 5 §3.1.4, §4.4). */
  private accepted(connection: Connection): void {
    const { clientId } = connection
    if (clientId === undefined || clientId === '') return
    const before = this.connectionOf(clientId)
    if (before !== undefined && before !== connection && !isSameBroker(before, connection)) {
      if (!this.live.has(before.stream)) this.abandon(before)
    } else if (before !== undefined && before !== connection) {
      connection.previous = before
      before.previous = undefined
      if (connection.sessionPresent === true) this.resume(before, connection)
      else this.abandon(before)
      if (before.ending === undefined) before.ending = { how: 'takeover', by: 'client', code: -1, time: this.now }
      before.review()
    }
    this.past.delete(clientId)
    this.present.set(clientId, connection)
  }

  /** Its connection is over: it is remembered for a while. */
  private retire(connection: Connection): void {
    const { clientId } = connection
    if (clientId === undefined || this.present.get(clientId) !== connection) return
    this.present.delete(clientId)
    this.past.set(clientId, connection)
    if (this.past.size <= MOST_CLIENTS) return
    const forgotten = this.past.takeOldest()
    if (forgotten === undefined) return
    this.pool.isDropping = true
    this.abandon(forgotten)
    this.pool.isDropping = false
  }

  /** Unfinished messages and subscriptions live on in the session, not in the connection. */
  private resume(before: Connection, connection: Connection): void {
    connection.inheritsKnown = before.knowsSubscriptions
    for (const exchange of before.open.all()) {
      if (!exchange.isMessage) continue
      const byClient = exchange.side === before.clientSide
      const client = connection.clientSide === -1 ? 0 : connection.clientSide
      before.peer(exchange.side).inFlight--
      connection.open.adopt(exchange, byClient ? client : client === 0 ? 1 : 0)
      connection.peer(exchange.side).inFlight++
    }
    this.abandon(before)
    for (const subscription of before.subscriptions.values()) connection.subscribe(subscription)
  }

  private abandon(connection: Connection, which: (exchange: Exchange) => boolean = () => true): void {
    for (const exchange of connection.open.all()) if (which(exchange)) this.pool.release(exchange, 'abandoned')
  }

  private tally(connection: Connection, record: PacketRecord): void {
    const peer = connection.peer(record.side)
    peer.packets++
    peer.bytes += record.raw.end - record.raw.start
    if (record.type === PUBLISH) peer.publishes++
    peer.lastTime = this.now
    peer.lastType = record.type
    peer.lastPacket = record.number
    const { name: role, exchange } = this.role
    if ((role !== 'opener' && role !== 'reuse') || exchange === undefined) return
    if (!exchange.isMessage) return
    if (++peer.inFlight > peer.mostInFlight) peer.mostInFlight = peer.inFlight
  }

  private exchangeEnded(exchange: Exchange, connection: Connection | undefined): void {
    if (connection === undefined) return
    if (exchange.isMessage) connection.peer(exchange.side).inFlight--
    this.checks.exchange(exchange, connection, this)
    this.next.exchange?.(exchange, connection)
  }

  private endSide(connection: Connection, side: Side, how: FlowEnd): void {
    connection.peer(side).ended = how
    connection.ending ??= {
      how,
      by: how === 'fin' ? connection.stream.senderOf(side) : 'unknown',
      code: -1,
      time: how === 'rst' ? this.sinceBegin(connection.stream.flow.resetTime) : this.now,
    }
    if (connection.peer(side === 0 ? 1 : 0).ended === undefined) return
    this.end(connection)
  }

  /** A will that was not taken back is due, unless the capture ended before the connection did. */
  private end(connection: Connection): void {
    this.live.delete(connection.stream)
    connection.stream.connection = undefined
    const how = connection.peer(0).ended
    if (connection.will?.state === 'stored' && how !== 'capture' && connection.connack > 0)
      connection.will.state = 'due'
    const isForgotten = this.present.get(connection.clientId ?? '') !== connection
    const isLast = how === 'capture' || how === 'evicted' || !connection.isKept || isForgotten
    this.abandon(connection, exchange => isLast || !exchange.isMessage)
    this.checks.ended(connection, this)
    this.next.connection?.(connection)
    this.retire(connection)
  }

  /** After the last record: what still waits for a reconnect will not see one. */
  finish(): void {
    for (const connection of this.past.values()) this.abandon(connection)
    for (const connection of this.present.values()) this.abandon(connection)
    this.checks.finish?.(this)
  }
}

/** The same client id at another broker is another client. */
const isSameBroker = (a: Connection, b: Connection): boolean => brokerHost(a) === brokerHost(b)
const brokerHost = (connection: Connection): string => connection.stream.flow.host(connection.clientSide === 1 ? 0 : 1)

class CurrentEvent implements Event {
  number = 0
  time = 0
  type = 0
  side: Side = 0
  id = 0
  qos = 0
  dup = false
  code = 0
  fingerprint = 0
  topic = -1
}
