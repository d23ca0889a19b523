/**
 * The line protocol of InfluxDB: `measurement,tag=value field=1.5,other=3i 1556813561098000000`. One line is an object with
 * `measurement`, `tags`, `fields` and `time`; several lines are a list of them.
 */
import { Announcer } from './announcer.ts'
import type { PayloadDecoder, ValueSink } from './decoder.ts'

const BACKSLASH = 0x5c
const QUOTE = 0x22
const COMMA = 0x2c
const EQUALS = 0x3d
const BLANK = 0x20
const NEWLINE = 0x0a
const RETURN = 0x0d
const HASH = 0x23

const FLOAT = /^-?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/
const INTEGER = /^-?\d+[iu]$/
const TRUE = ['t', 'T', 'true', 'True', 'TRUE']
const FALSE = ['f', 'F', 'false', 'False', 'FALSE']

export const INFLUX_DECODER: PayloadDecoder = {
  name: 'influx',
  decode: (bytes, start, end, sink) => new InfluxWalk(bytes, start, end, sink).document(),
}

class InfluxWalk {
  private readonly bytes: Uint8Array
  private readonly start: number
  private readonly end: number
  private readonly out: Announcer
  private at: number

  constructor(bytes: Uint8Array, start: number, end: number, sink: ValueSink) {
    this.bytes = bytes
    this.start = start
    this.end = end
    this.at = start
    this.out = new Announcer(bytes, sink)
  }

  document(): boolean {
    if (!this.out.isText(this.start, this.end)) return this.out.fault('it is not UTF-8', this.start)
    const lines = this.countLines()
    if (lines === 0) return this.out.fault('there is no line', this.start)
    if (lines === 1) return this.line()
    if (!this.out.open('array', this.at)) return false
    while (this.skipEmpty()) if (!this.line()) return false
    return this.out.close(this.at)
  }

  private countLines(): number {
    let lines = 0
    while (lines < 2 && this.skipEmpty()) {
      lines++
      this.skipLine()
    }
    this.at = this.start
    this.skipEmpty()
    return lines
  }

  /** Steps over empty lines and comments; false at the end. */
  private skipEmpty(): boolean {
    for (; this.at < this.end; this.at++) {
      const byte = this.bytes[this.at] as number
      if (byte === HASH) this.skipLine()
      else if (byte !== NEWLINE && byte !== RETURN && byte !== BLANK) return true
    }
    return false
  }

  /** Steps to the line break; a text in quotes may hold one. */
  private skipLine(): void {
    let isQuoted = false
    for (; this.at < this.end; this.at++) {
      const byte = this.bytes[this.at] as number
      if (byte === BACKSLASH) this.at++
      else if (byte === QUOTE) isQuoted = !isQuoted
      else if (byte === NEWLINE && !isQuoted) return
    }
    this.at = Math.min(this.at, this.end)
  }

  private line(): boolean {
    const from = this.at
    if (!this.out.open('map', from)) return false
    this.out.key('measurement', from, from)
    if (!this.word(byte => byte === COMMA || byte === BLANK)) return false
    if (!this.group('tags', this.stepOver(COMMA), () => this.tag())) return false
    if (!this.stepOver(BLANK)) return this.out.fault('a blank and the fields are missing', this.at)
    if (!this.group('fields', true, () => this.field())) return false
    if (!this.time()) return false
    const end = this.at
    this.stepOver(RETURN)
    if (this.at < this.end && !this.stepOver(NEWLINE))
      return this.out.fault('the line goes on behind its time', this.at)
    return this.out.close(end)
  }

  /** Pairs with commas between them, as a map. */
  private group(name: string, isThere: boolean, read: () => boolean): boolean {
    this.out.key(name, this.at, this.at)
    if (!this.out.open('map', this.at)) return false
    if (isThere)
      do if (!read()) return false
      while (this.stepOver(COMMA))
    return this.out.close(this.at)
  }

  private tag(): boolean {
    return this.key() && this.word(byte => byte === COMMA || byte === BLANK)
  }

  private field(): boolean {
    if (!this.key()) return false
    return this.bytes[this.at] === QUOTE && this.at < this.end ? this.quoted() : this.bare()
  }

  private key(): boolean {
    const from = this.at
    const text = this.unescaped(byte => byte === EQUALS || byte === COMMA || byte === BLANK)
    if (text === '' || !this.stepOver(EQUALS)) return this.out.fault('a name and = are missing', from)
    this.out.key(text, from, this.at - 1)
    return true
  }

  private word(ends: (byte: number) => boolean): boolean {
    const from = this.at
    const text = this.unescaped(ends)
    return text === '' ? this.out.fault('a value is missing', from) : this.out.word(text, from, this.at)
  }

  /** Reads up to a byte that ends a name, or to the end of the line; a backslash takes the meaning from what follows it. */
  private unescaped(ends: (byte: number) => boolean): string {
    const from = this.at
    for (; this.at < this.end; this.at++) {
      const byte = this.bytes[this.at] as number
      if (byte === BACKSLASH) this.at = Math.min(this.at + 1, this.end - 1)
      else if (byte === NEWLINE || byte === RETURN || ends(byte)) break
    }
    return (this.out.textIn(from, this.at) ?? '').replace(/\\([,= \\])/g, '$1')
  }

  private quoted(): boolean {
    const from = this.at++
    while (this.at < this.end && this.bytes[this.at] !== QUOTE) this.at += this.bytes[this.at] === BACKSLASH ? 2 : 1
    if (this.at >= this.end) {
      this.at = this.end
      return this.out.fault('a text does not end', from)
    }
    this.at++
    const text = this.out.textIn(from + 1, this.at - 1) ?? ''
    return this.out.word(text.replace(/\\(["\\])/g, '$1'), from, this.at)
  }

  /** A number, an integer with i or u behind it, or a truth value. */
  private bare(): boolean {
    const from = this.at
    const text = this.unescaped(byte => byte === COMMA || byte === BLANK)
    if (INTEGER.test(text)) return this.out.number(plainInteger(text.slice(0, -1)), from, this.at)
    if (FLOAT.test(text)) return this.out.number(plainFloat(text), from, this.at)
    if (TRUE.includes(text)) return this.out.literal('true', from, this.at)
    if (FALSE.includes(text)) return this.out.literal('false', from, this.at)
    return this.out.fault('a field is neither number, text nor truth value', from)
  }

  private time(): boolean {
    if (!this.stepOver(BLANK)) return true
    const from = this.at
    const text = this.unescaped(byte => byte === BLANK)
    if (text === '') return true
    if (!/^-?\d+$/.test(text)) return this.out.fault('the time is not a whole number', from)
    this.out.key('time', from, from)
    return this.out.number(plainInteger(text), from, this.at)
  }

  private stepOver(byte: number): boolean {
    if (this.at >= this.end || this.bytes[this.at] !== byte) return false
    this.at++
    return true
  }
}

/** JSON has no leading zeros. */
const plainInteger = (text: string): string => text.replace(/^(-?)0+(?=\d)/, '$1')

/** JSON has a digit before and behind each point. */
const plainFloat = (text: string): string => plainInteger(text.replace(/^(-?)\./, '$10.').replace(/\.(?=$|[eE])/, ''))
