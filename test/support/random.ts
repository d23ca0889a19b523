/** Numbers that look random and are the same for the same seed, so that whatever is found can be found again. */
export class Random {
  private state: number

  constructor(seed: number) {
    this.state = seed | 0
  }

  /** 32 bits, unsigned: a counter, well stirred (the finalizer of MurmurHash3 over a Weyl sequence). */
  word(): number {
    this.state = (this.state + 0x9e3779b9) | 0
    let mixed = this.state
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b)
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
    return (mixed ^ (mixed >>> 16)) >>> 0
  }

  /** 0 to `most` - 1. */
  below(most: number): number {
    return Math.floor((this.word() / 0x100000000) * most)
  }

  chance(probability: number): boolean {
    return this.word() < probability * 0x100000000
  }

  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)] as T
  }

  bytes(size: number): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(size)
    for (let at = 0; at < size; at++) bytes[at] = this.word()
    return bytes
  }
}
