/**
 * Readers of the headers between a link header and IP: VLAN tags, PPPoE, PPP, MPLS, LLC, NSH, provider bridges, MACsec.
 */
import { u8, u16, u32 } from '../base/bytes.ts'
import { type Cursor, Skip } from './cursor.ts'
import { EtherType, FIRST_ETHERTYPE, isVlan, LLC } from './follows.ts'

/** Real networks stack two; more than this is a loop or an attack, and the frame is counted as such. */
export const MOST_TAGS = 8
/** MPLS labels in a stack: networks use up to six. */
const MOST_LABELS = 16

/** EtherTypes that carry no IP: ARP, RARP, EAPOL, LLDP, time, industrial buses, loop tests, discovery of PPPoE. */
const WITHOUT_IP: ReadonlySet<number> = new Set([
  0x0806, 0x8035, 0x2000, 0x8137, 0x8809, 0x8863, 0x886c, 0x8892, 0x888e, 0x88a4, 0x88ab, 0x88b8, 0x88ba, 0x88c7,
  0x88cc, 0x88e1, 0x88f7, 0x88fb, 0x8902, 0x890d, 0x891d, 0x892f, 0x893a, 0x9000, 0x22f0, 0x22f3, 0x22ea, 0x6002,
  0x6003, 0x6004, 0x6007, 0x80f3, 0x809b, 0x8906, 0x8914, 0x88e3, 0x88cd, 0x887b, 0x88d9, 0x8912, 0x22e7, 0x22e9,
])

/** Steps over one shim of type `type`; what follows, or why it cannot be read. */
export function enterShim(cursor: Cursor, type: number): number {
  if (isVlan(type)) return enterTags(cursor)
  if (type < FIRST_ETHERTYPE) return enterLlc(cursor)
  switch (type) {
    case EtherType.Pppoe:
      return enterPppoe(cursor)
    case EtherType.Ppp:
      return enterPpp(cursor)
    case EtherType.Mpls:
    case EtherType.MplsMulticast:
      return enterMpls(cursor)
    case EtherType.Nsh:
      return enterNsh(cursor)
    case EtherType.ProviderBackbone:
      return skipTo(cursor, 4, EtherType.Bridged)
    case EtherType.ETag:
      return skipToType(cursor, 6)
    case EtherType.MacSec:
      return enterMacSec(cursor)
    case EtherType.JumboLlc:
      return LLC
    default:
      return enterOther(cursor, type)
  }
}

function enterOther(cursor: Cursor, type: number): number {
  if (WITHOUT_IP.has(type)) return Skip.NotIp
  cursor.unknown = type
  return Skip.UnknownType
}

/** Steps over `size` bytes and returns `type`; `Skip.LinkCut` if they are not captured. */
export function skipTo(cursor: Cursor, size: number, type: number): number {
  if (cursor.at + size > cursor.end) return Skip.LinkCut
  cursor.at += size
  return type
}

/** Steps over `size` bytes and the EtherType after them, and returns the EtherType. */
export function skipToType(cursor: Cursor, size: number): number {
  const { bytes, at } = cursor
  if (at + size + 2 > cursor.end) return Skip.LinkCut
  cursor.at = at + size + 2
  return u16(bytes, at + size)
}

/** A stack of tags is one step. */
function enterTags(cursor: Cursor): number {
  for (let tags = 1; ; tags++) {
    const type = skipToType(cursor, 2)
    if (!isVlan(type)) return type
    if (tags === MOST_TAGS) return Skip.TooManyTags
  }
}

/** IP without a header that names it: the version nibble does. */
export function rawType(cursor: Cursor): number {
  if (cursor.at >= cursor.end) return Skip.LinkCut
  const version = u8(cursor.bytes, cursor.at) >> 4
  return version === 4 ? EtherType.Ipv4 : version === 6 ? EtherType.Ipv6 : Skip.NotIp
}

/** PPP in HDLC-like framing (RFC 1662 §3.1), address and control optional. */
export function enterPpp(cursor: Cursor): number {
  if (cursor.at + 2 > cursor.end) return Skip.LinkCut
  if (u16(cursor.bytes, cursor.at) === 0xff03) cursor.at += 2
  return enterPppProtocol(cursor)
}

/** RFC 1661 §2: one byte where it is odd, otherwise two. */
export function enterPppProtocol(cursor: Cursor): number {
  if (cursor.at + 2 > cursor.end) return Skip.LinkCut
  const short = (u8(cursor.bytes, cursor.at) & 1) === 1
  const protocol = short ? u8(cursor.bytes, cursor.at) : u16(cursor.bytes, cursor.at)
  cursor.at += short ? 1 : 2
  switch (protocol) {
    case 0x0021:
      return EtherType.Ipv4
    case 0x0057:
      return EtherType.Ipv6
    case 0x0281:
      return EtherType.Mpls
    case 0x0283:
      return EtherType.MplsMulticast
    case 0x0053:
    case 0x00fd:
      return Skip.PackedPpp
    default:
      return Skip.NotIp
  }
}

/** RFC 2516 §4: six bytes, then PPP without address and control. */
export function enterPppoe(cursor: Cursor): number {
  if (cursor.at + 6 > cursor.end) return Skip.LinkCut
  cursor.at += 6
  return enterPppProtocol(cursor)
}

/** RFC 3032 §2.1: labels of four bytes, the last one marked; no field says what follows. */
export function enterMpls(cursor: Cursor): number {
  const { bytes, end } = cursor
  for (let labels = 0; labels < MOST_LABELS; labels++) {
    const { at } = cursor
    if (at + 4 > end) return Skip.LinkCut
    cursor.at = at + 4
    if ((u8(bytes, at + 2) & 1) === 1) return behindLabels(cursor)
  }
  return Skip.TooManyLayers
}

/** IP by its version (RFC 4928 §2), or Ethernet, with the control word of RFC 4448 §4.6 or without. */
function behindLabels(cursor: Cursor): number {
  const { bytes, at, end } = cursor
  if (at >= end) return Skip.LinkCut
  if (looksLikeEthernet(bytes, at + 4, end) && u8(bytes, at) >> 4 === 0) return skipTo(cursor, 4, EtherType.Bridged)
  const type = rawType(cursor)
  return type === Skip.NotIp && looksLikeEthernet(bytes, at, end) ? EtherType.Bridged : type
}

/** The EtherType of an Ethernet header at `at` is one that IP may follow. */
export function looksLikeEthernet(bytes: Uint8Array, at: number, end: number): boolean {
  if (at + 15 > end) return false
  const type = u16(bytes, at + 12)
  if (type === EtherType.Ipv4) return u8(bytes, at + 14) >> 4 === 4
  if (type === EtherType.Ipv6) return u8(bytes, at + 14) >> 4 === 6
  return isVlan(type) || type === EtherType.Mpls || type === EtherType.Pppoe
}

/** LLC (IEEE 802.2): aa aa 03 with an organisation and a type (RFC 1042), or 06 06 03, which is IP. */
export function enterLlc(cursor: Cursor): number {
  const { bytes, at, end } = cursor
  if (at + 3 > end) return Skip.LinkCut
  const points = u16(bytes, at)
  if (u8(bytes, at + 2) !== 0x03) return Skip.NotIp
  if (points === 0x0606) return skipTo(cursor, 3, EtherType.Ipv4)
  if (points !== 0xaaaa) return Skip.NotIp
  cursor.at = at + 3
  return enterSnap(cursor)
}

/** The organisation's three bytes and a type. 00 80 c2 (IEEE 802.1) with type 1 or 7 is an Ethernet frame. */
export function enterSnap(cursor: Cursor): number {
  const { bytes, at } = cursor
  if (at + 5 > cursor.end) return Skip.LinkCut
  const organisation = u32(bytes, at) >>> 8
  const type = u16(bytes, at + 3)
  cursor.at = at + 5
  if (organisation === 0 || organisation === 0x0000f8) return type < FIRST_ETHERTYPE ? Skip.NotIp : type
  if (organisation !== 0x0080c2 || (type !== 1 && type !== 7)) return Skip.NotIp
  // ATM fills up with two bytes (RFC 2684 §5.2), and others do not.
  return skipTo(cursor, looksLikeEthernet(bytes, at + 7, cursor.end) ? 2 : 0, EtherType.Bridged)
}

/** RFC 8300 §2.2: the length in words of four bytes, and a number of its own for what follows. */
export function enterNsh(cursor: Cursor): number {
  const { bytes, at } = cursor
  if (at + 8 > cursor.end) return Skip.LinkCut
  const size = (u16(bytes, at) & 0x3f) * 4
  if (size < 8) return Skip.BadTunnel
  return skipTo(cursor, size, nextProtocol(u8(bytes, at + 3)))
}

/** Numbers that NSH (RFC 8300 §9.1.4) and VXLAN-GPE share. */
export function nextProtocol(number: number): number {
  switch (number) {
    case 1:
      return EtherType.Ipv4
    case 2:
      return EtherType.Ipv6
    case 3:
      return EtherType.Bridged
    case 4:
      return EtherType.Nsh
    case 5:
      return EtherType.Mpls
    default:
      return Skip.NotIp
  }
}

/** IEEE 802.1AE §9: four bytes of flags, length and number, eight more of an identifier where a flag says so. */
function enterMacSec(cursor: Cursor): number {
  const { bytes, at } = cursor
  if (at + 6 > cursor.end) return Skip.LinkCut
  const flags = u8(bytes, at)
  if ((flags & 0x0c) !== 0) return Skip.EncryptedLink
  return skipToType(cursor, (flags & 0x20) === 0 ? 6 : 14)
}
