/** Packet ids in use. */
import { expect, test } from 'vitest'
import { Identifiers } from '../../src/grab/identifiers.ts'
import { Random } from '../support/random.ts'

test('identifiers: a set, by bits', () => {
  const random = new Random(7)
  const identifiers = new Identifiers()
  const naive = new Set<number>()
  for (let round = 0; round < 5000; round++) {
    const id = random.chance(0.1) ? random.pick([0, 1, 65_535]) : random.below(65_536)
    if (random.chance(0.5)) expect(identifiers.add(id)).toBe(!naive.has(id))
    else expect(identifiers.delete(id)).toBe(naive.delete(id))
    if (identifiers.delete(id)) {
      naive.delete(id)
      identifiers.add(id)
      naive.add(id)
    }
  }
})
