/** Fields of protobuf's wire format, by bytes of its documentation and by hand. */
import { describe, expect, test } from 'vitest'
import { fromHex } from '../../src/base/bytes.ts'
import {
  bigOf,
  doubleText,
  Fields,
  fixedText,
  floatText,
  signedText,
  textOf,
  uint32,
  uint64,
  unsignedText,
  zigzagText,
} from '../../src/payload/wire.ts'

/** `1:0[1-3]`: number, type and range of the value. */
function fieldsOf(hex: string): string {
  const bytes = fromHex(hex)
  const fields = new Fields(bytes)
  if (!fields.read(0, bytes.length)) return `${fields.fault} at ${fields.faultAt}`
  return fields.numbers
    .map((number, i) => `${number}:${fields.types[i]}[${fields.starts[i]}-${fields.ends[i]}]`)
    .join(' ')
}

describe('fields', () => {
  test.each([
    ['', ''],
    // The examples of the documentation: a = 150, b = "testing", a message in c.
    ['089601', '1:0[1-3]'],
    ['120774657374696e67', '2:2[2-9]'],
    ['1a03089601', '3:2[2-5]'],
    ['0d0000803f', '1:5[1-5]'],
    ['09000000000000f03f', '1:1[1-9]'],
    // The highest field number, 2^29 - 1.
    ['f8ffffff0f00', '536870911:0[5-6]'],
    // A group with a field and another group in it.
    ['0b089601130801140c', '1:3[1-9]'],
  ])('%s: %s', (hex, told) => {
    expect(fieldsOf(hex)).toBe(told)
  })

  test.each([
    ['08', 'a number ends too soon at 1'],
    ['0896', 'a number ends too soon at 1'],
    ['08ffffffffffffffffffff01', 'a number is longer than it can be at 1'],
    ['80808080808001', 'a number is longer than it can be at 0'],
    ['0000', 'a field has number 0 at 0'],
    ['0e00', 'a field has a wire type that does not exist at 1'],
    ['0f00', 'a field has a wire type that does not exist at 1'],
    ['0c', 'a group ends that was not begun at 1'],
    ['0b', 'a group does not end at 1'],
    ['0b14', 'a group ends that was not begun at 1'],
    ['0b'.repeat(102), 'groups are too deep inside each other at 1'],
    ['120374', 'a field ends behind its message at 1'],
    ['12ffffffffffffffffff01', 'a field ends behind its message at 1'],
    ['0d000080', 'a field ends behind its message at 1'],
    ['0900000000000000', 'a field ends behind its message at 1'],
    ['0801'.repeat(100_001), 'there are more than 100000 fields at 200000'],
  ])('%.30s is no message', (hex, fault) => {
    expect(fieldsOf(hex)).toBe(fault)
  })

  test('every prefix is read to its end or is a fault', () => {
    const hex = '089601120774657374696e671a030896010d0000803f09000000000000f03f0b089601130801140c'
    const whole = [0, 3, 12, 17, 22, 31, 40]
    for (let size = 0; size <= hex.length / 2; size++) {
      const told = fieldsOf(hex.slice(0, size * 2))
      expect([size, / at \d+$/.test(told)]).toEqual([size, !whole.includes(size)])
    }
  })

  test('the last of a field counts, and another range adds to it', () => {
    const bytes = fromHex('080108020a0108')
    const fields = new Fields(bytes)
    fields.read(0, 4)
    fields.read(4, 7)
    expect([fields.last(1, 0), fields.last(1, 2), fields.last(2, 0), fields.all(1, 0)]).toEqual([1, 2, -1, [0, 1]])
  })
})

describe('numbers', () => {
  const MINUS_ONE = fromHex('ffffffffffffffffff01')

  test('varints', () => {
    const short = fromHex('9601')
    expect([uint32(short, 0, 2), uint64(short, 0, 2), unsignedText(short, 0, 2)]).toEqual([150, 150, '150'])
    expect(uint32(MINUS_ONE, 0, 10)).toBe(4_294_967_295)
    expect(bigOf(MINUS_ONE, 0, 10)).toBe(18_446_744_073_709_551_615n)
    expect(unsignedText(MINUS_ONE, 0, 10)).toBe('18446744073709551615')
    expect([8, 16, 32, 64].map(bits => signedText(MINUS_ONE, 0, 10, bits))).toEqual(['-1', '-1', '-1', '-1'])
    expect(signedText(fromHex('fbffffff0f'), 0, 5, 32)).toBe('-5')
    expect(signedText(fromHex('fb01'), 0, 2, 8)).toBe('-5')
  })

  test('ZigZag', () => {
    const told = ['00', '01', '02', '03', 'feffffff0f', 'ffffffff0f'].map(hex => {
      const bytes = fromHex(hex)
      return zigzagText(bytes, 0, bytes.length, 32)
    })
    expect(told).toEqual(['0', '-1', '1', '-2', '2147483647', '-2147483648'])
    expect(zigzagText(MINUS_ONE, 0, 10, 64)).toBe('-9223372036854775808')
  })

  test('fixed sizes', () => {
    const bytes = fromHex('fbffffffffffffff')
    expect(fixedText(bytes, 0, 8, true)).toBe('-5')
    expect(fixedText(bytes, 0, 8, false)).toBe('18446744073709551611')
    expect(fixedText(bytes, 0, 1, true)).toBe('-5')
    expect(fixedText(bytes, 0, 2, false)).toBe('65531')
  })

  test('a float has the digits that tell it from its neighbours', () => {
    expect([0.1, 21.5, 16_777_216, 3.4028234663852886e38].map(value => floatText(Math.fround(value)))).toEqual([
      '0.1',
      '21.5',
      '16777216',
      '3.4028235e+38',
    ])
    for (const value of [1 / 3, 123_456.79, 1e-45, 7.038531e-26]) {
      const float = Math.fround(value)
      expect(Math.fround(Number(floatText(float)))).toBe(float)
    }
    expect([-0, Number.NaN, Number.POSITIVE_INFINITY].map(floatText)).toEqual(['-0.0', 'NaN', 'Infinity'])
    expect([-0, 0.1, Number.NEGATIVE_INFINITY].map(doubleText)).toEqual(['-0.0', '0.1', '-Infinity'])
  })

  test('text is UTF-8, or none', () => {
    expect(textOf(fromHex('c2b0'), 0, 2)).toBe('°')
    expect(textOf(fromHex('efbbbf61'), 0, 4)).toBe('\ufeffa')
    expect(textOf(fromHex('c2'), 0, 1)).toBeUndefined()
    expect(textOf(fromHex('eda080'), 0, 3)).toBeUndefined()
  })
})
