import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { utf8 } from '../../src/base/strings.ts'
import { decodeFiles, decodingOf, rulesIn } from '../../src/cli/decode-options.ts'
import { nameOf, type PayloadReader } from '../../src/store/payloads.ts'

const home = mkdtempSync(join(tmpdir(), 'mqtt-sniff-decode-'))
afterAll(() => rmSync(home, { recursive: true }))

function file(text: string): string {
  const name = join(home, 'rules.json')
  writeFileSync(name, text)
  return name
}

/** What the reader makes of `{}` on a topic. */
function on(reader: PayloadReader | undefined, topic: string): string {
  const bytes = utf8('{}')
  const known = { topic, contentType: undefined, client: undefined, bytes, start: 0, end: 2 }
  const choice = reader?.chooser.choose(known)
  return choice === undefined ? 'none' : nameOf(choice)
}

describe('--decode', () => {
  test('nothing is decoded in output without it, JSON is in filters', () => {
    const { filters, output } = decodingOf({ decode: [] })
    expect(output).toBeUndefined()
    expect(on(filters, 'a')).toBe('json')
  })

  test('rules alone, and rules before the built-in ones', () => {
    const rules = decodingOf({ decode: ['topic=a,as=gzip+cbor'] })
    expect([on(rules.output, 'a'), on(rules.output, 'b'), on(rules.filters, 'b')]).toEqual([
      'gzip+cbor',
      'none',
      'json',
    ])
    const both = decodingOf({ decode: ['auto', 'topic=a,as=hex'] })
    expect([on(both.output, 'a'), on(both.output, 'b')]).toEqual(['hex', 'json'])
  })

  test('none switches the built-in rules off', () => {
    const { filters, output } = decodingOf({ decode: ['none'] })
    expect(output).toBeUndefined()
    expect(on(filters, 'a')).toBe('none')
    expect(() => decodingOf({ decode: ['none', 'auto'] })).toThrow('cannot be combined')
  })

  test('a file of rules', () => {
    const { output } = decodingOf({ decode: [`@${file('[{"topic":"a/+","as":"text"},{"client":"m*","as":"hex"}]')}`] })
    expect(on(output, 'a/b')).toBe('text')
    expect(rulesIn(file('[]'))).toEqual([])
  })

  test.each([
    [['topic=a#,as=json'], '--decode: topic=a# is not a topic filter'],
    [['topic=a,as=xml'], '--decode: there is no decoder xml'],
    [[`@${join(home, 'none')}`], `cannot read the decoder rules in ${join(home, 'none')}: no such file`],
  ])('refused: %j', (decode, message) => {
    expect(() => decodingOf({ decode })).toThrow(message)
  })

  test('what is wrong in a file is said with its rule', () => {
    const decode = (text: string) => () => decodingOf({ decode: [`@${file(text)}`] })
    expect(decode('{')).toThrow('it is not JSON')
    expect(decode('{}')).toThrow('a list of rules is needed')
    expect(decode('[{"topic":"a","as":"json"},{"topic":"a"}]')).toThrow('rule 2: as=DECODER is missing')
    expect(decode('[{"topic":"a","as":"json","other":1}]')).toThrow('rule 1: there is no condition other')
    expect(decode('[null]')).toThrow('rule 1: as=DECODER is missing')
  })
})

describe('schemas of protobuf', () => {
  const schema = join(home, 'demo.proto')
  const rule = `topic=a,as=protobuf,schema=${schema},type=demo.X`
  writeFileSync(schema, 'syntax = "proto3"; package demo; message X { int32 a = 1; }')

  test('are read for rules on the command line and in a file, and `type` names the message', async () => {
    const list = file(JSON.stringify([{ topic: 'b', as: 'gzip+protobuf', schema, type: 'demo.X' }]))
    const flags = { decode: [rule, `@${list}`] }
    const { output } = decodingOf(flags, false, await decodeFiles(flags))
    expect([on(output, 'a'), on(output, 'b'), on(output, 'c')]).toEqual(['protobuf', 'gzip+protobuf', 'none'])
  })

  test.each([
    ['topic=a,as=protobuf', 'as=protobuf needs schema=FILE and type=MESSAGE'],
    ['topic=a,as=json,schema=x.proto', 'schema= is for as=protobuf'],
    [`as=protobuf,schema=${schema},type=demo.X`, 'a rule needs a condition'],
    [`topic=a,as=protobuf,schema=${schema},type=demo.Y`, 'there is no message demo.Y'],
    ['topic=a,as=protobuf,schema=/nonexist/x.proto,type=X', 'no such file'],
    [`schema=${schema},color=red,type=X`, 'color=red'],
  ])('%s is told', async (text, message) => {
    const flags = { decode: [text] }
    const made = decodeFiles(flags).then(files => decodingOf(flags, false, files))
    await expect(made).rejects.toThrow(message)
    await expect(made).rejects.toHaveProperty('name', 'UsageError')
  })
})
