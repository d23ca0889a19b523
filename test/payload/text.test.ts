import { expect, test } from 'vitest'
import { utf8 } from '../../src/base/strings.ts'
import { BASE64_DECODER, HEX_DECODER, TEXT_DECODER } from '../../src/payload/text.ts'
import { written } from '../support/written.ts'

test('text is text, whatever it looks like', () => {
  for (const text of ['55.49', '5000', 'empty', 'Slaapkamer1', 'true', '{"a":1}', '水'])
    expect(written(TEXT_DECODER, utf8(text))).toBe(JSON.stringify(text))
  expect(written(TEXT_DECODER, Uint8Array.of(0x61, 0xff))).toBe('it is not UTF-8 at 0')
})

test('bytes as digits', () => {
  expect(written(HEX_DECODER, Uint8Array.of(0, 0xab, 0xff))).toBe('"00abff"')
  expect(written(BASE64_DECODER, Uint8Array.of(0, 0xab, 0xff))).toBe('"AKv/"')
})
