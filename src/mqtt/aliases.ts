/**
 * Topic aliases of one direction of a connection (MQTT 5 §3.3.2.3.4): each direction has its own, and what an alias
 * means is what the last packet before said. Look an alias up when its packet comes, not later.
 */
import { equalBytes } from '../base/bytes.ts'

/** Topic bytes kept of one direction; brokers allow tens of aliases. Beyond it an alias is forgotten and counted. */
export const MOST_ALIAS_BYTES = 1024 * 1024
/** An alias is a two-byte number that is not 0. */
const MOST_ALIASES = 65_535

/** Factor between offset and size when a topic in the slab is one number, offset * 65,536 + size. */
const SIZE_RANGE = 65_536
const offsetOf = (span: number): number => Math.floor(span / SIZE_RANGE)
const sizeOf = (span: number): number => span % SIZE_RANGE

const EMPTY = new Uint8Array(0)
const NO_SPANS: Map<number, number> = new Map()

/** Topic aliases of one direction, made with its first alias: most connections have none. */
export class Aliases {
  /** The topic found last is `bytes[start..end)`, valid until the next `set`. */
  bytes: Uint8Array = EMPTY
  start = 0
  end = 0
  /** Aliases that found no room. */
  forgotten = 0
  private spans: Map<number, number> = NO_SPANS
  private used = 0
  private live = 0

  get size(): number {
    return this.spans.size
  }

  /** The alias means `bytes[start..end)` from now on. */
  set(alias: number, bytes: Uint8Array, start: number, end: number): void {
    const size = end - start
    const span = this.spans.get(alias)
    if (span !== undefined) {
      const offset = offsetOf(span)
      if (size === sizeOf(span) && equalBytes(this.bytes, offset, bytes, start, size)) return
      this.live -= sizeOf(span)
      this.spans.delete(alias)
    }
    if (alias < 1 || alias > MOST_ALIASES || size >= SIZE_RANGE || !this.room(size)) {
      this.forgotten++
      return
    }
    this.bytes.set(bytes.subarray(start, end), this.used)
    if (this.spans === NO_SPANS) this.spans = new Map()
    this.spans.set(alias, this.used * SIZE_RANGE + size)
    this.used += size
    this.live += size
  }

  /** True where the alias is defined: its topic is then `bytes[start..end)` of this object. */
  find(alias: number): boolean {
    const span = this.spans.get(alias)
    if (span === undefined) return false
    this.start = offsetOf(span)
    this.end = this.start + sizeOf(span)
    return true
  }

  /** The topic's bytes, copied; undefined where the alias is not defined. */
  get(alias: number): Uint8Array | undefined {
    return this.find(alias) ? this.bytes.slice(this.start, this.end) : undefined
  }

  /** Makes room after the last topic: moves topics over forgotten ones if these are half of the slab, else grows it. */
  private room(size: number): boolean {
    if (this.live + size > MOST_ALIAS_BYTES) return false
    if (this.used + size <= this.bytes.length) return true
    const capacity = Math.max(64, 2 ** Math.ceil(Math.log2((this.live + size) * 2)))
    this.repack(Math.min(capacity, MOST_ALIAS_BYTES * 2))
    return true
  }

  private repack(capacity: number): void {
    const packed = new Uint8Array(capacity)
    let used = 0
    for (const [alias, span] of this.spans) {
      const offset = offsetOf(span)
      packed.set(this.bytes.subarray(offset, offset + sizeOf(span)), used)
      this.spans.set(alias, used * SIZE_RANGE + sizeOf(span))
      used += sizeOf(span)
    }
    this.bytes = packed
    this.used = used
  }
}
