/** The order in which a broker hands on what one client published to one topic: MQTT 5 §4.6, MQTT 3.1.1 §4.6. */

import { Slot } from '../../mqtt/fields.ts'
import { PublishFlag, qosOf } from '../../mqtt/spec.ts'
import type { Connection } from '../connection.ts'
import type { Message } from '../fanout/message.ts'
import { isShared } from '../fanout/subscribers.ts'
import type { Rule } from '../rules.ts'
import type { Context, Tracker } from '../tracker.ts'
import { Delivered } from './delivered.ts'

export const ORDER_RULES = {
  delivery: {
    id: 'order.delivery',
    v4: '4.6.0-6',
    v5: '4.6.0-5',
    level: 'warning',
    title: 'Messages delivered out of order',
    explanation:
      'A broker delivers the messages of one publisher to one topic at one QoS in the order in which they were published, unless its configuration makes the topic unordered.',
  },
} as const satisfies Record<string, Rule>

const hasGroups = ({ session }: Connection): boolean => [...session.subscriptions.keys()].some(isShared)

/** Of each copy that can be of one message alone. At QoS 2 a broker may wait for PUBREL, which has an order of its own. */
export function checkOrder({ record, connection }: Context, message: Message, tracker: Tracker): void {
  const first = record.packet.value(Slot.flags)
  if (message.qos > 1 || message.sentLast !== message.number || (first & PublishFlag.dup) !== 0) return
  if (!connection.knowsSubscriptions) return
  const { ruleState: state } = connection
  state.hasGroups ??= hasGroups(connection)
  if (state.hasGroups) return
  state.delivered ??= new Delivered()
  const { delivered } = state
  const qos = qosOf(first)
  const later = delivered.later(message, qos)
  delivered.add(message, qos)
  if (later === 0) return
  const text = `packet ${message.number} of the publisher comes after its later packet ${later}`
  tracker.report(ORDER_RULES.delivery, connection, record.number, text)
}
