/**
 * Distinguishes copies of a frame (a mirrored VLAN, a bridge and its cable, `any`) from retransmissions: a copy has the
 * IP identification of the frame, a retransmission is a datagram of its own.
 */
import { u16 } from '../base/bytes.ts'
import type { Frame } from '../base/line.ts'

/** A mark is 10 bits that stay the same in a copy, and 6 bits of the time in tenths of a second. */
const TIME_BITS = 6
const TIMES = 1 << TIME_BITS
const NAMES = 1 << 10
/** Tenths of a second within which a frame with the same identification is a copy; some small devices never change theirs. */
const MOST_APART = 5
/** The same without identification, where a retransmission may have the same checksum: TCP waits for 0.2 s before one (RFC 6298 §2.4 has 1 s). */
const MOST_APART_UNNAMED = 1
/** Offset of the checksum in a TCP header. */
const CHECKSUM = 16

/** The parts of a segment that its mark is made of. */
export interface Marked {
  readonly identification: number
  readonly bytes: Uint8Array
  readonly header: number
  readonly frame: Frame
}

/** Returns the mark of a segment: 16 bits that identify its frame. */
export const markOf = (segment: Marked): number =>
  (nameOf(segment) << TIME_BITS) | (tenthsOf(segment.frame) & (TIMES - 1))

/** True if the segment came in a copy of the frame with this mark, given that it brings the same bytes. */
export function isCopy(mark: number, segment: Marked): boolean {
  if (mark >> TIME_BITS !== nameOf(segment)) return false
  const later = (tenthsOf(segment.frame) - mark) & (TIMES - 1)
  // Of two interfaces, one may be read later than the other.
  return Math.min(later, TIMES - later) <= (segment.identification === 0 ? MOST_APART_UNNAMED : MOST_APART)
}

const nameOf = ({ identification, bytes, header }: Marked): number =>
  (identification === 0 ? u16(bytes, header + CHECKSUM) : identification) & (NAMES - 1)

/** Every segment gets a mark: 43 times 2^16 ns in units of 2^16 are 0.1 s less 0.1 %, in whole numbers. */
const tenthsOf = ({ seconds, nanos }: Frame): number =>
  (Math.imul(seconds, 10) + (Math.imul(nanos >>> 16, 43) >>> 16)) | 0
