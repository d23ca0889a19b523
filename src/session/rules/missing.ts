/** Who was to get a message and did not, as far as the fan-out shows it. */
import type { Connection } from '../connection.ts'
import type { Message, Missing } from '../fanout/message.ts'
import type { Rule } from '../rules.ts'
import type { Tracker } from '../tracker.ts'

export const MISSING_RULES = {
  copy: {
    id: 'delivery.missing',
    level: 'warning',
    title: 'Message did not come',
    explanation:
      'The client was subscribed to the topic, its broker had taken the message, and no copy came. Access rules of the broker may have kept it back, its queue for the client or the number of messages under way may have been full, or a rule of its configuration dropped it; at QoS 0 it may also be lost.',
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
    if (waiting > 0) parts.push(`it has left ${waiting} messages unacknowledged`)
    if (count + 1 === MOST_REPORTED) parts.push('no more is told of this client')
    tracker.report(MISSING_RULES.copy, message.connection, message.number, parts.join('; '))
  }
}
