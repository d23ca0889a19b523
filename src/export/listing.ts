/** `mqtt-sniff fields`: every name that can be used, and what it means. */
import type { Field } from '../field.ts'
import { MQTT_FIELDS } from '../mqtt/fields.ts'

const TYPES: Readonly<Record<Field['kind'], string>> = {
  uint: 'number',
  hex: 'number',
  flag: 'flag',
  text: 'text',
  bytes: 'bytes',
  pair: 'pair',
  group: 'group',
  ipv4: 'address',
  ipv6: 'address',
  mac: 'address',
}

/** The fields with `text` in their name or label, one a line, in at most so many columns. */
export function fieldListing(text: string, _columns: number): string {
  const wanted = text.toLowerCase()
  const fields = MQTT_FIELDS.filter(({ name, label }) => `${name} ${label}`.toLowerCase().includes(wanted))
  return fields.map(field => `${field.name.padEnd(44)} ${TYPES[field.kind].padEnd(8)} ${field.label}\n`).join('')
}
