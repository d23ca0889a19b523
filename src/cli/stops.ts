/** What ends a live capture from outside: signals and the clock. The first asks, the second Ctrl-C leaves at once. */

import { Exit, type ExitCode, Signalled } from '../base/exit.ts'
import type { PacketSource } from '../capture/sources/source.ts'

type Signal = keyof typeof Signalled
const SIGNALS = Object.keys(Signalled) as Signal[]

export class Stops {
  /** Ctrl-C is how a live capture ends, and SIGTERM a service; the other signals say that somebody else ended it. */
  code: ExitCode = Exit.done
  private readonly source: PacketSource
  private readonly timer: NodeJS.Timeout | undefined
  private asked = false

  /** Sources that end by themselves are left to the system's own way with signals. */
  constructor(source: PacketSource, afterSeconds: number | undefined) {
    this.source = source
    if (source.stop === undefined) return
    for (const signal of SIGNALS) process.on(signal, this.hear)
    if (afterSeconds !== undefined) this.timer = setTimeout(() => this.ask(), afterSeconds * 1000)
  }

  /** Asks the source to end when everything has come. Twice is the same as once. */
  ask(): void {
    if (this.asked) return
    this.asked = true
    this.source.stop?.()
  }

  /** The terminal has gone: its signal may still be on its way. */
  hangUp(): void {
    this.hear('SIGHUP')
  }

  /** The usual way with signals again. */
  end(): void {
    clearTimeout(this.timer)
    for (const signal of SIGNALS) process.off(signal, this.hear)
  }

  private readonly hear = (signal: Signal): void => {
    if (this.asked && signal === 'SIGINT') {
      this.source.close()
      process.exit(Signalled.SIGINT)
    }
    const isUsual = signal === 'SIGINT' || (signal === 'SIGTERM' && this.source.isService === true)
    if (!isUsual) this.code = Signalled[signal]
    this.ask()
  }
}
