/** Passes over a side of a stream that is not read: counts its bytes, and reports them as one stretch where the side ends. */
import { type FlowEnd, Frame, type RunSink } from '../base/line.ts'
import type { Foreign } from './recognise.ts'

/** The listener to a side that is skipped. */
export interface PassedSink {
  skipped(size: number, frame: Frame, foreign: Foreign): void
  ended(how: FlowEnd): void
}

export class Passed implements RunSink {
  private size = 0
  /** The numbers of the frame with the last of them. */
  private readonly last = new Frame()
  private readonly above: PassedSink
  private readonly foreign: Foreign

  constructor(above: PassedSink, foreign: Foreign) {
    this.above = above
    this.foreign = foreign
  }

  run(_bytes: Uint8Array, start: number, end: number, frame: Frame): void {
    this.add(end - start, frame)
  }

  /** `size` bytes up to `frame` are passed over. */
  add(size: number, frame: Frame): void {
    this.size += size
    this.last.take(frame)
  }

  /** Nothing is read here, so nothing is missing. */
  gap(): void {}

  end(how: FlowEnd): void {
    if (this.size > 0) this.above.skipped(this.size, this.last, this.foreign)
    this.above.ended(how)
  }
}
