/** Key logs of TLS on disk: read whole before a file is read, and again and again while something is captured. */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { readReason } from '../../base/system-reason.ts'
import type { PacketSource } from './source.ts'

/** Milliseconds between two looks at key logs that may grow. Watching them is not reliable on every file system. */
const POLL_MS = 200
/** Bytes read of one key log at a time. */
const PIECE = 256 * 1024
/** Bytes read of one key log in one look while something is captured: what is more comes with the next. */
const MOST_A_LOOK = 4 * 1024 * 1024
/** Windows has no such flag. */
const NONBLOCK = constants.O_NONBLOCK ?? 0

const EMPTY = new Uint8Array(0)

/** Takes the text of one key log. */
export interface KeyLogSink {
  push(bytes: Uint8Array): void
  /** The file was replaced or cut short: what comes next is its beginning. */
  restart(): void
  /** No more will come: a last line without an end counts. */
  end(): void
}

/** A key log that cannot be used. */
export class KeyLogError extends Error {
  /** True if there is no such file, which may still come. */
  readonly isAbsent: boolean
  /** True for what is no regular file, and can never be read as one. */
  readonly isUnusable: boolean

  constructor(message: string, kind: 'absent' | 'unreadable' | 'unusable') {
    super(message)
    this.isAbsent = kind === 'absent'
    this.isUnusable = kind === 'unusable'
  }
}

/** One file. */
class KeyLogFile {
  /** Identity of the file that was read, and how far. */
  private identity = ''
  private read = 0
  private readonly name: string
  private readonly sink: KeyLogSink

  constructor(name: string, sink: KeyLogSink) {
    this.name = name
    this.sink = sink
  }

  /** Reads at most so many new bytes. Returns how many came. Throws a KeyLogError if the file cannot be read. */
  look(most: number): number {
    const fd = this.open()
    try {
      const stats = fstatSync(fd)
      if (!stats.isFile()) throw new KeyLogError(`${this.name} is not a regular file`, 'unusable')
      const identity = `${stats.dev}:${stats.ino}`
      if (identity !== this.identity || stats.size < this.read) {
        this.sink.restart()
        this.read = 0
      }
      this.identity = identity
      return this.readNew(fd, most)
    } finally {
      closeSync(fd)
    }
  }

  end(): void {
    this.sink.end()
  }

  private open(): number {
    try {
      // Opening a named pipe would wait for somebody who writes to it.
      return openSync(this.name, constants.O_RDONLY | NONBLOCK)
    } catch (cause) {
      throw this.unreadable(cause as NodeJS.ErrnoException)
    }
  }

  /** Reads the bytes behind those that were read. Throws a KeyLogError if the file was opened and cannot be read. */
  private readPiece(fd: number, piece: Uint8Array): number {
    try {
      return readSync(fd, piece, 0, piece.length, this.read)
    } catch (cause) {
      throw this.unreadable(cause as NodeJS.ErrnoException)
    }
  }

  private unreadable(cause: NodeJS.ErrnoException): KeyLogError {
    const kind = cause.code === 'ENOENT' ? 'absent' : 'unreadable'
    return new KeyLogError(`cannot read the key log ${this.name}: ${readReason(cause)}`, kind)
  }

  private readNew(fd: number, most: number): number {
    const piece = new Uint8Array(PIECE)
    let count = 0
    while (count < most) {
      const size = this.readPiece(fd, piece)
      if (size === 0) break
      this.read += size
      count += size
      this.sink.push(piece.subarray(0, size))
    }
    return count
  }
}

/** All key logs that were named. */
export class KeyLogs {
  private readonly files: readonly KeyLogFile[]

  /** `open` makes who takes the text of one file. */
  constructor(names: readonly string[], open: () => KeyLogSink) {
    this.files = names.map(name => new KeyLogFile(name, open()))
  }

  get isEmpty(): boolean {
    return this.files.length === 0
  }

  /** Reads all of them to their end. Throws a KeyLogError if one cannot be read. */
  readAll(): void {
    for (const file of this.files) {
      file.look(Number.POSITIVE_INFINITY)
      file.end()
    }
  }

  /**
   * Reads all there is, and waits for those that are not there yet. Returns what to say of them. Throws a KeyLogError for a
   * file that can never be read.
   */
  begin(): readonly string[] {
    return this.files.flatMap(file => {
      try {
        file.look(Number.POSITIVE_INFINITY)
        return []
      } catch (cause) {
        if (!(cause instanceof KeyLogError && cause.isAbsent)) throw cause
        return [`${cause.message}; it is waited for`]
      }
    })
  }

  /** The capture is over: reads what is left of all of them. Returns true if there are any. */
  finish(): boolean {
    for (const file of this.files) {
      try {
        file.look(Number.POSITIVE_INFINITY)
      } catch (cause) {
        if (!(cause instanceof KeyLogError)) throw cause
      }
      file.end()
    }
    return this.files.length > 0
  }

  /** Reads what is new. Returns true if anything was. What cannot be read now may be later. */
  look(): boolean {
    let isNew = false
    for (const file of this.files) {
      try {
        if (file.look(MOST_A_LOOK) > 0) isNew = true
      } catch (cause) {
        if (!(cause instanceof KeyLogError)) throw cause
      }
    }
    return isNew
  }
}

/**
 * The chunks of a source whose key logs may grow: they are looked at before each chunk and, while nothing comes, every so
 * often. Then a chunk without bytes says that packets may have come from what had waited for its keys.
 */
export function withKeyLogs(source: PacketSource, keyLogs: KeyLogs | undefined): AsyncIterable<Uint8Array> {
  return keyLogs === undefined || keyLogs.isEmpty ? source : chunksOf(source, keyLogs)
}

async function* chunksOf(source: PacketSource, keyLogs: KeyLogs): AsyncGenerator<Uint8Array> {
  const chunks = source[Symbol.asyncIterator]()
  try {
    let next = chunks.next()
    for (;;) {
      const came = await Promise.race([next, pause()])
      const isOver = came?.done === true
      if (isOver ? keyLogs.finish() : keyLogs.look()) yield EMPTY
      if (came === undefined) continue
      if (isOver) return
      yield came.value
      next = chunks.next()
    }
  } finally {
    await chunks.return?.()
  }
}

const pause = (): Promise<undefined> => delay(POLL_MS, undefined, { ref: false })
