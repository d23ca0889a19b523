/**
 * The bytes of a capture by their position, for what is dissected long after it went by: over a file that can be
 * read again, or kept in memory for what cannot and is small.
 */

/** Beyond it a log in memory takes nothing more: what does not fit here belongs into a file. */
export const LARGEST_MEMORY_LOG = 256 * 1024 * 1024

const SLAB_SIZE = 1024 * 1024

export interface ByteLog {
  /** The bytes from `position` on; fewer than asked for where they end. Valid until the next call. */
  read(position: number, length: number): Uint8Array
}

/** A log over bytes that somebody else keeps. */
export const logOver = (read: (position: number, length: number) => Uint8Array): ByteLog => ({ read })

/** Appends only; bytes once appended do not move. */
export class MemoryLog implements ByteLog {
  /** Bytes kept; positions count from the first byte appended. */
  size = 0
  /** Bytes that found no room: everything from position `size` on. */
  refused = 0
  private readonly slabs: Uint8Array[] = []
  private readonly largest: number

  constructor(largest = LARGEST_MEMORY_LOG) {
    this.largest = largest
  }

  /** False where the limit was met: the log then ends, it does not resume after a hole. */
  append(chunk: Uint8Array): boolean {
    const taken = this.refused > 0 ? 0 : Math.min(chunk.length, this.largest - this.size)
    for (let at = 0; at < taken; ) at += this.fill(chunk, at, taken)
    this.refused += chunk.length - taken
    return this.refused === 0
  }

  /** Copies as much as the last slab has room for, or a new one. */
  private fill(chunk: Uint8Array, start: number, end: number): number {
    const used = this.size % SLAB_SIZE
    if (used === 0) this.slabs.push(new Uint8Array(SLAB_SIZE))
    const size = Math.min(end - start, SLAB_SIZE - used)
    this.slabs.at(-1)?.set(chunk.subarray(start, start + size), used)
    this.size += size
    return size
  }

  read(position: number, length: number): Uint8Array {
    const start = Math.max(position, 0)
    const end = Math.min(position + length, this.size)
    const from = start % SLAB_SIZE
    const slab = this.slabs[Math.floor(start / SLAB_SIZE)]
    if (slab === undefined || end <= start) return new Uint8Array(0)
    if (from + end - start <= SLAB_SIZE) return slab.subarray(from, from + end - start)
    return this.gather(start, end)
  }

  private gather(start: number, end: number): Uint8Array {
    const bytes = new Uint8Array(end - start)
    for (let at = start; at < end; ) {
      const from = at % SLAB_SIZE
      const size = Math.min(end - at, SLAB_SIZE - from)
      const slab = this.slabs[Math.floor(at / SLAB_SIZE)]
      if (slab !== undefined) bytes.set(slab.subarray(from, from + size), at - start)
      at += size
    }
    return bytes
  }
}
