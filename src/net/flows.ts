/** All TCP connections of a capture: numbered like tshark does, watched, ended. */
import { type FlowEnd, Frame, timeOf } from '../base/line.ts'
import { Anomaly, type AnomalyCode } from './anomaly.ts'
import { SegmentAnomaly } from './cursor.ts'
import { type Flow, type FlowSink, Known, otherSide, type Side } from './flow.ts'
import { Half, Shared } from './half.ts'
import { PATIENCE_SECONDS } from './hole.ts'
import type { Segment } from './segment.ts'
import { FlowTable, type Tracked } from './table.ts'
import { Flag, windowScale } from './tcp.ts'
import { isTwin, Twins } from './twins.ts'

/** Connections remembered, at about half a kilobyte each; beyond it the one silent for longest is closed as 'evicted'. */
export const MOST_FLOWS = 1 << 17
/** Minutes of silence after which a flow may make room for another one: more than keep alives have. */
export const SILENT_MINUTES = 20
/**
 * Most bytes queued after gaps, all flows together. Beyond it the largest queues are delivered, their gaps skipped,
 * until a quarter is free.
 */
export const MOST_QUEUED_TOTAL = 48 * 1024 * 1024
const ENOUGH_FREED = MOST_QUEUED_TOTAL * 0.75

const UNUSUAL = Flag.Syn | Flag.Reset | Flag.Urgent
const BOTH_BASES = Known.Base0 | Known.Base1
const BOTH_KNOWN = BOTH_BASES | Known.Heard0 | Known.Heard1
const BOTH_FINS = Known.Fin0 | Known.Fin1

/** Anomalies of the frame itself, by bit of `Cursor.anomalies`. */
const SEGMENT_ANOMALIES: readonly (readonly [number, AnomalyCode])[] = [
  [SegmentAnomaly.LengthBeyondFrame, Anomaly.LengthBeyondFrame],
  [SegmentAnomaly.ExtensionTwice, Anomaly.ExtensionTwice],
  [SegmentAnomaly.BadTcpOptions, Anomaly.BadTcpOptions],
  [SegmentAnomaly.FragmentConflict, Anomaly.FragmentConflict],
]

/**
 * All open flows. Between two calls, `table` holds one flow, the latest, for each pair of addresses with ports. An open
 * flow with a pending half, or with a RST that may be its end, is in `waiting` at its `waitingAt`; one that no longer
 * waits leaves at its next review, and a closed one is never there. `shared.queued` is the sum of `cost` over the
 * halves of all flows.
 */
export class Flows {
  /** Connections seen so far: the next one's number. */
  count = 0
  /** Connections closed because there were too many. */
  evicted = 0
  /** Flow and side of the last segment pushed. */
  flow: Flow | null = null
  side: Side = 0
  private readonly table: FlowTable
  /** Flows with a hole, or that may have ended. */
  private readonly waiting: Tracked[] = []
  private swept = 0
  private sinceSweep = 0
  private frame = new Frame()
  private readonly sink: FlowSink
  private readonly most: number
  private readonly shared: Shared
  private readonly twins = new Twins()

  constructor(sink: FlowSink, seed = 0, most = MOST_FLOWS) {
    this.sink = sink
    this.most = most
    this.table = new FlowTable(seed)
    this.shared = new Shared(sink)
  }

  /** Memory in bytes of all queued pieces, with `PIECE_COST` for each. */
  get queued(): number {
    return this.shared.queued
  }

  push(segment: Segment): void {
    const { frame, flags } = segment
    this.frame = frame
    const flow = this.flowOf(segment)
    this.flow = flow
    flow.segments++
    if ((flow.known & BOTH_KNOWN) !== BOTH_KNOWN || (flags & Flag.Syn) !== 0) noteStart(flow, this.side, segment)
    if ((flags & (Flag.Fin | Flag.Reset)) !== 0) noteEnd(flow, this.side, flags)
    const half = this.side === 0 ? flow.half0 : flow.half1
    const peer = this.side === 0 ? flow.half1 : flow.half0
    if (half === null || peer === null) this.tally(flow, segment)
    else if (flow.closed) this.afterClose(flow, half, peer, segment)
    else this.deliver(flow, half, peer, segment)
    if (this.waiting.length !== 0) this.tick(frame)
  }

  /** Gives up the holes whose time is over, by the time of the last frame; `push` does so by itself. */
  sweep(): void {
    this.sinceSweep = 0
    this.swept = this.frame.seconds
    for (let at = this.waiting.length - 1; at >= 0; at--) {
      const flow = this.waiting[at]
      if (flow !== undefined) this.review(flow)
    }
  }

  /** The capture pauses: what waits is delivered, and all that is open stays so. */
  pause(): void {
    this.keepFrame()
    for (let flow = this.table.oldest; flow !== null; flow = flow.newer) {
      flow.half0?.pause(this.frame)
      flow.half1?.pause(this.frame)
    }
    this.sweep()
  }

  /** The capture is over: what waits is delivered, and all that is open closes. */
  end(): void {
    this.keepFrame()
    for (let flow = this.table.oldest; flow !== null; flow = flow.newer)
      this.close(flow, flow.reset ? 'rst' : 'capture')
  }

  /** The last frame's call is over: its numbers stay, its bytes are no longer there. */
  private keepFrame(): void {
    const last = new Frame()
    last.take(this.frame)
    this.frame = last
  }

  /**
   * Closes flows as 'evicted', the one silent for longest first, until one of them had sinks.
   * Returns false if the next one brought data lately: it is worth more than a flow that only begins.
   */
  makeRoom(): boolean {
    const now = minuteOf(this.frame)
    for (let { oldest } = this.table; oldest !== null && oldest !== this.table.newest; { oldest } = this.table) {
      if (now - oldest.minute < SILENT_MINUTES && oldest.hasData) return false
      const isListened = oldest.half0 !== null && !oldest.closed
      this.evict(oldest)
      if (isListened) return true
    }
    return false
  }

  private flowOf(segment: Segment): Tracked {
    const { table } = this
    const known = table.find(segment)
    this.side = table.side
    if (known === null) return this.open(segment)
    if (isNewSyn(known, this.side, segment)) return this.reuse(known, segment)
    if (known !== table.newest) {
      table.touch(known)
      known.minute = minuteOf(segment.frame)
    }
    return known
  }

  private open(segment: Segment): Tracked {
    const { table } = this
    if (table.size >= this.most && table.oldest !== null) this.evict(table.oldest)
    const flow = table.add(this.count++, segment)
    this.side = 0
    flow.minute = minuteOf(segment.frame)
    noteStart(flow, 0, segment)
    const sinks = this.sink.open(flow)
    if (sinks !== null) {
      flow.half0 = new Half(flow, 0, sinks[0], this.shared)
      flow.half1 = new Half(flow, 1, sinks[1], this.shared)
      this.twins.opened(flow)
    }
    return flow
  }

  /** The same addresses and ports, a new connection. */
  private reuse(old: Tracked, segment: Segment): Tracked {
    const over = old.closed || (old.known & (BOTH_FINS | Known.Reset)) !== 0
    this.close(old, 'reuse')
    this.table.remove(old)
    const flow = this.open(segment)
    this.sink.anomaly(flow, 0, over ? Anomaly.PortReuse : Anomaly.SynInConnection, segment.frame, 0, 0)
    return flow
  }

  private evict(flow: Tracked): void {
    this.evicted++
    this.close(flow, 'evicted')
    this.table.remove(flow)
  }

  private deliver(flow: Tracked, half: Half, peer: Half, segment: Segment): void {
    const { flags, frame } = segment
    const syn = (flags & Flag.Syn) !== 0
    if (flow.suspect !== null && isTwin(flow, this.side, segment, this.shared.recent))
      this.sink.anomaly(flow, this.side, Anomaly.SameStream, frame, 0, 0)
    if (syn) start(half, peer, segment)
    if ((flags & Flag.Ack) !== 0) {
      peer.window = segment.window
      peer.acknowledge(segment.ack, frame)
      if (segment.end === segment.start) noteAck(flow, this.side, segment)
      if (peer.pending) this.expose(flow, peer, segment)
    }
    if ((flags & UNUSUAL) !== 0 || segment.anomalies !== 0 || flow.reset) this.unusual(flow, half, segment)
    half.take(segment, syn ? (segment.seq + 1) | 0 : segment.seq)
    if (flow.isForgotten) return this.drop(flow)
    if (flow.waitingAt >= 0) this.review(flow)
    else if (half.pending || peer.pending || flow.reset) this.wait(flow)
    else if (half.ended && peer.ended) this.close(flow, 'fin')
  }

  /** Reports the anomalies of a segment, and notes a RST. */
  private unusual(flow: Tracked, half: Half, segment: Segment): void {
    const { flags, frame, anomalies } = segment
    const { sink, side } = this
    const at = half.offset
    const data = segment.end > segment.start
    if (data && (flags & Flag.Urgent) !== 0) sink.anomaly(flow, side, Anomaly.Urgent, frame, at, at)
    if (data && (flags & Flag.Syn) !== 0) sink.anomaly(flow, side, Anomaly.DataOnSyn, frame, at, at)
    for (const [bit, anomaly] of SEGMENT_ANOMALIES)
      if ((anomalies & bit) !== 0) sink.anomaly(flow, side, anomaly, frame, at, at)
    if ((flags & Flag.Reset) !== 0) this.reset(flow, half, segment)
    else if (flow.reset && half.isNews(segment)) {
      // It may be forged, or the capture out of order: the flow ends when nothing follows for a while.
      sink.anomaly(flow, side, Anomaly.DataAfterReset, frame, at, at)
      flow.rarities.resetTime = timeOf(frame)
    }
  }

  private reset(flow: Tracked, half: Half, segment: Segment): void {
    const { frame } = segment
    const at = half.offset
    if (!half.accepts(segment.seq)) return this.sink.anomaly(flow, this.side, Anomaly.ResetOutOfWindow, frame, at, at)
    if (segment.end > segment.start) this.sink.anomaly(flow, this.side, Anomaly.ResetWithData, frame, at, at)
    if (!flow.reset) flow.rarities.resetSide = this.side
    flow.reset = true
    flow.rarities.resetTime = timeOf(frame)
  }

  /** Frees what a forgotten flow keeps. */
  private drop(flow: Tracked): void {
    flow.release()
    if (flow.waitingAt >= 0) this.unwait(flow)
  }

  /** Counts a segment of a flow without sinks, and closes the flow after its end. */
  private tally(flow: Tracked, segment: Segment): void {
    if (flow.closed) ignore(flow, segment)
    else if ((flow.known & Known.Reset) !== 0) this.close(flow, 'rst')
    else if ((flow.known & BOTH_FINS) === BOTH_FINS) this.close(flow, 'fin')
  }

  /** A RST closed this flow, and yet it speaks: where it goes on with new data, the RST was not the end. */
  private afterClose(flow: Tracked, half: Half, peer: Half, segment: Segment): void {
    const sinks = half.isNews(segment) ? this.reopen(flow) : null
    if (sinks === null) {
      ignore(flow, segment)
      return
    }
    const side = this.side
    half.revive(sinks[side])
    peer.revive(sinks[otherSide(side)])
    this.sink.anomaly(flow, side, Anomaly.DataAfterReset, segment.frame, half.offset, half.offset)
    this.deliver(flow, half, peer, segment)
  }

  private reopen(flow: Tracked): ReturnType<FlowSink['open']> {
    flow.known &= ~(Known.Syn0 | Known.Syn1)
    const sinks = flow.rare.twin === -1 ? this.sink.open(flow) : null
    flow.reset = false
    flow.closed = sinks === null
    return sinks
  }

  // Waiting and ending

  private wait(flow: Tracked): void {
    this.enqueue(flow)
    this.review(flow)
  }

  /**
   * Bytes of the other side are missing, as this segment or one before it proves: what it brings is judged with that
   * knowledge. Before it says something, what its sender had seen is delivered, so that the packets stay in order.
   */
  private expose(flow: Tracked, peer: Half, segment: Segment): void {
    if (flow.waitingAt < 0) this.enqueue(flow)
    if (segment.end > segment.start || (segment.flags & Flag.Fin) !== 0) peer.settle(segment.frame)
  }

  private enqueue(flow: Tracked): void {
    flow.waitingAt = this.waiting.length
    this.waiting.push(flow)
  }

  private unwait(flow: Tracked): void {
    const last = this.waiting.pop()
    if (last !== undefined && last !== flow) {
      this.waiting[flow.waitingAt] = last
      last.waitingAt = flow.waitingAt
    }
    flow.waitingAt = -1
  }

  private review(flow: Tracked): void {
    const { half0, half1 } = flow
    // It was released while it waited.
    if (half0 === null || half1 === null) return this.unwait(flow)
    half0.review(this.frame)
    half1.review(this.frame)
    if (half0.ended && half1.ended) return this.close(flow, 'fin')
    if (flow.reset) {
      const now = timeOf(this.frame)
      if (now < flow.rare.resetTime) flow.rarities.resetTime = now
      if (now - flow.rare.resetTime >= PATIENCE_SECONDS) this.close(flow, 'rst')
    } else if (!half0.pending && !half1.pending) this.unwait(flow)
  }

  /** Once per second of frame time, but never more work than frames: many waiting flows and a racing clock cost nothing. */
  private tick(frame: Frame): void {
    if (this.shared.queued > MOST_QUEUED_TOTAL) this.relieve()
    this.sinceSweep++
    if (frame.seconds !== this.swept && this.sinceSweep >= this.waiting.length) this.sweep()
  }

  private relieve(): void {
    const halves: Half[] = []
    for (const flow of this.waiting) {
      if (flow.half0 !== null) halves.push(flow.half0)
      if (flow.half1 !== null) halves.push(flow.half1)
    }
    halves.sort((a, b) => b.cost - a.cost)
    for (const half of halves) {
      if (this.shared.queued <= ENOUGH_FREED) break
      half.relieve(this.frame)
    }
  }

  private close(flow: Tracked, how: FlowEnd): void {
    if (flow.closed) return
    flow.closed = true
    if (flow.waitingAt >= 0) this.unwait(flow)
    flow.half0?.end(how, this.frame)
    flow.half1?.end(how, this.frame)
    // After a RST they are kept: where they stand tells whether what comes later is new.
    if (how !== 'rst') flow.half0 = flow.half1 = null
    this.sink.close(flow, how)
  }
}

const minuteOf = ({ seconds }: Frame): number => Math.floor(seconds / 60)

/** Counts the bytes of a segment that is not delivered. */
function ignore(flow: Flow, { start, end }: Segment): void {
  if (end > start) flow.rarities.ignoredBytes += end - start
}

/** Notes a FIN or a RST of `side`. */
function noteEnd(flow: Flow, side: Side, flags: number): void {
  if ((flags & Flag.Reset) !== 0) flow.known |= Known.Reset
  if ((flags & Flag.Fin) === 0) return
  flow.known |= side === 0 ? Known.Fin0 : Known.Fin1
  if (flow.firstFin === -1) flow.firstFin = side
}

/**
 * A SYN with another number than the stream's starts a new one, which is tshark's rule; so does one after FIN or RST
 * (tshark 4.2, not yet 4.0). Small devices begin with the same port and number after each restart: there only the
 * answer differs, a SYN+ACK with another number after data. tshark keeps that one in the old stream, and its messages
 * would be taken for retransmissions.
 */
function isNewSyn(flow: Tracked, side: Side, segment: Segment): boolean {
  if ((segment.flags & Flag.Syn) === 0 || (flow.known & (side === 0 ? Known.Base0 : Known.Base1)) === 0) return false
  const differs = segment.seq !== flow.base(side)
  if ((segment.flags & Flag.Ack) === 0) return differs || (flow.known & (BOTH_FINS | Known.Reset)) !== 0
  return differs && flow.sawSyn(side) && flow.hasData
}

/**
 * Starts the stream of a SYN's side at its number, and the peer's stream at its acknowledgement if that is not started.
 */
function start(half: Half, peer: Half, segment: Segment): void {
  if (!half.started || half.isFresh) half.begin((segment.seq + 1) | 0)
  if ((segment.flags & Flag.Ack) !== 0 && !peer.started) peer.begin(segment.ack)
  peer.scale = windowScale(segment)
}

/** A segment without data, FIN and RST shows that a host is there, whatever its program does. */
function noteAck(flow: Flow, side: Side, { flags, frame }: Segment): void {
  if ((flags & (Flag.Fin | Flag.Reset | Flag.Syn)) !== 0) return
  if (side === 0) flow.ackTime0 = frame.seconds
  else flow.ackTime1 = frame.seconds
}

/** Learns from a segment where the streams of both sides begin, and who is the client. */
function noteStart(flow: Tracked, side: Side, segment: Segment): void {
  const { flags, seq } = segment
  const syn = (flags & Flag.Syn) !== 0
  const ack = (flags & Flag.Ack) !== 0
  const other = otherSide(side)
  if (!syn) flow.known |= side === 0 ? Known.Heard0 : Known.Heard1
  if ((flow.known & (side === 0 ? Known.Base0 : Known.Base1)) === 0) setBase(flow, side, syn ? seq : (seq - 1) | 0)
  // The acknowledgement field of a first SYN means nothing (RFC 9293 §3.1).
  if (ack && (flow.known & (other === 0 ? Known.Base0 : Known.Base1)) === 0) setBase(flow, other, (segment.ack - 1) | 0)
  // A second SYN+ACK with another number replaces the first one, as in tshark (a server with SYN cookies sends such).
  if (syn && ack && seq !== flow.base(side) && !flow.hasData) setBase(flow, side, seq)
  // A SYN that does not fit the stream says nothing about its start.
  if (!syn || seq !== flow.base(side)) return
  flow.known |= side === 0 ? Known.Syn0 : Known.Syn1
  if (ack && ((segment.ack - 1) | 0) === flow.base(other)) flow.known |= other === 0 ? Known.Syn0 : Known.Syn1
  if (flow.client === -1) flow.client = ack ? other : side
}

function setBase(flow: Flow, side: Side, base: number): void {
  if (side === 0) flow.base0 = base
  else flow.base1 = base
  flow.known |= side === 0 ? Known.Base0 : Known.Base1
}
