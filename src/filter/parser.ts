/**
 * Tokens → tree. `or` binds less than `xor`, that less than `and`, `not`, a comparison. Lists of the same operator are
 * read in a loop, so only brackets go deeper, and their depth is limited.
 */
import { FilterError, type Place } from './error.ts'
import type { Compare, Expression, Joined, Member, Operand, Sign, SliceRange } from './expression.ts'
import { type Token, tokens } from './lexer.ts'

/** Brackets within brackets; each level takes a few frames of the stack here, in the compiler and in each test. */
export const DEEPEST = 200

const JOINERS: readonly { readonly kind: Joined['kind']; readonly signs: readonly string[] }[] = [
  { kind: 'or', signs: ['||', 'or'] },
  { kind: 'xor', signs: ['^^', 'xor'] },
  { kind: 'and', signs: ['&&', 'and'] },
]

/** Wireshark 4.0: `==` holds for any value of the field, `!=` for all of them. */
const TESTS: ReadonlyMap<string, Compare['test']> = new Map([
  ['==', 'anyEqual'],
  ['eq', 'anyEqual'],
  ['any_eq', 'anyEqual'],
  ['===', 'allEqual'],
  ['all_eq', 'allEqual'],
  ['!=', 'allUnequal'],
  ['ne', 'allUnequal'],
  ['all_ne', 'allUnequal'],
  ['!==', 'anyUnequal'],
  ['~=', 'anyUnequal'],
  ['any_ne', 'anyUnequal'],
  ['>', 'greater'],
  ['gt', 'greater'],
  ['<', 'less'],
  ['lt', 'less'],
  ['>=', 'atLeast'],
  ['ge', 'atLeast'],
  ['<=', 'atMost'],
  ['le', 'atMost'],
  ['contains', 'contains'],
  ['matches', 'matches'],
  ['~', 'matches'],
  ['like', 'like'],
] as const)

export const isSign = (text: string): boolean => TESTS.has(text)

const KEYWORDS: ReadonlySet<string> = new Set(
  ['in', 'not', 'bitwise_and', ...JOINERS.flatMap(({ signs }) => signs), ...TESTS.keys()].filter(word =>
    /^\w/.test(word),
  ),
)

export const isKeyword = (word: string): boolean => KEYWORDS.has(word)

/** The tree of the text; undefined where it is blank. Throws FilterError. */
export function parse(text: string): Expression | undefined {
  const parser = new Parser(tokens(text))
  return parser.isAtEnd ? undefined : parser.all()
}

/** From the beginning of the first to the end of the last. */
const over = (first: Place, last: Place): Place => ({ start: first.start, end: last.end })

class Parser {
  private readonly list: readonly Token[]
  private at = 0
  private depth = 0

  constructor(list: readonly Token[]) {
    this.list = list
  }

  get isAtEnd(): boolean {
    return this.token.kind === 'end'
  }

  all(): Expression {
    const whole = this.joined(0)
    if (!this.isAtEnd) throw this.unexpected()
    return whole
  }

  private get token(): Token {
    return this.list[this.at] ?? { kind: 'end', text: '', start: 0, end: 0 }
  }

  private take(): Token {
    const { token } = this
    this.at++
    return token
  }

  /** Takes the token if it is one of these symbols or keywords. */
  private takeIf(...signs: readonly string[]): Token | undefined {
    const { kind, text } = this.token
    return (kind === 'symbol' || kind === 'word') && signs.includes(text) ? this.take() : undefined
  }

  private need(sign: string): Token {
    const token = this.takeIf(sign)
    if (token === undefined) throw this.unexpected(`${sign} is missing`)
    return token
  }

  private unexpected(message?: string): FilterError {
    const { kind, text, start, end } = this.token
    const place = { start, end: Math.max(end, start + 1) }
    if (kind === 'end') return new FilterError(message ?? 'the expression ends too soon', place)
    return new FilterError(message ?? `${text === '' ? 'this' : JSON.stringify(text)} is not expected here`, place)
  }

  private joined(level: number): Expression {
    const joiner = JOINERS[level]
    if (joiner === undefined) return this.negated()
    const first = this.joined(level + 1)
    const parts = [first]
    while (this.takeIf(...joiner.signs) !== undefined) parts.push(this.joined(level + 1))
    const last = parts.at(-1) ?? first
    return parts.length === 1 ? first : { kind: joiner.kind, parts, ...over(first, last) }
  }

  /** Two negations make none. */
  private negated(): Expression {
    const first = this.token
    let isNegated = false
    while (this.takeIf('!', 'not') !== undefined) isNegated = !isNegated
    const part = this.primary()
    return isNegated ? { kind: 'not', part, ...over(first, part) } : part
  }

  private primary(): Expression {
    const open = this.takeIf('(')
    if (open === undefined) return this.comparison()
    this.deeper(open)
    const inner = this.joined(0)
    const close = this.need(')')
    this.depth--
    return { ...inner, ...over(open, close) }
  }

  private deeper(open: Token): void {
    if (++this.depth > DEEPEST) throw new FilterError(`more than ${DEEPEST} brackets within each other`, open)
  }

  /** One comparison, or a chain: `1 < mqtt.len < 20` is both of its halves. */
  private comparison(): Expression {
    const left = this.operand()
    const isNegated = this.takeIf('not') !== undefined
    if (isNegated || this.isWord('in')) return this.within(left, isNegated)
    const parts: Compare[] = []
    for (let from = left; ; ) {
      const sign = this.sign()
      if (sign === undefined) break
      if (this.token.kind === 'symbol' && this.token.text === '{') return this.inSet(left, parts, sign.test)
      const right = this.operand()
      parts.push({ kind: 'compare', test: sign.test, left: from, right, sign: sign.sign, ...over(from, right) })
      from = right
    }
    const [first, ...more] = parts
    if (first === undefined) return { kind: 'bare', operand: left, start: left.start, end: left.end }
    return more.length === 0 ? first : { kind: 'and', parts, ...over(left, more.at(-1) ?? first) }
  }

  /** `mqtt.qos == {1, 2}`: Wireshark reads it as `in`. */
  private inSet(left: Operand, before: readonly Compare[], test: Compare['test']): Expression {
    if (test !== 'anyEqual' || before.length > 0) throw this.unexpected('a set stands behind in')
    return this.set(left)
  }

  private isWord(text: string): boolean {
    return this.token.kind === 'word' && this.token.text === text
  }

  private sign(): { readonly test: Compare['test']; readonly sign: Sign } | undefined {
    const { kind, text, start, end } = this.token
    const test = kind === 'symbol' || kind === 'word' ? TESTS.get(text) : undefined
    if (test === undefined) return undefined
    this.at++
    return { test, sign: { text, start, end } }
  }

  private within(left: Operand, isNegated: boolean): Expression {
    this.need('in')
    const part = this.set(left)
    return isNegated ? { kind: 'not', part, ...over(left, part) } : part
  }

  private set(left: Operand): Expression {
    this.need('{')
    const members: Member[] = []
    do {
      const low = this.operand()
      const high = this.takeIf('..') === undefined ? low : this.operand()
      members.push({ low, high, ...over(low, high) })
    } while (this.takeIf(',') !== undefined)
    return { kind: 'in', left, members, ...over(left, this.need('}')) }
  }

  private operand(): Operand {
    let operand = this.atom()
    while (this.takeIf('&', 'bitwise_and') !== undefined) {
      const by = this.atom()
      operand = { kind: 'mask', of: operand, by, ...over(operand, by) }
    }
    return operand
  }

  private atom(): Operand {
    const token = this.take()
    const { kind, text, start, end } = token
    let operand: Operand
    if (kind === 'word' && this.token.kind === 'symbol' && this.token.text === '(') operand = this.call(token)
    else if (kind === 'text' || kind === 'char' || (kind === 'word' && !isKeyword(text)))
      operand = { kind, text, start, end }
    else {
      this.at--
      throw this.unexpected()
    }
    while (this.token.kind === 'slice') operand = this.slice(operand)
    return operand
  }

  private call({ text, start, end }: Token): Operand {
    if (isKeyword(text)) {
      this.at--
      throw this.unexpected()
    }
    this.deeper({ kind: 'word', text, start, end })
    this.take()
    const of = this.operand()
    this.depth--
    return { kind: 'call', name: text, of, start, end: this.need(')').end }
  }

  private slice(of: Operand): Operand {
    const { text, start, end } = this.take()
    let at = start + 1
    const ranges = text.split(',').map(part => {
      const range = readRange(part, { start: at, end: at + Math.max(part.length, 1) })
      at += part.length + 1
      return range
    })
    return { kind: 'slice', of, ranges, start: of.start, end }
  }
}

const RANGE = /^\s*(-?\d{1,9})?\s*(?:([:-])\s*(-?\d{1,9})?)?\s*$/

/** `n` one byte, `n:m` m bytes from n on, `n-m` from n up to and with m, `:m` the first m, `n:` from n on. */
function readRange(text: string, place: Place): SliceRange {
  const [, first, sign, second] = RANGE.exec(text) ?? []
  if (first === undefined && (sign !== ':' || second === undefined)) {
    throw new FilterError('a slice is n, n:size, n-last, :size or n:', place)
  }
  const from = Number(first ?? 0)
  if (sign === undefined) return { from, size: 1, to: undefined }
  if (second === undefined) return { from, size: undefined, to: undefined }
  const number = Number(second)
  if (sign === ':' && number < 1) throw new FilterError('a slice has at least one byte', place)
  if (sign === '-' && number < from && number >= 0 === from >= 0) {
    throw new FilterError('the last byte stands before the first', place)
  }
  return sign === ':' ? { from, size: number, to: undefined } : { from, size: undefined, to: number }
}
