import { test } from 'vitest'
import { fuzzCapture } from '../fuzz/capture.ts'

test('five thousand mutated captures break no promise', () => {
  for (let seed = 0; seed < 5000; seed++) {
    try {
      fuzzCapture(seed)
    } catch (cause) {
      throw new Error(`seed ${seed}`, { cause })
    }
  }
})
