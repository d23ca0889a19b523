/** The text of an expression as tokens, each with its place. */
import { byWord } from '../base/by-word.ts'
import { FilterError, type Place } from './error.ts'

export type TokenKind = 'word' | 'text' | 'char' | 'slice' | 'symbol' | 'end'

export interface Token extends Place {
  readonly kind: TokenKind
  /** As written; of text and characters what they stand for; of a slice what is between the brackets. */
  readonly text: string
}

/** Longer expressions are no one's filter: they are refused before they cost anything. */
export const LONGEST_EXPRESSION = 65_536

/** The longest first, so that none is taken for two. */
const SYMBOLS = [
  '===',
  '!==',
  '==',
  '!=',
  '~=',
  '>=',
  '<=',
  '&&',
  '||',
  '^^',
  '..',
  '(',
  ')',
  '{',
  '}',
  ',',
  '>',
  '<',
  '!',
  '~',
  '&',
]

/** Names, numbers, addresses, bytes, topics: what they are depends on the field they stand beside. */
const WORD = /(?:[-+](?=[\d.]))?(?:(?!\.\.)[\w.:/%-])+/y
const BLANK = /[ \t\r\n]+/y

/** All tokens, the last one of kind `end`. */
export function tokens(text: string): readonly Token[] {
  if (text.length > LONGEST_EXPRESSION) {
    throw new FilterError(`the expression is longer than ${LONGEST_EXPRESSION} characters`, { start: 0, end: 1 })
  }
  const found: Token[] = []
  let at = 0
  for (;;) {
    BLANK.lastIndex = at
    if (BLANK.test(text)) at = BLANK.lastIndex
    if (at >= text.length) return [...found, { kind: 'end', text: '', start: text.length, end: text.length }]
    const token = next(text, at)
    found.push(token)
    at = token.end
  }
}

function next(text: string, at: number): Token {
  const char = text.charAt(at)
  if (char === '"') return quoted(text, at, at, true)
  if ((char === 'r' || char === 'R') && text.charAt(at + 1) === '"') return quoted(text, at, at + 1, false)
  if (char === "'") return character(text, at)
  if (char === '[') return slice(text, at)
  const symbol = SYMBOLS.find(one => text.startsWith(one, at))
  // A word may begin with one dot or colon (`::1`), but `..` stands between the ends of a range.
  if (symbol !== undefined) return { kind: 'symbol', text: symbol, start: at, end: at + symbol.length }
  WORD.lastIndex = at
  if (WORD.test(text)) return { kind: 'word', text: text.slice(at, WORD.lastIndex), start: at, end: WORD.lastIndex }
  throw new FilterError(reasonAgainst(char), { start: at, end: at + 1 })
}

const ADVICE: Readonly<Record<string, string>> = byWord({
  '=': '= alone compares nothing: write ==',
  '|': '| alone joins nothing: write || or or',
  '“': 'write straight quotes: "',
  '”': 'write straight quotes: "',
  '„': 'write straight quotes: "',
  '#': '# may stand in quotes only: like "a/#"',
  '+': '+ may stand in quotes only: like "a/+/b"',
  $: '$ may stand in quotes only: "$SYS/broker"',
})

const reasonAgainst = (char: string): string =>
  ADVICE[char] ?? (/[\p{L}\p{N}]/u.test(char) ? 'put such text in quotes' : 'no expression has this character here')

/** `[0:3]`: ranges may hold what elsewhere is an operator, so they are cut out whole. */
function slice(text: string, at: number): Token {
  const end = text.indexOf(']', at)
  if (end < 0) throw new FilterError('the ] is missing', { start: at, end: at + 1 })
  return { kind: 'slice', text: text.slice(at + 1, end), start: at, end: end + 1 }
}

/** Text in double quotes; with `escapes` a backslash begins an escape, without (r"…") it is one. */
function quoted(text: string, start: number, quote: number, escapes: boolean): Token {
  const parts: string[] = []
  let from = quote + 1
  for (let at = from; at < text.length; ) {
    const char = text.charAt(at)
    if (char === '"') {
      parts.push(text.slice(from, at))
      return { kind: 'text', text: parts.join(''), start, end: at + 1 }
    }
    if (char !== '\\') at++
    else if (!escapes) at += 2
    else {
      const escaped = readEscape(text, at)
      parts.push(text.slice(from, at), escaped.text)
      at = escaped.end
      from = at
    }
  }
  throw new FilterError('the closing quote is missing', { start, end: quote + 1 })
}

const ESCAPES: Readonly<Record<string, string>> = byWord({
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  "'": "'",
  '"': '"',
  '\\': '\\',
})

const NUMBERED = /\\(?:x([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{1,3}))/y
const HIGHEST = 0x10ffff

/** The escapes of C, as Wireshark has them. */
function readEscape(text: string, at: number): Token {
  const char = text.charAt(at + 1)
  const plain = ESCAPES[char]
  const place = { start: at, end: at + 2 }
  if (plain !== undefined) return { kind: 'char', text: plain, ...place }
  NUMBERED.lastIndex = at
  const [all, x, u, wide, octal] = NUMBERED.exec(text) ?? []
  if (all === undefined) throw new FilterError(`\\${char} is no escape; write \\\\ for a backslash`, place)
  const code = octal === undefined ? Number.parseInt(x ?? u ?? wide ?? '', 16) : Number.parseInt(octal, 8)
  const end = at + all.length
  if (code > HIGHEST) throw new FilterError('no character has this number', { start: at, end })
  return { kind: 'char', text: String.fromCodePoint(code), start: at, end }
}

/** One character in single quotes. */
function character(text: string, at: number): Token {
  const escaped = text.charAt(at + 1) === '\\' ? readEscape(text, at + 1) : undefined
  const char = escaped?.text ?? String.fromCodePoint(text.codePointAt(at + 1) ?? 0x27)
  const end = escaped?.end ?? at + 1 + char.length
  if (char === "'" && escaped === undefined)
    throw new FilterError('there is no character in the quotes', { start: at, end })
  if (text.charAt(end) !== "'") {
    throw new FilterError('single quotes hold one character; put text in double quotes', { start: at, end: at + 1 })
  }
  return { kind: 'char', text: char, start: at, end: end + 1 }
}
