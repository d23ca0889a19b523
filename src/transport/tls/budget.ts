/**
 * Limits that all TLS streams of a capture share: memory for records that wait for their keys, and tries that may be
 * made.
 */

/** Most bytes that records of one direction take while they wait for a key, their frames with them. */
export const MOST_WAITING = 256 * 1024
/** Most bytes of all directions. Beyond it the direction that has waited longest is given up. */
export const MOST_WAITING_TOTAL = 32 * 1024 * 1024
/**
 * Most tries to open a record beyond the first one: of a stream, and of all. A gap in the sequence numbers costs an attacker
 * nothing, and each try 7 microseconds here.
 */
export const MOST_TRIES = 65_536
export const MOST_TRIES_TOTAL = 1_000_000
/** Most bytes that records and messages take together while they are put together out of pieces; what is beyond is lost. */
export const MOST_COLLECTED = 32 * 1024 * 1024
/** Most sequence numbers tried for one record. */
export const MOST_SLACK = 4096

/** A direction whose records wait. */
export interface Waiting {
  /** Nobody keeps its records any longer. */
  giveUp(): void
}

export class TlsBudget {
  /** Directions whose records were given up because too many waited. */
  givenUp = 0
  /** Bytes that are reserved for records and messages in pieces. */
  collected = 0
  private waiting = 0
  private tries = 0
  private readonly sizes = new Map<Waiting, number>()
  private readonly mostWaiting: number
  private readonly mostTries: number
  private readonly mostCollected: number

  constructor(mostWaiting = MOST_WAITING_TOTAL, mostTries = MOST_TRIES_TOTAL, mostCollected = MOST_COLLECTED) {
    this.mostCollected = mostCollected
    this.mostWaiting = mostWaiting
    this.mostTries = mostTries
  }

  /** Reserves memory for a record of this direction. It and others may be given up by that; false if it was. */
  reserve(side: Waiting, size: number): boolean {
    const before = this.sizes.get(side) ?? 0
    this.sizes.set(side, before + size)
    this.waiting += size
    if (before + size > MOST_WAITING) this.drop(side)
    while (this.waiting > this.mostWaiting) this.dropOldest()
    return this.sizes.has(side)
  }

  release(side: Waiting): void {
    this.waiting -= this.sizes.get(side) ?? 0
    this.sizes.delete(side)
  }

  /** Bytes of records that wait. */
  get held(): number {
    return this.waiting
  }

  /** Reserves memory for pieces of a record or message; false if there is none left. */
  collect(size: number): boolean {
    if (this.collected + size > this.mostCollected) return false
    this.collected += size
    return true
  }

  /** Allows one more try. */
  allow(): boolean {
    return this.tries++ < this.mostTries
  }

  /** Gives up whoever still waits: no more keys will come. */
  end(): void {
    for (const side of [...this.sizes.keys()]) {
      this.release(side)
      side.giveUp()
    }
  }

  private dropOldest(): void {
    for (const side of this.sizes.keys()) return this.drop(side)
  }

  private drop(side: Waiting): void {
    this.release(side)
    this.givenUp++
    side.giveUp()
  }
}

/** Smallest buffer of a collector: most messages and records that come in pieces fit. */
const SMALLEST = 1024

/** Puts bytes together that come in pieces, within what all of them may take. */
export class Collector {
  have = 0
  private held = EMPTY
  private readonly budget: TlsBudget

  constructor(budget: TlsBudget) {
    this.budget = budget
  }

  /** The bytes collected so far; valid until the next call. */
  get bytes(): Uint8Array {
    return this.held.subarray(0, this.have)
  }

  /**
   * Adds bytes until there are `size` of them. Returns the index after the last one that was taken; -1 if there is no
   * memory for them.
   */
  take(bytes: Uint8Array, at: number, end: number, size: number): number {
    const stop = Math.min(end, at + size - this.have)
    if (!this.reserve(this.have + stop - at)) return -1
    this.held.set(bytes.subarray(at, stop), this.have)
    this.have += stop - at
    return stop
  }

  /** Returns all bytes, and resets the object for reuse. */
  finish(): Uint8Array {
    const { bytes } = this
    this.clear()
    return bytes
  }

  /** Forgets what is there, and gives its memory back. */
  clear(): void {
    this.have = 0
    this.budget.collected -= this.held.length
    this.held = EMPTY
  }

  private reserve(size: number): boolean {
    if (size <= this.held.length) return true
    const larger = Math.max(SMALLEST, size, 2 * this.held.length)
    if (!this.budget.collect(larger - this.held.length)) return false
    const before = this.held
    this.held = new Uint8Array(larger)
    this.held.set(before.subarray(0, this.have))
    return true
  }
}

const EMPTY = new Uint8Array(0)
