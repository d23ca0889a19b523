/** frame → segment or datagram: link, IP and TCP or UDP header of one frame, through tunnels where there are any. */
import type { DatagramSink, Frame } from '../base/line.ts'
import { SKIP_REASONS, Skip } from './cursor.ts'
import { enterIp, Protocol } from './ip.ts'
import { descend, enterLink } from './link.ts'
import { readTcp, TcpHeader } from './tcp.ts'
import { enterIpTunnel } from './tunnel.ts'
import { readUdp } from './udp.ts'
import { enterUdpTunnel } from './udp-tunnel.ts'

/** Tunnels in tunnels that are followed; real networks have one or two, an attacker any number. */
export const MOST_TUNNELS = 4

/** The TCP part of a frame. One object is reused: valid until the next `readSegment`. */
export class Segment extends TcpHeader {
  /** Code of `Skip`: the reason why the last frame yielded no segment; 0 if it did. */
  skip = 0
  /** Frames without a segment, by `-Skip`. */
  private readonly skips: number[] = SKIP_REASONS.map(() => 0)
  /** Receives the datagrams of frames that hold no TCP; null if they are only counted. */
  readonly datagrams: DatagramSink | null

  constructor(datagrams: DatagramSink | null = null) {
    super()
    this.datagrams = datagrams
  }

  note(skip: number): void {
    this.skip = skip
    this.skips[-skip] = (this.skips[-skip] ?? 0) + 1
  }

  /** Returns the number of frames that yielded no segment for this reason. */
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
 * Fills `segment` from a frame. Returns false if the frame carries no readable TCP, and counts the reason. A UDP
 * datagram is handed to `segment.datagrams`, and is counted as not TCP too.
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
    type = protocol < 0 ? protocol : descend(segment, enterTunnel(segment, protocol))
    if (type > 0 && ++tunnels > MOST_TUNNELS) type = Skip.TooManyLayers
  }
  segment.skip = type
  if (type === 0) return true
  segment.note(type)
  return false
}

/** Steps over a tunnel's header; what follows, or why there is none. */
export function enterTunnel(segment: Segment, protocol: number): number {
  return protocol === Protocol.Udp ? enterUdp(segment) : enterIpTunnel(segment, protocol)
}

function enterUdp(segment: Segment): number {
  const { at, datagrams } = segment
  if (at + 8 > segment.end) return Skip.NotTcp
  const inner = enterUdpTunnel(segment)
  if (inner !== Skip.NotTcp || datagrams === null) return inner
  // What looked like a tunnel at first may have moved the cursor.
  segment.at = at
  if (readUdp(segment)) datagrams.datagram(segment)
  return inner
}
