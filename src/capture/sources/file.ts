/**
 * Capture files, FIFOs and stdin as chunks, gzip unpacked on the way. One of the places that touch the machine.
 * Nothing is read ahead: a chunk is read when it is asked for, into memory that the next one reuses.
 */

import { closeSync, constants, fstatSync, open as openCallback, openSync, readSync } from 'node:fs'
import { Socket } from 'node:net'
import type { Readable } from 'node:stream'
import { isatty } from 'node:tty'
import { promisify } from 'node:util'
import zlib, { createInflateRaw, type InflateRaw } from 'node:zlib'
import { readReason } from '../../base/system-reason.ts'
import { type Damage, DamageCode } from '../damage.ts'
import { GZIP_START, headerSize, isGzip, LONGEST_HEADER, TRAILER_SIZE, trailerChecksum, trailerSize } from './gzip.ts'

/** Bytes per read of a file. Measured: from 256 KiB on a scan is no longer slowed by the calls; more only costs memory. */
export const CHUNK_SIZE = 256 * 1024

/**
 * Compressed bytes handed to zlib at once. When zlib finds an error it keeps to itself what it unpacked in that call,
 * so this is how much can be lost before the damage; smaller slices cost more calls (measured: 64 KiB 150 ms, 16 KiB
 * 215 ms, 4 KiB 340 ms for a million frames).
 */
const SLICE_SIZE = 16 * 1024

/** Beyond so many unpacked bytes, the ratio to the packed ones is watched; deflate reaches 1,032, captures below 100. */
const RATIO_FROM = 256 * 1024 * 1024
const LARGEST_RATIO = 500

const STDIN = 0

const EMPTY = new Uint8Array(0)

/** Node has it from 20.15 on; before, only the size that gzip states is checked. */
const checksum: typeof zlib.crc32 | undefined = zlib.crc32

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

const title = (name: string): string => (name === '-' ? 'stdin' : name)

function sourceError(name: string, cause: unknown): SourceError {
  if (cause instanceof SourceError) return cause
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'EUNKNOWN'
  return new SourceError(code, `cannot read ${title(name)}: ${readReason(cause)}`)
}

// A plain descriptor, not a FileHandle: a socket takes it over below.
const openDescriptor = promisify(openCallback)

/**
 * Opening a FIFO waits for its writer, in a thread that nothing can call back, the end of the process neither. On Linux
 * it need not: such a FIFO is silent until the first writer comes. Elsewhere it would be at its end at once.
 */
const READ = process.platform === 'linux' ? constants.O_RDONLY | constants.O_NONBLOCK : constants.O_RDONLY

/** Opens a capture file, or stdin for `-`. What cannot be opened throws a SourceError. */
export async function openFile(name: string): Promise<FileSource> {
  let fd = -1
  try {
    fd = name === '-' ? STDIN : await openDescriptor(name, READ)
    return describe(name, fd)
  } catch (cause) {
    if (fd > STDIN) closeSync(fd)
    throw sourceError(name, cause)
  }
}

function describe(name: string, fd: number): FileSource {
  const about = fstatSync(fd)
  if (about.isDirectory()) throw new SourceError('EISDIR', `cannot read ${title(name)}: it is a folder`)
  if (fd === STDIN && isatty(fd))
    throw new SourceError('ETERMINAL', 'cannot read stdin: it is a terminal, not a capture')
  if (about.isFIFO() || about.isSocket()) {
    // Waits in the event loop, so that closing it does not have to wait for a writer that is silent.
    const stream = fd === STDIN ? process.stdin : new Socket({ fd, readable: true, writable: false })
    return new FileSource(name, undefined, streamChunks(stream), () => void stream.destroy(), true)
  }
  const size = about.isFile() ? about.size : undefined
  const file = { fd, closed: false }
  return new FileSource(name, size, fileChunks(file), () => {
    file.closed = true
    if (fd !== STDIN) closeSync(fd)
  })
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
    for await (const chunk of inflater.chunks(chunks)) {
      if (this.closed) return
      yield chunk
    }
    this.damage = inflater.damage
  }
}

/** `closed`: the number of a closed descriptor may already be another file's. */
async function* fileChunks(file: { readonly fd: number; readonly closed: boolean }): AsyncGenerator<Uint8Array> {
  const buffer = new Uint8Array(CHUNK_SIZE)
  while (!file.closed) {
    const size = readSync(file.fd, buffer)
    if (size === 0) return
    yield size === buffer.length ? buffer : buffer.subarray(0, size)
  }
}

async function* streamChunks(stream: Readable): AsyncGenerator<Uint8Array> {
  for await (const chunk of stream) yield chunk as Uint8Array
}

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

/** One member's deflated bytes. */
class Member {
  checksum = 0
  size = 0
  failure: Error | undefined
  private readonly raw: InflateRaw = createInflateRaw({ chunkSize: CHUNK_SIZE })
  private written = true
  private wake: () => void = () => {}

  constructor() {
    const { raw } = this
    raw.on('readable', () => this.wake())
    raw.on('end', () => {
      this.written = true
      this.wake()
    })
    raw.on('error', failure => {
      this.failure = failure
      this.wake()
    })
  }

  /** Bytes used up so far: once ended, what follows them is not the member's. */
  get used(): number {
    return this.raw.bytesWritten
  }

  /** Unpacks a slice completely: so nothing waits in zlib that an error later could take along. */
  async *unpack(slice: Uint8Array): AsyncGenerator<Uint8Array> {
    this.written = false
    this.raw.write(slice, failure => {
      this.failure ??= failure ?? undefined
      this.written = true
      this.wake()
    })
    for (;;) {
      const chunk: Uint8Array | null = this.raw.read()
      if (chunk !== null) {
        this.size += chunk.length
        if (checksum !== undefined) this.checksum = checksum(chunk, this.checksum)
        yield chunk
      } else if (this.written || this.failure !== undefined) return
      else {
        await new Promise<void>(resolve => {
          this.wake = resolve
        })
      }
    }
  }

  close(): void {
    this.raw.destroy()
  }
}

/** gzip in, bytes out, as fast as they are asked for; several members follow each other (RFC 1952 §2.2). */
class Inflater {
  damage: Damage | undefined
  private member: Member | undefined
  /** The header or trailer that has not come whole. */
  private held: Uint8Array = EMPTY
  private trailing = false
  private members = 0
  private stopped = false
  private packed = 0
  private unpacked = 0

  async *chunks(packed: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of packed) {
        for (let at = 0; at < chunk.length; ) {
          if (this.member !== undefined && !this.trailing)
            at += yield* this.inflate(chunk.subarray(at, at + SLICE_SIZE))
          else if (this.trailing) at += this.trailer(chunk.subarray(at))
          else at += this.header(chunk.subarray(at))
          if (this.stopped) return
        }
      }
      const whole = this.member === undefined && this.held.length === 0
      if (!whole) this.report(DamageCode.TruncatedGzip, 'the compressed capture ends before its end')
    } finally {
      this.member?.close()
    }
  }

  /** Each of these returns how much of the chunk it used. */
  private async *inflate(slice: Uint8Array): AsyncGenerator<Uint8Array, number> {
    const { member } = this
    if (member === undefined) return 0
    const before = member.used
    this.packed += slice.length
    for await (const chunk of member.unpack(slice)) {
      this.unpacked += chunk.length
      yield chunk
      if (this.watchRatio()) return slice.length
    }
    const used = member.used - before
    // zlib leaves what is not the member's: that it left some is how it says that the member has ended.
    this.trailing = used < slice.length
    if (member.failure !== undefined) {
      const message = `the compressed capture is damaged (${member.failure.message}): the rest is not readable`
      this.report(DamageCode.BadGzip, message)
    }
    return used
  }

  private header(chunk: Uint8Array): number {
    const held = this.held.length
    const bytes = held === 0 ? chunk : Buffer.concat([this.held, chunk.subarray(0, LONGEST_HEADER)])
    // Zeros behind the last member are padding, as tapes have it (gzip ignores them, too).
    if (this.members > 0 && bytes.every(byte => byte === 0)) return chunk.length
    const started = bytes.length < GZIP_START || isGzip(bytes)
    const size = started ? headerSize(bytes) : 0
    if (!started || (size === 0 && bytes.length >= LONGEST_HEADER)) {
      this.report(DamageCode.BadGzip, 'what follows the gzip data is no gzip data, and was not read')
    } else if (size === 0) this.held = bytes.slice()
    else {
      this.held = EMPTY
      this.member = new Member()
    }
    return size === 0 ? chunk.length : size - held
  }

  private trailer(chunk: Uint8Array): number {
    const used = Math.min(TRAILER_SIZE - this.held.length, chunk.length)
    this.held = Buffer.concat([this.held, chunk.subarray(0, used)])
    const { member, held } = this
    if (held.length < TRAILER_SIZE || member === undefined) return used
    const sizeFits = trailerSize(held) === member.size % 2 ** 32
    const checksumFits = checksum === undefined || trailerChecksum(held) === member.checksum
    if (!sizeFits || !checksumFits) {
      this.report(DamageCode.BadGzip, 'the compressed capture does not match its checksum: something in it has changed')
      this.stopped = false // its frames are there all the same, and so may be those of the next member
    }
    member.close()
    this.member = undefined
    this.trailing = false
    this.held = EMPTY
    this.members++
    return used
  }

  private watchRatio(): boolean {
    if (this.unpacked < RATIO_FROM || this.unpacked < this.packed * LARGEST_RATIO) return false
    const message = `${this.unpacked} bytes came out of ${this.packed}: this is no capture, the rest is not unpacked`
    this.report(DamageCode.InflateRatio, message)
    return true
  }

  /** The first damage is the one that is kept. */
  private report(code: DamageCode, message: string): void {
    this.stopped = true
    this.damage ??= { code, at: this.unpacked, size: 0, message }
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
