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
    explanation: 'A connection is accepted or refused once.',
  },
  presentThoughClean: {
    id: 'session.present_though_clean',
    v4: '3.2.2-1',
    v5: '3.2.2-2',
    level: 'error',
    title: 'Session present after a clean start',
    explanation: 'The client asked to begin anew, so the broker has thrown the old session away and must say 0.',
  },
  lost: {
    id: 'session.lost',
    v4: '3.2.2-2',
    v5: '3.2.2-3',
    level: 'warning',
    title: 'Session lost',
    explanation:
      'The client wanted its session back, and by what the capture shows the broker should still have it. Subscriptions and unfinished messages are gone; a restart of the broker is the usual reason.',
  },
  unexpected: {
    id: 'session.unexpected',
    v4: '3.2.2-3',
    v5: '3.2.2-3',
    level: 'warning',
    title: 'Session present out of nowhere',
    explanation:
      'By what the capture shows, the session before ended with its connection, and still the broker says that there is one.',
  },
  expired: {
    id: 'session.expired',
    v5: '4.1.0-2',
    level: 'warning',
    title: 'Session present after it had expired',
    explanation:
      'The broker discards a session when its Session Expiry Interval has passed since the connection closed. Brokers look now and then; somebody may have connected with this client id in between, unseen by the capture.',
  },
  notAssigned: {
    id: 'client_id.not_assigned',
    v5: '3.2.2-16',
    level: 'error',
    title: 'No client id assigned',
    explanation: 'A client that comes without a client id is told in CONNACK which one it was given.',
  },
  assignedInVain: {
    id: 'client_id.assigned_in_vain',
    level: 'warning',
    title: 'Client id assigned though the client has one',
    explanation: 'A broker assigns a client id where the client comes without one.',
  },
  emptyKept: {
    id: 'client_id.empty_accepted',
    v4: '3.1.3-8',
    level: 'error',
    title: 'Empty client id accepted for a session to be kept',
    explanation: 'Without a client id nobody can find the session again; the broker must refuse with return code 2.',
  },
  levelAccepted: {
    id: 'connect.level_accepted',
    v4: '3.1.2-2',
    level: 'warning',
    title: 'Unknown protocol level accepted',
    explanation: 'A broker that does not know the protocol level refuses with return code 1 (0x84 in 5.0).',
  },
  willQos: {
    id: 'will.qos_accepted',
    v5: '3.2.2-12',
    level: 'error',
    title: 'Will above Maximum QoS accepted',
    explanation: 'A broker that does not support the QoS of the will refuses the connection (0x9B).',
  },
  willRetain: {
    id: 'will.retain_accepted',
    v5: '3.2.2-13',
    level: 'error',
    title: 'Retained will accepted without support',
    explanation: 'A broker without retained messages refuses a will that is to be retained (0x9A).',
  },
  responseInformation: {
    id: 'connack.response_information',
    v5: '3.1.2-28',
    level: 'error',
    title: 'Response Information without request',
    explanation: 'The broker sends Response Information only to clients that asked for it in CONNECT.',
  },
  hybrid: {
    id: 'connack.hybrid',
    v5: '2.2.2-1',
    level: 'error',
    title: 'CONNACK without Property Length',
    explanation:
      'In 5.0 every packet with properties says how long they are, 0 if there are none. This CONNACK has the form of 3.1.1, and so will the other packets of this broker.',
  },
  takeover: {
    id: 'client.takeover',
    v4: '3.1.4-2',
    v5: '3.1.4-3',
    level: 'note',
    title: 'Client taken over',
    explanation:
      'A second connection came with the client id of one that stood; the broker ends the older one. Where this repeats, two clients share one id and throw each other out.',
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
    const message = `session present is 0, and the session of packet ${before.connect} was to be kept`
    tracker.report(CONNACK_RULES.lost, connection, record.number, message, 2)
  } else if (!before.isKept) {
    const message = `session present is 1, and the session of packet ${before.connect} was not to be kept`
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
    tracker.report(CONNACK_RULES.notAssigned, connection, number, 'the client has no client id and is given none')
  } else if (version === 5 && !isEmpty && isAssigned) {
    tracker.report(CONNACK_RULES.assignedInVain, connection, number, `the client is ${connection.clientId} already`)
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
    tracker.report(CONNACK_RULES.willRetain, connection, number, 'the will is to be retained, Retain Available is 0')
  }
  if (details?.identifiers.has(PropertyId.responseInformation) === true && !connection.wantsResponseInformation) {
    tracker.report(CONNACK_RULES.responseInformation, connection, number, 'Response Information that was not asked for')
  }
}
