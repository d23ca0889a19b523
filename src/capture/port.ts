/** The interface descriptions of a pcapng section (draft-ietf-opsawg-pcapng §4.2). */

import { u8, u16in, u32in } from '../base/bytes.ts'
import { findOption, overruns } from './block-options.ts'
import { Clock, clockOf, microseconds } from './clock.ts'
import { DamageCode } from './damage.ts'
import type { Interface, Ledger } from './ledger.ts'

/** An interface of the section under way. */
export interface Port {
  /** Index into the reader's interfaces; -1 beyond their limit. */
  readonly index: number
  readonly link: number
  readonly snaplen: number
  readonly clock: Clock
  /** Dropped frames reported so far by its statistics. */
  lost: number
}

/** The port of frames whose interface is not described. */
export const nowhere = (): Port => ({ index: -1, link: -1, snaplen: 0, clock: microseconds(), lost: 0 })

/** Block framing, link type, snap length. */
export const SHORTEST_INTERFACE = 20

const IF_NAME = 2
const IF_TSRESOL = 9
const IF_TSOFFSET = 14

const MICROSECONDS = 6

/** An interface name longer than this is cut: it is shown in one line. */
const LONGEST_NAME = 256

const decoder = new TextDecoder()

/** Reads the description block at `[at..next)` and enters it into the ledger. */
export function describePort(ledger: Ledger, bytes: Uint8Array, at: number, next: number, little: boolean): Port {
  const start = at + 16
  const end = next - 4
  if (overruns(bytes, start, end, little)) {
    ledger.damage(DamageCode.BadOption, at, 0, 'an option of an interface description runs over its block')
  }
  const clock = readClock(ledger, bytes, at, next, little)
  const name = readName(bytes, start, end, little)
  const about = { link: u16in(bytes, at + 8, little), snaplen: u32in(bytes, at + 12, little), timeDigits: clock.digits }
  const described: Interface = name === undefined ? about : { ...about, name }
  return { index: ledger.addInterface(described), link: about.link, snaplen: about.snaplen, clock, lost: 0 }
}

function readClock(ledger: Ledger, bytes: Uint8Array, at: number, next: number, little: boolean): Clock {
  const resolutionAt = findOption(bytes, at + 16, next - 4, little, IF_TSRESOL, 1)
  const offsetAt = findOption(bytes, at + 16, next - 4, little, IF_TSOFFSET, 8)
  const offset = offsetAt < 0 ? 0 : signed(bytes, offsetAt, little)
  const resolution = resolutionAt < 0 ? MICROSECONDS : u8(bytes, resolutionAt)
  const clock = clockOf(resolution, offset)
  if (clock !== undefined) return clock
  const message = `an interface counts time in units that 64 bits cannot hold (if_tsresol ${resolution}): read as microseconds`
  ledger.damage(DamageCode.BadResolution, at, 0, message)
  return new Clock(1_000_000n, MICROSECONDS, offset)
}

/** 64 bits, signed. Beyond 2^53 seconds a double rounds, at 285 million years. */
function signed(bytes: Uint8Array, at: number, little: boolean): number {
  const high = u32in(bytes, little ? at + 4 : at, little) | 0
  return high * 2 ** 32 + u32in(bytes, little ? at : at + 4, little)
}

function readName(bytes: Uint8Array, start: number, end: number, little: boolean): string | undefined {
  const at = findOption(bytes, start, end, little, IF_NAME, 0)
  if (at < 0) return undefined
  const size = Math.min(u16in(bytes, at - 2, little), LONGEST_NAME)
  return decoder.decode(bytes.subarray(at, at + size))
}
