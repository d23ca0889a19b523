/** One direction of a TCP connection: segments in any order in, runs in stream order out, each byte once. */
import { u8 } from '../bytes.ts'
import type { FlowEnd, Frame, RunSink } from '../line.ts'
import type { Flow, FlowSink, Side } from './flow.ts'
import { distance, PIECE_COST, type Piece, Queue } from './queue.ts'
import { Recent } from './recent.ts'
import { Remark, type RemarkCode } from './remark.ts'
import { Flag, NO_SCALE, type TcpHeader } from './tcp.ts'

/** Data this far ahead of the next byte waits in the queue; a larger step needs a second witness. Windows of MQTT stay far below. */
export const MOST_AHEAD = 1024 * 1024
/** Data further behind than any window (RFC 7323 §2.3: 1 GiB) is not a retransmission but the far side of a wrap. */
const MOST_BEHIND = 1 << 30
/** What may wait behind one hole; beyond it the hole is given up, with a remark. */
export const MOST_QUEUED_BYTES = 1024 * 1024
export const MOST_QUEUED_SEGMENTS = 10_000
/** A capture may itself be out of order, and an acknowledgement overtake its data: so much patience has a hole that is proven. */
export const PATIENCE_SEGMENTS = 32
export const PATIENCE_SECONDS = 1
/** A hole that nobody proves (one direction captured) is given up after this time. */
export const LONGEST_WAIT_SECONDS = 60
/** A segment this close behind one far ahead confirms it. */
const FAR_STEP = 64 * 1024

/** What all halves share. */
export class Shared {
  readonly sink: FlowSink
  readonly recent = new Recent()
  /** Memory of all that waits. */
  queued = 0

  constructor(sink: FlowSink) {
    this.sink = sink
  }
}

export const timeOf = (frame: Frame): number => frame.seconds + frame.nanos / 1e9

/** A segment's bytes, copied: position `at` of the segment stands at `at - shift` of the copy. */
interface Kept {
  readonly frame: Frame
  readonly bytes: Uint8Array
  readonly shift: number
}

export class Half {
  /** Sequence number of the next byte to deliver. */
  next = 0
  started = false
  /** FIN reached or flow closed: nothing is delivered any more. */
  ended = false
  /** Whether something waits: a hole, or a segment far ahead. */
  pending = false
  /** The receiver's last window, and the scale of its SYN. */
  window = 0
  scale = NO_SCALE
  /** Stream offset of `next`: bytes delivered and skipped so far. */
  offset = 0
  private acked = 0
  private ackKnown = false
  private doubted = false
  private finSeen = false
  private finAt = 0
  private queue: Queue | null = null
  private far: Piece | null = null
  /** The hole at `holeAt` is known since then. */
  private holeAt = 0
  private since = 0
  /** The receiver has acknowledged up to `proof`, beyond `next`. */
  private proven = false
  private proof = 0
  private proofTime = 0
  private proofSegments = 0
  private readonly flow: Flow
  private readonly side: Side
  private readonly stream: number
  private readonly sink: RunSink
  private readonly shared: Shared

  constructor(flow: Flow, side: Side, sink: RunSink, shared: Shared) {
    this.flow = flow
    this.side = side
    this.stream = flow.index * 2 + side
    this.sink = sink
    this.shared = shared
  }

  /** Memory of what waits. */
  get cost(): number {
    return (this.queue?.cost ?? 0) + (this.far === null ? 0 : costOf(this.far))
  }

  /** The stream starts here: behind a SYN, or in mid-stream at the first data seen. */
  begin(seq: number): void {
    this.started = true
    this.next = seq
    if (!this.ackKnown) this.acked = seq
  }

  /** Takes data and FIN of a segment of this direction; `seq` is that of its first data byte. */
  take(segment: TcpHeader, seq: number): void {
    const size = segment.end - segment.start + segment.cut
    const control = segment.flags & (Flag.Fin | Flag.Syn | Flag.Reset)
    if (size <= 1 && control === 0 && this.started && distance(seq, this.next) === 1) this.flow.keepAlives++
    else if (size > 0) this.data(segment, seq, size)
    if ((control & Flag.Fin) !== 0) this.fin(segment, (seq + size) | 0)
  }

  /** Takes an acknowledgement by the other side. */
  acknowledge(ack: number, frame: Frame): void {
    if (ack === this.acked && this.ackKnown) return
    if (this.ackKnown && distance(this.acked, ack) <= 0) return
    if (!this.started) {
      this.acked = ack
      this.ackKnown = true
      return
    }
    const missing = distance(this.next, ack)
    if (missing > MOST_AHEAD) return this.farAck(ack, frame)
    this.acked = ack
    this.ackKnown = true
    if (missing > 0) this.watch(frame)
  }

  /** Whether the receiver would accept a RST here (RFC 9293 §3.10.7.4, first check). */
  accepts(seq: number): boolean {
    if (!this.started) return !this.ackKnown || distance(this.acked, seq) >= 0
    const low = this.ackKnown && distance(this.acked, this.next) > 0 ? this.acked : this.next
    // The window of a connection whose SYN was not seen has an unknown scale.
    const window =
      this.scale === NO_SCALE && !this.flow.sawSyn(this.side) ? MOST_AHEAD : this.window << Math.max(this.scale, 0)
    return distance(low, seq) >= 0 && distance(low, seq) <= Math.max(window, distance(low, this.next))
  }

  /** Gives up holes whose time is over. */
  review(frame: Frame): void {
    while (this.pending && !this.ended) {
      const forced = this.tooMuch()
      if (forced) this.remark(Remark.QueueLimit, frame, this.next, this.next)
      else if (!this.overdue(timeOf(frame))) return
      this.giveUp(frame, forced)
    }
  }

  /** Delivers all that waits, holes as gaps, up to what the other side has acknowledged. */
  flush(frame: Frame): void {
    if (this.ended) return
    while (this.queue !== null) this.giveUp(frame, true)
    // One more position without data behind it is the FIN that the capture missed (RFC 9293 §3.4).
    if (this.started && !this.ended && distance(this.next, this.acked) > 1) this.giveUp(frame, true)
    this.dropFar()
    this.pending = false
  }

  /** Frees what waits, for want of memory. */
  relieve(frame: Frame): void {
    this.remark(Remark.QueueLimit, frame, this.next, this.next)
    this.flush(frame)
  }

  /** Nothing comes any more. */
  end(how: FlowEnd, frame: Frame): void {
    if (this.ended) return
    this.flush(frame)
    if (this.ended) return
    this.ended = true
    this.sink.end(how)
  }

  private data(segment: TcpHeader, seq: number, size: number): void {
    if (!this.started) this.begin(seq)
    const ahead = distance(this.next, seq)
    if (ahead === 0 && !this.pending && !this.finSeen) {
      this.pass(segment.bytes, segment.start, segment.end, (seq + size) | 0, segment.frame)
      return
    }
    if (this.finSeen && distance(this.finAt, seq) >= 0) return this.afterFin(segment.frame, seq, size)
    if (ahead > MOST_AHEAD || ahead < -MOST_BEHIND) return this.farData(segment, seq, size)
    if (ahead < 0) this.compareDelivered(segment, seq, Math.min(size, -ahead))
    if (ahead + size <= 0) this.flow.retransmissions++
    else this.merge(segment, seq, size)
  }

  /** Data that does not simply come next: what is new goes on or waits, what waits already is compared. */
  private merge(segment: TcpHeader, seq: number, size: number): void {
    const end = (seq + size) | 0
    let from = distance(seq, this.next) > 0 ? this.next : seq
    let kept: Kept | null = null
    let index = this.queue === null ? 0 : this.queue.find(from)
    let fresh = false
    while (distance(from, end) > 0) {
      const piece = this.queue?.at(index)
      const to = piece !== undefined && distance(piece.seq, end) > 0 ? piece.seq : end
      if (distance(from, to) > 0) {
        fresh = true
        if (from === this.next) this.passPart(segment, seq, from, to)
        else {
          kept ??= keep(segment)
          this.insert(index++, kept, segment, seq, from, to)
        }
      }
      if (piece === undefined || to === end) break
      this.compareQueued(segment, seq, piece, distance(from, piece.seq) > 0 ? piece.seq : from)
      from = piece.end
      if (piece.seq !== this.next) index++
      else this.drainOne()
    }
    if (kept !== null) this.flow.outOfOrder++
    else if (!fresh) this.flow.retransmissions++
    this.drain(segment.frame)
    this.watch(segment.frame)
  }

  private passPart(segment: TcpHeader, seq: number, from: number, to: number): void {
    const start = Math.min(segment.end, segment.start + distance(seq, from))
    const stop = Math.min(segment.end, segment.start + distance(seq, to))
    this.pass(segment.bytes, start, stop, to, segment.frame)
  }

  private insert(index: number, kept: Kept, segment: TcpHeader, seq: number, from: number, to: number): void {
    const piece: Piece = {
      seq: from,
      end: to,
      bytes: kept.bytes,
      start: Math.min(segment.end, segment.start + distance(seq, from)) - kept.shift,
      stop: Math.min(segment.end, segment.start + distance(seq, to)) - kept.shift,
      frame: kept.frame,
    }
    this.queue ??= new Queue()
    this.queue.insert(index, piece)
    this.shared.queued += costOf(piece)
  }

  /** Hands on the bytes from `next` to `to`; what the snap length cut of them is a gap of known size. */
  private pass(bytes: Uint8Array, start: number, end: number, to: number, frame: Frame): void {
    const size = distance(this.next, to)
    let stop = end
    let limit = size
    if (this.finSeen && distance(this.finAt, to) > 0) {
      limit = Math.max(0, distance(this.next, this.finAt))
      stop = Math.min(end, start + limit)
      this.afterFin(frame, (this.next + limit) | 0, size - limit)
    }
    const seq = this.next
    this.next = (seq + limit) | 0
    this.offset += limit
    if (stop > start) {
      this.shared.recent.note(this.stream, seq, bytes, start, stop)
      this.sink.run(bytes, start, stop, frame)
    }
    if (limit > stop - start) this.gap(limit - (stop - start), frame)
  }

  private gap(size: number, frame: Frame): void {
    this.flow.gaps++
    this.flow.gapBytes += size
    this.sink.gap(size, frame)
  }

  private drainOne(): void {
    const piece = this.queue?.shift()
    if (piece === undefined) return
    this.shared.queued -= costOf(piece)
    if (this.queue?.length === 0) this.queue = null
    this.pass(piece.bytes, piece.start, piece.stop, piece.end, piece.frame)
  }

  private drain(frame: Frame): void {
    while (this.queue !== null && this.queue.at(0)?.seq === this.next && !this.atFin()) this.drainOne()
    if (this.atFin()) this.finish(frame)
  }

  private atFin(): boolean {
    return this.finSeen && this.next === this.finAt
  }

  private fin(segment: TcpHeader, at: number): void {
    if (this.finSeen) return
    if (!this.started) this.begin(at)
    const ahead = distance(this.next, at)
    if (ahead < 0 || ahead > MOST_AHEAD) {
      this.remark(Remark.BeyondWindow, segment.frame, at, at)
      return
    }
    this.finSeen = true
    this.finAt = at
    if (ahead === 0) this.finish(segment.frame)
    else this.watch(segment.frame)
  }

  /** All up to the FIN is delivered; it takes a sequence number itself. */
  private finish(frame: Frame): void {
    if (this.ended) return
    while (this.queue !== null) {
      const piece = this.queue.shift()
      if (piece === undefined) break
      this.shared.queued -= costOf(piece)
      this.afterFin(frame, piece.seq, distance(piece.seq, piece.end))
      if (this.queue.length === 0) this.queue = null
    }
    this.dropFar()
    this.next = (this.finAt + 1) | 0
    this.pending = false
    this.ended = true
    this.sink.end('fin')
  }

  private afterFin(frame: Frame, seq: number, size: number): void {
    this.flow.ignoredBytes += size
    this.remark(Remark.DataAfterFin, frame, seq, (seq + size) | 0)
  }

  /** Notes since when there is a hole at `next`, and whether an acknowledgement proves it. */
  private watch(frame: Frame): void {
    if (this.ended) return
    const missing = distance(this.next, this.acked)
    const waits = this.queue !== null || missing > 1
    if (!waits) {
      this.pending = this.far !== null
      this.proven = false
      return
    }
    const now = timeOf(frame)
    if (!this.pending || this.holeAt !== this.next) {
      this.holeAt = this.next
      this.since = now
      if (this.proven && distance(this.next, this.proof) <= 0) this.proven = false
    }
    this.pending = true
    if (this.proven || missing <= 0) return
    this.proven = true
    this.proof = this.acked
    this.proofTime = now
    this.proofSegments = this.flow.segments
  }

  private tooMuch(): boolean {
    const queue = this.queue
    return queue !== null && (queue.bytes > MOST_QUEUED_BYTES || queue.length > MOST_QUEUED_SEGMENTS)
  }

  private overdue(now: number): boolean {
    // The clock of a capture may step back (T25): then the wait begins anew.
    if (now < this.since) this.since = now
    if (now < this.proofTime) this.proofTime = now
    if (this.proven && this.flow.segments - this.proofSegments >= PATIENCE_SEGMENTS) return true
    if (this.proven && now - this.proofTime >= PATIENCE_SECONDS) return true
    return now - this.since >= LONGEST_WAIT_SECONDS
  }

  /** Skips the hole at `next`: to the data behind it, but no further than proven unless `forced`. */
  private giveUp(frame: Frame, forced: boolean): void {
    const head = this.queue?.at(0)
    let to = head === undefined ? this.acked : head.seq
    if (!forced && this.proven && distance(this.proof, to) > 0) to = this.proof
    if (this.finSeen && distance(this.finAt, to) > 0) to = this.finAt
    if (distance(this.next, to) > 0) this.skip(to, head !== undefined && to === head.seq ? head.frame : frame)
    if (head === undefined && !this.proven) this.dropFar()
    this.drain(frame)
    this.watch(frame)
  }

  private skip(to: number, frame: Frame): void {
    const size = (to - this.next) >>> 0
    this.next = to
    this.offset += size
    this.gap(size, frame)
  }

  /** Data beyond any window: kept until more of it comes or the other side acknowledges it (a drop-out of the capture). */
  private farData(segment: TcpHeader, seq: number, size: number): void {
    const far = this.far
    if (far !== null) {
      const step = distance(far.end, seq)
      if (step >= 0 && step <= FAR_STEP) {
        this.jump(far, segment.frame)
        this.data(segment, seq, size)
        return
      }
      if (step < 0 && distance(far.seq, seq) >= 0) {
        this.flow.retransmissions++
        return
      }
    }
    this.remark(Remark.BeyondWindow, segment.frame, seq, (seq + size) | 0)
    this.dropFar()
    const kept = keep(segment)
    const { start, end } = segment
    this.far = {
      seq,
      end: (seq + size) | 0,
      bytes: kept.bytes,
      start: start - kept.shift,
      stop: end - kept.shift,
      frame: kept.frame,
    }
    this.shared.queued += costOf(this.far)
    if (!this.pending) this.since = timeOf(segment.frame)
    this.pending = true
  }

  private farAck(ack: number, frame: Frame): void {
    const far = this.far
    if (far !== null && distance(far.seq, ack) > 0 && distance(far.end, ack) <= FAR_STEP) {
      this.jump(far, frame)
      this.acked = ack
      this.watch(frame)
    } else if (!this.doubted) {
      this.doubted = true
      this.remark(Remark.AckOfUnseen, frame, this.next, ack)
    }
  }

  private jump(far: Piece, frame: Frame): void {
    this.far = null
    this.shared.queued -= costOf(far)
    while (this.queue !== null) this.giveUp(frame, true)
    if (this.ended) return
    this.remark(Remark.Jump, frame, this.next, far.seq)
    this.skip(far.seq, far.frame)
    this.pass(far.bytes, far.start, far.stop, far.end, far.frame)
    this.acked = this.next
    this.doubted = false
    this.watch(frame)
  }

  private dropFar(): void {
    if (this.far === null) return
    this.flow.ignoredBytes += distance(this.far.seq, this.far.end)
    this.shared.queued -= costOf(this.far)
    this.far = null
  }

  /** A copy of delivered bytes: the fingerprints tell whether it says the same. */
  private compareDelivered(segment: TcpHeader, seq: number, size: number): void {
    const { recent } = this.shared
    const captured = Math.min(size, segment.end - segment.start)
    let at = 0
    while (at < captured) {
      const known = recent.size(this.stream, (seq + at) | 0)
      if (known === 0 || at + known > captured) return
      const start = segment.start + at
      const from = (seq + at) | 0
      if (!recent.agrees(this.stream, from, segment.bytes, start, start + known)) {
        this.remark(Remark.OverlapConflict, segment.frame, from, (from + known) | 0)
      }
      at += known
    }
  }

  /** A copy of bytes that wait: the first one stays, a difference is told. */
  private compareQueued(segment: TcpHeader, seq: number, piece: Piece, from: number): void {
    const here = segment.start + distance(seq, from)
    const there = piece.start + distance(piece.seq, from)
    const size = Math.min(segment.end - here, piece.stop - there)
    for (let at = 0; at < size; at++) {
      if (u8(segment.bytes, here + at) === u8(piece.bytes, there + at)) continue
      this.remark(Remark.OverlapConflict, segment.frame, from, (from + size) | 0)
      return
    }
  }

  private remark(remark: RemarkCode, frame: Frame, from: number, to: number): void {
    const start = this.offset + distance(this.next, from)
    this.shared.sink.remark(this.flow, this.side, remark, frame, start, start + distance(from, to))
  }
}

const costOf = (piece: Piece): number => distance(piece.seq, piece.end) + PIECE_COST

/** The reader reuses its buffers: what waits must own its bytes. */
function keep(segment: TcpHeader): Kept {
  const { frame, bytes, start, end } = segment
  const copy = frame.copy()
  if (bytes === frame.bytes) return { frame: copy, bytes: copy.bytes, shift: frame.start }
  return { frame: copy, bytes: bytes.slice(start, end), shift: start }
}
