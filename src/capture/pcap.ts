/**
 * Classic pcap (draft-ietf-opsawg-pcap): a file header, then records of seconds, fraction, captured size, size on
 * the wire, bytes. Nothing in a record says "I am a record", so one whose numbers are odd must prove itself by what
 * follows it, and after damage the way is found again where several headers follow each other plausibly.
 */

import { u8, u32in, viewOf } from '../base/bytes.ts'
import type { Frame } from '../base/line.ts'
import { DamageCode } from './damage.ts'
import { fileHeaderAt, type PcapKind, pastZeros } from './detect.ts'
import { bytesText, type Format, LARGEST_LANDMARK, LARGEST_RECORD, type Ledger, NO, YES } from './ledger.ts'

/** Neighbours in a capture are nearer than this; a record that is not must be followed by another. */
const NEAR_SECONDS = 86_400

/** Headers in a row that make a place to resume, where its time fits what came before, and where it does not. */
const CHAIN_NEAR = 3
const CHAIN_FAR = 5

const near = (a: number, b: number): boolean => Math.abs(a - b) <= NEAR_SECONDS

export class Pcap implements Format {
  need = 0
  private readonly ledger: Ledger
  private readonly kind: PcapKind
  private readonly little: boolean
  private readonly link: number
  private readonly port: number
  /** Captured sizes up to this are ordinary: writers do not keep to the snap length that they state, and libpcap reads up to 256 KiB all the same. */
  private readonly ordinarySize: number
  private readonly snaplen: number
  /** Fractions in a second, and nanoseconds in a fraction. */
  private readonly perSecond: number
  private readonly nanosEach: number
  /** Size of a record header; 0 until the records have proved it. */
  private head: number
  /** Unix seconds of the last plausible record; NaN before it. */
  private seconds = Number.NaN

  /** Reads the file header of 24 bytes at `at`. */
  constructor(ledger: Ledger, kind: PcapKind, little: boolean, bytes: Uint8Array, at: number) {
    this.ledger = ledger
    this.kind = kind
    this.little = little
    this.snaplen = u32in(bytes, at + 16, little)
    this.ordinarySize = Math.min(Math.max(this.snaplen, LARGEST_LANDMARK), LARGEST_RECORD)
    // The upper half holds the length of the frame check sequence (draft-ietf-opsawg-pcap §4).
    this.link = u32in(bytes, at + 20, little) & 0xffff
    this.port = ledger.shareInterface({ link: this.link, snaplen: this.snaplen, timeDigits: kind.digits })
    this.perSecond = 10 ** kind.digits
    this.nanosEach = 10 ** (9 - kind.digits)
    const [only, ...others] = kind.heads
    this.head = others.length === 0 && only !== undefined ? only : 0
  }

  read(bytes: Uint8Array, start: number, end: number): number {
    if (this.head === 0 && !this.proveHead(bytes, start, end)) return this.ledger.done ? end : start
    const { ledger } = this
    this.need = this.head
    let at = start
    for (;;) {
      if (ledger.astray) at = this.search(bytes, at, end)
      if (ledger.astray || ledger.done || this.need === 0) return at
      at = this.records(bytes, at, end)
      if (!ledger.astray) return at
    }
  }

  /** The loop that every frame of an intact file goes through. */
  private records(bytes: Uint8Array, start: number, end: number): number {
    const { ledger, little, head, ordinarySize, perSecond } = this
    const { frame } = ledger
    const view = viewOf(bytes)
    this.prepare(frame, bytes)
    let at = start
    while (end - at >= head) {
      const seconds = view.getUint32(at, little)
      const fraction = view.getUint32(at + 4, little)
      const size = view.getUint32(at + 8, little)
      const wireSize = view.getUint32(at + 12, little)
      const next = at + head + size
      if (
        size > ordinarySize ||
        size > wireSize ||
        wireSize === 0 ||
        fraction >= perSecond ||
        !(Math.abs(seconds - this.seconds) <= NEAR_SECONDS)
      ) {
        const after = this.oddRecord(bytes, at, end)
        if (after < 0) return at
        at = after
        continue
      }
      if (next > end) return this.unfinished(at, end, head + size)
      this.seconds = seconds
      this.emit(frame, at + head, next, seconds, fraction, wireSize)
      at = next
    }
    return this.unfinished(at, end, head)
  }

  private prepare(frame: Frame, bytes: Uint8Array): void {
    frame.bytes = bytes
    frame.link = this.link
    frame.port = this.port
    frame.timeDigits = this.kind.digits
  }

  private emit(frame: Frame, start: number, end: number, seconds: number, fraction: number, wireSize: number): void {
    frame.number++
    frame.start = start
    frame.end = end
    frame.seconds = seconds
    frame.nanos = fraction * this.nanosEach
    frame.wireSize = wireSize
    frame.position = this.ledger.base + start
    this.ledger.sink.frame(frame)
  }

  /**
   * Handles bytes that end inside a record. At the end of the capture a search decides if it is cut or its size is
   * wrong.
   */
  private unfinished(at: number, end: number, need: number): number {
    this.need = need
    if (this.ledger.final && at < end) {
      const had = bytesText(end - at)
      this.ledger.lose(at, DamageCode.TruncatedTail, `the capture ends inside a record: ${had} of ${need}`)
    }
    return at
  }

  /**
   * A record with a number that is out of the ordinary is read if another record follows it, or the end.
   * Returns the index after it; -1 to wait, to search, or because another file begins here.
   */
  private oddRecord(bytes: Uint8Array, at: number, end: number): number {
    const { ledger, little } = this
    const header = fileHeaderAt(bytes, at, end, ledger.final)
    if (header !== NO) return this.wait(header, at)
    const seconds = u32in(bytes, at, little)
    const fraction = u32in(bytes, at + 4, little)
    const size = u32in(bytes, at + 8, little)
    const wireSize = u32in(bytes, at + 12, little)
    const next = at + this.head + size
    if (size > LARGEST_RECORD) return this.refuse(at, `a record claims ${size} captured bytes`)
    const first = Number.isNaN(this.seconds) && this.isStrict(bytes, at)
    if (next > end && (first || size <= this.ordinarySize)) {
      // The file may end in an odd record too; as long as more may come, it waits for its bytes.
      this.unfinished(at, end, this.head + size)
      return -1
    }
    const follows = first ? YES : this.followsAt(bytes, next, end, seconds)
    if (follows > 0) return this.wait(follows, at)
    if (follows === NO) return this.refuse(at, `no record follows one of ${size} captured bytes`)
    this.flag(at, size, wireSize, fraction)
    const carried = Math.floor(fraction / this.perSecond)
    this.seconds = seconds
    this.emit(ledger.frame, at + this.head, next, seconds + carried, fraction - carried * this.perSecond, wireSize)
    return next
  }

  /** Waits for bytes up to index `until`; YES leaves the format, because another file's header is at `at`. */
  private wait(until: number, at: number): number {
    this.need = until === YES ? 0 : until - at
    return -1
  }

  private refuse(at: number, why: string): number {
    this.ledger.lose(at, DamageCode.Skipped, why)
    this.need = this.head
    return -1
  }

  private flag(at: number, size: number, wireSize: number, fraction: number): void {
    const { ledger } = this
    if (size > wireSize) {
      const message = `a record claims ${size} captured bytes of ${wireSize} on the wire`
      ledger.damage(DamageCode.LongerThanWire, at, 0, message)
    }
    if (size > this.ordinarySize) {
      const message = `a record claims ${size} captured bytes at a snap length of ${this.snaplen}`
      ledger.damage(DamageCode.OverSnaplen, at, 0, message)
    }
    if (fraction >= this.perSecond) {
      const message = `a record's fraction of a second is ${fraction} of ${this.perSecond}: carried into its seconds`
      ledger.damage(DamageCode.BadFraction, at, 0, message)
    }
  }

  /** Is there anything at `next` that a record could be followed by? One oddity is granted to it. */
  private followsAt(bytes: Uint8Array, next: number, end: number, seconds: number): number {
    const { ledger, little, head } = this
    if (end - next < head) return ledger.final ? (next <= end ? YES : NO) : next + head
    const size = u32in(bytes, next + 8, little)
    const wireSize = u32in(bytes, next + 12, little)
    const time = u32in(bytes, next, little)
    const oddTime = !near(time, seconds) && !near(time, this.seconds)
    const oddFraction = u32in(bytes, next + 4, little) >= this.perSecond
    const oddities = Number(oddTime) + Number(oddFraction) + Number(size > wireSize)
    // Zeros are no record: a file that was being written when the disk failed is full of them.
    const sane = size <= Math.max(this.ordinarySize, LARGEST_LANDMARK) && (size > 0 || wireSize > 0 || time > 0)
    return sane && oddities <= 1 ? YES : fileHeaderAt(bytes, next, end, ledger.final)
  }

  /** True if the record header at `at` is plausible, whatever its time. */
  private isStrict(bytes: Uint8Array, at: number): boolean {
    const size = u32in(bytes, at + 8, this.little)
    const wireSize = u32in(bytes, at + 12, this.little)
    const fraction = u32in(bytes, at + 4, this.little)
    const sane = size <= wireSize && wireSize > 0 && wireSize <= LARGEST_RECORD
    return sane && size <= this.ordinarySize && fraction < this.perSecond
  }

  /** Looks at every byte until a record chain or another file's header begins. */
  private search(bytes: Uint8Array, start: number, end: number): number {
    const { ledger, head } = this
    let at = ledger.searchFrom(start)
    const stop = ledger.searchUntil()
    for (; ; at++) {
      at = pastZeros(bytes, at, end, head)
      if (end - at < head || at >= stop) break
      const header = fileHeaderAt(bytes, at, end, ledger.final)
      const found = header === NO ? this.chainAt(bytes, at, end) : header
      if (found === NO) continue
      this.need = found === YES ? (header === YES ? 0 : head) : found - at
      if (found === YES) ledger.rejoin(at)
      return at
    }
    this.need = head
    if (at >= stop) ledger.giveUp(stop)
    else if (ledger.final) ledger.strand(end)
    else return at
    return end
  }

  /** Does a chain of plausible records begin here? */
  private chainAt(bytes: Uint8Array, first: number, end: number): number {
    const { ledger, little, head } = this
    // Asked of every byte of a search: most are answered by the top byte of the size alone.
    if (u8(bytes, little ? first + 11 : first + 8) !== 0) return NO
    if (u32in(bytes, first + 8, little) > LARGEST_LANDMARK || !this.isStrict(bytes, first)) return NO
    let seconds = u32in(bytes, first, little)
    const isNear = near(seconds, this.seconds)
    // Read four bytes late, records form a chain too: the fraction is the time, the size on the wire the captured one.
    if (!isNear && seconds < this.perSecond) return NO
    const wanted = isNear ? CHAIN_NEAR : CHAIN_FAR
    let at = first + head + u32in(bytes, first + 8, little)
    for (let count = 1; count < wanted; count++) {
      if (end - at < head) return ledger.final ? endsWell(at, end, count, at - first - head) : at + head
      const time = u32in(bytes, at, little)
      const size = u32in(bytes, at + 8, little)
      if (!near(time, seconds) || size > LARGEST_LANDMARK || !this.isStrict(bytes, at)) {
        return fileHeaderAt(bytes, at, end, ledger.final)
      }
      seconds = time
      at += head + size
    }
    return YES
  }

  /**
   * Uses the usual size of a record header unless the first two records contradict it and another size makes a chain.
   * Waits for the header of the second record: the first one is the same for all writers with this magic.
   */
  private doubtUsual(bytes: Uint8Array, at: number, end: number, usual: number): boolean {
    const { ledger, kind } = this
    const size = end - at < usual ? 0 : u32in(bytes, at + 8, this.little)
    const next = at + usual + size
    const isThere = next + usual <= end
    // A size that no frame has is no reason to wait for so many bytes.
    if (!isThere && !ledger.final && size <= LARGEST_LANDMARK) {
      this.need = next + usual - at
      return false
    }
    this.head = usual
    if (!isThere || size > LARGEST_LANDMARK || this.isRecord(bytes, at, next)) return true
    for (const head of kind.heads) {
      if (head === usual) continue
      this.head = head
      const proof = this.chainAt(bytes, at, end)
      if (proof === YES) return true
      if (proof === NO) continue
      this.head = 0
      this.need = proof - at
      return false
    }
    this.head = usual
    return true
  }

  /** The header at `next` is that of a record which follows the one at `at`. */
  private isRecord(bytes: Uint8Array, at: number, next: number): boolean {
    const size = u32in(bytes, next + 8, this.little)
    const wireSize = u32in(bytes, next + 12, this.little)
    const isSane =
      size <= wireSize && wireSize <= LARGEST_RECORD && u32in(bytes, next + 4, this.little) < this.perSecond
    return isSane && near(u32in(bytes, next, this.little), u32in(bytes, at, this.little))
  }

  /** Finds the size of the record header by trying which one makes a chain. */
  private proveHead(bytes: Uint8Array, at: number, end: number): boolean {
    const { ledger, kind } = this
    if (kind.usual !== undefined) return this.doubtUsual(bytes, at, end, kind.usual)
    this.need = Math.max(...kind.heads)
    if (end - at < this.need && !ledger.final) return false
    for (const head of kind.heads) {
      if (end - at < head) continue
      this.head = head
      const proof = this.chainAt(bytes, at, end)
      if (proof === YES) return true
      this.head = 0
      if (proof === NO) continue
      this.need = proof - at
      return false
    }
    if (at === end) return false
    const message = `this is ${kind.name}, and no known record header fits its records`
    ledger.damage(DamageCode.UnknownFormat, at, 0, message)
    ledger.done = true
    return false
  }
}

/**
 * A chain that the end of the capture cuts: one record exactly up to the end will do, or two whole ones. A record
 * without bytes ends where its header does, wherever that stands, so `size` bytes must lie between.
 */
const endsWell = (at: number, end: number, count: number, size: number): number => {
  if (at === end) return size > 0 ? YES : NO
  return (at < end ? count : count - 1) >= 2 ? YES : NO
}
