/**
 * Fingerprints of segments delivered lately, over all flows: a later copy with other bytes is a sign of an attack
 * (two ends of the path would read two different streams). The bytes themselves are gone by then, so 8 pairs of words
 * of four bytes represent them: a segment of up to 64 bytes is compared whole, a longer one at 8 offsets.
 */
import { u8, viewOf } from '../base/bytes.ts'
import { isCopy } from './mark.ts'
import type { TcpHeader } from './tcp.ts'

/** 16,384 entries of 16 bytes: 256 KiB stay in the processor's cache. An older segment makes room for a newer one. */
const ENTRY_BITS = 14
const FIELDS = 4
const PAIRS = 8
/** Size and mark are in one word. */
const MARK_BITS = 16
const MARK = (1 << MARK_BITS) - 1
/**
 * Most bytes of a remembered segment: the size of an IP datagram. Longer ones (segmentation offload) are not
 * remembered.
 */
const MOST_BYTES = 0xffff

export class Recent {
  private readonly entries = new Int32Array(FIELDS << ENTRY_BITS)

  /** Keeps the fingerprint of a delivered segment. `stream`: a number for flow and side; `mark`: of its frame, see `mark.ts`. */
  note(stream: number, seq: number, bytes: Uint8Array, start: number, end: number, mark: number): void {
    const at = indexOf(stream, seq)
    const entries = this.entries
    entries[at] = stream + 1
    entries[at + 1] = seq
    entries[at + 2] = end - start > MOST_BYTES ? 0 : ((end - start) << MARK_BITS) | mark
    entries[at + 3] = fingerprint(bytes, start, end)
  }

  /** Size of the segment remembered at this sequence number, 0 where there is none. */
  size(stream: number, seq: number): number {
    const at = indexOf(stream, seq)
    return this.entries[at] === stream + 1 && this.entries[at + 1] === seq
      ? (this.entries[at + 2] as number) >>> MARK_BITS
      : 0
  }

  /** True if a segment at this sequence number came in a copy of the frame of the one remembered, and says the same. */
  isCopy(stream: number, seq: number, segment: TcpHeader): boolean {
    const mark = (this.entries[indexOf(stream, seq) + 2] as number) & MARK
    return isCopy(mark, segment) && this.holds(stream, seq, segment)
  }

  /** True if the segment remembered at this sequence number has these bytes. */
  holds(stream: number, seq: number, segment: TcpHeader): boolean {
    const { bytes, start, end } = segment
    const size = this.size(stream, seq)
    if (size === 0) return false
    // The snap length leaves less of a copy with a longer head.
    return size > end - start ? segment.cut > 0 : this.agrees(stream, seq, bytes, start, start + size)
  }

  /** The segment at this sequence number came again, in a frame with this mark. */
  remark(stream: number, seq: number, mark: number): void {
    const at = indexOf(stream, seq)
    if (this.size(stream, seq) > 0) this.entries[at + 2] = ((this.entries[at + 2] as number) & ~MARK) | mark
  }

  /** True if these bytes agree with the segment remembered at this sequence number, which has their size. */
  agrees(stream: number, seq: number, bytes: Uint8Array, start: number, end: number): boolean {
    return this.entries[indexOf(stream, seq) + 3] === fingerprint(bytes, start, end)
  }
}

/** Index in `entries` of the segment of that stream and sequence number. */
const indexOf = (stream: number, seq: number): number => {
  const mixed = Math.imul(seq ^ Math.imul(stream, 0x9e3779b1), 0x85ebca6b)
  return (mixed >>> (32 - ENTRY_BITS)) * FIELDS
}

function fingerprint(bytes: Uint8Array, start: number, end: number): number {
  const size = end - start
  let print = size
  if (size < 8) {
    for (let at = start; at < end; at++) print = Math.imul(print ^ u8(bytes, at), 0x01000193)
    return print
  }
  const view = viewOf(bytes)
  const last = end - 8
  const step = size <= PAIRS * 8 ? 8 : ((size - 8) / (PAIRS - 1)) | 0
  for (let at = start; at < last; at += step) print = Math.imul(print ^ pair(view, at), 0x01000193)
  return Math.imul(print ^ pair(view, last), 0x01000193)
}

/** Two words in one: multiplications wait for each other in a chain, so there are half as many in it. */
const pair = (view: DataView, at: number): number => view.getInt32(at) ^ Math.imul(view.getInt32(at + 4), 0x85ebca6b)
