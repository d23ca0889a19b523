/** Counts by type and by time. Follows the rows of the store; reads no bytes. */
import type { Capture } from '../../analysis/document.ts'

const TYPES = 16
/** Slices of time; when they are full each two become one of twice the length. */
const MOST_SLICES = 512
const FIRST_SLICE_SECONDS = 0.01

export class StatsTable {
  readonly packets = new Float64Array(TYPES)
  readonly bytes = new Float64Array(TYPES)
  /** Packets in each slice of time since the first. */
  readonly slices = new Float64Array(MOST_SLICES)
  sliceSeconds = FIRST_SLICE_SECONDS
  /** Seconds up to the last packet. */
  seconds = 0
  private seen = 0

  catchUp({ store, first }: Capture): void {
    for (let row = Math.max(0, this.seen - store.base); row < store.rows; row++) {
      const type = store.type(row)
      this.packets[type] = (this.packets[type] ?? 0) + 1
      this.bytes[type] = (this.bytes[type] ?? 0) + store.size(row)
      const since = first === undefined ? Number.NaN : store.nanosSince(row, first) / 1e9
      if (since >= 0) this.count(since)
    }
    this.seen = store.base + store.rows
  }

  /** Packets a second in `columns` parts of the whole time. */
  rates(columns: number): readonly number[] {
    const used = Math.max(1, Math.ceil(this.seconds / this.sliceSeconds))
    return Array.from({ length: Math.min(columns, used) }, (_, at) => {
      const parts = Math.min(columns, used)
      const from = Math.floor((at * used) / parts)
      const to = Math.max(from + 1, Math.floor(((at + 1) * used) / parts))
      return this.slices.subarray(from, to).reduce((a, b) => a + b, 0) / ((to - from) * this.sliceSeconds)
    })
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
