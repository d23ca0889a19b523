/** Puts the families of rules together: which packet is looked at by which of them. */

import { byWord } from '../base/by-word.ts'
import { Fault } from '../mqtt/faults.ts'
import { Slot } from '../mqtt/fields.ts'
import {
  AUTH,
  CONNACK,
  CONNECT,
  DISCONNECT,
  PINGRESP,
  PUBACK,
  PUBCOMP,
  PUBLISH,
  SUBACK,
  SUBSCRIBE,
  UNSUBACK,
  UNSUBSCRIBE,
} from '../mqtt/spec.ts'
import { otherSide } from '../net/flow.ts'
import type { Side } from '../store/record.ts'
import type { Connection } from './connection.ts'
import type { Exchange } from './exchange/exchange.ts'
import { ACKNOWLEDGE_RULES, checkAnswer, checkEarly } from './rules/acknowledge.ts'
import { AUTH_RULES, checkAuth, checkAuthConnack } from './rules/auth.ts'
import { BUSY_RULES, checkStuck } from './rules/busy.ts'
import { CONNACK_RULES, checkConnack } from './rules/connack.ts'
import { checkDelivery, DELIVERY_RULES, forgetAllowed } from './rules/delivery.ts'
import { ECHO_RULES, rememberOwn } from './rules/echo.ts'
import {
  checkAbandoned,
  checkAfterDisconnect,
  checkDisconnect,
  checkEnd,
  checkTakenOver,
  checkTolerated,
  ENDING_RULES,
  reportGap,
  reportMidStream,
} from './rules/ending.ts'
import { FORWARD_RULES } from './rules/forward.ts'
import { IDLE_RULES, IdleTimes } from './rules/idle.ts'
import { checkLastSilence, checkLateAnswer, checkSilence, checkTimeout, KEEPALIVE_RULES } from './rules/keepalive.ts'
import { MISSING_RULES } from './rules/missing.ts'
import { checkConnect, checkDirection, checkOpening, OPENING } from './rules/opening.ts'
import { ORDER_RULES } from './rules/order.ts'
import { checkPublish, PUBLISH_RULES } from './rules/publish.ts'
import { RECONNECT_RULES, Reconnects } from './rules/reconnects.ts'
import {
  checkConnackRefusal,
  checkRefusedFilters,
  checkRefusedUnsubscription,
  disconnectReason,
  REFUSAL_RULES,
} from './rules/refusals.ts'
import { checkCodes, checkSubscribe, checkUnsubscribe, REQUEST_RULES } from './rules/requests.ts'
import { RESEND_RULES } from './rules/resend.ts'
import { RETAINED_RULES, Retained } from './rules/retained.ts'
import { checkProblems, checkSize, SIZE_RULES } from './rules/size.ts'
import { Takeovers } from './rules/takeover.ts'
import { WILL_RULES, Wills } from './rules/will.ts'
import type { Rule } from './rules.ts'
import { SPARKPLUG_RULES, Sparkplug } from './sparkplug/sparkplug.ts'
import type { Checks, Context, Tracker } from './tracker.ts'

/** Every rule on behaviour, by family; those on bytes stand in `mqtt/faults.ts`. */
export const FAMILIES: Readonly<Record<string, Readonly<Record<string, Rule>>>> = byWord({
  opening: OPENING,
  connack: CONNACK_RULES,
  publish: PUBLISH_RULES,
  acknowledge: ACKNOWLEDGE_RULES,
  requests: REQUEST_RULES,
  refusals: REFUSAL_RULES,
  reconnects: RECONNECT_RULES,
  size: SIZE_RULES,
  keepalive: KEEPALIVE_RULES,
  auth: AUTH_RULES,
  ending: ENDING_RULES,
  resend: RESEND_RULES,
  busy: BUSY_RULES,
  idle: IDLE_RULES,
  delivery: DELIVERY_RULES,
  echo: ECHO_RULES,
  retained: RETAINED_RULES,
  forward: FORWARD_RULES,
  order: ORDER_RULES,
  missing: MISSING_RULES,
  will: WILL_RULES,
  sparkplug: SPARKPLUG_RULES,
})

/** Reason code 0x8E (MQTT 5 §3.14.2.1). */
const SESSION_TAKEN_OVER = 0x8e

type Check = (context: Context, tracker: Tracker) => void

/** By packet type; the others are met at once. */
const BY_TYPE: Readonly<Record<number, readonly Check[]>> = {
  [CONNECT]: [checkDirection, checkConnect],
  [CONNACK]: [checkDirection, checkConnack, checkAuthConnack, checkConnackRefusal],
  [SUBSCRIBE]: [checkDirection, checkSubscribe, forgetAllowed],
  [SUBACK]: [checkDirection, checkAnswer, checkCodes, checkRefusedFilters, forgetAllowed],
  [UNSUBSCRIBE]: [checkDirection, checkUnsubscribe],
  [UNSUBACK]: [checkDirection, checkAnswer, checkCodes, checkRefusedUnsubscription, forgetAllowed],
  [PINGRESP]: [checkDirection, checkAnswer, checkStuck],
  [DISCONNECT]: [checkDirection, checkDisconnect, checkTimeout],
  [AUTH]: [checkAuth],
}
const NO_CHECKS: readonly Check[] = [checkDirection]
const CHECKS: readonly (readonly Check[])[] = Array.from({ length: 16 }, (_, type) => BY_TYPE[type] ?? NO_CHECKS)

export class Findings implements Checks {
  private readonly retained = new Retained()
  private readonly wills = new Wills()
  private readonly takeovers = new Takeovers()
  private readonly idleTimes = new IdleTimes()
  private readonly reconnects = new Reconnects()
  private readonly sparkplug = new Sparkplug()

  /** Most packets are messages, acknowledgements and pings of connections in which nothing is out of the ordinary. */
  packet(context: Context, tracker: Tracker): void {
    const { record, connection } = context
    const { type } = record
    if (!connection.isPlain || record.packet.malformed) checkUnusual(context, tracker)
    if (context.time - connection.peer(record.side).lastTime > connection.quiet) checkSilence(context, tracker)
    if (type === PUBLISH) this.publish(context, tracker)
    else if (type >= PUBACK && type <= PUBCOMP) checkAnswer(context, tracker)
    else for (const check of CHECKS[type] ?? NO_CHECKS) check(context, tracker)
    if (type === SUBACK) this.suback(context, tracker)
    else if (type === CONNECT) this.reconnects.connect(context, tracker)
    else if (type === CONNACK) this.connack(context, tracker)
    else if (type === DISCONNECT) this.disconnect(context, tracker)
    if (context.time >= this.takeovers.due) this.takeovers.review(context.time, tracker)
  }

  private publish(context: Context, tracker: Tracker): void {
    const { record, connection } = context
    checkPublish(context, tracker)
    this.retained.publish(context, tracker)
    if (record.side !== connection.clientSide) checkDelivery(context, tracker)
    else if (connection.session.hasNoLocal) rememberOwn(context, tracker)
    this.wills.publish(context, tracker)
    this.sparkplug.publish(context, tracker)
  }

  private connack(context: Context, tracker: Tracker): void {
    const { record, connection, time } = context
    const { packet } = record
    if (connection.connackCode !== -1 || !packet.has(Slot.reason) || packet.value(Slot.reason) !== 0) return
    this.takeovers.accepted(context, tracker)
    this.reconnects.accepted(context, tracker)
    this.wills.connected(connection.clientId, time)
    this.wills.accepted(connection)
    this.sparkplug.accepted(connection, tracker)
  }

  /** A DISCONNECT with 0x8E is part of a takeover, where the capture shows that. */
  private disconnect(context: Context, tracker: Tracker): void {
    const { record, connection, details, time } = context
    this.sparkplug.disconnect(context, tracker)
    const message = disconnectReason(record, connection, details)
    if (message === undefined) return
    const { number } = record
    const report = (): void => tracker.report(REFUSAL_RULES.disconnect, connection, number, message)
    if (details?.codes[0] === SESSION_TAKEN_OVER) this.takeovers.dismiss(connection, time, report)
    else report()
  }

  private suback({ connection, role, details, time }: Context, tracker: Tracker): void {
    if (details !== undefined) this.retained.subscribed(connection, role.opener, details.codes, time, tracker)
  }

  exchange(exchange: Exchange, connection: Connection, tracker: Tracker): void {
    if (exchange.state !== 'abandoned' || tracker.pool.isDropping) return
    checkEarly(exchange, connection, tracker)
    checkAbandoned(exchange, connection, tracker)
  }

  ended(connection: Connection, tracker: Tracker): void {
    checkLastSilence(connection, tracker)
    checkEnd(connection, tracker)
    this.retained.ended(connection, tracker)
    this.wills.ended(connection, tracker)
    this.sparkplug.ended(connection, tracker)
    this.idleTimes.ended(connection)
    this.reconnects.ended(connection, tracker)
    connection.dropRuleState()
  }

  /** No more packets. */
  finish(tracker: Tracker): void {
    this.takeovers.finish(tracker)
    this.reconnects.finish(tracker)
    this.idleTimes.finish(tracker)
  }

  gap(connection: Connection, side: Side, size: number, tracker: Tracker): void {
    reportGap(connection, side, size, tracker)
    this.sparkplug.gap(connection, side)
  }
}

/** What concerns packets of all types. */
function checkUnusual(context: Context, tracker: Tracker): void {
  const { record, connection } = context
  const size = record.raw.end - record.raw.start
  if (record.number === connection.firstPacket && connection.stream.midStream) reportMidStream(context, tracker)
  if (connection.connack === 0) checkOpening(context, tracker)
  if (connection.peer(record.side).disconnected) checkAfterDisconnect(context, tracker)
  if (size > connection.peer(otherSide(record.side)).maximumPacketSize) checkSize(context, tracker)
  if (connection.lateSilence > 0) checkLateAnswer(context, tracker)
  if (!connection.wantsProblems) checkProblems(context, tracker)
  if (record.packet.malformed) noteMalformed(context)
  if (connection.malformed > 0 && record.side !== connection.clientSide) checkTolerated(context, tracker)
  if (connection.ending !== undefined && connection.ending.how === 'takeover') checkTakenOver(context, tracker)
}

function noteMalformed({ record, connection, time }: Context): void {
  if (record.side !== connection.clientSide || connection.malformed > 0) return
  if (record.raw.incomplete && record.packet.firstFault !== Fault.lengthInOneByte) return
  connection.malformed = record.number
  connection.malformedTime = time
  connection.review()
}
