import { describe, expect, test } from 'vitest'
import { fromHex } from '../../src/base/bytes.ts'
import { utf8 } from '../../src/base/strings.ts'
import { DECODER_NAMES, decoderNamed } from '../../src/payload/decoders.ts'
import { Chooser, type PayloadFacts, type Rule, readRule } from '../../src/payload/rules.ts'

const facts = (payload: string | Uint8Array, known: Partial<PayloadFacts> = {}): PayloadFacts => {
  const bytes = typeof payload === 'string' ? utf8(payload) : payload
  return { topic: 'a/b', contentType: undefined, client: undefined, bytes, start: 0, end: bytes.length, ...known }
}

const matches = (filter: string, topic: string): boolean => filter === '#' || filter === topic
const chosen = (chooser: Chooser, asked: PayloadFacts): string => {
  const choice = chooser.choose(asked)
  return choice === undefined ? 'none' : [...choice.packings, `${choice.decoder.name} by ${choice.by}`].join('+')
}
const auto = new Chooser([], true, matches)

describe('auto', () => {
  test('strings that are no structure stay text', () => {
    for (const text of [
      '55.49',
      '5000',
      'empty',
      'Slaapkamer1',
      'true',
      'ON',
      '"a"',
      '',
      '{',
      '{"a":1',
      '[1,2',
      '{a:1}',
      '{} {}',
    ])
      expect([text, chosen(auto, facts(text))]).toEqual([text, 'none'])
  })

  test('JSON by its content, if it is JSON to the last byte', () => {
    for (const text of ['{}', '[]', '{"a":1}', ' [1, 2]\n']) expect(chosen(auto, facts(text))).toBe('json by content')
  })

  test('by content type; parameters and case do not count', () => {
    const by = (contentType: string): string => chosen(auto, facts('{"a":1}', { contentType }))
    for (const type of ['application/json', 'Application/JSON; charset=utf-8', 'application/senml+json'])
      expect(by(type)).toBe('json by content-type')
    for (const type of ['application/cbor', 'application/senml+cbor']) expect(by(type)).toBe('cbor by content-type')
    for (const type of ['application/msgpack', 'application/x-msgpack', 'application/vnd.msgpack'])
      expect(by(type)).toBe('msgpack by content-type')
  })

  test('another content type: nothing, not even JSON by its content', () => {
    for (const contentType of ['text/plain', 'application/protobuf', 'image/png', ''])
      expect(chosen(auto, facts('{"a":1}', { contentType }))).toBe('none')
  })

  test('Sparkplug by its topic', () => {
    const by = (topic: string): string => chosen(auto, facts(fromHex('0801'), { topic }))
    for (const topic of ['spBv1.0/g/NBIRTH/n', 'spBv1.0/g/DDATA/n/d', 'spBv1.0/g/NDEATH/n'])
      expect(by(topic)).toBe('sparkplug by topic')
    expect(by('spBv1.0/STATE/host')).toBe('json by topic')
    for (const topic of [
      'spBv1.0/g/OTHER/n',
      'spBv1.0',
      'spAv1.0/g/NBIRTH/n',
      'x/spBv1.0/g/NBIRTH/n',
      'spBv1.0/g/NBIRTHS/n',
    ])
      expect(by(topic)).toBe('none')
  })
})

describe('rules of the user', () => {
  const rule = (text: string): Rule => readRule(text)

  test('the first that matches, before the built-in ones', () => {
    const chooser = new Chooser(
      [rule('topic=x,as=hex'), rule('topic=a/b,as=text'), rule('topic=#,as=cbor')],
      true,
      matches,
    )
    expect(chosen(chooser, facts('{}'))).toBe('text by rule')
    expect(chosen(chooser, facts('{}', { topic: 'other' }))).toBe('cbor by rule')
    expect(chosen(new Chooser([rule('topic=x,as=hex')], true, matches), facts('{}'))).toBe('json by content')
    expect(chosen(new Chooser([rule('topic=x,as=hex')], false, matches), facts('{}'))).toBe('none')
    expect(chosen(chooser.with(rule('topic=a/b,as=csv')), facts('{}'))).toBe('csv by rule')
  })

  test('every condition must hold', () => {
    const chooser = new Chooser(
      [rule('topic=a/b,type=application/x-*,client=meter-*,as=gzip+base64+json')],
      false,
      matches,
    )
    const all = { contentType: 'application/X-thing;v=1', client: 'meter-7' }
    expect(chosen(chooser, facts('', all))).toBe('gzip+base64+json by rule')
    expect(chosen(chooser, facts('', { ...all, client: 'valve' }))).toBe('none')
    expect(chosen(chooser, facts('', { ...all, contentType: undefined }))).toBe('none')
    expect(chosen(chooser, facts('', { ...all, topic: 'c' }))).toBe('none')
    expect(chosen(chooser, facts('', { ...all, topic: undefined }))).toBe('none')
  })

  test('topics and clients may hold commas and equals signs', () => {
    expect(rule('topic=a,b/c=d,as=hex')).toMatchObject({ topic: 'a,b/c=d' })
  })

  test.each([
    ['', '"": use topic=…, type=…, client=…, as=…'],
    ['json', '"json": use topic=…, type=…, client=…, as=…'],
    ['topic=a', 'as=DECODER is missing'],
    ['as=json', 'a rule needs a condition: topic=, type= or client='],
    ['topic=a,as=xml', `there is no decoder xml: use ${DECODER_NAMES.join(', ')}`],
    ['topic=a,as=constructor', `there is no decoder constructor: use ${DECODER_NAMES.join(', ')}`],
    ['topic=a,as=rar+json', 'there is no packing rar: use gzip, zlib, deflate, zstd, base64'],
    ['topic=a,as=gzip+gzip+gzip+gzip+json', 'at most 3 packings are undone'],
    ['topic=a,topic=b,as=json', 'topic is given twice'],
    ['topic=a,nope=b,as=json', '"nope=b": use topic=…, type=…, client=…, as=…'],
  ])('refused: %s', (text, message) => {
    expect(() => rule(text)).toThrow(message)
  })
})

test('each decoder has its name', () => {
  for (const name of DECODER_NAMES) expect(decoderNamed(name)?.name).toBe(name)
  expect(decoderNamed('__proto__')).toBeUndefined()
})
