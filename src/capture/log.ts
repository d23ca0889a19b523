/**
 * The bytes of a capture by their position, for what is dissected long after it went by: over a file that can be
 * read again, or kept in memory for what cannot and is small.
 */

/** Beyond it a log in memory takes nothing more: what does not fit here belongs into a file. */
export const LARGEST_MEMORY_LOG = 256 * 1024 * 1024

/** Bytes of one block of memory. */
const SLAB_SIZE = 1024 * 1024

export interface ByteLog {
  /** The bytes from `position` on; fewer than asked for where they end. Valid until the next call. */
  read(position: number, length: number): Uint8Array
}

/** Returns a log over bytes that the caller keeps. */
export const logOver = (read: (position: number, length: number) => Uint8Array): ByteLog => ({ read })

/** Bytes in memory by offset, in blocks of one size: they grow at the end, go from the front, and never move. */
export class Slabs {
  /** Offset after the last byte; offsets count from the first byte ever appended. */
  size = 0
  /** Offset of the first byte that is still there. */
  dropped = 0
  private readonly slabs: Uint8Array[] = []

  append(bytes: Uint8Array, start: number, end: number): void {
    for (let at = start; at < end; ) at += this.fill(bytes, at, end)
  }

  /** Copies as much as the last slab has room for, or a new one. */
  private fill(bytes: Uint8Array, start: number, end: number): number {
    const used = this.size % SLAB_SIZE
    if (used === 0) this.slabs.push(new Uint8Array(SLAB_SIZE))
    const size = Math.min(end - start, SLAB_SIZE - used)
    this.slabs.at(-1)?.set(bytes.subarray(start, start + size), used)
    this.size += size
    return size
  }

  /** The oldest slab goes; its offsets read as nothing. */
  drop(): void {
    if (this.slabs.shift() !== undefined) this.dropped = Math.min(this.dropped + SLAB_SIZE, this.size)
  }

  /** The bytes from `offset` on, fewer than asked for where they end, none where the first of them is not there. */
  read(offset: number, length: number): Uint8Array {
    const end = Math.min(offset + length, this.size)
    const from = offset % SLAB_SIZE
    const slab = this.slabAt(offset)
    if (offset < this.dropped || slab === undefined || end <= offset) return new Uint8Array(0)
    if (from + end - offset <= SLAB_SIZE) return slab.subarray(from, from + end - offset)
    return this.gather(offset, end)
  }

  private gather(start: number, end: number): Uint8Array {
    const bytes = new Uint8Array(end - start)
    for (let at = start; at < end; ) {
      const from = at % SLAB_SIZE
      const size = Math.min(end - at, SLAB_SIZE - from)
      const slab = this.slabAt(at)
      if (slab !== undefined) bytes.set(slab.subarray(from, from + size), at - start)
      at += size
    }
    return bytes
  }

  private slabAt(offset: number): Uint8Array | undefined {
    return this.slabs[Math.floor((offset - this.dropped) / SLAB_SIZE)]
  }
}

/** A capture in memory: appends only. */
export class MemoryLog implements ByteLog {
  /** Bytes that found no room: everything from position `size` on. */
  refused = 0
  private readonly slabs = new Slabs()
  private readonly largest: number

  constructor(largest = LARGEST_MEMORY_LOG) {
    this.largest = largest
  }

  /** Bytes kept; positions count from the first byte appended. */
  get size(): number {
    return this.slabs.size
  }

  /** False where the limit was met: the log then ends, it does not resume after a hole. */
  append(chunk: Uint8Array): boolean {
    const taken = this.refused > 0 ? 0 : Math.min(chunk.length, this.largest - this.size)
    this.slabs.append(chunk, 0, taken)
    this.refused += chunk.length - taken
    return this.refused === 0
  }

  read(position: number, length: number): Uint8Array {
    return this.slabs.read(position, length)
  }
}
