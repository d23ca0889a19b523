/** One direction of a TCP connection: segments in any order in, runs in stream order out, each byte once. */
import { type FlowEnd, type Frame, positionBehind, type RunSink, timeOf } from '../base/line.ts'
import { Anomaly, type AnomalyCode } from './anomaly.ts'
import type { Flow, FlowSink, Side } from './flow.ts'
import { Hole } from './hole.ts'
import { agrees, copies, costOf, distance, type Piece, pieceOf, Queue, type Stretch } from './queue.ts'
import { Recent } from './recent.ts'
import { Flag, NO_SCALE, type TcpHeader } from './tcp.ts'

/** Data this far ahead of the next byte waits in the queue; a larger step needs a second witness. Windows of MQTT stay far below. */
export const MOST_AHEAD = 1024 * 1024
/**
 * Most bytes that a retransmission lies before `next` (RFC 7323 §2.3: 1 GiB). Data further back is far ahead instead.
 */
const MOST_BEHIND = 1 << 30
/** Most stream bytes and segments queued after one gap. Beyond either the gap is skipped, with an anomaly. */
export const MOST_QUEUED_BYTES = 1024 * 1024
export const MOST_QUEUED_SEGMENTS = 10_000
/** Most bytes between a segment far ahead and the next one that confirms it. */
const FAR_STEP = 64 * 1024

/** The sink, the fingerprints and the memory count that all halves share. */
export class Shared {
  readonly sink: FlowSink
  readonly recent = new Recent()
  /** Sum of `Half.cost` over all halves, in bytes. */
  queued = 0

  constructor(sink: FlowSink) {
    this.sink = sink
  }
}

/**
 * One direction. Between two calls, each byte before `next` went to the sink once, in a run or in a gap, and none from
 * `next` on did; `offset` counts those before. The pieces of `queue` are sorted, do not overlap, and begin after
 * `next`: between `next` and the first one is the hole. While a piece, `far` or a FIN waits, `pending` is true; once
 * `ended` is true, nothing waits.
 */
export class Half {
  /** FIN reached or flow closed: nothing is delivered any more. */
  ended = false
  /** True if a gap, a FIN after one, or a segment far ahead waits. */
  pending = false
  started = false
  /** The receiver's last window, and the scale of its SYN. */
  window = 0
  scale = NO_SCALE
  /** Stream offset of `next`: bytes delivered and skipped so far. */
  offset = 0
  /** Sequence number of the next byte to deliver. */
  private next = 0
  private acked = 0
  private ackKnown = false
  private doubted = false
  /** Value of `next` when the capture paused; NaN if it did not. */
  private pausedAt = Number.NaN
  private finSeen = false
  private finAt = 0
  private queue: Queue | null = null
  private far: Piece | null = null
  private hole: Hole | null = null
  /** Data came after its acknowledgement: the capture holds this direction late, and what is missing may still come. */
  private lags = false
  /** True if bytes directly after the SYN are missing. */
  private lacks = false
  private sink: RunSink
  private readonly flow: Flow
  private readonly side: Side
  private readonly stream: number
  private readonly shared: Shared

  constructor(flow: Flow, side: Side, sink: RunSink, shared: Shared) {
    this.flow = flow
    this.side = side
    this.stream = flow.index * 2 + side
    this.sink = sink
    this.shared = shared
  }

  /** The runs go to `sink` from now on. */
  listen(sink: RunSink): void {
    this.sink = sink
  }

  /** Memory in bytes of the pieces that wait. */
  get cost(): number {
    return (this.queue === null ? 0 : this.queue.cost) + (this.far === null ? 0 : costOf(this.far))
  }

  /** Starts the stream at `seq`: after a SYN, or in mid-stream at the first data seen. */
  begin(seq: number): void {
    this.started = true
    this.next = seq
    if (!this.ackKnown) this.acked = seq
  }

  /** True if no byte and no FIN of the stream has been seen yet. */
  get isFresh(): boolean {
    return this.offset === 0 && !this.pending && !this.finSeen
  }

  /** Takes data and FIN of a segment of this direction; `seq` is that of its first data byte. */
  take(segment: TcpHeader, seq: number): void {
    const size = segment.end - segment.start + segment.cut
    const control = segment.flags & (Flag.Fin | Flag.Syn | Flag.Reset)
    if (size <= 1 && control === 0 && this.started && distance(seq, this.next) === 1) {
      this.flow.rarities.keepAlives++
      this.flow.rarities.repeatedBytes += size
    } else if (size > 0) this.data(segment, seq, size)
    if ((control & Flag.Fin) !== 0) this.fin(segment.frame, (seq + size) | 0)
  }

  /** Takes an acknowledgement by the other side. */
  acknowledge(ack: number, frame: Frame): void {
    if (this.ackKnown && (ack === this.acked || this.isOldAck(ack))) return
    const missing = this.started ? distance(this.next, ack) : 0
    if (missing > MOST_AHEAD) return this.farAck(ack, frame)
    if (!this.started && this.ackKnown && !this.flow.heard(this.side)) {
      this.begin(this.acked)
      return this.acknowledge(ack, frame)
    }
    this.acked = ack
    this.ackKnown = true
    if (missing > 0) this.watch(frame)
  }

  /** True if the receiver would accept a RST at `seq` (RFC 9293 §3.10.7.4, first check). */
  accepts(seq: number): boolean {
    if (!this.started) return !this.ackKnown || distance(this.acked, seq) >= 0
    const low = this.ackKnown && distance(this.acked, this.next) > 0 ? this.acked : this.next
    const unknown = this.scale === NO_SCALE && !this.flow.sawSyn(this.side)
    // The window of a connection whose SYN was not seen has an unknown scale.
    const window = unknown ? MOST_AHEAD : this.window << Math.max(this.scale, 0)
    return distance(low, seq) >= 0 && distance(low, seq) <= Math.max(window, distance(low, this.next))
  }

  /** True if a segment brings data that was not delivered yet. */
  isNews(segment: TcpHeader): boolean {
    if (this.finSeen || segment.end === segment.start) return false
    const ahead = distance(this.next, segment.seq)
    return !this.started || (ahead >= 0 && ahead <= MOST_AHEAD)
  }

  /** Delivers to `sink` again, after a RST that did not end the stream. */
  revive(sink: RunSink): void {
    if (this.finSeen) return sink.end('fin')
    this.sink = sink
    this.ended = false
  }

  /** Skips gaps that have waited too long or have too much queued after them. */
  review(frame: Frame): void {
    while (this.pending && !this.ended) {
      const forced = this.tooMuch()
      if (forced) this.anomaly(Anomaly.QueueLimit, frame, this.next, this.next)
      else if (this.hole === null || !this.hole.overdue(timeOf(frame), this.flow.segments)) return
      this.giveUp(frame, forced)
    }
  }

  /** Skips the gaps that nothing will fill, and delivers the pieces queued after them. */
  settle(frame: Frame): void {
    while (this.pending && !this.ended && this.isLost()) this.giveUp(frame, true)
  }

  /** Delivers all queued pieces because memory is short, with an anomaly. */
  relieve(frame: Frame): void {
    if (!this.pending) return
    this.anomaly(Anomaly.QueueLimit, frame, this.next, this.next)
    this.flush(frame)
  }

  /** Ends this direction without sinks: drops all queued pieces. */
  drop(): void {
    this.ended = true
    while (this.shift() !== undefined);
    this.dropFar()
    this.pending = false
  }

  /** Delivers what waits, because the capture pauses. Data that comes later follows a gap that nothing will fill. */
  pause(frame: Frame): void {
    if (this.ended) return
    if (this.pending) this.flush(frame)
    if (this.started) this.pausedAt = this.next
  }

  /** Ends this direction: delivers what is queued, then calls `RunSink.end` once. */
  end(how: FlowEnd, frame: Frame): void {
    if (this.ended) return
    this.watch(frame)
    this.flush(frame)
    // The flush may have reached a FIN.
    if (this.ended) return
    this.ended = true
    this.sink.end(how)
  }

  // Data

  private data(segment: TcpHeader, seq: number, size: number): void {
    if (!this.started) this.begin(seq)
    const ahead = distance(this.next, seq)
    if (ahead === 0 && !this.pending && !this.finSeen) {
      this.pass(segment, segment.start, segment.end, (seq + size) | 0)
      return
    }
    if (this.finSeen && distance(this.finAt, seq) >= 0) return this.afterFin(segment.frame, seq, size)
    if (ahead > 0 && this.next === this.pausedAt) {
      this.skip(seq, segment.frame)
      return this.data(segment, seq, size)
    }
    if ((ahead > MOST_AHEAD && !this.continuesQueue(seq)) || ahead < -MOST_BEHIND) {
      return this.farData(segment, seq, size)
    }
    if (ahead + size <= 0 && this.shared.recent.isCopy(this.stream, seq, segment)) {
      this.flow.rarities.copies++
      this.flow.rarities.copiedBytes += size
      return
    }
    if (ahead < 0) this.overlap(segment, seq, Math.min(size, -ahead))
    if (ahead + size <= 0) this.repeated(segment, seq)
    else this.merge(segment, seq, size)
  }

  /** The first `size` bytes of the segment were delivered before. */
  private overlap(segment: TcpHeader, seq: number, size: number): void {
    this.compareDelivered(segment, seq, size)
    this.flow.rarities.repeatedBytes += size
  }

  private repeated(segment: TcpHeader, seq: number): void {
    this.flow.rarities.retransmissions++
    this.shared.recent.remark(this.stream, seq, segment.mark)
  }

  /** Data that does not simply come next: what is new goes on or waits, what waits already is compared. */
  private merge(segment: TcpHeader, seq: number, size: number): void {
    const { frame } = segment
    const end = (seq + size) | 0
    let from = distance(seq, this.next) > 0 ? this.next : seq
    if (this.ackKnown && distance(from, this.acked) > 0) this.lags = true
    let index = this.queue === null ? 0 : this.queue.find(from)
    if (copies(segment, seq, end, this.queue?.at(index))) {
      this.flow.rarities.copies++
      this.flow.rarities.copiedBytes += distance(from, end)
      return
    }
    let kept: Frame | null = null
    let fresh = false
    while (distance(from, end) > 0) {
      const piece = this.queue === null ? undefined : this.queue.at(index)
      const to = piece !== undefined && distance(piece.seq, end) > 0 ? piece.seq : end
      if (distance(from, to) > 0) {
        fresh = true
        if (from === this.next) this.passPart(segment, seq, from, to)
        else {
          kept ??= frame.copy()
          this.insert(index++, pieceOf(segment, seq, from, to, kept))
        }
      }
      if (piece === undefined || to === end) break
      if (distance(from, piece.seq) > 0) from = piece.seq
      const past = distance(piece.end, end) > 0 ? piece.end : end
      if (!agrees(segment, seq, piece, from)) this.anomaly(Anomaly.OverlapConflict, frame, from, past)
      this.flow.rarities.repeatedBytes += distance(from, past)
      from = past
      if (piece.seq !== this.next) index++
      else this.passPiece()
    }
    if (kept !== null) this.flow.rarities.outOfOrder++
    else if (!fresh) this.flow.rarities.retransmissions++
    this.drain()
    this.watch(frame)
  }

  private insert(index: number, piece: Piece): void {
    this.queue ??= new Queue()
    this.queue.insert(index, piece)
    this.shared.queued += costOf(piece)
  }

  private passPart(segment: TcpHeader, seq: number, from: number, to: number): void {
    const start = Math.min(segment.end, segment.start + distance(seq, from))
    const stop = Math.min(segment.end, segment.start + distance(seq, to))
    this.pass(segment, start, stop, to)
  }

  /** Hands on `bytes[start..end)`, those from `next` to `to`; what the snap length cut of them is a gap of known size. */
  private pass(stretch: Stretch, start: number, end: number, to: number): void {
    const { bytes, frame } = stretch
    const seq = this.next
    let size = distance(seq, to)
    let stop = end
    if (this.finSeen && distance(this.finAt, to) > 0) {
      const taken = Math.max(0, distance(seq, this.finAt))
      this.afterFin(frame, (seq + taken) | 0, size - taken)
      size = taken
      stop = Math.min(end, start + taken)
    }
    this.next = (seq + size) | 0
    this.offset += size
    if (stop > start) {
      this.shared.recent.note(this.stream, seq, bytes, start, stop, stretch.mark)
      this.sink.run(bytes, start, stop, frame, positionBehind(stretch.position, start - stretch.start))
    }
    if (size > stop - start) this.gap(size - (stop - start), frame)
  }

  private gap(size: number, frame: Frame): void {
    this.flow.rarities.gaps++
    this.flow.rarities.gapBytes += size
    this.sink.gap(size, frame)
  }

  /** Delivers the first piece that waits. */
  private passPiece(): void {
    const piece = this.shift()
    if (piece !== undefined) this.pass(piece, piece.start, piece.stop, piece.end)
  }

  private shift(): Piece | undefined {
    if (this.queue === null) return undefined
    const piece = this.queue.shift()
    if (piece !== undefined) this.shared.queued -= costOf(piece)
    if (this.queue.length === 0) this.queue = null
    return piece
  }

  /** Delivers what waits at `next`, and the FIN when all before it is delivered. */
  private drain(): void {
    while (!this.atFin() && this.queue?.at(0)?.seq === this.next) this.passPiece()
    if (this.atFin()) this.finish()
  }

  private atFin(): boolean {
    return this.finSeen && this.next === this.finAt
  }

  // Holes

  private watch(frame: Frame): void {
    if (this.ended) return
    if (this.hasHole()) {
      this.hole ??= new Hole()
      this.hole.note(this.next, this.acked, timeOf(frame), this.flow.segments)
      this.pending = true
    } else {
      if (this.far === null) this.hole?.clear()
      this.pending = this.far !== null
      this.lags = false
    }
  }

  /**
   * True if nothing will fill the gap: the peer has acknowledged it, and this side has gone on after it. If the
   * capture holds this side late it may still come; so may the first packet, for which everything else has to wait.
   */
  private isLost(): boolean {
    if (this.lags || this.offset === 0 || !this.ackKnown) return false
    const head = this.queue?.at(0)
    if (head !== undefined) return distance(head.seq, this.acked) >= 0
    return this.finSeen && distance(this.finAt, this.acked) >= 0
  }

  /** One acknowledged position that no data follows is taken for a FIN that was not captured (RFC 9293 §3.4). */
  private hasHole(): boolean {
    if (this.queue !== null) return true
    return this.finSeen ? this.next !== this.finAt : this.started && distance(this.next, this.acked) > 1
  }

  private tooMuch(): boolean {
    const { queue } = this
    return queue !== null && (queue.bytes > MOST_QUEUED_BYTES || queue.length > MOST_QUEUED_SEGMENTS)
  }

  /**
   * Skips the gap at `next`, up to the data after it; unless `forced`, at most the bytes that the peer acknowledged.
   */
  private giveUp(frame: Frame, forced: boolean): void {
    if (this.hasHole()) {
      const head = this.queue?.at(0)
      let to = head !== undefined ? head.seq : this.finSeen ? this.finAt : this.acked
      if (!forced && this.hole?.proven && distance(this.hole.proof, to) > 0) to = this.hole.proof
      if (this.finSeen && distance(this.finAt, to) > 0) to = this.finAt
      this.skip(to, head !== undefined && to === head.seq ? head.frame : frame)
      this.drain()
    } else this.dropFar()
    this.watch(frame)
  }

  private skip(to: number, frame: Frame): void {
    const size = (to - this.next) >>> 0
    this.next = to
    this.offset += size
    if (size === 0) return
    if (this.flow.heard(this.side) || this.mayComeYet()) this.gap(size, frame)
    else this.unheard(frame)
  }

  /** True on the first call if the SYN was captured: then the first segment may be the only one missing. */
  private mayComeYet(): boolean {
    const isFirst = !this.lacks && this.flow.sawSyn(this.side)
    this.lacks = true
    return isFirst
  }

  /** Reports once that this side was not captured. From then on none of its bytes is reported as missing. */
  private unheard(frame: Frame): void {
    if (this.flow.unheard !== -1) return
    this.flow.unheard = this.side
    this.anomaly(Anomaly.OneDirection, frame, this.next, this.next)
  }

  /** Delivers all queued pieces, with gaps between them, up to the last byte that the peer acknowledged. */
  private flush(frame: Frame): void {
    this.dropFar()
    while (this.pending && !this.ended) this.giveUp(frame, true)
  }

  private isOldAck(ack: number): boolean {
    // Where acknowledgements were missing for gigabytes, the last one is no measure any more.
    const behind = distance(this.acked, this.next)
    return distance(this.acked, ack) <= 0 && (!this.started || (behind >= -MOST_AHEAD && behind <= MOST_BEHIND))
  }

  // FIN

  private fin(frame: Frame, at: number): void {
    if (this.finSeen) return
    if (!this.started) this.begin(at)
    const ahead = distance(this.next, at)
    if (ahead < 0 || ahead > MOST_AHEAD) return this.anomaly(Anomaly.BeyondWindow, frame, at, at)
    this.finSeen = true
    this.finAt = at
    if (this.ackKnown && distance(at, this.acked) > 0) this.lags = true
    if (ahead > 0 && this.next === this.pausedAt) this.skip(at, frame)
    if (this.next === at) this.finish()
    else this.watch(frame)
  }

  /** All up to the FIN is delivered; it takes a sequence number itself. */
  private finish(): void {
    if (this.ended) return
    for (let piece = this.shift(); piece !== undefined; piece = this.shift()) {
      this.afterFin(piece.frame, piece.seq, distance(piece.seq, piece.end))
    }
    this.dropFar()
    this.next = (this.finAt + 1) | 0
    this.pending = false
    this.ended = true
    this.sink.end('fin')
  }

  private afterFin(frame: Frame, seq: number, size: number): void {
    this.flow.rarities.ignoredBytes += size
    this.anomaly(Anomaly.DataAfterFin, frame, seq, (seq + size) | 0)
  }

  // Far ahead

  /** True if data at `seq` follows the queued pieces closely, which confirm it. */
  private continuesQueue(seq: number): boolean {
    const last = this.queue?.last
    return last !== undefined && isBehind(last, seq)
  }

  /** Data beyond any window: kept until more of it comes or the other side acknowledges it (a drop-out of the capture). */
  private farData(segment: TcpHeader, seq: number, size: number): void {
    const { far } = this
    if (this.finSeen) return this.afterFin(segment.frame, seq, size)
    if (far !== null && isBehind(far, seq)) {
      this.jump(far, segment.frame)
      return this.data(segment, seq, size)
    }
    const end = (seq + size) | 0
    if (far !== null && distance(far.seq, seq) >= 0 && distance(end, far.end) >= 0) {
      this.flow.rarities.retransmissions++
      this.flow.rarities.repeatedBytes += size
      return
    }
    this.anomaly(Anomaly.BeyondWindow, segment.frame, seq, end)
    this.dropFar()
    this.far = pieceOf(segment, seq, seq, end, segment.frame.copy())
    this.shared.queued += costOf(this.far)
    this.hole ??= new Hole()
    if (!this.pending) this.hole.note(this.next, this.next, timeOf(segment.frame), this.flow.segments)
    this.pending = true
  }

  private farAck(ack: number, frame: Frame): void {
    const { far } = this
    if (far !== null && distance(far.seq, ack) > 0 && distance(far.end, ack) <= FAR_STEP) {
      this.jump(far, frame)
      this.acknowledge(ack, frame)
    } else if (!this.doubted) {
      // Once: what acknowledges a stretch that the capture lost comes with every segment.
      this.doubted = true
      this.anomaly(Anomaly.AckOfUnseen, frame, this.next, ack)
    }
  }

  private jump(far: Piece, frame: Frame): void {
    this.far = null
    this.shared.queued -= costOf(far)
    this.flush(frame)
    if (this.ended) {
      this.flow.rarities.ignoredBytes += distance(far.seq, far.end)
      return
    }
    this.anomaly(Anomaly.Jump, frame, this.next, far.seq)
    this.skip(far.seq, far.frame)
    this.pass(far, far.start, far.stop, far.end)
    this.acked = this.next
    this.doubted = false
    this.watch(frame)
  }

  private dropFar(): void {
    if (this.far === null) return
    this.flow.rarities.ignoredBytes += distance(this.far.seq, this.far.end)
    this.shared.queued -= costOf(this.far)
    this.far = null
    this.pending = this.hasHole()
  }

  // Anomalies

  /** Compares repeated bytes with the fingerprints of those delivered, and reports a difference. */
  private compareDelivered(segment: TcpHeader, seq: number, size: number): void {
    const { recent } = this.shared
    const captured = Math.min(size, segment.end - segment.start)
    let at = 0
    while (at < captured) {
      const from = (seq + at) | 0
      const known = recent.size(this.stream, from)
      if (known === 0 || at + known > captured) return
      const start = segment.start + at
      if (!recent.agrees(this.stream, from, segment.bytes, start, start + known)) {
        this.anomaly(Anomaly.OverlapConflict, segment.frame, from, (from + known) | 0)
      }
      at += known
    }
  }

  private anomaly(anomaly: AnomalyCode, frame: Frame, from: number, to: number): void {
    const start = this.offset + distance(this.next, from)
    this.shared.sink.anomaly(this.flow, this.side, anomaly, frame, start, start + ((to - from) >>> 0))
  }
}

const isBehind = (piece: Piece, seq: number): boolean => {
  const step = distance(piece.end, seq)
  return step >= 0 && step <= FAR_STEP
}
