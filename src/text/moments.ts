/** Moments of the capture, told from seconds since it began. */

import { Frame } from '../base/line.ts'
import { isoTime } from './time.ts'

const SECOND = 1_000_000_000

export class Clock {
  /** Seconds from the first frame to the last. */
  duration = 0
  private readonly first = new Frame()
  /** A moment to be written. */
  private readonly moment = new Frame()
  private begun = false

  /** The first frame; the first call holds. */
  begin(frame: Frame): void {
    if (this.begun) return
    this.begun = true
    this.first.take(frame)
  }

  /** The frame at hand. */
  at(frame: Frame): void {
    if (frame.number === this.first.number) this.begin(frame)
    if (Number.isNaN(frame.seconds)) return
    const since = frame.seconds - this.first.seconds + (frame.nanos - this.first.nanos) / SECOND
    if (since > this.duration) this.duration = since
  }

  /** `2026-11-20T10:06:31.123456Z` with the digits of the capture; undefined where frames have no time. */
  iso(seconds: number): string | undefined {
    const { first, moment: at } = this
    if (!this.begun || Number.isNaN(seconds) || Number.isNaN(first.seconds)) return undefined
    const digits = first.timeDigits
    const unit = 10 ** (9 - digits)
    const nanos = first.nanos + Math.round((seconds * SECOND) / unit) * unit
    const carried = Math.floor(nanos / SECOND)
    at.seconds = first.seconds + carried
    at.nanos = nanos - carried * SECOND
    at.timeDigits = digits
    return isoTime(at)
  }
}
