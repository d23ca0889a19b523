/** How long a hole in a stream has stood, and since when an acknowledgement proves it. Time comes from frames. */
import { distance } from './queue.ts'

/** A capture may itself be out of order, and an acknowledgement overtake its data: so much patience has a hole that is proven. */
export const PATIENCE_SEGMENTS = 32
export const PATIENCE_SECONDS = 1
/** A hole that nobody proves (one direction captured) is given up after this time. */
export const LONGEST_WAIT_SECONDS = 60

export class Hole {
  /** The receiver has acknowledged up to `proof`, and that is beyond the hole's start. */
  proven = false
  proof = 0
  private stands = false
  private at = 0
  private since = 0
  private proofTime = 0
  private proofSegments = 0

  /** There is a hole at `next`; the receiver has acknowledged up to `acked`. */
  note(next: number, acked: number, now: number, segments: number): void {
    if (!this.stands || this.at !== next) {
      this.stands = true
      this.at = next
      this.since = now
    }
    if (this.proven && distance(next, this.proof) > 0) return
    this.proven = distance(next, acked) > 0
    if (!this.proven) return
    this.proof = acked
    this.proofTime = now
    this.proofSegments = segments
  }

  clear(): void {
    this.stands = false
    this.proven = false
  }

  overdue(now: number, segments: number): boolean {
    // The clock of a capture may step back: then the wait begins anew.
    if (now < this.since) this.since = now
    if (now < this.proofTime) this.proofTime = now
    if (this.proven && segments - this.proofSegments >= PATIENCE_SEGMENTS) return true
    if (this.proven && now - this.proofTime >= PATIENCE_SECONDS) return true
    return now - this.since >= LONGEST_WAIT_SECONDS
  }
}
