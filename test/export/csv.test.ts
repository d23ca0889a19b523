import { describe, expect, test } from 'vitest'
import { resolveFields } from '../../src/export/columns.ts'
import { CsvExporter, type CsvOptions } from '../../src/export/csv.ts'
import { CONNECT_4, type Conversation, written } from '../support/conversation.ts'

const csv = (
  names: string,
  talk: (conversation: Conversation) => void,
  options: Omit<CsvOptions, 'columns'> = {},
): string => written(write => new CsvExporter({ ...options, columns: resolveFields(names.split(' ')) }, write), talk)

/** PUBLISH to `a` with the text as payload. */
const publish = (payload: string): string => {
  const bytes = new TextEncoder().encode(payload)
  return `30 ${(bytes.length + 3).toString(16).padStart(2, '0')} 0001 61 ${Buffer.from(bytes).toString('hex')}`
}
const cell = (payload: string): string =>
  csv('mqtt.msg_text', told => told.client(publish(payload)), { header: false }).slice(0, -1)

test('a row of names, then one a packet', () => {
  const talk = (told: Conversation): void => void told.client(`${CONNECT_4} ${publish('hi')} 30 03 0001 61`)
  expect(csv('mqtt.msgtype mqtt.topic mqtt.msg', talk)).toBe('mqtt.msgtype,mqtt.topic,mqtt.msg\n1,,\n3,a,6869\n3,a,\n')
  expect(csv('mqtt.topic mqtt.msgtype', talk, { header: false, separator: ';', bom: true })).toBe(
    '\ufeff;1\na;3\na;3\n',
  )
})

describe('quotes as in RFC 4180 §2', () => {
  test.each([
    ['plain', 'abc', 'abc'],
    ['a separator', 'a,b', '"a,b"'],
    ['a quote', 'say "hi"', '"say ""hi"""'],
    ['line breaks are written out', 'a\r\nb', 'a\\r\\nb'],
  ])('%s', (_name, payload, expected) => {
    expect(cell(payload)).toBe(expected)
  })

  test('values of one column', () => {
    const subscribe = '82 0a 0001 0001 61 00 0001 62 01'
    expect(csv('mqtt.topic mqtt.sub.qos', told => told.client(subscribe), { header: false })).toBe('"a,b","0,1"\n')
  })

  test('another separator', () => {
    const text = csv('mqtt.msg_text', told => told.client(publish('a,b|c]')), { header: false, separator: '|' })
    expect(text).toBe('"a,b|c]"\n')
    expect(csv('mqtt.msg_text', told => told.client(publish('a-b')), { header: false, separator: '-' })).toBe('"a-b"\n')
    expect(csv('mqtt.msg_text', told => told.client(publish('a^b')), { header: false, separator: '^' })).toBe('"a^b"\n')
  })
})

describe('what a spreadsheet would take for a formula (X05)', () => {
  test.each([
    ["=cmd|'/c calc'!A1", "'=cmd|'/c calc'!A1"],
    ['+1', "'+1"],
    ['-1', "'-1"],
    ['@SUM(1)', "'@SUM(1)"],
    ['=1,"x"', '"\'=1,""x"""'],
    ['a=1', 'a=1'],
  ])('%s', (payload, expected) => {
    expect(cell(payload)).toBe(expected)
  })
})

test('no control character comes through', () => {
  // U+0000 to U+009F: 192 bytes of UTF-8.
  const all = Buffer.from(Array.from({ length: 0xa0 }, (_, code) => String.fromCharCode(code)).join('')).toString('hex')
  const text = csv('mqtt.msg_text', told => told.client(`30 c301 0001 61 ${all}`), { header: false })
  expect(text).toMatch(/^"\\x00[ -~]*\\x9f"\n$/)
})
