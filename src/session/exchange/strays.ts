/**
 * Answers that fit no open exchange: those whose question comes later in the capture, where it holds the two directions in
 * the wrong order, and those to packets that were sent again, after the exchange was over.
 */
import type { Side } from '../../store/record.ts'

/** Seconds by which a capture may hold the two directions in the wrong order. */
export const DISORDER = 0.1
/** Seconds after which the question of an answer is no longer expected, where bytes of the other side were proven missing. */
const PATIENCE = 2
/** Answers remembered of a connection: two for each segment that a hole waits for; beyond it the oldest is forgotten. */
export const MOST_STRAYS = 64
/** Packet ids remembered for which answers are due; beyond it the oldest is forgotten. */
export const MOST_DEBTS = 64

/** An answer that came before its question. */
export interface Stray {
  /** The side that asks, and the key of the exchange. */
  readonly side: Side
  readonly key: number
  readonly type: number
  readonly number: number
  readonly time: number
  readonly code: number
  /** Its segment acknowledges bytes of the other side that had not come. */
  readonly isProven: boolean
}

export class Strays {
  /** In the order in which they came. */
  private list: Stray[] = []

  add(stray: Stray): void {
    this.list.push(stray)
    if (this.list.length > MOST_STRAYS) this.list.shift()
  }

  get isEmpty(): boolean {
    return this.list.length === 0
  }

  /** Forgets the answers whose questions are no longer expected at `time`. */
  forget(time: number): void {
    const [oldest] = this.list
    if (oldest === undefined || time - oldest.time < DISORDER) return
    this.list = this.list.filter(stray => time - stray.time < (stray.isProven ? PATIENCE : DISORDER))
  }

  /** Takes out the first answer of this type to a question under this key. */
  take(side: Side, key: number, type: number): Stray | undefined {
    const index = this.list.findIndex(stray => stray.key === key && stray.type === type && stray.side === side)
    return index === -1 ? undefined : this.list.splice(index, 1)[0]
  }
}

interface Debt {
  readonly side: Side
  readonly key: number
  readonly type: number
  count: number
}

export class Debts {
  private list: Debt[] = []

  /** The packet under `key` of `side` was sent again `count` times: so many more answers of this type are due. */
  owe(side: Side, key: number, type: number, count: number): void {
    if (count === 0) return
    this.list = this.list.filter(debt => debt.side !== side || debt.key !== key || debt.type !== type)
    this.list.push({ side, key, type, count })
    if (this.list.length > MOST_DEBTS) this.list.shift()
  }

  /** Returns true if the answer was due; it no longer is. */
  pay(side: Side, key: number, type: number): boolean {
    const debt = this.list.find(due => due.side === side && due.key === key && due.type === type)
    if (debt === undefined || debt.count === 0) return false
    debt.count--
    return true
  }
}
