/** What all TLS streams of a capture share: memory for records that wait for their keys, and tries that may be made. */

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
  private waiting = 0
  private tries = 0
  private readonly sizes = new Map<Waiting, number>()
  private readonly mostWaiting: number
  private readonly mostTries: number

  constructor(mostWaiting = MOST_WAITING_TOTAL, mostTries = MOST_TRIES_TOTAL) {
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
