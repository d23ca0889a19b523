/** What the options of a subscription say of each delivery: its identifier, and no messages of the client itself. */

import { equalBytes } from '../../base/bytes.ts'
import { OVERFLOW } from '../../base/strings.ts'
import { Slot } from '../../mqtt/fields.ts'
import { FIRST_FAILURE, PublishFlag, SubscriptionOption } from '../../mqtt/spec.ts'
import type { Rule } from '../rules.ts'
import type { Subscription } from '../session.ts'
import type { Context, Tracker } from '../tracker.ts'

export const ECHO_RULES = {
  identifierMissing: {
    id: 'subscription_identifier.missing',
    v5: '3.3.4-3',
    level: 'error',
    title: 'Subscription Identifier missing',
    explanation: 'A message that matches a subscription with a Subscription Identifier carries that identifier.',
  },
  identifierForeign: {
    id: 'subscription_identifier.foreign',
    v5: '3.3.4-4',
    level: 'warning',
    title: 'Foreign Subscription Identifier',
    explanation: 'No matching subscription in the capture has this Subscription Identifier.',
  },
  ownMessage: {
    id: 'no_local.own_message',
    v5: '3.8.3-3',
    level: 'warning',
    title: 'Own message delivered despite No Local',
    explanation:
      'With No Local the broker does not deliver the messages of a client back to it. A client outside the capture may have published an equal message.',
  },
} as const satisfies Record<string, Rule>

/** `found`: the subscriptions that match the topic, at least one. */
export function checkIdentifiers(
  { record, connection }: Context,
  found: readonly Subscription[],
  tracker: Tracker,
): void {
  const { packet, number } = record
  // While a subscription changes, its old identifier may still come.
  if (found.some(({ granted, before }) => granted === undefined || before !== -1)) return
  const granted = found.filter(subscription => (subscription.granted ?? FIRST_FAILURE) <= 2)
  if (packet.has(Slot.subscriptionId)) {
    const identifier = packet.value(Slot.subscriptionId)
    if (granted.some(subscription => subscription.identifier === identifier)) return
    const message = `Subscription Identifier ${identifier}, but no matching subscription has it`
    tracker.report(ECHO_RULES.identifierForeign, connection, number, message)
  } else if (granted.length > 0 && granted.every(({ identifier }) => identifier > 0)) {
    const message = `${granted[0]?.filter} has the Subscription Identifier ${granted[0]?.identifier}, but the message has none`
    tracker.report(ECHO_RULES.identifierMissing, connection, number, message)
  }
}

/** Messages of the client itself that are remembered. */
const MOST_OWN = 64
/** Seconds after which a copy has another origin. */
const HORIZON = 5

/** Of each PUBLISH of a client that has a subscription with No Local. */
export function rememberOwn({ record, connection, time }: Context, tracker: Tracker): void {
  const { packet, raw, number } = record
  const topic = tracker.topicOf(record)
  if (topic === -1 || topic === OVERFLOW || !packet.has(Slot.payload)) return
  connection.ruleState.own ??= []
  const { own } = connection.ruleState
  own.push({
    topic,
    payload: raw.bytes.slice(packet.start(Slot.payload), packet.end(Slot.payload)),
    time,
    packet: number,
  })
  if (own.length > MOST_OWN) own.shift()
}

/** Of each PUBLISH to it. Retained messages come whoever sent them. */
export function checkOwn(context: Context, found: readonly Subscription[], tracker: Tracker): void {
  const { record, connection, time } = context
  const { own } = connection.ruleState
  const { packet, raw, number } = record
  if (own === undefined || (packet.value(Slot.flags) & PublishFlag.retain) !== 0 || !packet.has(Slot.payload)) return
  if (found.some(({ options }) => (options & SubscriptionOption.noLocal) === 0)) return
  const topic = tracker.topicOf(record)
  const start = packet.start(Slot.payload)
  const size = packet.end(Slot.payload) - start
  const same = own.find(
    one =>
      one.topic === topic &&
      time - one.time < HORIZON &&
      one.payload.length === size &&
      equalBytes(one.payload, 0, raw.bytes, start, size),
  )
  if (same === undefined) return
  tracker.report(
    ECHO_RULES.ownMessage,
    connection,
    number,
    `the client receives its own message, packet ${same.packet}`,
  )
}
