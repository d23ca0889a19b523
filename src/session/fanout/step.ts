/** What a PUBLISH is on the way of its message over the broker. */
import type { FanOutFact } from '../../store/record.ts'
import type { FanOutRole } from '../../store/vocabulary.ts'
import type { Message } from './message.ts'

/** One object for every PUBLISH in turn. */
export class FanOutStep implements FanOutFact {
  role: FanOutRole = 'fresh'
  message: Message | undefined = undefined
  latency = Number.NaN
  opener = 0
  /** A message that is retained for the topic and looks the same; of a fresh one alone. */
  retained: Message | undefined = undefined

  get copies(): number {
    return this.message?.copyCount ?? 0
  }

  get expected(): number {
    return this.message?.expectedCount ?? -1
  }

  /** Makes it the step of a PUBLISH with this role. */
  set(role: FanOutRole, message: Message | undefined): this {
    this.role = role
    this.message = message
    this.opener = message?.number ?? 0
    this.latency = Number.NaN
    this.retained = undefined
    return this
  }
}
