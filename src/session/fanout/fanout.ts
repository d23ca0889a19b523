/**
 * Ties the copies that a broker hands on to the message a client published: same topic, same payload, in order, with no
 * higher QoS, within a window of messages and time. What no bytes tie together is left apart.
 */

import { OVERFLOW } from '../../base/strings.ts'
import { Slot } from '../../mqtt/fields.ts'
import { CONNACK, DISCONNECT, PUBLISH, PublishFlag, SUBACK, SUBSCRIBE, UNSUBACK } from '../../mqtt/spec.ts'
import { matchesFilter } from '../../mqtt/topic.ts'
import { otherSide } from '../../net/flow.ts'
import type { ExchangeFact, PacketRecord, Stream } from '../../store/record.ts'
import type { ExchangeState, FanOutRole } from '../../store/vocabulary.ts'
import { type Connection, connectionOn } from '../connection.ts'
import type { Exchange } from '../exchange/exchange.ts'
import type { Tracker } from '../tracker.ts'
import { propertiesOf, qosOfRecord, topicBytes } from './carried.ts'
import type { Chain } from './chain.ts'
import { Fingerprint } from './fingerprint.ts'
import { type Message, YOUNG_S } from './message.ts'
import { type Copies, mayBeMissing, missingOf } from './missing.ts'
import { isReplay, pick } from './pick.ts'
import { RetainedMessages } from './retained.ts'
import { FanOutStep } from './step.ts'
import { type Broker, type Expected, matching, Subscribers } from './subscribers.ts'
import { Window } from './window.ts'
import { Work } from './work.ts'

export interface FanOutOptions {
  readonly tracker: Tracker
  /** Work out who is to get each message. */
  readonly expects: boolean
  /** Keep who got each message. */
  readonly keepsCopies: boolean
  /** Nothing more will be tied to the message; its object is used again afterwards. */
  readonly settled: (message: Message) => void
  readonly seed?: number
  readonly mostMessages?: number
}

/** Types of packets that change connections or subscriptions. */
const CHANGES: readonly boolean[] = Array.from({ length: 16 }, (_, type) =>
  [CONNACK, SUBSCRIBE, SUBACK, UNSUBACK, DISCONNECT].includes(type),
)

/** Exchanges remembered that did not end well; beyond it the oldest is forgotten. */
const MOST_REJECTED = 16_384

/** Bytes of a cut payload by which it is known: copies have longer heads, so the cut leaves less of them. */
const CUT_PREFIX = 16

export class FanOut {
  private readonly subscribers = new Subscribers()
  private readonly options: FanOutOptions
  private readonly window: Window
  private readonly retained = new RetainedMessages()
  private readonly fingerprint: Fingerprint
  private readonly step = new FanOutStep()
  /** By opener: how exchanges ended that are not complete. */
  private readonly rejected = new Map<number, ExchangeState>()
  /** Streams with messages that cannot be told from others. */
  private readonly unread = new WeakSet<Stream>()
  private readonly work = new Work()
  private topic = -1

  constructor(options: FanOutOptions) {
    this.options = options
    this.window = new Window(message => this.settle(message), options.mostMessages)
    this.fingerprint = new Fingerprint(options.seed ?? 0)
  }

  /** Messages that are not settled yet. */
  get waiting(): number {
    return this.window.size
  }

  /** Of every packet, before or after the tracker has learnt from it. */
  onPacket({ type, stream }: PacketRecord): void {
    if (CHANGES[type] !== true) return
    const connection = this.options.tracker.connectionOn(stream)
    if (connection !== undefined) this.subscribers.change(connection)
  }

  /** Bytes are missing: what was known of the connection is not sure any more. */
  lost(connection: Connection): void {
    this.subscribers.change(connection)
  }

  /** A side of the connection has ended. */
  left(stream: Stream): void {
    this.subscribers.left(stream)
  }

  /**
   * What the PUBLISH is; undefined for one that carries no message that can be told from others. `exchange`: the one it opens,
   * where it is to be known who got nothing.
   */
  onPublish(record: PacketRecord, answered: ExchangeFact | undefined, exchange?: Exchange): FanOutStep | undefined {
    const { packet, type, stream, side } = record
    if (type !== PUBLISH) return undefined
    if (packet.malformed || !packet.has(Slot.payload)) return this.unreadable(record)
    this.topic = this.options.tracker.topicOf(record)
    if (this.topic === -1) return this.unreadable(record)
    this.takeFingerprint(record)
    const byServer = stream.senderOf(side) === 'server'
    if (answered !== undefined && answered.opener !== record.number) return this.again(record, byServer)
    this.window.settleOld(this.options.tracker.now)
    return byServer ? this.forwarded(record) : this.published(record, exchange)
  }

  /** An exchange has ended: most are complete, and the others are remembered until it is told who got their messages. */
  exchange(exchange: Exchange): void {
    if (exchange.state === 'complete' || !exchange.isMessage) return
    const { rejected } = this
    rejected.set(exchange.opener, exchange.state)
    const [oldest] = rejected.keys()
    if (rejected.size > MOST_REJECTED && oldest !== undefined) rejected.delete(oldest)
  }

  /** No more packets: all is settled. */
  finish(): void {
    this.window.finish()
  }

  /** The message is the only one that a packet tied to it can be of. */
  isAlone(message: Message): boolean {
    return message.isPublisherSeen && message.earlier === 0 && (this.window.chain(message)?.size ?? 1) === 1
  }

  /** No more copies of the message are looked for: what became of it is known. */
  private settle(message: Message): void {
    const { number } = message
    const state = this.rejected.size === 0 ? undefined : this.rejected.get(number)
    if (state !== undefined) this.rejected.delete(number)
    message.isRefused = state === 'refused'
    this.work.earn(message.copyCount)
    if (state === undefined && mayBeMissing(message)) this.findMissing(message)
    this.options.settled(message)
  }

  /** Who lacks the message is worked out where there are not too many who were to get it. */
  private findMissing(message: Message): void {
    if (this.work.spend(message.expectedCount)) message.missing = missingOf(message, this.copiesOf(message))
    else message.expectedCount = -1
  }

  /** Who got the message. Without the copies one by one it is known of whom the last message of this kind is an earlier one. */
  private copiesOf(message: Message): Copies {
    const { tracker, keepsCopies } = this.options
    const { copies, copyCount, number } = message
    const streams = new Set(copies.map(({ stream }) => stream))
    const clients = new Set(copies.map(({ stream }) => stream.clientId))
    const chain = this.window.chain(message)
    const isCounted = keepsCopies && copyCount === copies.length
    const has = ({ stream, clientSide }: Connection): boolean => {
      if (this.unread.has(stream)) return true
      if (isCounted) return streams.has(stream) || clients.has(stream.clientId)
      if (copyCount === 0) return false
      const side = clientSide === 1 ? 0 : 1
      return (chain?.got(this.subscribers.endsOf(stream, side).receiver) ?? number) >= number
    }
    return { now: tracker.now, has }
  }

  /** A message that cannot be told from others: who receives it may have got any. */
  private unreadable({ stream }: PacketRecord): undefined {
    this.unread.add(stream)
  }

  /** What came later than its message. */
  private late(role: FanOutRole, message: Message): FanOutStep {
    const step = this.step.set(role, message)
    if (message.isPublisherSeen && role !== 'replay')
      step.latency = Math.max(0, this.options.tracker.now - message.time)
    return step
  }

  private again(record: PacketRecord, byServer: boolean): FanOutStep {
    const { stream, side } = record
    if (!byServer) return this.step.set('again', this.window.sentBy(stream.clientId ?? '', this.fingerprint))
    return this.step.set('again', this.chain?.gotLast(this.subscribers.endsOf(stream, side).receiver))
  }

  /** Of topic and payload. Of a payload that the capture does not hold whole its first bytes and its size count. */
  private takeFingerprint(record: PacketRecord): void {
    const { packet, raw } = record
    const { fingerprint, topic } = this
    fingerprint.begin()
    if (topic === OVERFLOW) {
      const bytes = topicBytes(record)
      fingerprint.add(bytes, 0, bytes.length)
    } else fingerprint.number(topic)
    const [start, end] = [packet.start(Slot.payload), packet.end(Slot.payload)]
    if (!record.isCut) return fingerprint.add(raw.bytes, start, end)
    this.unread.add(record.stream)
    fingerprint.number(raw.end - start)
    if (end - start >= CUT_PREFIX) fingerprint.add(raw.bytes, start, start + CUT_PREFIX)
  }

  /** Messages like the one at hand that may still be handed on. */
  private get chain(): Chain | undefined {
    return this.window.chain(this.fingerprint)
  }

  // From a client

  private published(record: PacketRecord, exchange: Exchange | undefined): FanOutStep {
    const { stream, side, number } = record
    const { clientId } = stream
    const isAgain = (record.packet.value(Slot.flags) & PublishFlag.dup) !== 0 && clientId !== undefined
    const known = isAgain ? this.window.sentBy(clientId, this.fingerprint) : undefined
    if (known !== undefined) {
      known.sentLast = number
      return this.step.set('again', known)
    }
    const { broker } = this.subscribers.endsOf(stream, otherSide(side))
    const { topics } = this.options.tracker
    const { isAsked, expected, hasOthers } = this.subscribers.of(broker, this.topic, topics.text(this.topic))
    const message = this.add(record, true, isAsked || broker.isOpen)
    message.exchange = exchange
    message.hasOthers = hasOthers
    if (this.options.expects && expected !== undefined) this.expect(message, expected, record)
    if (message.retain) this.retained.set(broker, message)
    return this.step.set('fresh', message)
  }

  private expect(message: Message, expected: Expected, record: PacketRecord): void {
    const connection = connectionOn(record.stream)
    const own =
      connection?.session.hasNoLocal === true || connection?.isBridge === true ? expected.get(connection) : undefined
    if (!this.window.expect(message, expected)) return
    message.expectedCount = expected.size - (own?.noLocal === true ? 1 : 0)
  }

  /** The broker may be asked for anything. */
  private open(broker: Broker): void {
    broker.isOpen = true
    this.window.open()
  }

  // From the broker

  private forwarded(record: PacketRecord): FanOutStep {
    const flags = record.packet.value(Slot.flags)
    const { receiver, broker } = this.subscribers.endsOf(record.stream, record.side)
    if (!broker.isOpen && this.chain === undefined && !this.isExplained(record, broker)) this.open(broker)
    const chain = this.chain ?? this.window.unaskedChain(this.fingerprint)
    const message = chain === undefined ? undefined : pick(chain, receiver, record, this.options.tracker.now)
    const isRetained = (flags & PublishFlag.retain) !== 0
    if (
      isRetained &&
      isReplay(record, message ?? chain?.gotLast(receiver), message === undefined, this.options.tracker.now)
    )
      return this.replay(record, receiver, broker)
    if (chain !== undefined && message !== undefined) {
      this.note(chain, message, receiver, record)
      return this.late('copy', message)
    }
    if (chain !== undefined && chain.got(receiver) > 0) {
      if ((flags & PublishFlag.dup) !== 0) return this.step.set('again', chain.gotLast(receiver))
      const last = this.extraOf(chain, receiver, record)
      if (last !== undefined) return this.late('extra', last)
    }
    return this.unpublished(record, receiver, broker)
  }

  /** The publisher is not in the capture: this copy stands for its message. */
  private unpublished(record: PacketRecord, receiver: number, broker: Broker): FanOutStep {
    const known = this.retained.get(broker, this.topic)
    const message = this.add(record, false, true)
    const { chain } = this
    if (chain !== undefined) this.note(chain, message, receiver, record)
    const step = this.step.set('fresh', message)
    if (known?.isLike(this.fingerprint) === true) step.retained = known
    return step
  }

  private note(chain: Chain, message: Message, receiver: number, record: PacketRecord): void {
    chain.give(receiver, message)
    message.copyCount++
    if (!this.options.keepsCopies) return
    this.window.keep(message, {
      packet: record.number,
      stream: record.stream,
      qos: qosOfRecord(record),
      latency: message.isPublisherSeen ? this.options.tracker.now - message.time : Number.NaN,
    })
  }

  /** By a subscription that was seen. */
  private isExplained(record: PacketRecord, broker: Broker): boolean {
    const connection = connectionOn(record.stream)
    if (connection?.knowsSubscriptions !== true) return false
    const { topics } = this.options.tracker
    if (this.subscribers.of(broker, this.topic, topics.text(this.topic)).expected?.has(connection) === true) return true
    const topic = topicBytes(record)
    return [...connection.session.subscriptions.values()].some(({ pattern }) => {
      return pattern !== undefined && matchesFilter(pattern, 0, pattern.length, topic, 0, topic.length)
    })
  }

  private replay(record: PacketRecord, receiver: number, broker: Broker): FanOutStep {
    const known = this.retained.get(broker, this.topic)
    // While another one takes its place it may still be on its way.
    const kept = known?.isLike(this.fingerprint) === true ? known : this.chain?.lastRetained
    if (kept !== undefined) {
      kept.replays++
      return this.late('replay', kept)
    }
    const step = this.unpublished(record, receiver, broker)
    if (step.message !== undefined) this.retained.set(broker, step.message)
    return step
  }

  /** A broker may send a message once for each filter that takes it `[MQTT-3.3.4-2]`. */
  private extraOf(chain: Chain, receiver: number, record: PacketRecord): Message | undefined {
    const connection = connectionOn(record.stream)
    if (connection === undefined || matching(connection, topicBytes(record)).length < 2) return undefined
    const message = chain.gotLast(receiver)
    if (message === undefined || this.options.tracker.now - message.time > YOUNG_S) return undefined
    message.extras++
    return message
  }

  private add(record: PacketRecord, isSeen: boolean, isAsked: boolean): Message {
    const { packet, raw, stream, side } = record
    const message = this.window.take()
    message.number = message.sentLast = record.number
    message.time = this.options.tracker.now
    message.a = this.fingerprint.a
    message.b = this.fingerprint.b
    message.topic = this.topic
    message.size = raw.end - packet.start(Slot.payload)
    message.qos = qosOfRecord(record)
    message.retain = (packet.value(Slot.flags) & PublishFlag.retain) !== 0
    message.stream = stream
    message.port = stream.flow.port(isSeen ? otherSide(side) : side)
    message.isPublisherSeen = isSeen
    message.isAsked = isAsked
    if (isSeen) {
      message.connection = connectionOn(record.stream)
      message.properties = propertiesOf(record)
    }
    this.window.add(message)
    return message
  }
}
