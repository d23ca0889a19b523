/** Queue of one direction of TLS that waits for a key: records, and the gaps between them, in order of arrival. */
import type { FlowEnd, Frame } from '../../base/line.ts'

/** One record with its header, as `RecordListener.record` brings it. */
export interface TlsRecord {
  readonly kind: 'record'
  readonly bytes: Uint8Array
  readonly missing: number
  readonly frame: Frame
  readonly position: number
}

/** An item that waits for a key. */
export type Held =
  | TlsRecord
  | { readonly kind: 'lost'; readonly size: number; readonly frame: Frame }
  | { readonly kind: 'end'; readonly how: FlowEnd; readonly frame: Frame }

/** Bytes that a held record takes besides its own and those of its frame. */
const HELD_OVERHEAD = 256

/** The queue of one direction. Its memory is reserved with the budget of all directions, which may clear it at any time. */
export class HeldRecords {
  /** Index of the first one that waits. */
  begin = 0
  private all: Held[] = []
  private readonly reserve: (size: number) => boolean
  private readonly release: () => void

  /** `reserve` returns false if the direction was given up; `release` gives back all that was reserved. */
  constructor(reserve: (size: number) => boolean, release: () => void) {
    this.reserve = reserve
    this.release = release
  }

  /** Index behind the last one. */
  get end(): number {
    return this.all.length
  }

  /** The one that has waited longest; undefined if none waits. */
  get first(): Held | undefined {
    return this.all[this.begin]
  }

  /** The one that came last; undefined if none waits. */
  get last(): Held | undefined {
    return this.all.at(-1)
  }

  /** Returns the one at an index from `begin` to before `end`. */
  at(index: number): Held {
    return this.all[index] as Held
  }

  /** Returns those before an index. */
  until(index: number): readonly Held[] {
    return this.all.slice(this.begin, index)
  }

  /** Keeps one more, of `size` bytes with its frame. Returns false if the direction was given up by that. */
  push(held: Held, size: number): boolean {
    this.all.push(held)
    return this.reserve(size + HELD_OVERHEAD)
  }

  /** Drops those up to an index, and the one there. */
  leave(index: number): void {
    this.begin = index + 1
    if (this.begin >= this.all.length) this.clear()
  }

  /** Drops all, and gives their memory back. */
  clear(): void {
    this.all = []
    this.begin = 0
    this.release()
  }
}
