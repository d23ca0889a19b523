/** Values separated by commas (RFC 4180): a list of rows, each a list of texts. */
import { Announcer } from './announcer.ts'
import type { PayloadDecoder, ValueSink } from './decoder.ts'

const QUOTE = 0x22
const COMMA = 0x2c
const RETURN = 0x0d
const NEWLINE = 0x0a

export const CSV_DECODER: PayloadDecoder = {
  name: 'csv',
  decode: (bytes, start, end, sink) => new CsvWalk(bytes, start, end, sink).document(),
}

class CsvWalk {
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
    if (!this.out.open('array', this.at)) return false
    while (this.at < this.end) if (!this.row()) return false
    return this.out.close(this.at)
  }

  private row(): boolean {
    if (!this.out.open('array', this.at)) return false
    do if (!this.cell()) return false
    while (this.stepOver(COMMA))
    if (!this.out.close(this.at)) return false
    this.stepOver(RETURN)
    return (
      this.stepOver(NEWLINE) || this.at === this.end || this.out.fault('a comma or a line break is missing', this.at)
    )
  }

  private cell(): boolean {
    const from = this.at
    if (this.bytes[from] === QUOTE && from < this.end) return this.quoted()
    while (this.at < this.end && !isSeparator(this.bytes[this.at] as number)) this.at++
    return this.out.text(from, this.at)
  }

  /** A cell in quotes; two quotes in it stand for one. */
  private quoted(): boolean {
    const from = this.at++
    let hasQuotes = false
    for (;;) {
      if (this.at >= this.end) return this.out.fault('a quote does not end', from)
      if (this.bytes[this.at++] !== QUOTE) continue
      if (!this.stepOver(QUOTE)) break
      hasQuotes = true
    }
    const text = this.out.textIn(from + 1, this.at - 1) ?? ''
    return this.out.word(hasQuotes ? text.replaceAll('""', '"') : text, from, this.at)
  }

  private stepOver(byte: number): boolean {
    if (this.at >= this.end || this.bytes[this.at] !== byte) return false
    this.at++
    return true
  }
}

const isSeparator = (byte: number): boolean => byte === COMMA || byte === NEWLINE || byte === RETURN
