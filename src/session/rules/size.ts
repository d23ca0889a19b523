/** Maximum Packet Size, and what the broker is asked to leave out of its answers. */

import { CONNACK, DISCONNECT, PropertyId, PUBLISH, TYPE_NAMES } from '../../mqtt/spec.ts'
import { otherSide } from '../../net/flow.ts'
import { Details } from '../details.ts'
import type { Rule } from '../rules.ts'
import type { Context, Tracker } from '../tracker.ts'

export const SIZE_RULES = {
  ofServer: {
    id: 'packet_size.above_that_of_broker',
    v5: '3.2.2-15',
    level: 'error',
    title: 'Packet too large for the broker',
    explanation: 'Maximum Packet Size in CONNACK limits the size of a packet to the broker, header included.',
  },
  ofClient: {
    id: 'packet_size.above_that_of_client',
    v5: '3.1.2-24',
    level: 'error',
    title: 'Packet too large for the client',
    explanation:
      'Maximum Packet Size in CONNECT limits the size of a packet to the client. The broker does not send larger messages, and leaves out reason strings and user properties that would make an answer too large.',
  },
  problems: {
    id: 'problem_information.unwanted',
    v5: '3.1.2-29',
    level: 'error',
    title: 'Unwanted problem information',
    explanation:
      'With Request Problem Information 0 the broker may send reason strings and user properties in PUBLISH, CONNACK and DISCONNECT only.',
  },
} as const satisfies Record<string, Rule>

export function checkSize({ record, connection }: Context, tracker: Tracker): void {
  const byClient = record.side === connection.clientSide
  const { maximumPacketSize } = connection.peer(otherSide(record.side))
  const size = record.raw.end - record.raw.start
  const rule = byClient ? SIZE_RULES.ofServer : SIZE_RULES.ofClient
  tracker.report(rule, connection, record.number, `${size} bytes, Maximum Packet Size is ${maximumPacketSize}`)
}

/** An acknowledgement without properties is no longer than this. */
const PLAIN = 5

/** `[MQTT-3.1.2-29]`: of packets of the broker, where the client wants no problem information. */
export function checkProblems({ record, connection, details }: Context, tracker: Tracker): void {
  const { type } = record
  if (type === PUBLISH || type === CONNACK || type === DISCONNECT || record.side === connection.clientSide) return
  if (record.version !== 5 || record.raw.end - record.raw.start <= PLAIN) return
  const { identifiers } = details ?? Details.of(record)
  const isReason = identifiers.has(PropertyId.reasonString)
  if (!isReason && !identifiers.has(PropertyId.userProperty)) return
  const what = isReason ? 'Reason String' : 'User Property'
  tracker.report(
    SIZE_RULES.problems,
    connection,
    record.number,
    `${what} in ${TYPE_NAMES[type]}, but the client asked for none`,
  )
}
