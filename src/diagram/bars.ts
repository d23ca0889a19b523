/** Packets as bars: how many a second over time, and how many of each type. Follows the rows of a store; reads no bytes. */
import type { Row, Store } from '../store/store.ts'

/** One bar of a chart: its height, and the two ends of what it counts. */
export interface Bar {
  /** Lower end, and the end that belongs to the next bar: in seconds. */
  readonly from: number
  readonly to: number
  readonly value: number
}

export interface TypeBar {
  /** Number of the packet type. */
  readonly type: number
  readonly packets: number
  readonly bytes: number
  /** Part of all packets, above 0 and up to 1. */
  readonly share: number
}

const TYPES = 16
/** Slices of time. When all are used, each two become one of twice the length. */
const MOST_SLICES = 512
const FIRST_SLICE_SECONDS = 0.01

export class PacketBars {
  /** Seconds from the first frame to the last packet. */
  seconds = 0
  private readonly packets = new Float64Array(TYPES)
  private readonly bytes = new Float64Array(TYPES)
  /** Packets in each slice of time since the first frame. */
  private readonly slices = new Float64Array(MOST_SLICES)
  private sliceSeconds = FIRST_SLICE_SECONDS
  /** Packets counted. Those that the store forgot before they were counted are left out. */
  private seen = 0

  /** Counts the rows that came since the last call. `first`: time of the first frame; undefined before it came. */
  catchUp(store: Store, first: { readonly seconds: number; readonly nanos: number } | undefined): void {
    for (let row: Row = Math.max(0, this.seen - store.base); row < store.rows; row++) {
      const type = store.type(row)
      this.packets[type] = (this.packets[type] ?? 0) + 1
      this.bytes[type] = (this.bytes[type] ?? 0) + store.size(row)
      const since = first === undefined ? Number.NaN : store.nanosSince(row, first) / 1e9
      if (since >= 0) this.count(since)
    }
    this.seen = store.base + store.rows
  }

  /** Packets a second in at most `most` equal parts of the whole time, in order. */
  byTime(most: number): readonly Bar[] {
    const { sliceSeconds } = this
    const used = Math.max(1, Math.ceil(this.seconds / sliceSeconds))
    const parts = Math.min(most, used)
    return Array.from({ length: parts }, (_, at) => {
      const from = Math.floor((at * used) / parts)
      const to = Math.max(from + 1, Math.floor(((at + 1) * used) / parts))
      const packets = this.slices.subarray(from, to).reduce((a, b) => a + b, 0)
      return { from: from * sliceSeconds, to: to * sliceSeconds, value: packets / ((to - from) * sliceSeconds) }
    })
  }

  /** Types that occur, the most frequent first. */
  byType(): readonly TypeBar[] {
    const all = this.packets.reduce((a, b) => a + b, 0)
    return [...this.packets]
      .map((packets, type) => ({ type, packets, bytes: this.bytes[type] ?? 0, share: packets / all }))
      .filter(({ packets }) => packets > 0)
      .sort((a, b) => b.packets - a.packets)
  }

  private count(since: number): void {
    while (since >= this.sliceSeconds * MOST_SLICES) this.halve()
    const slice = Math.floor(since / this.sliceSeconds)
    this.slices[slice] = (this.slices[slice] ?? 0) + 1
    this.seconds = Math.max(this.seconds, since)
  }

  private halve(): void {
    for (let at = 0; at < MOST_SLICES; at++) {
      const two = (this.slices[at * 2] ?? 0) + (this.slices[at * 2 + 1] ?? 0)
      this.slices[at] = at * 2 < MOST_SLICES ? two : 0
    }
    this.sliceSeconds *= 2
  }
}
