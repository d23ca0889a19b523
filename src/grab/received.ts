/**
 * The messages taken, as one log of bytes: number of the topic, size of the payload, payload. An object for each would
 * cost a flood of small messages many times what was received.
 */
import { varintSize, varintValue } from '../mqtt/properties.ts'

/** The first size of the log; it doubles. */
const LEAST_LOG = 4096
/** Of a topic's number and a payload's size, as MQTT 5 §1.5.5 writes numbers: a packet holds no larger ones. */
const MOST_NUMBER_BYTES = 4

const EMPTY = new Uint8Array(0)

export interface Message {
  readonly topic: Uint8Array
  /** The payload is `bytes[start..end)`. */
  readonly bytes: Uint8Array
  readonly start: number
  readonly end: number
}

export class Received {
  count = 0
  /** In order of first sight, each once. */
  readonly topics: Uint8Array[] = []
  private readonly numbers = new Map<string, number>()
  private log = EMPTY
  private used = 0

  add(topic: Uint8Array, bytes: Uint8Array, start: number, end: number): void {
    this.count++
    this.room(2 * MOST_NUMBER_BYTES + end - start)
    this.put(this.numberOf(topic))
    this.put(end - start)
    this.log.set(bytes.subarray(start, end), this.used)
    this.used += end - start
  }

  *messages(): IterableIterator<Message> {
    const { log, used } = this
    for (let at = 0; at < used; ) {
      const numberSize = varintSize(log, at, used)
      const topic = this.topics[varintValue(log, at, numberSize)] ?? EMPTY
      at += numberSize
      const sizeSize = varintSize(log, at, used)
      const start = at + sizeSize
      const end = start + varintValue(log, at, sizeSize)
      yield { topic, bytes: log, start, end }
      at = end
    }
  }

  /** Topics are told apart by their bytes: two that break UTF-8 differently are two. */
  private numberOf(topic: Uint8Array): number {
    const key = Buffer.from(topic.buffer, topic.byteOffset, topic.length).toString('latin1')
    const known = this.numbers.get(key)
    if (known !== undefined) return known
    this.numbers.set(key, this.topics.length)
    return this.topics.push(topic.slice()) - 1
  }

  private put(number: number): void {
    let rest = number
    for (; rest > 0x7f; rest >>>= 7) this.log[this.used++] = (rest & 0x7f) | 0x80
    this.log[this.used++] = rest
  }

  private room(more: number): void {
    if (this.used + more <= this.log.length) return
    const larger = new Uint8Array(Math.max(LEAST_LOG, this.log.length * 2, this.used + more))
    larger.set(this.log.subarray(0, this.used))
    this.log = larger
  }
}
