/** An application message on its way: from its publisher over the broker to everyone who asked for it. */
import { NO_STREAM, type Stream } from '../../store/stream.ts'
import type { Connection } from '../connection.ts'
import type { Fingerprint } from './fingerprint.ts'
import type { Expected } from './subscribers.ts'

/** One hop from the broker to a subscriber. */
export interface Copy {
  readonly packet: number
  readonly stream: Stream
  readonly qos: number
  /** Seconds since the publisher's own packet; NaN where that was not seen. */
  readonly latency: number
}

/** A broker that works hands on within a second: of several equal messages the first that young is meant, else the last. */
export const YOUNG_S = 1

/** Copies told one by one of a message; more are counted. */
export const MOST_COPIES = 10_000

const NONE: readonly Copy[] = []

/** One object for many messages in turn: it is valid until the message is settled. */
export class Message {
  /** Of its first packet seen. */
  number = 0
  time = 0
  /** Its fingerprint, see `Print`. */
  a = 0
  b = 0
  /** Id in the tracker's strings. */
  topic = -1
  size = 0
  qos = 0
  retain = false
  /** The publisher's own packet was seen; else the first copy stands for it. */
  isPublisherSeen = false
  /** Somebody may get it, as far as the capture shows. */
  isAsked = false
  /** It can be found by its fingerprint. */
  isLinked = false
  /** It is retained, and so not used again. */
  isKept = false
  /** An equal one came within a second: which copy is of which nobody can tell for sure. */
  isDoubtful = false
  /** With QoS 1 and 2: the broker has taken it, or has refused it. */
  isTaken = false
  isRefused = false
  /** The broker's end of the connection. */
  port = 0
  /** Number of the packet that carried it last from the publisher. */
  sentLast = 0
  /** Number of the oldest equal message that was on its way when it came; 0 for none. */
  earlier = 0
  /** How many are to get it, but for the publisher itself where it does not want to; -1 where nobody knows. */
  expectedCount = -1
  copyCount = 0
  /** Further copies for one subscriber: one for each of its filters (MQTT 5 §3.3.4). */
  extras = 0
  /** Sent as the retained message of its topic, later than it was published. */
  replays = 0
  /** What it was first seen on. */
  stream: Stream = NO_STREAM
  /** The session that published it. */
  connection: Connection | undefined = undefined
  /** Its properties as they stood (5.0); undefined where they are not kept. */
  properties: Uint8Array | undefined = undefined
  /** Who was to get it; undefined where nobody knows. */
  expected: Expected | undefined = undefined
  copies: readonly Copy[] = NONE

  /** As good as new. */
  reset(): void {
    this.isLinked = this.isKept = this.isDoubtful = this.isTaken = this.isRefused = false
    this.earlier = this.copyCount = this.extras = this.replays = 0
    this.expectedCount = -1
    this.connection = this.properties = this.expected = undefined
    this.copies = NONE
  }

  isLike({ a, b }: Pick<Fingerprint, 'a' | 'b'>): boolean {
    return a === this.a && b === this.b
  }

  /** False where there are too many. */
  add(copy: Copy): boolean {
    if (this.copies.length >= MOST_COPIES) return false
    if (this.copies === NONE) this.copies = []
    ;(this.copies as Copy[]).push(copy)
    return true
  }
}

const FIRST_ROOM = 64

/** Messages in order of age, the oldest first out: a ring, so that no array that was left behind holds any of them. */
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

  at(place: number): Message | undefined {
    return this.ring[(this.head + place) & this.mask]
  }

  /** The message that came with this packet. */
  find(number: number): Message | undefined {
    let low = 0
    let high = this.size
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.at(middle)?.number ?? 0) < number) low = middle + 1
      else high = middle
    }
    const message = this.at(low)
    return message?.number === number ? message : undefined
  }

  private widen(): void {
    const { ring, head } = this
    this.ring = [...ring.slice(head), ...ring.slice(0, head), ...ring.map(() => undefined)]
    this.mask = this.ring.length - 1
    this.head = 0
  }
}
