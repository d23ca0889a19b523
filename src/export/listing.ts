/** `mqtt-sniff fields`: every name that can be used, what kind of value it has, what it means and where that is written. */

import { byWord } from '../base/by-word.ts'
import type { Field } from '../base/field.ts'
import { NET_FIELDS } from '../net/fields.ts'
import { RECORD_FIELDS } from '../store/facts.ts'
import { wrap } from '../text/wrap.ts'
import { columnNames } from './columns.ts'

const KINDS: Readonly<Record<Field['kind'], string>> = {
  uint: 'number',
  hex: 'hex',
  flag: 'flag',
  text: 'text',
  bytes: 'bytes',
  pair: 'pair',
  group: 'group',
  ipv4: 'address',
  ipv6: 'address',
  mac: 'address',
}

/** So few matches are explained in full; more are listed, one a line. */
const MOST_EXPLAINED = 12
/** Values told of one field. */
const MOST_VALUES = 16
const LEAST_COLUMNS = 80
/** From here on both versions' sections and nearly all names fit beside each other. */
const WIDE = 120
const NAME = { narrow: 30, wide: 46 }
const SECTION = { narrow: 19, wide: 42 }
const KIND = 7
const INDENT = '    '

const USABLE: ReadonlySet<string> = new Set(columnNames())
const FIELDS: readonly Field[] = [...RECORD_FIELDS, ...NET_FIELDS].filter(({ name }) => USABLE.has(name))

const UNITS: Readonly<Record<string, string>> = byWord({ s: 'seconds', B: 'bytes' })

/** The fields with `text` in name or label, in lines of at most so many columns; empty where none has it. */
export function fieldListing(text: string, columns: number): string {
  const wanted = text.trim().toLowerCase()
  const holds = ({ name, label }: Field): boolean => `${name}\n${label}`.toLowerCase().includes(wanted)
  const fields = FIELDS.filter(holds)
  const width = Math.max(LEAST_COLUMNS, columns)
  const isExplained = wanted !== '' && fields.length <= MOST_EXPLAINED
  return fields.map(field => row(field, width) + (isExplained ? explanation(field, width) : '')).join('')
}

/** Name, kind, label, section in columns; a name too long for its column has a line of its own. */
function row(field: Field, columns: number): string {
  const isWide = columns >= WIDE
  const nameWidth = isWide ? NAME.wide : NAME.narrow
  const sectionWidth = isWide ? SECTION.wide : SECTION.narrow
  const labelWidth = columns - nameWidth - KIND - sectionWidth - 3
  const all = field.section ?? ''
  const section = isWide ? all : (all.split(', ')[0] ?? '')
  const [label = '', ...rest] = wrap(field.label.split(' '), labelWidth)
  const end = `${KINDS[field.kind].padEnd(KIND)} ${label.padEnd(labelWidth)} ${section}`.trimEnd()
  const gap = ' '.repeat(nameWidth + 1)
  const head = field.name.length <= nameWidth ? `${field.name.padEnd(nameWidth)} ` : `${field.name}\n${gap}`
  const below = rest.map(line => `${gap}${' '.repeat(KIND + 1)}${line}\n`)
  return `${head}${end}\n${below.join('')}`
}

function explanation({ explanation, values, unit }: Field, columns: number): string {
  const paragraphs = [unit === undefined ? explanation : `${explanation} In ${UNITS[unit] ?? unit}.`]
  const named = Object.entries(values ?? {})
  if (named.length > 0) {
    const told = named.slice(0, MOST_VALUES).map(([value, name]) => `${value} ${name}`)
    const more = named.length > told.length ? `; and ${named.length - told.length} more` : ''
    paragraphs.push(`Values: ${told.join('; ')}${more}.`)
  }
  const lines = paragraphs.flatMap(text => wrap(text.split(' '), columns - INDENT.length))
  return `${lines.map(line => `${INDENT}${line}\n`).join('')}\n`
}
