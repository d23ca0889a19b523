/** An application message on its way: from its publisher over the broker to everyone who asked for it. */
import { NO_STREAM, type Stream } from '../../store/stream.ts'
import type { Connection } from '../connection.ts'
import type { Exchange } from '../exchange/exchange.ts'
import type { Fingerprint } from './fingerprint.ts'
import type { Expected } from './subscribers.ts'

/** One copy of a message, from the broker to a subscriber. */
export interface Copy {
  readonly packet: number
  readonly stream: Stream
  readonly qos: number
  /** Seconds since the publisher's own packet; NaN where that was not seen. */
  readonly latency: number
}

/** A subscriber who was to get the message and did not. */
export interface Missing {
  readonly connection: Connection
  /** What the copy would have had. */
  readonly qos: number
}

/** A broker that works hands on within a second: of several equal messages the first that young is meant, else the last. */
export const YOUNG_S = 1

/** Copies kept one by one of a message; more are counted. */
export const MOST_COPIES = 10_000

const NONE: readonly Copy[] = []
const NOBODY: readonly Missing[] = []

/** One object for many messages in turn: it is valid until the message is settled. */
export class Message {
  /** Number and time of its first packet seen. */
  number = 0
  time = 0
  /** The two halves of its `Fingerprint`. */
  a = 0
  b = 0
  /** Id in the tracker's strings. */
  topic = -1
  size = 0
  qos = 0
  retain = false
  /** True if the publisher's own packet was seen; otherwise the first copy stands for it. */
  isPublisherSeen = false
  /** True if somebody may get it, as far as the capture shows. */
  isAsked = false
  /** True if it is in a chain, and so can be found by its fingerprint. */
  isLinked = false
  /** True if it is retained: its object is not used again. */
  isKept = false
  /** True if an equal message came within a second, so that copies cannot be assigned for sure. */
  isDoubtful = false
  /** Known once it is settled. At QoS 1 and 2: the broker has refused it. */
  isRefused = false
  /** At QoS 1 and 2: the exchange that brings it to the broker, while its opener is the message. */
  exchange: Exchange | undefined = undefined
  /** Others than those expected may get it: groups, and who is away. */
  hasOthers = false
  /** The broker's end of the connection. */
  port = 0
  /** Number of the packet that carried it last from the publisher. */
  sentLast = 0
  /** Number of the oldest equal message that was on its way when it came; 0 for none. */
  earlier = 0
  /** Subscribers expected to get it, without the publisher if it has No Local; -1 if unknown. */
  expectedCount = -1
  copyCount = 0
  /** Further copies for one subscriber: one for each of its filters (MQTT 5 §3.3.4). */
  extras = 0
  /** Sent as the retained message of its topic, later than it was published. */
  replays = 0
  /** The stream of its first packet. */
  stream: Stream = NO_STREAM
  /** The connection that published it. */
  connection: Connection | undefined = undefined
  /** Its properties as they stood (5.0); undefined where they are not kept. */
  properties: Uint8Array | undefined = undefined
  /** Who is expected to get it; undefined if unknown. */
  expected: Expected | undefined = undefined
  copies: readonly Copy[] = NONE
  /** Known once it is settled: who was to get it and did not. */
  missing: readonly Missing[] = NOBODY

  /** Resets the object for reuse. */
  reset(): void {
    this.isLinked = this.isKept = this.isDoubtful = this.isRefused = false
    this.earlier = this.copyCount = this.extras = this.replays = 0
    this.expectedCount = -1
    this.connection = this.properties = this.expected = this.exchange = undefined
    this.hasOthers = false
    this.copies = NONE
    this.missing = NOBODY
  }

  isLike({ a, b }: Pick<Fingerprint, 'a' | 'b'>): boolean {
    return a === this.a && b === this.b
  }

  /** Keeps a copy. Returns false if there are too many. */
  add(copy: Copy): boolean {
    if (this.copies.length >= MOST_COPIES) return false
    if (this.copies === NONE) this.copies = []
    ;(this.copies as Copy[]).push(copy)
    return true
  }
}

const FIRST_ROOM = 64

/**
 * Messages in order of packet numbers, the oldest first out. It is a ring, so that no array that was left behind holds any of
 * them: `size` messages from `head` on, and nothing else.
 */
export class Queue {
  size = 0
  private ring: (Message | undefined)[] = new Array(FIRST_ROOM).fill(undefined)
  private mask = FIRST_ROOM - 1
  private head = 0

  get oldest(): Message | undefined {
    return this.ring[this.head]
  }

  add(message: Message): void {
    if (this.size > this.mask) this.widen()
    this.ring[(this.head + this.size++) & this.mask] = message
  }

  drop(): void {
    this.ring[this.head] = undefined
    this.head = (this.head + 1) & this.mask
    this.size--
  }

  at(index: number): Message | undefined {
    return this.ring[(this.head + index) & this.mask]
  }

  private widen(): void {
    const { ring, head } = this
    this.ring = [...ring.slice(head), ...ring.slice(0, head), ...ring.map(() => undefined)]
    this.mask = this.ring.length - 1
    this.head = 0
  }
}
