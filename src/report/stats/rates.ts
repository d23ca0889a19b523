/** How many a second: the least, the mean and the most of the seconds since the capture began, the last one begun included. */

export class Rates {
  most = 0
  /** Of the seconds that are over. */
  private least = Number.POSITIVE_INFINITY
  private sum = 0
  private second = 0
  private current = 0

  /** `time`: seconds since the capture began. A frame that comes late counts in the second at hand. */
  add(time: number, count = 1): void {
    if (Number.isNaN(time)) return
    const second = Math.max(this.second, Math.floor(time))
    if (second > this.second) this.turn(second)
    this.current += count
    this.sum += count
    if (this.current > this.most) this.most = this.current
  }

  /** `until`: seconds from the beginning of the capture to its end. Seconds in which nothing came count as well. */
  fewest(until: number): number {
    return Math.floor(until) > this.second ? 0 : Math.min(this.least, this.current)
  }

  mean(until: number): number {
    return this.sum / (Math.max(this.second, Math.floor(until)) + 1)
  }

  private turn(second: number): void {
    this.least = second > this.second + 1 ? 0 : Math.min(this.least, this.current)
    this.second = second
    this.current = 0
  }
}
