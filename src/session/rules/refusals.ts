/** Refusals, in words: what a peer refused, and why a broker ended a connection. They are notes, for they break no rule. */
import { Slot } from '../../mqtt/fields.ts'
import { CONNACK, FIRST_FAILURE, PropertyId, RETURN_CODES, reasonName, TYPE_NAMES } from '../../mqtt/spec.ts'
import type { PacketRecord } from '../../store/record.ts'
import type { Connection } from '../connection.ts'
import { Details } from '../details.ts'
import { isMisdirected } from '../direction.ts'
import type { Rule } from '../rules.ts'
import type { Context, Tracker } from '../tracker.ts'

export const REFUSAL_RULES = {
  connection: {
    id: 'connack.refused',
    level: 'note',
    title: 'Connection refused',
    explanation:
      'The broker refuses the client and closes the connection. Check first the client id, the user name and password, and the access rules of the broker.',
  },
  subscription: {
    id: 'suback.refused',
    level: 'note',
    title: 'Subscription refused',
    explanation:
      'The broker refuses this topic filter, so the client receives none of its messages. Check first the access rules for this client.',
  },
  unsubscription: {
    id: 'unsuback.refused',
    level: 'note',
    title: 'Unsubscription refused',
    explanation: 'The broker refuses to end this subscription, so the client still receives its messages.',
  },
  message: {
    id: 'ack.refused',
    level: 'note',
    title: 'Message refused',
    explanation:
      'The receiver refuses this message and does not process it. In MQTT 3.1.1 a broker cannot refuse a message: it accepts the message or closes the connection.',
  },
  disconnect: {
    id: 'disconnect.reason',
    level: 'note',
    title: 'Connection ended with a reason',
    explanation: 'The sender ends the connection because of an error, which the reason code names.',
  },
} as const satisfies Record<string, Rule>

/** Most characters shown of a reason that the peer wrote: the packet has the rest. */
const MOST_REASON = 100

const codeText = (code: number): string => (code < FIRST_FAILURE ? `${code}` : `0x${code.toString(16)}`)

/** Names a code: `Not authorized (0x87)`, in CONNACK of 3.1.1 `not authorized (5)`. */
function named({ type, version }: PacketRecord, code: number): string {
  const name = type === CONNACK && version !== 5 ? RETURN_CODES[code] : reasonName(type, code)
  return `${name?.replace('Connection Refused, ', '') ?? 'reserved code'} (${codeText(code)})`
}

/** Returns what the peer added in words: its reason string and its server reference. */
function added({ texts }: Details): string {
  const reason = texts.get(PropertyId.reasonString)
  const reference = texts.get(PropertyId.serverReference)
  const more = reason === undefined ? '' : `: ${reason.slice(0, MOST_REASON)}`
  return reference === undefined ? more : `${more}; it names the server ${reference.slice(0, MOST_REASON)}`
}

/** Checks each CONNACK. 3.1.1 refuses with any code but 0. */
export function checkConnackRefusal({ record, connection, details }: Context, tracker: Tracker): void {
  const { packet, version, number } = record
  if (details === undefined || !packet.has(Slot.reason) || isMisdirected(record)) return
  const code = packet.value(Slot.reason)
  if (version === 5 ? code < FIRST_FAILURE : code === 0) return
  const message = `the broker refuses the connection: ${named(record, code)}${added(details)}`
  tracker.report(REFUSAL_RULES.connection, connection, number, message)
}

/** Checks each SUBACK: its codes stand in the order of the filters asked for. */
export function checkRefusedFilters(context: Context, tracker: Tracker): void {
  reportFilters(context, REFUSAL_RULES.subscription, 'the subscription to', tracker)
}

/** Checks each UNSUBACK of MQTT 5: 3.1.1 has no codes there. */
export function checkRefusedUnsubscription(context: Context, tracker: Tracker): void {
  if (context.record.version === 5) reportFilters(context, REFUSAL_RULES.unsubscription, 'to unsubscribe', tracker)
}

function reportFilters({ record, connection, role, details }: Context, rule: Rule, what: string, tracker: Tracker) {
  if (details === undefined || isMisdirected(record)) return
  const filters = role.name === 'step' ? connection.asked(role.opener) : undefined
  for (const [index, code] of details.codes.entries()) {
    if (code < FIRST_FAILURE) continue
    const filter = filters?.[index] ?? `filter ${index + 1}`
    const message = `the broker refuses ${what} ${filter}: ${named(record, code)}${added(details)}`
    tracker.report(rule, connection, record.number, message)
  }
}

/** Reports a message that a PUBACK or PUBREC refuses; `opener` is the number of its PUBLISH. */
export function reportRefusedMessage({ record, connection }: Context, opener: number, tracker: Tracker): void {
  const code = record.packet.value(Slot.reason)
  const who = record.side === connection.clientSide ? 'the client' : 'the broker'
  const message = `${who} refuses the message of packet ${opener} with ${TYPE_NAMES[record.type]}: ${named(record, code)}`
  tracker.report(REFUSAL_RULES.message, connection, record.number, message + added(Details.of(record)))
}

/** Returns the reason of a DISCONNECT in words, if its code stands for an error: from 0x80 on; else undefined. */
export function disconnectReason(
  record: PacketRecord,
  connection: Connection,
  details: Details | undefined,
): string | undefined {
  const code = details?.codes[0] ?? 0
  if (details === undefined || code < FIRST_FAILURE || record.version !== 5) return undefined
  const who = record.side === connection.clientSide ? 'the client' : 'the broker'
  return `${who} ends the connection: ${named(record, code)}${added(details)}`
}
