/** Texts of bytes beside node's Buffer, which does the same; byte strings and their ids. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fromHex } from '../../src/base/bytes.ts'
import {
  asciiText,
  base64,
  decodeText,
  flat,
  hexText,
  latin1Text,
  OVERFLOW,
  Strings,
  utf8,
} from '../../src/base/strings.ts'

const any = fc.uint8Array({ maxLength: 80 })

/** The range in the middle of other bytes. */
const within = (bytes: Uint8Array): readonly [Uint8Array, number, number] => {
  const around = new Uint8Array(bytes.length + 5).fill(0x21)
  around.set(bytes, 3)
  return [around, 3, 3 + bytes.length]
}

describe('texts', () => {
  test('by hand', () => {
    expect(asciiText(...within(fromHex('6d717474')))).toBe('mqtt')
    expect(hexText(...within(fromHex('00 0f f0 ff')))).toBe('000ff0ff')
    expect(base64(...within(fromHex('')))).toBe('')
    expect(base64(...within(fromHex('66')))).toBe('Zg==')
    expect(base64(...within(fromHex('666f')))).toBe('Zm8=')
    expect(base64(...within(fromHex('666f6f')))).toBe('Zm9v')
    expect(base64(...within(fromHex('fbefff')))).toBe('++//')
    expect(decodeText(...within(fromHex('efbbbf c3a9 ff')))).toBe('\ufeffé\ufffd')
    expect(latin1Text(fromHex('41 80 9f ff'))).toBe('A\u0080\u009fÿ')
    expect([...utf8('é')]).toEqual([0xc3, 0xa9])
    expect(flat('é€😀')).toBe('é€😀')
  })

  test('ASCII of every length up to a hundred', () => {
    for (let size = 0; size <= 100; size++) {
      const bytes = Uint8Array.from({ length: size }, (_, at) => 0x20 + ((at * 7) % 95))
      expect(asciiText(...within(bytes))).toBe(Buffer.from(bytes).toString('latin1'))
    }
  })

  test('hex, base64 and single bytes as Buffer has them', () => {
    const same = (bytes: Uint8Array): void => {
      const buffer = Buffer.from(bytes)
      expect(hexText(...within(bytes))).toBe(buffer.toString('hex'))
      expect(base64(...within(bytes))).toBe(buffer.toString('base64'))
      expect(latin1Text(bytes)).toBe(buffer.toString('latin1'))
    }
    fc.assert(fc.property(any, same))
    // Longer than what is made at once, and one less and one more.
    for (const size of [8191, 8192, 8193, 12_287, 12_288, 12_289, 40_000])
      same(Uint8Array.from({ length: size }, (_, at) => at * 31))
  })
})

describe('ids', () => {
  test('each byte string has one, and its text', () => {
    const strings = new Strings()
    const ids = ['a', 'b', '', 'a', 'ab', 'b'].map(text => strings.intern(...within(utf8(text))))
    expect(ids).toEqual([0, 1, 2, 0, 3, 1])
    expect([0, 1, 2, 3, 4].map(id => strings.text(id))).toEqual(['a', 'b', '', 'ab', undefined])
    expect(strings.size).toBe(4)
  })

  test('thousands', () => {
    const strings = new Strings()
    for (const turn of [1, 2]) {
      for (let n = 0; n < 5000; n++) expect([turn, strings.intern(...within(utf8(`site/${n}`)))]).toEqual([turn, n])
    }
    expect(strings.text(4999)).toBe('site/4999')
  })

  test('beyond the limits nothing is kept', () => {
    const few = new Strings(2)
    expect(['a', 'b', 'c', 'a'].map(text => few.intern(...within(utf8(text))))).toEqual([0, 1, OVERFLOW, 0])
    expect([few.overflowed, few.text(OVERFLOW)]).toEqual([1, undefined])
    const small = new Strings(100, 3)
    expect(['ab', 'cd', 'e'].map(text => small.intern(...within(utf8(text))))).toEqual([0, OVERFLOW, 1])
  })
})
