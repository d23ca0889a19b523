/** Moments of the capture as text: as `tshark -t` writes them, in ISO 8601, and as seconds since the first frame. */
import { Frame } from '../base/line.ts'
import { Steps } from '../base/steps.ts'

/** Time formats: since the first frame; of day; with date; UTC of day; Unix; since the previous line. */
export type TimeFormat = 'r' | 'a' | 'ad' | 'u' | 'e' | 'd'

/** Text for the time of a frame without one. */
export const NO_TIME_TEXT = '-'

type Instant = Pick<Frame, 'seconds' | 'nanos'>

const SECOND = 1_000_000_000
const TRIPLES: readonly string[] = Array.from({ length: 1000 }, (_, number) => `${number}`.padStart(3, '0'))
const PAIRS: readonly string[] = Array.from({ length: 60 }, (_, number) => `${number}`.padStart(2, '0'))
/** Beyond it (the year 275760) a Date holds no time. */
const MOST_DATE_SECONDS = 8_640_000_000_000

/** `.123456`: the fraction of a second in so many digits. */
export function fraction(nanos: number, digits: number): string {
  const micros = (nanos / 1000) | 0
  if (digits === 6) return `.${TRIPLES[(micros / 1000) | 0]}${TRIPLES[micros % 1000]}`
  if (digits === 9) return `.${TRIPLES[(micros / 1000) | 0]}${TRIPLES[micros % 1000]}${TRIPLES[nanos % 1000]}`
  return digits === 0 ? '' : `.${`${nanos}`.padStart(9, '0').slice(0, digits)}`
}

/** `seconds` and `nanos` count in the same direction from an earlier moment, or from a later one: then with a minus. */
function signed(seconds: number, nanos: number, digits: number): string {
  if (seconds >= 0) return seconds + fraction(nanos, digits)
  const whole = nanos === 0 ? -seconds : -seconds - 1
  return `-${whole}${fraction(nanos === 0 ? 0 : SECOND - nanos, digits)}`
}

function distance(from: Instant, to: Instant, digits: number): string {
  const nanos = to.nanos - from.nanos
  const seconds = to.seconds - from.seconds
  return nanos < 0 ? signed(seconds - 1, nanos + SECOND, digits) : signed(seconds, nanos, digits)
}

/** Times of frames as `tshark -t` writes them: with the digits the capture has, by integers alone. */
export class Times {
  private readonly format: TimeFormat
  private readonly mostDigits: number
  private from: { seconds: number; nanos: number } | undefined
  /** The last second written, and its text: many packets share one. */
  private second = Number.NaN
  private text = ''

  /** Sets the format. `mostDigits`: most digits of a second's fraction, if there is no room for all of the capture's. */
  constructor(format: TimeFormat, mostDigits = 9) {
    this.format = format
    this.mostDigits = mostDigits
  }

  /** Relative times count from here; the first call holds. */
  begin(first: Instant): void {
    if (!Number.isNaN(first.seconds)) this.from ??= { seconds: first.seconds, nanos: first.nanos }
  }

  of(frame: Frame): string {
    if (Number.isNaN(frame.seconds)) return NO_TIME_TEXT
    const digits = Math.min(frame.timeDigits, this.mostDigits)
    switch (this.format) {
      case 'r':
        this.begin(frame)
        return distance(this.from ?? frame, frame, digits)
      case 'd':
        return this.delta(frame, digits)
      case 'e':
        return signed(frame.seconds, frame.nanos, digits)
      default:
        return this.whole(frame.seconds) + fraction(frame.nanos, digits)
    }
  }

  private delta(frame: Instant, digits: number): string {
    const text = distance(this.from ?? frame, frame, digits)
    this.from ??= { seconds: 0, nanos: 0 }
    this.from.seconds = frame.seconds
    this.from.nanos = frame.nanos
    return text
  }

  private whole(seconds: number): string {
    if (seconds !== this.second) {
      this.second = seconds
      this.text = this.calendar(seconds)
    }
    return this.text
  }

  private calendar(seconds: number): string {
    if (seconds > MOST_DATE_SECONDS || seconds < -MOST_DATE_SECONDS) return `@${seconds}`
    const date = new Date(seconds * 1000)
    if (this.format === 'u') return clock(date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds())
    const time = clock(date.getHours(), date.getMinutes(), date.getSeconds())
    return this.format === 'a' ? time : `${day(date.getFullYear(), date.getMonth() + 1, date.getDate())} ${time}`
  }
}

const clock = (hours: number, minutes: number, seconds: number): string =>
  `${PAIRS[hours]}:${PAIRS[minutes]}:${PAIRS[seconds]}`

const day = (year: number, month: number, date: number): string =>
  `${`${year}`.padStart(4, '0')}-${PAIRS[month]}-${PAIRS[date]}`

/** `2026-11-20T10:06:31.123456Z` with the digits the capture has; undefined for a frame without a time. */
export function isoTime(frame: Frame): string | undefined {
  const { seconds } = frame
  if (Number.isNaN(seconds)) return undefined
  const end = fraction(frame.nanos, frame.timeDigits)
  if (seconds > MOST_DATE_SECONDS || seconds < -MOST_DATE_SECONDS) return `@${seconds}${end}`
  return `${new Date(seconds * 1000).toISOString().slice(0, -5)}${end}Z`
}

/** `0.301667`: seconds since the first frame; `-` if unknown. */
export const moment = (seconds: number, digits = 6): string =>
  Number.isNaN(seconds) ? NO_TIME_TEXT : seconds.toFixed(digits)

/** Moments as the clock of the capture showed them, computed from seconds since the first frame. */
export class Clock {
  /** Seconds from the first frame to the last. */
  duration = 0
  private readonly first = new Frame()
  /** A moment to be written. */
  private readonly moment = new Frame()
  private begun = false
  private steps = new Steps()

  /** Seconds are counted without these steps of the clock from now on. */
  follow(steps: Steps): void {
    this.steps = steps
  }

  /** `0.301667`: seconds since the first frame as the clock showed them; `-` if unknown. */
  text(seconds: number, digits = 6): string {
    return moment(this.steps.shown(seconds), digits)
  }

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
    const nanos = first.nanos + Math.round((this.steps.shown(seconds) * SECOND) / unit) * unit
    const carried = Math.floor(nanos / SECOND)
    at.seconds = first.seconds + carried
    at.nanos = nanos - carried * SECOND
    at.timeDigits = digits
    return isoTime(at)
  }
}
