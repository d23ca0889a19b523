/** An application message on its way: from its publisher over the broker to everyone who asked for it. */
import type { Connection } from '../../store/record.ts'
import type { Session } from '../session.ts'
import type { Expected } from './subscribers.ts'

/** One hop from the broker to a subscriber. */
export interface Copy {
  readonly packet: number
  readonly connection: Connection
  readonly qos: number
  /** Seconds since the publisher's own packet; NaN where that was not seen. */
  readonly latency: number
}

/** A broker that works hands on within a second: of several equal messages the first that young is meant, else the last. */
export const YOUNG_S = 1

/** Copies told one by one of a message; more are counted. */
export const MOST_COPIES = 10_000

const NONE: readonly Copy[] = []

export class Message {
  /** Of its first packet seen. */
  readonly number: number
  readonly time: number
  /** Its fingerprint, see `Print`. */
  readonly a: number
  readonly b: number
  /** Id in the tracker's strings. */
  readonly topic: number
  readonly size: number
  readonly qos: number
  readonly retain: boolean
  /** What it was first seen on. */
  readonly connection: Connection
  /** The broker's end of it. */
  readonly port: number
  /** The publisher's own packet was seen; else the first copy stands for it. */
  readonly isSeen: boolean
  /** Somebody may get it, as far as the capture shows. */
  readonly isAsked: boolean
  /** Its properties as they stood (5.0); undefined where they are not kept. */
  readonly properties: Uint8Array | undefined
  /** The session that published it. */
  readonly session: Session | undefined
  /** An equal one came within a second: which copy is of which nobody can tell for sure. */
  isDoubtful = false
  /** Number of the oldest equal message that was on its way when it came; 0 for none. */
  earlier = 0
  /** Number of the packet that carried it last from the publisher. */
  sentLast: number
  copies: readonly Copy[] = NONE
  copyCount = 0
  /** Further copies for one subscriber: one for each of its filters (MQTT 5 §3.3.4). */
  extras = 0
  /** Sent as the retained message of its topic, later than it was published. */
  replays = 0
  /** Who was to get it, and how many but for the publisher itself where it does not want to; undefined and -1 where nobody
   *  knows. */
  expected: Expected | undefined = undefined
  expectedCount = -1
  /** With QoS 1 and 2: the broker has taken it, or has refused it. */
  isTaken = false
  isRefused = false

  constructor(parts: Pick<Message, Parts>) {
    this.number = parts.number
    this.sentLast = parts.number
    this.time = parts.time
    this.a = parts.a
    this.b = parts.b
    this.topic = parts.topic
    this.size = parts.size
    this.qos = parts.qos
    this.retain = parts.retain
    this.connection = parts.connection
    this.port = parts.port
    this.isSeen = parts.isSeen
    this.session = parts.session
    this.isAsked = parts.isAsked
    this.properties = parts.properties
  }

  add(copy: Copy): void {
    if (this.copies === NONE) this.copies = []
    if (this.copies.length < MOST_COPIES) (this.copies as Copy[]).push(copy)
  }
}

type Parts =
  | 'number'
  | 'time'
  | 'a'
  | 'b'
  | 'topic'
  | 'size'
  | 'qos'
  | 'retain'
  | 'connection'
  | 'port'
  | 'isSeen'
  | 'session'
  | 'isAsked'
  | 'properties'

const FIRST_ROOM = 64

/** Messages in order of age, the oldest first out: a ring, so that no array that was left behind holds any of them. */
export class Queue {
  size = 0
  private ring: (Message | undefined)[] = new Array(FIRST_ROOM).fill(undefined)
  private head = 0

  get oldest(): Message | undefined {
    return this.ring[this.head]
  }

  add(message: Message): void {
    if (this.size === this.ring.length) this.widen()
    this.ring[(this.head + this.size++) % this.ring.length] = message
  }

  drop(): void {
    this.ring[this.head] = undefined
    this.head = (this.head + 1) % this.ring.length
    this.size--
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

  private at(place: number): Message | undefined {
    return this.ring[(this.head + place) % this.ring.length]
  }

  private widen(): void {
    const { ring, head } = this
    this.ring = [...ring.slice(head), ...ring.slice(0, head), ...ring.map(() => undefined)]
    this.head = 0
  }
}
