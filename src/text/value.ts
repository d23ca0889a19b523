/** The value of one field in words: with its name, its unit, its bits. */

import { ipv4Text, ipv6Text } from '../base/address.ts'
import { hex, hexByte, u8, u32 } from '../base/bytes.ts'
import type { Field } from '../base/field.ts'
import * as F from '../mqtt/fields.ts'
import type { Node } from '../mqtt/tree.ts'
import { cut } from './cells.ts'
import { content, measured } from './content.ts'
import { isSecret } from './row-values.ts'
import { quoted, sanitize, shown } from './sanitize.ts'

/** Cells of a text or payload: about six rows of a terminal. */
export const TEXT_CELLS = 512
/** Cells of a value's name in a payload. */
const NAME_CELLS = 64

/** `0011 ....`: the bits that hold the value, the others as dots. */
export function bits(bytes: Uint8Array, start: number, end: number, mask: number): string {
  let text = ''
  for (let at = start; at < end; at++) {
    const part = (mask >>> ((end - 1 - at) * 8)) & 0xff
    for (let bit = 7; bit >= 0; bit--) {
      text += ((part >> bit) & 1) === 0 ? '.' : `${(u8(bytes, at) >> bit) & 1}`
      if (bit === 4 || (bit === 0 && at + 1 < end)) text += ' '
    }
  }
  return text
}

/** Returns what a node is called: in a payload by its key, a property by the property it is, else by its field. */
export function labelText(node: Node): string {
  if (node.name !== undefined) return given(node.name, NAME_CELLS)
  if (node.field !== F.PROPERTY_GROUP) return node.field.label
  const value = node.children.find(child => child.field !== F.PROPERTY_ID && child.field !== F.PROP_STRING_LEN)
  return value === undefined ? node.field.label : `${node.field.label}: ${value.field.label}`
}

/** Units of a text looked at for each cell to fill: combining marks fill none. */
const UNITS_A_CELL = 4

/** Returns a text that is not in the bytes as they stand, printable and not too long. */
const given = (text: string, most: number): string => cut(sanitize(text.slice(0, most * UNITS_A_CELL)), most)

/** A value in words: with its name, its unit, in quotes. Empty for a group. */
export function valueText(node: Node, bytes: Uint8Array, redact: boolean): string {
  const { field, start, end, value } = node
  if (redact && isSecret(field)) return `⟨${end - start} B⟩`
  if (node.text !== undefined) {
    const text = given(node.text, TEXT_CELLS)
    return field.kind === 'text' ? quoted(text) : text
  }
  switch (field.kind) {
    case 'uint':
      return numberText(field, value, `${value}`)
    case 'hex':
      return numberText(
        field,
        value,
        `0x${value.toString(16).padStart(field.mask === undefined ? (end - start) * 2 : 1, '0')}`,
      )
    case 'flag':
      return field.values?.[value] ?? (value === 0 ? 'Not set' : 'Set')
    case 'text':
      return quoted(shown(bytes, start, end, TEXT_CELLS))
    case 'bytes':
      return start === end ? 'empty' : measured(content(bytes, start, end, TEXT_CELLS), `${end - start} B`)
    case 'pair':
      return pairText(node, bytes, redact)
    default:
      return addressText(field, bytes, start, end)
  }
}

function numberText({ values, unit }: Field, value: number, digits: string): string {
  const name = values?.[value]
  if (name !== undefined) return `${name} (${digits})`
  return unit === undefined ? digits : `${digits} ${unit}`
}

function pairText({ children }: Node, bytes: Uint8Array, redact: boolean): string {
  const name = children.find(child => child.field === F.PROP_KEY)
  const value = children.find(child => child.field === F.PROP_VALUE)
  const text = (node: Node | undefined): string => (node === undefined ? '?' : valueText(node, bytes, redact))
  return `${text(name)} = ${text(value)}`
}

function addressText(field: Field, bytes: Uint8Array, start: number, end: number): string {
  if (field.kind === 'ipv4' && end - start === 4) return ipv4Text(u32(bytes, start))
  if (field.kind === 'ipv6' && end - start === 16) {
    return ipv6Text(u32(bytes, start), u32(bytes, start + 4), u32(bytes, start + 8), u32(bytes, start + 12))
  }
  if (field.kind !== 'mac') return field.kind === 'group' ? '' : hex(bytes, start, end)
  let text = ''
  for (let at = start; at < end; at++) text += `${at === start ? '' : ':'}${hexByte(u8(bytes, at))}`
  return text
}
