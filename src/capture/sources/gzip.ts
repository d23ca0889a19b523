/** The frame of a gzip member (RFC 1952 §2.3): what stands before and behind its deflated bytes. */

import { u16le, u32le } from '../../base/bytes.ts'

/** Checksum and size of what was deflated. */
export const TRAILER_SIZE = 8

/** A header longer than this (its comment can be of any length) is taken for no header. */
export const LONGEST_HEADER = 128 * 1024

const FIXED = 10
const HEADER_CHECKSUM = 2
const EXTRA = 4
const NAME = 8
const COMMENT = 16

/** As many bytes as tell gzip: its magic, and deflate, the only method there is. */
export const GZIP_START = 3

export const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b && bytes[2] === 8

/** Size of the member header at the start of these bytes; 0 while they are too few to say. */
export function headerSize(bytes: Uint8Array): number {
  if (bytes.length < FIXED) return 0
  const flags = bytes[3] ?? 0
  let size = FIXED
  if ((flags & EXTRA) !== 0) {
    if (bytes.length < size + 2) return 0
    size += 2 + u16le(bytes, size)
  }
  for (const flag of [NAME, COMMENT]) {
    if ((flags & flag) === 0) continue
    const end = bytes.indexOf(0, size)
    if (end < 0) return 0
    size = end + 1
  }
  if ((flags & HEADER_CHECKSUM) !== 0) size += 2
  return size <= bytes.length ? size : 0
}

export const trailerChecksum = (trailer: Uint8Array): number => u32le(trailer, 0)

/** Size before deflating, modulo 2^32. */
export const trailerSize = (trailer: Uint8Array): number => u32le(trailer, 4)
