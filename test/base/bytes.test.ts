/** Beside node's Buffer, which does the same. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compareBytes, concatBytes, fromHex, hex, indexOfBytes } from '../../src/base/bytes.ts'

const few = fc.uint8Array({ max: 3, maxLength: 12 })

describe('compareBytes', () => {
  test('by the first byte that differs, then by length', () => {
    expect(compareBytes(fromHex('00ff'), fromHex('0100'))).toBeLessThan(0)
    expect(compareBytes(fromHex('ff'), fromHex('7f'))).toBeGreaterThan(0)
    expect(compareBytes(fromHex('0102'), fromHex('01'))).toBeGreaterThan(0)
    expect(compareBytes(fromHex('0102'), fromHex('0102'))).toBe(0)
  })
  test('as Buffer does', () => {
    fc.assert(fc.property(few, few, (a, b) => void expect(Math.sign(compareBytes(a, b))).toBe(Buffer.compare(a, b))))
  })
})

describe('indexOfBytes', () => {
  test('at the start, at the end, nowhere, half at the end', () => {
    expect(indexOfBytes(fromHex('010203'), fromHex('0102'))).toBe(0)
    expect(indexOfBytes(fromHex('010203'), fromHex('0203'))).toBe(1)
    expect(indexOfBytes(fromHex('01010102'), fromHex('010102'))).toBe(1)
    expect(indexOfBytes(fromHex('010203'), fromHex('0304'))).toBe(-1)
    expect(indexOfBytes(fromHex('01'), fromHex('0101'))).toBe(-1)
    expect(indexOfBytes(fromHex('01'), fromHex(''))).toBe(0)
  })
  test('as Buffer does', () => {
    fc.assert(fc.property(few, few, (a, b) => void expect(indexOfBytes(a, b)).toBe(Buffer.from(a).indexOf(b))))
  })
})

test('concatBytes', () => {
  expect(hex(concatBytes(fromHex('01'), fromHex(''), fromHex('0203')))).toBe('010203')
  expect(concatBytes()).toEqual(new Uint8Array(0))
})
