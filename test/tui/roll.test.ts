/** A roll of items that have several lines. */
import { describe, expect, test } from 'vitest'
import { Roll } from '../../src/tui/roll.ts'

describe('a roll', () => {
  const SIZES = [1, 3, 1, 5, 2]
  const shown = (roll: Roll): readonly string[] => roll.window.map(({ item, part }) => `${item}.${part}`)

  test('goes line by line through items of several lines', () => {
    const roll = new Roll()
    const seen: string[] = []
    for (let at = 0; at < 12; at++) {
      roll.shows(SIZES.length, 4, item => SIZES[item] ?? 1)
      const { item, part } = roll.selected
      seen.push(`${item}.${part}`)
      expect(shown(roll)).toContain(`${item}.${part}`)
      expect(shown(roll).length).toBe(4)
      roll.run('down')
    }
    expect(seen).toEqual(['0.0', '1.0', '1.1', '1.2', '2.0', '3.0', '3.1', '3.2', '3.3', '3.4', '4.0', '4.1'])
    for (let at = 0; at < 11; at++) roll.run('up')
    expect(roll.selected).toEqual({ item: 0, part: 0 })
  })

  test('asks of a million items only for those around the screen', () => {
    const roll = new Roll()
    const asked = new Set<number>()
    const sizeOf = (item: number): number => {
      asked.add(item)
      return 2
    }
    roll.shows(1_000_000, 20, sizeOf)
    roll.run('last')
    roll.shows(1_000_000, 20, sizeOf)
    expect(shown(roll).at(-1)).toBe('999999.1')
    roll.select(500_000)
    roll.shows(1_000_000, 20, sizeOf)
    expect(asked.size).toBeLessThan(100)
  })

  test('is of one line where there is nothing', () => {
    const roll = new Roll()
    roll.shows(0, 10, () => 1)
    roll.run('down')
    roll.run('last')
    expect(roll.window).toEqual([])
  })
})
