/** The TCP header (RFC 9293 §3.1). */
import { u8, u32, viewOf } from '../base/bytes.ts'
import { SegmentAnomaly, Skip } from './cursor.ts'
import { markOf } from './mark.ts'
import { PortHeader, payloadPosition } from './ports.ts'

export const Flag = { Fin: 1, Syn: 2, Reset: 4, Push: 8, Ack: 16, Urgent: 32 } as const

/** No window scale option was seen (RFC 7323 §2.2 allows 0 to 14). */
export const NO_SCALE = -1

export class TcpHeader extends PortHeader {
  /** Offset of the TCP header in `bytes`. */
  header = 0
  /** Signed 32-bit, like all sequence numbers here: `(b - a) | 0` is their distance. `>>> 0` makes them readable. */
  seq = 0
  ack = 0
  flags = 0
  window = 0
  urgent = 0

  /** Sixteen bits that distinguish copies of this frame from retransmissions of its bytes (`mark.ts`). */
  get mark(): number {
    return markOf(this)
  }
}

/** Reads the header at the cursor: 0, or why it cannot be read. */
export function readTcp(segment: TcpHeader): number {
  const { bytes, at } = segment
  if (at + 20 > segment.end) return at + 20 > segment.wireEnd ? Skip.BadTcp : Skip.TcpCut
  const size = (u8(bytes, at + 12) >> 4) * 4
  if (size < 20 || at + size > segment.wireEnd) return Skip.BadTcp
  segment.header = at
  const view = viewOf(bytes)
  segment.sourcePort = view.getUint16(at)
  segment.targetPort = view.getUint16(at + 2)
  segment.seq = view.getInt32(at + 4)
  segment.ack = view.getInt32(at + 8)
  segment.flags = u8(bytes, at + 13)
  segment.window = view.getUint16(at + 14)
  segment.urgent = view.getUint16(at + 18)
  const start = at + size
  // A snap length within the options leaves a payload of known size and no bytes.
  segment.start = start < segment.end ? start : segment.end
  segment.cut = segment.wireEnd - (start < segment.end ? segment.end : start)
  segment.at = segment.start
  segment.position = payloadPosition(segment)
  if (size > 20 && !plainOptions(bytes, at, size)) checkOptions(segment, at + 20, Math.min(start, segment.end))
  return 0
}

/** NOP, NOP, timestamps (RFC 7323 appendix A): what nearly all segments of a connection carry. */
const plainOptions = (bytes: Uint8Array, at: number, size: number): boolean =>
  size === 32 && u32(bytes, at + 20) === 0x0101080a

function checkOptions(segment: TcpHeader, start: number, end: number): void {
  const { bytes } = segment
  let at = start
  while (at < end) {
    const kind = u8(bytes, at)
    if (kind === 0) return
    const size = kind === 1 ? 1 : at + 1 < end ? u8(bytes, at + 1) : 0
    if (size < (kind === 1 ? 1 : 2) || at + size > end) {
      segment.anomalies |= SegmentAnomaly.BadTcpOptions
      return
    }
    at += size
  }
}

/** The window scale that a SYN offers, or NO_SCALE (RFC 7323 §2.2). */
export function windowScale(segment: TcpHeader): number {
  const { bytes } = segment
  const end = segment.start
  let at = segment.header + 20
  while (at + 2 < end) {
    const kind = u8(bytes, at)
    if (kind === 3) return Math.min(u8(bytes, at + 2), 14)
    if (kind === 0) return NO_SCALE
    const size = kind === 1 ? 1 : u8(bytes, at + 1)
    if (size === 0) return NO_SCALE
    at += size
  }
  return NO_SCALE
}
