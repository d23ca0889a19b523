/** Work in proportion to the packets: what many subscribers times many topics would cost is left out instead. */

/** Subscribers, and levels of filters, looked at for each packet, on the average of a capture. */
const A_PACKET = 64
/** Those that may be looked at when nothing was for a while: about a tenth of a second. */
export const MOST_WORK = 1_000_000

export class Work {
  private left = MOST_WORK

  /** A packet has come, and so many copies with it. */
  earn(copies = 0): void {
    this.left = Math.min(MOST_WORK, this.left + A_PACKET + copies)
  }

  /** Returns true if so many may be looked at now. */
  allows(count: number): boolean {
    return count <= this.left
  }

  /** Returns true if so many may be looked at now; they are then taken for looked at. */
  spend(count: number): boolean {
    if (!this.allows(count)) return false
    this.left -= count
    return true
  }
}
