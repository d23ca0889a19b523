/** A sink with the limits of a payload in front of it: each method returns false, after a fault, where a limit is passed. */
import { type GroupKind, type MarkName, MOST_LEVELS, MOST_VALUES, type ValueSink } from './decoder.ts'
import { type Fields, textOf } from './wire.ts'

export class Announcer {
  private readonly raw: Uint8Array
  private readonly sink: ValueSink
  private values = 0
  private levels = 0

  constructor(bytes: Uint8Array, sink: ValueSink) {
    this.raw = bytes
    this.sink = sink
  }

  open(kind: GroupKind, start: number): boolean {
    if (this.levels >= MOST_LEVELS) return this.fault(`there are more than ${MOST_LEVELS} levels`, start)
    if (!this.counted(start)) return false
    this.levels++
    this.sink.open(kind, start)
    return true
  }

  close(end: number): boolean {
    this.levels--
    this.sink.close(end)
    return true
  }

  /** The key of the value that follows, at its tag. */
  key(text: string | undefined, start: number, end: number): void {
    this.sink.key(start, end, text)
  }

  /** A key that the payload itself gives. */
  ownKey(start: number, end: number): void {
    this.sink.key(start, end, textOf(this.raw, start, end))
  }

  number(text: string, start: number, end: number): boolean {
    if (!this.counted(start)) return false
    this.sink.number(text, start, end)
    return true
  }

  literal(text: 'true' | 'false' | 'null', start: number, end: number): boolean {
    if (!this.counted(start)) return false
    this.sink.literal(text, start, end)
    return true
  }

  /** Text that is no text of the payload's own: a name that stands for a number. */
  word(value: string, start: number, end: number): boolean {
    if (!this.counted(start)) return false
    this.sink.text(start, end, value)
    return true
  }

  /** True if the bytes are UTF-8. */
  isText(start: number, end: number): boolean {
    return this.textIn(start, end) !== undefined
  }

  /** Returns the text of UTF-8 bytes; undefined if they are none. */
  textIn(start: number, end: number): string | undefined {
    return textOf(this.raw, start, end)
  }

  /** Text of the payload; bytes that are no UTF-8 are announced as bytes. */
  text(start: number, end: number): boolean {
    const value = textOf(this.raw, start, end)
    return value === undefined ? this.bytes(start, end) : this.word(value, start, end)
  }

  bytes(start: number, end: number, value?: Uint8Array): boolean {
    if (!this.counted(start)) return false
    this.sink.bytes(start, end, value)
    return true
  }

  mark(name: MarkName, value: string, start: number, end: number): boolean {
    if (!this.counted(start)) return false
    this.sink.mark(name, value, start, end)
    return true
  }

  /** A tag counts as a level, for tags may nest as groups do; `untag` ends it. */
  tag(number: string, start: number, end: number): boolean {
    if (this.levels >= MOST_LEVELS) return this.fault(`there are more than ${MOST_LEVELS} levels`, start)
    this.levels++
    this.sink.tag(number, start, end)
    return true
  }

  untag(): boolean {
    this.levels--
    return true
  }

  /** Reads the fields of a message; a fault if the bytes are none. */
  read(fields: Fields, start: number, end: number): boolean {
    return fields.read(start, end) || this.fault(fields.fault ?? '', fields.faultAt)
  }

  fault(message: string, at: number): false {
    this.sink.fault(message, at)
    return false
  }

  private counted(at: number): boolean {
    if (++this.values > MOST_VALUES) return this.fault(`there are more than ${MOST_VALUES} values`, at)
    return true
  }
}
