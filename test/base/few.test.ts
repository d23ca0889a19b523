import { describe, expect, test } from 'vitest'
import { FewMap } from '../../src/base/few.ts'
import { Random } from '../support/random.ts'

describe('a map of few', () => {
  test('none, one and many entries', () => {
    const map = new FewMap<string, number>()
    expect([map.size, map.get('a'), [...map]]).toEqual([0, undefined, []])
    map.set('a', 0)
    expect([map.size, map.get('a'), map.has('a'), map.has('b'), [...map]]).toEqual([1, 0, true, false, [['a', 0]]])
    map.set('b', 2)
    expect([map.size, [...map.keys()], [...map.values()]]).toEqual([2, ['a', 'b'], [0, 2]])
  })

  test('a copy does not change with the one it was made of', () => {
    const map = new FewMap<string, number>([['a', 1]])
    const copy = new FewMap(map)
    copy.set('b', 2)
    copy.set('a', 3)
    expect([[...map], [...copy]]).toEqual([
      [['a', 1]],
      [
        ['a', 3],
        ['b', 2],
      ],
    ])
  })

  test('does what a Map does, whatever comes and goes', () => {
    const random = new Random(7)
    const few = new FewMap<number, number>()
    const map = new Map<number, number>()
    for (let step = 0; step < 2000; step++) {
      const key = random.below(3)
      if (random.chance(0.5)) {
        few.set(key, step)
        map.set(key, step)
      } else {
        few.delete(key)
        map.delete(key)
      }
      expect([few.size, few.get(key), [...few], [...few.keys()], [...few.values()]]).toEqual([
        map.size,
        map.get(key),
        [...map],
        [...map.keys()],
        [...map.values()],
      ])
    }
  })
})
