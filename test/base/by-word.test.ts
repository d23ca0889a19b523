import { describe, expect, test } from 'vitest'
import { byWord } from '../../src/base/by-word.ts'

describe('byWord', () => {
  test('has its entries, and nothing that every object knows', () => {
    const table = byWord({ d: '"' })
    expect(table.d).toBe('"')
    for (const word of ['constructor', '__proto__', 'toString', 'hasOwnProperty', 'valueOf'])
      expect(table[word]).toBeUndefined()
    expect(Object.keys(table)).toEqual(['d'])
  })
})
