/** Who was to get a message and did not, as far as the fan-out shows it. */
import type { Connection } from '../connection.ts'
import type { Message, Missing } from '../fanout/message.ts'
import type { Rule } from '../rules.ts'
import type { Tracker } from '../tracker.ts'

export const MISSING_RULES = {
  copy: {
    id: 'delivery.missing',
    level: 'warning',
    title: 'Message not delivered',
    explanation:
      'The client was subscribed to the topic and the broker accepted the message, but sent the client no copy. Access rules may forbid it, the queue or the number of messages in flight for the client may have been full, or the configuration drops the message. At QoS 0 a message may also be lost.',
  },
} as const satisfies Record<string, Rule>

/** Seconds after which a copy that did not come is reported: the links of some clients are slow. */
const PATIENCE_S = 5
/** Messages reported of one connection: access rules may keep back most of what its filters select. */
const MOST_REPORTED = 10

export class Missed {
  private readonly reported = new WeakMap<Connection, number>()

  /** Reports who lacks the message, which is settled. */
  report(message: Message, tracker: Tracker): void {
    for (const missing of message.missing) this.reportOne(message, missing, tracker)
  }

  private reportOne(message: Message, { connection, qos }: Missing, tracker: Tracker): void {
    const count = this.reported.get(connection) ?? 0
    const waited = Math.min(tracker.now, connection.ending?.time ?? tracker.now) - message.time
    if (message.connection === undefined || count >= MOST_REPORTED || !(waited >= PATIENCE_S)) return
    this.reported.set(connection, count + 1)
    const topic = tracker.topics.text(message.topic) ?? 'the topic'
    const client = connection.clientId || `the client of packet ${connection.connect}`
    const parts = [`${client} is subscribed to ${topic} and did not get it in ${Math.round(waited)} s, at QoS ${qos}`]
    const waiting = connection.peer(connection.clientSide === 1 ? 0 : 1).inFlight
    if (waiting > 0) parts.push(`it has ${waiting} unacknowledged messages`)
    if (count + 1 === MOST_REPORTED) parts.push('further ones of this client are not reported')
    tracker.report(MISSING_RULES.copy, message.connection, message.number, parts.join('; '))
  }
}
