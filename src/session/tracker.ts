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
import type { Damage, LateRemark, PacketRecord, RecordSink, Remark, Side, Stream } from '../store/record.ts'
import { Details } from './details.ts'
import { isMisdirected } from './direction.ts'
import { type Event, type Exchange, Part } from './exchange/exchange.ts'
import { ExchangePool } from './exchange/pool.ts'
import type { Message } from './fanout/message.ts'
import { type Finding, finding } from './finding.ts'
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
import { Session } from './session.ts'

/** Sessions that are over, remembered by client id to link reconnects; beyond it the one that ended first is forgotten. */
export const MOST_CLIENTS = 20_000

/** What the checks are given with each packet; one object, reused. `session` is as it was before the packet. */
export interface Context {
  record: PacketRecord
  session: Session
  part: Part
  /** Only of packets that open, change and end sessions. */
  details: Details | undefined
  /** Seconds since the capture began. */
  time: number
}

/** Remarks on behaviour, as they are made: see `rules/`. */
export interface Checks {
  packet(context: Context, tracker: Tracker): void
  /** An exchange is no longer open; its object is used again afterwards. */
  exchange(exchange: Exchange, session: Session, tracker: Tracker): void
  /** Both sides of the connection have ended. */
  ended(session: Session, tracker: Tracker): void
  /** Bytes of the connection are missing or could not be read. */
  gap?(session: Session, size: number, tracker: Tracker): void
  /** No more packets. */
  finish?(tracker: Tracker): void
}

/** Hears of what the tracker makes out, beside the records. */
export interface TrackerSink extends RecordSink {
  finding?(finding: Finding): void
  /** Its object is used again afterwards. */
  exchange?(exchange: Exchange, session: Session): void
  session?(session: Session): void
  /** Nothing more will be tied to it. */
  message?(message: Message): void
}

const NONE: readonly Remark[] = []
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
  private readonly live = new Map<Stream, Session>()
  /** The session of each client id whose connection stands, and the last one of those whose connection is over. */
  private readonly present = new Map<string, Session>()
  private readonly past = new AgedMap<string, Session>()
  private readonly part = new Part()
  private readonly event = new CurrentEvent()
  private readonly context: Context
  private seconds = Number.NaN
  private nanos = 0
  private number = 0
  private remarks: Remark[] = []

  constructor(next: TrackerSink, checks: Checks) {
    this.next = next
    this.checks = checks
    this.pool = new ExchangePool((exchange, session) => this.exchangeEnded(exchange, session))
    this.context = { part: this.part, details: undefined, time: 0 } as unknown as Context
  }

  begin(first: Frame): void {
    this.seconds = first.seconds
    this.nanos = first.nanos
    this.next.begin?.(first)
  }

  packet(record: PacketRecord): void {
    this.now = this.timeOf(record.raw.frame)
    this.number = record.number
    const session = (record.stream.followed as Session | undefined) ?? this.begins(record)
    const details = DETAILED[record.type] === true ? Details.of(record) : undefined
    this.fill(record)
    session.open.track(this.event, this.part)
    this.check(record, session, details)
    if (details !== undefined) this.learn(session, record, details)
    this.tally(session, record)
    record.exchange = this.part.exchange === undefined ? undefined : this.part
    record.behaviour = this.remarks.length === 0 ? NONE : this.remarks
    if (this.remarks.length > 0) this.remarks = []
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

  late(remark: LateRemark): void {
    this.next.late?.(remark)
  }

  ended(stream: Stream, side: Side, how: FlowEnd, frame: Frame): void {
    this.now = this.timeOf(frame)
    const session = this.live.get(stream)
    if (session !== undefined) this.endSide(session, side, how)
    this.next.ended?.(stream, side, how, frame)
  }

  /** A remark: on the packet at hand with it, on an earlier one as a record of its own. */
  find(rule: Rule, session: Session, packet: number, message: string, offset = 0): void {
    const found = finding(rule, session, packet, message, offset)
    this.next.finding?.(found)
    if (packet === this.number) this.remarks.push(found)
    else this.next.late?.({ ...found, stream: session.stream })
  }

  /** A message and its copies, once no more of them are looked for. */
  settle(message: Message): void {
    this.next.message?.(message)
  }

  /** The session that has this client id now or had it last. */
  sessionOf(clientId: string): Session | undefined {
    return this.present.get(clientId) ?? this.past.get(clientId)
  }

  /** The session that stands on this connection. */
  sessionOn(stream: Stream): Session | undefined {
    return this.live.get(stream)
  }

  /** The session before `session` of the same client at the same broker. */
  earlier(session: Session): Session | undefined {
    const before = this.sessionOf(session.clientId ?? '')
    return before === undefined || before === session || !isSameBroker(before, session) ? undefined : before
  }

  /** Sessions whose connection stands. */
  get standing(): Iterable<Session> {
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

  private begins(record: PacketRecord): Session {
    const session = new Session(++this.count, record.stream, this.pool, this.now, record.number)
    session.version = record.version
    this.live.set(record.stream, session)
    record.stream.followed = session
    return session
  }

  private lose(stream: Stream, size: number, frame: Frame): void {
    const session = this.live.get(stream)
    if (session === undefined) return
    this.now = this.timeOf(frame)
    this.checks.gap?.(session, size, this)
    session.hasGap = true
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
    event.print =
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

  private check(record: PacketRecord, session: Session, details: Details | undefined): void {
    const { context } = this
    context.record = record
    context.session = session
    context.details = details
    context.time = this.now
    this.checks.packet(context, this)
  }

  private learn(session: Session, record: PacketRecord, details: Details): void {
    if (isMisdirected(record)) return
    this.teach(session, record, details)
    session.review()
  }

  private teach(session: Session, record: PacketRecord, details: Details): void {
    switch (record.type) {
      case CONNECT:
        if (session.connect === 0) learnConnect(session, record, details)
        return
      case CONNACK:
        learnConnack(session, record, details, this.now)
        if (session.connack === record.number) this.accepted(session)
        return
      case SUBSCRIBE:
        return learnSubscribe(session, record, details, this.now)
      case SUBACK:
        return learnSuback(session, this.part.opener, details)
      case UNSUBSCRIBE:
        return learnUnsubscribe(session, record, details)
      case UNSUBACK:
        return learnUnsuback(session, this.part.opener)
      case DISCONNECT:
        return learnDisconnect(session, record, details, this.now)
    }
  }

  /** The client is in: an earlier session of its name ends or goes on (MQTT 5 §3.1.4, §4.4). */
  private accepted(session: Session): void {
    const { clientId } = session
    if (clientId === undefined || clientId === '') return
    const before = this.sessionOf(clientId)
    if (before !== undefined && before !== session && !isSameBroker(before, session)) {
      if (!this.live.has(before.stream)) this.abandon(before)
    } else if (before !== undefined && before !== session) {
      session.previous = before
      before.previous = undefined
      if (session.sessionPresent === true) this.resume(before, session)
      else this.abandon(before)
      if (before.ending === undefined) before.ending = { how: 'takeover', by: 'client', code: -1, time: this.now }
      before.review()
    }
    this.past.delete(clientId)
    this.present.set(clientId, session)
  }

  /** Its connection is over: it is remembered for a while. */
  private retire(session: Session): void {
    const { clientId } = session
    if (clientId === undefined || this.present.get(clientId) !== session) return
    this.present.delete(clientId)
    this.past.set(clientId, session)
    if (this.past.size <= MOST_CLIENTS) return
    const forgotten = this.past.takeOldest()
    if (forgotten === undefined) return
    this.pool.isDropping = true
    this.abandon(forgotten)
    this.pool.isDropping = false
  }

  /** Unfinished messages and subscriptions live on in the session, not in the connection. */
  private resume(before: Session, session: Session): void {
    session.inheritsKnown = before.knowsSubscriptions
    for (const exchange of before.open.all()) {
      if (!exchange.isMessage) continue
      const byClient = exchange.side === before.clientSide
      const client = session.clientSide === -1 ? 0 : session.clientSide
      before.party(exchange.side).inFlight--
      session.open.adopt(exchange, byClient ? client : client === 0 ? 1 : 0)
      session.party(exchange.side).inFlight++
    }
    this.abandon(before)
    for (const subscription of before.subscriptions.values()) session.subscribe(subscription)
  }

  private abandon(session: Session, which: (exchange: Exchange) => boolean = () => true): void {
    for (const exchange of session.open.all()) if (which(exchange)) this.pool.release(exchange, 'abandoned')
  }

  private tally(session: Session, record: PacketRecord): void {
    const party = session.party(record.side)
    party.packets++
    party.bytes += record.raw.end - record.raw.start
    if (record.type === PUBLISH) party.publishes++
    party.lastTime = this.now
    party.lastType = record.type
    party.lastPacket = record.number
    const { role, exchange } = this.part
    if ((role !== 'opener' && role !== 'reuse') || exchange === undefined) return
    if (!exchange.isMessage) return
    if (++party.inFlight > party.mostInFlight) party.mostInFlight = party.inFlight
  }

  private exchangeEnded(exchange: Exchange, session: Session | undefined): void {
    if (session === undefined) return
    if (exchange.isMessage) session.party(exchange.side).inFlight--
    this.checks.exchange(exchange, session, this)
    this.next.exchange?.(exchange, session)
  }

  private endSide(session: Session, side: Side, how: FlowEnd): void {
    session.party(side).ended = how
    session.ending ??= {
      how,
      by: how === 'fin' ? session.stream.senderOf(side) : 'unknown',
      code: -1,
      time: how === 'rst' ? this.sinceBegin(session.stream.flow.resetTime) : this.now,
    }
    if (session.party(side === 0 ? 1 : 0).ended === undefined) return
    this.end(session)
  }

  /** A will that was not taken back is due, unless the capture ended before the connection did. */
  private end(session: Session): void {
    this.live.delete(session.stream)
    session.stream.followed = undefined
    const how = session.party(0).ended
    if (session.will?.state === 'stored' && how !== 'capture' && session.connack > 0) session.will.state = 'due'
    const isForgotten = this.present.get(session.clientId ?? '') !== session
    const isLast = how === 'capture' || how === 'evicted' || !session.isKept || isForgotten
    this.abandon(session, exchange => isLast || !exchange.isMessage)
    this.checks.ended(session, this)
    this.next.session?.(session)
    this.retire(session)
  }

  /** After the last record: what still waits for a reconnect will not see one. */
  finish(): void {
    for (const session of this.past.values()) this.abandon(session)
    for (const session of this.present.values()) this.abandon(session)
    this.checks.finish?.(this)
  }
}

/** The same client id at another broker is another client. */
const isSameBroker = (a: Session, b: Session): boolean => brokerHost(a) === brokerHost(b)
const brokerHost = (session: Session): string => session.stream.flow.host(session.clientSide === 1 ? 0 : 1)

class CurrentEvent implements Event {
  number = 0
  time = 0
  type = 0
  side: Side = 0
  id = 0
  qos = 0
  dup = false
  code = 0
  print = 0
  topic = -1
}
