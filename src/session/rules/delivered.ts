/** What a client was sent last, for the rule on the order of deliveries. */
import type { Stream } from '../../store/stream.ts'

/** Deliveries to a connection that are remembered: what is out of order is so by a few. */
const MOST_DELIVERED = 64
/** Numbers of one delivery: packet of the message, its topic, stream of the publisher, and both QoS in one. */
const WIDTH = 4

/** A message as it was published, by what its order depends on. */
export interface Published {
  /** Packet of the publisher. */
  readonly number: number
  /** Id of the topic. */
  readonly topic: number
  /** Stream of the publisher. */
  readonly stream: Stream
  readonly qos: number
}

/** The messages that a client was sent last, as a ring of numbers. */
export class Delivered {
  /** Packet of the newest message among them. */
  private newest = 0
  private readonly last = new Float64Array(MOST_DELIVERED * WIDTH)
  private next = 0

  add({ number, topic, stream, qos: published }: Published, qos: number): void {
    const { last, next } = this
    last[next] = number
    last[next + 1] = topic
    last[next + 2] = stream.flow.index
    last[next + 3] = published * WIDTH + qos
    this.next = (next + WIDTH) % last.length
    this.newest = Math.max(this.newest, number)
  }

  /** Returns the packet of a later message of the same publisher, topic and QoS that was delivered before; 0 for none. */
  later({ number, topic, stream, qos: published }: Published, qos: number): number {
    if (number > this.newest) return 0
    const { last } = this
    for (let at = 0; at < last.length; at += WIDTH) {
      const isAlike = last[at + 2] === stream.flow.index && last[at + 3] === published * WIDTH + qos
      if (isAlike && last[at + 1] === topic && (last[at] ?? 0) > number) return last[at] ?? 0
    }
    return 0
  }
}
