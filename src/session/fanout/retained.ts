/** The last message of each topic that a broker keeps for whoever subscribes later (MQTT 5 §3.3.1.3). */
import { OVERFLOW } from '../../base/strings.ts'
import type { Message } from './message.ts'
import type { Broker } from './subscribers.ts'

/** Retained messages that late subscribers may be sent; beyond it new topics are not remembered. */
export const MOST_RETAINED = 10_000

export class RetainedMessages {
  private readonly brokers = new Map<Broker, Map<number, Message>>()
  private count = 0

  get(broker: Broker, topic: number): Message | undefined {
    return this.count === 0 ? undefined : this.brokers.get(broker)?.get(topic)
  }

  /** An empty one deletes what is retained. */
  set(broker: Broker, message: Message): void {
    const { topic } = message
    if (topic === OVERFLOW) return
    let known = this.brokers.get(broker)
    if (known === undefined) {
      known = new Map()
      this.brokers.set(broker, known)
    }
    const isNew = !known.has(topic)
    if (message.size === 0) this.count -= known.delete(topic) ? 1 : 0
    else if (!isNew || this.count < MOST_RETAINED) {
      if (isNew) this.count++
      message.isKept = true
      known.set(topic, message)
    }
  }
}
