import fc from 'fast-check'
import { expect, test } from 'vitest'
import { logOver, MemoryLog } from '../../src/capture/log.ts'
import { concat, content } from '../support/capture.ts'

test('a log in memory gives back what was appended, wherever it is asked', () => {
  const chunk = fc.oneof(fc.uint8Array({ maxLength: 50 }), fc.constantFrom(content(600_000), content(1_048_576, 3)))
  const asks = fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(1_500_000)))
  fc.assert(
    fc.property(fc.array(chunk, { maxLength: 6 }), asks, (chunks, ranges) => {
      const log = new MemoryLog()
      for (const one of chunks) expect(log.append(one)).toBe(true)
      const whole = Buffer.from(concat(...chunks))
      expect(log.size).toBe(whole.length)
      for (const [part, length] of ranges) {
        const position = Math.floor(part * whole.length)
        expect(whole.subarray(position, position + length).equals(log.read(position, length))).toBe(true)
      }
    }),
    { numRuns: 30 },
  )
})

test('beyond its limit a log ends, and says so', () => {
  const log = new MemoryLog(10)
  expect(log.append(content(8))).toBe(true)
  expect(log.append(content(8))).toBe(false)
  expect(log.append(content(1))).toBe(false)
  expect(log).toMatchObject({ size: 10, refused: 7 })
  expect(log.read(6, 100)).toEqual(concat([6 * 7, 7 * 7], content(2)))
  expect(log.read(10, 1)).toHaveLength(0)
  expect(log.read(-5, 3)).toHaveLength(0)
  expect(log.read(-1, 3)).toHaveLength(0)
})

test('what was appended may change afterwards', () => {
  const log = new MemoryLog()
  const chunk = content(10)
  log.append(chunk)
  chunk.fill(0)
  expect(log.read(0, 10)).toEqual(content(10))
})

test('a log over another', () => {
  const bytes = content(100)
  const log = logOver((position, length) => bytes.subarray(position, position + length))
  expect(log.read(90, 100)).toEqual(bytes.subarray(90))
})
