/** The messages taken: their bytes in one piece each way, so that they never cost more than was received. */

/** Of the log of payloads; it doubles up to the limit of bytes. */
const LEAST_LOG = 4096

const EMPTY = new Uint8Array(0)

export interface Message {
  readonly topic: Uint8Array
  /** The payload is `bytes[start..end)`. */
  readonly bytes: Uint8Array
  readonly start: number
  readonly end: number
}

export class Taken {
  /** In order of first sight, each once. */
  readonly topics: Uint8Array[] = []
  private readonly numbers = new Map<string, number>()
  private readonly topicOf: number[] = []
  private readonly ends: number[] = []
  private log = EMPTY
  private used = 0

  get count(): number {
    return this.ends.length
  }

  add(topic: Uint8Array, bytes: Uint8Array, start: number, end: number): void {
    this.topicOf.push(this.numberOf(topic))
    this.room(end - start)
    this.log.set(bytes.subarray(start, end), this.used)
    this.used += end - start
    this.ends.push(this.used)
  }

  *messages(): IterableIterator<Message> {
    let start = 0
    for (const [at, end] of this.ends.entries()) {
      yield { topic: this.topics[this.topicOf[at] ?? 0] ?? EMPTY, bytes: this.log, start, end }
      start = end
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

  private room(more: number): void {
    if (this.used + more <= this.log.length) return
    const larger = new Uint8Array(Math.max(LEAST_LOG, this.log.length * 2, this.used + more))
    larger.set(this.log.subarray(0, this.used))
    this.log = larger
  }
}
