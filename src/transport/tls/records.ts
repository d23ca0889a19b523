/** Cuts one direction into TLS records (RFC 8446 §5.1), and finds its step again behind bytes that are missing. */
import { u8, u16 } from '../../base/bytes.ts'
import { type Frame, NOWHERE, positionBehind } from '../../base/line.ts'
import { Collector, type TlsBudget } from './budget.ts'
import { HEADER_SIZE, MOST_RECORD } from './opener.ts'

/** Content types (RFC 8446 §B.1). */
export const CHANGE_CIPHER_SPEC = 20
export const ALERT = 21
export const HANDSHAKE = 22
export const APPLICATION_DATA = 23
const HEARTBEAT = 24

/** Whom the records of one direction are handed to. */
export interface RecordListener {
  /**
   * One record with its header; `missing` bytes behind it belong to it and are not in the capture. The bytes may not be kept.
   * `position` is where the header stands, or NOWHERE.
   */
  record(record: Uint8Array, missing: number, frame: Frame, position: number): void
  /** Bytes are missing, about `size` of them, 0 if nobody knows; how many records they were cannot be told. */
  lost(size: number, frame: Frame): void
  /** `size` bytes up to `frame` are no records that anybody could find. */
  skipped(size: number, frame: Frame): void
}

type State = 'header' | 'body' | 'pass' | 'lost'

export class RecordReader {
  private state: State = 'header'
  /** A record that is not whole in one run. */
  private readonly held: Collector
  private position = NOWHERE
  /** Bytes of a record without its beginning that are passed over. */
  private left = 0
  private readonly listener: RecordListener

  constructor(listener: RecordListener, budget: TlsBudget) {
    this.listener = listener
    this.held = new Collector(budget)
  }

  run(bytes: Uint8Array, start: number, end: number, frame: Frame, position: number): void {
    let at = start
    while (at < end) {
      if (this.state === 'lost') {
        const found = findRecord(bytes, at, end, at === start)
        if (found > at) this.listener.skipped(found - at, frame)
        if (found === end) return
        at = found
        this.state = 'header'
      }
      const here = positionBehind(position, at - start)
      if (this.state === 'pass') at = this.pass(at, end)
      else if (this.held.have === 0) at = this.readHere(bytes, at, end, frame, here)
      else at = this.collect(bytes, at, end, frame)
    }
  }

  /** A gap inside a record leaves the next header in step. */
  gap(size: number, frame: Frame): void {
    const left = this.state === 'pass' ? this.left : this.state === 'body' ? this.size - this.held.have : 0
    if (size === 0 || size > left) {
      this.cut(this.state === 'body' ? left : 0, frame)
      this.lose()
      return this.listener.lost(Math.max(0, size - left), frame)
    }
    this.cut(left, frame)
    this.left = left - size
    this.state = this.left > 0 ? 'pass' : 'header'
  }

  /** Nothing more comes: what is there of a record is worth nothing. */
  end(): void {
    this.held.clear()
  }

  /** What was taken for a record was none: the next one is searched for. */
  lose(): void {
    this.state = 'lost'
    this.held.clear()
    this.left = 0
  }

  /** Hands on what is there of the record under way. */
  private cut(missing: number, frame: Frame): void {
    if (this.state === 'body') this.listener.record(this.held.finish(), missing, frame, this.position)
    else this.held.clear()
  }

  private pass(at: number, end: number): number {
    const size = Math.min(this.left, end - at)
    this.left -= size
    if (this.left === 0) this.state = 'header'
    return at + size
  }

  /** Reads a record that is whole in this run without copying it. */
  private readHere(bytes: Uint8Array, at: number, end: number, frame: Frame, position: number): number {
    this.position = position
    if (end - at < HEADER_SIZE) return this.collect(bytes, at, end, frame)
    if (!isHeader(bytes, at)) return this.leaveStep(frame, at)
    const stop = at + HEADER_SIZE + u16(bytes, at + 3)
    if (stop > end) return this.collect(bytes, at, end, frame)
    this.listener.record(bytes.subarray(at, stop), 0, frame, position)
    return stop
  }

  private collect(bytes: Uint8Array, at: number, end: number, frame: Frame): number {
    const { held } = this
    if (held.have < HEADER_SIZE) {
      const next = held.take(bytes, at, end, HEADER_SIZE)
      if (next < 0) return this.leaveRun(frame, at, end)
      if (held.have < HEADER_SIZE) return next
      if (!isHeader(held.bytes, 0)) return this.leaveStep(frame, next)
      this.state = 'body'
      at = next
    }
    const next = held.take(bytes, at, end, this.size)
    if (next < 0) return this.leaveRun(frame, at, end)
    if (held.have === this.size) this.finish(frame)
    return next
  }

  private finish(frame: Frame): void {
    this.state = 'header'
    this.listener.record(this.held.finish(), 0, frame, this.position)
  }

  /** Bytes of the whole record under way, whose header is there. */
  private get size(): number {
    return HEADER_SIZE + u16(this.held.bytes, 3)
  }

  /** There is no memory for a record in pieces: it is lost, and the next one is searched for behind this run. */
  private leaveRun(frame: Frame, at: number, end: number): number {
    this.leaveStep(frame, at)
    this.listener.skipped(end - at, frame)
    return end
  }

  /** No record begins where one should. */
  private leaveStep(frame: Frame, at: number): number {
    this.lose()
    this.listener.lost(0, frame)
    return at
  }
}

/** A header of a record: content type, version 3.0 to 3.4, and a length that is allowed. */
function isHeader(bytes: Uint8Array, at: number): boolean {
  const type = u8(bytes, at)
  return (
    type >= CHANGE_CIPHER_SPEC &&
    type <= HEARTBEAT &&
    u8(bytes, at + 1) === 3 &&
    u8(bytes, at + 2) <= 4 &&
    u16(bytes, at + 3) <= MOST_RECORD
  )
}

/**
 * Returns the index of the next record in a run, or its end: of a header that leads to the end or to another header. At the
 * beginning of a run one that goes on behind the run counts as well: senders mostly begin a segment with a record.
 */
function findRecord(bytes: Uint8Array, start: number, end: number, isBeginning: boolean): number {
  for (let at = start; at + HEADER_SIZE <= end; at++) {
    if (!isHeader(bytes, at)) continue
    const behind = at + HEADER_SIZE + u16(bytes, at + 3)
    if (behind === end || (behind + HEADER_SIZE <= end && isHeader(bytes, behind))) return at
    if (isBeginning && at === start && behind > end) return at
  }
  return end
}
