/** What stands on one side of a comparison: a field, or what slices, functions and masks make of its values. */

import { ipv4Text, ipv6Text } from '../base/address.ts'
import { byWord } from '../base/by-word.ts'
import { concatBytes, hex, u32 } from '../base/bytes.ts'
import { decodeText } from '../base/strings.ts'
import { pointerPath } from '../payload/path.ts'
import { FilterError, type Place } from './error.ts'
import { expand } from './expand.ts'
import type { Call, Operand, Sliced, SliceRange, Word } from './expression.ts'
import { readLiteral, type Target } from './literals.ts'
import { didYouMean, findName, type Name, payloadName, payloadPathNamed, type ValueType } from './names.ts'
import { textBytes, type Value } from './sources.ts'

export interface Subject {
  readonly name: Name
  readonly target: Target
  /** Of each value; undefined: none is made of it. Absent: the values as they are. */
  readonly map?: (value: Value) => Value | undefined
  /** Counts the values of the field. */
  readonly counts?: true
  readonly place: Place
}

const plain = (type: ValueType, title: string): Target => ({
  type,
  title,
  values: {},
  aliases: {},
  isFlag: false,
  unit: undefined,
  most: Number.POSITIVE_INFINITY,
})

/** The subject; the word itself where it names no field: a literal. */
export function resolve(operand: Operand): Subject | Word {
  switch (operand.kind) {
    case 'word': {
      const name = findName(operand.text) ?? payloadPathNamed(operand.text)
      return name === undefined ? operand : { name, target: { ...name, title: name.name }, place: operand }
    }
    case 'text':
    case 'char':
      return operand
    case 'slice':
      return sliced(operand)
    case 'call':
      return called(operand)
    default:
      return masked(subjectOf(operand.of), operand)
  }
}

/** Throws FilterError where it is no field. */
export function subjectOf(operand: Operand): Subject {
  const found = resolve(operand)
  if ('target' in found) return found
  throw new FilterError(notAField(found), found)
}

/** A shortcut is one only where it stands alone. */
export function notAField({ kind, text }: Word): string {
  if (kind !== 'word') return 'a field is needed here, not text'
  const written = expand(text)
  return `${text} is no field${written === text ? didYouMean(text) : `; did you mean ${written}?`}`
}

const then = ({ map }: Subject, next: (value: Value) => Value | undefined): ((value: Value) => Value | undefined) => {
  if (map === undefined) return next
  return value => {
    const made = map(value)
    return made === undefined ? undefined : next(made)
  }
}

const hasBytes = ({ type }: Target): boolean =>
  type === 'text' || type === 'bytes' || type === 'ipv6' || type === 'ipv4'

function sliced(operand: Sliced): Subject {
  const subject = subjectOf(operand.of)
  const { target } = subject
  if (!hasBytes(target)) throw new FilterError(`${target.title} has no bytes to cut a slice from`, operand)
  const { ranges } = operand
  const cut = (value: Value): Value | undefined => slice(asBytes(value), ranges)
  return { ...subject, target: plain('bytes', 'a slice'), map: then(subject, cut), place: operand }
}

function asBytes(value: Value): Uint8Array {
  if (typeof value === 'object') return value
  const number = Number(value)
  return Uint8Array.of(number >>> 24, number >>> 16, number >>> 8, number)
}

/** Undefined where one of the ranges is not in the bytes as a whole, as in tshark. */
export function slice(bytes: Uint8Array, ranges: readonly SliceRange[]): Uint8Array | undefined {
  const { length } = bytes
  const parts: Uint8Array[] = []
  for (const { from, size, to } of ranges) {
    const start = from < 0 ? length + from : from
    const end = to !== undefined ? (to < 0 ? length + to : to) + 1 : size === undefined ? length : start + size
    if (start < 0 || start >= length || end <= start || end > length) return undefined
    parts.push(bytes.subarray(start, end))
  }
  return parts.length === 1 ? parts[0] : concatBytes(...parts)
}

const MASK = 'only whole numbers can be masked with &'

function masked(subject: Subject, { by, start, end }: Operand & { kind: 'mask' }): Subject {
  const { target } = subject
  if (target.type !== 'number') throw new FilterError(MASK, subject.place)
  const bits = resolve(by)
  if ('target' in bits) throw new FilterError('a number stands behind &', by)
  const mask = Number(readLiteral(bits, target).low)
  const map = then(subject, value => (Number(value) & mask) >>> 0)
  return { ...subject, target: plain('number', `${target.title} & ${mask}`), map, place: { start, end } }
}

type Maker = (subject: Subject, call: Call) => Pick<Subject, 'target' | 'map' | 'counts'>

/** Text in any case but the one given; ASCII letters alone, as tshark. */
const lower = (value: Value): Value => recase(value, 0x41, 0x5a, 0x20)
const upper = (value: Value): Value => recase(value, 0x61, 0x7a, -0x20)

const recase = (value: Value, first: number, last: number, by: number): Value =>
  typeof value === 'object' ? value.map(byte => (byte >= first && byte <= last ? byte + by : byte)) : value

const ofText =
  (change: (value: Value) => Value): Maker =>
  (subject, call) => {
    if (subject.target.type !== 'text') throw new FilterError(`${call.name}() takes text`, call.of)
    return { target: subject.target, map: then(subject, change) }
  }

export const FUNCTIONS: Readonly<Record<string, Maker>> = byWord({
  len: (subject, call) => {
    const { type } = subject.target
    if (type !== 'text' && type !== 'bytes') throw new FilterError('len() takes text or bytes', call.of)
    const size = (value: Value): Value => (typeof value === 'object' ? value.length : 0)
    return { target: plain('number', 'a length'), map: then(subject, size) }
  },
  count: (subject, call) => {
    if (subject.map !== undefined || subject.counts) throw new FilterError('count() takes a field', call.of)
    return { target: plain('number', 'a count'), counts: true }
  },
  lower: ofText(lower),
  upper: ofText(upper),
  string: (subject, call) => {
    const { type } = subject.target
    if (type === 'presence' || type === 'time' || subject.counts)
      throw new FilterError(`string() cannot write ${subject.target.title}`, call.of)
    return { target: plain('text', 'text'), map: then(subject, value => textBytes(written(value, subject))) }
  },
})

/** `payload("/odd key/0")`: a JSON pointer (RFC 6901). */
function pointed({ of, start, end }: Call): Subject {
  const path = of.kind === 'text' || of.kind === 'char' ? pointerPath(of.text) : undefined
  if (path === undefined) throw new FilterError('payload() takes a JSON pointer in quotes: payload("/key/0")', of)
  const name = payloadName('payload()', path)
  return { name, target: { ...name, title: name.name }, place: { start, end } }
}

function called(call: Call): Subject {
  if (call.name === 'payload') return pointed(call)
  const make = FUNCTIONS[call.name]
  if (make === undefined) {
    const known = Object.keys(FUNCTIONS).join(', ')
    throw new FilterError(`there is no function ${call.name}(); there are ${known}`, call)
  }
  const { name, ...subject } = subjectOf(call.of)
  return { name, ...make({ name, ...subject }, call), place: call }
}

/** As `-e` writes it. */
function written(value: Value, { name, target, map }: Subject): string {
  const plainName = map === undefined ? name : undefined
  if (target.type === 'choice') return target.values[Number(value)] ?? `${value}`
  if (target.type === 'ipv4') return ipv4Text(Number(value))
  if (typeof value === 'object') return writtenBytes(value, target.type)
  return plainName?.isHex === true ? `0x${value.toString(16).padStart(2, '0')}` : `${value}`
}

function writtenBytes(bytes: Uint8Array, type: ValueType): string {
  if (type === 'text') return decodeText(bytes, 0, bytes.length)
  if (type === 'ipv6') return ipv6Text(u32(bytes, 0), u32(bytes, 4), u32(bytes, 8), u32(bytes, 12))
  return hex(bytes).replace(/(..)(?=.)/g, '$1:')
}
