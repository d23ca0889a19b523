import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { hex } from '../../src/base/bytes.ts'
import { utf8 } from '../../src/base/strings.ts'
import { nodeUnpack } from '../../src/payload/node-unpack.ts'
import { dottedPath } from '../../src/payload/path.ts'
import { readRule } from '../../src/payload/rules.ts'
import { chooserOf, MOST_DECODED, PayloadReader, payloadOf } from '../../src/store/payloads.ts'
import { recordOf } from '../support/record.ts'

const reader = (...rules: string[]) =>
  new PayloadReader(
    chooserOf(
      rules.map(text => readRule(text)),
      true,
    ),
    nodeUnpack,
  )

/** PUBLISH of 3.1.1 to `a`. */
function publish(payload: Uint8Array): string {
  let size = 3 + payload.length
  let length = ''
  do {
    length += hex(Uint8Array.of((size & 127) | (size > 127 ? 128 : 0)))
    size >>= 7
  } while (size > 0)
  return `30 ${length} 0001 61 ${hex(payload)}`
}

const json = (payload: Uint8Array, ...rules: string[]): string => {
  const found = payloadOf(recordOf(publish(payload)))
  const choice = found === undefined ? undefined : reader(...rules).choose(found)
  return found === undefined || choice === undefined ? 'none' : reader(...rules).json(found, choice)
}

describe('what a rule may ask', () => {
  test('the topic and the payload of a PUBLISH', () => {
    const found = payloadOf(recordOf(publish(utf8('{}'))))
    expect(found).toMatchObject({ topic: 'a', contentType: undefined, size: 2, isWhole: true })
  })

  test('the content type of MQTT 5', () => {
    const record = recordOf('30 0d 0001 61 06 03 0003 782f79 7b7d 20', { version: 5 })
    expect(payloadOf(record)).toMatchObject({ topic: 'a', contentType: 'x/y', size: 3 })
  })

  test('the topic and content type of a will, and not those of the CONNECT', () => {
    const record = recordOf(
      '10 25 0004 4d515454 05 06 0000 00 0001 63 06 03 0003 782f79 0001 77 0002 7b7d'.replace('10 25', '10 1d'),
    )
    expect(payloadOf(record)).toMatchObject({ topic: 'w', contentType: 'x/y', size: 2 })
  })

  test('none of an empty payload, and of other packets', () => {
    expect(payloadOf(recordOf(publish(new Uint8Array(0))))).toBeUndefined()
    expect(payloadOf(recordOf('c000'))).toBeUndefined()
  })
})

describe('as JSON', () => {
  test('JSON is as it was sent, on one line', () => {
    expect(json(utf8('{"a" : 1.0,\n "b":1e400}'))).toBe('{"as":"json","by":"content","value":{"a" : 1.0,  "b":1e400}}')
  })

  test('what was packed', () => {
    expect(json(gzipSync('{"a":1}'), 'topic=a,as=gzip+json')).toBe('{"as":"gzip+json","by":"rule","value":{"a":1}}')
  })

  test('what does not fit, with its place in the payload', () => {
    expect(json(utf8('{"a":'), 'topic=+,as=json')).toBe(
      '{"as":"json","by":"rule","error":{"message":"it ends too soon","offset":5}}',
    )
    expect(json(utf8('x'), 'topic=+,as=gzip+json')).toBe(
      '{"as":"gzip+json","by":"rule","error":{"message":"it is not gzip, or more than 16 MiB","offset":0}}',
    )
  })

  test('one MiB and not one byte more', () => {
    const text = (size: number): Uint8Array => utf8(`["${'x'.repeat(size - 4)}"]`)
    expect(json(text(MOST_DECODED))).toMatch(/"value":/)
    expect(json(text(MOST_DECODED + 1), 'topic=#,as=json')).toContain('"message":"it has more than 1048576 bytes"')
  })
})

test('values: of a text that is a number both, of another text the text', () => {
  const values = (text: string) => {
    const found = payloadOf(recordOf(publish(utf8(text))))
    return found === undefined ? [] : reader().values(found, dottedPath(''))
  }
  expect(values('21.4')).toEqual([21.4, utf8('21.4')])
  expect(values('Slaapkamer1')).toEqual([utf8('Slaapkamer1')])
  expect(values('0x10')).toEqual([utf8('0x10')])
})

test('a topic filter that breaks the rules of MQTT is refused', () => {
  for (const topic of ['a#', 'a/+b', ''])
    expect(() => reader(`topic=${topic},as=json`)).toThrow(/is not a topic filter/)
})
