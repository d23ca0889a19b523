/**
 * The bytes of a live capture, kept in files for what is dissected long after it went by, up to a limit: beyond it the
 * oldest go, and are counted. Positions count from the first byte ever appended and never change.
 *
 * Only this user can read the files, and none of them has a name: however the program ends, nothing is left.
 */
import { appendFileSync, closeSync, openSync, readSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { u32in } from '../../base/bytes.ts'
import { PCAP_HEADER, pcapKind, SECTION, sectionOrder } from '../detect.ts'
import type { ByteLog } from '../log.ts'
import { CaptureReader } from '../reader.ts'
import { CaptureWriter } from '../writer.ts'
import { OWNER_ONLY, openScratch, type ScratchFile } from './scratch.ts'

/** Kept by default: at 200 bytes a frame 10 million frames. */
export const SPOOL_LIMIT = 2 * 1024 * 1024 * 1024

/** The limit is kept by whole files: this part of it each. */
const FILES = 16

/** A capture begins with what its frames cannot be read without, file header and interfaces: kept whatever else goes. */
const HEAD_SIZE = 4096

/** One file, holding `[from, to)`. */
interface Piece extends ScratchFile {
  readonly from: number
  to: number
}

export class Spool implements ByteLog {
  /** Position behind the last byte. */
  size = 0
  /** Bytes that went, the oldest: reading begins behind them. */
  dropped = 0
  private readonly parent: string
  private readonly pieceSize: number
  private readonly limit: number
  private readonly pieces: Piece[] = []
  private head = new Uint8Array(0)
  private closed = false

  /** Throws what the system says (ENOSPC, EACCES, …), as `append` does. */
  constructor(limit = SPOOL_LIMIT, parent = tmpdir()) {
    this.limit = limit
    this.pieceSize = Math.max(1, Math.floor(limit / FILES))
    this.parent = parent
    this.piece()
  }

  /** Bytes held. */
  get held(): number {
    return this.size - this.dropped
  }

  /** A write that fails leaves the log as it was. */
  append(chunk: Uint8Array): void {
    if (this.closed) return
    if (this.head.length < HEAD_SIZE)
      this.head = Buffer.concat([this.head, chunk.subarray(0, HEAD_SIZE - this.head.length)])
    for (let at = 0; at < chunk.length; ) {
      const piece = this.piece()
      const room = this.pieceSize - (piece.to - piece.from)
      const written = writeSync(piece.fd, chunk, at, Math.min(room, chunk.length - at), piece.to - piece.from)
      piece.to += written
      this.size += written
      at += written
    }
    this.forget()
  }

  read(position: number, length: number): Uint8Array {
    const start = Math.max(position, this.dropped)
    const end = Math.min(position + length, this.size)
    if (start !== position || end <= start) return new Uint8Array(0)
    const bytes = new Uint8Array(end - start)
    for (const { fd, from, to } of this.pieces) {
      const at = Math.max(start, from)
      const size = Math.min(end, to) - at
      if (size > 0) readSync(fd, bytes, at - start, size, at - from)
    }
    return bytes
  }

  /** Writes what is held to a file of that name: the bytes as they came, or where the oldest went the whole frames. */
  keep(name: string): void {
    const fd = openSync(name, 'w', OWNER_ONLY)
    try {
      if (this.dropped > 0) return this.rewrite(bytes => appendFileSync(fd, bytes))
      for (const bytes of this.all()) appendFileSync(fd, bytes)
    } finally {
      closeSync(fd)
    }
  }

  /** What is left begins anywhere in a record: behind the head of the capture a reader finds the first whole one. */
  private rewrite(write: (bytes: Uint8Array) => void): void {
    const reader = new CaptureReader({ frame: frame => write(writer.write(frame)), lost: () => {}, damage: () => {} })
    const writer = new CaptureWriter(reader.interfaces)
    write(writer.start())
    reader.push(this.head.subarray(0, headSize(this.head)))
    for (const bytes of this.all()) reader.push(bytes)
    reader.end()
  }

  private *all(): Generator<Uint8Array> {
    for (let at = this.dropped; at < this.size; at += COPY_SIZE) yield this.read(at, COPY_SIZE)
  }

  /** Removes everything. */
  close(): void {
    if (this.closed) return
    this.closed = true
    for (const piece of this.pieces.splice(0)) discard(piece)
  }

  /** The piece with room. */
  private piece(): Piece {
    const last = this.pieces.at(-1)
    if (last !== undefined && last.to - last.from < this.pieceSize) return last
    const piece = { ...openScratch(this.parent), from: this.size, to: this.size }
    this.pieces.push(piece)
    return piece
  }

  private forget(): void {
    while (this.held > this.limit) {
      const oldest = this.pieces.shift()
      if (oldest === undefined) return
      discard(oldest)
      this.dropped = oldest.to
    }
  }
}

/** Of pcapng (draft-ietf-opsawg-pcapng §4.2); and the least size of a block. */
const INTERFACE = 1
const SMALLEST_BLOCK = 12

/** The file header of pcap, or section and interfaces of pcapng; 0 where it is neither. */
function headSize(bytes: Uint8Array): number {
  if (bytes.length < PCAP_HEADER) return 0
  if (pcapKind(bytes, 0) !== undefined) return PCAP_HEADER
  const little = sectionOrder(bytes, 0) === true
  let at = 0
  while (at + SMALLEST_BLOCK <= bytes.length && [SECTION, INTERFACE].includes(u32in(bytes, at, little))) {
    const next = at + u32in(bytes, at + 4, little)
    if (next < at + SMALLEST_BLOCK || next > bytes.length) break
    at = next
  }
  return at
}

function discard({ fd, forget }: ScratchFile): void {
  closeSync(fd)
  forget()
}

const COPY_SIZE = 1024 * 1024
