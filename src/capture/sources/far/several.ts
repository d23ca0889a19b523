/**
 * Several live captures as one: the frames of each, in the order in which they come, in one pcapng stream. The clocks of
 * two machines differ, so nothing is sorted by time.
 */
import type { Damage } from '../../damage.ts'
import type { Interface } from '../../ledger.ts'
import { CaptureReader } from '../../reader.ts'
import { CaptureWriter } from '../../writer.ts'
import { LiveError } from '../backend.ts'
import type { Drops, Live, LiveOptions } from '../live-capture.ts'

/** One capture among several, with a reader of its own. */
interface Part {
  readonly source: Live
  readonly reader: CaptureReader
  readonly chunks: AsyncIterator<Uint8Array>
  /** Port of a frame in this capture → its index among the interfaces of all. */
  readonly ports: number[]
}

/** What came of asking a part for its next chunk. */
interface Turn {
  readonly part: Part
  readonly chunk: Uint8Array | undefined
  readonly failure: unknown
}

export class Several implements Live {
  readonly name: string
  readonly size = undefined
  readonly plain = false
  readonly damage: Damage | undefined = undefined
  isPartial = false
  read = 0
  private readonly options: Pick<LiveOptions, 'frames' | 'tell'>
  private readonly parts: readonly Part[]
  private readonly interfaces: Interface[] = []
  private readonly writer = new CaptureWriter(this.interfaces)
  private pieces: Uint8Array[] = []
  private frames = 0
  /** At most one of each part. */
  private readonly arrived: Turn[] = []
  private wake: () => void = () => {}

  constructor(sources: readonly Live[], options: Pick<LiveOptions, 'frames' | 'tell'>) {
    this.name = sources.map(({ name }) => name).join(', ')
    this.options = options
    this.parts = sources.map(source => this.part(source))
  }

  private part(source: Live): Part {
    const sink = {
      frame: (frame: Parameters<CaptureWriter['write']>[0]) => {
        if (this.isFull) return
        this.frames++
        const { port } = frame
        frame.port = ports[port] ??= this.describe(source, reader.interfaces[port])
        this.pieces.push(this.writer.write(frame).slice())
        frame.port = port
      },
      lost: () => {},
      damage: ({ message }: Damage) => this.options.tell(`${source.name}: ${message}`),
    }
    const ports: number[] = []
    const reader = new CaptureReader(sink)
    return { source, reader, ports, chunks: source[Symbol.asyncIterator]() }
  }

  /** Frames of another machine are named after the interface as it was typed. */
  private describe(source: Live, from: Interface | undefined): number {
    const { link, snaplen, timeDigits, name } = from ?? { link: -1, snaplen: 0, timeDigits: 9, name: undefined }
    const known = source.name.includes('://') ? source.name : name
    return this.interfaces.push({ link, snaplen, timeDigits, name: known ?? source.name }) - 1
  }

  private get isFull(): boolean {
    return this.frames >= (this.options.frames ?? Number.POSITIVE_INFINITY)
  }

  get drops(): Drops | undefined {
    const known = this.parts.flatMap(({ source }) => source.drops ?? [])
    if (known.length === 0) return undefined
    return {
      frames: known.reduce((sum, { frames }) => sum + frames, 0),
      halved: known.some(({ halved }) => halved),
      atMost: known.some(({ atMost }) => atMost),
    }
  }

  get absent(): readonly string[] {
    return this.parts.flatMap(({ source }) => source.absent)
  }

  stop(): void {
    for (const { source } of this.parts) source.stop()
  }

  close(): void {
    for (const { source } of this.parts) source.close()
  }

  /** A chunk is valid for good. Throws the LiveError of the last capture if all have ended by themselves. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for (const part of this.parts) this.ask(part)
    try {
      yield this.counted(this.writer.start().slice())
      for (let going = this.parts.length; going > 0 && !this.isFull; ) {
        const { part, chunk, failure } = await this.turn()
        if (chunk === undefined) going--
        else this.ask(part, chunk)
        if (chunk === undefined && part.reader.bytes > 0) part.reader.end()
        yield* this.ready()
        if (failure !== undefined) this.report(failure, going > 0)
      }
    } finally {
      this.close()
    }
  }

  /** Reads a chunk, which is valid until the next one is asked for, and asks for that. */
  private ask(part: Part, chunk?: Uint8Array): void {
    if (chunk !== undefined) part.reader.push(chunk)
    const arrive = (next: Uint8Array | undefined, failure?: unknown): void => {
      this.arrived.push({ part, chunk: next, failure })
      this.wake()
    }
    part.chunks.next().then(
      ({ value, done }) => arrive(done === true ? undefined : value),
      (cause: unknown) => arrive(undefined, cause),
    )
  }

  /** Waits for a chunk, or an end. A race of promises would keep a reaction for each turn of the others. */
  private async turn(): Promise<Turn> {
    for (;;) {
      const turn = this.arrived.shift()
      if (turn !== undefined) return turn
      await new Promise<void>(resolve => {
        this.wake = resolve
      })
    }
  }

  /** Reports that one capture has ended by itself. Throws its failure if it was the last one, or a fault of ours. */
  private report(failure: unknown, goOn: boolean): void {
    if (!(goOn && failure instanceof LiveError)) throw failure
    this.isPartial = true
    this.options.tell(`${failure.message}; the other captures go on`)
  }

  private *ready(): Generator<Uint8Array> {
    if (this.pieces.length === 0) return
    const [only] = this.pieces
    const chunk = this.pieces.length === 1 && only !== undefined ? only : Buffer.concat(this.pieces)
    this.pieces = []
    yield this.counted(chunk)
  }

  private counted(chunk: Uint8Array): Uint8Array {
    this.read += chunk.length
    return chunk
  }
}
