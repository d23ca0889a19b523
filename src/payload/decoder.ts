/**
 * The contract of payload decoders: a decoder reads one format and announces values with their bytes, as a walk announces
 * fields; it knows nothing of who listens. Offsets are absolute in the bytes that are decoded.
 */

/** Most values that a decoder announces of one payload. It reports a fault behind them and stops: nobody reads so many. */
export const MOST_VALUES = 100_000
/** Most maps and arrays inside each other. A decoder reports a fault at the next one and stops: a deep payload is an attack. */
export const MOST_LEVELS = 256

/** `map`: each value has a key before it. `array`: values alone. */
export type GroupKind = 'map' | 'array'

export type MarkName = 'undefined' | 'simple' | 'timestamp' | 'ext'

export interface PayloadDecoder {
  /** The name that users give and see: `json`. */
  readonly name: string
  /**
   * Announces the values of `bytes[start..end)` to `sink`. False, after a fault, if the bytes are not of this format; what
   * was announced before stands. Never throws on input and never reads behind `end`. Groups left open at a fault are not closed.
   */
  decode(bytes: Uint8Array, start: number, end: number, sink: ValueSink): boolean
}

/** Listens to a decoder: as a tree of nodes, as JSON text, as the values of a filter. */
export interface ValueSink {
  /** Opens a group whose members follow until `close`. */
  open(kind: GroupKind, start: number): void
  close(end: number): void
  /** The key of the value that follows, in a map. Undefined for a key that is not text: the next value is the key, then comes its value. */
  key(start: number, end: number, text: string | undefined): void
  /** A number with all its digits, as JSON writes it, or `NaN`, `Infinity`, `-Infinity`. */
  number(text: string, start: number, end: number): void
  literal(text: 'true' | 'false' | 'null', start: number, end: number): void
  text(start: number, end: number, value: string): void
  /** `value` is given if the bytes do not stand in one piece in the range. */
  bytes(start: number, end: number, value?: Uint8Array): void
  /**
   * A value that JSON has no kind for. `name` says what it is, `value` is its text: `undefined` (no text), `simple` (a number),
   * `timestamp` (RFC 3339, or `@seconds.nanos`), `ext` (a type number; the range is that of its data).
   */
  mark(name: MarkName, value: string, start: number, end: number): void
  /** A tag with this number, for the value that follows. */
  tag(number: string, start: number, end: number): void
  /** The bytes break the format at `at`: one sentence without a full stop, and the last announcement. */
  fault(message: string, at: number): void
}
