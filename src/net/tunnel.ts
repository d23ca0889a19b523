/** Tunnels over IP: each steps over its header and says what follows. Those over UDP are in `udp-tunnel.ts`. */
import { u8, u16 } from '../base/bytes.ts'
import { type Cursor, Skip } from './cursor.ts'
import { EtherType } from './follows.ts'
import { Protocol } from './ip.ts'
import { looksLikeEthernet, skipTo } from './shims.ts'

/** Protocols that GRE carries and that are no EtherTypes of a link. */
const ERSPAN_2 = 0x88be
const ERSPAN_3 = 0x22eb
const WCCP = 0x883e

/** Steps over the header of a tunnel with an IP protocol number of its own; what follows, or why there is none. */
export function enterIpTunnel(cursor: Cursor, protocol: number): number {
  switch (protocol) {
    case Protocol.Ipv4:
    case Protocol.Ipip:
      return EtherType.Ipv4
    case Protocol.Ipv6:
      return EtherType.Ipv6
    case Protocol.Gre:
      return enterGre(cursor)
    case Protocol.Mpls:
      return EtherType.Mpls
    case Protocol.Ethernet:
      return EtherType.Bridged
    case Protocol.EtherIp:
      return skipTo(cursor, 2, EtherType.Bridged)
    case Protocol.L2tp:
      return enterL2tp3(cursor)
    case Protocol.Esp:
      return Skip.Encrypted
    default:
      return Skip.NotTcp
  }
}

/** RFC 2784 and RFC 2890; version 1 is PPTP's (RFC 2637 §4.1). */
export function enterGre(cursor: Cursor): number {
  const { bytes, at } = cursor
  if (at + 4 > cursor.end || (u16(bytes, at) & 7) > 1) return Skip.BadTunnel
  const size = greSize(bytes, at)
  if (at + size > cursor.end) return Skip.BadTunnel
  cursor.at = at + size
  const type = u16(bytes, at + 2)
  if (type === ERSPAN_2)
    return (u16(bytes, at) & 0x1000) === 0 ? EtherType.Bridged : skipTo(cursor, 8, EtherType.Bridged)
  if (type === ERSPAN_3) return enterErspan3(cursor)
  return type === WCCP ? enterWccp(cursor) : type
}

/** Each flag of RFC 2890 adds four bytes; version 1 has its acknowledgment after them. */
export function greSize(bytes: Uint8Array, at: number): number {
  const flags = u16(bytes, at)
  const checksum = (flags & 0xc000) !== 0 ? 4 : 0
  const key = (flags & 0x2000) !== 0 ? 4 : 0
  const acknowledgment = (flags & 0x0087) === 0x0081 ? 4 : 0
  return 4 + checksum + key + ((flags & 0x1000) !== 0 ? 4 : 0) + acknowledgment
}

/** draft-foschiano-erspan §4.3: twelve bytes, eight more where the last bit says so; frame type 2 is bare IP. */
function enterErspan3(cursor: Cursor): number {
  const { bytes, at } = cursor
  if (at + 12 > cursor.end) return Skip.BadTunnel
  const word = u16(bytes, at + 10)
  const size = (word & 1) === 0 ? 12 : 20
  return skipTo(cursor, size, ((word >> 10) & 0x1f) === 2 ? EtherType.Ipv4 : EtherType.Bridged)
}

/** Version 2 of WCCP puts four bytes in front of the IP packet. */
function enterWccp(cursor: Cursor): number {
  if (cursor.at >= cursor.end) return Skip.BadTunnel
  return u8(cursor.bytes, cursor.at) >> 4 === 4 ? EtherType.Ipv4 : skipTo(cursor, 4, EtherType.Ipv4)
}

/** RFC 3931 §4.1.1: a session, then a cookie and a sublayer whose sizes only the control connection announces. */
export function enterL2tp3(cursor: Cursor): number {
  const { bytes, at, end } = cursor
  for (let size = 4; size <= 16; size += 4) {
    if (!looksLikeEthernet(bytes, at + size, end)) continue
    return skipTo(cursor, size, EtherType.Bridged)
  }
  return Skip.NotTcp
}
