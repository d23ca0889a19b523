import { expect, test } from 'vitest'
import { fuzzFramer } from '../fuzz/framer.ts'

test('20,000 random streams: each byte is told once, and all memory comes back', () => {
  for (let seed = 1; seed <= 20_000; seed++) fuzzFramer(seed)
  expect(true).toBe(true)
})
