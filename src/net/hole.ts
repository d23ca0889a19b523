/** Age of a gap in a stream, and of the acknowledgement that proves it, in the time of the frames. */
import { distance } from './queue.ts'

/**
 * Segments and seconds that an acknowledged gap may still be filled: a capture may show an acknowledgement before its
 * data.
 */
export const PATIENCE_SEGMENTS = 32
export const PATIENCE_SECONDS = 1
/** Seconds after which a gap without acknowledgement is skipped (one direction captured). */
export const LONGEST_WAIT_SECONDS = 60

export class Hole {
  /** True if the receiver has acknowledged up to `proof`, which is beyond the start of the gap. */
  proven = false
  proof = 0
  private stands = false
  private at = 0
  private since = 0
  private proofTime = 0
  private proofSegments = 0

  /** Notes a gap at `next`; the receiver has acknowledged up to `acked`. */
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
    // The clock of a capture may step back: then the wait begins again.
    if (now < this.since) this.since = now
    if (now < this.proofTime) this.proofTime = now
    if (this.proven && segments - this.proofSegments >= PATIENCE_SEGMENTS) return true
    if (this.proven && now - this.proofTime >= PATIENCE_SECONDS) return true
    return now - this.since >= LONGEST_WAIT_SECONDS
  }
}
