/** Where output goes: text gathered, written when there is enough, never more held than one chunk of input makes. */
import { closeSync, ftruncateSync, openSync, write } from 'node:fs'
import { writeReason } from '../base/system-reason.ts'
import { OWNER_ONLY } from '../capture/sources/scratch.ts'

/** Text is handed to the system in pieces of at least this many characters. */
const ENOUGH = 64 * 1024
/** Bytes that a character of a string takes at most. */
const MOST_UTF8 = 3
/** A pipe that is full and does not block says EAGAIN: asked again after so long. */
const RETRY_MS = 5

/** The output cannot be written. `code` is the system's (ENOSPC, EPIPE, …). */
export class OutputError extends Error {
  override readonly name = 'OutputError'
  readonly code: string

  constructor(name: string, cause: NodeJS.ErrnoException) {
    super(`cannot write ${name}: ${writeReason(cause)}`)
    this.code = cause.code ?? ''
  }
}

export class Output {
  private text = ''
  /** What came before `text`, where bytes that are no text came between. */
  private before: Uint8Array[] = []
  private held = 0
  /** Used again for each piece: new ones would wait for the collector, megabytes at a time. */
  private buffer = Buffer.alloc(0)
  private readonly fd: number
  private readonly name: string
  private readonly enough: number

  /** `enough`: characters gathered before `drain` writes; 0 writes at each. */
  constructor(fd: number, name: string, enough = ENOUGH) {
    this.fd = fd
    this.name = name
    this.enough = enough
  }

  readonly write = (text: string): void => {
    this.text += text
  }

  /** Bytes as they are, behind all that was written before; they are copied. */
  readonly writeBytes = (bytes: Uint8Array): void => {
    if (this.text !== '') this.before.push(Buffer.from(this.text, 'utf8'))
    this.before.push(bytes.slice())
    this.held += this.text.length + bytes.length
    this.text = ''
  }

  /** Writes what was gathered, if it is enough or `all` is asked for. Rejects with an OutputError. */
  async drain(all = false): Promise<void> {
    const gathered = this.held + this.text.length
    if (gathered === 0 || (!all && gathered < this.enough)) return
    if (this.held > 0) {
      const bytes = Buffer.concat(this.before)
      this.before = []
      this.held = 0
      await writeAll(this.fd, bytes, this.name)
    }
    const most = this.text.length * MOST_UTF8
    if (most > this.buffer.length) this.buffer = Buffer.allocUnsafeSlow(most)
    const size = this.buffer.write(this.text, 'utf8')
    this.text = ''
    await writeAll(this.fd, this.buffer.subarray(0, size), this.name)
  }
}

/** A file of our own, its writes checked. Where it is made, only this user can read it: captures hold passwords. */
export class OutputFile {
  readonly name: string
  /** Bytes written so far. */
  written = 0
  private readonly fd: number

  constructor(name: string) {
    this.name = name
    try {
      this.fd = openSync(name, 'w', OWNER_ONLY)
    } catch (cause) {
      throw new OutputError(name, cause as NodeJS.ErrnoException)
    }
  }

  async write(bytes: Uint8Array): Promise<void> {
    await writeAll(this.fd, bytes, this.name, size => {
      this.written += size
    })
  }

  /** Gives up what stands behind `size`, after a write that failed. A device that cannot be cut has nothing to cut. */
  cut(size: number): void {
    this.written = size
    try {
      ftruncateSync(this.fd, size)
    } catch {
      // The failed write is told already.
    }
  }

  close(): void {
    try {
      closeSync(this.fd)
    } catch (cause) {
      throw new OutputError(this.name, cause as NodeJS.ErrnoException)
    }
  }
}

async function writeAll(
  fd: number,
  bytes: Uint8Array,
  name: string,
  wrote: (size: number) => void = () => {},
): Promise<void> {
  let at = 0
  while (at < bytes.length) {
    const result = await writeSome(fd, bytes, at)
    if (typeof result === 'number') {
      at += result
      wrote(result)
    } else if (result.code === 'EAGAIN') await new Promise(resolve => setTimeout(resolve, RETRY_MS))
    else throw new OutputError(name, result)
  }
}

const writeSome = (fd: number, bytes: Uint8Array, at: number): Promise<number | NodeJS.ErrnoException> =>
  new Promise(resolve => write(fd, bytes, at, bytes.length - at, null, (error, size) => resolve(error ?? size)))
