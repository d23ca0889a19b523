/**
 * One direction of WebSocket (RFC 6455 §5): frames in, their payload out. MQTT does not care where messages end
 * ([MQTT-6.0.0-2]), so payload goes on at once, without waiting for the last fragment; compressed messages alone must be whole.
 */
import { u8 } from '../base/bytes.ts'
import { type FlowEnd, Frame, NOWHERE, positionBehind, type RunSink } from '../base/line.ts'
import { type HeldBytes, type Inflate, MessageInflater } from './inflate.ts'
import { Scratch } from './mask.ts'
import { Unit, type UnitSink } from './unit.ts'
import type { WebSocketStream } from './upgrade.ts'
import type { WebSocketFault } from './websocket-faults.ts'
import { beginsWithFrames, CLOSE, CONTINUATION, FrameHeader, RSV1, TEXT } from './websocket-header.ts'

/** Whom one direction reports to. */
export interface WebSocketSink extends UnitSink {
  /** A rule is broken, reported once for a direction. `offset`: bytes of this direction before the frame, without gaps. */
  fault(code: WebSocketFault, offset: number, frame: Frame): void
  /** `size` bytes up to `frame` were passed over, in search of the next frame. */
  skipped(size: number, frame: Frame): void
}

/** What a direction is made of. */
export interface WebSocketParts {
  readonly stream: WebSocketStream
  readonly isClient: boolean
  readonly next: RunSink
  readonly sink: WebSocketSink
  /** Keeps payload that stands nowhere in the capture. Returns its position, or NOWHERE. */
  readonly keep: (bytes: Uint8Array, start: number, end: number) => number
  /** Absent where nothing can inflate: compressed messages are gaps then. */
  readonly inflate: Inflate | undefined
  /** True if the capture begins in the midst of the direction: a header is searched for. */
  readonly isMidStream?: boolean
  /** What all directions together hold. */
  readonly held: HeldBytes
}

/** Payload is unmasked in pieces of this size. Nobody keeps a run, so all directions share one. */
const PIECE = 64 * 1024
const scratch = new Scratch(PIECE)

/** Where the direction is. `lost`: no header is known; the next one is searched for at the beginnings of runs. */
type State = 'header' | 'payload' | 'lost'

export class WebSocketSide implements RunSink {
  /** Status code of the Close frame; undefined without one, or where it has none (§7.4). */
  closeCode: number | undefined = undefined
  private state: State = 'header'
  private readonly header = new FrameHeader()
  private readonly unit = new Unit('websocket')
  /** Bytes of the payload that came, and those still to come. */
  private came = 0
  private left = 0
  /** True while a message has begun and not ended. */
  private isInMessage = false
  /** True while the message is compressed, or may be. */
  private isCompressed = false
  private isClosed = false
  /** Bytes that came, up to the frame under way; and all of them. */
  private frameAt = 0
  private total = 0
  /** Bytes passed over in search of a header, and the frame of the last one. */
  private searched = 0
  private readonly last = new Frame()
  private readonly reported = new Set<WebSocketFault>()
  private inflater: MessageInflater | undefined
  private readonly parts: WebSocketParts

  constructor(parts: WebSocketParts) {
    this.parts = parts
    if (parts.isMidStream === true) this.state = 'lost'
  }

  run(bytes: Uint8Array, start: number, end: number, frame: Frame, position: number): void {
    if (this.state === 'lost' && !this.findStep(bytes, start, end, frame)) return
    const before = this.total - start
    let at = start
    while (at < end && this.state !== 'lost') {
      this.total = before + at
      const here = positionBehind(position, at - start)
      at =
        this.state === 'header' ? this.readHeader(bytes, at, end, frame, here) : this.read(bytes, at, end, frame, here)
    }
    this.total = before + end
    if (at < end) this.pass(end - at, frame)
  }

  /** A gap inside a payload leaves the next header in step; behind any other one it is searched for. */
  gap(size: number, frame: Frame): void {
    if (this.state === 'payload' && size > 0 && size <= this.left) return this.miss(size, frame)
    if (this.state === 'payload' && size > 0) this.miss(this.left, frame)
    if (this.state !== 'lost') this.lose(frame)
  }

  end(how: FlowEnd): void {
    this.reportSearched()
    this.inflater?.close()
    this.parts.next.end(how)
  }

  /** True if a frame begins with this run: the search is over. */
  private findStep(bytes: Uint8Array, start: number, end: number, frame: Frame): boolean {
    if (!beginsWithFrames(bytes, start, end, this.parts.isClient)) {
      this.total += end - start
      this.pass(end - start, frame)
      return false
    }
    this.reportSearched()
    this.enterHeader()
    // A continuation may belong to a message whose first frame is missing.
    this.isInMessage = (u8(bytes, start) & 15) === CONTINUATION
    this.isCompressed = this.isInMessage && this.parts.stream.deflate != null
    if (this.isCompressed) this.inflaterOf()?.spoil()
    return true
  }

  private pass(size: number, frame: Frame): void {
    this.searched += size
    this.last.take(frame)
  }

  private reportSearched(): void {
    if (this.searched > 0) this.parts.sink.skipped(this.searched, this.last)
    this.searched = 0
  }

  private lose(frame: Frame): void {
    this.state = 'lost'
    this.isInMessage = false
    this.inflater?.close()
    this.parts.next.gap(0, frame)
  }

  private enterHeader(): void {
    this.state = 'header'
    this.header.have = 0
  }

  private readHeader(bytes: Uint8Array, start: number, end: number, frame: Frame, position: number): number {
    const { header } = this
    const isHere = header.have === 0
    if (isHere) this.frameAt = this.total
    const at = header.take(bytes, start, end)
    if (header.isWhole) this.onHeader(frame, isHere ? position : NOWHERE, end - start)
    return at
  }

  /** Takes a whole header; up to `there` bytes from `position` on are those of its frame. */
  private onHeader(frame: Frame, position: number, there: number): void {
    const { header } = this
    this.checkHeader(frame)
    if (!Number.isSafeInteger(header.payload)) {
      this.fault('huge', frame)
      return this.lose(frame)
    }
    const unit = this.unit.take(header.bytes, header.size, header.payload, frame.number)
    this.parts.sink.unit(unit.place(position, there))
    this.came = 0
    this.left = header.payload
    this.state = 'payload'
    if (!header.isControl && !header.isReserved) this.enterData(frame)
    if (this.left === 0) this.leaveFrame(frame)
  }

  /** What §5.1 and §5.2 want of every frame. */
  private checkHeader(frame: Frame): void {
    const { header } = this
    const { isClient } = this.parts
    if (header.isMasked !== isClient) this.fault(isClient ? 'unmasked' : 'masked', frame)
    if (header.hasReservedBits) this.fault('reserved', frame)
    if (header.isLong) this.fault('length', frame)
    if (header.isReserved) this.fault('opcode', frame)
    if (header.isControl) this.checkControl(frame)
  }

  /** §5.5, and RFC 7692 §6.1: no control frame is compressed. */
  private checkControl(frame: Frame): void {
    const { header } = this
    if (!header.isFinal) this.fault('control_fragment', frame)
    if (header.payload > 125) this.fault('control_length', frame)
    if ((header.first & RSV1) !== 0) this.fault('reserved', frame)
    if (header.opcode !== CLOSE) return
    this.isClosed = true
    if (header.payload === 1) this.fault('close_length', frame)
  }

  private enterData(frame: Frame): void {
    const { header } = this
    if (this.isClosed) this.fault('after_close', frame)
    if (header.opcode === CONTINUATION) return this.enterContinuation(frame)
    if (this.isInMessage) this.fault('interleaved', frame)
    if (header.opcode === TEXT) this.fault('text', frame)
    if (this.isInMessage && this.isCompressed) this.finishMessage(frame)
    const hasDeflate = this.parts.stream.deflate !== null
    this.isInMessage = true
    this.isCompressed = (header.first & RSV1) !== 0 && hasDeflate
    if ((header.first & RSV1) !== 0 && !hasDeflate) this.fault('reserved', frame)
    if (!this.isCompressed) this.parts.next.boundary?.()
  }

  /** RFC 7692 §6.1: RSV1 stands on the first fragment alone. */
  private enterContinuation(frame: Frame): void {
    if ((this.header.first & RSV1) !== 0) this.fault('reserved', frame)
    if (this.isInMessage) return
    this.fault('continuation', frame)
    this.isInMessage = true
    this.isCompressed = false
  }

  /** Reads what `bytes[start..end)` hold of the payload. Returns the index behind it. */
  private read(bytes: Uint8Array, start: number, end: number, frame: Frame, position: number): number {
    const stop = Math.min(end, start + this.left)
    const { header } = this
    if (!header.isMasked) this.take(bytes, start, stop, frame, position)
    else
      for (let at = start; at < stop; at += PIECE) {
        const size = Math.min(PIECE, stop - at)
        scratch.unmask(bytes, at, at + size, header.bytes, header.keyAt, this.came + (at - start))
        this.take(scratch.bytes, 0, size, frame, undefined)
      }
    this.advance(stop - start, frame)
    return stop
  }

  /** Takes payload without its mask; `position` is undefined where it is not in the capture. */
  private take(bytes: Uint8Array, start: number, end: number, frame: Frame, position: number | undefined): void {
    const { header, parts } = this
    if (header.isReserved) return
    if (header.isControl) return this.takeControl(bytes, start, end)
    if (this.isCompressed) return this.inflaterOf()?.add(bytes, start, end)
    parts.next.run(bytes, start, end, frame, position ?? parts.keep(bytes, start, end))
  }

  /** Collects the two bytes of a status code, which may come in two runs. */
  private takeControl(bytes: Uint8Array, start: number, end: number): void {
    if (this.header.opcode !== CLOSE || this.header.payload < 2) return
    const from = this.came
    if (from > 0 && this.closeCode === undefined) return
    for (let index = from; index < 2 && start + index - from < end; index++)
      this.closeCode = ((index === 0 ? 0 : (this.closeCode ?? 0)) << 8) | u8(bytes, start + index - from)
  }

  /** `size` bytes of the payload are not in the capture. */
  private miss(size: number, frame: Frame): void {
    const { header } = this
    if (!header.isControl && !header.isReserved) {
      if (this.isCompressed) this.inflaterOf()?.spoil()
      else if (size > 0) this.parts.next.gap(size, frame)
    }
    this.advance(size, frame)
  }

  private advance(size: number, frame: Frame): void {
    this.came += size
    this.left -= size
    if (this.left === 0) this.leaveFrame(frame)
  }

  private leaveFrame(frame: Frame): void {
    const { header } = this
    if (header.opcode === CLOSE) this.parts.stream.closeCodes[this.parts.isClient ? 0 : 1] = this.closeCode
    if (!header.isControl && !header.isReserved && header.isFinal) {
      if (this.isCompressed) this.finishMessage(frame)
      this.isInMessage = false
    }
    this.enterHeader()
  }

  private finishMessage(frame: Frame): void {
    const { next, keep } = this.parts
    const text = this.inflaterOf()?.finish(this.keepsWindow)
    if (text === undefined) {
      this.fault(this.parts.inflate === undefined ? 'compressed' : 'deflate', frame)
      return next.gap(0, frame)
    }
    if (text.length === 0) return
    next.boundary?.()
    next.run(text, 0, text.length, frame, keep(text, 0, text.length))
  }

  /** True unless it was agreed that each message of this direction stands alone (RFC 7692 §7.1.1). */
  private get keepsWindow(): boolean {
    const { deflate } = this.parts.stream
    return deflate == null || (this.parts.isClient ? deflate.clientTakeover : deflate.serverTakeover)
  }

  private inflaterOf(): MessageInflater | undefined {
    const { inflate, held } = this.parts
    if (inflate !== undefined) this.inflater ??= new MessageInflater(inflate, held)
    return this.inflater
  }

  private fault(code: WebSocketFault, frame: Frame): void {
    if (this.reported.has(code)) return
    this.reported.add(code)
    this.parts.sink.fault(code, this.frameAt, frame)
  }
}
