/** Handshakes that went wrong: refused, never finished, with packets sent again, or waited for too long. */
import type { Exchange } from '../session/exchange/exchange.ts'
import type { Links } from '../store/links.ts'
import type { Row, Store } from '../store/store.ts'

/** Beyond it those that went wrong first are let go. */
const MOST_BROKEN = 5000
/** Seconds that an answer may take; longer ones are worth a look. */
const PATIENCE_S = 5

export class Broken {
  private readonly openers = new Set<number>()

  add(opener: number): void {
    this.openers.delete(opener)
    this.openers.add(opener)
    if (this.openers.size <= MOST_BROKEN) return
    for (const first of this.openers) {
      this.openers.delete(first)
      return
    }
  }

  /** An exchange is over. */
  ended({ opener, state, repeats }: Exchange): void {
    if (state !== 'complete' || repeats > 0) this.add(opener)
  }

  /** Rows of all their packets, in order; those that are `open` are judged by the time it is `now`. */
  rows(store: Store, links: Links, open: readonly Exchange[], now: number): readonly Row[] {
    const openers = new Set(this.openers)
    for (const { open: isOpen, opener, lastTime } of open) {
      if (isOpen !== undefined && now - lastTime > PATIENCE_S && openers.size < MOST_BROKEN * 2) openers.add(opener)
    }
    const rows = [...openers].flatMap(opener => {
      const row = store.rowOf(opener)
      return row < 0 ? [] : links.rows(row)
    })
    return rows.sort((a, b) => a - b)
  }

  /** Packets up to this number are not kept any more. */
  forget(last: number): void {
    for (const opener of this.openers) if (opener <= last) this.openers.delete(opener)
  }
}
