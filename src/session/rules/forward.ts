/** What a broker makes of the messages it hands on: their properties, their expiry, their RETAIN flag, their topic. */
import { u8 } from '../../base/bytes.ts'
import type { Field, FieldSink } from '../../base/field.ts'
import { hexText } from '../../base/strings.ts'
import { PROP_KEY, PROP_VALUE, PROPERTIES_GROUP, PROPERTY_FIELDS, Slot } from '../../mqtt/fields.ts'
import { properties } from '../../mqtt/properties.ts'
import { PropertyId, PUBLISH, PublishFlag, SubscriptionOption } from '../../mqtt/spec.ts'
import { matchesFilter } from '../../mqtt/topic.ts'
import type { PacketRecord } from '../../store/record.ts'
import type { Connection } from '../connection.ts'
import { propertiesOf } from '../fanout/carried.ts'
import type { FanOut } from '../fanout/fanout.ts'
import { Fingerprint } from '../fanout/fingerprint.ts'
import type { Message } from '../fanout/message.ts'
import { isLive } from '../fanout/pick.ts'
import type { FanOutStep } from '../fanout/step.ts'
import { isShared } from '../fanout/subscribers.ts'
import { MOST_TOPICS } from '../rule-state.ts'
import type { Rule } from '../rules.ts'
import type { Subscription } from '../session.ts'
import type { Context, Tracker } from '../tracker.ts'
import { DELIVERY_RULES, RETAINED_TIME_S } from './delivery.ts'
import { checkOrder } from './order.ts'
import { noteBrought } from './retained.ts'

/** Somebody else may have published the same over another way, so no copy proves that its message was altered. */
const OTHER_WAY = 'A client outside the capture may have published an equal message.'

const unaltered = (id: string, v5: string, what: string) =>
  ({
    id,
    v5,
    level: 'warning',
    title: `${what} changed by broker`,
    explanation: `A broker forwards the ${what} unchanged. ${OTHER_WAY}`,
  }) as const

export const FORWARD_RULES = {
  format: unaltered('forward.payload_format', '3.3.2-4', 'Payload Format Indicator'),
  responseTopic: unaltered('forward.response_topic', '3.3.2-15', 'Response Topic'),
  correlation: unaltered('forward.correlation_data', '3.3.2-16', 'Correlation Data'),
  users: unaltered('forward.user_properties', '3.3.2-17', 'User Properties'),
  userOrder: {
    id: 'forward.user_property_order',
    v5: '3.3.2-18',
    level: 'warning',
    title: 'User Properties reordered',
    explanation: `A broker keeps the order of the User Properties. ${OTHER_WAY}`,
  },
  contentType: unaltered('forward.content_type', '3.3.2-20', 'Content Type'),
  expiry: {
    id: 'forward.expiry',
    v5: '3.3.2-6',
    level: 'warning',
    title: 'Message Expiry Interval not reduced',
    explanation: `The broker reduces the Message Expiry Interval by the time that the message waited in it. ${OTHER_WAY}`,
  },
  expired: {
    id: 'forward.expired',
    v5: '3.3.2-5',
    level: 'warning',
    title: 'Expired message delivered',
    explanation: `When the Message Expiry Interval has passed, the broker deletes the copies that it has not begun to deliver. ${OTHER_WAY}`,
  },
  retainFlag: {
    id: 'retain.not_as_published',
    v5: '3.3.1-13',
    level: 'warning',
    title: 'RETAIN not as published',
    explanation: `With Retain As Published the broker forwards RETAIN as the publisher set it. ${OTHER_WAY}`,
  },
  retainedFlag: {
    id: 'retained.flag_missing',
    v4: '3.3.1-8',
    level: 'warning',
    title: 'Retained message with RETAIN 0',
    explanation: `The broker sends a retained message with RETAIN 1 to a new subscriber, which so knows that the message is not a live one. ${OTHER_WAY}`,
  },
  mark: {
    id: 'topic.mark_stripped',
    v4: '1.5.3-3',
    v5: '1.5.4-3',
    level: 'warning',
    title: 'U+FEFF removed from topic',
    explanation: `The bytes EF BB BF are the character U+FEFF at any place of a topic. They are not an encoding mark that may be removed. ${OTHER_WAY}`,
  },
} as const satisfies Record<string, Rule>

/** Seconds by which whole seconds of two clocks may be apart. */
const JITTER_S = 2
/** Seconds after a SUBSCRIBE in which retained messages come for sure because of it. */
const JUST_SUBSCRIBED_S = 5

export class Forwards {
  private readonly marks = new Marks()

  /** Checks each PUBLISH whose role in a fan-out is known. */
  check(context: Context, step: FanOutStep, fanOut: FanOut, tracker: Tracker): void {
    const { message, role } = step
    if (message === undefined || role === 'again') return
    if (context.connection.ruleState.afterUnsuback === context.record.number) checkGivenUp(context, message, tracker)
    if (role === 'copy' && message.retain) checkRetainedCopy(context, message, tracker)
    if (role === 'fresh') return this.fresh(context, step, message, tracker)
    if (!fanOut.isAlone(message) || !isSpoken(context.record) || !isSpokenOn(message)) return
    checkProperties(context, message, tracker)
    if (role !== 'copy') return
    checkRetain(context, message, tracker)
    checkOrder(context, message, tracker)
  }

  private fresh(context: Context, { retained }: FanOutStep, message: Message, tracker: Tracker): void {
    if (message.isPublisherSeen) return this.marks.published(context)
    this.marks.forwarded(context, tracker)
    if (retained !== undefined) checkRetained(context, retained, tracker)
  }
}

/** By the CONNECT, not by guess; and all of the packet was captured. */
const isSpoken = ({ stream, raw }: PacketRecord): boolean =>
  stream.dialect.from === 'connect' && raw.readable === raw.end

const isSpokenOn = ({ stream }: Message): boolean => stream.dialect.from === 'connect'

// Properties

const FORMAT = PROPERTY_FIELDS[PropertyId.payloadFormatIndicator]
const EXPIRY = PROPERTY_FIELDS[PropertyId.messageExpiryInterval]
const CONTENT_TYPE = PROPERTY_FIELDS[PropertyId.contentType]
const RESPONSE_TOPIC = PROPERTY_FIELDS[PropertyId.responseTopic]
const CORRELATION = PROPERTY_FIELDS[PropertyId.correlationData]

/** What a PUBLISH carries and a broker has to hand on. Texts and bytes as hex. */
class Carried implements FieldSink {
  /** Left out it means the same as 0 (MQTT 5 §3.3.2.3.2). */
  format = 0
  expiry = -1
  contentType = ''
  responseTopic = ''
  correlation = ''
  readonly users: string[] = []
  private readonly block: Uint8Array

  constructor(block: Uint8Array) {
    this.block = block
    properties(block, 0, block.length, this, PROPERTIES_GROUP, PUBLISH)
  }

  field(field: Field, start: number, end: number, value: number): void {
    if (field === FORMAT) this.format = value
    else if (field === EXPIRY) this.expiry = value
    else if (field === CONTENT_TYPE) this.contentType = this.hex(start, end)
    else if (field === RESPONSE_TOPIC) this.responseTopic = this.hex(start, end)
    else if (field === CORRELATION) this.correlation = this.hex(start, end)
    else if (field === PROP_KEY) this.users.push(this.hex(start, end))
    else if (field === PROP_VALUE) this.users.push(`${this.users.pop()} ${this.hex(start, end)}`)
  }

  open(): void {}
  close(): void {}
  fault(): void {}

  /** With a sign in front, so that what is empty is not what is absent. */
  private hex(start: number, end: number): string {
    return `=${hexText(this.block, start, end)}`
  }
}

const SAME: readonly (readonly [Rule, string, (carried: Carried) => string | number])[] = [
  [FORWARD_RULES.format, 'Payload Format Indicator', ({ format }) => format],
  [FORWARD_RULES.responseTopic, 'Response Topic', ({ responseTopic }) => responseTopic],
  [FORWARD_RULES.correlation, 'Correlation Data', ({ correlation }) => correlation],
  [FORWARD_RULES.contentType, 'Content Type', ({ contentType }) => contentType],
]

function checkProperties(context: Context, message: Message, tracker: Tracker): void {
  const { record, connection } = context
  const sent = message.properties
  const came = propertiesOf(record)
  // Most messages have none: both are the same empty block.
  if (sent === undefined || came === undefined || sent === came) return
  const [before, after] = [new Carried(sent), new Carried(came)]
  const from = `packet ${message.number}`
  for (const [rule, what, value] of SAME) {
    if (value(before) !== value(after)) tracker.report(rule, connection, record.number, `${what} differs from ${from}`)
  }
  if (before.users.join() !== after.users.join()) {
    const isSorted = [...before.users].sort().join() === [...after.users].sort().join()
    const rule = isSorted ? FORWARD_RULES.userOrder : FORWARD_RULES.users
    const what = isSorted ? 'the order of the User Properties is' : 'the User Properties are'
    tracker.report(rule, connection, record.number, `${what} not as in ${from}`)
  }
  if (before.expiry >= 0 && message.sentLast === message.number) {
    checkExpiry(context, before.expiry, after.expiry, message, tracker)
  }
}

function checkExpiry(
  { record, connection, time }: Context,
  sent: number,
  came: number,
  message: Message,
  tracker: Tracker,
): void {
  const waited = time - message.time
  const said = `${sent} s in packet ${message.number}, ${Math.round(waited)} s before`
  if (waited > sent + JITTER_S) tracker.report(FORWARD_RULES.expired, connection, record.number, said)
  else if (!(Math.abs(sent - waited - came) <= JITTER_S)) {
    const now = came < 0 ? 'absent' : `${came} s`
    tracker.report(FORWARD_RULES.expiry, connection, record.number, `${now}, but it was ${said}`)
  }
}

// Filters given up

/** What was published before the UNSUBACK may have been on its way (3.1.1 and 5.0 §3.10.4), at QoS 2 until PUBREL. */
function checkGivenUp({ record, connection }: Context, message: Message, tracker: Tracker): void {
  const { unsuback } = connection.ruleState
  connection.ruleState.reported ??= new Set()
  const { reported } = connection.ruleState
  if ((message.isPublisherSeen && message.number < unsuback) || reported.size >= MOST_TOPICS) return
  reported.add(message.topic)
  const name = tracker.topics.text(message.topic) ?? 'the topic'
  tracker.report(
    DELIVERY_RULES.givenUp,
    connection,
    record.number,
    `the broker delivers ${name}, which the client unsubscribed in packet ${unsuback}`,
  )
}

// RETAIN

/** Subscriptions that select the topic, all of them plain, answered and standing; none where one of them is not. */
function plainOnes(connection: Connection, topic: string): readonly Subscription[] {
  if (!connection.knowsSubscriptions) return []
  const bytes = encoder.encode(topic)
  const found = [...connection.session.subscriptions.values()].filter(
    ({ pattern }) => pattern === undefined || matchesFilter(pattern, 0, pattern.length, bytes, 0, bytes.length),
  )
  const isPlain = ({ filter, pattern, granted, before }: Subscription): boolean =>
    pattern !== undefined && granted !== undefined && granted <= 2 && before === -1 && !isShared(filter)
  return found.every(isPlain) ? found : []
}

const encoder = new TextEncoder()

function checkRetain({ record, connection }: Context, message: Message, tracker: Tracker): void {
  const isRetained = (record.packet.value(Slot.flags) & PublishFlag.retain) !== 0
  if (record.version !== 5 || isRetained === message.retain) return
  const found = plainOnes(connection, tracker.topics.text(message.topic) ?? '')
  const asked = found.every(
    ({ options, packet }) => (options & SubscriptionOption.retainAsPublished) !== 0 && packet < message.number,
  )
  if (found.length === 0 || !asked) return
  const text = `RETAIN is ${isRetained ? 1 : 0}, in packet ${message.number} it is ${message.retain ? 1 : 0}`
  tracker.report(FORWARD_RULES.retainFlag, connection, record.number, text)
}

/** `message` was to be retained: its copy may be live, or may be what the broker had kept when the client subscribed. */
function checkRetainedCopy(context: Context, message: Message, tracker: Tracker): void {
  const { record, connection, time } = context
  if ((record.packet.value(Slot.flags) & PublishFlag.retain) === 0) return checkRetained(context, message, tracker)
  const since = time - connection.subscribed
  if (since > RETAINED_TIME_S || connection.isBridge || !isLive(message, connection)) return
  const found = plainOnes(connection, tracker.topics.text(message.topic) ?? '')
  if (found.length === 0 || (record.version === 5 && found.some(isAsPublished))) return
  const text = `RETAIN is 1, and packet ${message.number} was published ${Math.round(since)} s after the last SUBSCRIBE`
  tracker.report(DELIVERY_RULES.retainKept, connection, record.number, text)
}

const isAsPublished = ({ options }: Subscription): boolean => (options & SubscriptionOption.retainAsPublished) !== 0

/** `retained`: what the broker had kept, and what this looks like. */
function checkRetained({ record, connection, time }: Context, retained: Message, tracker: Tracker): void {
  if ((record.packet.value(Slot.flags) & PublishFlag.retain) !== 0) return
  if (!(connection.subscribed > retained.time)) return
  noteBrought(connection, retained.topic, record.number)
  if (!connection.isNew || !(time - connection.subscribed < JUST_SUBSCRIBED_S)) return
  const found = plainOnes(connection, tracker.topics.text(retained.topic) ?? '')
  if (found.length === 0 || found.some(({ packet }) => packet < retained.number)) return
  const text = `RETAIN is 0, but this is the message that packet ${retained.number} retained`
  tracker.report(FORWARD_RULES.retainedFlag, connection, record.number, text)
}

// Topics that begin with U+FEFF

const MARK = [0xef, 0xbb, 0xbf]
/** Such topics are rare: the last messages to them are remembered, for as long as their copies may take. */
const MOST_MARKED = 64
const PATIENCE_S = 5

interface Marked {
  readonly packet: number
  readonly time: number
  /** Behind the mark. */
  readonly topic: Uint8Array
  readonly a: number
  readonly b: number
}

class Marks {
  private known: Marked[] = []
  private readonly fingerprint = new Fingerprint(0)

  published({ record, time }: Context): void {
    const { packet, raw } = record
    if (!packet.has(Slot.topic)) return
    const [start, end] = [packet.start(Slot.topic), packet.end(Slot.topic)]
    if (end - start <= MARK.length || u8(raw.bytes, start) !== MARK[0]) return
    if (MARK.some((byte, at) => u8(raw.bytes, start + at) !== byte)) return
    const topic = raw.bytes.slice(start + MARK.length, end)
    this.known.push({ packet: record.number, time, topic, ...this.payloadOf(record) })
    if (this.known.length > MOST_MARKED) this.known.shift()
  }

  /** Of a message that nobody in the capture has published. */
  forwarded({ record, connection, time }: Context, tracker: Tracker): void {
    const { packet, raw } = record
    if (this.known.length === 0 || !packet.has(Slot.topic) || !connection.knowsSubscriptions) return
    if ((packet.value(Slot.flags) & PublishFlag.retain) !== 0) return
    const { a, b } = this.payloadOf(record)
    const topic = hexText(raw.bytes, packet.start(Slot.topic), packet.end(Slot.topic))
    const same = this.known.find(
      one =>
        one.a === a && one.b === b && time - one.time < PATIENCE_S && hexText(one.topic, 0, one.topic.length) === topic,
    )
    if (same === undefined) return
    const text = `packet ${same.packet} has the same topic after U+FEFF, and the same payload`
    tracker.report(FORWARD_RULES.mark, connection, record.number, text)
  }

  private payloadOf({ packet, raw }: PacketRecord): { a: number; b: number } {
    const { fingerprint } = this
    fingerprint.begin()
    fingerprint.add(raw.bytes, packet.start(Slot.payload), packet.end(Slot.payload))
    return { a: fingerprint.a, b: fingerprint.b }
  }
}
