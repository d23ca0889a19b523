/**
 * A capture file whose frames come when their time has come, at the pace of the capture or another one: for eyes, for
 * demonstrations, and for programs that are fed by a live capture.
 */
import type { FrameFiles } from '../../base/frame-files.ts'
import type { Frame } from '../../base/line.ts'
import type { Damage } from '../damage.ts'
import { CaptureReader } from '../reader.ts'
import { CaptureWriter } from '../writer.ts'
import type { PacketSource } from './source.ts'

/** Steps of the clock back, or further than this many seconds ahead, count as nothing. */
const LONGEST_STEP_S = 3600
export const FASTEST = 1024
export const SLOWEST = 1 / 64
/** Bytes of frames of one time that are handed on in one chunk. */
const ENOUGH = 64 * 1024

/** How time passes; a clock of its own in tests. */
export interface PaceClock {
  /** Milliseconds. */
  now(): number
  /** Calls back after so many milliseconds; the result calls it off. */
  after(ms: number, call: () => void): () => void
}

const MACHINE: PaceClock = {
  now: () => performance.now(),
  after(ms, call) {
    const timer = setTimeout(call, Math.min(ms, 2 ** 31 - 1))
    return () => clearTimeout(timer)
  },
}

export interface Pace {
  /** 1: as it happened; 2: twice as fast. */
  readonly factor: number
  /** Most seconds of a pause; longer ones are cut, and reported. */
  readonly longestPause?: number | undefined
}

/** Returns the source itself without a pace. */
export const paced = (source: PacketSource, pace: Pace | undefined, tell: (message: string) => void): PacketSource =>
  pace === undefined ? source : new PacedSource(source, pace, tell)

export class PacedSource implements PacketSource {
  readonly name: string
  readonly size = undefined
  readonly plain = false
  read = 0
  private readonly source: PacketSource
  private readonly longestPause: number
  private readonly tell: (message: string) => void
  private readonly clock: PaceClock
  private readonly reader: CaptureReader
  private readonly writer: CaptureWriter
  /** What was read and not handed on: frames, and texts of key logs, in their order. */
  private pieces: (Frame | Uint8Array)[] = []
  private factor: number
  private isHeld = false
  private isOver = false
  private steps = 0
  /** Seconds of the capture that have passed, without cut pauses, at `since` by the clock. */
  private position = 0
  private since: number
  /** When the last frame was due, in seconds of the capture, and its own time. */
  private due = 0
  private last = Number.NaN
  private wake: () => void = () => {}

  constructor(source: PacketSource, pace: Pace, tell: (message: string) => void, clock = MACHINE) {
    this.source = source
    this.name = source.name
    this.factor = pace.factor
    this.longestPause = pace.longestPause ?? Number.POSITIVE_INFINITY
    this.tell = tell
    this.clock = clock
    this.since = clock.now()
    this.reader = new CaptureReader({
      frame: frame => void this.pieces.push(frame.copy()),
      secrets: text => void this.pieces.push(text.slice()),
      lost: () => {},
      damage: damage => this.onDamage?.(damage),
    })
    this.writer = new CaptureWriter(this.reader.interfaces)
  }

  /** Called for damage of the file. */
  onDamage?: (damage: Damage) => void

  get damage(): Damage | undefined {
    return this.source.damage
  }

  get files(): FrameFiles | undefined {
    return (this.source as { readonly files?: FrameFiles }).files
  }

  get pace(): number {
    return this.factor
  }

  get isPaused(): boolean {
    return this.isHeld
  }

  /** Makes it faster or slower; pauses that have begun go on at the new pace. */
  scale(by: number): void {
    this.pass()
    this.factor = Math.min(FASTEST, Math.max(SLOWEST, this.factor * by))
    this.wake()
  }

  /** Stops, or goes on. */
  hold(): void {
    this.pass()
    this.isHeld = !this.isHeld
    this.wake()
  }

  /** While it is stopped: lets the next frame through. */
  step(): void {
    if (!this.isHeld) return
    this.steps++
    this.wake()
  }

  stop(): void {
    this.isOver = true
    this.wake()
  }

  close(): void {
    this.stop()
    this.source.close()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    yield this.counted(this.writer.start().slice())
    for await (const chunk of this.source) {
      this.reader.push(chunk)
      yield* this.play()
      if (this.isOver || this.reader.done) return
    }
    this.reader.end()
    yield* this.play()
  }

  /** Hands on what was read, each frame at its time. */
  private async *play(): AsyncGenerator<Uint8Array> {
    const read = this.pieces
    this.pieces = []
    let pieces: Uint8Array[] = []
    let size = 0
    for (const piece of read) {
      if (piece instanceof Uint8Array) {
        pieces.push(this.writer.writeSecrets(piece).slice())
        continue
      }
      this.schedule(piece)
      const wait = this.wait()
      if (pieces.length > 0 && (wait > 0 || size >= ENOUGH)) {
        yield this.counted(Buffer.concat(pieces))
        pieces = []
        size = 0
      }
      if (wait > 0) await this.untilDue()
      if (this.isOver) return
      const bytes = this.writer.write(piece).slice()
      pieces.push(bytes)
      size += bytes.length
    }
    if (pieces.length > 0) yield this.counted(Buffer.concat(pieces))
  }

  /** Sets when the frame is due. */
  private schedule({ seconds, nanos }: Frame): void {
    if (Number.isNaN(seconds)) return
    const time = seconds + nanos / 1e9
    const passed = Number.isNaN(this.last) ? 0 : time - this.last
    this.last = time
    if (!(passed > 0) || passed > LONGEST_STEP_S) return
    this.due += Math.min(passed, this.longestPause)
    if (passed > this.longestPause) this.tell(`a pause of ${passed.toFixed(1)} s was cut to ${this.longestPause} s`)
  }

  /** Lets the seconds of the capture pass that have passed by the clock. */
  private pass(): void {
    const now = this.clock.now()
    if (!this.isHeld) this.position += ((now - this.since) / 1000) * this.factor
    this.since = now
  }

  /** Returns the milliseconds until the frame is due. */
  private wait(): number {
    this.pass()
    if (this.isHeld) return Number.POSITIVE_INFINITY
    return ((this.due - this.position) * 1000) / this.factor
  }

  private async untilDue(): Promise<void> {
    for (let wait = this.wait(); wait > 0 && !this.isOver; wait = this.wait()) {
      if (this.isHeld && this.steps > 0) {
        this.steps--
        // Time stands at this frame: going on, the next one comes after its own pause.
        this.position = this.due
        return
      }
      await new Promise<void>(resolve => {
        const callOff = Number.isFinite(wait) ? this.clock.after(wait, resolve) : () => {}
        this.wake = () => {
          callOff()
          resolve()
        }
      })
      this.wake = () => {}
    }
  }

  private counted(chunk: Uint8Array): Uint8Array {
    this.read += chunk.length
    return chunk
  }
}
