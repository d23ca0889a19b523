/**
 * Several capture files as one: their frames by time, in one pcapng stream. Frames of the same time come in the order of the
 * files; a frame without a time comes as soon as those before it in its file have come.
 */
import { FrameFiles } from '../../base/frame-files.ts'
import type { Frame } from '../../base/line.ts'
import type { Damage } from '../damage.ts'
import type { Interface } from '../ledger.ts'
import { CaptureReader } from '../reader.ts'
import { CaptureWriter } from '../writer.ts'
import { open, type PacketSource } from './source.ts'

/** Bytes of a chunk that is handed on: many frames in one. */
const ENOUGH = 64 * 1024

/** A piece of a file in its order: a frame, or the text of a key log. */
type Piece = Frame | Uint8Array

const OVER = { done: true, value: undefined } as const

/** One file among several. */
class Part {
  readonly name: string
  readonly source: PacketSource
  /** What was read and not handed on. A chunk's worth. */
  readonly waiting: Piece[] = []
  /** Interface in this file → its index among those of all files. */
  readonly ports: number[] = []
  readonly reader: CaptureReader
  isOver = false
  private next = 0
  private readonly chunks: AsyncIterator<Uint8Array>

  constructor(source: PacketSource, onDamage: (damage: Damage) => void) {
    this.name = source.name
    this.source = source
    this.chunks = source[Symbol.asyncIterator]()
    this.reader = new CaptureReader({
      frame: frame => void this.waiting.push(frame.copy()),
      secrets: text => void this.waiting.push(text.slice()),
      lost: () => {},
      damage: onDamage,
    })
  }

  get piece(): Piece | undefined {
    return this.waiting[this.next]
  }

  take(): void {
    this.next++
    if (this.next < this.waiting.length) return
    this.waiting.length = this.next = 0
  }

  /** Reads until there is a piece, or the file is over. */
  async fill(): Promise<void> {
    while (this.piece === undefined && !this.isOver) {
      const turn = this.reader.done ? OVER : await this.chunks.next()
      if (turn.done === true) {
        this.isOver = true
        this.reader.end()
      } else this.reader.push(turn.value)
    }
  }
}

export class MergedSource implements PacketSource {
  readonly name: string
  /** Bytes of all files; undefined if one of them has no end yet. */
  readonly size: number | undefined
  readonly plain = false
  readonly damage: Damage | undefined = undefined
  readonly files: FrameFiles
  /** Called for damage of a file, with the name of the file in the message. */
  onDamage: (damage: Damage) => void = () => {}
  private readonly parts: readonly Part[]
  private readonly interfaces: Interface[] = []
  private readonly writer = new CaptureWriter(this.interfaces)
  private readonly tell: (message: string) => void
  private readonly unordered = new Set<Part>()

  constructor(sources: readonly PacketSource[], tell: (message: string) => void) {
    this.tell = tell
    this.parts = sources.map(source => new Part(source, damage => this.onDamage(named(damage, source.name))))
    this.files = new FrameFiles(sources.map(({ name }) => (name === '-' ? 'stdin' : name)))
    this.name = this.files.names.join(', ')
    const sizes = sources.map(({ size }) => size)
    this.size = sizes.includes(undefined) ? undefined : sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0)
  }

  /** Bytes of all files read so far. */
  get read(): number {
    return this.parts.reduce((sum, { source }) => sum + source.read, 0)
  }

  close(): void {
    for (const { source } of this.parts) source.close()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    let pieces: Uint8Array[] = [this.writer.start().slice()]
    let size = 0
    for (let part = await this.first(); part !== undefined; part = await this.first()) {
      const bytes = this.write(part, part.piece as Piece)
      part.take()
      pieces.push(bytes)
      size += bytes.length
      if (size < ENOUGH) continue
      yield Buffer.concat(pieces)
      pieces = []
      size = 0
    }
    if (pieces.length > 0) yield Buffer.concat(pieces)
    for (const { source } of this.parts)
      if (source.damage !== undefined) this.onDamage(named(source.damage, source.name))
  }

  /** Returns the file whose next piece comes first; undefined if all are over. */
  private async first(): Promise<Part | undefined> {
    let first: Part | undefined
    let time = Number.POSITIVE_INFINITY
    for (const part of this.parts) {
      if (part.piece === undefined) await part.fill()
      const { piece } = part
      if (piece === undefined) continue
      const at = timeOf(piece)
      if (first !== undefined && !(at < time)) continue
      first = part
      time = at
    }
    return first
  }

  private write(part: Part, piece: Piece): Uint8Array {
    if (piece instanceof Uint8Array) return this.writer.writeSecrets(piece).slice()
    this.checkOrder(part, piece)
    piece.port = part.ports[piece.port] ??= this.describe(part, piece)
    this.files.add(this.parts.indexOf(part))
    return this.writer.write(piece).slice()
  }

  private describe(part: Part, { port, link, timeDigits }: Frame): number {
    return this.interfaces.push(part.reader.interfaces[port] ?? { link, snaplen: 0, timeDigits }) - 1
  }

  /** Frames keep the order of their file: sorting would need all of it in memory. Reported once for each file. */
  private checkOrder(part: Part, frame: Frame): void {
    const before = this.latest.get(part) ?? Number.NEGATIVE_INFINITY
    const time = timeOf(frame)
    if (time > before) this.latest.set(part, time)
    if (!(time < before) || Number.isFinite(time) === false || this.unordered.has(part)) return
    this.unordered.add(part)
    const late = (before - time).toFixed(6)
    this.tell(
      `${part.name} is not in time order: its frame ${frame.number} is ${late} s earlier than a frame before it; its frames keep their order`,
    )
  }

  private readonly latest = new Map<Part, number>()
}

/** Unix seconds; before everything else what has no time. */
function timeOf(piece: Piece): number {
  if (piece instanceof Uint8Array || Number.isNaN(piece.seconds)) return Number.NEGATIVE_INFINITY
  return piece.seconds + piece.nanos / 1e9
}

const named = (damage: Damage, name: string): Damage => ({ ...damage, message: `${name}: ${damage.message}` })

/** Opens a capture file, or several as one. */
export const openInput = (input: string | readonly string[], tell: (message: string) => void): Promise<PacketSource> =>
  typeof input === 'string' ? open(input) : openMerged(input, tell)

/** Opens several capture files. Throws the SourceError of the first that cannot be opened or is no capture. */
export async function openMerged(names: readonly string[], tell: (message: string) => void): Promise<MergedSource> {
  const sources: PacketSource[] = []
  try {
    for (const name of names) sources.push(await open(name))
  } catch (cause) {
    for (const source of sources) source.close()
    throw cause
  }
  return new MergedSource(sources, tell)
}
