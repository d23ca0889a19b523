/**
 * Frames in, pcapng out (draft-ietf-opsawg-pcapng), little-endian: a section header, an interface description when an
 * interface is first used, one packet block per frame. The file does not describe the machine, its system or this
 * program.
 *
 * A frame without a time (NO_TIME) becomes a simple packet block, the only one that has none: a zero in an enhanced
 * block would say 1970. Simple blocks belong to the section's first interface and are cut by its snap length, so where
 * that does not fit the frame a new section begins. A time that 64 bits cannot hold (before 1970, after the year 2554
 * in nanoseconds) is written as none, too. An unknown link type is written as 65535, which nobody has assigned.
 */

import type { Frame } from '../base/line.ts'
import type { Interface } from './ledger.ts'
import { SECRETS, TLS_KEY_LOG } from './secrets.ts'

const SECTION_SIZE = 28
/** Interface descriptions without their name. */
const INTERFACE_SIZE = 32
const ENHANCED_SIZE = 32
const SIMPLE_SIZE = 16
const SECRETS_SIZE = 20

/** Most bytes of an interface name; longer ones are cut. */
const LONGEST_NAME = 256

const WORD = 2 ** 32
const HALF = 2 ** 16

const padded = (size: number): number => (size + 3) & ~3

const encoder = new TextEncoder()

/** One interface description written in the section under way. */
interface Written {
  readonly port: number
  readonly link: number
  readonly digits: number
  readonly snaplen: number
}

export class CaptureWriter {
  private readonly interfaces: readonly Interface[]
  private readonly clean: (name: string) => string
  private bytes = new Uint8Array(64 * 1024)
  private size = 0
  private begun = false
  private written: Written[] = []
  private last = -1
  /** Lower word of the time last computed. */
  private low = 0

  /** `interfaces`: the reader's, read as frames come; they give names, which `clean` makes harmless, and snap lengths. */
  constructor(interfaces: readonly Interface[] = [], clean = (name: string): string => name) {
    this.interfaces = interfaces
    this.clean = clean
  }

  /** The start of the file, for a capture that may stay empty; nothing if something was written already. */
  start(): Uint8Array {
    this.size = 0
    if (!this.begun) this.section()
    return this.bytes.subarray(0, this.size)
  }

  /** The frame, with what must stand before it. The bytes are valid until the next call. */
  write(frame: Frame): Uint8Array {
    this.size = 0
    if (!this.begun) this.section()
    const high = this.setTime(frame)
    if (high < 0) this.simple(frame)
    else this.enhanced(frame, high)
    return this.bytes.subarray(0, this.size)
  }

  /**
   * Writes the text of a TLS key log: the file alone then suffices to decrypt. The bytes are valid until the next call.
   */
  writeSecrets(text: Uint8Array): Uint8Array {
    this.size = 0
    if (!this.begun) this.section()
    const length = SECRETS_SIZE + padded(text.length)
    this.room(length)
    this.put32(SECRETS)
    this.put32(length)
    this.put32(TLS_KEY_LOG)
    this.put32(text.length)
    this.putBytes(text, 0, text.length)
    this.put32(length)
    return this.bytes.subarray(0, this.size)
  }

  private section(): void {
    this.begun = true
    this.written = []
    this.last = -1
    this.room(SECTION_SIZE)
    this.put32(0x0a0d0d0a)
    this.put32(SECTION_SIZE)
    this.put32(0x1a2b3c4d)
    this.put32(1) // version 1.0
    this.put32(0xffffffff) // section length: not known
    this.put32(0xffffffff)
    this.put32(SECTION_SIZE)
  }

  /** The upper word of the frame's time in its own resolution, -1 for none. Exact: no product reaches 2^53. */
  private setTime(frame: Frame): number {
    const { seconds, timeDigits } = frame
    if (!(seconds >= 0 && seconds < WORD * HALF)) return -1
    const perSecond = 10 ** timeDigits
    const upper = Math.floor(seconds / HALF) * perSecond
    const lower = (seconds % HALF) * perSecond + Math.floor(frame.nanos / 10 ** (9 - timeDigits))
    const rest = (upper % HALF) * HALF + lower
    const high = Math.floor(upper / HALF) + Math.floor(rest / WORD)
    this.low = rest % WORD
    return high < WORD ? high : -1
  }

  private enhanced(frame: Frame, high: number): void {
    const id = this.describe(frame)
    const size = frame.end - frame.start
    const length = ENHANCED_SIZE + padded(size)
    this.room(length)
    this.put32(6)
    this.put32(length)
    this.put32(id)
    this.put32(high)
    this.put32(this.low)
    this.put32(size)
    this.put32(frame.wireSize)
    this.putBytes(frame.bytes, frame.start, frame.end)
    this.put32(length)
  }

  private simple(frame: Frame): void {
    const size = frame.end - frame.start
    // Neither more bytes than on the wire can be said here nor none of some (a snap length of 0 is no limit).
    const wireSize = size === 0 ? 0 : Math.max(frame.wireSize, size)
    if (!this.fitsFirst(frame, size, wireSize)) {
      if (this.written.length > 0) this.section()
      this.addInterface(frame, size < wireSize ? size : this.snaplen(frame, size))
    }
    const length = SIMPLE_SIZE + padded(size)
    this.room(length)
    this.put32(3)
    this.put32(length)
    this.put32(wireSize)
    this.putBytes(frame.bytes, frame.start, frame.end)
    this.put32(length)
  }

  private fitsFirst(frame: Frame, size: number, wireSize: number): boolean {
    const first = this.written[0]
    if (first === undefined || first.port !== frame.port || first.link !== frame.link) return false
    if (first.digits !== frame.timeDigits) return false
    return size === (first.snaplen === 0 ? wireSize : Math.min(wireSize, first.snaplen))
  }

  /** The snap length the interface stated, where it does not cut this frame. */
  private snaplen(frame: Frame, size: number): number {
    const stated = this.interfaces[frame.port]?.snaplen ?? 0
    return stated >= size ? stated : 0
  }

  /** The number of the frame's interface in this section, described if it is new. */
  private describe(frame: Frame): number {
    const { port, link, timeDigits } = frame
    const last = this.written[this.last]
    if (last !== undefined && last.port === port && last.link === link && last.digits === timeDigits) return this.last
    this.last = this.written.findIndex(one => one.port === port && one.link === link && one.digits === timeDigits)
    if (this.last < 0) this.addInterface(frame, this.interfaces[port]?.snaplen ?? 0)
    return this.last
  }

  private addInterface(frame: Frame, snaplen: number): void {
    const { port, link, timeDigits } = frame
    const name = encoder.encode(this.clean(this.interfaces[port]?.name ?? '')).subarray(0, LONGEST_NAME)
    const length = INTERFACE_SIZE + (name.length === 0 ? 0 : 4 + padded(name.length))
    this.room(length)
    this.put32(1)
    this.put32(length)
    this.put32(link & 0xffff)
    this.put32(snaplen)
    if (name.length > 0) {
      this.put32(2 | (name.length << 16)) // if_name
      this.putBytes(name, 0, name.length)
    }
    this.put32(9 | (1 << 16)) // if_tsresol, one byte
    this.put32(timeDigits)
    this.put32(0) // opt_endofopt
    this.put32(length)
    this.last = this.written.push({ port, link, digits: timeDigits, snaplen }) - 1
  }

  private room(more: number): void {
    if (this.size + more <= this.bytes.length) return
    const larger = new Uint8Array((this.size + more) * 2)
    larger.set(this.bytes.subarray(0, this.size))
    this.bytes = larger
  }

  private put32(value: number): void {
    const { bytes, size } = this
    bytes[size] = value
    bytes[size + 1] = value >>> 8
    bytes[size + 2] = value >>> 16
    bytes[size + 3] = value >>> 24
    this.size = size + 4
  }

  private putBytes(bytes: Uint8Array, start: number, end: number): void {
    this.bytes.set(bytes.subarray(start, end), this.size)
    const next = this.size + padded(end - start)
    this.bytes.fill(0, this.size + end - start, next)
    this.size = next
  }
}
