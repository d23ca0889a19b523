import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hex } from '../../src/base/bytes.ts'
import { utf8 } from '../../src/base/strings.ts'
import { beginsLikeJson, JSON_DECODER } from '../../src/payload/json.ts'
import { announced } from '../support/values.ts'
import { wholePrefixes, written } from '../support/written.ts'

const json = (text: string): string => written(JSON_DECODER, utf8(text))

describe('values and their places', () => {
  test('each kind', () => {
    const text = '{"a":[1,-2.50e+3,true,false,null,"x\\ny"]}'
    expect(announced(JSON_DECODER, hex(utf8(text))).places).toEqual([
      '1@6-7',
      '-2.50e+3@8-16',
      'true@17-21',
      'false@22-27',
      'null@28-32',
      '"x\\ny"@33-39',
    ])
    expect(json(text)).toBe('{"a":[1,-2.50e+3,true,false,null,"x\\ny"]}')
  })

  test('numbers keep their digits', () => {
    for (const text of ['0', '-0', '1.0', '1e400', '123456789012345678901234567890', '0.1000', '1E-2'])
      expect(json(text)).toBe(text)
  })

  test('escapes and other alphabets', () => {
    expect(json('"\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud83d\\ude00 é😀"')).toBe(JSON.stringify('"\\/\b\f\n\r\té😀 é😀'))
  })

  test('blanks around everything', () => {
    expect(json(' \t\r\n{ "a" : [ 1 , 2 ] , "b" : { } } \n')).toBe('{"a":[1,2],"b":{}}')
  })

  test('keys that come twice, and keys that look like ours', () => {
    expect(json('{"a":1,"a":2}')).toBe('{"$map":[["a",1],["a",2]]}')
    expect(json('{"$tag":1}')).toBe('{"$map":[["$tag",1]]}')
    expect(json('{"__proto__":1,"constructor":2}')).toBe('{"__proto__":1,"constructor":2}')
  })
})

test.each([
  ['', 'it ends too soon at 0'],
  ['{', 'it ends too soon at 1'],
  ['{"a"', 'it ends too soon at 4'],
  ['{"a" 1}', 'a colon is missing at 5'],
  ['{a:1}', 'a key in quotes is missing at 1'],
  ['{"a":1,}', 'a key in quotes is missing at 7'],
  ['{"a":1 "b":2}', 'a comma or } is missing at 7'],
  ['[1 2]', 'a comma or ] is missing at 3'],
  ['[1,]', 'this is not JSON at 3'],
  ['01', 'a number begins with 0 at 1'],
  ['-', 'it ends too soon at 1'],
  ['1.', 'it ends too soon at 2'],
  ['1.x', 'a digit is missing at 2'],
  ['1e+', 'it ends too soon at 3'],
  ['"\t"', 'a text holds a control character at 1'],
  ['"\\x"', 'an escape is unknown at 2'],
  ['"\\u12g4"', '\\u needs four hexadecimal digits at 5'],
  ['"a', 'it ends too soon at 2'],
  ['1 2', 'something follows the value at 2'],
  ['nul', 'this is not JSON at 0'],
  ['ON', 'this is not JSON at 0'],
  ["{'a':1}", 'a key in quotes is missing at 1'],
])('what is not JSON: %s', (text, fault) => {
  expect(json(text)).toBe(fault)
})

test('bytes that are not UTF-8', () => {
  expect(written(JSON_DECODER, Uint8Array.of(0x22, 0xff, 0x22))).toBe('a text is not UTF-8 at 0')
})

test('256 levels and 100,000 values, and not one more', () => {
  expect(json('['.repeat(256) + ']'.repeat(256))).toBe('['.repeat(256) + ']'.repeat(256))
  expect(json('['.repeat(5000))).toBe('there are more than 256 levels at 256')
  expect(json(`[${'1,'.repeat(99_998)}1]`)).toMatch(/^\[1,/)
  expect(json(`[${'1,'.repeat(99_999)}1]`)).toMatch(/^there are more than 100000 values at/)
})

test('only an object or a list makes a payload look like JSON', () => {
  for (const text of ['{}', ' [', '\n{']) expect(beginsLikeJson(utf8(text), 0, text.length)).toBe(true)
  for (const text of ['55.49', '5000', 'empty', 'Slaapkamer1', '', ' ', '"a"', 'true'])
    expect(beginsLikeJson(utf8(text), 0, text.length)).toBe(false)
})

describe('beside JSON.parse', () => {
  const isJson = (text: string): boolean => {
    try {
      JSON.parse(text)
      return true
    } catch {
      return false
    }
  }

  test('the same documents, and the same values', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 6 }), text => {
        const ours = json(text)
        expect(JSON.parse(ours.includes('"$map"') ? '0' : ours)).toEqual(ours.includes('"$map"') ? 0 : JSON.parse(text))
      }),
    )
  })

  test('documents with one character changed are taken or refused alike', () => {
    fc.assert(
      fc.property(
        fc.json({ maxDepth: 3 }),
        fc.nat(),
        fc.constantFrom(...'{}[],:"\\ 019.eE+-tfn\n\u0001'),
        (text, at, other) => {
          const changed = text.slice(0, at % (text.length + 1)) + other + text.slice((at % (text.length + 1)) + 1)
          const ours = JSON_DECODER.decode(utf8(changed), 0, utf8(changed).length, SILENT)
          expect([changed, ours]).toEqual([changed, isJson(changed)])
        },
      ),
      { numRuns: 2000 },
    )
  })
})

const nothing = (): void => {}
const SILENT = {
  open: nothing,
  close: nothing,
  key: nothing,
  number: nothing,
  literal: nothing,
  text: nothing,
  bytes: nothing,
  mark: nothing,
  tag: nothing,
  fault: nothing,
}

test('no prefix of an object is one', () => {
  expect(wholePrefixes(JSON_DECODER, utf8('{"a":[1,{"b":"\\u00e9"}],"c":-1.5e3}'))).toEqual([])
})
