/** Which packets were let through: a bit each, so that what is said of them later finds its way. */

/** Packets remembered; what comes later than this many packets behind its own is not told. 2 MiB. */
export const MOST_REMEMBERED = 1 << 24
const WORD_BITS = 32

export class Chosen {
  private readonly words: Uint32Array
  private readonly mask: number
  /** The last word that is in use, counted without end. */
  private last = 0

  /** `most`: a power of two, at least 64. */
  constructor(most = MOST_REMEMBERED) {
    this.words = new Uint32Array(most / WORD_BITS)
    this.mask = this.words.length - 1
  }

  /** Numbers are added in order. */
  add(number: number): void {
    const word = Math.floor(number / WORD_BITS)
    // The words in between belong to packets long gone.
    const from = Math.max(this.last + 1, word - this.mask)
    for (let at = from; at <= word; at++) this.words[at & this.mask] = 0
    this.last = word
    const slot = word & this.mask
    this.words[slot] = (this.words[slot] ?? 0) | (1 << (number % WORD_BITS))
  }

  has(number: number): boolean {
    const word = Math.floor(number / WORD_BITS)
    if (word > this.last || word <= this.last - this.words.length) return false
    return (((this.words[word & this.mask] ?? 0) >>> (number % WORD_BITS)) & 1) === 1
  }
}
