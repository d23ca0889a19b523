/** What waits for a key, in order, and what it says of its memory. */
import { expect, test } from 'vitest'
import { Frame } from '../../../src/base/line.ts'
import { type Held, HeldRecords } from '../../../src/transport/tls/held.ts'

const lost = (size: number): Held => ({ kind: 'lost', size, frame: new Frame() })

test('first in, first out, up to the one that could be opened', () => {
  const log: (number | string)[] = []
  const held = new HeldRecords(
    size => log.push(size) < 4,
    () => log.push('released'),
  )
  expect([held.first, held.last, held.begin, held.end]).toEqual([undefined, undefined, 0, 0])
  const [a, b, c] = [lost(1), lost(2), lost(3)]
  expect([held.push(a, 10), held.push(b, 20), held.push(c, 30)]).toEqual([true, true, true])
  held.leave(0)
  expect(held.first).toBe(b)
  expect(held.last).toBe(c)
  expect(held.at(2)).toBe(c)
  expect(held.until(2)).toEqual([b])
  expect(log).toEqual([266, 276, 286])
  held.leave(2)
  expect([held.first, held.last, held.begin, held.end]).toEqual([undefined, undefined, 0, 0])
  expect(log.at(-1)).toBe('released')
})

test('says when the direction is given up', () => {
  const held = new HeldRecords(
    () => false,
    () => {},
  )
  expect(held.push(lost(1), 0)).toBe(false)
})
