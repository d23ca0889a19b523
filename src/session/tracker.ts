/**
 * Follows every connection: which packets answer each other, what both sides agreed on, how it ended. It stands
 * between the pipeline and the exporters and adds to each record what is known as of that packet.
 */

import { type FlowEnd, type Frame, timeOf as timeOfFrame } from '../base/line.ts'
import { Steps } from '../base/steps.ts'
import { Strings } from '../base/strings.ts'
import { Slot } from '../mqtt/fields.ts'
import { AUTH, CONNACK, CONNECT, DISCONNECT, PUBLISH, SUBACK, SUBSCRIBE, UNSUBACK, UNSUBSCRIBE } from '../mqtt/spec.ts'
import { otherSide } from '../net/flow.ts'
import {
  type Damage,
  type Finding,
  type PacketRecord,
  type PlacedFinding,
  type RecordSink,
  type Side,
  type Stream,
  WHOLE,
} from '../store/record.ts'
import type { Foreign } from '../transport/recognise.ts'
import { circumstancesOf } from './circumstances.ts'
import { Clients } from './clients.ts'
import { ClockStep } from './clock-step.ts'
import { Connection, type ConnectionHost, connectionOn, type Peer } from './connection.ts'
import { Details } from './details.ts'
import { internTopic, PacketEvent } from './event.ts'
import { type Exchange, Role } from './exchange/exchange.ts'
import { ExchangePool } from './exchange/pool.ts'
import type { Message } from './fanout/message.ts'
import { type Expiry, type RuleFinding, ruleFinding } from './finding.ts'
import { learn } from './learn.ts'
import { type Rule, ruleLevel } from './rules.ts'
import { Nodes } from './sparkplug/nodes.ts'

/** What the checks are given with each packet; one object, reused. `connection` is as it was before the packet. */
export interface Context {
  record: PacketRecord
  connection: Connection
  role: Role
  /** Only of packets that open, change and end connections. */
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
  gap?(connection: Connection, side: Side, size: number, tracker: Tracker): void
  /** No more packets. */
  finish?(tracker: Tracker): void
}

/** Receives what the tracker makes out, beside the records. */
export interface TrackerSink extends RecordSink {
  ruleFinding?(finding: RuleFinding): void
  /** Its object is used again afterwards. */
  exchange?(exchange: Exchange, connection: Connection): void
  connection?(connection: Connection): void
  /** The client was silent for longer than its keep alive allows. Comes with the packet or the end that shows it, later than its time. */
  expired?(expiry: Expiry): void
  /** Nothing more will be tied to it. */
  message?(message: Message): void
}

const NONE: readonly Finding[] = []
const DETAILED: readonly boolean[] = Array.from({ length: 16 }, (_, type) =>
  [CONNECT, CONNACK, SUBSCRIBE, SUBACK, UNSUBSCRIBE, UNSUBACK, DISCONNECT, AUTH].includes(type),
)
/** Seconds that a packet takes to come before it is noted as large. */
const LARGE_SECONDS = 1
const encoder = new TextEncoder()

export class Tracker implements RecordSink, ConnectionHost {
  readonly topics = new Strings()
  readonly pool = new ExchangePool()
  /** Edge nodes of Sparkplug B. */
  readonly nodes = new Nodes()
  /** What the clock of the capture showed, and what has passed: all times here are of the second kind. */
  readonly steps = new Steps()
  /** Connections so far. */
  count = 0
  /** Seconds since the capture began of what is being looked at. */
  now = 0
  private readonly next: TrackerSink
  private readonly checks: Checks
  private readonly standing = new Set<Connection>()
  private readonly clients = new Clients(this.pool)
  private readonly clockStep = new ClockStep(this)
  private readonly role = new Role()
  private readonly event = new PacketEvent()
  private context: Context | undefined = undefined
  private seconds = Number.NaN
  private nanos = 0
  private number = 0
  private findings: Finding[] = []

  constructor(next: TrackerSink, checks: Checks) {
    this.next = next
    this.checks = checks
  }

  begin(first: Frame): void {
    this.seconds = first.seconds
    this.nanos = first.nanos
    this.next.begin?.(first)
  }

  paused(from: number, frame: Frame): void {
    this.timeOf(frame)
    this.clockStep.pause(this.shownAt(from), this.shownAt(timeOfFrame(frame)))
  }

  packet(record: PacketRecord): void {
    this.clockStep.packet(record)
    this.now = this.timeOf(record.raw.frame)
    this.number = record.number
    const connection = connectionOn(record.stream) ?? this.startConnection(record)
    const details = DETAILED[record.type] === true ? Details.of(record) : undefined
    this.event.read(record, this.now, this.topics)
    if (this.event.isUnknown || (details !== undefined && record.isCut)) connection.hasUnknown = true
    if (this.event.isUnknown) this.role.clear()
    else connection.open.track(this.event, this.role)
    this.check(record, connection, details)
    if (details !== undefined) this.learn(record, connection, details)
    this.tally(connection, record)
    record.exchange = this.role.exchange === undefined ? undefined : this.role
    record.ruleFindings = this.findings.length === 0 ? NONE : this.findings
    if (this.findings.length > 0) this.findings = []
    this.number = 0
    this.next.packet(record)
  }

  gap(stream: Stream, side: Side, size: number, frame: Frame): void {
    this.lose(stream, side, size, frame)
    this.next.gap(stream, side, size, frame)
  }

  skipped(stream: Stream, side: Side, size: number, frame: Frame, foreign: Foreign): void {
    this.lose(stream, side, size, frame)
    this.next.skipped(stream, side, size, frame, foreign)
  }

  damage(damage: Damage): void {
    this.next.damage(damage)
  }

  sealed(stream: Stream, frame: Frame): void {
    this.next.sealed?.(stream, frame)
  }

  finding(finding: PlacedFinding): void {
    this.next.finding?.(finding)
  }

  ended(stream: Stream, side: Side, how: FlowEnd, frame: Frame): void {
    const connection = connectionOn(stream)
    if (connection !== undefined) this.clockStep.ended(connection, side, how)
    this.now = this.timeOf(frame)
    if (connection !== undefined) this.endSide(connection, side, how)
    else stream.endedEarly ??= { side, how }
    this.next.ended?.(stream, side, how, frame)
  }

  /** A finding: on the packet at hand with it, on an earlier one as a record of its own. */
  report(rule: Rule, connection: Connection, packet: number, message: string, offset = WHOLE): void {
    const found = ruleFinding(rule, connection, packet, message, offset)
    this.next.ruleFinding?.(found)
    if (packet === this.number) this.findings.push(found)
    else this.next.finding?.({ ...found, stream: connection.stream })
  }

  /** A finding on an earlier packet that became true at `time`, in seconds since the capture began. */
  reportAt(time: number, rule: Rule, connection: Connection, packet: number, message: string): void {
    const found = { ...ruleFinding(rule, connection, packet, message), time: this.steps.shown(time) }
    this.next.ruleFinding?.(found)
    this.next.finding?.({ ...found, stream: connection.stream })
  }

  /** The keep alive ran out at `time`, in seconds since the capture began; `rule` is the finding that was made of it. */
  expired(rule: Rule, connection: Connection, time: number): void {
    this.next.expired?.({ connection, time: this.steps.shown(time), level: ruleLevel(rule, connection.version) })
  }

  /** A message and its copies, once no more of them are looked for. */
  messageDone(message: Message): void {
    this.next.message?.(message)
  }

  /** Returns the connection that has this client id now, or had it last. */
  connectionOf(clientId: string): Connection | undefined {
    return this.clients.find(clientId)
  }

  /** Returns the connection that stands on this stream. */
  connectionOn(stream: Stream): Connection | undefined {
    return connectionOn(stream)
  }

  /** Returns the connection before `connection` of the same client at the same broker. */
  before(connection: Connection): Connection | undefined {
    return this.clients.before(connection)
  }

  /** Connections that stand. */
  get connected(): Iterable<Connection> {
    return this.standing.values()
  }

  /** Returns the seconds since the capture began at which the packet at hand began, where it came in several runs. */
  startOf({ raw }: PacketRecord): number {
    return Number.isNaN(raw.began) ? this.now : this.sinceBegin(raw.began)
  }

  /** Returns the seconds since the capture began of the last segment with which this side only acknowledged. */
  lastAck({ stream }: Connection, side: Side): number {
    return this.sinceBegin(stream.flow.ackTime(side))
  }

  /** Returns the seconds since the capture began of a Unix time: a RST is reported later than it comes. */
  private sinceBegin(unix: number): number {
    return this.steps.passed(this.shownAt(unix))
  }

  private shownAt(unix: number): number {
    return unix - this.seconds - this.nanos / 1e9
  }

  /** Returns the seconds without any frame in a silence that began at `since`: a step of the clock, maybe. */
  pauseSince(since: number): number {
    return this.clockStep.pauseSince(since)
  }

  private timeOf(frame: Frame): number {
    if (Number.isNaN(this.seconds)) {
      this.seconds = frame.seconds
      this.nanos = frame.nanos
    }
    return this.steps.passed(frame.seconds - this.seconds + (frame.nanos - this.nanos) / 1e9)
  }

  private startConnection(record: PacketRecord): Connection {
    const connection = new Connection(this, ++this.count, record.stream, this.now, record.number)
    connection.version = record.version
    this.standing.add(connection)
    record.stream.connection = connection
    // A packet that waited behind a hole may come when the other side has ended.
    const { endedEarly } = record.stream
    if (endedEarly !== undefined) connection.peer(endedEarly.side).ended = endedEarly.how
    return connection
  }

  private lose(stream: Stream, side: Side, size: number, frame: Frame): void {
    const connection = connectionOn(stream)
    if (connection === undefined) return
    this.clockStep.lost(connection)
    this.now = this.timeOf(frame)
    this.checks.gap?.(connection, side, size, this)
    connection.loseBytes(side, this.now)
  }

  /** Id of the topic of a PUBLISH, or of what its alias stands for; -1 for none. */
  topicOf(record: PacketRecord): number {
    if (this.event.topic >= 0) return this.event.topic
    if (record.packet.has(Slot.topic)) return internTopic(record, this.topics)
    const aliases = record.stream.aliasesOf(record.side)
    if (record.aliasTopic === undefined || !aliases?.find(record.packet.value(Slot.alias))) return -1
    return this.topics.intern(aliases.bytes, aliases.start, aliases.end)
  }

  /** Id of a topic by its text. */
  topicNamed(text: string): number {
    const bytes = encoder.encode(text)
    return this.topics.intern(bytes, 0, bytes.length)
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

  private learn(record: PacketRecord, connection: Connection, details: Details): void {
    learn(connection, record, details, this.now, this.role.opener)
    if (connection.connack === record.number) this.clients.accept(connection, this.now)
  }

  private tally(connection: Connection, record: PacketRecord): void {
    const peer = connection.peer(record.side)
    peer.packets++
    peer.bytes += record.raw.end - record.raw.start
    peer.lastTime = this.now
    peer.lastType = record.type
    peer.lastPacket = record.number
    if (record.raw.began > 0) this.noteLarge(peer, record)
    if (record.type !== PUBLISH) return
    peer.publishes++
    if (this.role.exchange !== undefined) connection.count(this.role.exchange)
  }

  /** Its bytes took a while to come. */
  private noteLarge(peer: Peer, { raw, number, type }: PacketRecord): void {
    const start = this.sinceBegin(raw.began)
    if (this.now - start < LARGE_SECONDS) return
    peer.large = { packet: number, type, size: raw.end - raw.start, start, end: this.now }
  }

  exchangeEnded(exchange: Exchange, connection: Connection): void {
    this.checks.exchange(exchange, connection, this)
    this.next.exchange?.(exchange, connection)
  }

  private endSide(connection: Connection, side: Side, how: FlowEnd): void {
    const { flow } = connection.stream
    const other = otherSide(side)
    connection.peer(side).ended = how
    if (connection.ending === undefined && connection.clientSide !== -1)
      connection.lastAck = this.lastAck(connection, connection.clientSide)
    const isLast = connection.peer(other).ended !== undefined
    // Where the other side has closed, too, and waits for bytes that are missing, its DISCONNECT may be among them.
    if (isLast || how !== 'fin' || !flow.hasFin(other)) this.closedBy(connection, side, how)
    if (isLast) this.end(connection)
  }

  private closedBy(connection: Connection, side: Side, how: FlowEnd): void {
    if (connection.ending !== undefined) return
    const { stream } = connection
    const { rare, firstFin } = stream.flow
    const { resetTime, resetSide } = rare
    const time = how === 'rst' ? this.sinceBegin(resetTime) : this.now
    // The side that closed first may end last: its FIN waits behind missing bytes.
    const closer = how === 'fin' ? (firstFin === -1 ? side : firstFin) : how === 'rst' ? resetSide : -1
    const by = closer === -1 ? 'unknown' : stream.senderOf(closer)
    const circumstances = how === 'fin' || how === 'rst' ? { circumstances: circumstancesOf(connection, time) } : {}
    connection.ending = { how, by, code: -1, time, shown: this.steps.shown(time), ...circumstances }
  }

  /** A will that was not taken back is due, unless the capture ended before the connection did. */
  private end(connection: Connection): void {
    this.standing.delete(connection)
    connection.stream.connection = undefined
    const how = connection.peer(0).ended
    if (connection.will?.state === 'stored' && connection.connack > 0 && isOver(connection))
      connection.will.state = 'due'
    const isForgotten =
      how === 'capture' || how === 'evicted' || !connection.isKept || !this.clients.isLatest(connection)
    connection.open.abandon(exchange => isForgotten || !exchange.isMessage)
    this.checks.ended(connection, this)
    this.next.connection?.(connection)
    this.clients.retire(connection)
  }

  /** After the last record. */
  finish(): void {
    this.clients.finish()
    this.checks.finish?.(this)
  }
}

/** True if the connection ended before the capture did: one side that closes, or a broker that says so, is enough. */
const isOver = (connection: Connection): boolean =>
  connection.peer(0).ended !== 'capture' || connection.peer(1).ended !== 'capture' || connection.ending?.by === 'server'
