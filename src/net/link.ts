/** Link layer: steps over the link header and what may stand between it and IP. Rare links and shims branch off late. */
import { u8, u16, u32, u32le } from '../base/bytes.ts'
import { type Cursor, Skip } from './cursor.ts'
import { EtherType, FIRST_LINK, LinkType } from './follows.ts'
import { enterRare } from './rare.ts'
import { enterPpp, enterShim, rawType, skipToType } from './shims.ts'

/** Headers between the link and IP, or between a tunnel and the IP inside; provider networks stack six. */
export const MOST_LAYERS = 12

/** Steps over the link header and all shims; the EtherType of what follows (IPv4 or IPv6), or why it cannot be read. */
export function enterLink(cursor: Cursor, link: number): number {
  const type = stepLink(cursor, link)
  return type === EtherType.Ipv4 || type < 0 ? type : descend(cursor, type)
}

/** Steps from what a header says that follows to IP. */
export function descend(cursor: Cursor, first: number): number {
  let type = first
  for (let layers = 0; type >= 0; layers++) {
    if (type === EtherType.Ipv4 || type === EtherType.Ipv6) return type
    if (layers === MOST_LAYERS) return Skip.TooManyLayers
    type = step(cursor, type)
  }
  return type
}

/** Steps over one header of type `type`, which is not IP. */
export function step(cursor: Cursor, type: number): number {
  if (type >= FIRST_LINK) return stepLink(cursor, type - FIRST_LINK)
  return type === EtherType.Bridged ? skipToType(cursor, 12) : enterShim(cursor, type)
}

/** Steps over the header of a link type alone. */
export function stepLink(cursor: Cursor, link: number): number {
  switch (link) {
    case LinkType.Ethernet:
      return skipToType(cursor, 12)
    case LinkType.Sll:
      return enterCooked(cursor)
    case LinkType.Sll2:
      return enterCooked2(cursor)
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
      return enterSerialPpp(cursor)
    default:
      return enterRare(cursor, link)
  }
}

/** Linux "cooked" headers: the protocol is an EtherType at a fixed offset. */
const enterCooked = (cursor: Cursor): number => skipToType(cursor, 14)

function enterCooked2(cursor: Cursor): number {
  const { bytes, at } = cursor
  if (at + 20 > cursor.end) return Skip.LinkCut
  cursor.at = at + 20
  return u16(bytes, at)
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

/** PPP, or Cisco HDLC with an EtherType. */
function enterSerialPpp(cursor: Cursor): number {
  if (cursor.at + 4 > cursor.end) return Skip.LinkCut
  const address = u8(cursor.bytes, cursor.at)
  return address === 0x0f || address === 0x8f ? skipToType(cursor, 2) : enterPpp(cursor)
}
