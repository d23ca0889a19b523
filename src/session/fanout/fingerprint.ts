/** 64 bits of topic and payload, in two lanes with seeds of their own, so that no capture can aim at a collision. */
import { u8, u32 } from '../../base/bytes.ts'

const FNV = 0x01000193
const GOLDEN = 0x9e3779b1
const OTHER = 0x85ebca6b
const WORD = 4

export class Fingerprint {
  a = 0
  b = 0
  private readonly seed: number

  constructor(seed: number) {
    this.seed = seed
  }

  begin(): void {
    this.a = 0x811c9dc5 ^ this.seed
    this.b = 0x9e3779b9 ^ Math.imul(this.seed, OTHER)
  }

  /** `bytes[start..end)`, and where they end: four at a time, then one by one. */
  add(bytes: Uint8Array, start: number, end: number): void {
    let { a, b } = this
    let at = start
    for (; at + WORD <= end; at += WORD) {
      const word = u32(bytes, at)
      a = Math.imul(a ^ word, GOLDEN)
      a ^= a >>> 15
      b = Math.imul(b ^ word, OTHER)
      b ^= b >>> 13
    }
    for (; at < end; at++) {
      const byte = u8(bytes, at)
      a = Math.imul(a ^ byte, FNV)
      b = Math.imul(b ^ byte, OTHER)
      b ^= b >>> 13
    }
    this.a = a
    this.b = b
    this.number(end - start)
  }

  number(value: number): void {
    this.a = Math.imul(this.a ^ value, FNV)
    this.b = Math.imul(this.b ^ value, OTHER)
  }
}
