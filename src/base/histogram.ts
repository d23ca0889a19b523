/**
 * The distribution of values in flat memory: up to `MOST_EXACT` values are kept, then counts by logarithmic steps. A
 * percentile is then at most 1 % off the value at its rank; the least, the most, the number and the sum are exact.
 */

/** Ratio of each step to the previous one: the middle of a step is within 1 % of its values. */
const RATIO = 1.02
const LOG_RATIO = Math.log(RATIO)
/** Least value with a step of its own. The steps cover a nanosecond to 30 years, and 1 to any size of a packet. */
const LEAST = 1e-9
const STEPS = Math.ceil(Math.log(1e18) / LOG_RATIO)

/** Most values kept one by one, with exact percentiles. Beyond it they are counted by steps. */
export const MOST_EXACT = 1024

export class Histogram {
  count = 0
  sum = 0
  least = Number.POSITIVE_INFINITY
  most = Number.NEGATIVE_INFINITY
  /** Values of less than LEAST: a latency of 0 within one tick of the clock. */
  private small = 0
  private steps: Float64Array | undefined = undefined
  private exact: number[] = []

  add(value: number): void {
    if (Number.isNaN(value)) return
    this.count++
    this.sum += value
    if (value < this.least) this.least = value
    if (value > this.most) this.most = value
    if (this.steps !== undefined) return this.tally(this.steps, value)
    this.exact.push(value)
    if (this.exact.length <= MOST_EXACT) return
    this.steps = new Float64Array(STEPS)
    for (const one of this.exact) this.tally(this.steps, one)
    this.exact = []
  }

  get mean(): number {
    return this.count === 0 ? Number.NaN : this.sum / this.count
  }

  /** The value that `part` (0 to 1) of all values do not exceed: the one at rank ⌈part · count⌉. */
  percentile(part: number): number {
    if (this.count === 0) return Number.NaN
    const rank = Math.max(1, Math.ceil(part * this.count))
    if (this.steps === undefined) return this.exact.toSorted((a, b) => a - b)[rank - 1] ?? Number.NaN
    if (rank >= this.count) return this.most
    if (rank <= this.small) return Math.max(this.least, 0)
    let seen = this.small
    for (const [step, count] of this.steps.entries()) {
      seen += count
      if (seen >= rank) return this.within(LEAST * RATIO ** (step + 0.5))
    }
    return this.most
  }

  /**
   * Returns the number of values in each of `ranges` ranges from the least to the most, on a logarithmic scale.
   * Values below `least` are counted with it: zero has no position on such a scale.
   */
  spread(ranges: number, least = LEAST): readonly number[] {
    const counts: number[] = new Array(ranges).fill(0)
    const from = Math.log(Math.max(this.least, least))
    const whole = Math.log(Math.max(this.most, least)) - from
    const add = (value: number, times: number): void => {
      const part = whole <= 0 ? 0 : (Math.log(Math.max(value, least)) - from) / whole
      const at = Math.max(0, Math.min(ranges - 1, Math.floor(part * ranges)))
      counts[at] = (counts[at] ?? 0) + times
    }
    for (const value of this.exact) add(value, 1)
    if (this.small > 0) add(LEAST, this.small)
    for (const [step, count] of this.steps?.entries() ?? []) {
      if (count > 0) add(LEAST * RATIO ** (step + 0.5), count)
    }
    return counts
  }

  private tally(steps: Float64Array, value: number): void {
    if (value < LEAST) {
      this.small++
      return
    }
    const step = Math.min(STEPS - 1, Math.floor(Math.log(value / LEAST) / LOG_RATIO))
    steps[step] = (steps[step] ?? 0) + 1
  }

  private within(value: number): number {
    return Math.min(this.most, Math.max(this.least, value))
  }
}
