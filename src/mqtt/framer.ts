/** Cuts the stream bytes of one direction into control packets. */
import { u8 } from '../bytes.ts'
import { type FlowEnd, Frame, type RunSink } from '../line.ts'
import { type Budget, Collector, MOST_INCOMPLETE } from './collector.ts'
import type { PacketSink, RawPacket } from './raw.ts'
import { MOST_LENGTH_BYTES } from './spec.ts'

export { Budget } from './collector.ts'

const EMPTY = new Uint8Array(0)
const NO_HOLES: readonly number[] = []

/** In place of the body's offset: the bytes end within the fixed header; its length does not end at all. */
const MORE = -1
const BAD = -2

/** Where the body begins of the packet at `at` (MQTT 5 §2.1.4, §1.5.5), or MORE or BAD. */
function bodyAt(bytes: Uint8Array, at: number, end: number): number {
  const last = at + MOST_LENGTH_BYTES
  for (let digit = at + 1; digit <= last; digit++) {
    if (digit >= end) return MORE
    if (u8(bytes, digit) < 0x80) return digit + 1
  }
  return BAD
}

/** The Remaining Length in `bytes[at..end)`, least significant seven bits first. */
function lengthIn(bytes: Uint8Array, at: number, end: number): number {
  let length = 0
  for (let digit = end - 1; digit >= at; digit--) length = (length << 7) | (u8(bytes, digit) & 0x7f)
  return length
}

class Raw implements RawPacket {
  bytes: Uint8Array = EMPTY
  start = 0
  end = 0
  readable = 0
  kept = 0
  holes: readonly number[] = NO_HOLES
  pieces: readonly number[] = []
  frame = new Frame()
  incomplete = false
  badLength = false
}

/** In step: the next byte begins a packet. Lost: it may be any. Foreign: this is no MQTT. */
type State = 'step' | 'lost' | 'foreign'

export class Framer implements RunSink {
  /** What the stream is where it is no MQTT. */
  foreign: '' | 'tls' | 'http' | 'ssh' = ''
  private state: State
  private readonly sink: PacketSink
  private readonly raw = new Raw()
  /** The one piece of a packet that lies whole in a run. */
  private readonly piece = [0, 0]
  private readonly pending: Collector
  /** The frame of the last byte collected: its numbers, without its bytes. */
  private readonly last = new Frame()

  /** `midStream`: the flow's start is not in the capture, so its first byte may be any byte of a packet. */
  constructor(sink: PacketSink, budget: Budget, midStream: boolean) {
    this.sink = sink
    this.pending = new Collector(budget)
    this.state = midStream ? 'lost' : 'step'
  }

  /** Bytes of the packet that is not whole yet, and its whole size (0: not known yet). */
  get pendingSize(): number {
    return this.pending.size
  }
  get pendingNeed(): number {
    return this.pending.need
  }

  run(bytes: Uint8Array, start: number, end: number, frame: Frame): void {
    if (this.state !== 'step') this.search(bytes, start, end, frame)
    else this.follow(bytes, this.pending.size === 0 ? start : this.resume(bytes, start, end, frame), end, frame)
  }

  gap(size: number, frame: Frame): void {
    if (this.state === 'step' && this.bridge(size, frame)) return
    this.breakOff()
    this.sink.gap(size, frame)
    if (this.state === 'step') this.state = 'lost'
  }

  end(_how: FlowEnd): void {
    this.breakOff()
  }

  /** In step at `at`: hands on what is whole, collects what is not. */
  private follow(bytes: Uint8Array, at: number, end: number, frame: Frame): void {
    const { raw, piece, sink } = this
    raw.bytes = bytes
    raw.frame = frame
    raw.holes = NO_HOLES
    raw.pieces = piece
    const base = basePosition(bytes, frame)
    while (at < end) {
      let body = at + 2
      if (body > end) break
      let length = u8(bytes, at + 1)
      if (length > 0x7f) {
        body = bodyAt(bytes, at, end)
        if (body < 0) break
        length = lengthIn(bytes, at + 1, body)
      }
      const stop = body + length
      if (stop > end) break
      raw.start = at
      raw.end = raw.readable = raw.kept = stop
      piece[0] = base < 0 ? -1 : base + at
      piece[1] = stop - at
      sink.packet(raw)
      at = stop
    }
    if (at < end) this.resume(bytes, at, end, frame)
  }

  /** Goes on with the pending packet (or begins one); returns where the bytes behind it begin. */
  private resume(bytes: Uint8Array, start: number, end: number, frame: Frame): number {
    const { pending } = this
    const base = basePosition(bytes, frame)
    let at = start
    let header = MORE
    while (pending.need === 0 && at < end) {
      pending.add(bytes, at, at + 1, base < 0 ? -1 : base + at)
      at++
      header = pending.size < 2 ? MORE : bodyAt(pending.bytes, 0, pending.size)
      if (header === BAD) return this.refuse(at, end, frame)
      if (header !== MORE) pending.need = header + lengthIn(pending.bytes, 1, header)
    }
    const stop = pending.need === 0 ? at : Math.min(end, at + pending.need - pending.size)
    pending.add(bytes, at, stop, base < 0 ? -1 : base + at)
    if (pending.size === pending.need) this.deliver(frame, false, false)
    else this.remember(frame)
    return stop
  }

  /** A Remaining Length that does not end [MQTT 5 §1.5.5]: nobody knows where the packet ends. Tries again at the next run. */
  private refuse(at: number, end: number, frame: Frame): number {
    this.pending.need = this.pending.size
    this.deliver(frame, false, true)
    this.state = 'lost'
    this.skip(end - at, frame)
    return end
  }

  /** A gap that ends within the pending packet, or with it, is a hole in it; the stream stays in step. */
  private bridge(size: number, frame: Frame): boolean {
    const { pending } = this
    if (size === 0 || pending.need === 0 || pending.size + size > pending.need) return false
    pending.hole(size)
    if (pending.size === pending.need) this.deliver(frame, false, false)
    return true
  }

  /** Nothing more will come of the pending packet. */
  private breakOff(): void {
    const { pending } = this
    if (pending.size === 0) return
    pending.trim(MOST_INCOMPLETE)
    if (pending.need === 0) pending.need = pending.size
    this.deliver(this.last, true, false)
  }

  private deliver(frame: Frame, incomplete: boolean, badLength: boolean): void {
    const { raw, pending } = this
    raw.bytes = pending.bytes
    raw.start = 0
    raw.end = pending.need
    raw.readable = pending.readable
    raw.kept = pending.kept
    raw.holes = pending.holes
    raw.pieces = pending.pieces
    raw.frame = frame
    raw.incomplete = incomplete
    raw.badLength = badLength
    this.sink.packet(raw)
    raw.incomplete = raw.badLength = false
    pending.clear()
  }

  /** Frames are reused by the reader: keeps the numbers of this one. */
  private remember(frame: Frame): void {
    const { last } = this
    last.number = frame.number
    last.link = frame.link
    last.seconds = frame.seconds
    last.nanos = frame.nanos
    last.timeDigits = frame.timeDigits
    last.wireSize = frame.wireSize
    last.position = frame.position
    last.port = frame.port
  }

  private skip(size: number, frame: Frame): void {
    if (size > 0) this.sink.skipped(size, frame)
  }

  private search(_bytes: Uint8Array, start: number, end: number, frame: Frame): void {
    this.skip(end - start, frame)
  }
}

/** What to add to an offset in `bytes` for its position in the capture; -1 where the bytes stand nowhere in one piece. */
const basePosition = (bytes: Uint8Array, frame: Frame): number =>
  bytes === frame.bytes && frame.position >= 0 ? frame.position - frame.start : -1
