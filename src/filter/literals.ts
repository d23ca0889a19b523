/** What a literal stands for beside a field: a number, a name of a value, a time, an address, bytes, text. */
import { byWord } from '../base/by-word.ts'
import { PATH_LITERALS } from '../payload/path.ts'
import { FilterError } from './error.ts'
import type { Word } from './expression.ts'
import { didYouMean, looksLikeName, type Name, type ValueType } from './names.ts'
import { textBytes, type Value } from './sources.ts'

/** What is compared: a field, or what a function or a slice makes of it. */
export interface Target {
  readonly type: ValueType
  /** As it is named in messages. */
  readonly title: string
  readonly values: Name['values']
  readonly aliases: Name['aliases']
  readonly isFlag: boolean
  readonly unit: string | undefined
  readonly most: number
}

/** One value, or a network: all from `low` to `high`. */
export interface Literal {
  readonly low: Value
  readonly high: Value
}

const single = (value: Value): Literal => ({ low: value, high: value })

const JSON_NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/
const PAYLOAD_WORDS: Readonly<Record<string, bigint>> = byWord({
  true: PATH_LITERALS.true,
  false: PATH_LITERALS.false,
  null: PATH_LITERALS.null,
})

/** A number, `true`, `false`, `null`, or text in quotes: the literal says which kind of value is meant. */
function readPayloadValue(word: Word): Value {
  if (word.kind !== 'word') return textBytes(word.text)
  if (JSON_NUMBER.test(word.text)) return Number(word.text)
  return PAYLOAD_WORDS[word.text] ?? fail(word, 'is neither a number nor true, false or null; put text in quotes')
}

/** Throws FilterError where the word is no value of the target. */
export function readLiteral(word: Word, target: Target): Literal {
  switch (target.type) {
    case 'number':
      return single(readNumber(word, target))
    case 'choice':
      return single(namedValue(word.text, target) ?? fail(word, `is none of ${namesOf(target)}`))
    case 'time':
      return single(readTime(word, target))
    case 'text':
      return single(readText(word))
    case 'payload':
      return single(readPayloadValue(word))
    case 'bytes':
      return single(readBytes(word))
    case 'ipv4':
      return readIpv4(word)
    case 'ipv6':
      return readIpv6(word)
    default:
      throw new FilterError(`${target.title} is there or not; it has no value to compare`, word)
  }
}

function fail(word: Word, what: string): never {
  throw new FilterError(`${JSON.stringify(word.text)} ${what}${didYouMeanField(word)}`, word)
}

const didYouMeanField = ({ kind, text }: Word): string =>
  kind === 'word' && text.includes('.') ? didYouMean(text) : ''

const MOST_NAMES = 12

function namesOf({ values }: Target): string {
  const names = Object.values(values)
  return `${names.slice(0, MOST_NAMES).join(', ')}${names.length > MOST_NAMES ? ', …' : ''}`
}

/** The number that a name stands for, ours or Wireshark's, in any case. */
function namedValue(text: string, { values, aliases, isFlag }: Target): number | undefined {
  const wanted = text.toLowerCase()
  if (isFlag && (wanted === 'true' || wanted === 'false')) return wanted === 'true' ? 1 : 0
  for (const names of [values, aliases]) {
    for (const [value, name] of Object.entries(names)) if (name.toLowerCase() === wanted) return Number(value)
  }
  return undefined
}

/** Whole numbers: decimal, 0x, 0b, octal with a leading 0, all with a sign. */
const WHOLE = /^([-+]?)(0x[0-9a-f]+|0b[01]+|\d+)$/i

function wholeNumber(text: string): number | undefined {
  const [, sign, digits] = WHOLE.exec(text) ?? []
  if (digits === undefined) return undefined
  const isOctal = /^0[0-7]+$/.test(digits)
  const value = isOctal ? Number.parseInt(digits, 8) : Number(digits)
  return sign === '-' ? -value : value
}

function readNumber(word: Word, target: Target): number {
  const { kind, text } = word
  if (kind === 'char') return text.codePointAt(0) ?? 0
  const named = namedValue(text, target)
  if (named !== undefined) return named
  const number = kind === 'word' ? wholeNumber(text) : undefined
  if (number !== undefined) return number
  if (kind === 'word' && target.unit === 's' && nanosOf(text) !== undefined) {
    const nanos = nanosOf(text) ?? 0n
    if (nanos % NANOS === 0n) return Number(nanos / NANOS)
    fail(word, `is no whole number of seconds, which ${target.title} holds`)
  }
  const names = namesOf(target)
  fail(word, names === '' ? `is no whole number, which ${target.title} is` : `is no number and none of ${names}`)
}

const NANOS = 1_000_000_000n

const UNITS: Readonly<Record<string, bigint>> = byWord({
  ns: 1n,
  us: 1000n,
  µs: 1000n,
  μs: 1000n,
  ms: 1_000_000n,
  s: NANOS,
  '': NANOS,
  min: 60n * NANOS,
  m: 60n * NANOS,
  h: 3600n * NANOS,
})

const DURATION = /^([-+]?)(\d{1,15})?(?:\.(\d{1,18}))?([a-zµμ]*)$/

/** `5ms`, `1.5s`, `2us`; without a unit seconds. Digits below a nanosecond are left off. */
export function nanosOf(text: string): bigint | undefined {
  const [, sign, whole, fraction, letters] = DURATION.exec(text) ?? []
  const unit = letters === undefined ? undefined : UNITS[letters]
  if (unit === undefined || (whole === undefined && fraction === undefined)) return undefined
  const part = fraction ?? ''
  const nanos = (BigInt((whole ?? '0') + part) * unit) / 10n ** BigInt(part.length)
  return sign === '-' ? -nanos : nanos
}

function readTime(word: Word, target: Target): Value {
  const nanos = word.kind === 'word' ? nanosOf(word.text) : undefined
  if (nanos === undefined) fail(word, 'is no time; write 5ms, 1.5s or 2us, without quotes')
  // Unix time in nanoseconds is more than a double holds; what it is compared with is held alike.
  return target.title === 'frame.time_epoch' ? nanos : Number(nanos)
}

function readText(word: Word): Uint8Array {
  if (word.kind === 'word' && looksLikeName(word.text) && didYouMean(word.text) !== '') {
    throw new FilterError(`${word.text} is no field${didYouMean(word.text)} Text stands in quotes`, word)
  }
  return textBytes(word.text)
}

const HEX_BYTES = /^[0-9a-f]{2}(?:[:.-]?[0-9a-f]{2})*$/i

/** `74:6f`, also with - or . or nothing between; text in quotes for its bytes. */
function readBytes(word: Word): Uint8Array {
  if (word.kind !== 'word') return textBytes(word.text)
  const text = word.text.replace(/^0x/i, '')
  if (!HEX_BYTES.test(text)) fail(word, 'is no bytes; write 74:6f, or text in quotes')
  return Uint8Array.from(text.replace(/[:.-]/g, '').match(/../g) ?? [], pair => Number.parseInt(pair, 16))
}

function ipv4Number(text: string): number | undefined {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)?.slice(1).map(Number) ?? []
  if (parts.length !== 4 || parts.some(part => part > 255)) return undefined
  return parts.reduce((sum, part) => sum * 256 + part, 0)
}

/** The digits behind `/`; undefined where there are none. */
function prefixOf(word: Word, digits: string | undefined, most: number): number | undefined {
  if (digits === undefined) return undefined
  if (!/^\d{1,3}$/.test(digits) || Number(digits) > most) fail(word, `has no prefix length of 0 to ${most}`)
  return Number(digits)
}

function readIpv4(word: Word): Literal {
  const [address, digits] = word.text.split(/\/(.*)/s)
  const number = ipv4Number(address ?? '')
  if (number === undefined) fail(word, 'is no IPv4 address')
  const size = 2 ** (32 - (prefixOf(word, digits, 32) ?? 32))
  const low = Math.floor(number / size) * size
  return { low, high: low + size - 1 }
}

/** RFC 4291 §2.2: eight groups, `::` for zeros once, the last two as an IPv4 address. */
export function ipv6Bytes(text: string): Uint8Array | undefined {
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text)
  const tail = dotted === null ? 0 : ipv4Number(dotted[2] ?? '')
  if (tail === undefined) return undefined
  const whole = dotted === null ? text : `${dotted[1]}${(tail >>> 16).toString(16)}:${(tail & 0xffff).toString(16)}`
  const halves = whole.split('::')
  if (halves.length > 2) return undefined
  const [before = [], after = []] = halves.map(half => (half === '' ? [] : half.split(':')))
  const missing = 8 - before.length - after.length
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined
  const groups = [...before, ...new Array<string>(missing).fill('0'), ...after]
  if (!groups.every(group => /^[0-9a-f]{1,4}$/i.test(group))) return undefined
  return Uint8Array.from(groups.flatMap(group => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 255]))
}

function readIpv6(word: Word): Literal {
  const [address, digits] = word.text.split(/\/(.*)/s)
  const bytes = ipv6Bytes(address ?? '')
  if (bytes === undefined) fail(word, 'is no IPv6 address')
  const prefix = prefixOf(word, digits, 128) ?? 128
  const mask = (at: number): number => 0xff00 >> Math.min(8, Math.max(0, prefix - at * 8))
  return {
    low: bytes.map((byte, at) => byte & mask(at)),
    high: bytes.map((byte, at) => byte | (~mask(at) & 0xff)),
  }
}

/** True of a number that the field has no room for. */
export const isNumberBeyond = ({ kind, text }: Word, { type, most }: Name): boolean =>
  kind === 'word' && type === 'number' && (wholeNumber(text) ?? 0) > most
