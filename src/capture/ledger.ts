/**
 * The state that the readers of pcap and pcapng share: the one reused frame, the interfaces, the counters, and the
 * search after damage. Positions are offsets in the capture; `base` turns an index into the bytes at hand into one.
 */

import { Frame, type FrameSink } from '../base/line.ts'
import { type Damage, DamageCode } from './damage.ts'

/**
 * The largest record that is read, captured bytes and block alike. Loopback and offloaded frames stay under 256 KiB
 * and the largest snap length libpcap allows is 256 KiB for networks, 128 MiB for some USB captures, which carry no
 * MQTT. Beyond it a length is taken for damage. Memory for a record grows with the bytes that came, never by its length.
 */
export const LARGEST_RECORD = 64 * 1024 * 1024

/**
 * Most bytes searched without a plausible record; beyond it the rest is not read. No record may be longer, so these
 * bytes are not a capture; the limit ends the reading of a few KiB that unpack to gigabytes of zeros.
 */
export const LONGEST_SEARCH = LARGEST_RECORD

/** Records with more bytes than this do not serve as a place to resume: MAXIMUM_SNAPLEN of libpcap. */
export const LARGEST_LANDMARK = 262_144

/** Interfaces kept, in all and in one section: 100 bytes each. Frames of further ones are read with an unknown link. */
export const MAX_INTERFACES = 65_536

/**
 * Most damages reported one by one; beyond it they are counted only, so that a file odd in every record stays readable.
 */
export const MAX_DAMAGES_REPORTED = 1_000

/** Block types tallied one by one; further types are tallied together under type -1. */
export const MAX_BLOCK_TYPES = 64

export interface CaptureSink extends FrameSink {
  damage(damage: Damage): void
  /** Called for the text of a TLS key log in the capture. It must not be kept; only the reader of keys may see it. */
  secrets?(text: Uint8Array): void
}

/** The description of an interface in a capture. */
export interface Interface {
  /** LINKTYPE; -1 if the description could not be read. */
  readonly link: number
  /** Snap length in bytes; 0 if no limit is stated. */
  readonly snaplen: number
  /** Digits of the second's fraction: 6 for microseconds, 9 for nanoseconds (and for anything finer). */
  readonly timeDigits: number
  readonly name?: string
}

export interface BlockTally {
  blocks: number
  bytes: number
}

/**
 * One format's way through the bytes. `read` uses `bytes[at..end)` as far as it can and returns the first index it
 * did not use; `need` is then how many bytes from there it waits for, 0 if another file's header begins there.
 */
export interface Format {
  readonly need: number
  read(bytes: Uint8Array, at: number, end: number): number
}

/** Answers of a look ahead. Above 0: the index up to which bytes must have come to decide. */
export const NO = -1
export const YES = 0

export class Ledger {
  readonly sink: CaptureSink
  readonly frame = new Frame()
  readonly interfaces: Interface[] = []
  /** Blocks without frames, by block type. */
  readonly blocks = new Map<number, BlockTally>()
  /** Position of index 0 of the bytes at hand. */
  base = 0
  /** No more bytes will come. */
  final = false
  /** True once no more bytes will be read. */
  done = false
  damages = 0
  skipped = 0
  lost = 0
  /** The way is lost: every byte from `astrayFrom` on is being searched for a record. */
  astray = false
  private astrayFrom = 0
  private astrayCode: DamageCode = DamageCode.Skipped
  private astrayWhy = ''

  constructor(sink: CaptureSink) {
    this.sink = sink
  }

  /** `at`: an index into the bytes at hand. */
  damage(code: DamageCode, at: number, size: number, message: string): void {
    this.report(code, this.base + at, size, message)
  }

  private report(code: DamageCode, at: number, size: number, message: string): void {
    this.damages++
    this.skipped += size
    if (this.damages <= MAX_DAMAGES_REPORTED) this.sink.damage({ code, at, size, message })
    else if (this.damages === MAX_DAMAGES_REPORTED + 1) {
      const more = `more than ${MAX_DAMAGES_REPORTED} places are damaged: from byte ${at} on they are only counted`
      this.sink.damage({ code: DamageCode.More, at, size: 0, message: more })
    }
  }

  /** The record at this index cannot be believed. `why`: a clause, to be followed by what was skipped. */
  lose(at: number, code: DamageCode, why: string): void {
    this.astray = true
    this.astrayFrom = this.base + at
    this.astrayCode = code
    this.astrayWhy = why
  }

  /** Returns the index at which the search goes on: never at the record that started it. */
  searchFrom(at: number): number {
    return this.base + at === this.astrayFrom ? at + 1 : at
  }

  /** The search found a record. A tail that was not the tail is a skip like any other. */
  rejoin(at: number): void {
    const size = this.base + at - this.astrayFrom
    const code = this.astrayCode === DamageCode.TruncatedTail ? DamageCode.Skipped : this.astrayCode
    this.astray = false
    this.report(code, this.astrayFrom, size, `${this.astrayWhy}; skipped ${bytesText(size)} to the next record`)
  }

  /** The search came to the end of the capture. */
  strand(end: number): void {
    const size = this.base + end - this.astrayFrom
    this.astray = false
    this.report(
      this.astrayCode,
      this.astrayFrom,
      size,
      `${this.astrayWhy}; the last ${bytesText(size)} are not readable`,
    )
  }

  /** The index at which the search is given up. It must not depend on how the bytes were cut. */
  searchUntil(): number {
    return this.astrayFrom + LONGEST_SEARCH - this.base
  }

  giveUp(at: number): void {
    const size = this.base + at - this.astrayFrom
    const code = this.astrayCode === DamageCode.UnsupportedVersion ? this.astrayCode : DamageCode.GaveUp
    this.astray = false
    this.done = true
    this.report(code, this.astrayFrom, size, `${this.astrayWhy}; no record in ${bytesText(size)}: the rest is not read`)
  }

  /** Index into `interfaces`, or -1 beyond the limit. */
  addInterface(added: Interface): number {
    if (this.interfaces.length >= MAX_INTERFACES) return -1
    return this.interfaces.push(added) - 1
  }

  /** The same, for files that do not name their interface: one appended to its like (`cat a b`) shares its entry. */
  shareInterface(added: Interface): number {
    const last = this.interfaces.at(-1)
    return last !== undefined && same(last, added) ? this.interfaces.length - 1 : this.addInterface(added)
  }

  tally(type: number, bytes: number): void {
    const key = this.blocks.has(type) || this.blocks.size < MAX_BLOCK_TYPES ? type : -1
    const tally = this.blocks.get(key)
    if (tally === undefined) this.blocks.set(key, { blocks: 1, bytes })
    else {
      tally.blocks++
      tally.bytes += bytes
    }
  }
}

const same = (a: Interface, b: Interface): boolean =>
  a.link === b.link && a.snaplen === b.snaplen && a.timeDigits === b.timeDigits && a.name === b.name

export const bytesText = (size: number): string => (size === 1 ? '1 byte' : `${size} bytes`)
