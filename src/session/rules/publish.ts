/** PUBLISH: ids, repeats, and what the other side allows. */

import { u8 } from '../../base/bytes.ts'
import { Slot } from '../../mqtt/fields.ts'
import { PUBLISH, PublishFlag, qosOf, TYPE_NAMES } from '../../mqtt/spec.ts'
import { otherSide } from '../../net/flow.ts'
import type { Connection } from '../connection.ts'
import type { Exchange } from '../exchange/exchange.ts'
import type { Rule } from '../rules.ts'
import type { Context, Tracker } from '../tracker.ts'

export const PUBLISH_RULES = {
  idInUseClient: {
    id: 'packet_id.in_use',
    v4: '2.3.1-2',
    v5: '2.2.1-3',
    level: 'error',
    title: 'Packet id in use',
    explanation:
      'A packet id may be used again only after its handshake is complete. With two open handshakes under one id an answer cannot be assigned.',
  },
  idInUseServer: {
    id: 'packet_id.in_use_by_broker',
    v4: '2.3.1-4',
    v5: '2.2.1-4',
    level: 'error',
    title: 'Packet id in use',
    explanation:
      'A packet id may be used again only after its handshake is complete. The broker has 65,535 ids of its own for each client.',
  },
  withoutDup: {
    id: 'dup.missing',
    v4: '3.3.1-1',
    v5: '3.3.1-1',
    level: 'error',
    title: 'Resent without DUP',
    explanation:
      'The same packet id and topic came before and are not acknowledged. If this is the same message, DUP must be 1; if it is another message, its packet id is in use.',
  },
  resent: {
    id: 'publish.resent',
    v5: '4.4.0-1',
    level: 'error',
    title: 'Resent on the same connection',
    explanation: 'TCP loses nothing while the connection is open. MQTT 5 allows resending only after a reconnect.',
  },
  retransmit: {
    id: 'dup.retransmit',
    level: 'note',
    title: 'Message resent',
    explanation: 'Some clients resend a message when its acknowledgement takes long. 3.1.1 does not forbid it.',
  },
  resendOrder: {
    id: 'order.resend',
    v4: '4.6.0-1',
    v5: '4.6.0-1',
    level: 'error',
    title: 'Messages resent out of order',
    explanation: 'After a reconnect a client resends its unacknowledged messages in their original order.',
  },
  afterRelease: {
    id: 'publish.after_pubrel',
    v4: '4.3.3-1',
    v5: '4.3.3-6',
    level: 'error',
    title: 'PUBLISH after PUBREL',
    explanation:
      'After PUBREL the sender must not resend the message. The receiver would take it for a new one and deliver it twice.',
  },
  afterRefusal: {
    id: 'publish.after_refusal',
    v5: '4.4.0-2',
    level: 'error',
    title: 'Refused message resent',
    explanation: 'An acknowledgement with a code of 0x80 or more ends the message, too: it must not be resent.',
  },
  dupFirst: {
    id: 'dup.first',
    v4: '4.3.2-1',
    v5: '4.3.2-2',
    level: 'warning',
    title: 'DUP on first attempt',
    explanation: 'DUP is 0 on the first attempt, and the capture has no earlier one.',
  },
  dupLostSession: {
    id: 'dup.session_lost',
    level: 'note',
    title: 'Resent after session loss',
    explanation:
      'The client resends a message that was not acknowledged. The broker no longer has its session, so the broker takes it for a new message.',
  },
  dupForwarded: {
    id: 'dup.forwarded',
    v4: '3.3.1-3',
    v5: '3.3.1-3',
    level: 'warning',
    title: 'DUP on first delivery',
    explanation:
      'The broker does not forward the DUP of the publisher. DUP is 0 on the first attempt of each delivery.',
  },
  receiveMaximumServer: {
    id: 'receive_maximum.server_exceeded',
    v5: '3.3.4-9',
    level: 'error',
    title: 'Receive Maximum of client exceeded',
    explanation: 'Receive Maximum in CONNECT limits the unacknowledged QoS 1 and 2 messages to the client.',
  },
  receiveMaximumClient: {
    id: 'receive_maximum.client_exceeded',
    v5: '3.3.4-7',
    level: 'error',
    title: 'Receive Maximum of broker exceeded',
    explanation: 'Receive Maximum in CONNACK limits the unacknowledged QoS 1 and 2 messages to the broker.',
  },
  maximumQos: {
    id: 'maximum_qos.exceeded',
    v5: '3.2.2-11',
    level: 'error',
    title: 'QoS above Maximum QoS',
    explanation: 'Maximum QoS in CONNACK is the highest QoS that the broker accepts.',
  },
  retainUnavailable: {
    id: 'retain.unavailable',
    v5: '3.2.2-14',
    level: 'error',
    title: 'RETAIN not supported',
    explanation: 'Retain Available 0 in CONNACK means that the broker supports no retained messages.',
  },
  identifierFromClient: {
    id: 'subscription_identifier.from_client',
    v5: '3.3.4-6',
    level: 'error',
    title: 'Subscription Identifier from client',
    explanation: 'Only the broker adds Subscription Identifiers, for the subscriptions that match.',
  },
  aliasAboveClient: {
    id: 'alias.above_maximum',
    v5: '3.2.2-17',
    level: 'error',
    title: 'Topic alias above maximum',
    explanation: 'Topic Alias Maximum in CONNACK is the highest topic alias that the broker accepts.',
  },
  aliasForbiddenClient: {
    id: 'alias.forbidden',
    v5: '3.2.2-18',
    level: 'error',
    title: 'Topic alias not allowed',
    explanation: 'Without Topic Alias Maximum in CONNACK the broker accepts no topic aliases.',
  },
  aliasAboveServer: {
    id: 'alias.above_maximum_of_client',
    v5: '3.1.2-26',
    level: 'error',
    title: 'Topic alias above client maximum',
    explanation: 'Topic Alias Maximum in CONNECT is the highest topic alias that the client accepts.',
  },
  aliasForbiddenServer: {
    id: 'alias.forbidden_by_client',
    v5: '3.1.2-27',
    level: 'error',
    title: 'Topic alias not allowed by client',
    explanation: 'Without Topic Alias Maximum in CONNECT the client accepts no topic aliases.',
  },
  dollar: {
    id: 'topic.dollar',
    level: 'note',
    title: 'PUBLISH to $ topic',
    explanation:
      'Topics that begin with $ are for purposes of the broker itself; services of some brokers and clouds accept messages there. Begin your own topics with another character.',
  },
} as const satisfies Record<string, Rule>

export function checkPublish(context: Context, tracker: Tracker): void {
  const { record, connection, role } = context
  const first = record.packet.value(Slot.flags)
  if (role.name !== 'none') checkMessage(context, first, tracker)
  if (record.side === connection.clientSide) checkDollar(context, tracker)
  if (record.version === 5 && connection.connect > 0) {
    if (record.side === connection.clientSide) fromClient(context, first, tracker)
    else fromServer(context, tracker)
  }
}

const DOLLAR = 0x24

/** Reports the first message of a client to a topic that begins with $ (§4.7.2): one note a connection. */
function checkDollar({ record, connection }: Context, tracker: Tracker): void {
  const { packet, raw } = record
  if (!packet.has(Slot.topic) || u8(raw.bytes, packet.start(Slot.topic)) !== DOLLAR) return
  if (connection.ruleState.dollarReported) return
  connection.ruleState.dollarReported = true
  tracker.report(PUBLISH_RULES.dollar, connection, record.number, 'the client publishes to a topic that begins with $')
}

/** Of QoS 1 and 2. */
function checkMessage(context: Context, first: number, tracker: Tracker): void {
  switch (context.role.name) {
    case 'opener':
      if ((first & PublishFlag.dup) !== 0) checkFirst(context, tracker)
      return checkInFlight(context, tracker)
    case 'reuse':
      return checkReuse(context, tracker)
    case 'repeat':
      return checkRepeat(context, (first & PublishFlag.dup) !== 0, tracker)
  }
}

/** The id space of a sender is one: PUBLISH, SUBSCRIBE and UNSUBSCRIBE share it. */
export function checkReuse({ record, connection, role }: Context, tracker: Tracker): void {
  const { replaced: taken } = role
  if (role.name !== 'reuse' || taken === undefined || connection.missesBytes || taken.resumed > 0) return
  const byClient = record.side === connection.clientSide
  const rule = byClient ? PUBLISH_RULES.idInUseClient : PUBLISH_RULES.idInUseServer
  const waits = TYPE_NAMES[taken.awaited?.type ?? PUBLISH]
  const message = `packet id ${taken.key} is in use since packet ${taken.opener}, which waits for ${waits}`
  tracker.report(rule, connection, record.number, message)
}

function checkRepeat({ record, connection, role }: Context, isDup: boolean, tracker: Tracker): void {
  const { exchange } = role
  if (exchange === undefined) return
  const { number } = record
  // Over a new connection it is under way anew.
  if (!exchange.counted) checkInFlight({ record, connection }, tracker)
  const again = `packet id ${exchange.key}, topic and size are those of packet ${exchange.opener}`
  if (exchange.step >= RELEASED && !connection.missesBytes) {
    const message = `${again}, which was released in packet ${exchange.numberAt(RELEASED)}`
    tracker.report(PUBLISH_RULES.afterRelease, connection, number, message)
  } else if (!isDup) {
    if (!connection.missesBytes) tracker.report(PUBLISH_RULES.withoutDup, connection, number, `${again}, but DUP is 0`)
  } else if (exchange.resumed === 0 || exchange.resent > 1) {
    const rule = connection.version === 5 ? PUBLISH_RULES.resent : PUBLISH_RULES.retransmit
    tracker.report(rule, connection, number, `packet ${exchange.opener} is resent over the same connection`)
  } else if (record.side === connection.clientSide && !connection.missesBytes)
    checkResendOrder(exchange, connection, number, tracker)
}

function checkResendOrder(exchange: Exchange, connection: Connection, number: number, tracker: Tracker): void {
  const { ruleState: state } = connection
  if (exchange.opener >= state.newestResent) {
    state.newestResent = exchange.opener
    return
  }
  const message = `packet ${exchange.opener} is resent after the later packet ${state.newestResent}`
  tracker.report(PUBLISH_RULES.resendOrder, connection, number, message)
}

/** Step of PUBREL in an exchange at QoS 2. */
const RELEASED = 2

/** Checks a message with DUP that nothing came before: for sure only where the session began in the capture. */
function checkFirst({ record, connection, role }: Context, tracker: Tracker): void {
  const { exchange } = role
  if (!connection.isNew || exchange === undefined) return
  const { ruleState: state } = connection
  const refused = state.refused?.[record.side]
  if (refused?.id === exchange.key && refused.fingerprint === exchange.fingerprint) {
    const message = `the message with packet id ${exchange.key} was refused and is resent`
    return tracker.report(PUBLISH_RULES.afterRefusal, connection, record.number, message)
  }
  const lost = record.side === connection.clientSide ? connection.lostMessages?.get(exchange.key) : undefined
  if (lost?.fingerprint === exchange.fingerprint) {
    const message = `the message of packet ${lost.packet} is resent, but the broker no longer has the session`
    return tracker.report(PUBLISH_RULES.dupLostSession, connection, record.number, message)
  }
  const rule = record.side === connection.clientSide ? PUBLISH_RULES.dupFirst : PUBLISH_RULES.dupForwarded
  tracker.report(
    rule,
    connection,
    record.number,
    `DUP is 1, but the capture has no earlier message with packet id ${exchange.key}`,
  )
}

/** `[MQTT-3.3.4-7]`, `[MQTT-3.3.4-9]`: what is sent again over the same connection does not count again. */
function checkInFlight({ record, connection }: Pick<Context, 'record' | 'connection'>, tracker: Tracker): void {
  const byClient = record.side === connection.clientSide
  const { receiveMaximum } = connection.peer(otherSide(record.side))
  const count = connection.peer(record.side).inFlight + 1
  if (count <= receiveMaximum || !connection.isComplete) return
  const rule = byClient ? PUBLISH_RULES.receiveMaximumClient : PUBLISH_RULES.receiveMaximumServer
  const message = `${count} messages are unacknowledged, Receive Maximum is ${receiveMaximum}`
  tracker.report(rule, connection, record.number, message)
}

function fromClient(context: Context, first: number, tracker: Tracker): void {
  const { record, connection } = context
  const { packet, number } = record
  const qos = qosOf(first)
  if (packet.has(Slot.subscriptionId)) {
    const message = `Subscription Identifier ${packet.value(Slot.subscriptionId)} in a PUBLISH of the client`
    tracker.report(PUBLISH_RULES.identifierFromClient, connection, number, message)
  }
  if (connection.connack === 0) return
  if (qos > connection.maximumQos && qos < 3) {
    const message = `QoS is ${qos}, Maximum QoS is ${connection.maximumQos}`
    tracker.report(PUBLISH_RULES.maximumQos, connection, number, message)
  }
  if ((first & PublishFlag.retain) !== 0 && !connection.retainAvailable) {
    tracker.report(PUBLISH_RULES.retainUnavailable, connection, number, 'RETAIN is 1, Retain Available is 0')
  }
  if (packet.has(Slot.alias)) {
    checkAlias(context, PUBLISH_RULES.aliasAboveClient, PUBLISH_RULES.aliasForbiddenClient, tracker)
  }
}

function fromServer(context: Context, tracker: Tracker): void {
  if (!context.record.packet.has(Slot.alias)) return
  checkAlias(context, PUBLISH_RULES.aliasAboveServer, PUBLISH_RULES.aliasForbiddenServer, tracker)
}

function checkAlias({ record, connection }: Context, above: Rule, forbidden: Rule, tracker: Tracker): void {
  const alias = record.packet.value(Slot.alias)
  const most = connection.peer(otherSide(record.side)).aliasMaximum
  if (alias <= most) return
  const message =
    most === 0 ? `topic alias ${alias}, but none is allowed` : `topic alias ${alias}, the maximum is ${most}`
  tracker.report(most === 0 ? forbidden : above, connection, record.number, message)
}
