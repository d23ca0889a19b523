/** Cuts the stream bytes of one direction into control packets. */
import { u8 } from '../base/bytes.ts'
import { type FlowEnd, Frame, NOWHERE, positionBehind, type RunSink, timeOf } from '../base/line.ts'
import { Budget, Collector, MOST_INCOMPLETE } from './collector.ts'
import { Doubt } from './doubt.ts'
import { isDoubtful } from './one-byte-length.ts'
import { LOOK, look, NO, nextHead, PART, seen } from './plausible.ts'
import { varintSize, varintValue } from './properties.ts'
import { NO_BYTES, NO_HOLES, type PacketSink, Raw } from './raw.ts'
import { confirm, ENOUGH, found, isWorthwhile, search } from './resync.ts'
import { MOST_LENGTH_BYTES } from './spec.ts'

export { Budget } from './collector.ts'

const NO_FRAME = new Frame()
/** Shared collector of all directions in which every packet came whole: most are such, and a collector is large. */
const NOTHING = new Collector(new Budget())

/** Packets that must be well-formed in a row after the way back was found, before the lengths alone are followed. */
const MOST_DOUBT = 4

/** The beginning of a candidate and the bytes after it; scratch, made once. */
const scratch = new Uint8Array(2 * LOOK)

/** The packet that is handed on, and its one piece where it lies whole in a run; scratch, made once. */
const raw = new Raw()
const piece = [0, 0]

/** The current run: its `bytes[start]` is at `position`. Scratch, made once: framers are called one after the other. */
const here = { start: 0, position: NOWHERE }

/**
 * Cuts one direction into packets. In step, the next byte begins a packet (or goes on with the pending one), and its
 * Remaining Length is believed. Out of step, the pending packet is a candidate, and `bits` is the evidence for the next
 * byte, or the candidate's first.
 */
export class Framer implements RunSink {
  private isLost: boolean
  /** True if the next run begins a message of the layer below. */
  private isMessage = false
  private bits = 0
  /** Bits of evidence added if the candidate ends where a run ends, because it began where one began. */
  private atEnd = 0
  private doubt = MOST_DOUBT
  /** True if more bytes change nothing about the pending candidate until it is whole. */
  private isDecided = false
  /** The length of the pending packet is above 127 and written in one byte. */
  private isOver = false
  /**
   * Set while more bytes must decide how the length of the pending packet is written; only its header is pending then.
   */
  private unsure: Doubt | undefined = undefined
  private readonly sink: PacketSink
  private readonly budget: Budget
  private pending = NOTHING
  /** The frame of the last byte collected: its numbers, without its bytes. */
  private last = NO_FRAME
  /** Skipped bytes that are not reported yet, and the frame of the last one. */
  private passed = 0
  private passedIn = NO_FRAME

  /** `midStream`: the flow's start is not in the capture, so its first byte may be any byte of a packet. */
  constructor(sink: PacketSink, budget: Budget, midStream: boolean) {
    this.sink = sink
    this.budget = budget
    this.isLost = midStream
  }

  /** Bytes that came of the packet that is not whole yet, and its whole size (0: not known yet). */
  get pendingSize(): number {
    return this.pending.size
  }
  get pendingNeed(): number {
    return this.pending.need
  }

  boundary(): void {
    this.isMessage = true
  }

  run(bytes: Uint8Array, start: number, end: number, frame: Frame, position: number): void {
    here.start = start
    here.position = position
    if (this.pending.size === 0) {
      if (this.isLost) this.seek(bytes, start, end, frame, true)
      else this.follow(bytes, start, end, frame)
    } else if (this.isLost) {
      if (this.isDecided) this.fill(bytes, start, end, frame)
      else this.weigh(bytes, start, end, frame)
    } else this.follow(bytes, this.resume(bytes, start, end, frame), end, frame)
    this.isMessage = false
  }

  gap(size: number, frame: Frame): void {
    this.settle()
    const rest = this.bridge(size, frame)
    if (rest < 0) return
    this.breakOff()
    this.reportSkipped()
    this.sink.gap(rest, frame)
    this.lose()
  }

  end(how: FlowEnd): void {
    this.settle()
    this.breakOff()
    this.reportSkipped()
    this.sink.ended?.(how)
  }

  // In step

  /** Reads on in step from `at`: delivers whole packets, and collects an incomplete one. */
  private follow(bytes: Uint8Array, at: number, end: number, frame: Frame): void {
    this.reportSkipped()
    while (at < end) {
      at = this.pass(bytes, at, end, frame)
      if (at < end) at = this.resume(bytes, at, end, frame)
    }
  }

  /** Hands on the packets from `at` that are whole in the run and leave no doubt; returns where the next one begins. */
  private pass(bytes: Uint8Array, at: number, end: number, frame: Frame): number {
    const { sink } = this
    raw.bytes = bytes
    raw.frame = frame
    raw.holes = NO_HOLES
    raw.pieces = piece
    const { start, position } = here
    while (at < end) {
      let body = at + 2
      if (body > end) break
      let length = u8(bytes, at + 1)
      if (length > 0x7f) {
        const digits = varintSize(bytes, at + 1, end)
        if (digits <= 0 || isDoubtful(u8(bytes, at), digits, u8(bytes, at + digits))) break
        length = varintValue(bytes, at + 1, digits)
        body = at + 1 + digits
      }
      const stop = body + length
      if (stop > end) break
      raw.start = at
      raw.end = raw.readable = raw.kept = stop
      piece[0] = positionBehind(position, at - start)
      piece[1] = stop - at
      sink.packet(raw)
      at = stop
    }
    return at
  }

  /** Continues the pending packet or begins one. Returns the offset of the bytes after it. */
  private resume(bytes: Uint8Array, start: number, end: number, frame: Frame): number {
    if (this.unsure !== undefined) return this.wonder(bytes, start, end, frame)
    const pending = this.collecting
    let at = start
    while (pending.need === 0 && at < end) {
      this.take(bytes, at, at + 1, frame)
      at++
      const digits = varintSize(pending.bytes, 1, pending.size)
      if (digits < 0) return this.refuse(at, end, frame)
      if (digits === 0) continue
      if (isDoubtful(u8(pending.bytes, 0), digits, u8(pending.bytes, digits))) return this.wonder(bytes, at, end, frame)
      pending.need = 1 + digits + varintValue(pending.bytes, 1, digits)
    }
    const stop = pending.need === 0 ? at : Math.min(end, at + pending.need - pending.size)
    this.take(bytes, at, stop, frame)
    if (pending.size !== pending.need) return stop
    const { isOver } = this
    this.deliver(frame, false, false)
    if (!isOver) return stop
    this.skip(end - stop, frame)
    this.reportSkipped()
    return end
  }

  /** Handles a doubtful length of the pending packet: the bytes from `at` decide how it is written, or are held. */
  private wonder(bytes: Uint8Array, at: number, end: number, frame: Frame): number {
    const { start, position } = here
    const place = positionBehind(position, at - start)
    this.unsure ??= new Doubt(this.pending.bytes, this.pending.size)
    this.unsure.look(bytes, at, end)
    if (!this.resolve(this.unsure, false)) {
      this.unsure.hold(bytes, at, end, frame, place)
      return end
    }
    here.start = start
    here.position = position
    if (!this.isLost) return this.resume(bytes, at, end, frame)
    this.run(bytes, at, end, frame, place)
    return end
  }

  /** Ends a doubt if its bytes decide: the held runs are read. `isAll`: no more will come, so they must decide. */
  private resolve(doubt: Doubt, isAll: boolean): boolean {
    const size = doubt.sizeOf(isAll)
    if (size === 0) return false
    this.unsure = undefined
    this.isOver = doubt.isInOneByte
    this.pending.need = size
    for (const { bytes, frame, position } of doubt.runs) this.run(bytes, 0, bytes.length, frame, position)
    return true
  }

  /** Decides the doubt by the held bytes, because no more will come. */
  private settle(): void {
    while (this.unsure !== undefined) this.resolve(this.unsure, true)
  }

  /**
   * Handles a Remaining Length of more than four bytes (MQTT 5 §1.5.5): the packet's end is unknown, so the search
   * starts with the next run.
   */
  private refuse(at: number, end: number, frame: Frame): number {
    this.pending.need = 1 + MOST_LENGTH_BYTES
    this.deliver(frame, false, true)
    this.skip(end - at, frame)
    this.lose()
    return end
  }

  private get collecting(): Collector {
    if (this.pending === NOTHING) this.pending = new Collector(this.budget)
    return this.pending
  }

  private take(bytes: Uint8Array, start: number, end: number, frame: Frame): void {
    if (start === end) return
    const { collecting } = this
    if (collecting.size === 0) collecting.began = timeOf(frame)
    collecting.add(bytes, start, end, positionBehind(here.position, start - here.start))
    if (this.pending.size === this.pending.need) return
    if (this.last === NO_FRAME) this.last = new Frame()
    this.last.take(frame)
  }

  /**
   * Notes a gap in the pending packet of known length. Returns -1 if the gap ends within or with the packet: the stream
   * is in step then. Otherwise returns the bytes of the gap that lie after the packet.
   */
  private bridge(size: number, frame: Frame): number {
    const { pending } = this
    if (size === 0 || pending.need === 0 || !this.isTrusted()) return size
    const hole = Math.min(size, pending.need - pending.size)
    pending.hole(hole)
    this.sink.hole?.(hole)
    // What would tell more of its beginning is lost: it stays trusted for what spoke for it before.
    this.isDecided = true
    if (pending.size === pending.need) this.deliver(frame, false, false)
    this.bits = ENOUGH
    return size === hole ? -1 : size - hole
  }

  /** Ends the pending packet or candidate, of which no more bytes will come. */
  private breakOff(): void {
    const { pending } = this
    if (pending.size === 0) return
    if (!this.isTrusted()) return this.discard(0, this.last)
    pending.trim(MOST_INCOMPLETE)
    if (pending.need === 0) pending.need = pending.size
    this.deliver(this.last, true, false)
  }

  private deliver(frame: Frame, incomplete: boolean, badLength: boolean): void {
    this.reportSkipped()
    const { pending } = this
    raw.bytes = pending.bytes
    raw.start = 0
    raw.end = pending.need
    raw.readable = pending.readable
    raw.kept = pending.kept
    raw.holes = pending.holes
    raw.pieces = pending.pieces
    raw.frame = frame
    raw.began = pending.began
    raw.incomplete = incomplete
    raw.badLength = badLength
    this.sink.packet(raw)
    raw.incomplete = raw.badLength = false
    raw.began = Number.NaN
    raw.bytes = NO_BYTES
    pending.clear()
    if (this.isOver) this.giveUp()
  }

  /** Reports to the sink that no byte after the last packet can be trusted. */
  private giveUp(): void {
    this.isOver = false
    this.lose()
    this.sink.broken?.()
  }

  /** Counts skipped bytes; they are reported together at the next packet, gap or end. */
  private skip(size: number, frame: Frame): void {
    if (size <= 0) return
    this.passed += size
    if (this.passedIn === NO_FRAME) this.passedIn = new Frame()
    this.passedIn.take(frame)
  }

  private reportSkipped(): void {
    if (this.passed === 0) return
    const size = this.passed
    this.passed = 0
    this.sink.skipped(size, this.passedIn)
  }

  // Lost

  private lose(): void {
    this.isLost = true
    this.bits = 0
    this.doubt = MOST_DOUBT
  }

  /** Lost at `at`, nothing pending. */
  private seek(bytes: Uint8Array, at: number, end: number, frame: Frame, isStart: boolean): void {
    if (this.bits >= ENOUGH) return this.tread(bytes, at, end, frame)
    const verdict = search(bytes, at, end, this.bits, isStart, this.isMessage)
    if (verdict === 'nothing' || verdict === 'weak') {
      this.bits = verdict === 'weak' ? found.bits : 0
      return this.skip(end - at, frame)
    }
    const { at: start, bits } = found
    if (verdict === 'wait') {
      this.hold(bytes, start, end, frame, bits)
      this.atEnd = isStart && start === at ? found.atEnd : 0
    }
    this.skip(start - at, frame)
    if (verdict === 'packet') this.tread(bytes, start, end, frame)
  }

  /** A packet should begin at `at`. As long as there is doubt each one is looked at, and the first bad one ends the trust. */
  private tread(bytes: Uint8Array, at: number, end: number, frame: Frame): void {
    while (this.doubt > 0) {
      this.bits = ENOUGH
      if (at === end) return
      const kind = look(bytes, at, end)
      if (kind === PART) return this.hold(bytes, at, end, frame, ENOUGH)
      if (kind === NO) {
        this.lose()
        return this.seek(bytes, at, end, frame, false)
      }
      const stop = at + seen.size
      this.follow(bytes, at, stop, frame)
      at = stop
      this.doubt--
    }
    this.isLost = false
    this.follow(bytes, at, end, frame)
  }

  /** Keeps `bytes[at..end)` as the beginning of the candidate that `seen` describes. */
  private hold(bytes: Uint8Array, at: number, end: number, frame: Frame, bits: number): void {
    this.bits = bits
    this.isDecided = seen.decided || end - at >= LOOK
    this.take(bytes, at, end, frame)
    this.collecting.need = seen.size
  }

  /** The pending beginning is short: with the bytes of this run, does it or an offset in it begin a packet? */
  private weigh(bytes: Uint8Array, start: number, end: number, frame: Frame): void {
    const { pending } = this
    const before = pending.size
    const size = Math.min(end - start, LOOK)
    if (pending.kept < before) {
      this.discard(0, frame)
      return this.seek(bytes, start, end, frame, true)
    }
    scratch.set(pending.bytes.subarray(0, before))
    scratch.set(bytes.subarray(start, start + size), before)
    let at = 0
    for (; at < before; at = nextHead(scratch, at + 1, before)) {
      const visible = before + size - at
      if (look(scratch, at, at + visible) !== NO && isWorthwhile(this.bits, visible)) {
        if (seen.size === 0 || at + seen.size > before) break
      }
      this.bits = 0
    }
    if (at === before) {
      this.discard(0, frame)
      return this.seek(bytes, start, end, frame, true)
    }
    pending.drop(at)
    if (at > 0) this.atEnd = 0
    this.skip(at, frame)
    pending.need = seen.size
    this.isDecided = seen.decided || before + size - at >= LOOK
    if (this.isDecided) this.fill(bytes, start, end, frame)
    else this.take(bytes, start, end, frame)
  }

  /** Goes on with the pending candidate; when it is whole, what follows decides. */
  private fill(bytes: Uint8Array, start: number, end: number, frame: Frame): void {
    const { pending } = this
    const stop = Math.min(end, start + pending.need - pending.size)
    this.take(bytes, start, stop, frame)
    if (pending.size < pending.need) return
    const verdict = confirm(pending.bytes, pending.readable, bytes, start, stop, end, this.bits, this.atEnd)
    if (verdict === 'packet') {
      this.deliver(frame, false, false)
      this.doubt--
      return this.tread(bytes, stop, end, frame)
    }
    const isWeak = verdict === 'weak'
    const next = isWeak ? found.at : start
    this.discard(next - stop, frame)
    this.lose()
    if (isWeak) this.bits = found.bits
    if (next < end) this.seek(bytes, next, end, frame, !isWeak)
  }

  /**
   * Skips a candidate that was not a packet, and `more` bytes after it (below 0: its last bytes are searched again).
   */
  private discard(more: number, frame: Frame): void {
    const { size, lost } = this.pending
    this.pending.clear()
    this.skip(size - lost + more, frame)
    this.bits = 0
    if (lost === 0) return
    this.reportSkipped()
    this.sink.gap(lost, frame)
  }

  /** Enough speaks for the pending packet, though it is not whole. */
  private isTrusted(): boolean {
    const { pending } = this
    if (!this.isLost || this.bits >= ENOUGH) return true
    if (pending.size === 0 || !this.isDecided || look(pending.bytes, 0, pending.readable) === NO) return false
    return this.bits + seen.bits >= ENOUGH
  }
}
