/** Is it MQTT at all? What other protocols greet with looks like packets, too. */
import { u8 } from '../bytes.ts'
import { Slot } from '../mqtt/fields.ts'
import { type Foreign, foreignOf } from '../mqtt/foreign.ts'
import { AUTH, CONNACK, DISCONNECT, PUBLISH, RETURN_CODES, reasonName } from '../mqtt/spec.ts'
import type { PacketRecord } from '../store/record.ts'

/** What a server may begin with, rightly or wrongly; SSH, SMTP, VNC and most random bytes do not. */
export function opensConversation(first: number): boolean {
  const type = first >> 4
  if (type === PUBLISH) return (first & 0x06) !== 0x06
  return (type === CONNACK || type === DISCONNECT || type === AUTH) && (first & 0x0f) === 0
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
  return (flags & 0xfe) !== 0 && !isKnown
}

const NAMES: Readonly<Record<Foreign, string>> = { '': 'no MQTT', tls: 'TLS', http: 'HTTP', ssh: 'SSH' }

/** What the first bytes are of. */
export const strangerText = (bytes: Uint8Array): string =>
  `the server speaks ${NAMES[foreignOf(bytes, 0, bytes.length) ?? '']}`
