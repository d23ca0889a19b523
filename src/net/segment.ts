/** frame → segment or datagram: link, IP and TCP or UDP header of one frame, through tunnels where there are any. */
import { u16 } from '../base/bytes.ts'
import type { DatagramSink, Frame } from '../base/line.ts'
import { SKIP_REASONS, Skip } from './cursor.ts'
import { enterIp, Protocol } from './ip.ts'
import { EtherType, enterEthernet, enterLink, enterType } from './link.ts'
import { readTcp, TcpHeader } from './tcp.ts'
import { readUdp } from './udp.ts'

/** Tunnels in tunnels that are followed; real networks have one or two, an attacker any number. */
export const MOST_TUNNELS = 4
/** RFC 7348 §5. */
const VXLAN_PORT = 4789

/** The TCP part of a frame. One object is reused: valid until the next `readSegment`. */
export class Segment extends TcpHeader {
  /** Why the last frame yielded no segment: a code of `Skip`; 0 where it did. */
  skip = 0
  /** Frames without a segment, by `-Skip`. */
  private readonly skips: number[] = SKIP_REASONS.map(() => 0)
  /** Receives the datagrams of frames that hold no TCP; null where nobody wants them. */
  readonly datagrams: DatagramSink | null

  constructor(datagrams: DatagramSink | null = null) {
    super()
    this.datagrams = datagrams
  }

  note(skip: number): void {
    this.skip = skip
    this.skips[-skip] = (this.skips[-skip] ?? 0) + 1
  }

  /** How many frames yielded no segment for this reason. */
  skipped(skip: number): number {
    return this.skips[-skip] ?? 0
  }

  /** The reasons that occurred, in words. */
  *reasons(): Iterable<{ readonly reason: string; readonly frames: number }> {
    for (const [code, frames] of this.skips.entries()) {
      if (frames > 0) yield { reason: SKIP_REASONS[code] ?? '', frames }
    }
  }
}

/**
 * Fills `segment` from a frame; false where the frame carries no TCP that can be read, counted by reason. A datagram is
 * handed to whoever listens, and counted as no TCP all the same.
 */
export function readSegment(frame: Frame, segment: Segment): boolean {
  segment.begin(frame)
  let type = enterLink(segment, frame.link)
  let tunnels = 0
  while (type > 0) {
    const protocol = enterIp(segment, type)
    if (protocol === Protocol.Tcp) {
      type = readTcp(segment)
      break
    }
    type = protocol < 0 ? protocol : enterTunnel(segment, protocol)
    if (type > 0 && ++tunnels > MOST_TUNNELS) type = Skip.TooManyLayers
  }
  segment.skip = type
  if (type === 0) return true
  segment.note(type)
  return false
}

/** Steps over a tunnel's header; the EtherType inside, or why there is none. */
export function enterTunnel(segment: Segment, protocol: number): number {
  switch (protocol) {
    case Protocol.Ipv4:
      return EtherType.Ipv4
    case Protocol.Ipv6:
      return EtherType.Ipv6
    case Protocol.Gre:
      return enterGre(segment)
    case Protocol.Udp:
      return enterUdp(segment)
    default:
      return Skip.NotTcp
  }
}

function enterGre(segment: Segment): number {
  const { bytes, at } = segment
  if (at + 4 > segment.end || (u16(bytes, at) & 7) !== 0) return Skip.BadTunnel
  segment.at = at + greSize(bytes, at)
  if (segment.at > segment.end) return Skip.BadTunnel
  const type = u16(bytes, at + 2)
  return type === EtherType.Bridged ? enterEthernet(segment) : enterType(segment, type)
}

/** RFC 2784 §2, with key and sequence number of RFC 2890: each flag adds four bytes. */
export function greSize(bytes: Uint8Array, at: number): number {
  const flags = u16(bytes, at)
  const checksum = (flags & 0xc000) !== 0 ? 4 : 0
  const key = (flags & 0x2000) !== 0 ? 4 : 0
  return 4 + checksum + key + ((flags & 0x1000) !== 0 ? 4 : 0)
}

function enterUdp(segment: Segment): number {
  const { bytes, at, datagrams } = segment
  if (at + 8 > segment.end) return Skip.NotTcp
  if (u16(bytes, at + 2) === VXLAN_PORT) return enterVxlan(segment)
  if (datagrams !== null && readUdp(segment)) datagrams.datagram(segment)
  return Skip.NotTcp
}

/** RFC 7348 §5: UDP, eight bytes, then an Ethernet frame. */
function enterVxlan(segment: Segment): number {
  const { at } = segment
  if (at + 16 > segment.end) return Skip.BadTunnel
  segment.at = at + 16
  return enterEthernet(segment)
}
