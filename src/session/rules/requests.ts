/** SUBSCRIBE, UNSUBSCRIBE and their answers. */
import { Slot } from '../../mqtt/fields.ts'
import { PropertyId, SUBACK, SubscriptionOption } from '../../mqtt/spec.ts'
import type { Rule } from '../rules.ts'
import type { Context, Tracker } from '../tracker.ts'
import { checkReuse } from './publish.ts'

export const REQUEST_RULES = {
  wildcard: {
    id: 'subscribe.wildcard_unavailable',
    level: 'error',
    title: 'Wildcard not supported',
    explanation:
      'The broker announced in CONNACK that it supports no wildcards (+ and #). Sending one is a protocol error.',
  },
  shared: {
    id: 'subscribe.share_unavailable',
    level: 'error',
    title: 'Shared subscription not supported',
    explanation:
      'The broker announced in CONNACK that it supports no $share subscriptions. Sending one is a protocol error.',
  },
  identifier: {
    id: 'subscribe.identifier_unavailable',
    level: 'error',
    title: 'Subscription Identifier not supported',
    explanation: 'The broker announced in CONNACK that it supports no Subscription Identifiers.',
  },
  codes: {
    id: 'suback.count',
    v4: '3.8.4-5',
    v5: '3.8.4-6',
    level: 'error',
    title: 'Wrong number of reason codes',
    explanation: 'SUBACK holds one code for each filter of the SUBSCRIBE, in the same order.',
  },
  unsubackCodes: {
    id: 'unsuback.count',
    v5: '3.11.3-1',
    level: 'error',
    title: 'Wrong number of reason codes',
    explanation: 'UNSUBACK holds one code for each filter of the UNSUBSCRIBE, in the same order.',
  },
  granted: {
    id: 'suback.granted_more',
    level: 'warning',
    title: 'Granted QoS above requested QoS',
    explanation: 'The broker grants the requested QoS or a lower one.',
  },
} as const satisfies Record<string, Rule>

export function checkSubscribe(context: Context, tracker: Tracker): void {
  checkReuse(context, tracker)
  const { record, connection, details } = context
  if (details === undefined || record.version !== 5 || connection.connack === 0) return
  const { number } = record
  if (!connection.identifiersAvailable && details.identifiers.has(PropertyId.subscriptionIdentifier)) {
    const message = 'a Subscription Identifier, but the broker supports none'
    tracker.report(REQUEST_RULES.identifier, connection, number, message)
  }
  for (const { filter } of details.filters) {
    const isShared = filter.startsWith('$share/')
    if (isShared && !connection.sharedAvailable) {
      tracker.report(
        REQUEST_RULES.shared,
        connection,
        number,
        `${filter}, but the broker supports no shared subscriptions`,
      )
    } else if (!connection.wildcardAvailable && /[+#]/.test(filter)) {
      tracker.report(REQUEST_RULES.wildcard, connection, number, `${filter}, but the broker supports no wildcards`)
    }
  }
}

export const checkUnsubscribe = checkReuse

/** Answers are told apart from strays by their role; here only the codes count. */
export function checkCodes({ record, connection, role, details }: Context, tracker: Tracker): void {
  if (role.name !== 'step' || details === undefined || !record.packet.has(Slot.packetId)) return
  const isSuback = record.type === SUBACK
  if (!isSuback && record.version !== 5) return
  const filters = connection.asked(role.opener)
  if (filters === undefined || record.packet.malformed || record.isCut) return
  if (filters.length !== details.codes.length && details.codes.length > 0) {
    const message = `${details.codes.length} codes for ${filters.length} filters`
    tracker.report(isSuback ? REQUEST_RULES.codes : REQUEST_RULES.unsubackCodes, connection, record.number, message)
  } else if (isSuback) checkGranted(filters, role.opener, { record, connection, details }, tracker)
}

function checkGranted(
  filters: readonly string[],
  opener: number,
  { record, connection, details }: Pick<Context, 'record' | 'connection' | 'details'>,
  tracker: Tracker,
): void {
  for (const [index, filter] of filters.entries()) {
    const granted = details?.codes[index] ?? 0
    const asked = connection.session.subscriptions.get(filter)
    // Of a filter that stands twice in a packet the last one counts; one of a later packet has an answer of its own.
    if (asked?.packet !== opener || granted > 2 || granted <= (asked.options & SubscriptionOption.qos)) continue
    if (filters.indexOf(filter) !== filters.lastIndexOf(filter)) continue
    const message = `QoS ${granted} is granted for ${filter}, requested was QoS ${asked.options & SubscriptionOption.qos}`
    tracker.report(REQUEST_RULES.granted, connection, record.number, message)
  }
}
