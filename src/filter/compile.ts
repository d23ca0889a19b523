/** An expression's tree → tests: each leaf knows how to ask a packet, and where it can, how to ask a column. */

import { numberColumn, protocolPresence, textAtHand } from './at-hand.ts'
import { asksAll, compareTest, containsTest, orderOf, quantified, relation, type Test, withinTest } from './compare.ts'
import { FilterError } from './error.ts'
import type { Bare, Compare, Comparison, Expression, Operand, TextTest, Within, Word } from './expression.ts'
import type { Gather } from './gather.ts'
import { type Literal, readLiteral, type Target } from './literals.ts'
import type { Name } from './names.ts'
import { notAField, resolve, type Subject, subjectOf } from './operand.ts'
import { likeTest, patternTest, remembered } from './pattern.ts'
import type { Value } from './sources.ts'

export type Condition = Branch | Negation | Leaf

export interface Branch {
  readonly kind: 'or' | 'xor' | 'and'
  readonly parts: readonly Condition[]
}

export interface Negation {
  readonly kind: 'not'
  readonly part: Condition
}

/** A test of the values of one name; of two where fields are compared with each other. */
export interface Leaf {
  readonly kind: 'leaf'
  readonly names: readonly Name[]
  readonly isPresence: boolean
  /** It asks for all values of a name, not for one that fits. */
  readonly all: boolean
  /** Asks the packet that `gather` has turned to. */
  readonly packet: (gather: Gather) => boolean
  /** Of a leaf with one name: by all its values. */
  readonly holds: ((values: readonly Value[]) => boolean) | undefined
  /** The same, where there is exactly one value. */
  readonly each: Test | undefined
}

/** Throws FilterError where types do not fit. */
export function compile(expression: Expression): Condition {
  switch (expression.kind) {
    case 'or':
    case 'xor':
    case 'and':
      return { kind: expression.kind, parts: expression.parts.map(compile) }
    case 'not':
      return { kind: 'not', part: compile(expression.part) }
    case 'bare':
      return bare(expression)
    case 'in':
      return within(expression)
    default:
      return comparison(expression)
  }
}

const isPresent = (values: readonly Value[]): boolean => values.length > 0

/** A field tests presence; bits under a mask whether one is set. */
function bare({ operand }: Bare): Leaf {
  const subject = subjectOf(operand)
  if (operand.kind === 'mask') return leaf(subject, value => value !== 0, false)
  if (operand.kind === 'call')
    throw new FilterError(`${operand.name}() gives a value: compare it with something`, operand)
  if (subject.map !== undefined) return leaf(subject, () => true, false)
  const { name } = subject
  const protocol = protocolPresence(name.name)
  const asked = fromHolds(name, isPresent, () => true, false)
  const packet: Leaf['packet'] = protocol === undefined ? asked.packet : ({ record }) => protocol(record.stream)
  return { ...asked, packet, isPresence: true }
}

function within({ left, members }: Within): Leaf {
  const subject = subjectOf(left)
  const { target } = subject
  if (target.type === 'payload') return payloadWithin(subject, members)
  const order = orderOf(target.type)
  const tests = members.map(({ low, high }) => {
    const from = literalOf(low, target)
    return withinTest(low === high ? from : { low: from.low, high: literalOf(high, target).high }, order)
  })
  return leaf(subject, value => tests.some(test => test(value)), false)
}

function literalOf(operand: Operand, target: Target): Literal {
  const word = resolve(operand)
  if ('target' in word) throw new FilterError('a value is needed here, not a field', operand)
  return readLiteral(word, target)
}

const MIRRORED: Readonly<Partial<Record<Compare['test'], Comparison>>> = {
  greater: 'less',
  less: 'greater',
  atLeast: 'atMost',
  atMost: 'atLeast',
}

const isTextTest = (test: Compare['test']): test is TextTest =>
  test === 'contains' || test === 'matches' || test === 'like'

function comparison({ test, left, right, sign }: Compare): Leaf {
  const first = resolve(left)
  const second = 'target' in first && isChoice(right, first.target) ? right : resolve(right)
  if ('target' in first) {
    if ('target' in second) return betweenFields(first, second, test, sign)
    return againstLiteral(first, second, test, sign)
  }
  if (!('target' in second) || isTextTest(test)) throw new FilterError(notAField(first), first)
  return againstLiteral(second, first, MIRRORED[test] ?? test, sign)
}

/** True if a word is one of the words of `target`, although it may be the name of a field as well: `mqtt.via == websocket`. */
const isChoice = (operand: Operand, { type, values }: Target): operand is Word =>
  operand.kind === 'word' && type === 'choice' && Object.values(values).includes(operand.text)

type Sign = Compare['sign']

const TEXTUAL: ReadonlySet<Target['type']> = new Set(['text', 'bytes'])

function againstLiteral(subject: Subject, word: Word, test: Compare['test'], sign: Sign): Leaf {
  const { target } = subject
  if (target.type === 'payload') return payloadLeaf(subject, word, test, sign)
  if (!isTextTest(test))
    return leaf(subject, compareTest(test, readLiteral(word, target), orderOf(target.type)), asksAll(test))
  if (!TEXTUAL.has(target.type))
    throw new FilterError(`${sign.text} searches text and bytes, and ${target.title} is neither`, sign)
  if (test === 'contains') return leaf(subject, containsTest(readLiteral(word, target).low as Uint8Array), false)
  if (word.kind === 'word') throw new FilterError(`${sign.text} needs text in quotes`, word)
  if (test === 'like' && target.type !== 'text')
    throw new FilterError(`like compares topics, and ${target.title} is no text`, sign)
  const bytesTest = test === 'like' ? likeTest(word.text, word) : patternTest(word.text, word)
  return leaf(subject, value => typeof value === 'object' && bytesTest(value), false, true)
}

/** Values of the literal's kind are compared, others are passed over: numbers meet numbers, texts meet texts. */
function payloadLeaf({ name, target }: Subject, word: Word, test: Compare['test'], sign: Sign): Leaf {
  const literal = readLiteral(word, target)
  if (!isTextTest(test)) return ofKind(name, literal.low, compareTest(test, literal, orderOf('text')), asksAll(test))
  if (word.kind === 'word') throw new FilterError(`${sign.text} needs text in quotes`, word)
  if (test === 'contains') return ofKind(name, literal.low, containsTest(literal.low as Uint8Array), false)
  const bytesTest = test === 'like' ? likeTest(word.text, word) : patternTest(word.text, word)
  return ofKind(name, literal.low, value => typeof value === 'object' && bytesTest(value), false)
}

function payloadWithin({ name, target }: Subject, members: Within['members']): Leaf {
  const parts = members.map(({ low, high }) => {
    const from = literalOf(low, target)
    const to = low === high ? from : literalOf(high, target)
    const test = withinTest({ low: from.low, high: to.high }, orderOf('text'))
    return (value: Value): boolean => typeof value === typeof from.low && typeof value === typeof to.high && test(value)
  })
  return fromHolds(name, values => values.some(value => parts.some(part => part(value))), undefined, false)
}

function ofKind(name: Name, example: Value, test: Test, all: boolean): Leaf {
  const quantify = quantified(test, all)
  return fromHolds(name, values => quantify(values.filter(value => typeof value === typeof example)), undefined, all)
}

/** Any value of one with any of the other, or all with all. */
function betweenFields(a: Subject, b: Subject, test: Compare['test'], sign: Sign): Leaf {
  if (test === 'matches' || test === 'like') throw new FilterError(`${sign.text} needs text in quotes`, b.place)
  const [left, right] = [a.target.type, b.target.type]
  const fits = left === right || (TEXTUAL.has(left) && TEXTUAL.has(right))
  if (!fits || left === 'presence' || left === 'payload' || (test === 'contains' && !TEXTUAL.has(left)))
    throw new FilterError(`${a.target.title} and ${b.target.title} cannot be compared with ${sign.text}`, sign)
  const holds =
    test === 'contains'
      ? (value: Value, part: Value): boolean => containsTest(part as Uint8Array)(value)
      : relation(test, orderOf(left === 'text' ? right : left))
  const all = asksAll(test)
  const [ofA, ofB] = [listOf(a), listOf(b)]
  const packet = (gather: Gather): boolean => {
    const values = ofA(gather.values(a.name))
    const others = ofB(gather.values(b.name))
    if (!all) return values.some(value => others.some(other => holds(value, other)))
    if (values.length === 0 || others.length === 0) return false
    return values.every(value => others.every(other => holds(value, other)))
  }
  return { kind: 'leaf', names: [a.name, b.name], isPresence: false, all, packet, holds: undefined, each: undefined }
}

/** The subject's values out of those of its field. */
function listOf({ map, counts }: Subject): (values: readonly Value[]) => readonly Value[] {
  if (counts === true) {
    const counted = (values: readonly Value[]): readonly Value[] => (values.length === 0 ? values : [values.length])
    if (map === undefined) return counted
    return values => counted(values).flatMap(value => map(value) ?? [])
  }
  if (map === undefined) return values => values
  return values => values.flatMap(value => map(value) ?? [])
}

function leaf(subject: Subject, test: Test, all: boolean, isCostly = false): Leaf {
  const { name, map, counts } = subject
  const quantify = quantified(test, all)
  const list = listOf(subject)
  const mapped: Test =
    map === undefined
      ? test
      : value => {
          const made = map(value)
          return made !== undefined && test(made)
        }
  // Texts come again and again: verdicts on them are kept. Payloads and whole packets seldom do.
  const each = isCostly && name.type === 'text' && !name.isSeldom ? (remembered(mapped) as Test) : mapped
  const holds = (values: readonly Value[]): boolean => {
    const [only] = values
    return values.length === 1 && only !== undefined ? each(only) : quantify(list(values))
  }
  if (counts === true) return fromHolds(name, values => quantify(list(values)), undefined, all)
  return fromHolds(name, holds, each, all)
}

/** Where the packet's own numbers and places hold the value, no list is made. */
function fromHolds(
  name: Name,
  holds: (values: readonly Value[]) => boolean,
  each: Test | undefined,
  all: boolean,
): Leaf {
  const listed = (gather: Gather): boolean => holds(gather.values(name))
  const packet = each === undefined ? listed : (direct(name, each, listed) ?? listed)
  return { kind: 'leaf', names: [name], isPresence: false, all, packet, holds, each }
}

function direct(name: Name, each: Test, listed: (gather: Gather) => boolean): Leaf['packet'] | undefined {
  const number = numberColumn(name.name)?.record
  if (number !== undefined) {
    return ({ record }) => {
      const value = number(record)
      // NaN: there is none.
      return !Number.isNaN(value) && each(value)
    }
  }
  const text = textAtHand(name.name)
  if (text === undefined) return undefined
  return gather => {
    const bytes = text(gather.record)
    if (bytes === undefined) return listed(gather)
    return bytes !== null && each(bytes)
  }
}

/** The tests of a packet, joined. */
export function ofPacket(condition: Condition): (gather: Gather) => boolean {
  switch (condition.kind) {
    case 'leaf':
      return condition.packet
    case 'not': {
      const part = ofPacket(condition.part)
      return gather => !part(gather)
    }
    default:
      return join(condition.kind, condition.parts.map(ofPacket))
  }
}

type Asked<T> = (of: T) => boolean

/** Two parts are most common, and cost no loop. */
export function join<T>(kind: Branch['kind'], parts: readonly Asked<T>[]): Asked<T> {
  const [a, b] = parts
  if (parts.length === 2 && a !== undefined && b !== undefined) {
    if (kind === 'and') return of => a(of) && b(of)
    return kind === 'or' ? of => a(of) || b(of) : of => a(of) !== b(of)
  }
  if (kind === 'and') return of => parts.every(part => part(of))
  if (kind === 'or') return of => parts.some(part => part(of))
  return of => parts.reduce((odd, part) => odd !== part(of), false)
}

/** All leaves, from left to right. */
export const leavesOf = (condition: Condition): readonly Leaf[] =>
  condition.kind === 'leaf'
    ? [condition]
    : condition.kind === 'not'
      ? leavesOf(condition.part)
      : condition.parts.flatMap(leavesOf)
