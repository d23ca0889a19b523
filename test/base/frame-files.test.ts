import { expect, test } from 'vitest'
import { FrameFiles } from '../../src/base/frame-files.ts'

test('the file of a frame, by its number from 1', () => {
  const files = new FrameFiles(['a', 'b'])
  for (const file of [0, 1, 1, 0]) files.add(file)
  expect([0, 1, 2, 3, 4, 5].map(frame => files.nameOf(frame))).toEqual([undefined, 'a', 'b', 'b', 'a', undefined])
})

test('more frames than there is room for at first', () => {
  const files = new FrameFiles(['a', 'b', 'c'])
  for (let frame = 0; frame < 10_000; frame++) files.add(frame % 3)
  for (const frame of [1, 4096, 4097, 8192, 8193, 10_000]) expect(files.nameOf(frame)).toBe('abc'[(frame - 1) % 3])
})
