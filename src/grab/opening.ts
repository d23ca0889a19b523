/** Is it MQTT at all? What other protocols greet with looks like packets, too. */
import { u8, u16 } from '../base/bytes.ts'
import { Slot } from '../mqtt/fields.ts'
import { type Foreign, foreignOf } from '../mqtt/foreign.ts'
import { varintSize, varintValue } from '../mqtt/properties.ts'
import { AUTH, CONNACK, DISCONNECT, PUBLISH, qosOf, RETURN_CODES, reasonName, SESSION_PRESENT } from '../mqtt/spec.ts'
import type { PacketRecord } from '../store/record.ts'

/** What a server may begin with, rightly or wrongly, as far as the bytes go; SSH, SMTP, VNC and most random ones do not. */
export function opensConversation(bytes: Uint8Array): boolean {
  const first = u8(bytes, 0)
  const type = first >> 4
  if (type === PUBLISH) return qosOf(first) !== 3 && holdsTopic(bytes)
  return (type === CONNACK || type === DISCONNECT || type === AUTH) && (first & 0x0f) === 0
}

/** False where the topic of a PUBLISH is longer than the whole packet: "220 mail.example" would be waited for in vain. */
function holdsTopic(bytes: Uint8Array): boolean {
  const size = varintSize(bytes, 1, bytes.length)
  const at = 1 + size
  if (size <= 0 || at + 2 > bytes.length) return size >= 0
  return 2 + u16(bytes, at) <= varintValue(bytes, 1, size)
}

/**
 * The first packet decides, once it is whole: malformed, it is a greeting of something else. A CONNACK is believed
 * whatever it says, unless both its flags and its code are nonsense.
 */
export function isStrange(record: PacketRecord): boolean {
  const { packet, raw, type, version } = record
  // Of a CONNACK that never became whole nobody can tell.
  if (type !== CONNACK) return packet.malformed || raw.badLength || raw.incomplete
  if (raw.badLength) return true
  if (!packet.has(Slot.reason)) return false
  const flags = u8(raw.bytes, packet.start(Slot.reason) - 1)
  const code = packet.value(Slot.reason)
  const isKnown = version === 5 ? reasonName(CONNACK, code) !== undefined : RETURN_CODES[code] !== undefined
  return (flags & ~SESSION_PRESENT) !== 0 && !isKnown
}

const NAMES: Readonly<Record<Foreign, string>> = { '': 'no MQTT', tls: 'TLS', http: 'HTTP', ssh: 'SSH' }

/** What the first bytes are of. */
export const strangerText = (bytes: Uint8Array): string =>
  `the server speaks ${NAMES[foreignOf(bytes, 0, bytes.length) ?? '']}`
