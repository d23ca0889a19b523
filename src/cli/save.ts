/** Frames saved as they are seen: a capture file of our own, or a ring of them, every write checked. */
import { type Stats, statSync, unlinkSync } from 'node:fs'
import { parse } from 'node:path'
import { u32le } from '../base/bytes.ts'
import type { Frame } from '../base/line.ts'
import { utf8 } from '../base/strings.ts'
import type { Interface } from '../capture/reader.ts'
import { CaptureWriter } from '../capture/writer.ts'
import { harmless } from '../text/sanitize.ts'
import { OutputError, OutputFile } from './output.ts'

/** `-b`: files of about so many bytes, the oldest removed beyond so many files. */
export interface Ring {
  readonly fileSize: number
  readonly files: number
}

/** True where both names are one file: saving would wipe what is to be read. */
export function isSameFile(a: string, b: string): boolean {
  const [one, other] = [a, b].map(statOf)
  return one?.isFile() === true && one.dev === other?.dev && one.ino === other.ino
}

/** Returns the system's facts of a file; undefined if it cannot be looked at, which opening it will tell. */
function statOf(name: string): Stats | undefined {
  try {
    return statSync(name, { throwIfNoEntry: false })
  } catch {
    return undefined
  }
}

/** Bytes of one file, waiting to be written. */
interface Part {
  readonly name: string
  bytes: Uint8Array
  size: number
}

const SMALLEST_PART = 64 * 1024

/** Most characters of a key log that each file of a ring begins with: the secrets of about a thousand connections. */
const MOST_RING_SECRETS = 1024 * 1024

/** A packet block of pcapng is at least this long: type, length, and the length again. */
const SMALLEST_BLOCK = 12

export class Saver {
  /** Bytes written whole, over all files. */
  written = 0
  /** True once a write failed: nothing more is written, and what was is whole. */
  failed = false
  private readonly name: string
  private readonly ring: Ring | undefined
  private readonly interfaces: readonly Interface[]
  private readonly names: string[] = []
  private made = 0
  private writer: CaptureWriter | undefined
  private parts: Part[] = []
  private file: OutputFile | undefined
  /** Lines of a key log that wait for the next frame, and in a ring those that were written. */
  private waitingSecrets = ''
  private allSecrets = ''
  /** Of the file that frames go to now, written or waiting. */
  private fileSize = 0

  /**
   * Opens the file at once, so that a wrong name is told before anything is captured; once drained it is a capture,
   * though an empty one. `interfaces`: the reader's, read as frames come.
   */
  constructor(name: string, interfaces: readonly Interface[], ring?: Ring) {
    this.name = name
    this.interfaces = interfaces
    this.ring = ring
    if (ring !== undefined) return
    this.file = new OutputFile(name)
    this.add(this.begin(0).start())
  }

  /** Lines of a key log that open what is saved: written before the next frame, and at the beginning of each further file of a ring. */
  secrets(lines: string): void {
    this.waitingSecrets += lines
  }

  frame(frame: Frame): void {
    if (this.failed) return
    const isFull = this.ring !== undefined && this.fileSize >= this.ring.fileSize
    const writer = this.writer === undefined || isFull ? this.begin(frame.seconds) : this.writer
    this.addSecrets(writer)
    this.add(writer.write(frame))
  }

  /** Writes what waits. `last`: nothing more will come. Rejects with an OutputError, once. */
  async drain(last: boolean): Promise<void> {
    if (this.failed) return
    if (last && this.writer === undefined) this.add(this.begin(0).start())
    if (last && this.writer !== undefined) this.addSecrets(this.writer)
    const { parts } = this
    const current = parts.at(-1)
    this.parts =
      current === undefined || last ? [] : [{ name: current.name, bytes: new Uint8Array(SMALLEST_PART), size: 0 }]
    try {
      for (const role of parts) await this.write(role)
      if (last) this.file?.close()
    } catch (cause) {
      this.failed = true
      this.parts = []
      throw cause
    }
  }

  /** The next file. */
  private begin(seconds: number): CaptureWriter {
    this.fileSize = 0
    this.parts.push({ name: this.nextName(seconds), bytes: new Uint8Array(SMALLEST_PART), size: 0 })
    this.writer = new CaptureWriter(this.interfaces, harmless)
    if (this.ring !== undefined) {
      this.waitingSecrets = this.allSecrets + this.waitingSecrets
      this.allSecrets = ''
    }
    return this.writer
  }

  /** In a ring the newest lines are kept for the next file, up to a limit. */
  private addSecrets(writer: CaptureWriter): void {
    const lines = this.waitingSecrets
    if (lines === '') return
    this.waitingSecrets = ''
    this.add(writer.writeSecrets(utf8(lines)))
    if (this.ring === undefined) return
    const all = this.allSecrets + lines
    this.allSecrets =
      all.length <= MOST_RING_SECRETS ? all : all.slice(all.indexOf('\n', all.length - MOST_RING_SECRETS) + 1)
  }

  /** As dumpcap names the files of a ring: number, time of the first frame. */
  private nextName(seconds: number): string {
    this.made++
    if (this.ring === undefined) return this.name
    const { dir, name, ext } = parse(this.name)
    const time = new Date(seconds * 1000).toISOString().replace(/\D/g, '').slice(0, 14)
    return `${dir === '' ? '' : `${dir}/`}${name}_${String(this.made).padStart(5, '0')}_${time}${ext}`
  }

  private add(bytes: Uint8Array): void {
    const role = this.parts.at(-1)
    if (role === undefined) return
    if (role.size + bytes.length > role.bytes.length) {
      const larger = new Uint8Array((role.size + bytes.length) * 2)
      larger.set(role.bytes.subarray(0, role.size))
      role.bytes = larger
    }
    role.bytes.set(bytes, role.size)
    role.size += bytes.length
    this.fileSize += bytes.length
  }

  private async write(role: Part): Promise<void> {
    if (this.file?.name !== role.name) this.turn(role.name)
    const { file } = this
    if (file === undefined || role.size === 0) return
    const before = file.written
    const bytes = role.bytes.subarray(0, role.size)
    try {
      await file.write(bytes)
    } catch (cause) {
      file.cut(before + wholeBlocks(bytes, file.written - before))
      throw cause
    } finally {
      this.written += file.written - before
    }
  }

  /** The next file of the ring; the oldest goes. */
  private turn(name: string): void {
    this.file?.close()
    this.file = new OutputFile(name)
    this.names.push(name)
    const { ring } = this
    if (ring === undefined || this.names.length <= ring.files) return
    const oldest = this.names.shift()
    try {
      if (oldest !== undefined) unlinkSync(oldest)
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'ENOENT')
        throw new OutputError(oldest ?? '', cause as NodeJS.ErrnoException)
    }
  }
}

/** How many of the first `size` bytes are whole blocks. */
function wholeBlocks(bytes: Uint8Array, size: number): number {
  let at = 0
  while (at + SMALLEST_BLOCK <= size) {
    const next = at + u32le(bytes, at + 4)
    if (next > size) break
    at = next
  }
  return at
}
