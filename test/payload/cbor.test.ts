import { encode, decode as libraryDecode } from 'cborg'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fromHex } from '../../src/base/bytes.ts'
import { CBOR_DECODER } from '../../src/payload/cbor.ts'
import { announced } from '../support/values.ts'
import { wholePrefixes, written } from '../support/written.ts'

const cbor = (payload: string): string => written(CBOR_DECODER, fromHex(payload))

/** RFC 8949 Appendix A, all of it: the bytes, and what is written of them. */
const APPENDIX_A: readonly (readonly [string, string])[] = [
  ['00', '0'],
  ['01', '1'],
  ['0a', '10'],
  ['17', '23'],
  ['1818', '24'],
  ['1819', '25'],
  ['1864', '100'],
  ['1903e8', '1000'],
  ['1a000f4240', '1000000'],
  ['1b000000e8d4a51000', '1000000000000'],
  ['1bffffffffffffffff', '18446744073709551615'],
  ['c249010000000000000000', '18446744073709551616'],
  ['3bffffffffffffffff', '-18446744073709551616'],
  ['c349010000000000000000', '-18446744073709551617'],
  ['20', '-1'],
  ['29', '-10'],
  ['3863', '-100'],
  ['3903e7', '-1000'],
  ['f90000', '0.0'],
  ['f98000', '-0.0'],
  ['f93c00', '1.0'],
  ['fb3ff199999999999a', '1.1'],
  ['f93e00', '1.5'],
  ['f97bff', '65504.0'],
  ['fa47c35000', '100000.0'],
  ['fa7f7fffff', '3.4028234663852886e+38'],
  ['fb7e37e43c8800759c', '1e+300'],
  ['f90001', '5.960464477539063e-8'],
  ['f90400', '0.00006103515625'],
  ['f9c400', '-4.0'],
  ['fbc010666666666666', '-4.1'],
  ['f97c00', '{"$number":"Infinity"}'],
  ['f97e00', '{"$number":"NaN"}'],
  ['f9fc00', '{"$number":"-Infinity"}'],
  ['fa7f800000', '{"$number":"Infinity"}'],
  ['fa7fc00000', '{"$number":"NaN"}'],
  ['faff800000', '{"$number":"-Infinity"}'],
  ['fb7ff0000000000000', '{"$number":"Infinity"}'],
  ['fb7ff8000000000000', '{"$number":"NaN"}'],
  ['fbfff0000000000000', '{"$number":"-Infinity"}'],
  ['f4', 'false'],
  ['f5', 'true'],
  ['f6', 'null'],
  ['f7', '{"$undefined":true}'],
  ['f0', '{"$simple":16}'],
  ['f8ff', '{"$simple":255}'],
  ['c074323031332d30332d32315432303a30343a30305a', '{"$tag":0,"value":"2013-03-21T20:04:00Z"}'],
  ['c11a514b67b0', '{"$tag":1,"value":1363896240}'],
  ['c1fb41d452d9ec200000', '{"$tag":1,"value":1363896240.5}'],
  ['d74401020304', '{"$tag":23,"value":{"$base64":"AQIDBA=="}}'],
  ['d818456449455446', '{"$tag":24,"value":{"$base64":"ZElFVEY="}}'],
  ['d82076687474703a2f2f7777772e6578616d706c652e636f6d', '{"$tag":32,"value":"http://www.example.com"}'],
  ['40', '{"$base64":""}'],
  ['4401020304', '{"$base64":"AQIDBA=="}'],
  ['60', '""'],
  ['6161', '"a"'],
  ['6449455446', '"IETF"'],
  ['62225c', '"\\"\\\\"'],
  ['62c3bc', '"ü"'],
  ['63e6b0b4', '"水"'],
  ['64f0908591', '"𐅑"'],
  ['80', '[]'],
  ['83010203', '[1,2,3]'],
  ['8301820203820405', '[1,[2,3],[4,5]]'],
  [
    '98190102030405060708090a0b0c0d0e0f101112131415161718181819',
    '[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25]',
  ],
  ['a0', '{}'],
  ['a201020304', '{"$map":[[1,2],[3,4]]}'],
  ['a26161016162820203', '{"a":1,"b":[2,3]}'],
  ['826161a161626163', '["a",{"b":"c"}]'],
  ['a56161614161626142616361436164614461656145', '{"a":"A","b":"B","c":"C","d":"D","e":"E"}'],
  ['5f42010243030405ff', '{"$base64":"AQIDBAU="}'],
  ['7f657374726561646d696e67ff', '"streaming"'],
  ['9fff', '[]'],
  ['9f018202039f0405ffff', '[1,[2,3],[4,5]]'],
  ['9f01820203820405ff', '[1,[2,3],[4,5]]'],
  ['83018202039f0405ff', '[1,[2,3],[4,5]]'],
  ['83019f0203ff820405', '[1,[2,3],[4,5]]'],
  [
    '9f0102030405060708090a0b0c0d0e0f101112131415161718181819ff',
    '[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25]',
  ],
  ['bf61610161629f0203ffff', '{"a":1,"b":[2,3]}'],
  ['826161bf61626163ff', '["a",{"b":"c"}]'],
  ['bf6346756ef563416d7421ff', '{"Fun":true,"Amt":-2}'],
]

test.each(APPENDIX_A)('RFC 8949 Appendix A: %s', (bytes, json) => {
  expect(cbor(bytes)).toBe(json)
  JSON.parse(cbor(bytes))
})

test('each value of the appendix ends where it ends: no prefix is whole, and one byte more is a fault', () => {
  for (const [bytes] of APPENDIX_A) {
    expect([bytes, wholePrefixes(CBOR_DECODER, fromHex(bytes))]).toEqual([bytes, []])
    expect(cbor(`${bytes}00`)).toMatch(/^something follows the value at/)
  }
})

test('places', () => {
  const { places } = announced(CBOR_DECODER, 'a26161016162820243aabbcc')
  expect(places).toEqual(['1@3-4', '2@7-8', '<aabbcc>@9-12'])
})

describe('what is not well-formed (RFC 8949 Appendix F)', () => {
  test.each([
    ['1c', 'the additional information 28 to 30 is reserved at 0'],
    ['3e', 'the additional information 28 to 30 is reserved at 0'],
    ['ff', 'a break without anything to end at 0'],
    ['8201ff', 'a break without anything to end at 2'],
    ['a101ff', 'a break without anything to end at 2'],
    ['1f', 'this kind of value has no indefinite length at 0'],
    ['df00', 'this kind of value has no indefinite length at 0'],
    ['5f00ff', 'a piece of a string is another kind of value at 1'],
    ['5f6161ff', 'a piece of a string is another kind of value at 1'],
    ['7f5f4100ffff', 'a piece of a string is another kind of value at 1'],
    ['f818', 'a simple value below 32 takes one byte at 0'],
    ['62ff61', 'a text is not UTF-8 at 0'],
    ['bf6161ff', 'a break without anything to end at 3'],
    ['5bffffffffffffffff00', 'it ends too soon at 0'],
    ['9bffffffffffffffff00', 'it ends too soon at 0'],
    ['bbffffffffffffffff00', 'it ends too soon at 0'],
    ['7b7fffffffffffffff00', 'it ends too soon at 0'],
    ['', 'it ends too soon at 0'],
  ])('%s', (bytes, fault) => {
    expect(cbor(bytes)).toBe(fault)
  })

  test('depth: lists, maps, tags and open lists', () => {
    for (const level of ['81', 'a100', 'c1', '9f', 'bf00'])
      expect(cbor(level.repeat(5000))).toMatch(/^there are more than 256 levels at/)
  })
})

describe('maps that JSON lacks', () => {
  test.each([
    ['a26161016161 02', '{"$map":[["a",1],["a",2]]}'],
    ['a16124 01', '{"$map":[["$",1]]}'],
    ['a1f5 8101', '{"$map":[[true,[1]]]}'],
    ['a1820102 03', '{"$map":[[[1,2],3]]}'],
    ['a1c100 02', '{"$map":[[{"$tag":1,"value":0},2]]}'],
    ['a17f61616162ff 01', '{"$map":[["ab",1]]}'],
    ['a1695f5f70726f746f5f5f 01', '{"__proto__":1}'],
  ])('%s', (bytes, json) => {
    expect(cbor(bytes.replaceAll(' ', ''))).toBe(json)
  })
})

test('tags around tags, and a tag on one member alone', () => {
  expect(cbor('c1c200')).toBe('{"$tag":1,"value":{"$tag":2,"value":0}}')
  expect(cbor('82c10002')).toBe('[{"$tag":1,"value":0},2]')
  expect(cbor('c58201c2410a')).toBe('{"$tag":5,"value":[1,10]}')
})

test('a number of more than 1,024 bytes is a tag with bytes', () => {
  expect(cbor(`c2590400${'ff'.repeat(1024)}`)).toMatch(/^\d{2467}$/)
  expect(cbor(`c2590401${'ff'.repeat(1025)}`)).toMatch(/^\{"\$tag":2,"value":\{"\$base64"/)
})

test('beside cborg: what it encodes', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), value => {
      const bytes = encode(value)
      const json = written(CBOR_DECODER, bytes)
      if (!json.includes('"$')) expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify(libraryDecode(bytes))))
    }),
  )
})
