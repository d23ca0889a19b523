import { expect, test } from 'vitest'
import { AgedMap } from '../../src/base/aged.ts'

test('the oldest goes first, whatever else goes and comes', () => {
  const map = new AgedMap<string, number>()
  expect(map.takeOldest()).toBeUndefined()
  map.set('a', 1).set('b', 2).set('c', 3).set('a', 4)
  expect(map.takeOldest()).toBe(4)
  map.delete('b')
  map.set('b', 5)
  expect([map.takeOldest(), map.takeOldest(), map.takeOldest()]).toEqual([3, 5, undefined])
  map.set('d', 6)
  expect(map.takeOldest()).toBe(6)
  expect(map.size).toBe(0)
})

test('a hundred thousand come and go, and none is passed over or met twice', () => {
  const map = new AgedMap<number, number>()
  for (let key = 0; key < 100_000; key++) {
    map.set(key, key)
    if (key >= 1000) expect(map.takeOldest()).toBe(key - 1000)
  }
  expect(map.size).toBe(1000)
})
