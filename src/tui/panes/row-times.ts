/** When a packet was seen, in the ways that the list can show it. */

import type { Document } from '../../analysis/document.ts'
import type { Row } from '../../store/store.ts'
import { Times } from '../../text/moments.ts'

/** Since the first frame, since the one shown before, since the one before in its connection, since the reference; clocks. */
export const TIME_MODES = ['r', 'delta', 'conn', 'ref', 'u', 'a', 'ad', 'e'] as const
export type TimeMode = (typeof TIME_MODES)[number]

/** Digits of a second's fraction: with nine there is no room for anything else. */
export const FRACTION = 6
/** Rows looked at for the one before in the connection. */
const MOST_SCANNED = 100_000
/** Packets whose predecessor is kept. */
const MOST_KEPT = 2000
const NONE = '-'
/** Of the reference itself, as Wireshark writes it. */
const REFERENCE = '*REF*'

/** What times are shown of, and how. */
export interface TimeSettings {
  readonly document: Document
  readonly time: TimeMode
  /** Number of the packet that times may count from; 0 for none. */
  readonly reference: number
}

export class RowTimes {
  private readonly document: Document
  private readonly mode: TimeMode
  private readonly reference: number
  private readonly clock: Times | undefined
  /** Number of the packet before in the connection, by number; 0 for none. */
  private readonly before: Map<number, number>

  /** For one drawing of the list; `before` is kept for the next. */
  constructor({ document, time, reference }: TimeSettings, before: Map<number, number>) {
    this.document = document
    this.mode = time
    this.reference = reference
    this.before = before
    if (time === 'delta' || time === 'conn' || time === 'ref') return
    this.clock = new Times(time, FRACTION)
    if (document.first !== undefined) this.clock.begin(document.first)
  }

  /** `above`: the row shown before it; -1 for none. */
  of(row: Row, above: Row): string {
    const { document, clock, mode, reference } = this
    const { store } = document
    if (clock !== undefined) return clock.of(store.stamp(row))
    if (mode === 'delta') return this.seconds(above, row)
    if (mode === 'conn') return this.seconds(store.rowOf(this.inConnection(row)), row)
    return store.number(row) === reference ? REFERENCE : this.seconds(store.rowOf(reference), row)
  }

  /** Of a moment between packets, in seconds since the first frame; empty where times count from packets. */
  at(time: number): string {
    return this.clock?.of(this.document.stampAt(time)) ?? ''
  }

  private inConnection(row: Row): number {
    const { store } = this.document
    const number = store.number(row)
    const known = this.before.get(number)
    if (known !== undefined) return known
    if (this.before.size >= MOST_KEPT) this.before.clear()
    const id = store.streamId(row)
    const end = Math.max(0, row - MOST_SCANNED)
    let at = row - 1
    while (at >= end && store.streamId(at) !== id) at--
    const found = at < end ? 0 : store.number(at)
    this.before.set(number, found)
    return found
  }

  private seconds(from: Row, to: Row): string {
    const between = this.document.between(from, to)
    const { timeDigits } = this.document.store.stamp(to)
    return Number.isNaN(between) ? NONE : between.toFixed(Math.min(FRACTION, timeDigits))
  }
}
