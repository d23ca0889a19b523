/**
 * pcapng (draft-ietf-opsawg-pcapng): sections of blocks, each framed by its length before and after. Blocks without
 * frames are passed over by that length. A block whose two lengths differ is not believed.
 */

import { u8, u16in, u32in } from '../base/bytes.ts'
import { NO_TIME } from '../base/line.ts'
import { countOption } from './block-options.ts'
import { DamageCode } from './damage.ts'
import { fileHeaderAt, pastZeros, SECTION, sectionOrder } from './detect.ts'
import {
  bytesText,
  type Format,
  LARGEST_LANDMARK,
  LARGEST_RECORD,
  type Ledger,
  MAX_INTERFACES,
  NO,
  YES,
} from './ledger.ts'
import { describePort, nowhere, type Port, SHORTEST_INTERFACE } from './port.ts'
import { readSecrets, SECRETS } from './secrets.ts'

/** Block types (§4 and §10.1 of the draft). */
const INTERFACE = 1
const PACKET = 2
const SIMPLE = 3
const STATISTICS = 5
const ENHANCED = 6
const JOURNAL = 9
/** Bit 30 says whether it may be copied into another file. */
const CUSTOM = 0x0bad

/** Types that serve as a place to resume: those of the draft, but for what only looks like one (0, and what is unassigned). */
const isLandmark = (type: number): boolean =>
  (type >= INTERFACE && type <= ENHANCED) || (type >= JOURNAL && type <= SECRETS) || (type & 0xbfffffff) === CUSTOM

/** Options of the statistics (§4.6). */
const ISB_IFDROP = 5
const ISB_OSDROP = 7

/** Block framing: type, length, and the length again. */
const FRAMING = 12

export class Pcapng implements Format {
  need = 0
  private readonly ledger: Ledger
  private little = true
  /** False from a section of an unknown version on until the next one: its blocks mean nothing. */
  private known = false
  /** Interfaces of the section, by their id in it. */
  private ports: Port[] = []
  private readonly nowhere: Port = nowhere()

  constructor(ledger: Ledger) {
    this.ledger = ledger
  }

  read(bytes: Uint8Array, start: number, end: number): number {
    const { ledger } = this
    this.need = FRAMING
    let at = start
    for (;;) {
      if (ledger.astray) at = this.search(bytes, at, end)
      if (ledger.astray || ledger.done || this.need === 0) return at
      at = this.blocks(bytes, at, end)
      if (!ledger.astray) return at
    }
  }

  /** The loop that every block of an intact file goes through. */
  private blocks(bytes: Uint8Array, start: number, end: number): number {
    this.ledger.frame.bytes = bytes
    let at = start
    while (end - at >= FRAMING) {
      const type = u32in(bytes, at, this.little)
      if (type === SECTION) this.turn(bytes, at)
      const length = u32in(bytes, at + 4, this.little)
      const next = at + length
      if (length < FRAMING || (length & 3) !== 0 || length > LARGEST_RECORD) {
        this.refuse(bytes, at, end, `a block claims a length of ${length}`)
        return at
      }
      if (next > end) return this.leaves(bytes, at, end) ? at : this.unfinished(at, end, length)
      if (u32in(bytes, next - 4, this.little) !== length) {
        if (!this.passOver(bytes, at, next, end)) return at
      } else if (type === ENHANCED) this.enhanced(bytes, at, next)
      else if (!this.other(bytes, type, at, next)) return at
      at = next
    }
    return this.unfinished(at, end, FRAMING)
  }

  /**
   * Handles bytes that end inside a block. At the end of the capture a search decides if it is cut or its length is
   * wrong.
   */
  private unfinished(at: number, end: number, need: number): number {
    this.need = need
    if (this.ledger.final && at < end) {
      const had = bytesText(end - at)
      this.ledger.lose(at, DamageCode.TruncatedTail, `the capture ends inside a block: ${had} of ${need}`)
    }
    return at
  }

  /** The block cannot be believed: another file may begin here, or the search does. */
  private refuse(bytes: Uint8Array, at: number, end: number, why: string): void {
    if (this.leaves(bytes, at, end)) return
    this.need = FRAMING
    this.ledger.lose(at, DamageCode.Skipped, why)
  }

  /** Another file begins here, or it may once more bytes have come: its magic can look like a block. */
  private leaves(bytes: Uint8Array, at: number, end: number): boolean {
    const header = fileHeaderAt(bytes, at, end, this.ledger.final)
    if (header === NO) return false
    this.need = header === YES ? 0 : header - at
    return true
  }

  /** The two lengths of the block differ: if another block follows the first length, only this one is lost. */
  private passOver(bytes: Uint8Array, at: number, next: number, end: number): boolean {
    const { ledger } = this
    if (this.leaves(bytes, at, end)) return false
    const trailer = u32in(bytes, next - 4, this.little)
    const why = `a block of length ${next - at} ends with length ${trailer}`
    const follows = next === end && ledger.final ? YES : this.blockAt(bytes, next, end)
    if (follows === YES) ledger.damage(DamageCode.BadRecord, at, next - at, `${why}; it was skipped`)
    else if (follows === NO) ledger.lose(at, DamageCode.Skipped, why)
    else this.need = follows - at
    return follows === YES
  }

  /** Does a block of a known type with equal lengths stand here? */
  private blockAt(bytes: Uint8Array, at: number, end: number): number {
    const { ledger, little } = this
    if (end - at < FRAMING) return ledger.final ? NO : at + FRAMING
    const header = fileHeaderAt(bytes, at, end, ledger.final)
    if (header !== NO) return header
    // Asked of every byte of a search: most are answered by the top byte of the type alone.
    if ((u8(bytes, little ? at + 3 : at) & 0xbf) !== 0) return NO
    if (!this.known || !isLandmark(u32in(bytes, at, little))) return NO
    const length = u32in(bytes, at + 4, little)
    if (length < FRAMING || (length & 3) !== 0 || length > LARGEST_LANDMARK * 2) return NO
    if (at + length > end) return ledger.final ? NO : at + length
    return u32in(bytes, at + length - 4, little) === length ? YES : NO
  }

  /**
   * Looks at every byte, aligned or not (bytes may be missing too), until a believable block begins. A section
   * header is met by `blocks` again; the header of another format leaves this one.
   */
  private search(bytes: Uint8Array, start: number, end: number): number {
    const { ledger } = this
    let at = ledger.searchFrom(start)
    const stop = ledger.searchUntil()
    for (; ; at++) {
      at = pastZeros(bytes, at, end, FRAMING)
      if (end - at < FRAMING || at >= stop) break
      const found = this.blockAt(bytes, at, end)
      if (found === NO) continue
      this.need = found === YES ? FRAMING : found - at
      if (found === YES) ledger.rejoin(at)
      return at
    }
    this.need = FRAMING
    if (at >= stop) ledger.giveUp(stop)
    else if (ledger.final) ledger.strand(end)
    else return at
    return end
  }

  /** Each section states its own byte order; its length must be read in it. */
  private turn(bytes: Uint8Array, at: number): void {
    // The caller has seen 12 bytes: type, length, byte-order magic.
    const little = sectionOrder(bytes, at)
    if (little !== undefined) this.little = little
  }

  /** Enhanced packet block (§4.3): interface, time in two words, captured and original size, bytes, options. */
  private enhanced(bytes: Uint8Array, at: number, next: number): void {
    const { little } = this
    if (next - at < 32) return this.tooShort(at, next, 'an enhanced packet block')
    const size = u32in(bytes, at + 20, little)
    const wireSize = u32in(bytes, at + 24, little)
    if (size > next - at - 32 || size > wireSize) {
      if (!this.fits(at, next, size, wireSize, next - at - 32)) return
    }
    const port = this.ports[u32in(bytes, at + 8, little)] ?? this.unknownPort(at, u32in(bytes, at + 8, little))
    const { frame } = this.ledger
    port.clock.set(frame, u32in(bytes, at + 12, little), u32in(bytes, at + 16, little))
    this.emit(port, at + 28, size, wireSize)
  }

  private emit(port: Port, start: number, size: number, wireSize: number): void {
    const { frame, base, sink } = this.ledger
    frame.number++
    frame.start = start
    frame.end = start + size
    frame.link = port.link
    frame.timeDigits = port.clock.digits
    frame.wireSize = wireSize
    frame.position = base + start
    frame.port = port.index
    sink.frame(frame)
  }

  /**
   * True if the captured size fits the block; otherwise there is no frame. More than was on the wire is reported, and
   * kept.
   */
  private fits(at: number, next: number, size: number, wireSize: number, room: number): boolean {
    const { ledger } = this
    if (size > room) {
      const message = `a packet block with room for ${room} bytes claims ${size}; it was skipped`
      ledger.damage(DamageCode.BadRecord, at, next - at, message)
      return false
    }
    const message = `a packet block claims ${size} captured bytes of ${wireSize} on the wire`
    ledger.damage(DamageCode.LongerThanWire, at, 0, message)
    return true
  }

  private tooShort(at: number, next: number, what: string): void {
    this.ledger.damage(DamageCode.BadRecord, at, next - at, `${what} of only ${next - at} bytes was skipped`)
  }

  /** A frame whose interface is described nowhere: its bytes are kept, its time is taken for microseconds. */
  private unknownPort(at: number, id: number): Port {
    const message = `a packet block names interface ${id} of ${this.ports.length}: its link type is unknown`
    this.ledger.damage(DamageCode.UnknownInterface, at, 0, message)
    return this.nowhere
  }

  /** Reads every block but the most frequent. False if reading cannot go on after it. */
  private other(bytes: Uint8Array, type: number, at: number, next: number): boolean {
    if (type === SECTION) return this.section(bytes, at, next)
    if (type === SIMPLE) this.simple(bytes, at, next)
    else if (type === PACKET) this.packet(bytes, at, next)
    else if (type === INTERFACE) this.describe(bytes, at, next)
    else {
      if (type === STATISTICS) this.statistics(bytes, at, next)
      else if (type === SECRETS) this.secrets(bytes, at, next)
      // Of names, custom blocks and what is not known, the bytes are not looked at.
      this.ledger.tally(type, next - at)
    }
    return true
  }

  /** Section header (§4.1). Its section length is ignored: writers that cannot seek back leave it wrong. */
  private section(bytes: Uint8Array, at: number, next: number): boolean {
    if (next - at < 28 || sectionOrder(bytes, at) === undefined) {
      this.ledger.lose(at, DamageCode.Skipped, 'a section header states no byte order')
      return false
    }
    const major = u16in(bytes, at + 12, this.little)
    this.ports = []
    this.known = major === 1
    if (this.known) return true
    const minor = u16in(bytes, at + 14, this.little)
    this.ledger.lose(at, DamageCode.UnsupportedVersion, `pcapng version ${major}.${minor} is not known`)
    return false
  }

  /** Interface description (§4.2). A bad one takes its number too, or frames would be given to the wrong interface. */
  private describe(bytes: Uint8Array, at: number, next: number): void {
    const { ledger } = this
    if (this.ports.length >= MAX_INTERFACES) {
      const message = `more than ${MAX_INTERFACES} interfaces: the link type of further ones is not kept`
      ledger.damage(DamageCode.TooManyInterfaces, at, 0, message)
    } else if (next - at < SHORTEST_INTERFACE) {
      this.ports.push(this.nowhere)
      this.tooShort(at, next, 'an interface description')
    } else this.ports.push(describePort(ledger, bytes, at, next, this.little))
  }

  /** Simple packet block (§4.4): the original size and the bytes; cut by the snap length of interface 0, no time. */
  private simple(bytes: Uint8Array, at: number, next: number): void {
    if (next - at < 16) return this.tooShort(at, next, 'a simple packet block')
    const port = this.ports[0] ?? this.unknownPort(at, 0)
    const wireSize = u32in(bytes, at + 8, this.little)
    const size = port.snaplen === 0 ? wireSize : Math.min(wireSize, port.snaplen)
    if (size > next - at - 16 && !this.fits(at, next, size, wireSize, next - at - 16)) return
    const { frame } = this.ledger
    frame.seconds = NO_TIME
    frame.nanos = 0
    this.emit(port, at + 12, size, wireSize)
  }

  /** The obsolete packet block (appendix A): as the enhanced one, with 16 bits of interface and 16 of drops. */
  private packet(bytes: Uint8Array, at: number, next: number): void {
    const { little } = this
    if (next - at < 32) return this.tooShort(at, next, 'a packet block')
    const size = u32in(bytes, at + 20, little)
    const wireSize = u32in(bytes, at + 24, little)
    if (size > next - at - 32 || size > wireSize) {
      if (!this.fits(at, next, size, wireSize, next - at - 32)) return
    }
    const id = u16in(bytes, at + 8, little)
    const port = this.ports[id] ?? this.unknownPort(at, id)
    port.clock.set(this.ledger.frame, u32in(bytes, at + 12, little), u32in(bytes, at + 16, little))
    this.emit(port, at + 28, size, wireSize)
  }

  /** Passes secrets (§4.7) to the sink, and keeps no copy. */
  private secrets(bytes: Uint8Array, at: number, next: number): void {
    if (next - at < 20) return this.tooShort(at, next, 'a decryption secrets block')
    const text = readSecrets(bytes, at, next, this.little)
    if (text !== undefined) this.ledger.sink.secrets?.(text)
  }

  /** Reads interface statistics (§4.6). Each block counts from the start, so only the increase is reported. */
  private statistics(bytes: Uint8Array, at: number, next: number): void {
    const { ledger, little } = this
    if (next - at < 24) return this.tooShort(at, next, 'an interface statistics block')
    const port = this.ports[u32in(bytes, at + 8, little)]
    if (port === undefined) return
    const start = at + 20
    const lost =
      countOption(bytes, start, next - 4, little, ISB_IFDROP) + countOption(bytes, start, next - 4, little, ISB_OSDROP)
    const more = lost - port.lost
    if (more <= 0) return
    port.lost = lost
    ledger.lost += more
    ledger.sink.lost(more)
  }
}
