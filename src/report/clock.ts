/** Moments of the capture, told from seconds since it began. */
import { isoTime } from '../export/time.ts'
import { Frame } from '../line.ts'

const SECOND = 1_000_000_000

export class Clock {
  private readonly first = new Frame()
  private readonly at = new Frame()
  private begun = false

  /** The first frame; the first call holds. */
  begin(frame: Frame): void {
    if (this.begun) return
    this.begun = true
    this.first.take(frame)
  }

  /** `2026-11-20T10:06:31.123456Z` with the digits of the capture; undefined where frames have no time. */
  iso(seconds: number): string | undefined {
    const { first, at } = this
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
