/** Where mosquitto 2.0.11 and the findings part, and why. Nothing else may. */
import type { Answer } from './broker.ts'
import type { Verdict } from './judge.ts'

export interface Reason {
  readonly why: string
  readonly holds: (answer: Answer, verdict: Verdict) => boolean
}

const named = (pattern: RegExp) => (answer: Answer) => pattern.test(answer.sequence.name)
const remarked = (id: string) => (_: Answer, verdict: Verdict) => verdict.client.some(finding => finding.id === id)

/** It closes, and nothing was broken for sure. */
export const STRICTER: readonly Reason[] = [
  {
    why: 'control characters and non-characters: SHOULD NOT be sent, and a receiver MAY close (3.1.1 §1.5.3, 5.0 §1.5.4)',
    holds: remarked('text.control'),
  },
  { why: 'more than 200 levels in a topic or filter: a limit of its own', holds: named(/\(500\)/) },
  { why: '$share is a name like any other before 5.0', holds: named(/^3.*\$share/) },
  { why: 'what begins with no packet of a client is told as no MQTT, once', holds: remarked('stream.not_mqtt') },
  {
    why: 'it knows no authentication method: its right, and told as code 0x8C',
    holds: named(/properties 0.1500|authentication method unknown/),
  },
  {
    why: 'a Maximum Packet Size of 1 is allowed; its CONNACK does not fit',
    holds: named(/CONNECT with properties 052700000001/),
  },
]

const broke =
  (...ids: readonly string[]) =>
  (_: Answer, verdict: Verdict) =>
    verdict.clientErrors.every(id => ids.includes(id))

/** It goes on, and a MUST of the specification was broken. */
export const MORE_LENIENT: readonly Reason[] = [
  {
    why: 'reason codes of PUBACK, PUBREC, PUBREL and PUBCOMP are not looked at',
    holds: broke('MQTT-3.4.2-1', 'MQTT-3.5.2-1', 'MQTT-3.6.2-1', 'MQTT-3.7.2-1'),
  },
  {
    why: 'flags of PUBACK, PUBREC, PUBCOMP, PINGREQ, SUBACK, UNSUBACK and PINGRESP are not looked at, bytes behind them neither, nor lengths in more bytes than needed; the last three are taken from clients',
    holds: broke(
      'MQTT-2.2.2-1',
      'MQTT-2.1.3-1',
      'malformed.trailing',
      'malformed.truncated',
      'packet.direction',
      'MQTT-1.5.5-1',
    ),
  },
  { why: 'shared subscriptions without name or filter, or with wildcards in the name', holds: broke('MQTT-4.8.2-1') },
  { why: 'No Local on shared subscription', holds: broke('MQTT-3.8.3-4') },
  { why: 'DUP at QoS 0', holds: broke('MQTT-3.3.1-2') },
  {
    why: 'a second PUBLISH under an id in use replaces the first',
    holds: broke('MQTT-2.3.1-2', 'MQTT-2.2.1-3', 'packet_id.in_use'),
  },
  { why: 'the same PUBLISH again without DUP', holds: broke('MQTT-3.3.1-1', 'dup.missing') },
  { why: 'the same PUBLISH again over the same connection', holds: broke('MQTT-4.4.0-1') },
  { why: 'a wildcard in the response topic of a will, or none at all', holds: broke('MQTT-3.3.2-14', 'MQTT-4.7.3-1') },
  { why: 'a Payload Format Indicator of a will that is neither 0 nor 1', holds: broke('property.value') },
  { why: 'Subscription Identifiers in PUBLISH of a client', holds: broke('MQTT-3.3.4-6', 'property.value') },
  { why: 'Authentication Data without a method', holds: broke('auth.data_without_method') },
  { why: 'more messages in flight than its Receive Maximum', holds: broke('MQTT-3.3.4-7') },
  {
    why: 'an empty filter behind others ends the list',
    holds: broke('MQTT-4.7.3-1', 'malformed.truncated', 'filter.empty'),
  },
  {
    why: 'a payload that is announced as UTF-8 and is none',
    holds: broke('payload.not_utf8', 'will_payload.not_utf8'),
  },
]
