/**
 * A payload format as small as can be, to see what is made of a decoder's announcements: `m` and `a` open a map and an
 * array of as many members as the next byte says; `n`, `t`, `b` and `x` are a number, a text, bytes and a mark, of as many
 * bytes as the next byte says; `!` is true. Keys of a map are a size and a text.
 */
import { u8 } from '../../src/base/bytes.ts'
import type { PayloadDecoder, ValueSink } from '../../src/payload/decoder.ts'

const TOO_SOON = 'ends too soon'

class Reader {
  private readonly bytes: Uint8Array
  private readonly end: number
  private readonly sink: ValueSink
  at: number

  constructor(bytes: Uint8Array, start: number, end: number, sink: ValueSink) {
    this.bytes = bytes
    this.at = start
    this.end = end
    this.sink = sink
  }

  /** Reads one value; false after a fault. */
  value(): boolean {
    const { sink, at: start } = this
    const kind = String.fromCharCode(this.byte())
    if (kind === '!') sink.literal('true', start, this.at)
    else if (kind === 'm' || kind === 'a') return this.group(kind === 'm', start)
    else if (!'ntbx'.includes(kind)) return this.fail(`no kind of value: ${kind}`, start)
    else {
      const text = this.text()
      if (text === undefined) return this.fail(TOO_SOON, this.end)
      if (kind === 'n') sink.number(text, start, this.at)
      else if (kind === 't') sink.text(start, this.at, text)
      else if (kind === 'x') sink.mark('ext', text, start, this.at)
      else sink.bytes(start + 2, this.at)
    }
    return true
  }

  private group(isMap: boolean, start: number): boolean {
    const { sink } = this
    sink.open(isMap ? 'map' : 'array', start)
    for (let members = this.byte(); members > 0; members--) {
      const key = this.at
      const text = isMap ? this.text() : ''
      if (text === undefined || this.at >= this.end) return this.fail(TOO_SOON, this.end)
      if (isMap) sink.key(key, this.at, text)
      if (!this.value()) return false
    }
    sink.close(this.at)
    return true
  }

  private fail(message: string, at: number): boolean {
    this.sink.fault(message, at)
    return false
  }

  private byte(): number {
    return this.at < this.end ? u8(this.bytes, this.at++) : 0
  }

  private text(): string | undefined {
    const start = this.at + 1
    const end = start + this.byte()
    if (end > this.end) return undefined
    this.at = end
    return new TextDecoder().decode(this.bytes.subarray(start, end))
  }
}

export const TINY: PayloadDecoder = {
  name: 'tiny',
  decode: (bytes, start, end, sink) => new Reader(bytes, start, end, sink).value(),
}
