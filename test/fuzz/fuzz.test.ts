import { describe, expect, it } from 'vitest'
import { LAYERS, shares } from './layers.ts'

/** Few, so that the ordinary run stays short: `npm run fuzz` has as many as wanted. */
const COUNT = 20_000

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
