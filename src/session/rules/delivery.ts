/** What the broker delivers: only what was subscribed to, at no more than the granted QoS. */

import { OVERFLOW } from '../../base/strings.ts'
import { Slot } from '../../mqtt/fields.ts'
import { FIRST_FAILURE, PublishFlag, qosOf, retainHandlingOf, SubscriptionOption } from '../../mqtt/spec.ts'
import { matchesFilter } from '../../mqtt/topic.ts'
import type { PacketRecord } from '../../store/record.ts'
import type { Connection } from '../connection.ts'
import { MOST_TOPICS } from '../rule-state.ts'
import type { Rule } from '../rules.ts'
import type { Subscription } from '../session.ts'
import type { Context, Tracker } from '../tracker.ts'
import { checkIdentifiers, checkOwn } from './echo.ts'

export const DELIVERY_RULES = {
  unmatched: {
    id: 'delivery.unmatched',
    v4: '3.3.2-3',
    v5: '3.3.2-3',
    level: 'warning',
    title: 'Delivery without subscription',
    explanation:
      'No subscription of the client matches this topic. Some brokers subscribe clients by configuration; any other broker must not deliver this message.',
  },
  dollar: {
    id: 'delivery.dollar',
    v4: '4.7.2-1',
    v5: '4.7.2-1',
    level: 'warning',
    title: 'Wildcard matches $ topic',
    explanation: 'A topic filter that begins with # or + must not match a topic that begins with $.',
  },
  givenUp: {
    id: 'delivery.after_unsuback',
    v4: '3.10.4-2',
    v5: '3.10.4-2',
    level: 'warning',
    title: 'Delivery after UNSUBACK',
    explanation:
      'The client has unsubscribed. The broker may still deliver messages in flight, but must not add new ones.',
  },
  qos: {
    id: 'delivery.qos',
    v4: '3.8.4-6',
    v5: '3.8.4-8',
    level: 'error',
    level3: 'warning',
    title: 'QoS above granted QoS',
    explanation: 'The broker delivers a message at the lower of the published and the granted QoS.',
  },
  retainedUnwanted: {
    id: 'retained.unwanted',
    v5: '3.3.1-11',
    level: 'error',
    title: 'Unwanted retained message',
    explanation:
      'All matching subscriptions have Retain Handling 2 (send no retained messages) and Retain As Published 0, so RETAIN must be 0.',
  },
  retainedAgain: {
    id: 'retained.again',
    v5: '3.3.1-10',
    level: 'warning',
    title: 'Retained message for existing subscription',
    explanation:
      'With Retain Handling 1 the broker sends retained messages only for a new subscription. Messages for an earlier SUBSCRIBE may still be in flight.',
  },
  retainKept: {
    id: 'retain.kept',
    v4: '3.3.1-9',
    v5: '3.3.1-12',
    level: 'warning',
    title: 'RETAIN set on live message',
    explanation:
      'The broker sets RETAIN only on messages that were retained when the client subscribed, unless the subscription has Retain As Published. The last SUBSCRIBE was long before.',
  },
} as const satisfies Record<string, Rule>

/** Marks beside the QoS 0 to 2. */
const NOTHING = -1
const GIVEN_UP = -2
const DOLLAR_ONLY = -3

/** So few subscriptions are gone through for each message; beyond it the answer is kept by topic. */
const FEW = 4
/** More subscriptions than these are not looked through for each new topic. */
const MOST_SEARCHED = 1000

/** Of each PUBLISH of the broker. */
export function checkDelivery(context: Context, tracker: Tracker): void {
  const { record, connection } = context
  const patterns = connection.ruleState.patterns ?? patternsOf(connection)
  if (patterns.length > MOST_SEARCHED || !connection.knowsSubscriptions || !locate(record)) return
  const first = record.packet.value(Slot.flags)
  const qos = qosOf(first)
  const allowed = patterns.length <= FEW ? search(patterns) : remembered(context, patterns, tracker)
  if (allowed < 0) reportUnmatched(context, tracker)
  else if (qos > allowed) {
    const message = `QoS is ${qos}, the granted QoS is ${allowed}`
    tracker.report(DELIVERY_RULES.qos, connection, record.number, message)
  }
  if (allowed < 0) return
  if ((first & PublishFlag.retain) !== 0) checkRetain(context, tracker)
  if (connection.session.hasIdentifiers || connection.session.hasNoLocal) checkOptions(context, patterns, tracker)
}

function checkOptions(context: Context, patterns: readonly Subscription[], tracker: Tracker): void {
  if (context.record.version !== 5 || !locate(context.record)) return
  const found = patterns.filter(({ pattern }) => pattern !== undefined && matches(pattern))
  if (context.connection.session.hasIdentifiers) checkIdentifiers(context, found, tracker)
  if (context.connection.session.hasNoLocal) checkOwn(context, found, tracker)
}

function patternsOf(connection: Connection): readonly Subscription[] {
  connection.ruleState.patterns = [...connection.session.subscriptions.values()]
  return connection.ruleState.patterns
}

/** A look-up per topic, not per message, goes through the subscriptions. */
function remembered({ record, connection }: Context, patterns: readonly Subscription[], tracker: Tracker): number {
  const topic = tracker.topicOf(record)
  connection.ruleState.allowedQos ??= new Map()
  const { allowedQos } = connection.ruleState
  const known = allowedQos.get(topic)
  if (known !== undefined) return known
  const allowed = search(patterns)
  if (allowedQos.size < MOST_TOPICS && topic !== OVERFLOW) allowedQos.set(topic, allowed)
  return allowed
}

/** Once for each topic. */
function reportUnmatched(context: Context, tracker: Tracker): void {
  const { record, connection } = context
  const topic = tracker.topicOf(record)
  connection.ruleState.reported ??= new Set()
  const { reported } = connection.ruleState
  if (reported.has(topic) || reported.size >= MOST_TOPICS || comesByPrefix(connection)) return
  reported.add(topic)
  const name = tracker.topics.text(topic) ?? 'the topic'
  const { number } = record
  const why = reason(connection, number)
  if (why === GIVEN_UP) reported.delete(topic)
  else if (why === DOLLAR_ONLY)
    tracker.report(DELIVERY_RULES.dollar, connection, number, `only a wildcard matches ${name}`)
  else tracker.report(DELIVERY_RULES.unmatched, connection, number, `no subscription matches ${name}`)
}

/**
 * Returns why no subscription matches the topic in `span`: one of the marks. What was given up is left to `forward.ts`, which
 * knows when the message was published.
 */
function reason(connection: Connection, number: number): number {
  const { ruleState } = connection
  const given = ruleState.givenUp?.findLast(({ pattern }) => matches(pattern))
  if (given !== undefined) {
    ruleState.afterUnsuback = number
    ruleState.unsuback = given.packet
    return GIVEN_UP
  }
  return span.bytes[span.start] === DOLLAR && wouldMatch(connection) ? DOLLAR_ONLY : NOTHING
}

/** The topic's bytes: in the packet, or what its alias stands for. */
const span = { bytes: new Uint8Array(0) as Uint8Array, start: 0, end: 0 }

function locate(record: PacketRecord): boolean {
  const { packet, raw, stream, side } = record
  if (packet.has(Slot.topic)) {
    span.bytes = raw.bytes
    span.start = packet.start(Slot.topic)
    span.end = packet.end(Slot.topic)
    return true
  }
  const aliases = stream.aliasesOf(side)
  if (record.aliasTopic === undefined || !aliases?.find(packet.value(Slot.alias))) return false
  span.bytes = aliases.bytes
  span.start = aliases.start
  span.end = aliases.end
  return true
}

const matches = (pattern: Uint8Array): boolean =>
  matchesFilter(pattern, 0, pattern.length, span.bytes, span.start, span.end)

const DOLLAR = 0x24

/** What a subscription lets through, while its SUBACK is not seen anything; -1 where it was refused. */
function grantedBy({ granted, before }: Subscription): number {
  if (granted === undefined) return 2
  return Math.max(granted >= FIRST_FAILURE ? NOTHING : granted, before >= FIRST_FAILURE ? NOTHING : before)
}

/** Returns the highest QoS that is granted for the topic in `span`. */
function search(patterns: readonly Subscription[]): number {
  let allowed = NOTHING
  for (let at = 0; at < patterns.length; at++) {
    const subscription = patterns[at] as Subscription
    // What nobody can tell may match everything.
    if (subscription.pattern === undefined) return 2
    if (matches(subscription.pattern)) allowed = Math.max(allowed, grantedBy(subscription))
  }
  return allowed
}

/** Whether a filter that begins with a wildcard matches but for the $. */
function wouldMatch(connection: Connection): boolean {
  span.start++
  const found = [...connection.session.subscriptions.values()].some(({ filter, pattern }) => {
    return pattern !== undefined && /^[+#]/.test(filter) && matches(pattern)
  })
  span.start--
  return found
}

const encoder = new TextEncoder()

/**
 * True if a subscription to a $ topic of the broker's own kind (`$queue/a`, `$exclusive/a`, `$oshare/group/a`) may bring
 * the topic in `span`: what follows its first or its second level matches (§4.7.2: such topics are the server's affair).
 */
function comesByPrefix({ session }: Connection): boolean {
  for (const { filter } of session.subscriptions.values()) {
    if (!filter.startsWith('$')) continue
    const levels = filter.split('/')
    if ([1, 2].some(from => levels.length > from && matches(encoder.encode(levels.slice(from).join('/'))))) return true
  }
  return false
}

/** Seconds after a SUBSCRIBE in which retained messages come. */
export const RETAINED_TIME_S = 60
/** Seconds after a SUBSCRIBE in which a retained message comes because of it, and behind which none comes because of the one before. */
const PATIENCE_S = 2

/** Messages with RETAIN 1 are few. */
function checkRetain({ record, connection, time }: Context, tracker: Tracker): void {
  if (connection.isBridge || !locate(record)) return
  const found = [...connection.session.subscriptions.values()].filter(
    ({ pattern }) => pattern !== undefined && matches(pattern),
  )
  if (found.some(({ options }) => record.version === 5 && (options & SubscriptionOption.retainAsPublished) !== 0))
    return
  const since = time - connection.subscribed
  const unwanted = record.version === 5 ? unwantedBy(record, found, since) : undefined
  if (unwanted !== undefined) {
    const message = unwanted === DELIVERY_RULES.retainedUnwanted ? 'asks for no retained messages' : 'existed before'
    tracker.report(unwanted, connection, record.number, `RETAIN is 1, but the subscription ${message}`)
  } else if (since > RETAINED_TIME_S) {
    const message = `RETAIN is 1, ${Math.round(since)} s after the last SUBSCRIBE`
    tracker.report(DELIVERY_RULES.retainKept, connection, record.number, message)
  }
}

/**
 * Returns the rule by which none of the subscriptions wants a retained message (MQTT 5 §3.3.1.3). One that replaced another
 * says nothing of what was under way for that one, and nor does what is sent again.
 */
function unwantedBy(record: PacketRecord, found: readonly Subscription[], since: number): Rule | undefined {
  if ((record.packet.value(Slot.flags) & PublishFlag.dup) !== 0) return undefined
  if (found.every(({ options }) => retainHandlingOf(options) === 2))
    return found.every(({ before, granted }) => before === NOTHING && granted !== undefined) || since > PATIENCE_S
      ? DELIVERY_RULES.retainedUnwanted
      : undefined
  return since < PATIENCE_S && found.every(isHeld) ? DELIVERY_RULES.retainedAgain : undefined
}

/** True if the subscription brings no retained message, as its options say so or as it existed when it was made again. */
const isHeld = ({ options, before }: Subscription): boolean =>
  retainHandlingOf(options) === 2 || (retainHandlingOf(options) === 1 && before >= 0 && before < FIRST_FAILURE)

/** The subscriptions have changed: what was looked up holds no longer. */
export function forgetAllowed({ connection }: Context): void {
  connection.forgetAllowed()
}
