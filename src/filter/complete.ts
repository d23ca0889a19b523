/** What may stand where the cursor is: fields, operators, values, each with its type and one line of meaning. */
import type { Store } from '../store/store.ts'
import { shortcuts } from './expand.ts'
import { findName, NAMES, type Name, type ValueType } from './fields.ts'
import { FUNCTIONS } from './operand.ts'

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
}

const MEANINGS: Readonly<Record<string, string>> = {
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
}

const WORDS = /[\w.:/$+#-]*$/
const BEFORE_VALUE =
  /([a-z][\w.]*)\s*(?:===?|!==?|~=|[<>]=?|~|\b(?:eq|ne|gt|lt|ge|le|contains|matches|like)\b|\bin\s*\{(?:[^}]*,)?)\s*("?)([^"{},]*)$/
const BEHIND_VALUE =
  /(?:===?|!==?|[<>]=?|~|\b(?:eq|ne|gt|lt|ge|le|contains|matches|like))\s*(?:"(?:[^"\\]|\\.)*"|[^\s"]+)\s+$|\}\s*$/

/** What may be written at the cursor. With a store, the topics and client ids seen in the capture are offered. */
export function complete(text: string, cursor: number, store?: Store): Completion {
  const before = text.slice(Math.max(0, cursor - LONGEST_LOOK), cursor)
  const value = BEFORE_VALUE.exec(before)
  const name = value?.[1] === undefined ? undefined : findName(value[1])
  if (value !== null && name !== undefined) return values(name, value[3] ?? '', value[2] === '"', cursor, store)
  if (BEHIND_VALUE.test(before)) return { start: cursor, end: cursor, offers: ['and', 'or'].map(operator('word')) }
  const word = WORDS.exec(before)?.[0] ?? ''
  const behind = word === '' ? findName(/([a-z][\w.]*)\s+$/.exec(before)?.[1] ?? '') : undefined
  if (behind !== undefined) return { start: cursor, end: cursor, offers: operators(behind) }
  const isAlone = before.trimStart() === word
  return { start: cursor - word.length, end: cursor, offers: names(word, isAlone) }
}

const operator =
  (kind: Offer['kind']) =>
  (text: string): Offer => ({ text, kind, type: '', meaning: MEANINGS[text] ?? '' })

const operators = ({ type }: Name): readonly Offer[] => [
  ...OPERATORS[type].map(operator('operator')),
  ...['and', 'or'].map(operator('word')),
]

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
  return [...starting, ...holding].slice(0, MOST_OFFERS)
}

const firstSentence = (text: string): string => /^.*?[.:](?= |$)/.exec(text)?.[0] ?? text

/** Names of values, topics and client ids seen, as they are written behind an operator. */
function values(name: Name, written: string, isQuoted: boolean, cursor: number, store: Store | undefined): Completion {
  const wanted = written.trimStart().toLowerCase()
  const start = cursor - written.trimStart().length - (isQuoted ? 1 : 0)
  const offers = valuesOf(name, store)
    .filter(({ text }) => text.replace(/^"/, '').toLowerCase().startsWith(wanted))
    .slice(0, MOST_OFFERS)
  return { start, end: cursor, offers }
}

function valuesOf({ name, type, values, isFlag }: Name, store: Store | undefined): readonly Offer[] {
  const offer = (text: string, meaning: string): Offer => ({ text, kind: 'value', type, meaning })
  if (type === 'text') return seen(name, store).map(text => offer(quote(text), 'seen in the capture'))
  if (isFlag) return [offer('1', 'set'), offer('0', 'not set')]
  return Object.entries(values).map(([value, word]) =>
    offer(/^[\w.]+$/.test(word) ? word : quote(word), type === 'choice' ? '' : value),
  )
}

const quote = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`

function seen(name: string, store: Store | undefined): readonly string[] {
  if (store === undefined) return []
  const found = new Set<string>()
  if (name === 'mqtt.topic' || name === 'mqtt.topic_resolved') {
    for (let id = 0; id < Math.min(store.topics.size, MOST_SEEN); id++) found.add(store.topics.text(id) ?? '')
  } else if (name === 'mqtt.client' || name === 'mqtt.clientid') {
    for (const { clientId } of store.connections.slice(0, MOST_SEEN)) if (clientId !== undefined) found.add(clientId)
  }
  return [...found].sort()
}
