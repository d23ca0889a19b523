/** The order in which a broker hands on what one client published to one topic: MQTT 5 §4.6, MQTT 3.1.1 §4.6. */
import { Slot } from '../../mqtt/fields.ts'
import type { Connection } from '../connection.ts'
import type { Message } from '../fanout/message.ts'
import { isShared } from '../fanout/subscribers.ts'
import type { Rule } from '../rules.ts'
import type { Context, Tracker } from '../tracker.ts'

export const ORDER_RULES = {
  delivery: {
    id: 'order.delivery',
    v4: '4.6.0-6',
    v5: '4.6.0-5',
    level: 'warning',
    title: 'Delivered in another order',
    explanation:
      'Messages of one client to one topic at one QoS reach each subscriber in the order in which they were published, unless the broker was told to treat the topic as unordered.',
  },
} as const satisfies Record<string, Rule>

/** Deliveries to a session that are looked back on: what is out of order is so by a few. */
const MOST_DELIVERED = 64
const DUP = 0x08

/** Numbers of a delivery: packet of the message, its topic, publisher, and both QoS in one. */
const WIDTH = 4

/** What a session was sent last. */
export class Delivered {
  /** The newest message among them, by its packet. */
  private newest = 0
  private readonly last = new Float64Array(MOST_DELIVERED * WIDTH)
  private next = 0

  add({ number, topic, stream, qos: published }: Message, qos: number): void {
    const { last, next } = this
    last[next] = number
    last[next + 1] = topic
    last[next + 2] = stream.flow.index
    last[next + 3] = published * WIDTH + qos
    this.next = (next + WIDTH) % last.length
    this.newest = Math.max(this.newest, number)
  }

  /** Packet of a later message of the same client, topic and QoS that came before; 0 for none. */
  later({ number, topic, stream, qos: published }: Message, qos: number): number {
    if (number > this.newest) return 0
    const { last } = this
    for (let at = 0; at < last.length; at += WIDTH) {
      const isAlike = last[at + 2] === stream.flow.index && last[at + 3] === published * WIDTH + qos
      if (isAlike && last[at + 1] === topic && (last[at] ?? 0) > number) return last[at] ?? 0
    }
    return 0
  }
}

const hasGroups = ({ subscriptions }: Connection): boolean => [...subscriptions.keys()].some(isShared)

/** Of each copy that can be of one message alone. At QoS 2 a broker may wait for PUBREL, which has an order of its own. */
export function checkOrder({ record, connection }: Context, message: Message, tracker: Tracker): void {
  const first = record.packet.value(Slot.flags)
  if (message.qos > 1 || message.sentLast !== message.number || (first & DUP) !== 0) return
  if (!connection.knowsSubscriptions) return
  const { ruleState: state } = connection
  state.hasGroups ??= hasGroups(connection)
  if (state.hasGroups) return
  state.delivered ??= new Delivered()
  const { delivered } = state
  const qos = (first >> 1) & 3
  const later = delivered.later(message, qos)
  delivered.add(message, qos)
  if (later === 0) return
  const text = `packet ${message.number} of the publisher comes behind the later packet ${later}`
  tracker.report(ORDER_RULES.delivery, connection, record.number, text)
}
