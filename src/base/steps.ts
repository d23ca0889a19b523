/** The steps that the clock of a capture made ahead, so that no duration counts them. */

/** Most steps taken out of a capture. Later ones count as time that passed: a clock that steps more often measures nothing. */
const MOST_STEPS = 64
/** Seconds that are left of a step, so that what came before it stays before what came after it. */
const LEFT = 1e-3

interface Step {
  /** Seconds that had passed when the clock stepped, without earlier steps. */
  readonly at: number
  /** Seconds of the step. */
  readonly by: number
}

/**
 * Two times of one capture: what its clock showed, and what has passed. Both are in seconds since the first frame, and equal up
 * to the first step.
 */
export class Steps {
  private readonly list: Step[] = []

  /** Takes out the time between two frames, of which the clock showed `from` and `to`. Returns false if there are too many steps. */
  add(from: number, to: number): boolean {
    if (this.list.length >= MOST_STEPS) return false
    this.list.push({ at: this.passed(from) + LEFT / 2, by: to - from - LEFT })
    return true
  }

  /** Puts the last step back in: the time had passed. */
  undo(): void {
    this.list.pop()
  }

  get isEmpty(): boolean {
    return this.list.length === 0
  }

  /** Returns the seconds that had passed when the clock showed `shown`. */
  passed(shown: number): number {
    let time = shown
    for (const { at, by } of this.list) {
      if (time < at + by) break
      time -= by
    }
    return time
  }

  /** Returns what the clock showed when `passed` seconds had passed. */
  shown(passed: number): number {
    let time = passed
    for (const { at, by } of this.list) if (passed >= at) time += by
    return time
  }
}
