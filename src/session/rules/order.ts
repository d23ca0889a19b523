/** The order in which a broker hands on what one client published to one topic: MQTT 5 §4.6, MQTT 3.1.1 §4.6. */
import { Slot } from '../../mqtt/fields.ts'
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

interface Delivery {
  readonly message: Message
  readonly qos: number
}

/** What a session was sent last. */
export class Delivered {
  /** The newest message among them, by its packet. */
  newest = 0
  private readonly last: (Delivery | undefined)[] = new Array(MOST_DELIVERED).fill(undefined)
  private next = 0

  add(delivery: Delivery): void {
    this.last[this.next] = delivery
    this.next = (this.next + 1) % MOST_DELIVERED
    this.newest = Math.max(this.newest, delivery.message.number)
  }

  /** A later message of the same client, topic and QoS that came before. */
  later({ message, qos }: Delivery): Message | undefined {
    if (message.number > this.newest) return undefined
    return this.last.find(
      one =>
        one !== undefined &&
        one.qos === qos &&
        one.message.qos === message.qos &&
        one.message.number > message.number &&
        one.message.topic === message.topic &&
        one.message.connection === message.connection,
    )?.message
  }
}

/** Of each copy that can be of one message alone. At QoS 2 a broker may wait for PUBREL, which has an order of its own. */
export function checkOrder({ record, session }: Context, message: Message, tracker: Tracker): void {
  const first = record.packet.value(Slot.flags)
  if (message.qos > 1 || message.sentLast !== message.number || (first & DUP) !== 0) return
  if (!session.knowsSubscriptions || [...session.subscriptions.keys()].some(isShared)) return
  session.watch.delivered ??= new Delivered()
  const { delivered } = session.watch
  const delivery = { message, qos: (first >> 1) & 3 }
  const later = delivered.later(delivery)
  delivered.add(delivery)
  if (later === undefined) return
  const text = `packet ${message.number} of the publisher comes behind the later packet ${later.number}`
  tracker.find(ORDER_RULES.delivery, session, record.number, text)
}
