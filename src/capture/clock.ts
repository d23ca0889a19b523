/**
 * Time stamps of pcapng: 64 bits counting units of a resolution that each interface states (if_tsresol, if_tsoffset;
 * draft-ietf-opsawg-pcapng §4.2). A double holds 53 bits, so the upper word is turned into seconds and left-over
 * units once, and only the lower word is added per frame.
 */

import type { Frame } from '../base/line.ts'

const BILLION = 1_000_000_000
const WORD = 32n

export class Clock {
  /** Digits of the second's fraction; 9 also where the resolution is finer than a frame can say. */
  readonly digits: number
  private readonly unitsPerSecond: bigint
  private readonly perSecond: number
  private readonly offsetSeconds: number
  /** Nanoseconds in a unit; 0 where they are no whole number and every time is computed at length. */
  private readonly nanosEach: number
  /** The upper word from which `seconds` and `units` were computed. */
  private high = 0
  private seconds: number
  private units = 0

  constructor(unitsPerSecond: bigint, digits: number, offsetSeconds: number) {
    this.unitsPerSecond = unitsPerSecond
    this.perSecond = Number(unitsPerSecond)
    this.digits = digits
    this.offsetSeconds = offsetSeconds
    this.seconds = offsetSeconds
    this.nanosEach = Number.isInteger(BILLION / this.perSecond) ? BILLION / this.perSecond : 0
  }

  /** Sets the frame's time. Exact to the nanosecond; finer units are cut off. */
  set(frame: Frame, high: number, low: number): void {
    if (this.nanosEach === 0) return this.setAtLength(frame, high, low)
    if (high !== this.high) this.rebase(high)
    const units = this.units + low
    const whole = Math.floor(units / this.perSecond)
    frame.seconds = this.seconds + whole
    frame.nanos = (units - whole * this.perSecond) * this.nanosEach
  }

  private rebase(high: number): void {
    const time = BigInt(high) << WORD
    this.high = high
    this.seconds = Number(time / this.unitsPerSecond) + this.offsetSeconds
    this.units = Number(time % this.unitsPerSecond)
  }

  private setAtLength(frame: Frame, high: number, low: number): void {
    const time = (BigInt(high) << WORD) | BigInt(low)
    const rest = time % this.unitsPerSecond
    frame.seconds = Number(time / this.unitsPerSecond) + this.offsetSeconds
    frame.nanos = Number((rest * BigInt(BILLION)) / this.unitsPerSecond)
  }
}

/** Returns the clock of an interface that names no resolution: microseconds since 1970. */
export const microseconds = (): Clock => new Clock(1_000_000n, 6, 0)

/**
 * The clock for an if_tsresol byte: its high bit says powers of two, else of ten. Undefined where 64 bits of such
 * units do not last for one second: no clock ever counted so.
 */
export function clockOf(resolution: number, offsetSeconds: number): Clock | undefined {
  const power = resolution & 0x7f
  const binary = resolution > 0x7f
  if (power > (binary ? 63 : 19)) return undefined
  return new Clock((binary ? 2n : 10n) ** BigInt(power), Math.min(power, 9), offsetSeconds)
}
