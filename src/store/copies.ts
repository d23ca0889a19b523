/**
 * Which rows are copies of one message: the packet that brought it first and all that are tied to it, as a chain. 9 bytes
 * a row, and 16 more for each message that has copies.
 */
import { bytesColumn, countsColumn } from '../base/column.ts'
import { MOST_CHAINED } from './links.ts'
import type { FanOutFact, PacketRecord } from './record.ts'
import type { Row, Store } from './store.ts'
import { FANOUT_ROLES } from './vocabulary.ts'

/** With the role: it is known who is to get the message. 0: the row has no role. */
const EXPECTED = 0x08
const ROLE = 0x07

export class Copies {
  private readonly store: Store
  /** By row: role from 1 on; place of its message from 1 on, 0 where nothing is tied to it; number of the next packet, of what
   *  nothing is tied to how many are to get it. */
  private readonly roles = bytesColumn()
  private readonly messages = countsColumn()
  private readonly nexts = countsColumn()
  /** Rows that have a role end here. */
  private end = 0
  private isUsed = false
  /** By message: its first and its last packet, copies, subscribers that are to get it. */
  private openers = countsColumn()
  private lasts = countsColumn()
  private counts = countsColumn()
  private expected = countsColumn()
  private size = 0

  constructor(store: Store) {
    this.store = store
  }

  /** Keeps what is known of the packet, which the store has put into `row`. */
  append({ fanOut, number }: PacketRecord, row: Row): void {
    if (fanOut === undefined) {
      // Where rows were forgotten, others stood here before.
      if (this.isUsed) this.roles.set(row, 0)
      return
    }
    const { role, opener, expected } = fanOut
    this.isUsed = true
    this.end = row + 1
    this.roles.set(row, (FANOUT_ROLES.indexOf(role) + 1) | (expected >= 0 ? EXPECTED : 0))
    this.messages.set(row, 0)
    this.nexts.set(row, Math.max(0, expected))
    if (opener !== number) this.tie(row, number, fanOut)
  }

  /** What the packet is on the way of its message, as known by now. */
  fact(row: Row): FanOutFact | undefined {
    const stored = this.stored(row)
    if (stored === 0) return undefined
    const { store } = this
    const role = FANOUT_ROLES[(stored & ROLE) - 1] ?? 'fresh'
    const message = this.messages.get(row)
    const number = store.number(row)
    const isExpected = (stored & EXPECTED) !== 0
    if (message === 0) {
      const opener = role === 'fresh' ? number : 0
      const expected = isExpected ? this.nexts.get(row) : -1
      return { role, opener, latency: Number.NaN, copies: role === 'fresh' ? this.ownCopy(row) : 0, expected }
    }
    const opener = this.openers.get(message)
    const first = role === 'copy' || role === 'extra' ? store.rowOf(opener) : -1
    const isPublished = first >= 0 && store.stream(first).senderOf(store.side(first)) === 'client'
    return {
      role,
      opener,
      latency: isPublished ? store.passedBetween(first, row) : Number.NaN,
      copies: this.counts.get(message),
      expected: isExpected ? this.expected.get(message) : -1,
    }
  }

  /** Rows of the message in order, the first one in front, as far as they are kept; none where there is but one. */
  rows(row: Row): readonly Row[] {
    const message = this.stored(row) === 0 ? 0 : this.messages.get(row)
    if (message === 0) return []
    const { store } = this
    const first = store.rowOf(this.openers.get(message))
    const rows: Row[] = []
    for (let at = first < 0 ? row : first; at >= 0 && rows.length < MOST_CHAINED; ) {
      rows.push(at)
      at = store.rowOf(this.nexts.get(at))
    }
    return rows
  }

  /** Its oldest rows are about to go. Messages of which no packet is left go with them. */
  forget(count: number): void {
    for (const column of [this.roles, this.messages, this.nexts]) column.shift(count)
    this.end = Math.max(0, this.end - count)
    const kept = new Map<number, number>()
    const old = [this.openers, this.lasts, this.counts, this.expected] as const
    const fresh = old.map(countsColumn)
    for (let row = 0; row < this.end; row++) {
      const message = this.stored(row) === 0 ? 0 : this.messages.get(row)
      if (message === 0) continue
      let place = kept.get(message)
      if (place === undefined) {
        place = kept.size + 1
        kept.set(message, place)
        for (const [at, column] of old.entries()) fresh[at]?.set(place, column.get(message))
      }
      this.messages.set(row, place)
    }
    const [openers, lasts, counts, expected] = fresh
    this.openers = openers ?? this.openers
    this.lasts = lasts ?? this.lasts
    this.counts = counts ?? this.counts
    this.expected = expected ?? this.expected
    this.size = kept.size
  }

  private stored(row: Row): number {
    return row < this.end ? this.roles.get(row) : 0
  }

  /** A message whose publisher was not seen begins with a copy. */
  private ownCopy(row: Row): number {
    return this.store.stream(row).senderOf(this.store.side(row)) === 'server' ? 1 : 0
  }

  private begin(row: Row, number: number): number {
    const message = ++this.size
    this.messages.set(row, message)
    this.openers.set(message, number)
    this.lasts.set(message, number)
    this.counts.set(message, this.ownCopy(row))
    this.expected.set(message, this.nexts.get(row))
    this.nexts.set(row, 0)
    return message
  }

  /** Puts the packet behind the last one of its message. */
  private tie(row: Row, number: number, { opener, copies }: FanOutFact): void {
    const { store } = this
    const first = store.rowOf(opener)
    if (first < 0 || this.stored(first) === 0) return
    const known = this.messages.get(first)
    const message = known === 0 ? this.begin(first, opener) : known
    const last = store.rowOf(this.lasts.get(message))
    if (last >= 0) this.nexts.set(last, number)
    this.nexts.set(row, 0)
    this.messages.set(row, message)
    this.lasts.set(message, number)
    this.counts.set(message, Math.max(copies, this.counts.get(message)))
  }
}
