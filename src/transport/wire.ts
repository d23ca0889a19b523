/**
 * Decides what a stream is, from the first bytes of both directions, and puts together what reads it. A wire is the sink
 * of a stream until then: its runs go straight to the reader afterwards, and the wire is out of the way.
 */
import { type FlowEnd, Frame, type RunSink, type Side } from '../base/line.ts'
import { type Foreign, MOST_PROBED, recognise, type Verdict } from './recognise.ts'

/** What stands above one side of a wire: handed in where the line is plugged together. */
export interface Above {
  /** The runs of this side go to `sink` from now on. */
  listen(sink: RunSink): void
  /** Makes the reader of this side's MQTT. */
  mqtt(): RunSink
  /** `size` bytes up to `frame` are of another protocol and were passed over. */
  skipped(size: number, frame: Frame, foreign: Foreign): void
  gap(size: number, frame: Frame): void
  ended(how: FlowEnd): void
}

/** One stream. */
export class Wire {
  /** Where the runs of both sides go at first. */
  readonly sides: readonly [RunSink, RunSink]
  private readonly above: readonly [Above, Above]

  constructor(above: readonly [Above, Above]) {
    this.above = above
    this.sides = [new Probe(this, 0), new Probe(this, 1)]
  }

  /**
   * Takes the verdict on a side: builds the sink of all of its bytes and has the stream hand them there. A layer (TLS,
   * WebSocket) is a sink in front of the next one; what its two directions share is kept here.
   */
  decide(side: Side, verdict: Verdict): RunSink {
    const above = this.above[side]
    const sink = verdict === 'mqtt' ? above.mqtt() : new Passed(above, verdict)
    above.listen(sink)
    return sink
  }
}

/** A run that came before the verdict. */
interface Held {
  readonly bytes: Uint8Array
  readonly frame: Frame
  readonly position: number
}

const NONE: readonly Held[] = []

/** One side before the verdict: holds the runs with its first bytes, fewer than MOST_PROBED, and hands them on again. */
class Probe implements RunSink {
  private readonly wire: Wire
  private readonly side: Side
  private held = NONE

  constructor(wire: Wire, side: Side) {
    this.wire = wire
    this.side = side
  }

  run(bytes: Uint8Array, start: number, end: number, frame: Frame, position: number): void {
    const verdict = this.held === NONE ? recognise(bytes, start, end) : this.recogniseAll(bytes, start, end)
    if (verdict === undefined) this.hold(bytes.slice(start, end), frame, position)
    else this.decide(verdict).run(bytes, start, end, frame, position)
  }

  /** Behind a gap nobody can tell from the beginning any more; nor at the end. */
  gap(size: number, frame: Frame): void {
    this.decide('mqtt').gap(size, frame)
  }

  end(how: FlowEnd): void {
    this.decide('mqtt').end(how)
  }

  /** The verdict on what is held with this run behind it. */
  private recogniseAll(bytes: Uint8Array, start: number, end: number): Verdict | undefined {
    const first = [...this.held.flatMap(run => [...run.bytes]), ...bytes.subarray(start, end).subarray(0, MOST_PROBED)]
    return recognise(Uint8Array.from(first), 0, first.length)
  }

  /** Of the frame its numbers are kept: no packet ends in what is held. */
  private hold(bytes: Uint8Array, frame: Frame, position: number): void {
    const numbers = new Frame()
    numbers.take(frame)
    this.held = [...this.held, { bytes, frame: numbers, position }]
  }

  private decide(verdict: Verdict): RunSink {
    const sink = this.wire.decide(this.side, verdict)
    for (const { bytes, frame, position } of this.held) sink.run(bytes, 0, bytes.length, frame, position)
    this.held = NONE
    return sink
  }
}

/** One side of another protocol: its bytes are counted, and told as one stretch where it ends. */
class Passed implements RunSink {
  private size = 0
  /** The numbers of the frame with the last of them. */
  private readonly last = new Frame()
  private readonly above: Above
  private readonly foreign: Foreign

  constructor(above: Above, foreign: Foreign) {
    this.above = above
    this.foreign = foreign
  }

  run(_bytes: Uint8Array, start: number, end: number, frame: Frame): void {
    this.size += end - start
    this.last.take(frame)
  }

  gap(size: number, frame: Frame): void {
    this.report()
    this.above.gap(size, frame)
  }

  end(how: FlowEnd): void {
    this.report()
    this.above.ended(how)
  }

  private report(): void {
    if (this.size === 0) return
    this.above.skipped(this.size, this.last, this.foreign)
    this.size = 0
  }
}
