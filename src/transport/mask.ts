/** Takes the mask off a payload (RFC 6455 §5.3). */
import { u8, viewOf } from '../base/bytes.ts'

/** Least bytes for which words of 32 bits are faster than single bytes. */
const WORDS_FROM = 64

/** A target of `size` bytes, with the view that its words are written through. */
export class Scratch {
  readonly bytes: Uint8Array
  private readonly view: DataView

  constructor(size: number) {
    this.bytes = new Uint8Array(size)
    this.view = new DataView(this.bytes.buffer)
  }

  /**
   * Writes `bytes[start..end)` without its mask to the beginning of the scratch. `key[keyAt..keyAt + 4)` is the masking key,
   * `offset` how many bytes of the payload came before. The caller has checked that the scratch is large enough.
   */
  unmask(bytes: Uint8Array, start: number, end: number, key: Uint8Array, keyAt: number, offset: number): void {
    const size = end - start
    const words = size < WORDS_FROM ? 0 : size & ~3
    if (words > 0) this.unmaskWords(viewOf(bytes), start, words, wordOf(key, keyAt, offset))
    for (let at = words; at < size; at++) this.bytes[at] = u8(bytes, start + at) ^ u8(key, keyAt + ((offset + at) & 3))
  }

  private unmaskWords(source: DataView, start: number, size: number, word: number): void {
    const { view } = this
    for (let at = 0; at < size; at += 4) view.setInt32(at, source.getInt32(start + at) ^ word)
  }
}

/** The key as a word that begins with the byte for `offset`. */
function wordOf(key: Uint8Array, at: number, offset: number): number {
  const byte = (index: number): number => u8(key, at + ((offset + index) & 3))
  return (byte(0) << 24) | (byte(1) << 16) | (byte(2) << 8) | byte(3)
}
