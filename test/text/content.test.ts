/** Payloads as people read them. */
import { expect, test } from 'vitest'
import { fromHex } from '../../src/base/bytes.ts'
import { content } from '../../src/text/content.ts'

const ROOM = 40

/** The payload, with bytes behind it that are none of its own. */
const shown = (payload: string, behind = '', most = ROOM): string => {
  const bytes = fromHex(`aaaa${payload}${behind}`)
  return content(bytes, 2, 2 + fromHex(payload).length, most)
}

test('text, bytes, nothing', () => {
  expect(shown('')).toBe('empty')
  expect(shown('32312e34')).toBe('"21.4"')
  expect(shown('00ff3c')).toBe('00 ff 3c')
})

test('a character cut off by the end of the payload makes it bytes, whatever stands behind', () => {
  expect(shown('24736bc8')).toBe('24 73 6b c8')
  expect(shown('24736bc8', '80')).toBe('24 73 6b c8')
})

test('a character cut off by the room there is does not', () => {
  expect(shown('c3a4'.repeat(100), '', 7)).toMatch(/^"ä+/)
  expect(shown(`61${'c3a4'.repeat(100)}`, '', 7)).toMatch(/^"aä+/)
})
