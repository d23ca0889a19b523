/** CONNACK: what the broker says, beside what the client asked for and what is known of its session. */

import { Slot } from '../../mqtt/fields.ts'
import { NEVER_EXPIRES, PropertyId, SESSION_PRESENT } from '../../mqtt/spec.ts'
import type { Connection } from '../connection.ts'
import type { Rule } from '../rules.ts'
import type { Context, Tracker } from '../tracker.ts'

export const CONNACK_RULES = {
  second: {
    id: 'connack.second',
    v5: '3.2.0-2',
    level: 'error',
    level4: 'warning',
    title: 'Second CONNACK',
    explanation: 'The broker sends one CONNACK for each connection.',
  },
  presentThoughClean: {
    id: 'session.present_though_clean',
    v4: '3.2.2-1',
    v5: '3.2.2-2',
    level: 'error',
    title: 'Session present after a clean start',
    explanation:
      'The client asked for a clean start, so the broker discards the old session and sets session present to 0.',
  },
  lost: {
    id: 'session.lost',
    v4: '3.2.2-2',
    v5: '3.2.2-3',
    level: 'warning',
    title: 'Session lost',
    explanation:
      'The client resumes a session that the broker should still have, according to the capture. Its subscriptions and unfinished messages are lost. Check first whether the broker restarted without persistence.',
  },
  unexpected: {
    id: 'session.unexpected',
    v4: '3.2.2-3',
    v5: '3.2.2-3',
    level: 'warning',
    title: 'Unexpected session present',
    explanation:
      'According to the capture the previous session ended with its connection, but the broker reports a session.',
  },
  expired: {
    id: 'session.expired',
    v5: '4.1.0-2',
    level: 'warning',
    title: 'Session present after expiry',
    explanation:
      'The broker discards a session when its Session Expiry Interval has passed since the connection closed. Brokers check at intervals. A connection outside the capture may have used this client id in between.',
  },
  notAssigned: {
    id: 'client_id.not_assigned',
    v5: '3.2.2-16',
    level: 'error',
    title: 'No client id assigned',
    explanation: 'If a client connects without a client id, the broker assigns one and names it in CONNACK.',
  },
  assignedInVain: {
    id: 'client_id.assigned_in_vain',
    level: 'warning',
    title: 'Client id assigned without need',
    explanation: 'A broker assigns a client id only to a client that connects without one.',
  },
  emptyKept: {
    id: 'client_id.empty_accepted',
    v4: '3.1.3-8',
    level: 'error',
    title: 'Empty client id accepted',
    explanation:
      'A session without a client id cannot be resumed, so clean session must be 1. The broker refuses with return code 2.',
  },
  levelAccepted: {
    id: 'connect.level_accepted',
    v4: '3.1.2-2',
    level: 'warning',
    title: 'Unknown protocol level accepted',
    explanation: 'A broker that does not support the protocol level refuses with return code 1 (0x84 in 5.0).',
  },
  willQos: {
    id: 'will.qos_accepted',
    v5: '3.2.2-12',
    level: 'error',
    title: 'Will above Maximum QoS accepted',
    explanation: 'A broker that does not support the QoS of the will refuses the connection with 0x9B.',
  },
  willRetain: {
    id: 'will.retain_accepted',
    v5: '3.2.2-13',
    level: 'error',
    title: 'Retained will accepted without support',
    explanation: 'A broker without retained messages refuses a retained will with 0x9A.',
  },
  responseInformation: {
    id: 'connack.response_information',
    v5: '3.1.2-28',
    level: 'error',
    title: 'Response Information without request',
    explanation: 'The broker sends Response Information only to a client that requested it in CONNECT.',
  },
  hybrid: {
    id: 'connack.hybrid',
    v5: '2.2.2-1',
    level: 'error',
    title: 'CONNACK without Property Length',
    explanation:
      'In 5.0 CONNACK has a Property Length, which is 0 without properties. This CONNACK has the form of 3.1.1, and the other packets of this broker are read that way, too.',
  },
  takeover: {
    id: 'client.takeover',
    v4: '3.1.4-2',
    v5: '3.1.4-3',
    level: 'note',
    title: 'Client id taken over',
    explanation:
      'A second client connected with a client id that was in use, so the broker closes the older connection. If this repeats, two clients share one client id and disconnect each other.',
  },
} as const satisfies Record<string, Rule>

export function checkConnack(context: Context, tracker: Tracker): void {
  const { record, connection } = context
  if (record.side === connection.clientSide) return
  if (connection.connackCode !== -1) {
    tracker.report(CONNACK_RULES.second, connection, record.number, 'CONNACK again')
    return
  }
  const { packet } = record
  if (connection.connect === 0 || !packet.has(Slot.reason) || packet.value(Slot.reason) !== 0) return
  checkPresent(context, tracker)
  checkClientId(context, tracker)
  if (connection.stream.dialect.hybrid) hybrid(context, tracker)
  else if (record.version === 5) checkOffer(context, tracker)
}

function hybrid({ record, connection }: Context, tracker: Tracker): void {
  tracker.report(
    CONNACK_RULES.hybrid,
    connection,
    record.number,
    'the CONNACK ends where its Property Length should be',
    2,
  )
}

/** Session present: bit 0 of the acknowledge flags, which 3.1 does not have. */
function checkPresent(context: Context, tracker: Tracker): void {
  const { record, connection } = context
  const isPresent = record.packet.has(Slot.ackFlags) && (record.packet.value(Slot.ackFlags) & SESSION_PRESENT) !== 0
  if (record.packet.has(Slot.ackFlags) && isPresent && connection.clean === true) {
    const { presentThoughClean } = CONNACK_RULES
    tracker.report(presentThoughClean, connection, record.number, 'session present is 1 after a clean start', 2)
  }
  const before =
    connection.clientId === undefined || connection.clientId === '' ? undefined : tracker.before(connection)
  if (before === undefined) return
  if (record.packet.has(Slot.ackFlags) && connection.clean === false) compare(context, before, isPresent, tracker)
}

/** Seconds after its expiry in which a broker may not have looked for sessions to discard. */
const EXPIRY_PATIENCE_S = 60

/** Only what the capture shows of the session before counts, and only where it shows all of it. */
function compare(
  { record, connection, time }: Context,
  before: Connection,
  isPresent: boolean,
  tracker: Tracker,
): void {
  if (!before.isComplete || before.connack === 0) return
  const since = time - (before.ending?.time ?? time)
  const isExpired = before.version === 5 && since >= (before.expiry ?? 0) && before.expiry !== NEVER_EXPIRES
  const isThere = before.isKept && !isExpired
  if (isPresent === isThere) return
  if (isThere) {
    const message = `session present is 0, but the session of packet ${before.connect} should be kept`
    tracker.report(CONNACK_RULES.lost, connection, record.number, message, 2)
  } else if (!before.isKept) {
    const message = `session present is 1, but the session of packet ${before.connect} ended with its connection`
    tracker.report(CONNACK_RULES.unexpected, connection, record.number, message, 2)
  } else if (!before.isOfferCut && since > (before.expiry ?? 0) + EXPIRY_PATIENCE_S) {
    const message = `session present is 1, ${Math.round(since)} s after the connection of packet ${before.connect} ended, and its Session Expiry Interval was ${before.expiry} s`
    tracker.report(CONNACK_RULES.expired, connection, record.number, message, 2)
  }
}

function checkClientId({ record, connection, details }: Context, tracker: Tracker): void {
  const { number, version } = record
  const isAssigned = details?.identifiers.has(PropertyId.assignedClientIdentifier) === true
  const isEmpty = connection.clientId === ''
  if (version === 5 && isEmpty && !isAssigned) {
    tracker.report(
      CONNACK_RULES.notAssigned,
      connection,
      number,
      'the client has no client id, and the broker assigns none',
    )
  } else if (version === 5 && !isEmpty && isAssigned) {
    tracker.report(
      CONNACK_RULES.assignedInVain,
      connection,
      number,
      `the client has the client id ${connection.clientId} already`,
    )
  } else if (version === 4 && isEmpty && connection.clean === false) {
    tracker.report(CONNACK_RULES.emptyKept, connection, number, 'accepted with an empty client id and clean session 0')
  }
  const { level, from } = connection.stream.dialect
  // The level may be behind the cut.
  if (connection.version !== 0 || from !== 'connect') return
  tracker.report(CONNACK_RULES.levelAccepted, connection, number, `protocol level ${level} is accepted`)
}

function checkOffer({ record, connection, details }: Context, tracker: Tracker): void {
  const { number } = record
  const { will } = connection
  const most = details?.properties.get(PropertyId.maximumQoS) ?? 2
  if (will !== undefined && will.qos > most) {
    tracker.report(CONNACK_RULES.willQos, connection, number, `the will has QoS ${will.qos}, Maximum QoS is ${most}`)
  }
  if (will?.retain === true && details?.properties.get(PropertyId.retainAvailable) === 0) {
    tracker.report(CONNACK_RULES.willRetain, connection, number, 'will retain is 1, Retain Available is 0')
  }
  if (details?.identifiers.has(PropertyId.responseInformation) === true && !connection.wantsResponseInformation) {
    tracker.report(CONNACK_RULES.responseInformation, connection, number, 'Response Information that was not asked for')
  }
}
