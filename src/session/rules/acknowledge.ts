/** Answers: to a question that was asked, of the right kind, in the right order. */

import { Slot } from '../../mqtt/fields.ts'
import {
  FIRST_FAILURE,
  PINGRESP,
  PUBACK,
  PUBCOMP,
  PUBREC,
  PUBREL,
  SUBACK,
  TYPE_NAMES,
  UNSUBACK,
} from '../../mqtt/spec.ts'
import { otherSide } from '../../net/flow.ts'
import type { PacketRecord } from '../../store/record.ts'
import type { Connection } from '../connection.ts'
import { isMisdirected } from '../direction.ts'
import type { Exchange } from '../exchange/exchange.ts'
import { DISORDER } from '../exchange/strays.ts'
import type { Rule } from '../rules.ts'
import type { Context, Tracker } from '../tracker.ts'
import { reportRefusedMessage } from './refusals.ts'

export const ACKNOWLEDGE_RULES = {
  stray: {
    id: 'ack.stray',
    v4: '2.3.1-6',
    v5: '2.2.1-5',
    level: 'warning',
    title: 'Acknowledgement of unknown packet id',
    explanation:
      'The sender acknowledges a packet id that has no open message. The message was acknowledged before, or the two sides no longer agree on their session. The receiver ignores the packet or answers 0x92.',
  },
  strayAnswer: {
    id: 'answer.stray',
    v4: '2.3.1-7',
    v5: '2.2.1-6',
    level: 'warning',
    title: 'SUBACK or UNSUBACK without request',
    explanation:
      'A SUBACK or UNSUBACK carries the packet id of the SUBSCRIBE or UNSUBSCRIBE that it answers. No open request has this id.',
  },
  strayPong: {
    id: 'pingresp.stray',
    level: 'warning',
    title: 'PINGRESP without PINGREQ',
    explanation: 'The broker sends one PINGRESP for each PINGREQ.',
  },
  wrongKind: {
    id: 'ack.wrong_kind',
    v4: '3.3.4-1',
    v5: '3.3.4-1',
    level: 'error',
    title: 'Wrong acknowledgement type',
    explanation:
      'PUBACK answers a QoS 1 message, PUBREC a QoS 2 message, PUBCOMP a PUBREL, SUBACK a SUBSCRIBE, UNSUBACK an UNSUBSCRIBE. This packet id waits for another one of them.',
  },
  releaseTooEarly: {
    id: 'pubrel.early',
    v4: '4.3.3-1',
    v5: '4.3.3-4',
    level: 'error',
    title: 'PUBREL before PUBREC',
    explanation: 'The sender sends PUBREL only after PUBREC has confirmed that the receiver has the message.',
  },
  completeTooEarly: {
    id: 'pubcomp.early',
    v4: '4.3.3-2',
    v5: '4.3.3-11',
    level: 'error',
    title: 'PUBCOMP before PUBREL',
    explanation: 'PUBCOMP answers PUBREL. The first answer to a QoS 2 message is PUBREC.',
  },
  ackOrder: {
    id: 'order.puback',
    v4: '4.6.0-2',
    v5: '4.6.0-2',
    level: 'error',
    title: 'PUBACK out of order',
    explanation: 'A client sends PUBACKs in the order in which it received the messages.',
  },
  receivedOrder: {
    id: 'order.pubrec',
    v4: '4.6.0-3',
    v5: '4.6.0-3',
    level: 'error',
    title: 'PUBREC out of order',
    explanation: 'A client sends PUBRECs in the order in which it received the messages.',
  },
  releaseOrder: {
    id: 'order.pubrel',
    v4: '4.6.0-4',
    v5: '4.6.0-4',
    level: 'error',
    title: 'PUBREL out of order',
    explanation: 'A client sends PUBRELs in the order in which it received the PUBRECs.',
  },
  notReleased: {
    id: 'pubrel.missing',
    v4: '4.3.3-1',
    v5: '4.3.3-4',
    level: 'warning',
    title: 'PUBREC repeated without PUBREL',
    explanation:
      'The sender of a message answers each PUBREC with PUBREL. Here the receiver repeats the PUBREC of a message from before the capture and gets no answer. The sender may have lost the session.',
  },
  releaseAgain: {
    id: 'pubrel.again',
    level: 'warning',
    level4: 'note',
    title: 'PUBREL resent',
    explanation: 'TCP loses nothing while the connection is open, so no packet needs to be sent twice.',
  },
} as const satisfies Record<string, Rule>

/** Of PUBACK, PUBREC, PUBREL, PUBCOMP, SUBACK, UNSUBACK and PINGRESP. */
export function checkAnswer(context: Context, tracker: Tracker): void {
  switch (context.role.name) {
    case 'step':
      return checkStep(context, tracker)
    case 'orphan':
      return checkStray(context, tracker)
    case 'wrong':
      return checkKind(context, tracker)
    case 'repeat':
      return checkAgain(context, tracker)
  }
}

function checkStray({ record, connection }: Context, tracker: Tracker): void {
  const { type, number, side, packet } = record
  if (isMisdirected(record)) return
  if (!connection.isNew) return checkReleased(record, connection, tracker)
  const name = TYPE_NAMES[type]
  if (type === PINGRESP)
    return tracker.report(ACKNOWLEDGE_RULES.strayPong, connection, number, 'no PINGREQ is unanswered')
  if (!packet.has(Slot.packetId)) return
  const id = packet.value(Slot.packetId)
  const { ruleState } = connection
  if (type === PUBREL) {
    ruleState.strayRelease ??= [0, 0]
    ruleState.strayRelease[side] = id
  }
  // Whoever answers a stray PUBREL does as it must. [MQTT-4.3.3-11]
  if (type === PUBCOMP && ruleState.strayRelease?.[otherSide(side)] === id) return
  const isRequest = type === SUBACK || type === UNSUBACK
  const rule = isRequest ? ACKNOWLEDGE_RULES.strayAnswer : ACKNOWLEDGE_RULES.stray
  tracker.report(rule, connection, number, `${name} for packet id ${id}, but no packet with this id waits for it`)
}

/** Packet ids of a resumed session remembered with their PUBREC; of more nothing is said. */
const MOST_UNRELEASED = 1000

/** Of a session that goes on: the message stands before the capture, and its PUBREC asks for PUBREL. */
function checkReleased({ type, number, packet, side }: PacketRecord, connection: Connection, tracker: Tracker): void {
  if ((type !== PUBREC && type !== PUBREL) || !packet.has(Slot.packetId)) return
  const id = packet.value(Slot.packetId)
  const { ruleState } = connection
  // Each side has packet ids of its own: those of the side that is to send PUBREL.
  const key = 2 * id + (type === PUBREL ? side : otherSide(side))
  if (type === PUBREL) return void ruleState.unreleased?.delete(key)
  if (packet.has(Slot.reason) && packet.value(Slot.reason) >= FIRST_FAILURE) return
  ruleState.unreleased ??= new Map()
  const { unreleased } = ruleState
  const before = unreleased.get(key)
  if (before === undefined && unreleased.size < MOST_UNRELEASED) unreleased.set(key, number)
  // Told once: a number below 0 stands for that.
  if (before === undefined || before < 0 || connection.missesBytes) return
  unreleased.set(key, -1)
  const message = `PUBREC for packet id ${id} came in packet ${before} and again, without a PUBREL in between`
  tracker.report(ACKNOWLEDGE_RULES.notReleased, connection, number, message)
}

function checkKind({ record, connection, role }: Context, tracker: Tracker): void {
  if (connection.missesBytes || role.exchange === undefined) return
  tracker.report(ACKNOWLEDGE_RULES.wrongKind, connection, record.number, instead(record.type, role.exchange))
}

function instead(type: number, exchange: Exchange): string {
  const waits = TYPE_NAMES[exchange.awaited?.type ?? type]
  return `packet ${exchange.opener} (packet id ${exchange.key}) waits for ${waits}, not for ${TYPE_NAMES[type]}`
}

/** Of an exchange that is over: the step that was passed over never came. */
export function checkEarly(exchange: Exchange, connection: Connection, tracker: Tracker): void {
  if (exchange.ahead !== 0) reportEarly(exchange, exchange.ahead, connection, tracker)
}

function reportEarly(exchange: Exchange, packet: number, connection: Connection, tracker: Tracker): void {
  if (connection.missesBytes || exchange.resumed > 0) return
  const isRelease = exchange.aheadType === PUBREL
  const rule = isRelease ? ACKNOWLEDGE_RULES.releaseTooEarly : ACKNOWLEDGE_RULES.completeTooEarly
  const missing = isRelease ? 'PUBREC' : exchange.step === 0 ? 'PUBREC and PUBREL' : 'PUBREL'
  const message = `${TYPE_NAMES[exchange.aheadType]} for packet ${exchange.opener} (packet id ${exchange.key}) before ${missing}`
  tracker.report(rule, connection, packet, message)
}

function checkAgain({ record, connection, role }: Context, tracker: Tracker): void {
  if (record.type !== PUBREL || role.exchange === undefined) return
  if (role.exchange.resumed > 0 || connection.missesBytes) return
  const message = `PUBREL of packet ${role.exchange.numberAt(2)} is resent`
  tracker.report(ACKNOWLEDGE_RULES.releaseAgain, connection, record.number, message)
}

function checkStep(context: Context, tracker: Tracker): void {
  const { record, connection, role } = context
  const { exchange } = role
  if (exchange === undefined) return
  if (role.ahead > 0 && role.aheadBy > DISORDER) reportEarly(exchange, role.ahead, connection, tracker)
  if (exchange.code >= FIRST_FAILURE && (record.type === PUBACK || record.type === PUBREC)) {
    connection.ruleState.refused ??= [undefined, undefined]
    connection.ruleState.refused[exchange.side] = { id: exchange.key, fingerprint: exchange.fingerprint }
    reportRefusedMessage(context, exchange.opener, tracker)
  }
  if (record.side === connection.clientSide && exchange.resumed === 0 && !connection.missesBytes)
    checkOrder(context, exchange, tracker)
}

/** By packet type: index in `RuleState.newest`, and the rule. Only clients are bound to this order. */
const ORDERED: Readonly<Record<number, readonly [0 | 1 | 2, Rule]>> = {
  [PUBACK]: [0, ACKNOWLEDGE_RULES.ackOrder],
  [PUBREC]: [1, ACKNOWLEDGE_RULES.receivedOrder],
  [PUBREL]: [2, ACKNOWLEDGE_RULES.releaseOrder],
}

/** An answer to something older than what was answered last: that one was passed over. */
function checkOrder({ record, connection }: Context, exchange: Exchange, tracker: Tracker): void {
  const ordered = ORDERED[record.type]
  if (ordered === undefined) return
  const [index, rule] = ordered
  const answered = exchange.numberAt(exchange.step - 1)
  const { ruleState } = connection
  ruleState.newest ??= [0, 0, 0]
  const newest = ruleState.newest[index]
  if (answered >= newest) {
    ruleState.newest[index] = answered
    return
  }
  const message = `${TYPE_NAMES[record.type]} for packet ${answered} comes after the one for the later packet ${newest}`
  tracker.report(rule, connection, record.number, message)
}
