/** The user's own rules: what is written, and that nothing of the user's is lost. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { readRule } from '../../../src/payload/rules.ts'
import { addRule, decodeFile } from '../../../src/tui/run/decode-file.ts'

const home = mkdtempSync(join(tmpdir(), 'mqtt-sniff-decode-'))
afterAll(() => rmSync(home, { recursive: true, force: true }))

test('the file stands in the folder of the user’s own files', () => {
  expect(decodeFile({ XDG_CONFIG_HOME: '/home/a/cfg' })).toBe('/home/a/cfg/mqtt-sniff/decode.json')
})

test('the newest rule stands first, and takes the place of one with the same conditions', () => {
  const file = join(home, 'new', 'decode.json')
  addRule(file, readRule('topic=a/#,as=cbor'))
  addRule(file, readRule('client=meter-*,as=gzip+json'))
  expect(addRule(file, readRule('topic=a/#,as=json'))).toBe(`Written to ${file}: topic=a/#,as=json`)
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual([
    { topic: 'a/#', as: 'json' },
    { client: 'meter-*', as: 'gzip+json' },
  ])
})

test('a file that is no list is left as it is', () => {
  const file = join(home, 'wrong.json')
  for (const text of ['{"topic":"a"}', '[{"topic":']) {
    writeFileSync(file, text)
    expect(() => addRule(file, readRule('topic=b,as=text'))).toThrow('is not a JSON list')
    expect(readFileSync(file, 'utf8')).toBe(text)
  }
})
