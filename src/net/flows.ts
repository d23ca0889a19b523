/** segment → flow: finds the connection of a segment, numbers connections like tshark, ends them. */
import type { FlowEnd } from '../line.ts'
import { Frame } from '../line.ts'
import { Oddity } from './cursor.ts'
import { Flow, type FlowSink, Known, type Side } from './flow.ts'
import { Half, PATIENCE_SECONDS, Shared, timeOf } from './half.ts'
import { Remark } from './remark.ts'
import type { Segment } from './segment.ts'
import { Flag, windowScale } from './tcp.ts'

/** Connections remembered; at about 1 KiB each with both directions. Beyond it the one silent for longest is closed as 'evicted'. */
export const MOST_FLOWS = 1 << 18
/** What may wait behind holes over all flows; beyond it the largest queues are given up until a quarter is free. */
export const MOST_QUEUED_TOTAL = 48 * 1024 * 1024
const ENOUGH_FREED = MOST_QUEUED_TOTAL * 0.75

export class Flows {
  /** Connections seen so far: the next one's number. */
  count = 0
  /** Connections closed because there were too many. */
  evicted = 0
  /** Flow and side of the last segment pushed. */
  flow: Flow | null = null
  side: Side = 0
  private slots: (Flow | undefined)[] = new Array(1024).fill(undefined)
  private mask = 1023
  private held = 0
  private newest: Flow | null = null
  private oldest: Flow | null = null
  private readonly waiting: Flow[] = []
  private swept = 0
  private sinceSweep = 0
  private frame = new Frame()
  private readonly sink: FlowSink
  private readonly seed: number
  private readonly most: number
  private readonly shared: Shared

  constructor(sink: FlowSink, seed = 0, most = MOST_FLOWS) {
    this.sink = sink
    this.seed = seed | 0
    this.most = most
    this.shared = new Shared(sink)
  }

  /** Bytes that wait behind holes, with what keeping them costs. */
  get queued(): number {
    return this.shared.queued
  }

  push(segment: Segment): void {
    const frame = segment.frame
    this.frame = frame
    let flow = this.find(segment)
    if (flow === null) flow = this.add(segment)
    else if (isNewSyn(flow, this.side, segment)) flow = this.reuse(flow, segment)
    else if (flow !== this.newest) this.touch(flow)
    this.flow = flow
    flow.segments++
    if ((segment.flags & (Flag.Fin | Flag.Reset)) !== 0) flow.known |= endOf(this.side, segment.flags)
    if ((flow.known & BOTH_BASES) !== BOTH_BASES || (segment.flags & Flag.Syn) !== 0)
      noteStart(flow, this.side, segment)
    const half = this.side === 0 ? flow.half0 : flow.half1
    const peer = this.side === 0 ? flow.half1 : flow.half0
    if (half === null || peer === null) this.tally(flow)
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

  /** The capture is over: what waits is delivered, and all that is open closes. */
  end(): void {
    for (let flow = this.oldest; flow !== null; flow = flow.newer) this.close(flow, 'capture')
  }

  private deliver(flow: Flow, half: Half, peer: Half, segment: Segment): void {
    const { flags, frame } = segment
    const syn = (flags & Flag.Syn) !== 0
    if (syn) this.start(half, peer, segment)
    if ((flags & Flag.Ack) !== 0) {
      peer.window = segment.window
      peer.acknowledge(segment.ack, frame)
    }
    if ((flags & UNUSUAL) !== 0 || segment.oddities !== 0) this.unusual(flow, half, segment)
    else if (flow.reset && segment.end > segment.start) this.afterReset(flow, segment)
    half.take(segment, syn ? (segment.seq + 1) | 0 : segment.seq)
    if (flow.waitingAt >= 0) this.review(flow)
    else if (half.pending || peer.pending || flow.reset) this.wait(flow)
    else if (half.ended && peer.ended) this.close(flow, 'fin')
  }

  /** A SYN tells where its own stream starts; its acknowledgement, where the other one does. */
  private start(half: Half, peer: Half, segment: Segment): void {
    if (!half.started) half.begin((segment.seq + 1) | 0)
    if ((segment.flags & Flag.Ack) !== 0 && !peer.started) peer.begin(segment.ack)
    peer.scale = windowScale(segment)
  }

  /** SYN, RST, URG and oddities of the frame: what deserves a remark. */
  private unusual(flow: Flow, half: Half, segment: Segment): void {
    const { flags, frame, oddities } = segment
    const at = half.offset
    const data = segment.end > segment.start
    if ((flags & Flag.Urgent) !== 0 && data) this.sink.remark(flow, this.side, Remark.Urgent, frame, at, at)
    if ((flags & Flag.Syn) !== 0 && data) this.sink.remark(flow, this.side, Remark.DataOnSyn, frame, at, at)
    if (oddities !== 0) this.odd(flow, at, segment)
    if ((flags & Flag.Reset) !== 0) this.reset(flow, half, segment)
    else if (flow.reset && data) this.afterReset(flow, segment)
  }

  private odd(flow: Flow, at: number, { oddities, frame }: Segment): void {
    const { sink, side } = this
    if ((oddities & Oddity.LengthBeyondFrame) !== 0) sink.remark(flow, side, Remark.LengthBeyondFrame, frame, at, at)
    if ((oddities & Oddity.ExtensionTwice) !== 0) sink.remark(flow, side, Remark.ExtensionTwice, frame, at, at)
    if ((oddities & Oddity.BadTcpOptions) !== 0) sink.remark(flow, side, Remark.BadTcpOptions, frame, at, at)
    if ((oddities & Oddity.FragmentConflict) !== 0) sink.remark(flow, side, Remark.FragmentConflict, frame, at, at)
  }

  private reset(flow: Flow, half: Half, segment: Segment): void {
    const at = half.offset
    if (!half.accepts(segment.seq)) {
      this.sink.remark(flow, this.side, Remark.ResetOutOfWindow, segment.frame, at, at)
      return
    }
    if (segment.end > segment.start) this.sink.remark(flow, this.side, Remark.ResetWithData, segment.frame, at, at)
    flow.reset = true
    flow.resetTime = timeOf(segment.frame)
  }

  /** A RST ends the flow only when nothing follows it for a while: it may be forged, or overtaken by data. */
  private afterReset(flow: Flow, segment: Segment): void {
    const half = this.side === 0 ? flow.half0 : flow.half1
    const at = half?.offset ?? 0
    this.sink.remark(flow, this.side, Remark.DataAfterReset, segment.frame, at, at)
    flow.resetTime = timeOf(segment.frame)
  }

  /** A flow that nobody listens to: only its end is of interest. */
  private tally(flow: Flow): void {
    if (flow.closed) return
    if ((flow.known & Known.Reset) !== 0) this.close(flow, 'rst')
    else if ((flow.known & BOTH_FINS) === BOTH_FINS) this.close(flow, 'fin')
  }

  private review(flow: Flow): void {
    const { frame } = this
    const { half0, half1 } = flow
    if (half0 === null || half1 === null) return
    half0.review(frame)
    half1.review(frame)
    if (half0.ended && half1.ended) return this.close(flow, 'fin')
    const now = timeOf(frame)
    if (flow.reset && now < flow.resetTime) flow.resetTime = now
    if (flow.reset && now - flow.resetTime >= PATIENCE_SECONDS) return this.close(flow, 'rst')
    if (!half0.pending && !half1.pending && !flow.reset) this.unwait(flow)
  }

  private wait(flow: Flow): void {
    flow.waitingAt = this.waiting.length
    this.waiting.push(flow)
    this.review(flow)
  }

  private unwait(flow: Flow): void {
    const last = this.waiting.pop()
    if (last !== undefined && last !== flow) {
      this.waiting[flow.waitingAt] = last
      last.waitingAt = flow.waitingAt
    }
    flow.waitingAt = -1
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

  private close(flow: Flow, how: FlowEnd): void {
    if (flow.closed) return
    flow.closed = true
    if (flow.waitingAt >= 0) this.unwait(flow)
    flow.half0?.end(how, this.frame)
    flow.half1?.end(how, this.frame)
    flow.half0 = null
    flow.half1 = null
    this.sink.close(flow, how)
  }

  private find(segment: Segment): Flow | null {
    let slot = hashOf(segment, this.seed) & this.mask
    for (;;) {
      const flow = this.slots[slot]
      if (flow === undefined) return null
      if (isForward(flow, segment)) {
        this.side = 0
        return flow
      }
      if (isBackward(flow, segment)) {
        this.side = 1
        return flow
      }
      slot = (slot + 1) & this.mask
    }
  }

  private add(segment: Segment): Flow {
    if (this.held >= this.most && this.oldest !== null) this.evict(this.oldest)
    const flow = new Flow(this.count++, hashOf(segment, this.seed), segment)
    this.held++
    if (this.held * 2 > this.mask) this.grow()
    this.put(flow)
    this.link(flow)
    this.side = 0
    this.open(flow, segment)
    return flow
  }

  /** The same addresses and ports, a new connection. */
  private reuse(old: Flow, segment: Segment): Flow {
    const over = old.closed || old.reset || (old.known & (BOTH_FINS | Known.Reset)) !== 0
    this.close(old, 'reuse')
    this.remove(old)
    const flow = this.add(segment)
    this.sink.remark(flow, 0, over ? Remark.PortReuse : Remark.SynInConnection, segment.frame, 0, 0)
    return flow
  }

  private open(flow: Flow, segment: Segment): void {
    noteStart(flow, 0, segment)
    const sinks = this.sink.open(flow)
    if (sinks === null) return
    flow.half0 = new Half(flow, 0, sinks[0], this.shared)
    flow.half1 = new Half(flow, 1, sinks[1], this.shared)
  }

  private evict(flow: Flow): void {
    this.evicted++
    this.close(flow, 'evicted')
    this.remove(flow)
  }

  private put(flow: Flow): void {
    let slot = flow.hash & this.mask
    while (this.slots[slot] !== undefined) slot = (slot + 1) & this.mask
    this.slots[slot] = flow
  }

  /** Takes a flow out; the flows behind it move up, so that no search stops too early. */
  private remove(flow: Flow): void {
    this.unlink(flow)
    this.held--
    const { slots, mask } = this
    let hole = flow.hash & mask
    while (slots[hole] !== flow) hole = (hole + 1) & mask
    for (let slot = (hole + 1) & mask; ; slot = (slot + 1) & mask) {
      const other = slots[slot]
      if (other === undefined) break
      if (((slot - other.hash) & mask) < ((slot - hole) & mask)) continue
      slots[hole] = other
      hole = slot
    }
    slots[hole] = undefined
  }

  private grow(): void {
    this.mask = this.mask * 2 + 1
    this.slots = new Array(this.mask + 1).fill(undefined)
    for (let flow = this.oldest; flow !== null; flow = flow.newer) this.put(flow)
  }

  private touch(flow: Flow): void {
    this.unlink(flow)
    this.link(flow)
  }

  private link(flow: Flow): void {
    flow.older = this.newest
    flow.newer = null
    if (this.newest === null) this.oldest = flow
    else this.newest.newer = flow
    this.newest = flow
  }

  private unlink(flow: Flow): void {
    if (flow.older === null) this.oldest = flow.newer
    else flow.older.newer = flow.newer
    if (flow.newer === null) this.newest = flow.older
    else flow.newer.older = flow.older
    flow.older = null
    flow.newer = null
  }
}

const UNUSUAL = Flag.Syn | Flag.Reset | Flag.Urgent
const BOTH_BASES = Known.Base0 | Known.Base1
const BOTH_FINS = Known.Fin0 | Known.Fin1

const endOf = (side: Side, flags: number): number =>
  ((flags & Flag.Reset) !== 0 ? Known.Reset : 0) | ((flags & Flag.Fin) === 0 ? 0 : side === 0 ? Known.Fin0 : Known.Fin1)

/** tshark's rule for a new stream: a SYN with another number than the stream's, or one after FIN or RST. */
function isNewSyn(flow: Flow, side: Side, segment: Segment): boolean {
  if ((segment.flags & (Flag.Syn | Flag.Ack)) !== Flag.Syn) return false
  const known = side === 0 ? Known.Base0 : Known.Base1
  if ((flow.known & known) === 0) return false
  return segment.seq !== flow.base(side) || (flow.known & (BOTH_FINS | Known.Reset)) !== 0
}

/** Learns from a segment where the streams of both sides begin, and who is the client. */
function noteStart(flow: Flow, side: Side, segment: Segment): void {
  const { flags, seq } = segment
  const syn = (flags & Flag.Syn) !== 0
  const ack = (flags & Flag.Ack) !== 0
  if ((flow.known & (side === 0 ? Known.Base0 : Known.Base1)) === 0) setBase(flow, side, syn ? seq : (seq - 1) | 0)
  const other = side === 0 ? 1 : 0
  // The acknowledgement field of a SYN means nothing (RFC 9293 §3.1).
  if (ack && (flow.known & (other === 0 ? Known.Base0 : Known.Base1)) === 0) setBase(flow, other, (segment.ack - 1) | 0)
  if (!syn) return
  flow.known |= side === 0 ? Known.Syn0 : Known.Syn1
  if (ack) flow.known |= side === 0 ? Known.Syn1 : Known.Syn0
  if (flow.client === -1) flow.client = ack ? other : side
}

function setBase(flow: Flow, side: Side, base: number): void {
  if (side === 0) flow.base0 = base
  else flow.base1 = base
  flow.known |= side === 0 ? Known.Base0 : Known.Base1
}

function isForward(flow: Flow, s: Segment): boolean {
  if (flow.a0 !== s.source0 || flow.b0 !== s.target0 || flow.portA !== s.sourcePort || flow.portB !== s.targetPort)
    return false
  if (flow.family !== s.family) return false
  if (s.family === 4) return true
  return (
    flow.a1 === s.source1 &&
    flow.a2 === s.source2 &&
    flow.a3 === s.source3 &&
    flow.b1 === s.target1 &&
    flow.b2 === s.target2 &&
    flow.b3 === s.target3
  )
}

function isBackward(flow: Flow, s: Segment): boolean {
  if (flow.a0 !== s.target0 || flow.b0 !== s.source0 || flow.portA !== s.targetPort || flow.portB !== s.sourcePort)
    return false
  if (flow.family !== s.family) return false
  if (s.family === 4) return true
  return (
    flow.a1 === s.target1 &&
    flow.a2 === s.target2 &&
    flow.a3 === s.target3 &&
    flow.b1 === s.source1 &&
    flow.b2 === s.source2 &&
    flow.b3 === s.source3
  )
}

/** The same for both directions: the sum of the two ends' hashes. The seed keeps an attacker from aiming at one slot. */
function hashOf(s: Segment, seed: number): number {
  let source = mix(seed ^ s.sourcePort, s.source0)
  let target = mix(seed ^ s.targetPort, s.target0)
  if (s.family === 6) {
    source = mix(mix(mix(source, s.source1), s.source2), s.source3)
    target = mix(mix(mix(target, s.target1), s.target2), s.target3)
  }
  const sum = (source + target) | 0
  return (sum ^ (sum >>> 15)) >>> 0
}

function mix(hash: number, word: number): number {
  const mixed = Math.imul(hash ^ word, 0x9e3779b1)
  return Math.imul(mixed ^ (mixed >>> 15), 0x85ebca6b)
}
