/** IEEE 802.11 data frames, and the headers that capture programs put in front of them. */
import { u8, u16in, u32, u32in, u32le } from '../base/bytes.ts'
import { type Cursor, Skip } from './cursor.ts'
import { EtherType, LinkType, LLC, ofLink } from './follows.ts'
import { skipTo } from './shims.ts'

const DATA = 2
const HAS_NO_DATA = 4
const HAS_QOS = 8
const HEADER = 24
/** Bits of the frame control field, read little-endian (IEEE 802.11 §9.2.4.1). */
const TO_AND_FROM = 0x0300
const MORE_FRAGMENTS = 0x0400
const PROTECTED = 0x4000
const HIGH_THROUGHPUT = 0x8000
/** Several packets in one frame, each after two addresses and a length (§9.3.2.2.2). */
const AGGREGATED = 0x80
/** Upper bits of the AVS magic number; the lower bits are a version. */
const AVS_MAGIC = 0x80211

/** Steps over a header of IEEE 802.11; LLC follows. `padding`: the header is filled up to words of four bytes. */
export function enterWifi(cursor: Cursor, padding = false): number {
  const { bytes, at, end } = cursor
  if (at + HEADER > end) return Skip.LinkCut
  const control = u16in(bytes, at, true)
  const subtype = (control >> 4) & 15
  if (((control >> 2) & 3) !== DATA || (subtype & HAS_NO_DATA) !== 0) return Skip.NotIp
  if ((control & PROTECTED) !== 0) return Skip.EncryptedWifi
  if ((control & MORE_FRAGMENTS) !== 0 || (u8(bytes, at + 22) & 15) !== 0) return Skip.WifiFragment
  const qos = HEADER + ((control & TO_AND_FROM) === TO_AND_FROM ? 6 : 0)
  const size = qos + qosSize(control, subtype)
  const filled = padding ? (size + 3) & ~3 : size
  if (at + filled > end) return Skip.LinkCut
  cursor.at = at + filled
  if (size === qos || (u8(bytes, at + qos) & AGGREGATED) === 0) return LLC
  return skipTo(cursor, 14, LLC)
}

const qosSize = (control: number, subtype: number): number =>
  (subtype & HAS_QOS) === 0 ? 0 : (control & HIGH_THROUGHPUT) === 0 ? 2 : 6

/**
 * https://www.radiotap.org: version 0, a length, a map of the fields present; a bit of the flags says that the header
 * is padded.
 */
export function enterRadiotap(cursor: Cursor): number {
  const { bytes, at, end } = cursor
  if (at + 8 > end) return Skip.LinkCut
  const size = u16in(bytes, at + 2, true)
  if (u8(bytes, at) !== 0 || size < 8) return Skip.BadLink
  if (at + size > end) return Skip.LinkCut
  cursor.at = at + size
  return enterWifi(cursor, isPadded(bytes, at, at + size))
}

/** True if bit 0x20 of the flags is set. They follow the maps and, if it is present, an aligned time of eight bytes. */
function isPadded(bytes: Uint8Array, start: number, end: number): boolean {
  const present = u32le(bytes, start + 4)
  if ((present & 2) === 0) return false
  let at = start + 4
  while (at + 4 <= end && (u32le(bytes, at) & 0x80000000) !== 0) at += 4
  at += 4
  if ((present & 1) !== 0) at = start + ((at - start + 7) & ~7) + 8
  return at < end && (u8(bytes, at) & 0x20) !== 0
}

/** Prism's header of 144 bytes, in the byte order of the machine that wrote it; or AVS, which drivers write in its place. */
export function enterPrism(cursor: Cursor): number {
  const { bytes, at, end } = cursor
  if (at + 8 > end) return Skip.LinkCut
  const code = u32(bytes, at)
  if (code >>> 12 === AVS_MAGIC) return enterAvs(cursor)
  const size = u32in(bytes, at + 4, code > 0xffff)
  return size < 8 ? Skip.BadLink : enterSized(cursor, size)
}

/** AVS: a magic and the length of the whole header, in network order. */
export function enterAvs(cursor: Cursor): number {
  const { bytes, at, end } = cursor
  if (at + 8 > end) return Skip.LinkCut
  const size = u32(bytes, at + 4)
  return size < 8 ? Skip.BadLink : enterSized(cursor, size)
}

function enterSized(cursor: Cursor, size: number): number {
  const { at, end } = cursor
  if (size > end - at) return Skip.LinkCut
  cursor.at = at + size
  return enterWifi(cursor)
}

/** Per-Packet Information: version 0, flags, a length, and the link type of what follows. */
export function enterPpi(cursor: Cursor): number {
  const { bytes, at, end } = cursor
  if (at + 8 > end) return Skip.LinkCut
  const size = u16in(bytes, at + 2, true)
  if (u8(bytes, at) !== 0 || size < 8) return Skip.BadLink
  const link = u32le(bytes, at + 4)
  if (at + size > end) return Skip.LinkCut
  cursor.at = at + size
  return link === LinkType.Ethernet ? EtherType.Bridged : ofLink(Math.min(link, 0xffff))
}
