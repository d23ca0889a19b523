/** Link types beside the frequent ones of `link.ts`: each steps over its header and says what follows. */
import { u8, u16, u16in, u32le } from '../base/bytes.ts'
import { type Cursor, Skip } from './cursor.ts'
import { EtherType, LinkType, LLC, ofLink } from './follows.ts'
import { enterPpp, enterPppoe, enterPppProtocol, enterSnap, rawType, skipTo, skipToType } from './shims.ts'
import { enterAvs, enterPpi, enterPrism, enterRadiotap, enterWifi } from './wifi.ts'

/** Steps over the header of a rare link type; what follows, or why it cannot be read. */
export function enterRare(cursor: Cursor, link: number): number {
  switch (link) {
    case LinkType.Wifi:
      return enterWifi(cursor)
    case LinkType.Radiotap:
      return enterRadiotap(cursor)
    case LinkType.Prism:
      return enterPrism(cursor)
    case LinkType.Avs:
      return enterAvs(cursor)
    case LinkType.Ppi:
      return enterPpi(cursor)
    case LinkType.TokenRing:
      return enterTokenRing(cursor)
    case LinkType.Fddi:
      return enterFddi(cursor)
    case LinkType.AtmLlc:
    case LinkType.AtmRfc1483:
      return LLC
    case LinkType.IpOverFc:
      return skipTo(cursor, 16, LLC)
    case LinkType.FireWire:
      return skipToType(cursor, 16)
    case LinkType.InfiniBand:
      return enterInfiniBand(cursor)
    case LinkType.Nflog:
      return enterNflog(cursor)
    case LinkType.Pktap:
      return enterPktap(cursor)
    case LinkType.Enc:
      return enterEnc(cursor)
    case LinkType.Pflog:
      return enterPflog(cursor)
    default:
      return enterSerial(cursor, link)
  }
}

/** Serial lines and the tags of switches. */
function enterSerial(cursor: Cursor, link: number): number {
  switch (link) {
    case LinkType.CiscoHdlc:
      return skipToType(cursor, 2)
    case LinkType.CiscoHdlcDirected:
      return skipToType(cursor, 3)
    case LinkType.FrameRelay:
      return enterFrameRelay(cursor)
    case LinkType.FrameRelayDirected:
      return behind(cursor, 1, enterFrameRelay)
    case LinkType.PppDirected:
      return behind(cursor, 1, enterPpp)
    case LinkType.PppPppd:
      return behind(cursor, 2, enterPppProtocol)
    case LinkType.PppEther:
      return enterPppoe(cursor)
    case LinkType.BroadcomTag:
    case LinkType.Dsa:
      return skipToType(cursor, 16)
    case LinkType.Edsa:
      return skipToType(cursor, 20)
    case LinkType.BroadcomPrepend:
      return skipTo(cursor, 4, EtherType.Bridged)
    default:
      cursor.unknown = link
      return Skip.UnknownLink
  }
}

/** Steps over `size` bytes and then as `enter` does. */
function behind(cursor: Cursor, size: number, enter: (cursor: Cursor) => number): number {
  if (cursor.at + size > cursor.end) return Skip.LinkCut
  cursor.at += size
  return enter(cursor)
}

/** IEEE 802.5 §3: two bytes of control, two addresses; the top bit of the source says that a route follows. */
function enterTokenRing(cursor: Cursor): number {
  const { bytes, at, end } = cursor
  if (at + 14 > end) return Skip.LinkCut
  if ((u8(bytes, at + 1) & 0xc0) !== 0x40) return Skip.NotIp
  if ((u8(bytes, at + 8) & 0x80) === 0) return skipTo(cursor, 14, LLC)
  return at + 15 > end ? Skip.LinkCut : skipTo(cursor, 14 + (u8(bytes, at + 14) & 0x1f), LLC)
}

/** ISO 9314-2: frame control and two addresses; 0x50 to 0x57 is LLC. */
function enterFddi(cursor: Cursor): number {
  const { bytes, at, end } = cursor
  if (at + 13 > end) return Skip.LinkCut
  return (u8(bytes, at) & 0x70) === 0x50 ? skipTo(cursor, 13, LLC) : Skip.NotIp
}

/** RFC 4391 §6: an EtherType and two bytes, after the global route header of 40 bytes. */
function enterInfiniBand(cursor: Cursor): number {
  const { bytes, at } = cursor
  return at + 44 > cursor.end ? Skip.LinkCut : skipTo(cursor, 44, u16(bytes, at + 40))
}

/** RFC 2427 §3: an address of two to four bytes, then 03 and a protocol; or an EtherType, as Cisco has it. */
function enterFrameRelay(cursor: Cursor): number {
  const { bytes, at, end } = cursor
  let size = 2
  while (size < 4 && at + size <= end && (u8(bytes, at + size - 1) & 1) === 0) size++
  if (at + size + 2 > end) return Skip.LinkCut
  if (u8(bytes, at + size) !== 0x03) return skipToType(cursor, size)
  // A zero fills up to an even place.
  const pad = u8(bytes, at + size + 1) === 0 ? 1 : 0
  if (at + size + 2 + pad > end) return Skip.LinkCut
  cursor.at = at + size + 2 + pad
  return enterNlpid(cursor, u8(bytes, cursor.at - 1))
}

/** Network layer protocol identifiers (ISO/IEC TR 9577). */
function enterNlpid(cursor: Cursor, protocol: number): number {
  switch (protocol) {
    case 0xcc:
      return EtherType.Ipv4
    case 0x8e:
      return EtherType.Ipv6
    case 0x80:
      return enterSnap(cursor)
    case 0xcf:
      return enterPppProtocol(cursor)
    default:
      return Skip.NotIp
  }
}

/** An attribute of NFLOG that holds the packet (NFULA_PAYLOAD). */
const PAYLOAD = 9

/**
 * LINKTYPE_NFLOG: family, version, resource, then attributes of a length and a type in the byte order of the machine
 * that captured, filled up to four bytes.
 */
function enterNflog(cursor: Cursor): number {
  const { bytes, end } = cursor
  let at = cursor.at + 4
  if (at + 4 > end) return Skip.LinkCut
  // No attribute is longer than a frame: in the wrong order its length has the low byte on top.
  const little = u16in(bytes, at, true) <= u16(bytes, at) || u16(bytes, at) < 4
  while (at + 4 <= end) {
    const size = u16in(bytes, at, little)
    if (size < 4) return Skip.BadLink
    if ((u16in(bytes, at + 2, little) & 0x7fff) === PAYLOAD) {
      narrow(cursor, at + 4, at + size)
      return rawType(cursor)
    }
    at += (size + 3) & ~3
  }
  return Skip.NotIp
}

/** Goes on with `start` and ends at `end`, which may be beyond what was captured. */
function narrow(cursor: Cursor, start: number, end: number): void {
  cursor.at = start
  if (end < cursor.wireEnd) cursor.wireEnd = end
  if (end < cursor.end) cursor.end = end
}

/** Apple's header: its length, a kind, and the link type of what follows, little-endian. */
function enterPktap(cursor: Cursor): number {
  const { bytes, at, end } = cursor
  if (at + 12 > end) return Skip.LinkCut
  const size = u32le(bytes, at)
  if (size < 12) return Skip.BadLink
  if (size > end - at) return Skip.LinkCut
  if (u32le(bytes, at + 4) !== 1) return Skip.NotIp
  cursor.at = at + size
  const link = u32le(bytes, at + 8)
  return link === LinkType.Ethernet ? EtherType.Bridged : ofLink(Math.min(link, 0xffff))
}

/** OpenBSD's view of IPsec: a family, an index and flags; the packet after it is decrypted. */
function enterEnc(cursor: Cursor): number {
  return behind(cursor, 12, rawType)
}

/** OpenBSD's log of its firewall: a length that leaves out the filling up to four bytes. */
function enterPflog(cursor: Cursor): number {
  const { bytes, at, end } = cursor
  if (at + 4 > end) return Skip.LinkCut
  const size = (u8(bytes, at) + 3) & ~3
  return size < 4 ? Skip.BadLink : behind(cursor, size, rawType)
}
