/** Retained messages: what was seen stored comes to whoever subscribes, what was seen cleared does not. */

import { OVERFLOW } from '../../base/strings.ts'
import { Slot } from '../../mqtt/fields.ts'
import { FIRST_FAILURE, PublishFlag, retainHandlingOf } from '../../mqtt/spec.ts'
import type { Connection } from '../connection.ts'
import type { Rule } from '../rules.ts'
import type { Context, Tracker } from '../tracker.ts'

export const RETAINED_RULES = {
  missing: {
    id: 'retained.missing',
    v4: '3.3.1-6',
    v5: '3.3.1-9',
    level: 'warning',
    title: 'Retained message not delivered',
    explanation:
      'A message was retained for this topic before the client subscribed, but the broker did not send it. The message may have expired, or access rules may forbid it.',
  },
  notAgain: {
    id: 'retained.not_again',
    v4: '3.8.4-3',
    v5: '3.8.4-4',
    level: 'warning',
    title: 'Retained message not delivered again',
    explanation:
      'A second SUBSCRIBE to the same filter replaces the subscription, and the broker sends the retained messages again. The message may have expired, or access rules may forbid it.',
  },
  cleared: {
    id: 'retained.cleared',
    v4: '3.3.1-10',
    v5: '3.3.1-6',
    level: 'warning',
    title: 'Cleared message still retained',
    explanation: 'An empty retained message deletes the retained message of its topic. Later subscribers receive none.',
  },
} as const satisfies Record<string, Rule>

/** Topics remembered with what is stored for them; then no new ones are. */
const MOST_STORED = 10_000
/** Seconds a broker is given to take in or to send a retained message. */
const PATIENCE = 2

interface Stored {
  readonly packet: number
  readonly time: number
  readonly isEmpty: boolean
  /** Broker it was sent to: the same topic elsewhere is another one. */
  readonly host: string
}

/** The retained message of a topic has come to the client in packet `number`. */
export function noteBrought({ ruleState }: Connection, topic: number, number: number): void {
  ruleState.retained?.delete(topic)
  ruleState.brought ??= new Map()
  ruleState.brought.set(topic, number)
}

const hostOf = ({ stream }: Connection): string => stream.flow.host(stream.client === 1 ? 0 : 1)

export class Retained {
  private readonly stored = new Map<number, Stored>()

  /** Of each PUBLISH with RETAIN 1. */
  publish(context: Context, tracker: Tracker): void {
    const { record, connection, time } = context
    if ((record.packet.value(Slot.flags) & PublishFlag.retain) === 0 || record.packet.faultCount > 0) return
    const topic = tracker.topicOf(record)
    if (topic === -1 || topic === OVERFLOW || connection.clientSide === -1) return
    if (record.side === connection.clientSide) return this.store(context, topic)
    const known = this.stored.get(topic)
    if (known !== undefined) noteBrought(connection, topic, record.number)
    if (known?.isEmpty !== true || known.host !== hostOf(connection) || !(time - known.time > PATIENCE)) return
    if (!(connection.subscribed > known.time + PATIENCE)) return
    const message = `deleted by packet ${known.packet}, but still delivered with RETAIN 1`
    tracker.report(RETAINED_RULES.cleared, connection, record.number, message)
  }

  /** An accepted filter without wildcards whose message is known to be stored: it is to come. */
  subscribed(connection: Connection, opener: number, codes: readonly number[], time: number, tracker: Tracker): void {
    for (const [index, filter] of (connection.asked(opener) ?? []).entries()) {
      const options = connection.session.subscriptions.get(filter)?.options ?? 0
      const isWanted = connection.version !== 5 || retainHandlingOf(options) === 0
      if ((codes[index] ?? FIRST_FAILURE) > 2 || !isWanted || filter.startsWith('$')) continue
      const topic = tracker.topicNamed(filter)
      const known = this.stored.get(topic)
      if (known === undefined || known.isEmpty || known.host !== hostOf(connection)) continue
      if (!(time - known.time > PATIENCE)) continue
      // It may come before the SUBACK (MQTT 5 §3.8.4).
      if ((connection.ruleState.brought?.get(topic) ?? 0) > opener) continue
      connection.ruleState.retained ??= new Map()
      connection.ruleState.retained.set(topic, opener)
    }
  }

  ended(connection: Connection, tracker: Tracker): void {
    const { retained } = connection.ruleState
    if (retained === undefined || connection.hasGap || !(tracker.now - connection.subscribed > PATIENCE)) return
    for (const [topic, opener] of retained) {
      const stored = this.stored.get(topic)
      if (stored === undefined || stored.isEmpty || !(stored.time < connection.subscribed)) continue
      const name = tracker.topics.text(topic) ?? ''
      const subscription = connection.session.subscriptions.get(name)
      const isAgain = subscription?.packet === opener && subscription.before >= 0 && subscription.before <= 2
      const message = `${name}: retained by packet ${stored.packet}, but never delivered`
      tracker.report(isAgain ? RETAINED_RULES.notAgain : RETAINED_RULES.missing, connection, opener, message)
    }
  }

  private store({ record, connection, time }: Context, topic: number): void {
    const { packet } = record
    if (!this.stored.has(topic) && this.stored.size >= MOST_STORED) return
    const isEmpty = packet.has(Slot.payload) && packet.end(Slot.payload) === packet.start(Slot.payload)
    this.stored.set(topic, { packet: record.number, time, isEmpty, host: hostOf(connection) })
  }
}
