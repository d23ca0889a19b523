/** Many targets, so many at a time; each is told exactly once, when it is done. */
import { setMaxListeners } from 'node:events'
import type { Target } from '../capture/sources/target.ts'
import { type Grabbed, grab, type Surroundings } from './grab.ts'
import type { GrabSettings } from './settings.ts'

/** Where there is no file handle for a target, it is looked for one so often. */
const RETRY_MS = 100
/** So many tries count that were made while no other connection of ours stood: then it is told. */
const MOST_LONELY_TRIES = 50

export class Many {
  /** Targets begun, told, and those of them whose broker answered. */
  begun = 0
  done = 0
  connected = 0
  /** At a time; lowered for good where the system has no more file handles. */
  concurrency: number
  private running = 0
  /** Targets that wait for a file handle. */
  private waiting = 0
  private readonly settings: GrabSettings
  private readonly around: Surroundings
  private readonly tell: (grabbed: Grabbed) => Promise<void>
  private wake: (() => void) | undefined
  private trouble: unknown

  /** `tell` is waited for before the place of a target is given away, so that slow output slows everything. */
  constructor(
    settings: GrabSettings,
    around: Surroundings,
    concurrency: number,
    tell: (grabbed: Grabbed) => Promise<void>,
  ) {
    this.settings = settings
    this.around = around
    this.concurrency = concurrency
    this.tell = tell
    setMaxListeners(0, around.signal)
  }

  /** Takes targets as there is room for them, until there are no more or the signal says stop. */
  async run(targets: AsyncIterator<Target>): Promise<void> {
    const { signal } = this.around
    const stop = new Promise<undefined>(resolve => signal.addEventListener('abort', () => resolve(undefined)))
    try {
      while (!signal.aborted) {
        const next = await Promise.race([targets.next(), stop])
        if (next === undefined || next.done === true) break
        void this.one(next.value)
        while (this.isFull) await this.change()
      }
    } finally {
      while (this.running + this.waiting > 0) await this.change()
    }
    if (this.trouble !== undefined) throw this.trouble
  }

  private get isFull(): boolean {
    return this.running + this.waiting >= this.concurrency
  }

  private async one(target: Target): Promise<void> {
    this.begun++
    this.running++
    try {
      const grabbed = await this.patiently(target)
      await this.tell(grabbed)
      this.done++
      if (grabbed.connected) this.connected++
    } catch (cause) {
      this.trouble ??= cause
    }
    this.running--
    this.wake?.()
  }

  /** Too many open files is no answer of the target's: fewer run at once from then on, and it waits for its turn. */
  private async patiently(target: Target): Promise<Grabbed> {
    for (let lonely = 0; ; ) {
      const grabbed = await grab(target, this.settings, this.around)
      if (grabbed.failure?.code !== 'files' || lonely >= MOST_LONELY_TRIES) return grabbed
      if (this.running === 1) lonely++
      this.concurrency = Math.max(1, Math.min(this.concurrency, this.running - 1))
      this.running--
      this.waiting++
      do await new Promise(resolve => setTimeout(resolve, RETRY_MS))
      while (this.running >= this.concurrency && !this.around.signal.aborted)
      this.waiting--
      this.running++
    }
  }

  private change(): Promise<void> {
    return new Promise(resolve => {
      this.wake = resolve
    })
  }
}
