/**
 * The first bytes of a capture file: which format, which byte order. Also asked in mid-file, where another file
 * may have been appended (`cat a b`).
 */

import { u8, u16in, u32in, u32le } from '../base/bytes.ts'
import { LARGEST_LANDMARK, NO, YES } from './ledger.ts'

/** Block type of a section header: the same in both byte orders (draft-ietf-opsawg-pcapng §4.1). */
export const SECTION = 0x0a0d0d0a
const BYTE_ORDER = 0x1a2b3c4d
export const PCAP_HEADER = 24

/** One kind of classic pcap file. */
export interface PcapKind {
  /** The magic number, read in the byte order of the writer. */
  readonly magic: number
  /** Digits of the fraction field. */
  readonly digits: number
  /** Sizes a record header may have, the likeliest first; where there are several, the records prove which. */
  readonly heads: readonly number[]
  /** The size that is taken where the records prove none; absent: the file cannot be read. */
  readonly usual?: number
  readonly name: string
}

/**
 * The magics of draft-ietf-opsawg-pcap §4, and those of old writers that changed the record header without changing
 * anything else: what their patches added after the four usual words is not needed here. Red Hat 6.1 (24 bytes) and
 * Nokia (20) did not even change the magic.
 */
const KINDS: readonly PcapKind[] = [
  { magic: 0xa1b2c3d4, digits: 6, heads: [16, 24, 20], usual: 16, name: 'pcap' },
  { magic: 0xa1b23c4d, digits: 9, heads: [16], name: 'pcap with nanoseconds' },
  { magic: 0xa1b2cd34, digits: 6, heads: [24, 28, 16], name: "pcap in Kuznetzov's variant" },
  { magic: 0xa1b234cd, digits: 6, heads: [16, 24, 28], name: "pcap in Mesquita's variant" },
  { magic: 0xa12b3c4d, digits: 6, heads: [16, 24, 28], name: "pcap in Navtel's variant" },
]

/** The kind of pcap file whose four magic bytes stand here. */
export function pcapKind(bytes: Uint8Array, at: number): { kind: PcapKind; little: boolean } | undefined {
  for (const kind of KINDS) {
    if (u32in(bytes, at, true) === kind.magic) return { kind, little: true }
    if (u32in(bytes, at, false) === kind.magic) return { kind, little: false }
  }
  return undefined
}

/** True where a section's byte-order magic says little-endian, false for big, undefined for neither. */
export function sectionOrder(bytes: Uint8Array, at: number): boolean | undefined {
  if (u32in(bytes, at + 8, true) === BYTE_ORDER) return true
  return u32in(bytes, at + 8, false) === BYTE_ORDER ? false : undefined
}

/** 1 for every byte that a file header can begin with: a search asks for each byte it passes. */
const BEGINNINGS = new Uint8Array(256)
for (const magic of [SECTION, ...KINDS.map(kind => kind.magic)]) {
  BEGINNINGS[magic & 0xff] = 1
  BEGINNINGS[magic >>> 24] = 1
}

/**
 * Returns YES, NO or the index up to which bytes are needed: is there a file header at `at`, in mid-file? NO is fast.
 */
export function fileHeaderAt(bytes: Uint8Array, at: number, end: number, final: boolean): number {
  const first = u8(bytes, at)
  if (first !== 0xa1 && first !== 0xd4 && first !== 0x4d && first !== 0x34 && first !== 0xcd && first !== 0x0a)
    return NO
  if (end - at < PCAP_HEADER) return final ? NO : at + PCAP_HEADER
  if (u32le(bytes, at) === SECTION) return sectionAt(bytes, at, end, final)
  const found = pcapKind(bytes, at)
  if (found === undefined) return NO
  const { little } = found
  // Version 2.4 and a time zone of 0, as every writer since 1998 has it: the first four bytes alone occur in payloads.
  return u16in(bytes, at + 4, little) === 2 && u16in(bytes, at + 6, little) === 4 && u32in(bytes, at + 8, little) === 0
    ? YES
    : NO
}

function sectionAt(bytes: Uint8Array, at: number, end: number, final: boolean): number {
  const little = sectionOrder(bytes, at)
  if (little === undefined) return NO
  const length = u32in(bytes, at + 4, little)
  if (length < 28 || length % 4 !== 0 || length > LARGEST_LANDMARK) return NO
  if (at + length > end) return final ? NO : at + length
  return u32in(bytes, at + length - 4, little) === length ? YES : NO
}

/** The first index from `at` on with a byte other than zero among the `size` from there: zeros are no header of any kind. */
export function pastZeros(bytes: Uint8Array, at: number, end: number, size: number): number {
  let next = at
  while (next < end && bytes[next] === 0) next++
  return next - at < size ? at : next - size + 1
}
