/** Segments that came before an earlier one: sorted by sequence number, never overlapping; the first copy wins. */
import { equalBytes } from '../base/bytes.ts'
import { type Frame, NOWHERE, positionBehind } from '../base/line.ts'
import { isCopy } from './mark.ts'
import type { TcpHeader } from './tcp.ts'

/** RFC 9293 §3.4: sequence numbers count modulo 2^32, so their order is the sign of the difference in 32 bits. */
export const distance = (from: number, to: number): number => (to - from) | 0

/**
 * Captured stream bytes from `bytes[start]` on, which is at `position` in the capture (or NOWHERE): a segment or a part
 * of it.
 */
export interface Stretch {
  readonly bytes: Uint8Array
  readonly start: number
  readonly position: number
  readonly frame: Frame
  /** The mark of the frame: see `mark.ts`. */
  readonly mark: number
}

/** Stream bytes `[seq, end)` that wait; `bytes[start..stop)` are theirs, the rest was cut by the snap length. */
export interface Piece extends Stretch {
  readonly seq: number
  readonly end: number
  readonly stop: number
}

/**
 * Bytes of memory counted for a piece beside its data (two objects, a buffer), so that one-byte segments are not free.
 */
export const PIECE_COST = 512

export const costOf = (piece: Piece): number => distance(piece.seq, piece.end) + PIECE_COST

/** Bytes `[from, to)` of a segment whose data begins at `seq`; they must own their memory, for readers reuse theirs. */
export function pieceOf(segment: TcpHeader, seq: number, from: number, to: number, frame: Frame): Piece {
  const start = Math.min(segment.end, segment.start + distance(seq, from))
  const stop = Math.min(segment.end, segment.start + distance(seq, to))
  if (segment.isReassembled) {
    // Its bytes are not those of its frame.
    const bytes = segment.bytes.slice(start, stop)
    return { seq: from, end: to, bytes, start: 0, stop: stop - start, frame, position: NOWHERE, mark: segment.mark }
  }
  const shift = segment.frame.start
  const position = positionBehind(segment.position, start - segment.start)
  return {
    seq: from,
    end: to,
    bytes: frame.bytes,
    start: start - shift,
    stop: stop - shift,
    frame,
    position,
    mark: segment.mark,
  }
}

/** True if a segment has the same bytes as a queued piece, from `from` on, as far as both were captured. */
export function agrees(segment: TcpHeader, seq: number, piece: Piece, from: number): boolean {
  const here = segment.start + distance(seq, from)
  const there = piece.start + distance(piece.seq, from)
  const size = Math.min(segment.end - here, piece.stop - there)
  return size <= 0 || equalBytes(segment.bytes, here, piece.bytes, there, size)
}

/** True if a segment with the bytes `[seq, end)` came in a copy of the frame of a waiting piece. */
export const copies = (segment: TcpHeader, seq: number, end: number, piece: Piece | undefined): boolean =>
  piece?.seq === seq && piece.end === end && isCopy(piece.mark, segment) && agrees(segment, seq, piece, seq)

export class Queue {
  /** Stream bytes that wait. */
  bytes = 0
  private readonly pieces: (Piece | undefined)[] = []
  /** Pieces before this one are delivered; they are cut off now and then, so that taking one is O(1). */
  private first = 0

  get length(): number {
    return this.pieces.length - this.first
  }

  /** Memory held, for the budget over all flows. */
  get cost(): number {
    return this.bytes + this.length * PIECE_COST
  }

  at(index: number): Piece | undefined {
    return this.pieces[this.first + index]
  }

  /** Returns the index of the first piece that ends after `seq`. Tests the tail first, where most segments belong. */
  find(seq: number): number {
    const last = this.pieces.at(-1)
    if (last === undefined || distance(last.end, seq) >= 0) return this.length
    let low = 0
    let high = this.length - 1
    while (low < high) {
      const middle = (low + high) >> 1
      if (distance((this.at(middle) as Piece).end, seq) >= 0) low = middle + 1
      else high = middle
    }
    return low
  }

  get last(): Piece | undefined {
    return this.pieces.at(-1)
  }

  insert(index: number, piece: Piece): void {
    if (index === this.length) this.pieces.push(piece)
    else this.pieces.splice(this.first + index, 0, piece)
    this.bytes += distance(piece.seq, piece.end)
  }

  shift(): Piece | undefined {
    const piece = this.pieces[this.first]
    if (piece === undefined) return undefined
    this.pieces[this.first++] = undefined
    this.bytes -= distance(piece.seq, piece.end)
    if (this.first >= 64 && this.first * 2 > this.pieces.length) {
      this.pieces.splice(0, this.first)
      this.first = 0
    }
    return piece
  }
}
