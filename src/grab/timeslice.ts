/** Gives every grab its turn: so much work, then the event loop is free for timers and sockets, however many brokers flood us. */

/** Work in one go: half of what anyone should wait for a timer. */
const TURN_MS = 8

/** Something that has work: one slice of it is done by `turn`; true where there is more to do at once. */
export interface Task {
  turn(): boolean
}

export class Timeslice {
  /** In order; who has more to do goes to the end. */
  private readonly waiting = new Set<Task>()
  private readonly rest: () => Promise<void>
  private isRunning = false

  /** `rest`: what must be done before more work makes sense, such as writing what the last turns made. */
  constructor(rest: () => Promise<void> = () => Promise.resolve()) {
    this.rest = rest
  }

  add(task: Task): void {
    this.waiting.add(task)
    if (this.isRunning) return
    this.isRunning = true
    setImmediate(() => void this.run())
  }

  private async run(): Promise<void> {
    while (this.waiting.size > 0) {
      const until = performance.now() + TURN_MS
      for (const task of this.waiting) {
        this.waiting.delete(task)
        if (task.turn()) this.waiting.add(task)
        if (performance.now() >= until) break
      }
      await this.rest()
      await new Promise(resolve => setImmediate(resolve))
    }
    this.isRunning = false
  }
}
