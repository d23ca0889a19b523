/** Messages of protobuf by hand, as hex: no library, so that the bytes of a test are what the specification says. */
import { byte, raw } from './hex.ts'

/** A varint of up to 64 bits; a negative number as its two's complement of 64 bits. */
export function big(value: bigint | number): string {
  let left = BigInt.asUintN(64, BigInt(value))
  let text = ''
  for (; left >= 0x80n; left >>= 7n) text += byte(Number(left & 0x7fn) | 0x80)
  return text + byte(Number(left))
}

const tag = (number: number, type: number): string => big((number << 3) | type)

export const whole = (number: number, value: bigint | number): string => tag(number, 0) + big(value)
export const inner = (number: number, hex: string): string => tag(number, 2) + big(hex.length / 2) + hex
export const string = (number: number, value: string): string => inner(number, raw(value))

const scratch = new DataView(new ArrayBuffer(8))
const bytesOf = (size: number): string =>
  Array.from({ length: size }, (_, index) => byte(scratch.getUint8(index))).join('')

export function float(number: number, value: number): string {
  scratch.setFloat32(0, value, true)
  return tag(number, 5) + bytesOf(4)
}

export function double(number: number, value: number): string {
  scratch.setFloat64(0, value, true)
  return tag(number, 1) + bytesOf(8)
}
