import { ExtData, encode, decode as libraryDecode } from '@msgpack/msgpack'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fromHex } from '../../src/base/bytes.ts'
import { MSGPACK_DECODER } from '../../src/payload/msgpack.ts'
import { announced } from '../support/values.ts'
import { wholePrefixes, written } from '../support/written.ts'

const msgpack = (payload: string): string => written(MSGPACK_DECODER, fromHex(payload.replaceAll(' ', '')))

/** A value in each format that the specification allows for it. */
const EACH_FORMAT: readonly (readonly [string, string])[] = [
  ['c0', 'null'],
  ['c2', 'false'],
  ['c3', 'true'],
  ['00', '0'],
  ['cc00', '0'],
  ['cd0000', '0'],
  ['ce00000000', '0'],
  ['cf0000000000000000', '0'],
  ['d000', '0'],
  ['d10000', '0'],
  ['d200000000', '0'],
  ['d30000000000000000', '0'],
  ['7f', '127'],
  ['ccff', '255'],
  ['cdffff', '65535'],
  ['ceffffffff', '4294967295'],
  ['cfffffffffffffffff', '18446744073709551615'],
  ['ff', '-1'],
  ['e0', '-32'],
  ['d080', '-128'],
  ['d18000', '-32768'],
  ['d280000000', '-2147483648'],
  ['d38000000000000000', '-9223372036854775808'],
  ['ca3f000000', '0.5'],
  ['cb3fe0000000000000', '0.5'],
  ['ca80000000', '-0.0'],
  ['cb7ff0000000000000', '{"$number":"Infinity"}'],
  ['cbfff0000000000000', '{"$number":"-Infinity"}'],
  ['cb7ff8000000000000', '{"$number":"NaN"}'],
  ['a0', '""'],
  ['a161', '"a"'],
  ['d90161', '"a"'],
  ['da000161', '"a"'],
  ['db0000000161', '"a"'],
  ['a3e6b0b4', '"水"'],
  ['c400', '{"$base64":""}'],
  ['c40101', '{"$base64":"AQ=="}'],
  ['c5000101', '{"$base64":"AQ=="}'],
  ['c60000000101', '{"$base64":"AQ=="}'],
  ['90', '[]'],
  ['9101', '[1]'],
  ['dc000101', '[1]'],
  ['dd0000000101', '[1]'],
  ['80', '{}'],
  ['81a16101', '{"a":1}'],
  ['de0001a16101', '{"a":1}'],
  ['df00000001a16101', '{"a":1}'],
  ['d40510', '{"$ext":5,"base64":"EA=="}'],
  ['d5052021', '{"$ext":5,"base64":"ICE="}'],
  ['d60501020304', '{"$ext":5,"base64":"AQIDBA=="}'],
  ['d7050102030405060708', '{"$ext":5,"base64":"AQIDBAUGBwg="}'],
  ['d8050102030405060708090a0b0c0d0e0f10', '{"$ext":5,"base64":"AQIDBAUGBwgJCgsMDQ4PEA=="}'],
  ['c70005', '{"$ext":5,"base64":""}'],
  ['c701fe10', '{"$ext":-2,"base64":"EA=="}'],
  ['c800010510', '{"$ext":5,"base64":"EA=="}'],
  ['c9000000010510', '{"$ext":5,"base64":"EA=="}'],
  ['d6ff5a4af6a5', '{"$timestamp":"2018-01-02T03:04:05Z"}'],
  ['d7ffa1dcd7c85a4af6a5', '{"$timestamp":"2018-01-02T03:04:05.678901234Z"}'],
  ['d7ff0000000000000000', '{"$timestamp":"1970-01-01T00:00:00Z"}'],
  ['c70cff00000001ffffffffffffffff', '{"$timestamp":"1969-12-31T23:59:59.000000001Z"}'],
  ['c70cff00000000fffffff1868b8400', '{"$timestamp":"0000-01-01T00:00:00Z"}'],
  ['c70cff000000017fffffffffffffff', '{"$timestamp":"@9223372036854775807.000000001"}'],
  ['c70cff3b9aca000000000000000000', '{"$ext":-1,"base64":"O5rKAAAAAAAAAAAA"}'],
  ['d4ff00', '{"$ext":-1,"base64":"AA=="}'],
]

test.each(EACH_FORMAT)('%s', (bytes, json) => {
  expect(msgpack(bytes)).toBe(json)
  JSON.parse(json)
})

test('no prefix is whole, and one byte more is a fault', () => {
  for (const [bytes] of EACH_FORMAT) {
    expect([bytes, wholePrefixes(MSGPACK_DECODER, fromHex(bytes))]).toEqual([bytes, []])
    expect(msgpack(`${bytes}00`)).toMatch(/^something follows the value at/)
  }
})

test('places: texts without their size', () => {
  expect(announced(MSGPACK_DECODER, '82a16101a162c402aabb').places).toEqual(['1@3-4', '<aabb>@8-10'])
})

describe('what is not MessagePack', () => {
  test.each([
    ['c1', 'the byte 0xc1 is never used at 0'],
    ['dbffffffff61', 'it ends too soon at 0'],
    ['ddffffffff00', 'it ends too soon at 0'],
    ['dfffffffff00', 'it ends too soon at 0'],
    ['c6ffffffff00', 'it ends too soon at 0'],
    ['c9ffffffff0000', 'it ends too soon at 0'],
    ['a2ff61', 'a text is not UTF-8 at 0'],
    ['81a2ff6101', 'a text is not UTF-8 at 1'],
    ['', 'it ends too soon at 0'],
  ])('%s', (bytes, fault) => {
    expect(msgpack(bytes)).toBe(fault)
  })

  test('depth', () => {
    for (const level of ['91', '8100'])
      expect(msgpack(level.repeat(5000))).toMatch(/^there are more than 256 levels at/)
  })
})

test.each([
  ['82 a161 01 a161 02', '{"$map":[["a",1],["a",2]]}'],
  ['81 01 02', '{"$map":[[1,2]]}'],
  ['81 c0 02', '{"$map":[[null,2]]}'],
  ['81 9101 02', '{"$map":[[[1],2]]}'],
  ['81 a15f 81 a95f5f70726f746f5f5f 01', '{"_":{"__proto__":1}}'],
])('maps that JSON lacks: %s', (bytes, json) => {
  expect(msgpack(bytes)).toBe(json)
})

describe('beside @msgpack/msgpack', () => {
  test('what it encodes', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), value => {
        const bytes = encode(value)
        const json = written(MSGPACK_DECODER, bytes)
        if (!json.includes('"$')) expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify(libraryDecode(bytes))))
      }),
    )
  })

  test('times and extensions', () => {
    fc.assert(
      fc.property(fc.date({ noInvalidDate: true, min: new Date(0), max: new Date('2500-01-01') }), date => {
        const { $timestamp } = JSON.parse(written(MSGPACK_DECODER, encode(date)))
        expect(Date.parse($timestamp)).toBe(date.getTime())
      }),
    )
    const bytes = encode(new ExtData(7, Uint8Array.of(1, 2, 3)))
    expect(written(MSGPACK_DECODER, bytes)).toBe('{"$ext":7,"base64":"AQID"}')
  })
})
