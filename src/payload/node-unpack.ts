/** Unpacks with Node's zlib and, for Zstandard, which Node 20 lacks, with fzstd: the one file of this room that knows them. */
import { gunzipSync, inflateRawSync, inflateSync, type ZlibOptions } from 'node:zlib'
import { Decompress } from 'fzstd'
import type { Unpack } from './unpack.ts'
import { withSmallWindow } from './zstd-header.ts'

const NODES = { gzip: gunzipSync, zlib: inflateSync, deflate: inflateRawSync } as const

export const nodeUnpack: Unpack = (packing, bytes, most) => {
  try {
    if (packing === 'zstd') return unpackZstd(bytes, most)
    const options: ZlibOptions = { maxOutputLength: most }
    return Uint8Array.from(NODES[packing](bytes, options))
  } catch {
    // Both libraries throw for what they cannot unpack, and zlib where more than `most` bytes come of it.
    return undefined
  }
}

function unpackZstd(bytes: Uint8Array, most: number): Uint8Array | undefined {
  const frame = withSmallWindow(bytes, most)
  if (frame === undefined) return undefined
  const pieces: Uint8Array[] = []
  let size = 0
  let isWhole = false
  const stream = new Decompress((piece, isLast) => {
    size += piece.length
    if (size > most) throw new RangeError('more than the limit')
    pieces.push(piece)
    isWhole ||= isLast === true
  })
  stream.push(frame, true)
  return isWhole ? joined(pieces, size) : undefined
}

function joined(pieces: readonly Uint8Array[], size: number): Uint8Array {
  const all = new Uint8Array(size)
  let at = 0
  for (const piece of pieces) {
    all.set(piece, at)
    at += piece.length
  }
  return all
}
