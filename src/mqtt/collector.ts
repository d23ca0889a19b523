/** Collects one packet that comes in several runs, and the budget that all collectors share. */
import { u8 } from '../base/bytes.ts'
import { NOWHERE, positionBehind } from '../base/line.ts'

/** A whole packet is kept up to here: what brokers let through is far below, and a hex pane shows no more. */
export const MOST_KEPT = 16 * 1024 * 1024
/** Most bytes kept of an incomplete packet: a header of five bytes can announce 256 MiB. */
export const MOST_INCOMPLETE = 1024 * 1024
/** Bytes collected over all flows. Beyond it the largest collector is cut down, see `Collector.cut`. */
export const MOST_COLLECTED = 48 * 1024 * 1024
/**
 * Pieces noted of one packet: enough for 16 MiB in segments of 1 KiB. Beyond it the rest is one piece without a
 * position.
 */
export const MOST_PIECES = 16_384
/** Most gaps noted in one packet. After the last one all bytes count as missing. */
export const MOST_HOLES = 1024

/** The first buffer of a collector is always granted: the number of flows bounds it, and the fixed header must fit. */
const LEAST_BUFFER = 64
/**
 * Sizes in bytes to which a collector is cut, step by step, if the budget is full: the last is enough for any header.
 */
const CUTS = [MOST_INCOMPLETE, 64 * 1024, 4096]
const LEAST_KEPT = 4096
/** Pieces in a block, at 16 bytes each. The budget counts blocks; the first block is free. */
const PIECE_BLOCK = 256
const PIECE_BLOCK_BYTES = PIECE_BLOCK * 16
/** Buffers up to this size are lent again, so that a stream of split packets allocates nothing; so many of each size. */
const MOST_LENT = 64 * 1024
const MOST_SPARE = 4

/** Most bytes that are copied faster one by one than by a call. */
const BY_HAND = 64

const EMPTY = new Uint8Array(0)
/** The least one that is not below. */
const powerOfTwo = (size: number): number => 2 ** (32 - Math.clz32(size - 1))

const sizeClass = (capacity: number): number => 31 - Math.clz32(capacity)

/** The memory of all collectors: hands out buffers (sizes are powers of two), and makes room when there is none. */
export class Budget {
  /** Bytes handed out. */
  held = 0
  /** Number of times that a collector dropped bytes because the budget was full. */
  evictions = 0
  private readonly most: number
  /** Collectors above LEAST_KEPT by size class, so that the largest is found at once. */
  private readonly large: Set<Collector>[] = Array.from({ length: 32 }, () => new Set<Collector>())
  private readonly spare: Uint8Array[][] = Array.from({ length: 32 }, () => [])

  constructor(most = MOST_COLLECTED) {
    this.most = most
  }

  /** Counts `more` bytes for the asker; false where the asker itself is the largest, and is to keep no more. */
  admit(asker: Collector, more: number): boolean {
    while (this.held + more > this.most) {
      const largest = this.largest(asker)
      this.evictions++
      if (largest !== asker || asker.capacity > MOST_INCOMPLETE) largest.cut()
      if (largest === asker) return false
    }
    this.held += more
    return true
  }

  grant(more: number): void {
    this.held += more
  }

  release(size: number): void {
    this.held -= size
  }

  take(capacity: number): Uint8Array {
    return this.spare[sizeClass(capacity)]?.pop() ?? new Uint8Array(capacity)
  }

  give(buffer: Uint8Array): void {
    const shelf = this.spare[sizeClass(buffer.length)]
    if (buffer.length <= MOST_LENT && shelf !== undefined && shelf.length < MOST_SPARE) shelf.push(buffer)
  }

  /** The collector's buffer changed its size. */
  moved(collector: Collector, from: number, to: number): void {
    if (from > LEAST_KEPT) this.large[sizeClass(from)]?.delete(collector)
    if (to > LEAST_KEPT) this.large[sizeClass(to)]?.add(collector)
  }

  private largest(asker: Collector): Collector {
    for (let size = 31; size > sizeClass(asker.capacity | 1); size--) {
      for (const collector of this.large[size] ?? []) return collector
    }
    return asker
  }
}

/** One packet in the making. `size` counts all of its bytes that came or were missing, kept or not. */
export class Collector {
  /** The kept bytes are `bytes[0..kept)`: those before the first gap, followed directly by those after it. */
  bytes: Uint8Array = EMPTY
  kept = 0
  size = 0
  /** Bytes of `size` that are not in the capture. */
  lost = 0
  /** Size of the whole packet; 0 while its Remaining Length is not complete. */
  need = 0
  /** Unix time of its first byte. */
  began = Number.NaN
  /** Pairs, as in RawPacket. */
  holes: number[] = []
  pieces: number[] = []
  private most = MOST_KEPT
  /** No more pieces are noted. */
  private noted = false
  private charged = 0
  private readonly budget: Budget

  constructor(budget: Budget) {
    this.budget = budget
  }

  get capacity(): number {
    return this.bytes.length
  }

  /** Bytes from the packet's start to its first hole. */
  get readable(): number {
    return this.holes[0] ?? this.kept
  }

  /** Adds `bytes[start..end)`, which can be read again at `position` (or NOWHERE). */
  add(bytes: Uint8Array, start: number, end: number, position: number): void {
    const size = end - start
    if (size === 0) return
    this.note(position, size)
    if (this.kept + size > this.bytes.length && this.kept < this.most) this.grow(this.kept + size)
    const room = Math.max(0, Math.min(size, this.bytes.length - this.kept, this.most - this.kept))
    if (room > BY_HAND) this.bytes.set(bytes.subarray(start, start + room), this.kept)
    else for (let at = 0; at < room; at++) this.bytes[this.kept + at] = u8(bytes, start + at)
    this.kept += room
    this.size += room
    if (room < size) this.miss(size - room)
  }

  /** `size` bytes of the packet are not in the capture. */
  hole(size: number): void {
    this.note(NOWHERE, size)
    this.miss(size)
    this.lost += size
  }

  /** Forgets the first `size` bytes of a short beginning without holes. */
  drop(size: number): void {
    this.bytes.copyWithin(0, size, this.kept)
    this.kept -= size
    this.size -= size
    for (let left = size; left > 0; ) {
      const [position = 0, length = left] = this.pieces
      if (length <= left) this.pieces.splice(0, 2)
      else this.pieces.splice(0, 2, positionBehind(position, left), length - left)
      left -= length
    }
  }

  /** Forgets bytes until the first `kept` are left; what goes becomes a hole. */
  trim(kept: number): void {
    if (kept >= this.kept) return
    let left = kept
    let offset = 0
    let at = 0
    for (; at < this.holes.length; at += 2) {
      const hole = this.holes[at] ?? 0
      if (left <= hole - offset) break
      left -= hole - offset
      offset = hole + (this.holes[at + 1] ?? 0)
    }
    this.holes.length = at
    this.holes.push(offset + left, this.size - offset - left)
    this.kept = kept
  }

  /** Gives room to others: keeps its first bytes, and no more from then on. */
  cut(): void {
    const capacity = CUTS.find(size => size < this.capacity) ?? this.capacity
    this.trim(capacity)
    this.most = this.kept
    if (capacity === this.capacity) return
    this.release(this.capacity - capacity)
    this.resize(capacity)
  }

  /** Ready for the next packet. */
  clear(): void {
    this.budget.moved(this, this.capacity, 0)
    this.release(this.charged)
    if (this.capacity > 0) this.budget.give(this.bytes)
    this.bytes = EMPTY
    this.kept = this.size = this.lost = this.need = 0
    this.most = MOST_KEPT
    this.noted = false
    if (this.holes.length > 0) this.holes = []
    this.pieces = this.pieces.length > PIECE_BLOCK ? [] : this.pieces
    this.pieces.length = 0
  }

  private grow(wanted: number): void {
    const least = Math.max(LEAST_BUFFER, this.capacity * 2)
    const capacity = Math.min(MOST_KEPT, Math.max(least, powerOfTwo(wanted)))
    if (capacity === LEAST_BUFFER) this.budget.grant(capacity)
    else if (!this.budget.admit(this, capacity - this.capacity)) return this.refused()
    this.charged += capacity - this.capacity
    this.resize(capacity)
  }

  /** No room: goes on with the buffer it has, or with the least one. */
  private refused(): void {
    if (this.capacity === 0) {
      this.budget.grant(LEAST_BUFFER)
      this.charged += LEAST_BUFFER
      this.resize(LEAST_BUFFER)
    }
    this.most = this.capacity
  }

  private resize(capacity: number): void {
    const before = this.bytes
    this.bytes = this.budget.take(capacity)
    if (this.kept > 0) this.bytes.set(before.subarray(0, this.kept))
    this.budget.moved(this, before.length, capacity)
    if (before.length > 0) this.budget.give(before)
  }

  private release(size: number): void {
    this.budget.release(size)
    this.charged -= size
  }

  private miss(size: number): void {
    const { holes } = this
    const last = holes.length - 2
    if (last >= 0 && (holes[last] ?? 0) + (holes[last + 1] ?? 0) === this.size)
      holes[last + 1] = (holes[last + 1] ?? 0) + size
    else holes.push(this.size, size)
    if (holes.length >= MOST_HOLES * 2) this.most = Math.min(this.most, this.kept)
    this.size += size
  }

  private note(position: number, size: number): void {
    const { pieces } = this
    const last = pieces.length - 2
    const before = pieces[last] ?? 0
    const held = pieces[last + 1] ?? 0
    const nowhere = position < 0 || this.noted
    const joins = last >= 0 && (nowhere ? before < 0 : before >= 0 && before + held === position)
    if (joins) pieces[last + 1] = held + size
    else pieces.push(nowhere ? NOWHERE : position, size)
    if (!joins && pieces.length % (PIECE_BLOCK * 2) === 0) this.chargePieces()
  }

  private chargePieces(): void {
    if (this.pieces.length >= MOST_PIECES * 2 || !this.budget.admit(this, PIECE_BLOCK_BYTES)) this.noted = true
    else this.charged += PIECE_BLOCK_BYTES
  }
}
