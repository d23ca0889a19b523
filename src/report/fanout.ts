/**
 * Ties the copies that a broker hands on to the message a client published: same topic, same payload, in order, with no
 * higher QoS, within a window of messages and time. What no bytes tie together is left apart.
 */
import { Slot } from '../mqtt/fields.ts'
import { PUBLISH } from '../mqtt/spec.ts'
import type { Exchange } from '../session/exchanges.ts'
import type { Session } from '../session/session.ts'
import type { Tracker } from '../session/tracker.ts'
import type { PacketRecord } from '../store/record.ts'
import { Strings } from '../strings.ts'
import { addressOf } from './exchange-row.ts'
import { Chain, Message, MOST_TRIED, Print } from './message.ts'
import { Subscribers } from './subscribers.ts'

/** Messages whose copies may still come, and copies kept of them: together some 40 MB. The oldest is settled first. */
export const MOST_MESSAGES = 32_768
export const MOST_KEPT_COPIES = 262_144
/** Copies that come later than this many seconds are no longer tied: a client that was away gets them as news. */
export const WINDOW_S = 300
/** A broker that works hands on within a second: of several equal messages the first that young is meant, else the last. */
const YOUNG_S = 1
/** `fresh`: not seen before. `copy`: on its way to a subscriber. `extra`: the same for another of its filters. `replay`: as
 *  what is retained. `again`: a packet sent again, which is no message of its own. */
export type Role = 'fresh' | 'copy' | 'extra' | 'replay' | 'again'

/** What a PUBLISH is; one object, reused. */
export interface Hop {
  role: Role
  message: Message | undefined
}

export interface FanOutOptions {
  readonly tracker: Tracker
  /** Keep who got each message, and work out who is to get it. */
  readonly expects: boolean
  /** Nothing more will be tied to the message. */
  readonly settled: (message: Message) => void
  readonly seed?: number
  readonly mostMessages?: number
}

const DUP = 0x08
const RETAIN = 0x01
const RETAIN_AS_PUBLISHED = 0x08

const encoder = new TextEncoder()

export class FanOut {
  readonly topics = new Strings()
  /** Messages that are not settled yet. */
  waiting = 0
  keptCopies = 0
  private readonly subscribers: Subscribers
  private readonly options: FanOutOptions
  private readonly most: number
  private readonly chains = new Map<number, Chain>()
  private readonly retained = new Map<number, Message>()
  /** Not yet answered ones, by packet. */
  private readonly unanswered = new Map<number, Message>()
  private queue: Message[] = []
  private head = 0
  private readonly print: Print
  private readonly hop: Hop = { role: 'fresh', message: undefined }
  private topic: Uint8Array = new Uint8Array(0)
  private topicId = 0

  constructor(options: FanOutOptions) {
    this.options = options
    this.most = options.mostMessages ?? MOST_MESSAGES
    this.subscribers = new Subscribers(options.tracker)
    this.print = new Print(options.seed ?? 0)
  }

  /** What the packet is; undefined for one that carries no message that can be told from others. */
  see(record: PacketRecord): Hop | undefined {
    const { packet, type, exchange } = record
    if (type !== PUBLISH || packet.malformed || !packet.has(Slot.payload)) return undefined
    if (exchange !== undefined && exchange.opener !== record.number) return this.is('again', undefined)
    if (!this.readTopic(record)) return undefined
    const key = this.keyOf(record)
    this.settleOld()
    return record.connection.senderOf(record.side) === 'server'
      ? this.forwarded(record, key)
      : this.published(record, key)
  }

  /** What the broker answered. */
  exchange(exchange: Exchange): void {
    const message = this.unanswered.get(exchange.opener)
    if (message === undefined) return
    this.unanswered.delete(exchange.opener)
    message.isTaken = exchange.state === 'complete'
    message.isRefused = exchange.state === 'refused'
  }

  /** Sessions or their subscriptions are not what they were. */
  changed(): void {
    this.subscribers.changed()
  }

  /** No more packets: all is settled. */
  finish(): void {
    while (this.head < this.queue.length) this.settle()
  }

  private is(role: Role, message: Message | undefined): Hop {
    this.hop.role = role
    this.hop.message = message
    return this.hop
  }

  private readTopic({ packet, raw, aliasTopic }: PacketRecord): boolean {
    if (aliasTopic !== undefined) this.topic = encoder.encode(aliasTopic)
    else if (packet.has(Slot.topic)) this.topic = raw.bytes.subarray(packet.start(Slot.topic), packet.end(Slot.topic))
    else return false
    return true
  }

  /** A payload with a hole in it is like no other. */
  private keyOf({ packet, raw, number }: PacketRecord): number {
    const { topic, print } = this
    this.topicId = this.topics.intern(topic, 0, topic.length)
    if (raw.readable < raw.end) return -number
    print.begin()
    print.add(topic, 0, topic.length)
    print.add(raw.bytes, packet.start(Slot.payload), packet.end(Slot.payload))
    return print.key
  }

  // From a client

  private published(record: PacketRecord, key: number): Hop {
    const { clientId } = record.connection
    const isAgain = (record.packet.value(Slot.flags) & DUP) !== 0 && clientId !== undefined
    const known = isAgain ? this.chains.get(key)?.lastBy(clientId) : undefined
    if (known !== undefined) {
      known.sentLast = record.number
      return this.is('again', known)
    }
    const message = this.add(record, key, true)
    if (message.qos > 0) this.unanswered.set(record.number, message)
    if (this.options.expects && message.topic !== undefined) this.expect(message, record)
    if (message.retain) this.retain(message)
    return this.is('fresh', message)
  }

  private expect(message: Message, { connection, side }: PacketRecord): void {
    const server = connection.flow.endpoint(side === 0 ? 1 : 0)
    message.expected = this.subscribers.of(message.topic ?? '', server)
  }

  /** An empty one deletes what is retained (MQTT 5 §3.3.1.3). */
  private retain(message: Message): void {
    if (message.size === 0) this.retained.delete(this.topicId)
    else this.retained.set(this.topicId, message)
  }

  // From the broker

  private forwarded(record: PacketRecord, key: number): Hop {
    const flags = record.packet.value(Slot.flags)
    const receiver = receiverOf(record)
    const chain = this.chains.get(key)
    const message = chain === undefined ? undefined : this.pick(chain, receiver, record)
    if ((flags & RETAIN) !== 0 && this.isReplay(record, message)) return this.replay(record, key, receiver)
    if (chain !== undefined && message !== undefined) return this.copy(chain, message, receiver, record)
    if (chain !== undefined && chain.got(receiver) > 0) {
      if ((flags & DUP) !== 0) return this.is('again', chain.newest)
      const last = this.extraOf(chain, receiver, record)
      if (last !== undefined) return this.is('extra', last)
    }
    return this.is('fresh', this.unpublished(record, key, receiver))
  }

  /** The publisher is not in the capture: this copy stands for its message. */
  private unpublished(record: PacketRecord, key: number, receiver: string): Message {
    const message = this.add(record, key, false)
    const chain = this.chains.get(key)
    if (chain !== undefined) this.note(chain, message, receiver, record)
    return message
  }

  private copy(chain: Chain, message: Message, receiver: string, record: PacketRecord): Hop {
    this.note(chain, message, receiver, record)
    return this.is('copy', message)
  }

  private note(chain: Chain, message: Message, receiver: string, record: PacketRecord): void {
    chain.give(receiver, message)
    message.copyCount++
    if (!this.options.expects) return
    this.keptCopies++
    message.add({
      packet: record.number,
      stream: record.connection.flow.index,
      client: record.connection.clientId,
      address: addressOf(record.connection),
      qos: qosOf(record),
      latency: message.isSeen ? this.options.tracker.now - message.time : Number.NaN,
    })
  }

  /** Of the messages it may be, behind the last that this receiver got. */
  private pick(chain: Chain, receiver: string, record: PacketRecord): Message | undefined {
    const { now } = this.options.tracker
    const port = brokerPort(record)
    const qos = qosOf(record)
    const bound = this.boundOf(record)
    const from = Math.max(chain.after(chain.got(receiver)), chain.size - MOST_TRIED)
    let last: Message | undefined
    for (let at = from; at < chain.size; at++) {
      const message = chain.at(at)
      if (message === undefined || message.port !== port || message.sentLast <= bound) continue
      if (message.isSeen && qos > message.qos) continue
      if (!(now - message.time > YOUNG_S)) return message
      last = message
    }
    return last
  }

  /** What was published before a new session began is not for it, unless it is retained. */
  private boundOf(record: PacketRecord): number {
    const session = this.sessionOf(record)
    return session?.isWhole === true && session.sessionPresent !== true ? session.firstPacket : 0
  }

  private sessionOf({ connection }: PacketRecord): Session | undefined {
    return this.options.tracker.sessionOn(connection)
  }

  /** Flagged as retained: news of a subscription that stands has the flag only where the client asked for it as published. */
  private isReplay(record: PacketRecord, message: Message | undefined): boolean {
    if (message === undefined || !message.retain || record.version !== 5) return true
    const session = this.sessionOf(record)
    if (session === undefined) return true
    const subscriptions = this.subscribers.matching(session, this.topic)
    return !subscriptions.some(
      ({ options, packet }) => (options & RETAIN_AS_PUBLISHED) !== 0 && packet < message.number,
    )
  }

  private replay(record: PacketRecord, key: number, receiver: string): Hop {
    const known = this.retained.get(this.topicId)
    if (known !== undefined && known.key === key) {
      known.replays++
      return this.is('replay', known)
    }
    const message = this.unpublished(record, key, receiver)
    this.retain(message)
    return this.is('fresh', message)
  }

  /** A broker may send a message once for each filter that takes it `[MQTT-3.3.4-2]`. */
  private extraOf(chain: Chain, receiver: string, record: PacketRecord): Message | undefined {
    const session = this.sessionOf(record)
    if (session === undefined || this.subscribers.matching(session, this.topic).length < 2) return undefined
    const number = chain.got(receiver)
    const message = chain.at(chain.after(number - 1))
    if (message === undefined || this.options.tracker.now - message.time > YOUNG_S) return undefined
    message.extras++
    return message
  }

  // The window

  private add(record: PacketRecord, key: number, isSeen: boolean): Message {
    const { packet, raw, connection, side } = record
    const first = packet.value(Slot.flags)
    const message = new Message({
      number: record.number,
      time: this.options.tracker.now,
      key,
      topic: this.topics.text(this.topicId),
      size: raw.end - packet.start(Slot.payload),
      qos: qosOf(record),
      retain: (first & RETAIN) !== 0,
      stream: connection.flow.index,
      client: isSeen ? connection.clientId : undefined,
      address: addressOf(connection),
      port: connection.flow.port(isSeen === (side === 0) ? 1 : 0),
      isSeen,
    })
    this.queue.push(message)
    this.waiting++
    const chain = this.chains.get(key) ?? new Chain()
    chain.add(message)
    this.chains.set(key, chain)
    return message
  }

  private settleOld(): void {
    const { now } = this.options.tracker
    for (;;) {
      const oldest = this.queue[this.head]
      if (oldest === undefined) return
      const isOver = this.waiting >= this.most || this.keptCopies >= MOST_KEPT_COPIES
      if (!isOver && !(now - oldest.time > WINDOW_S)) return
      this.settle()
    }
  }

  private settle(): void {
    const message = this.queue[this.head++]
    if (message === undefined) return
    this.waiting--
    this.keptCopies -= message.copies.length
    if (this.head >= this.most) {
      this.queue = this.queue.slice(this.head)
      this.head = 0
    }
    this.unanswered.delete(message.number)
    const chain = this.chains.get(message.key)
    chain?.drop()
    if (chain?.size === 0) this.chains.delete(message.key)
    this.options.settled(message)
    // Whoever keeps the message as a retained one has no use for who got it.
    message.copies = []
    message.expected = undefined
  }
}

const qosOf = ({ packet }: PacketRecord): number => (packet.value(Slot.flags) >> 1) & 3

/** One client is one receiver, over its reconnects too. */
function receiverOf({ connection }: PacketRecord): string {
  const { clientId, flow } = connection
  return clientId === undefined || clientId === '' ? `#${flow.index}` : `@${clientId}`
}

const brokerPort = ({ connection, side }: PacketRecord): number => connection.flow.port(side)
