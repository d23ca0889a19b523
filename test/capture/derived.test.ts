import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DERIVED, DerivedLog, MOST_DERIVED, withDerived } from '../../src/capture/derived.ts'
import { MemoryLog } from '../../src/capture/log.ts'
import { content } from '../support/capture.ts'

const MIB = 1024 * 1024

test('what is appended has a position above every capture, and is read back there', () => {
  const log = new DerivedLog()
  expect(log.append(Uint8Array.of(9, 1, 2, 9), 1, 3)).toBe(DERIVED)
  expect(log.append(Uint8Array.of(3), 0, 1)).toBe(DERIVED + 2)
  expect(log.append(new Uint8Array(0), 0, 0)).toBe(DERIVED + 3)
  expect([...log.read(DERIVED, 3)]).toEqual([1, 2, 3])
  expect([...log.read(DERIVED + 1, 100)]).toEqual([2, 3])
  for (const position of [0, -1, DERIVED - 1, DERIVED + 3, 2 * DERIVED]) expect(log.read(position, 1)).toHaveLength(0)
})

test('positions stay exact: the last byte of the largest address space is its own', () => {
  expect(Number.isSafeInteger(DERIVED + MOST_DERIVED)).toBe(true)
  expect(DERIVED + MOST_DERIVED + 1 - (DERIVED + MOST_DERIVED)).toBe(1)
  expect(DERIVED).toBe(1_125_899_906_842_624)
})

test('whatever is appended, wherever it is asked', () => {
  const sizes = fc.array(fc.oneof(fc.nat(50), fc.constantFrom(600_000, MIB, 2 * MIB + 1)), { maxLength: 6 })
  fc.assert(
    fc.property(sizes, sizes => {
      const log = new DerivedLog()
      const kept = sizes.map((size, seed) => content(size, seed + 1))
      const positions = kept.map(bytes => log.append(bytes, 0, bytes.length))
      for (const [index, bytes] of kept.entries()) {
        expect(Buffer.from(bytes).equals(log.read(positions[index] ?? 0, bytes.length))).toBe(true)
      }
    }),
    { numRuns: 20 },
  )
})

test('beyond its limit the oldest bytes go, and positions stay', () => {
  const log = new DerivedLog(2 * MIB)
  const chunks = [1, 2, 3, 4].map(seed => content(MIB - 7, seed))
  const positions = chunks.map(chunk => log.append(chunk, 0, chunk.length))
  expect(log.dropped).toBe(2 * MIB)
  expect(log.read(positions[0] ?? 0, 1)).toHaveLength(0)
  expect(log.read(positions[1] ?? 0, MIB - 7)).toHaveLength(0)
  expect(log.read(DERIVED + 2 * MIB - 1, 2)).toHaveLength(0)
  // The third begins in what went.
  expect(log.read(positions[2] ?? 0, MIB - 7)).toHaveLength(0)
  expect(Buffer.from(content(MIB - 7, 4)).equals(log.read(positions[3] ?? 0, MIB - 7))).toBe(true)
  log.append(new Uint8Array(5 * MIB), 0, 5 * MIB)
  expect(log.read(DERIVED + 8 * MIB, MIB)).toHaveLength(MIB - 28)
})

test('one address space over a capture and what was derived from it', () => {
  const capture = new MemoryLog()
  capture.append(Uint8Array.of(1, 2, 3))
  const derived = new DerivedLog()
  const position = derived.append(Uint8Array.of(7, 8), 0, 2)
  const all = withDerived(capture, derived)
  expect([...all.read(1, 9)]).toEqual([2, 3])
  expect([...all.read(position + 1, 9)]).toEqual([8])
  expect(all.read(DERIVED - 1, 2)).toHaveLength(0)
  expect(all.read(-1, 2)).toHaveLength(0)
})
