/** Link layer: steps over the link header and what may stand between it and IP (VLAN tags, PPPoE, LLC/SNAP). */
import { u8, u16, u32, u32le } from '../base/bytes.ts'
import { type Cursor, Skip } from './cursor.ts'

/** Registered at https://www.tcpdump.org/linktypes.html. */
export const LinkType = {
  Null: 0,
  Ethernet: 1,
  Ppp: 9,
  RawBsd: 12,
  RawOpenBsd: 14,
  PppHdlc: 50,
  Raw: 101,
  Loop: 108,
  Sll: 113,
  Ipv4: 228,
  Ipv6: 229,
  Sll2: 276,
} as const

export const EtherType = {
  Ipv4: 0x0800,
  Vlan: 0x8100,
  Ipv6: 0x86dd,
  Pppoe: 0x8864,
  ProviderVlan: 0x88a8,
  OldQinq: 0x9100,
  /** Ethernet inside GRE (RFC 1701). */
  Bridged: 0x6558,
} as const

/** Below this the field is a length and an LLC header follows (IEEE 802.3 §3.2.6). */
const FIRST_ETHERTYPE = 0x0600
/** Real networks stack two; more than this is a loop or an attack, and the frame is counted as such. */
export const MOST_TAGS = 8
const PPP_IPV4 = 0x0021
const PPP_IPV6 = 0x0057

/** Steps over the link header; the EtherType of what follows (IPv4 or IPv6), or why it cannot be read. */
export function enterLink(cursor: Cursor, link: number): number {
  switch (link) {
    case LinkType.Ethernet:
      return enterEthernet(cursor)
    case LinkType.Sll:
      return enterCooked(cursor, 16, 14)
    case LinkType.Sll2:
      return enterCooked(cursor, 20, 0)
    case LinkType.Null:
    case LinkType.Loop:
      return enterNull(cursor)
    case LinkType.Raw:
    case LinkType.RawBsd:
    case LinkType.RawOpenBsd:
      return rawType(cursor)
    case LinkType.Ipv4:
      return EtherType.Ipv4
    case LinkType.Ipv6:
      return EtherType.Ipv6
    case LinkType.Ppp:
    case LinkType.PppHdlc:
      return enterPpp(cursor)
    default:
      return Skip.UnknownLink
  }
}

export function enterEthernet(cursor: Cursor): number {
  if (cursor.at + 14 > cursor.end) return Skip.LinkCut
  const type = u16(cursor.bytes, cursor.at + 12)
  cursor.at += 14
  return type === EtherType.Ipv4 ? type : enterType(cursor, type)
}

/** Steps from an EtherType over tags and shims to IP. */
export function enterType(cursor: Cursor, first: number): number {
  let type = first
  for (let tags = 0; isVlan(type); tags++) {
    if (tags === MOST_TAGS) return Skip.TooManyTags
    if (cursor.at + 4 > cursor.end) return Skip.LinkCut
    type = u16(cursor.bytes, cursor.at + 2)
    cursor.at += 4
  }
  if (type === EtherType.Ipv4 || type === EtherType.Ipv6) return type
  if (type === EtherType.Pppoe) return enterPppoe(cursor)
  return type < FIRST_ETHERTYPE ? enterSnap(cursor) : Skip.NotIp
}

export const isVlan = (type: number): boolean =>
  type === EtherType.Vlan || type === EtherType.ProviderVlan || type === EtherType.OldQinq

/** IP without a header that names it: the version nibble does. */
export function rawType(cursor: Cursor): number {
  if (cursor.at >= cursor.end) return Skip.LinkCut
  const version = u8(cursor.bytes, cursor.at) >> 4
  return version === 4 ? EtherType.Ipv4 : version === 6 ? EtherType.Ipv6 : Skip.NotIp
}

/** Linux "cooked" headers: the protocol stands at a fixed place and is an EtherType. */
function enterCooked(cursor: Cursor, size: number, typeAt: number): number {
  if (cursor.at + size > cursor.end) return Skip.LinkCut
  const type = u16(cursor.bytes, cursor.at + typeAt)
  cursor.at += size
  return enterType(cursor, type)
}

/** BSD loopback: an address family in the byte order of the capturing machine (NULL) or of the network (LOOP). */
function enterNull(cursor: Cursor): number {
  if (cursor.at + 4 > cursor.end) return Skip.LinkCut
  const big = u32(cursor.bytes, cursor.at)
  const family = big < 0x10000 ? big : u32le(cursor.bytes, cursor.at)
  cursor.at += 4
  if (family === 2) return EtherType.Ipv4
  // AF_INET6 is 24 on NetBSD and OpenBSD, 28 on FreeBSD, 30 on macOS, 10 on Linux.
  return family === 24 || family === 28 || family === 30 || family === 10 ? EtherType.Ipv6 : Skip.NotIp
}

/** PPP in HDLC-like framing (RFC 1662 §3.1), address and control optional, or Cisco HDLC with an EtherType. */
function enterPpp(cursor: Cursor): number {
  if (cursor.at + 4 > cursor.end) return Skip.LinkCut
  const address = u8(cursor.bytes, cursor.at)
  if (address === 0x0f || address === 0x8f) {
    const type = u16(cursor.bytes, cursor.at + 2)
    cursor.at += 4
    return enterType(cursor, type)
  }
  if (u16(cursor.bytes, cursor.at) === 0xff03) cursor.at += 2
  return enterPppProtocol(cursor)
}

/** RFC 1661 §2: one byte where it is odd, otherwise two. */
function enterPppProtocol(cursor: Cursor): number {
  if (cursor.at + 2 > cursor.end) return Skip.LinkCut
  const short = (u8(cursor.bytes, cursor.at) & 1) === 1
  const protocol = short ? u8(cursor.bytes, cursor.at) : u16(cursor.bytes, cursor.at)
  cursor.at += short ? 1 : 2
  return protocol === PPP_IPV4 ? EtherType.Ipv4 : protocol === PPP_IPV6 ? EtherType.Ipv6 : Skip.NotIp
}

/** RFC 2516 §4: six bytes, then PPP without address and control. */
function enterPppoe(cursor: Cursor): number {
  if (cursor.at + 6 > cursor.end) return Skip.LinkCut
  cursor.at += 6
  return enterPppProtocol(cursor)
}

/** RFC 1042: LLC aa aa 03, organisation 00 00 00, then an EtherType. */
function enterSnap(cursor: Cursor): number {
  const { bytes, at } = cursor
  if (at + 8 > cursor.end) return Skip.LinkCut
  if (u32(bytes, at) !== 0xaaaa0300 || u16(bytes, at + 4) !== 0) return Skip.NotIp
  const type = u16(bytes, at + 6)
  cursor.at = at + 8
  return type === EtherType.Ipv4 || type === EtherType.Ipv6 ? type : Skip.NotIp
}
