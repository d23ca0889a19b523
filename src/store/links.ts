/**
 * Which rows answer each other: the packets of an exchange as a chain, 13 bytes a row. Chains hold packet numbers, not
 * rows, so that they stay true when the oldest rows are forgotten.
 */

import { bytesColumn, countsColumn } from '../base/column.ts'
import type { PacketRecord } from './record.ts'
import type { Row, Store } from './store.ts'
import {
  EXCHANGE_KINDS,
  EXCHANGE_STATES,
  type ExchangeKind,
  type ExchangeState,
  LEVELS,
  type Level,
} from './vocabulary.ts'

const NO_KIND = 7
const STATE_SHIFT = 3
/** The packet is a step of its exchange, not one sent again. */
const ANSWER = 0x20
/** The gravest finding on the packet. */
const MARKS: readonly (Level | undefined)[] = [undefined, ...LEVELS]
const LEVEL_SHIFT = 6

/** Packets of one exchange that are looked at: one that repeats a packet for ever has no end. */
export const MOST_CHAINED = 1000

export class Links {
  private readonly store: Store
  /** By row: number of the opener, 0 for none; of the packet behind it, 0 for none; of the one before, and of an opener of the last. */
  private readonly openers = countsColumn()
  private readonly nexts = countsColumn()
  private readonly befores = countsColumn()
  private readonly facts = bytesColumn()

  constructor(store: Store) {
    this.store = store
  }

  /** Keeps what the tracker says of the packet, which the store has put into `row`. */
  append(record: PacketRecord, row: Row): void {
    const { exchange, number } = record
    const opener = exchange?.opener ?? 0
    this.openers.set(row, opener)
    this.nexts.set(row, 0)
    this.befores.set(row, number)
    const kind = exchange?.kind === undefined ? NO_KIND : EXCHANGE_KINDS.indexOf(exchange.kind)
    const answer = (exchange?.answers ?? 0) > 0 ? ANSWER : 0
    this.facts.set(row, kind | (EXCHANGE_STATES.indexOf(exchange?.state ?? 'open') << STATE_SHIFT) | answer)
    if (opener > 0 && opener !== number) this.chain(row, number, this.store.rowOf(opener))
  }

  /** A finding was made on the packet. */
  mark(row: Row, level: Level): void {
    const facts = this.facts.get(row)
    const grave = Math.max(facts >> LEVEL_SHIFT, MARKS.indexOf(level))
    this.facts.set(row, (facts & ((1 << LEVEL_SHIFT) - 1)) | (grave << LEVEL_SHIFT))
  }

  /** Level of the gravest finding on the packet. */
  level(row: Row): Level | undefined {
    return MARKS[this.facts.get(row) >> LEVEL_SHIFT]
  }

  /** An exchange is over. */
  ended(opener: number, state: ExchangeState): void {
    const row = this.store.rowOf(opener)
    if (row < 0) return
    const rest = this.facts.get(row) & ~(3 << STATE_SHIFT)
    this.facts.set(row, rest | (EXCHANGE_STATES.indexOf(state) << STATE_SHIFT))
  }

  /** Number of the packet that opened its exchange; 0 for none. */
  opener(row: Row): number {
    return this.openers.get(row)
  }

  kind(row: Row): ExchangeKind | undefined {
    return EXCHANGE_KINDS[this.facts.get(row) & NO_KIND]
  }

  /** How its exchange ended, as far as is known by now. */
  state(row: Row): ExchangeState {
    const opener = this.store.rowOf(this.openers.get(row))
    return EXCHANGE_STATES[(this.facts.get(opener < 0 ? row : opener) >> STATE_SHIFT) & 3] ?? 'open'
  }

  /** The packet brings its exchange forward: it answers an earlier one. */
  isAnswer(row: Row): boolean {
    return (this.facts.get(row) & ANSWER) !== 0
  }

  /** Row of the next packet of the exchange; -1 for none. */
  next(row: Row): Row {
    return this.store.rowOf(this.nexts.get(row))
  }

  /** Row of the packet before it in the exchange; -1 for none. */
  before(row: Row): Row {
    const opener = this.openers.get(row)
    if (opener === 0 || opener === this.store.number(row)) return -1
    return this.store.rowOf(this.befores.get(row))
  }

  /** Number of the last packet of the exchange that `opener` opened; 0 if the opener is not kept. */
  lastOf(opener: number): number {
    const row = this.store.rowOf(opener)
    return row < 0 ? 0 : this.befores.get(row)
  }

  /** Rows of the whole exchange in order, as far as they are kept. */
  rows(row: Row): readonly Row[] {
    const opener = this.openers.get(row)
    if (opener === 0) return []
    const first = this.store.rowOf(opener)
    const rows: Row[] = []
    for (let at = first < 0 ? row : first; at >= 0 && rows.length < MOST_CHAINED; at = this.next(at)) rows.push(at)
    return rows
  }

  /** The row that it answers: the step before its own; -1 for none. */
  answers(row: Row): Row {
    if (!this.isAnswer(row)) return -1
    const chain = this.rows(row)
    for (let at = chain.indexOf(row) - 1; at >= 0; at--) {
      const before = chain[at] ?? -1
      if (at === 0 || this.isAnswer(before)) return before
    }
    return -1
  }

  forget(count: number): void {
    for (const column of [this.openers, this.nexts, this.befores, this.facts]) column.shift(count)
  }

  /** Puts the packet behind the last of its exchange. */
  private chain(row: Row, number: number, opener: Row): void {
    if (opener < 0) return
    const last = this.befores.get(opener)
    const before = this.store.rowOf(last)
    if (before >= 0) this.nexts.set(before, number)
    this.befores.set(row, last)
    this.befores.set(opener, number)
  }
}
