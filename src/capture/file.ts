/**
 * Capture files, FIFOs and stdin as chunks, gzip unpacked on the way. One of the places that touch the machine.
 * Nothing is read ahead: a chunk is read when it is asked for, into memory that the next one reuses.
 */

import { closeSync, fstatSync, open as openCallback, openSync, readSync } from 'node:fs'
import { Socket } from 'node:net'
import type { Readable } from 'node:stream'
import { isatty } from 'node:tty'
import { promisify } from 'node:util'
import { createGunzip, type Gunzip } from 'node:zlib'
import { type Damage, DamageCode } from './damage.ts'

/** Bytes per read of a file. Measured: from 256 KiB on a scan is no longer slowed by the calls; more only costs memory. */
export const CHUNK_SIZE = 256 * 1024

/**
 * Compressed bytes handed to zlib at once. When zlib finds an error it keeps to itself what it unpacked in that call,
 * so this is how much can be lost before the damage; smaller slices cost more calls (measured: 64 KiB 150 ms, 16 KiB
 * 215 ms, 4 KiB 340 ms for a million frames).
 */
const SLICE_SIZE = 16 * 1024

/** Checksum and size end a gzip member (RFC 1952 §2.3.1): handed over alone, so that a wrong one takes no frames along. */
const TRAILER_SIZE = 8

/** Beyond so many unpacked bytes, the ratio to the packed ones is watched; deflate reaches 1,032, captures below 100. */
const RATIO_FROM = 256 * 1024 * 1024
const LARGEST_RATIO = 500

const STDIN = 0

/** What a writer of a pipe sends between being interrupted and its end, as it is when Ctrl-C meets a whole pipeline. */
const ON_ITS_WAY_MS = 300

/** The capture cannot be read. `code`: of the system (ENOENT, EACCES, EISDIR, …), or ETERMINAL for a stdin nobody pipes into. */
export class SourceError extends Error {
  override readonly name = 'SourceError'
  readonly code: string

  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}

const WHY: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'no permission to read it',
  EPERM: 'no permission to read it',
  EISDIR: 'it is a directory',
  ENOTDIR: 'a part of its path is no directory',
  EMFILE: 'too many files are open',
  ELOOP: 'its symbolic links lead in a circle',
  EIO: 'the device reports an error',
}

const title = (name: string): string => (name === '-' ? 'stdin' : name)

function sourceError(name: string, cause: unknown): SourceError {
  if (cause instanceof SourceError) return cause
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'EUNKNOWN'
  const why = WHY[code] ?? (cause instanceof Error ? cause.message : String(cause))
  return new SourceError(code, `cannot read ${title(name)}: ${why}`)
}

// A plain descriptor, not a FileHandle: a socket takes it over below. The promise, because opening a FIFO waits for its writer.
const openDescriptor = promisify(openCallback)

/** Opens a capture file, or stdin for `-`. What cannot be opened throws a SourceError. */
export async function openFile(name: string): Promise<FileSource> {
  let fd = -1
  try {
    fd = name === '-' ? STDIN : await openDescriptor(name, 'r')
    return describe(name, fd)
  } catch (cause) {
    if (fd > STDIN) closeSync(fd)
    throw sourceError(name, cause)
  }
}

function describe(name: string, fd: number): FileSource {
  const about = fstatSync(fd)
  if (about.isDirectory()) throw new SourceError('EISDIR', `cannot read ${title(name)}: ${WHY.EISDIR}`)
  if (fd === STDIN && isatty(fd))
    throw new SourceError('ETERMINAL', 'cannot read stdin: it is a terminal, not a capture')
  if (about.isFIFO() || about.isSocket()) {
    // Waits in the event loop, so that closing it does not have to wait for a writer that is silent.
    const stream = fd === STDIN ? process.stdin : new Socket({ fd, readable: true, writable: false })
    return new FileSource(name, undefined, streamChunks(stream), () => void stream.destroy(), true)
  }
  const size = about.isFile() ? about.size : undefined
  return new FileSource(name, size, fileChunks(fd), () => (fd === STDIN ? undefined : closeSync(fd)))
}

export class FileSource implements AsyncIterable<Uint8Array> {
  readonly name: string
  readonly size: number | undefined
  read = 0
  plain = false
  damage: Damage | undefined
  /** Of a pipe: it may still be growing. */
  readonly stop?: () => void
  private readonly chunks: AsyncIterable<Uint8Array>
  private readonly release: () => void
  private closed = false

  constructor(
    name: string,
    size: number | undefined,
    chunks: AsyncIterable<Uint8Array>,
    release: () => void,
    growing = false,
  ) {
    this.name = name
    this.size = size
    this.chunks = chunks
    this.release = release
    if (growing) this.stop = () => this.endSoon()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    try {
      const counted = this.count(withStart(this.chunks))
      const first = await counted.next()
      if (first.done) return
      const chunks = rejoin(first.value, counted)
      if (isGzip(first.value)) yield* this.unpack(chunks)
      else {
        this.plain = this.size !== undefined && this.name !== '-'
        yield* chunks
      }
    } catch (cause) {
      if (!this.closed) throw sourceError(this.name, cause)
    } finally {
      this.close()
    }
  }

  close(): void {
    if (this.closed) return
    this.closed = true
    this.release()
  }

  private endSoon(): void {
    setTimeout(() => this.close(), ON_ITS_WAY_MS)
  }

  private async *count(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      if (this.closed) return
      this.read += chunk.length
      yield chunk
    }
  }

  private async *unpack(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    const inflater = new Inflater()
    for await (const chunk of inflater.chunks(chunks)) yield chunk
    this.damage = inflater.damage
  }
}

async function* fileChunks(fd: number): AsyncGenerator<Uint8Array> {
  const buffer = new Uint8Array(CHUNK_SIZE)
  for (let size = readSync(fd, buffer); size > 0; size = readSync(fd, buffer)) {
    yield size === buffer.length ? buffer : buffer.subarray(0, size)
  }
}

async function* streamChunks(stream: Readable): AsyncGenerator<Uint8Array> {
  for await (const chunk of stream) yield chunk as Uint8Array
}

/** Three bytes tell gzip (RFC 1952 §2.3.1); a pipe may hand over fewer at first. */
const GZIP_START = 3

const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b && bytes[2] === 8

/** The same chunks, the first of them long enough to tell what it is. */
async function* withStart(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let start: Uint8Array | undefined = new Uint8Array(0)
  for await (const chunk of chunks) {
    if (start === undefined) yield chunk
    else {
      const longer: Uint8Array = start.length === 0 ? chunk : Buffer.concat([start, chunk])
      if (longer.length < GZIP_START) start = longer.slice()
      else {
        start = undefined
        yield longer
      }
    }
  }
  if (start !== undefined && start.length > 0) yield start
}

async function* rejoin(first: Uint8Array, others: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield first
  yield* others
}

/** gzip in, bytes out, as fast as they are asked for; several members follow each other (RFC 1952 §2.2). */
class Inflater {
  damage: Damage | undefined
  private readonly gunzip: Gunzip = createGunzip({ chunkSize: CHUNK_SIZE })
  private failure: Error | undefined
  private ended = false
  private written = true
  private packed = 0
  private unpacked = 0
  private wake: () => void = () => {}

  constructor() {
    const { gunzip } = this
    gunzip.on('readable', () => this.wake())
    gunzip.on('end', () => {
      this.ended = true
      this.wake()
    })
    gunzip.on('error', failure => {
      this.failure = failure
      this.wake()
    })
  }

  async *chunks(packed: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of packed) {
        const trailer = Math.max(chunk.length - TRAILER_SIZE, 0)
        for (let at = 0, next = 0; at < chunk.length; at = next) {
          next = at < trailer ? Math.min(at + SLICE_SIZE, trailer) : chunk.length
          yield* this.slice(chunk.subarray(at, next))
          if (this.damage !== undefined) return
        }
      }
      // Only now, with everything unpacked and read: an end too early is an error that would drop what was not.
      this.gunzip.end()
      yield* this.drain(() => this.ended)
    } finally {
      this.gunzip.destroy()
    }
  }

  private async *slice(slice: Uint8Array): AsyncGenerator<Uint8Array> {
    this.packed += slice.length
    this.written = false
    this.gunzip.write(slice, () => {
      this.written = true
      this.wake()
    })
    yield* this.drain(() => this.written)
    if (this.ended) this.tell(DamageCode.BadGzip, 'what follows the gzip data is no gzip data, and was not read')
  }

  private async *drain(isDone: () => boolean): AsyncGenerator<Uint8Array> {
    while (this.damage === undefined) {
      const chunk: Uint8Array | null = this.gunzip.read()
      if (chunk !== null) {
        this.unpacked += chunk.length
        yield chunk
        this.watchRatio()
      } else if (this.failure !== undefined) this.fail(this.failure)
      else if (this.ended || isDone()) return
      else {
        await new Promise<void>(resolve => {
          this.wake = resolve
        })
      }
    }
  }

  private fail(failure: Error): void {
    const cut = 'code' in failure && failure.code === 'Z_BUF_ERROR'
    if (cut) this.tell(DamageCode.TruncatedGzip, 'the compressed capture ends before its end')
    else
      this.tell(DamageCode.BadGzip, `the compressed capture is damaged (${failure.message}): the rest is not readable`)
  }

  private watchRatio(): void {
    if (this.unpacked < RATIO_FROM || this.unpacked < this.packed * LARGEST_RATIO) return
    const message = `${this.unpacked} bytes came out of ${this.packed}: this is no capture, the rest is not unpacked`
    this.tell(DamageCode.InflateRatio, message)
  }

  private tell(code: DamageCode, message: string): void {
    this.damage = { code, at: this.unpacked, size: 0, message }
  }
}

/** Reads a file again at any position, for bytes shown long after they went by. */
export interface Reread {
  /** Fewer bytes than asked for where the file ends. */
  read(position: number, length: number): Uint8Array
  close(): void
}

export function openAgain(name: string): Reread {
  try {
    const fd = openSync(name, 'r')
    return { read: (position, length) => readAt(fd, name, position, length), close: () => closeSync(fd) }
  } catch (cause) {
    throw sourceError(name, cause)
  }
}

function readAt(fd: number, name: string, position: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  let size = 0
  try {
    while (size < length) {
      const more = readSync(fd, bytes, size, length - size, position + size)
      if (more === 0) break
      size += more
    }
  } catch (cause) {
    throw sourceError(name, cause)
  }
  return bytes.subarray(0, size)
}
