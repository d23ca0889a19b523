/**
 * Bytes that no capture holds and that are read again all the same: what a layer made (opened, unmasked, inflated), what
 * was put together from fragments. They share one address space with the capture: positions below DERIVED are the
 * capture's own, those from there on lie in the derived log.
 */
import { type ByteLog, Slabs } from './log.ts'

/** First position of derived bytes. No capture has 2^50 bytes, a pebibyte; positions are exact up to 2^53. */
export const DERIVED = 2 ** 50

/** Bytes kept in memory. Beyond it the oldest go, as in a spool: their packets stay listed, their bytes read as none. */
export const MOST_DERIVED = 256 * 1024 * 1024

export class DerivedLog implements ByteLog {
  private readonly slabs = new Slabs()
  private readonly most: number

  constructor(most = MOST_DERIVED) {
    this.most = most
  }

  /** Bytes that went, the oldest. */
  get dropped(): number {
    return this.slabs.dropped
  }

  /** Copies `bytes[start..end)`; the position of the first of them, which never changes. */
  append(bytes: Uint8Array, start: number, end: number): number {
    const { slabs } = this
    const position = DERIVED + slabs.size
    slabs.append(bytes, start, end)
    while (slabs.size - slabs.dropped > this.most) slabs.drop()
    return position
  }

  read(position: number, length: number): Uint8Array {
    return this.slabs.read(position - DERIVED, length)
  }
}

/** The one address space: a capture, and what was derived from it. */
export const withDerived = (capture: ByteLog, derived: ByteLog): ByteLog => ({
  read: (position, length) => (position < DERIVED ? capture : derived).read(position, length),
})
