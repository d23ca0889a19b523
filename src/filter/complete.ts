/** What may stand where the cursor is: fields, operators, values, each with its type and one line of meaning. */

import { byWord } from '../base/by-word.ts'
import { CLIENTID, TOPIC } from '../mqtt/fields.ts'
import { type Fact, factNamed } from '../store/facts.ts'
import type { Store } from '../store/store.ts'
import { FilterError } from './error.ts'
import { shortcuts } from './expand.ts'
import { type Token, tokens } from './lexer.ts'
import { findName, NAMES, type Name, type ValueType } from './names.ts'
import { FUNCTIONS } from './operand.ts'
import { isSign } from './parser.ts'

export interface Offer {
  /** Takes the place of what is written from `start` to `end`. */
  readonly text: string
  readonly kind: 'field' | 'operator' | 'value' | 'shortcut' | 'function' | 'word'
  /** Of a field: its type. */
  readonly type: string
  readonly meaning: string
}

export interface Completion {
  readonly start: number
  readonly end: number
  readonly offers: readonly Offer[]
}

/** What stands further before the cursor does not bear on what may follow it. */
const LONGEST_LOOK = 500

/** More would not be read; writing on narrows them. */
export const MOST_OFFERS = 50
/** Topics and client ids looked through: the first ones seen. */
const MOST_SEEN = 10_000

const COMPARE = ['==', '!=', '>', '<', '>=', '<=', 'in {']
const OPERATORS: Readonly<Record<ValueType, readonly string[]>> = {
  number: [...COMPARE, '&'],
  choice: ['==', '!=', 'in {'],
  time: COMPARE,
  text: ['==', '!=', 'contains', 'matches', 'like', 'in {'],
  bytes: ['==', '!=', 'contains', 'matches', 'in {'],
  ipv4: COMPARE,
  ipv6: COMPARE,
  presence: [],
  payload: [...COMPARE, 'contains', 'matches', 'like'],
}

const MEANINGS: Readonly<Record<string, string>> = byWord({
  '==': 'equal: one of its values is enough',
  '!=': 'not equal, none of its values',
  '>': 'greater',
  '<': 'less',
  '>=': 'greater or equal',
  '<=': 'less or equal',
  'in {': 'one of a list, or in a range: {1, 4..7}',
  '&': 'has one of these bits',
  contains: 'has this part; case counts',
  matches: 'fits the regular expression; case does not count',
  like: 'fits the MQTT topic filter, with + and #',
  and: 'both',
  or: 'one of the two',
})

/** What is written before the cursor: whole tokens, and the beginning of one. */
interface Written {
  readonly list: readonly Token[]
  readonly start: number
  readonly part: string
  readonly isQuoted: boolean
}

/** Undefined where no more can be made of it. */
function read(before: string): Written | undefined {
  try {
    const list = tokens(before).slice(0, -1)
    const last = list.at(-1)
    if (last?.kind !== 'word' || last.end < before.length)
      return { list, start: before.length, part: '', isQuoted: false }
    return { list: list.slice(0, -1), start: last.start, part: last.text, isQuoted: false }
  } catch (cause) {
    const at = cause instanceof FilterError ? cause.start : -1
    if (at < 0 || before.charAt(at) !== '"') return undefined
    return { list: tokens(before.slice(0, at)).slice(0, -1), start: at, part: before.slice(at + 1), isQuoted: true }
  }
}

/** What may be written at the cursor. With a store, the topics and client ids seen in the capture are offered. */
export function complete(text: string, cursor: number, store?: Store): Completion {
  const from = Math.max(0, cursor - LONGEST_LOOK)
  const written = read(text.slice(from, cursor))
  if (written === undefined) return { start: cursor, end: cursor, offers: [] }
  const offers = offersFor(written, store).slice(0, MOST_OFFERS)
  return { start: from + written.start, end: cursor, offers }
}

function offersFor({ list, part, isQuoted }: Written, store: Store | undefined): readonly Offer[] {
  const compared = fieldCompared(list)
  if (compared !== undefined) return begin(valuesOf(compared, store), part)
  if (isQuoted) return []
  const last = list.at(-1)
  if (last === undefined || isJoint(last)) return names(part, last === undefined)
  const name = last.kind === 'word' ? findName(last.text) : undefined
  const before = list.at(-2)
  const isLeft = before === undefined || isJoint(before)
  return begin(name !== undefined && isLeft ? operators(name) : JOINTS, part)
}

/** The field whose value comes next: behind an operator, or in the brackets of a set. */
function fieldCompared(list: readonly Token[]): Name | undefined {
  const last = list.at(-1)
  if (last !== undefined && isSign(last.text) && last.kind !== 'text') return nameAt(list, list.length - 2)
  const open = list.findLastIndex(({ kind, text }) => kind === 'symbol' && (text === '{' || text === '}'))
  if (list[open]?.text !== '{' || !['{', ',', '..'].includes(last?.text ?? '')) return undefined
  const isNegated = list[open - 2]?.text === 'not'
  return nameAt(list, open - (isNegated ? 3 : 2))
}

function nameAt(list: readonly Token[], at: number): Name | undefined {
  const token = list[at]
  return token?.kind === 'word' ? findName(token.text) : undefined
}

/** Behind it a field begins. */
const isJoint = ({ kind, text }: Token): boolean =>
  (kind === 'symbol' && ['(', '!', '&&', '||', '^^'].includes(text)) ||
  (kind === 'word' && ['and', 'or', 'xor', 'not'].includes(text))

/** Those that go on as it is written. */
const begin = (offers: readonly Offer[], part: string): readonly Offer[] =>
  offers.filter(({ text }) => text.replace(/^"/, '').toLowerCase().startsWith(part.toLowerCase()))

const operator =
  (kind: Offer['kind']) =>
  (text: string): Offer => ({ text, kind, type: '', meaning: MEANINGS[text] ?? '' })

const JOINTS: readonly Offer[] = ['and', 'or'].map(operator('word'))

const operators = ({ type }: Name): readonly Offer[] => [...OPERATORS[type].map(operator('operator')), ...JOINTS]

/** Those that begin with the word first, then those that hold it. */
function names(word: string, isAlone: boolean): readonly Offer[] {
  const wanted = word.toLowerCase()
  const fields = NAMES.map(({ name, type, label, explanation }): Offer => {
    return { text: name, kind: 'field', type, meaning: `${label}: ${firstSentence(explanation)}` }
  })
  const calls = Object.keys(FUNCTIONS).map(
    (name): Offer => ({ text: `${name}(`, kind: 'function', type: '', meaning: '' }),
  )
  const short = isAlone ? shortcuts().map((one): Offer => ({ ...one, kind: 'shortcut', type: '' })) : []
  const all = [...short, ...fields, ...calls]
  const starting = all.filter(({ text }) => text.toLowerCase().startsWith(wanted))
  const holding = wanted === '' ? [] : all.filter(({ text }) => text.toLowerCase().indexOf(wanted) > 0)
  return [...starting, ...holding]
}

const firstSentence = (text: string): string => /^.*?[.:](?= |$)/.exec(text)?.[0] ?? text

/** Names of values, topics and client ids seen, as they are written behind an operator. */
function valuesOf({ name, type, values, isFlag }: Name, store: Store | undefined): readonly Offer[] {
  const offer = (text: string, meaning: string): Offer => ({ text, kind: 'value', type, meaning })
  if (type === 'text') return seen(name, store).map(text => offer(quote(text), 'seen in the capture'))
  if (isFlag) return [offer('1', 'set'), offer('0', 'not set')]
  return Object.entries(values).map(([value, word]) =>
    offer(/^[\w.]+$/.test(word) ? word : quote(word), type === 'choice' ? '' : value),
  )
}

const quote = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`

/** Where the store holds texts that may be values of a name. */
const heldFor = (name: string): Fact['held'] =>
  name === TOPIC.name ? 'topic' : name === CLIENTID.name ? 'client' : factNamed(name)?.held

function seen(name: string, store: Store | undefined): readonly string[] {
  if (store === undefined) return []
  const found = new Set<string>()
  const held = heldFor(name)
  if (held === 'topic') {
    for (let id = 0; id < Math.min(store.topics.size, MOST_SEEN); id++) found.add(store.topics.text(id) ?? '')
  } else if (held === 'client') {
    for (const stream of store.streams.slice(-MOST_SEEN)) {
      if (stream?.clientId !== undefined) found.add(stream.clientId)
    }
  }
  return [...found].sort()
}
