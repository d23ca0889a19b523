/**
 * Chunks in, frames out. Records that lie whole in a chunk are handed on without copying; of a chunk that ends
 * inside a record only that unfinished piece is carried over, by copy, so the caller may reuse the chunk's memory.
 */

import { u16in, u32le } from '../base/bytes.ts'
import { DamageCode } from './damage.ts'
import { PCAP_HEADER, pcapKind, SECTION } from './detect.ts'
import { foreignWords, MOST_LOOKED } from './foreign.ts'
import { type BlockTally, bytesText, type CaptureSink, type Format, type Interface, Ledger } from './ledger.ts'
import { Pcap } from './pcap.ts'
import { Pcapng } from './pcapng.ts'

export type { Damage } from './damage.ts'
export { DamageCode } from './damage.ts'
export type { BlockTally, CaptureSink, Interface } from './ledger.ts'

const EMPTY = new Uint8Array(0)
/** Bytes needed to recognise the format. */
const MAGIC_SIZE = 4
const SMALLEST_CARRY = 4 * 1024

/** A carry larger than this is given back once its record is done: large records are rare. */
const LARGEST_IDLE_CARRY = 1024 * 1024

export class CaptureReader {
  /** True if the first bytes are not a capture: no later ones are read. */
  private isRefused = false
  private readonly ledger: Ledger
  private format: Format | undefined
  /** Bytes needed from the first unused one on before the next try. */
  private need = MAGIC_SIZE
  private carry: Uint8Array = EMPTY
  private head = 0
  private held = 0
  private received = 0

  constructor(sink: CaptureSink) {
    this.ledger = new Ledger(sink)
  }

  /** Interfaces in order of description; `Frame.port` is an index into them. */
  get interfaces(): readonly Interface[] {
    return this.ledger.interfaces
  }

  /** Bytes pushed so far. */
  get bytes(): number {
    return this.received
  }

  get frames(): number {
    return this.ledger.frame.number
  }

  /** Number of damages, those reported and those only counted. */
  get damages(): number {
    return this.ledger.damages
  }

  /** Bytes passed over as damaged. */
  get skipped(): number {
    return this.ledger.skipped
  }

  /** Frames the capturing machine says it dropped. */
  get lost(): number {
    return this.ledger.lost
  }

  /** Blocks that hold no frames (statistics, names, secrets, custom and unknown ones), by block type. */
  get blocks(): ReadonlyMap<number, Readonly<BlockTally>> {
    return this.ledger.blocks
  }

  /** True once nothing more will be read, whatever comes: the caller may stop its source. */
  get done(): boolean {
    return this.ledger.done
  }

  push(chunk: Uint8Array): void {
    const { ledger } = this
    if (ledger.done || ledger.final) return
    const from = this.received
    this.received += chunk.length
    const start = this.held > 0 ? this.finishCarried(chunk, from) : 0
    if (start === chunk.length) return
    ledger.base = from
    const used = this.use(chunk, start, chunk.length)
    this.hold(chunk, used, chunk.length)
  }

  /** Stops reading at the wish of the caller: an unfinished record is not damage. */
  stop(): void {
    this.ledger.done = true
  }

  /** The file ends here, and the next byte begins another one: what is unfinished is damage. */
  cut(): void {
    const { ledger } = this
    if (ledger.done || ledger.final) return
    this.finish()
    this.format = undefined
    this.need = MAGIC_SIZE
    ledger.final = false
    ledger.done = this.isRefused
  }

  /** No more bytes will come: what is unfinished is damage. */
  end(): void {
    const { ledger } = this
    if (ledger.final) return
    if (this.received === 0 && !ledger.done)
      ledger.damage(DamageCode.Empty, 0, 0, 'the capture is empty: not even a file header')
    this.finish()
  }

  /** Hands the format what is left, for good. */
  private finish(): void {
    const { ledger } = this
    ledger.final = true
    ledger.base = this.received - this.held - this.head
    const isBegun = this.format !== undefined || this.held > 0
    if (!ledger.done && isBegun) this.use(this.carry, this.head, this.head + this.held)
    this.release()
  }

  /** Hands bytes to the format; returns the first index not used. */
  private use(bytes: Uint8Array, start: number, end: number): number {
    const { ledger } = this
    let at = start
    while (!ledger.done) {
      if (this.format === undefined) {
        at = this.begin(bytes, at, end)
        if (this.format === undefined) return at
      }
      at = this.format.read(bytes, at, end)
      this.need = this.format.need
      if (this.need > 0) return ledger.done ? end : at
      this.format = undefined
    }
    return end
  }

  /** Chooses the format by the first bytes of a file. */
  private begin(bytes: Uint8Array, at: number, end: number): number {
    const { ledger } = this
    this.need = MAGIC_SIZE
    if (end - at < this.need) return ledger.final ? this.foreign(bytes, at, end) : at
    if (u32le(bytes, at) === SECTION) {
      this.format = new Pcapng(ledger)
      return at
    }
    const found = pcapKind(bytes, at)
    if (found === undefined) return this.foreign(bytes, at, end)
    this.need = PCAP_HEADER
    if (end - at < this.need) return ledger.final ? this.cutHeader(at, end) : at
    const { kind, little } = found
    const major = u16in(bytes, at + 4, little)
    if (major !== 2) {
      const message = `pcap version ${major}.${u16in(bytes, at + 6, little)} is not known`
      return this.refuse(at, end, message, DamageCode.UnsupportedVersion)
    }
    this.format = new Pcap(ledger, kind, little, bytes, at)
    return at + PCAP_HEADER
  }

  /** Refuses bytes that are not a capture, after waiting for enough of them to say what they are. */
  private foreign(bytes: Uint8Array, at: number, end: number): number {
    this.need = MOST_LOOKED
    if (end - at < this.need && !this.ledger.final) return at
    return this.refuse(at, end, `this is no pcap or pcapng capture: ${foreignWords(bytes, at, end)}`)
  }

  private refuse(at: number, end: number, message: string, code: DamageCode = DamageCode.UnknownFormat): number {
    this.ledger.damage(code, at, 0, message)
    this.isRefused = end - at >= MAGIC_SIZE
    this.ledger.done = true
    return end
  }

  private cutHeader(at: number, end: number): number {
    const message = `the capture ends inside its file header: ${bytesText(end - at)} of ${PCAP_HEADER}`
    this.ledger.damage(DamageCode.TruncatedTail, at, end - at, message)
    return end
  }

  /**
   * Completes the carried piece with no more of the chunk than it needs; returns where the chunk goes on.
   * Once the rest of the carry is all of this chunk, it is read in place again.
   */
  private finishCarried(chunk: Uint8Array, from: number): number {
    let used = 0
    while (this.held > 0) {
      const size = Math.min(Math.max(this.need - this.held, 1), chunk.length - used)
      if (size === 0) return used
      this.hold(chunk, used, used + size)
      used += size
      if (this.held < this.need) continue
      this.ledger.base = from + used - this.held - this.head
      const end = this.head + this.held
      this.head = this.use(this.carry, this.head, end)
      this.held = end - this.head
      if (this.held <= used) {
        used -= this.held
        this.release()
      }
    }
    return used
  }

  /** Appends to the carry, which grows by what has come and not by what a record claims. */
  private hold(chunk: Uint8Array, start: number, end: number): void {
    const size = this.held + end - start
    if (end === start) return
    if (this.head + size > this.carry.length) this.makeRoom(size)
    const at = this.head + this.held
    if (end - start < chunk.length) this.carry.set(chunk.subarray(start, end), at)
    else this.carry.set(chunk, at)
    this.held = size
  }

  private makeRoom(size: number): void {
    const { head, held } = this
    // At most half full after moving, so that the bytes moved are paid for by bytes that came.
    if (size <= this.carry.length / 2) this.carry.copyWithin(0, head, head + held)
    else {
      const larger = new Uint8Array(Math.max(size * 2, SMALLEST_CARRY))
      larger.set(this.carry.subarray(head, head + held))
      this.carry = larger
    }
    this.head = 0
  }

  private release(): void {
    this.head = 0
    this.held = 0
    if (this.carry.length > LARGEST_IDLE_CARRY) this.carry = EMPTY
  }
}
