import { describe, expect, it } from 'vitest'
import { effort } from '../support/effort.ts'
import { LAYERS, shares } from './layers.ts'

/** `npm run fuzz` has as many as wanted. */
const COUNT = effort(10_000, 100_000)

describe('random and broken input throws nowhere and breaks no invariant', () => {
  const counts = shares(LAYERS, COUNT)
  for (const [index, { name, input }] of LAYERS.entries()) {
    it(`${name}, ${counts[index]} inputs`, () => {
      for (let seed = 1; seed <= (counts[index] ?? 0); seed++) {
        try {
          input(seed)
        } catch (error) {
          expect.fail(`seed ${seed}: ${error instanceof Error ? error.stack : error}`)
        }
      }
    })
  }
})
