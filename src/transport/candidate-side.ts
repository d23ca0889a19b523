/** One side of a stream that has not proved what it is: its first bytes, what they weigh, and the way to its reader. */
import type { FlowEnd, Frame, RunSink, Side } from '../base/line.ts'

/** Most bytes of a beginning that are looked at. */
export const MOST_BEGINNING = 64

/** Weighs the evidence that the runs of one side are MQTT packets, one after the other. */
export interface Chain {
  /** Bits of evidence for MQTT, of the runs since the last one that was not a packet. */
  readonly bits: number
  run(bytes: Uint8Array, start: number, end: number): void
  /** Bytes are missing: what comes next speaks for itself. */
  lose(): void
}

/** The candidate, which decides the protocol of the stream by the runs of both sides. */
export interface Judge {
  run(side: CandidateSide, bytes: Uint8Array, start: number, end: number, frame: Frame, position: number): void
  gap(side: CandidateSide, size: number, frame: Frame): void
  end(side: CandidateSide, how: FlowEnd): void
}

const EMPTY: Uint8Array = new Uint8Array(0)

/** One side of a candidate; once the stream is taken, the way to its reader. */
export class CandidateSide implements RunSink {
  readonly side: Side
  /** True until bytes of this side are missing: its first bytes begin the stream. */
  isBeginning = true
  hasEnded = false
  /** The first bytes, while they are too few to decide. */
  beginning: Uint8Array = EMPTY
  private chain: Chain | undefined = undefined
  private reader: RunSink | undefined = undefined
  private readonly candidate: Judge
  private readonly makeChain: () => Chain

  /** `makeChain` makes what weighs the runs; it is called once, when the first run is weighed. */
  constructor(candidate: Judge, side: Side, makeChain: () => Chain) {
    this.candidate = candidate
    this.makeChain = makeChain
    this.side = side
  }

  /** The runs go to `sink` from now on. */
  listen(sink: RunSink): void {
    this.reader = sink
  }

  run(bytes: Uint8Array, start: number, end: number, frame: Frame, position: number): void {
    if (this.reader !== undefined) this.reader.run(bytes, start, end, frame, position)
    else this.candidate.run(this, bytes, start, end, frame, position)
  }

  boundary(): void {
    this.reader?.boundary?.()
  }

  gap(size: number, frame: Frame): void {
    if (this.reader !== undefined) this.reader.gap(size, frame)
    else this.candidate.gap(this, size, frame)
  }

  end(how: FlowEnd): void {
    if (this.reader !== undefined) this.reader.end(how)
    else this.candidate.end(this, how)
  }

  /** Bytes are missing: what comes next is no beginning, and speaks for itself. */
  lose(): void {
    this.isBeginning = false
    this.chain?.lose()
  }

  /** The bits that speak for MQTT. */
  get bits(): number {
    return this.chain?.bits ?? 0
  }

  /** Returns the first bytes of this side followed by those of a run, as many as are tested. */
  beginningWith(bytes: Uint8Array, start: number, end: number): Uint8Array {
    const stop = Math.min(end, start + MOST_BEGINNING)
    this.beginning =
      this.beginning.length === 0 ? bytes.slice(start, stop) : join(this.beginning, bytes.subarray(start, stop))
    return this.beginning
  }

  /** Returns all bytes of the beginning followed by a run, and empties the beginning. */
  takeBeginning(bytes: Uint8Array, start: number, end: number): Uint8Array {
    const size = Math.min(end - start, MOST_BEGINNING)
    const before = this.beginning.subarray(0, this.beginning.length - size)
    this.beginning = EMPTY
    return join(before, bytes.subarray(start, end))
  }

  weigh(bytes: Uint8Array, start: number, end: number): void {
    this.chain ??= this.makeChain()
    this.chain.run(bytes, start, end)
  }
}

function join(a: Uint8Array, b: Uint8Array): Uint8Array {
  const all = new Uint8Array(a.length + b.length)
  all.set(a)
  all.set(b, a.length)
  return all
}
