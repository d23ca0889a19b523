/** The values of a payload that are no groups, with their paths. */
import { expect, test } from 'vitest'
import { fromHex } from '../../src/base/bytes.ts'
import { utf8 } from '../../src/base/strings.ts'
import { CBOR_DECODER } from '../../src/payload/cbor.ts'
import { JSON_DECODER } from '../../src/payload/json.ts'
import { Leaves } from '../../src/payload/leaves.ts'

function leaves(json: string): readonly string[] {
  const bytes = utf8(json)
  const sink = new Leaves()
  JSON_DECODER.decode(bytes, 0, bytes.length, sink)
  return sink.list.map(({ path, text, number }) => `${path}=${text}${Number.isNaN(number) ? '' : ' number'}`)
}

test('keys and places in lists are the path', () => {
  expect(leaves('{"t":21.4,"pos":{"lat":1},"l":[true,{"x":"y"}],"e":{},"n":null}')).toEqual([
    't=21.4 number',
    'pos.lat=1 number',
    'l.0=true',
    'l.1.x=y',
    'n=null',
  ])
})

test('a payload that is one value has the empty path', () => {
  expect(leaves('5')).toEqual(['=5 number'])
})

test('a key that is a number is called by its digits', () => {
  const bytes = fromHex('a201182a0203')
  const sink = new Leaves()
  CBOR_DECODER.decode(bytes, 0, bytes.length, sink)
  expect(sink.list.map(({ path, number }) => [path, number])).toEqual([
    ['1', 42],
    ['2', 3],
  ])
})

test('so many and no more', () => {
  expect(leaves(`[${Array.from({ length: 300 }, (_, at) => at).join()}]`)).toHaveLength(200)
})
