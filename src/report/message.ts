/** An application message on its way: from its publisher over the broker to everyone who asked for it. */
import { u8 } from '../bytes.ts'
import type { Subscriber } from './subscribers.ts'

/** One hop from the broker to a subscriber. */
export interface Copy {
  readonly packet: number
  readonly stream: number
  readonly client: string | undefined
  readonly address: string
  readonly qos: number
  /** Seconds since the publisher's own packet; NaN where that was not seen. */
  readonly latency: number
}

/** Copies told one by one of a message; more are counted. */
export const MOST_COPIES = 10_000

const NONE: readonly Copy[] = []

export class Message {
  /** Of its first packet seen. */
  readonly number: number
  readonly time: number
  readonly key: number
  /** Undefined where there were too many topics to keep. */
  readonly topic: string | undefined
  readonly size: number
  readonly qos: number
  readonly retain: boolean
  readonly stream: number
  readonly client: string | undefined
  /** The client's end. */
  readonly address: string
  /** The broker's end of the connection it was first seen on. */
  readonly port: number
  /** The publisher's own packet was seen; else the first copy stands for it. */
  readonly isSeen: boolean
  /** Number of the packet that carried it last from the publisher. */
  sentLast: number
  copies: readonly Copy[] = NONE
  copyCount = 0
  /** Further copies for one subscriber: one for each of its filters (MQTT 5 §3.3.4). */
  extras = 0
  /** Sent as the retained message of its topic, later than it was published. */
  replays = 0
  /** Who was to get it; undefined where nobody knows. */
  expected: readonly Subscriber[] | undefined = undefined
  /** With QoS 1 and 2: the broker has taken it, or has refused it. */
  isTaken = false
  isRefused = false
  /** The report has told of it. */
  isTold = false

  constructor(parts: Pick<Message, Parts>) {
    this.number = parts.number
    this.sentLast = parts.number
    this.time = parts.time
    this.key = parts.key
    this.topic = parts.topic
    this.size = parts.size
    this.qos = parts.qos
    this.retain = parts.retain
    this.stream = parts.stream
    this.client = parts.client
    this.address = parts.address
    this.port = parts.port
    this.isSeen = parts.isSeen
  }

  add(copy: Copy): void {
    if (this.copies === NONE) this.copies = []
    if (this.copies.length < MOST_COPIES) (this.copies as Copy[]).push(copy)
  }
}

type Parts =
  | 'number'
  | 'time'
  | 'key'
  | 'topic'
  | 'size'
  | 'qos'
  | 'retain'
  | 'stream'
  | 'client'
  | 'address'
  | 'port'
  | 'isSeen'

/** Equal messages looked at for one packet. */
export const MOST_TRIED = 1024

/** Settled messages at the beginning of a chain before they are cut off. */
const MOST_SETTLED = 1024

/** Messages of one topic and one payload, the oldest first, and up to which of them each receiver has got. */
export class Chain {
  /** Receiver → number of the last message of the chain that it got; most chains are of one message that nobody gets. */
  private given: Map<string, number> | undefined = undefined
  private messages: Message[] = []
  private head = 0

  get size(): number {
    return this.messages.length - this.head
  }

  get newest(): Message | undefined {
    return this.messages.at(-1)
  }

  at(place: number): Message | undefined {
    return this.messages[this.head + place]
  }

  add(message: Message): void {
    this.messages.push(message)
  }

  /** Number of the last message that the receiver got; 0 for none. */
  got(receiver: string): number {
    return this.given?.get(receiver) ?? 0
  }

  give(receiver: string, { number }: Message): void {
    this.given ??= new Map()
    this.given.delete(receiver)
    this.given.set(receiver, number)
  }

  /** The oldest is settled. Who got nothing since is as good as who got nothing. */
  drop(): void {
    const number = this.messages[this.head++]?.number ?? 0
    for (const [receiver, last] of this.given ?? []) {
      if (last > number) break
      this.given?.delete(receiver)
    }
    if (this.head < MOST_SETTLED) return
    this.messages = this.messages.slice(this.head)
    this.head = 0
  }

  /** Place of the first message behind `number`. */
  after(number: number): number {
    let low = 0
    let high = this.size
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.at(middle)?.number ?? 0) > number) high = middle
      else low = middle + 1
    }
    return low
  }

  /** Of the newest ones, the last that this client published. */
  lastBy(client: string): Message | undefined {
    for (let place = this.size - 1; place >= Math.max(0, this.size - MOST_TRIED); place--) {
      const message = this.at(place)
      if (message?.client === client) return message
    }
    return undefined
  }
}

const FNV = 0x01000193
const OTHER = 0x85ebca6b
const LOW_BITS = 0x1fffff
const HIGH = 0x200000

/** 53 bits of topic and payload, in two lanes with seeds of their own, so that no capture can aim at a collision. */
export class Print {
  private a = 0
  private b = 0
  private readonly seed: number

  constructor(seed: number) {
    this.seed = seed
  }

  begin(): void {
    this.a = 0x811c9dc5 ^ this.seed
    this.b = 0x9e3779b9 ^ Math.imul(this.seed, OTHER)
  }

  /** `bytes[start..end)`, and where they end. */
  add(bytes: Uint8Array, start: number, end: number): void {
    let { a, b } = this
    for (let at = start; at < end; at++) {
      const byte = u8(bytes, at)
      a = Math.imul(a ^ byte, FNV)
      b = Math.imul(b ^ byte, OTHER)
      b ^= b >>> 13
    }
    this.a = Math.imul(a ^ (end - start), FNV)
    this.b = Math.imul(b ^ (end - start), OTHER)
  }

  get key(): number {
    return (this.a >>> 0) * HIGH + ((this.b ^ (this.b >>> 16)) & LOW_BITS)
  }
}
