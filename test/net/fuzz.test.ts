import { expect, test } from 'vitest'
import { fuzzNet } from '../fuzz/net.ts'

test('10,000 random inputs break no invariant', () => {
  for (let seed = 1; seed <= 10_000; seed++) {
    try {
      fuzzNet(seed)
    } catch (error) {
      expect.fail(`seed ${seed}: ${error instanceof Error ? error.stack : error}`)
    }
  }
})
