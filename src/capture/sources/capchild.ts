/**
 * The program that libpcap.ts starts: frames from the npm module `cap` as pcapng on stdout.
 * Arguments: interface, capture filter, bytes of the kernel's buffer, frames after which to end (0: none).
 */

import { writeSync } from 'node:fs'
import { createRequire } from 'node:module'
import { byWord } from '../../base/by-word.ts'
import { Frame } from '../../base/line.ts'
import { CaptureWriter } from '../writer.ts'

/** Of `cap`: it cannot be chosen. */
const SNAPLEN = 65_535

/** Written at once at the latest when so much has gathered: under load nothing but packets gets a turn. */
const ENOUGH = 64 * 1024

/** Between being told to end and the end. */
const LAST_TURNS_MS = 50

/** A stdout that is full and does not block: asked again after so long. */
const RETRY_MS = 5

const STDOUT = 1
const MICROS = 1_000_000

/** The part of `cap` that is used. */
interface Cap {
  /** The name of the link type. Packets are put into `packet`. */
  open(device: string, filter: string, kernelBytes: number, packet: Buffer): string
  on(event: 'packet', hear: (size: number) => void): void
  close(): void
}

/** `cap`'s names → LINKTYPE_ values. */
const LINKS: Readonly<Record<string, number>> = byWord({
  NULL: 0,
  ETHERNET: 1,
  RAW: 101,
  LINKTYPE_LINUX_SLL: 113,
  IEEE802_11_RADIO: 127,
})

const TROUBLES: readonly (readonly [RegExp, string])[] = [
  [/permi/i, 'permission'],
  [/No such device/i, 'interface'],
  [/not up/i, 'down'],
  [/filter|syntax|VLAN support|unknown (?:host|port|network)/i, 'filter'],
]

function fail(cause: unknown): never {
  const message = (cause instanceof Error ? cause.message : String(cause)).replaceAll('\n', ' ')
  const kind = TROUBLES.find(([pattern]) => pattern.test(message))?.[1] ?? 'ended'
  process.stderr.write(`cap: ${kind}: ${message}\n`)
  process.exit(1)
}

/** Bytes gathered and written whole. */
class Gathered {
  private readonly bytes = new Uint8Array(2 * ENOUGH + SNAPLEN)
  private used = 0

  add(bytes: Uint8Array): void {
    if (this.used + bytes.length > this.bytes.length) this.flush()
    this.bytes.set(bytes, this.used)
    this.used += bytes.length
    if (this.used >= ENOUGH) this.flush()
  }

  readonly flush = (): void => {
    for (let at = 0; at < this.used; ) at += writeSome(this.bytes, at, this.used)
    this.used = 0
  }

  get waiting(): boolean {
    return this.used > 0
  }
}

function writeSome(bytes: Uint8Array, at: number, end: number): number {
  try {
    return writeSync(STDOUT, bytes, at, end - at)
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code !== 'EAGAIN') process.exit(0)
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MS)
    return 0
  }
}

function run(device: string, filter: string, kernelBytes: number, most: number): void {
  const packet = Buffer.alloc(SNAPLEN)
  const cap: Cap = new (createRequire(import.meta.url)('cap').Cap)()
  const link = LINKS[cap.open(device, filter, kernelBytes, packet)] ?? -1
  const writer = new CaptureWriter([{ link, snaplen: SNAPLEN, timeDigits: 6, name: device }])
  const gathered = new Gathered()
  const frame = new Frame()
  frame.bytes = packet
  frame.link = link
  const end = (): void => {
    gathered.flush()
    process.exit(0)
  }
  gathered.add(writer.start())
  gathered.flush()
  cap.on('packet', size => {
    frame.number++
    frame.end = size
    frame.wireSize = size
    const micros = Math.floor((performance.timeOrigin + performance.now()) * 1000)
    frame.seconds = Math.floor(micros / MICROS)
    frame.nanos = (micros % MICROS) * 1000
    if (!gathered.waiting) setImmediate(gathered.flush)
    gathered.add(writer.write(frame))
    if (frame.number === most) end()
  })
  // What waits in the kernel is read first, however the signal and the packets are ordered.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => setTimeout(end, LAST_TURNS_MS))
}

try {
  const [device = '', filter = '', kernelBytes = '', most = ''] = process.argv.slice(2)
  run(device, filter, Number(kernelBytes), Number(most))
} catch (cause) {
  fail(cause)
}
