/** JSON (RFC 8259): announces its values with their places. Nothing is made of keys, so no key can do harm. */
import { Announcer } from './announcer.ts'
import type { PayloadDecoder, ValueSink } from './decoder.ts'
import { textOf } from './wire.ts'

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const COLON = 0x3a
const MINUS = 0x2d
const PLUS = 0x2b
const POINT = 0x2e
const ZERO = 0x30
const NINE = 0x39
const OPEN_ARRAY = 0x5b
const CLOSE_ARRAY = 0x5d
const OPEN_MAP = 0x7b
const CLOSE_MAP = 0x7d
/** Lower case of E, in an exponent. */
const LOWER_E = 0x65
const LOWER_CASE = 0x20
const SPACE = 0x20
/** The byte read behind the end: none of JSON's. */
const NO_BYTE = -1

const LITERALS = ['true', 'false', 'null'] as const
const ESCAPES = '"\\/bfnrtu'

export const JSON_DECODER: PayloadDecoder = {
  name: 'json',
  decode: (bytes, start, end, sink) => new JsonWalk(bytes, start, end, sink).document(),
}

/** True if JSON begins with an object or a list here; blanks may precede it. */
export function beginsLikeJson(bytes: Uint8Array, start: number, end: number): boolean {
  const at = afterBlanks(bytes, start, end)
  return at < end && (bytes[at] === OPEN_MAP || bytes[at] === OPEN_ARRAY)
}

function afterBlanks(bytes: Uint8Array, start: number, end: number): number {
  let at = start
  while (at < end && isBlank(bytes[at] as number)) at++
  return at
}

/** The four blanks of JSON: space, tab, line feed, carriage return. */
const isBlank = (byte: number): boolean => byte === SPACE || byte === 0x09 || byte === 0x0a || byte === 0x0d

const isDigit = (byte: number): boolean => byte >= ZERO && byte <= NINE

class JsonWalk {
  private readonly bytes: Uint8Array
  private readonly end: number
  private readonly out: Announcer
  private at: number

  constructor(bytes: Uint8Array, start: number, end: number, sink: ValueSink) {
    this.bytes = bytes
    this.end = end
    this.at = start
    this.out = new Announcer(bytes, sink)
  }

  /** Reads one value, and nothing but blanks around it. */
  document(): boolean {
    this.blanks()
    if (!this.value()) return false
    this.blanks()
    return this.at === this.end || this.fail('something follows the value')
  }

  private value(): boolean {
    const byte = this.byte()
    if (byte === QUOTE) return this.string()
    if (byte === OPEN_MAP) return this.map()
    if (byte === OPEN_ARRAY) return this.array()
    return byte === MINUS || isDigit(byte) ? this.number() : this.literal()
  }

  private map(): boolean {
    if (!this.out.open('map', this.at++)) return false
    this.blanks()
    if (this.byte() === CLOSE_MAP) return this.out.close(++this.at)
    for (;;) {
      this.blanks()
      if (!this.member()) return false
      this.blanks()
      if (this.byte() === CLOSE_MAP) return this.out.close(++this.at)
      if (this.byte() !== COMMA) return this.fail('a comma or } is missing')
      this.at++
    }
  }

  private member(): boolean {
    if (this.byte() !== QUOTE) return this.fail('a key in quotes is missing')
    const from = this.at
    const text = this.quoted()
    if (text === undefined) return false
    this.out.key(text, from, this.at)
    this.blanks()
    if (this.byte() !== COLON) return this.fail('a colon is missing')
    this.at++
    this.blanks()
    return this.value()
  }

  private array(): boolean {
    if (!this.out.open('array', this.at++)) return false
    this.blanks()
    if (this.byte() === CLOSE_ARRAY) return this.out.close(++this.at)
    for (;;) {
      this.blanks()
      if (!this.value()) return false
      this.blanks()
      if (this.byte() === CLOSE_ARRAY) return this.out.close(++this.at)
      if (this.byte() !== COMMA) return this.fail('a comma or ] is missing')
      this.at++
    }
  }

  private string(): boolean {
    const from = this.at
    const text = this.quoted()
    return text !== undefined && this.out.word(text, from, this.at)
  }

  /** Reads a text in quotes; undefined after a fault. */
  private quoted(): string | undefined {
    const from = this.at++
    let isEscaped = false
    for (;;) {
      const byte = this.byte()
      if (byte === QUOTE) break
      if (byte === NO_BYTE) return this.none('a text does not end')
      if (byte < SPACE) return this.none('a text holds a control character')
      if (byte !== BACKSLASH) this.at++
      else if (this.escape()) isEscaped = true
      else return undefined
    }
    this.at++
    return this.textBetween(from, isEscaped)
  }

  private textBetween(from: number, isEscaped: boolean): string | undefined {
    const text = textOf(this.bytes, from + 1, this.at - 1)
    if (text === undefined) {
      this.at = from
      return this.none('a text is not UTF-8')
    }
    return isEscaped ? (JSON.parse(`"${text}"`) as string) : text
  }

  private escape(): boolean {
    this.at++
    const byte = this.byte()
    if (byte === NO_BYTE || !ESCAPES.includes(String.fromCharCode(byte))) return this.fail('an escape is unknown')
    this.at++
    if (byte !== 0x75) return true
    for (let digits = 0; digits < 4; digits++, this.at++)
      if (!isHexDigit(this.byte())) return this.fail('\\u needs four hexadecimal digits')
    return true
  }

  /** A number with its digits as they were sent. */
  private number(): boolean {
    const from = this.at
    if (this.byte() === MINUS) this.at++
    if (this.byte() === ZERO) this.at++
    else if (!this.digits()) return false
    if (isDigit(this.byte())) return this.fail('a number begins with 0')
    if (this.byte() === POINT) {
      this.at++
      if (!this.digits()) return false
    }
    if ((this.byte() | LOWER_CASE) === LOWER_E && !this.exponent()) return false
    return this.out.number(asciiBetween(this.bytes, from, this.at), from, this.at)
  }

  private exponent(): boolean {
    this.at++
    if (this.byte() === PLUS || this.byte() === MINUS) this.at++
    return this.digits()
  }

  /** Steps over one digit or more. */
  private digits(): boolean {
    const from = this.at
    while (isDigit(this.byte())) this.at++
    return this.at > from || this.fail('a digit is missing')
  }

  private literal(): boolean {
    const from = this.at
    const word = LITERALS.find(literal => this.begins(literal))
    if (word === undefined) return this.fail('this is not JSON')
    this.at += word.length
    return this.out.literal(word, from, this.at)
  }

  private begins(word: string): boolean {
    for (let index = 0; index < word.length; index++)
      if (this.at + index >= this.end || this.bytes[this.at + index] !== word.charCodeAt(index)) return false
    return true
  }

  private blanks(): void {
    this.at = afterBlanks(this.bytes, this.at, this.end)
  }

  private byte(): number {
    return this.at < this.end ? (this.bytes[this.at] as number) : NO_BYTE
  }

  private fail(message: string): false {
    return this.out.fault(this.at < this.end ? message : 'it ends too soon', this.at)
  }

  private none(message: string): undefined {
    this.fail(message)
    return undefined
  }
}

const isHexDigit = (byte: number): boolean =>
  isDigit(byte) || ((byte | LOWER_CASE) >= 0x61 && (byte | LOWER_CASE) <= 0x66)

/** Digits, signs, points and e alone. */
function asciiBetween(bytes: Uint8Array, from: number, to: number): string {
  let text = ''
  for (let at = from; at < to; at++) text += String.fromCharCode(bytes[at] as number)
  return text
}
