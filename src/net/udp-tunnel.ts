/** Tunnels over UDP, known by either port, as routers and capture programs use them. */
import { u8, u16, u32 } from '../base/bytes.ts'
import { type Cursor, Skip } from './cursor.ts'
import { EtherType, LinkType, ofLink } from './follows.ts'
import { enterPpp, nextProtocol, rawType } from './shims.ts'
import { enterGre, enterL2tp3 } from './tunnel.ts'

/** Ports of https://www.iana.org/assignments/service-names-port-numbers, and the one of Linux for VXLAN. */
export const TunnelPort = {
  L2tp: 1701,
  Gtp: 2152,
  Teredo: 3544,
  NatTraversal: 4500,
  Gre: 4754,
  Vxlan: 4789,
  VxlanGpe: 4790,
  Geneve: 6081,
  Mpls: 6635,
  LinuxVxlan: 8472,
  Tzsp: 37_008,
} as const

const UDP = 8

/**
 * Steps over the UDP header at the cursor, of which eight bytes are there, and over the tunnel's. `Skip.NotTcp` leaves
 * the cursor where it is: the datagram is not a tunnel.
 */
export function enterUdpTunnel(cursor: Cursor): number {
  const { bytes, at } = cursor
  const inner = enterPort(cursor, u16(bytes, at + 2))
  if (inner !== Skip.NotTcp) return inner
  const other = enterPort(cursor, u16(bytes, at))
  // A port that the sender was given by chance proves nothing.
  return other === Skip.BadTunnel ? Skip.NotTcp : other
}

function enterPort(cursor: Cursor, port: number): number {
  switch (port) {
    case TunnelPort.Vxlan:
    case TunnelPort.LinuxVxlan:
      return past(cursor, UDP + 8, EtherType.Bridged)
    case TunnelPort.VxlanGpe:
      return enterGpe(cursor)
    case TunnelPort.Geneve:
      return enterGeneve(cursor)
    case TunnelPort.Gtp:
      return enterGtp(cursor)
    case TunnelPort.L2tp:
      return enterL2tp(cursor)
    case TunnelPort.Mpls:
      return past(cursor, UDP, EtherType.Mpls)
    case TunnelPort.Tzsp:
      return enterTzsp(cursor)
    case TunnelPort.Teredo:
      return enterTeredo(cursor)
    case TunnelPort.Gre:
      return enterGreInUdp(cursor)
    case TunnelPort.NatTraversal:
      return isEsp(cursor) ? Skip.Encrypted : Skip.NotTcp
    default:
      return Skip.NotTcp
  }
}

/** Steps over `size` bytes, counted from the first byte of the UDP header, and returns `type`. */
function past(cursor: Cursor, size: number, type: number): number {
  if (cursor.at + size > cursor.end) return Skip.BadTunnel
  cursor.at += size
  return type
}

/** draft-ietf-nvo3-vxlan-gpe §3.1: a flag says that the fourth byte names what follows. */
function enterGpe(cursor: Cursor): number {
  const { bytes, at } = cursor
  if (at + UDP + 8 > cursor.end) return Skip.BadTunnel
  const named = (u8(bytes, at + UDP) & 4) !== 0
  const next = named ? nextProtocol(u8(bytes, at + UDP + 3)) : EtherType.Bridged
  return past(cursor, UDP + 8, next)
}

/** RFC 8926 §3.4: version 0, the options' length in words, an EtherType. */
function enterGeneve(cursor: Cursor): number {
  const { bytes, at } = cursor
  if (at + UDP + 8 > cursor.end) return Skip.BadTunnel
  const first = u8(bytes, at + UDP)
  if (first >> 6 !== 0) return Skip.NotTcp
  return past(cursor, UDP + 8 + (first & 0x3f) * 4, u16(bytes, at + UDP + 2))
}

/** Version 1 and not GTP', 3GPP TS 29.281 §5.1. */
const GTP_1 = 0x30
const USER_DATA = 255

function enterGtp(cursor: Cursor): number {
  const { bytes, at, end } = cursor
  if (at + UDP + 8 > end) return Skip.BadTunnel
  const flags = u8(bytes, at + UDP)
  if ((flags & 0xf0) !== GTP_1 || u8(bytes, at + UDP + 1) !== USER_DATA) return Skip.NotTcp
  const size = (flags & 7) === 0 ? UDP + 8 : gtpExtensions(bytes, at, end)
  return size < 0 || at + size > end ? Skip.BadTunnel : inside(cursor, size, rawType)
}

/** Bytes up to what the longer header carries: extensions count words of four bytes, and their last byte names the next. */
function gtpExtensions(bytes: Uint8Array, at: number, end: number): number {
  let size = UDP + 12
  if (at + size > end) return -1
  let next = (u8(bytes, at + UDP) & 4) === 0 ? 0 : u8(bytes, at + size - 1)
  while (next !== 0) {
    const words = at + size < end ? u8(bytes, at + size) : 0
    size += words * 4
    if (words === 0 || at + size > end) return -1
    next = u8(bytes, at + size - 1)
  }
  return size
}

/** Steps over `size` bytes and calls `enter`. If that returns `Skip.NotTcp`, the cursor is set back. */
function inside(cursor: Cursor, size: number, enter: (cursor: Cursor) => number): number {
  const { at } = cursor
  cursor.at = at + size
  const type = enter(cursor)
  if (type === Skip.NotTcp) cursor.at = at
  return type
}

/** RFC 2661 §3.1: flags say which of length, numbers and offset are there; then PPP. RFC 3931 is version 3. */
function enterL2tp(cursor: Cursor): number {
  const { bytes, at, end } = cursor
  if (at + UDP + 6 > end) return Skip.BadTunnel
  const flags = u16(bytes, at + UDP)
  if ((flags & 0x8000) !== 0) return Skip.NotTcp
  if ((flags & 15) === 3) return inside(cursor, UDP + 4, enterL2tp3)
  if ((flags & 15) !== 2) return Skip.NotTcp
  let size = UDP + 6 + ((flags & 0x4000) === 0 ? 0 : 2) + ((flags & 0x0800) === 0 ? 0 : 4)
  if ((flags & 0x0200) !== 0) {
    if (at + size + 2 > end) return Skip.BadTunnel
    size += 2 + u16(bytes, at + size)
  }
  return at + size > end ? Skip.BadTunnel : inside(cursor, size, enterPpp)
}

/** Tags of TZSP that end the list, or only fill it. */
const TZSP_END = 1
const TZSP_PADDING = 0

/** TaZmen Sniffer Protocol: version 1, a kind, what follows, then tags up to the one that ends them. */
function enterTzsp(cursor: Cursor): number {
  const { bytes, at, end } = cursor
  if (at + UDP + 4 > end) return Skip.BadTunnel
  // Kinds above 1 configure the sensor or keep the way open.
  if (u8(bytes, at + UDP) !== 1 || u8(bytes, at + UDP + 1) > 1) return Skip.NotTcp
  let tag = at + UDP + 4
  while (tag < end && u8(bytes, tag) !== TZSP_END) {
    if (tag + 1 >= end) return Skip.BadTunnel
    tag += u8(bytes, tag) === TZSP_PADDING ? 1 : 2 + u8(bytes, tag + 1)
  }
  return past(cursor, tag + 1 - at, tzspType(u16(bytes, at + UDP + 2)))
}

function tzspType(encapsulated: number): number {
  switch (encapsulated) {
    case 1:
      return EtherType.Bridged
    case 2:
      return ofLink(LinkType.TokenRing)
    case 4:
      return ofLink(LinkType.Ppp)
    case 5:
      return ofLink(LinkType.Fddi)
    case 7:
      return ofLink(LinkType.Raw)
    case 18:
      return ofLink(LinkType.Wifi)
    case 119:
      return ofLink(LinkType.Prism)
    case 127:
      return ofLink(LinkType.Avs)
    default:
      return Skip.NotIp
  }
}

/** RFC 4380 §5.1.1: an authentication and an origin may precede the IPv6 packet. */
function enterTeredo(cursor: Cursor): number {
  const { bytes, at, end } = cursor
  let size = UDP
  if (at + size + 4 <= end && u16(bytes, at + size) === 1)
    size += 13 + u8(bytes, at + size + 2) + u8(bytes, at + size + 3)
  if (at + size + 2 <= end && u16(bytes, at + size) === 0) size += 8
  if (at + size >= end || u8(bytes, at + size) >> 4 !== 6) return Skip.NotTcp
  return past(cursor, size, EtherType.Ipv6)
}

/** RFC 8086. */
const enterGreInUdp = (cursor: Cursor): number => inside(cursor, UDP, enterGre)

/** RFC 3948 §2: four zeros are key exchange, one byte keeps the way open, everything else is ESP. */
const isEsp = ({ bytes, at, end }: Cursor): boolean => at + UDP + 8 <= end && u32(bytes, at + UDP) !== 0
