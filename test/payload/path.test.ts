import { describe, expect, test } from 'vitest'
import { fromHex } from '../../src/base/bytes.ts'
import { utf8 } from '../../src/base/strings.ts'
import { CBOR_DECODER } from '../../src/payload/cbor.ts'
import { JSON_DECODER } from '../../src/payload/json.ts'
import { dottedPath, type Path, PathReader, pointerPath } from '../../src/payload/path.ts'

function values(path: Path | undefined, json: string): readonly (string | number | bigint)[] {
  const reader = new PathReader(path ?? dottedPath('nowhere'))
  const bytes = utf8(json)
  JSON_DECODER.decode(bytes, 0, bytes.length, reader)
  return reader.values.map(value => (typeof value === 'object' ? new TextDecoder().decode(value) : value))
}
const at = (path: string, json: string) => values(dottedPath(path), json)

describe('dotted paths', () => {
  test.each([
    ['temp', '{"temp":21.5}', [21.5]],
    ['pos.lat', '{"pos":{"lat":1,"lon":2},"lat":3}', [1]],
    ['list.0', '{"list":[7,8]}', [7]],
    ['list', '{"list":[7,8]}', [3n, 7, 8]],
    ['list.a', '{"list":[{"a":1},{"a":2},{"b":3}]}', [1, 2]],
    ['list.1.a', '{"list":[{"a":1},{"a":2}]}', [2]],
    ['list.0.1', '{"list":[[1,2],[3,4]]}', [2]],
    ['0', '[5,6]', [5]],
    ['a', '[{"a":1}]', [1]],
    ['', '21.5', [21.5]],
    ['', '{"a":1}', [3n]],
    ['a', '{"a":{"b":1}}', [3n]],
    ['a', '{"a":true}', [1n]],
    ['a', '{"a":false}', [0n]],
    ['a', '{"a":null}', [2n]],
    ['a', '{"a":"x"}', ['x']],
    ['a', '{"b":{"a":1}}', []],
    ['a.b', '{"a":1}', []],
    ['a', '{"a":1,"a":2}', [1, 2]],
    ['__proto__', '{"__proto__":1}', [1]],
  ])('%s of %s', (path, json, expected) => {
    expect(at(path, json)).toEqual(expected)
  })

  test('keys that are numbers, as CBOR has them', () => {
    const reader = new PathReader(dottedPath('1.2'))
    // {1: {2: "x"}, [3]: 4}
    CBOR_DECODER.decode(fromHex('a201a1026178810304'), 0, 9, reader)
    expect(reader.texts).toEqual(['x'])
  })

  test('texts keep the digits', () => {
    const reader = new PathReader(dottedPath('n'))
    const bytes = utf8('{"n":18446744073709551615}')
    JSON_DECODER.decode(bytes, 0, bytes.length, reader)
    expect(reader.texts).toEqual(['18446744073709551615'])
  })

  test('a thousand values and not one more', () => {
    expect(at('list', `{"list":[${'1,'.repeat(2000)}1]}`)).toHaveLength(1000)
  })
})

describe('JSON pointers (RFC 6901)', () => {
  const document = '{"foo":["bar","baz"],"":0,"a/b":1,"c%d":2,"m~n":8,"list":[{"a":1}]}'
  test.each([
    ['/foo/0', ['bar']],
    ['/', [0]],
    ['/a~1b', [1]],
    ['/c%d', [2]],
    ['/m~0n', [8]],
    ['/list/a', []],
    ['/list/0/a', [1]],
    ['', [3n]],
  ])('%s', (pointer, expected) => {
    expect(values(pointerPath(pointer), document)).toEqual(expected)
  })

  test('what is none', () => {
    expect(pointerPath('foo')).toBeUndefined()
  })
})
