/** How doc comments are read by `npm run words`, and how many there still are that begin without a subject. */
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const WORDS = fileURLToPath(new URL('../../scripts/words.js', import.meta.url))
/** Most doc comments without a subject, and with unplain words. The numbers only fall. */
const MOST_WITHOUT_SUBJECT = 800
const MOST_UNPLAIN = 560

const { docCommentsOf, hasSubject, isPlain } = await import(WORDS)

test('doc comments and their lines', () => {
  const text = '/** One. */\nconst a = 1\n/**\n * Two\n * lines.\n */\n// none\n'
  expect(docCommentsOf(text)).toEqual([
    { line: 1, words: 'One.' },
    { line: 3, words: 'Two lines.' },
  ])
})

test('a subject of its own', () => {
  for (const words of ['Of each packet.', 'What came.', 'It is settled.', 'Nobody knows.', 'Where the bytes end.'])
    expect(hasSubject(words), words).toBe(false)
  for (const words of ['Returns the next run.', 'True if bytes are missing.', 'Most bytes kept.', 'Item of a list.'])
    expect(hasSubject(words), words).toBe(true)
})

test('plain words', () => {
  for (const words of ['Reads it anew.', 'The bytes behind it.', 'This is no packet.', 'Nobody is told.'])
    expect(isPlain(words), words).toBe(false)
  expect(isPlain('Reads the bytes after it again.')).toBe(true)
})

test('comments of src', () => {
  const lines = execFileSync(process.execPath, [WORDS], { encoding: 'utf8' }).trim().split('\n').slice(1)
  const sum = (column: number) => lines.reduce((total, line) => total + Number(line.split(/\s+/)[column]), 0)
  expect(sum(2)).toBeLessThanOrEqual(MOST_WITHOUT_SUBJECT)
  expect(sum(3)).toBeLessThanOrEqual(MOST_UNPLAIN)
})
