/** IPv4 (RFC 791) and IPv6 (RFC 8200) with its extension headers: addresses, length, fragments. */
import { u8, u16, u32, viewOf } from '../base/bytes.ts'
import { Cursor, SegmentAnomaly, Skip } from './cursor.ts'
import { EtherType } from './follows.ts'
import { Fragments } from './fragments.ts'

export const Protocol = {
  HopByHop: 0,
  Ipv4: 4,
  Tcp: 6,
  Udp: 17,
  Ipv6: 41,
  Routing: 43,
  Fragment: 44,
  Gre: 47,
  Esp: 50,
  Authentication: 51,
  DestinationOptions: 60,
  Mobility: 135,
  Hip: 139,
  Shim6: 140,
  /** IP in IP of KA9Q, which some routers still send. */
  Ipip: 94,
  EtherIp: 97,
  L2tp: 115,
  Mpls: 137,
  /** RFC 8986 §9. */
  Ethernet: 143,
} as const

/** RFC 8200 §4.1 names seven; a longer chain is an attack on its readers. */
export const MOST_EXTENSIONS = 16

/** A cursor that knows the addresses of the innermost IP header, as signed 32-bit words (IPv4 uses the first). */
export class IpHeader extends Cursor {
  family: 4 | 6 = 4
  source0 = 0
  source1 = 0
  source2 = 0
  source3 = 0
  target0 = 0
  target1 = 0
  target2 = 0
  target3 = 0
  /** Identification of the innermost IPv4 header; 0 for IPv6. */
  identification = 0
  readonly fragments = new Fragments()
}

/** Steps over an IP header; the number of the protocol inside, or why it cannot be read. */
export function enterIp(datagram: IpHeader, type: number): number {
  if (type !== EtherType.Ipv4) return enterIpv6(datagram)
  const protocol = enterIpv4(datagram)
  return protocol === Protocol.Authentication ? enterAuthentication(datagram) : protocol
}

/** RFC 4302 §2.2: a protocol, and a length in words of four bytes less two. Accepts one header. */
function enterAuthentication(datagram: IpHeader): number {
  const { bytes, at } = datagram
  if (at + 2 > datagram.end) return Skip.IpCut
  datagram.at = at + (u8(bytes, at + 1) + 2) * 4
  if (datagram.at > datagram.end) return Skip.IpCut
  const next = u8(bytes, at)
  return next === Protocol.Authentication ? Skip.BadIp : next
}

function enterIpv4(datagram: IpHeader): number {
  const { bytes, at } = datagram
  if (at + 20 > datagram.end) return Skip.IpCut
  const first = u8(bytes, at)
  const header = (first & 15) * 4
  if (first >> 4 !== 4 || header < 20) return Skip.BadIp
  const total = u16(bytes, at + 2)
  // Segmentation offload writes 0 when the datagram is longer than the field can say.
  if (total !== 0) {
    if (total < header) return Skip.BadIp
    narrow(datagram, at + total)
  }
  if (at + header > datagram.end) return Skip.IpCut
  datagram.family = 4
  const view = viewOf(bytes)
  datagram.source0 = view.getInt32(at + 12)
  datagram.target0 = view.getInt32(at + 16)
  datagram.identification = view.getUint16(at + 4)
  datagram.at = at + header
  const fragment = u16(bytes, at + 6)
  const protocol = u8(bytes, at + 9)
  if ((fragment & 0x3fff) === 0) return protocol
  const key = `4 ${datagram.source0} ${datagram.target0} ${protocol} ${u16(bytes, at + 4)}`
  return gather(datagram, key, (fragment & 0x1fff) * 8, (fragment & 0x2000) !== 0, protocol)
}

/** Ends the datagram at `end`, without the padding after it. A length beyond the frame is an anomaly and is ignored. */
function narrow(datagram: IpHeader, end: number): void {
  if (end > datagram.wireEnd) datagram.anomalies |= SegmentAnomaly.LengthBeyondFrame
  else datagram.wireEnd = end
  if (datagram.end > datagram.wireEnd) datagram.end = datagram.wireEnd
}

function enterIpv6(datagram: IpHeader): number {
  const { bytes, at } = datagram
  if (at + 40 > datagram.end) return Skip.IpCut
  if (u8(bytes, at) >> 4 !== 6) return Skip.BadIp
  const size = u16(bytes, at + 4)
  // 0: a jumbogram (RFC 2675 §3) or segmentation offload; both reach to the end of the frame.
  if (size !== 0) narrow(datagram, at + 40 + size)
  datagram.family = 6
  datagram.identification = 0
  datagram.source0 = u32(bytes, at + 8) | 0
  datagram.source1 = u32(bytes, at + 12) | 0
  datagram.source2 = u32(bytes, at + 16) | 0
  datagram.source3 = u32(bytes, at + 20) | 0
  datagram.target0 = u32(bytes, at + 24) | 0
  datagram.target1 = u32(bytes, at + 28) | 0
  datagram.target2 = u32(bytes, at + 32) | 0
  datagram.target3 = u32(bytes, at + 36) | 0
  datagram.at = at + 40
  const next = u8(bytes, at + 6)
  return next === Protocol.Tcp ? next : enterExtensions(datagram, next)
}

function enterExtensions(datagram: IpHeader, first: number): number {
  let next = first
  let seen = 0
  for (let count = 0; isExtension(next); count++) {
    const { bytes, at } = datagram
    if (count === MOST_EXTENSIONS) return Skip.TooManyExtensions
    if (at + 8 > datagram.end) return Skip.IpCut
    seen = noteExtension(datagram, next, seen)
    const header = next
    next = u8(bytes, at)
    if (header === Protocol.Fragment) {
      next = enterFragment(datagram, next)
      continue
    }
    // RFC 4302 §2.2 counts the authentication header in words of 4 bytes, all others are in units of 8.
    const length = u8(bytes, at + 1)
    datagram.at = at + (header === Protocol.Authentication ? (length + 2) * 4 : (length + 1) * 8)
    if (datagram.at > datagram.end) return Skip.IpCut
  }
  return next === Protocol.Esp ? Skip.Encrypted : next
}

export function isExtension(protocol: number): boolean {
  switch (protocol) {
    case Protocol.HopByHop:
    case Protocol.Routing:
    case Protocol.Fragment:
    case Protocol.Authentication:
    case Protocol.DestinationOptions:
    case Protocol.Mobility:
    case Protocol.Hip:
    case Protocol.Shim6:
      return true
    default:
      return false
  }
}

/** RFC 8200 §4.1: each at most once, but destination options twice. A set of bits keeps what was seen. */
function noteExtension(datagram: IpHeader, header: number, seen: number): number {
  const bit =
    header === Protocol.HopByHop
      ? 1
      : header === Protocol.Routing
        ? 2
        : header === Protocol.Fragment
          ? 4
          : header === Protocol.Authentication
            ? 8
            : 0
  if ((seen & bit) !== 0) datagram.anomalies |= SegmentAnomaly.ExtensionTwice
  return seen | bit
}

/** RFC 8200 §4.5. */
function enterFragment(datagram: IpHeader, next: number): number {
  const { bytes, at } = datagram
  const field = u16(bytes, at + 2)
  const id = u32(bytes, at + 4)
  datagram.at = at + 8
  // An atomic fragment is whole (RFC 6946).
  if ((field & 0xfff9) === 0) return next
  const d = datagram
  const key = `6 ${d.source0} ${d.source1} ${d.source2} ${d.source3} ${d.target0} ${d.target1} ${d.target2} ${d.target3} ${id}`
  return gather(datagram, key, field & 0xfff8, (field & 1) !== 0, next)
}

/** Hands a fragment in; when it completes the datagram, the cursor goes on in the datagram's own bytes. */
function gather(datagram: IpHeader, key: string, offset: number, more: boolean, protocol: number): number {
  const { bytes, at, end, frame, fragments } = datagram
  if (end < datagram.wireEnd) return Skip.FragmentCut
  const result = fragments.add(key, offset, more, protocol, bytes, at, end, frame.seconds)
  if (result < 0) return result
  const whole = fragments.whole
  if (fragments.conflict) datagram.anomalies |= SegmentAnomaly.FragmentConflict
  datagram.bytes = whole
  datagram.isReassembled = true
  datagram.at = 0
  datagram.end = whole.length
  datagram.wireEnd = whole.length
  return result
}
