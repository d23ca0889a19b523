/** Copies of a frame and retransmissions of its bytes. */
import { describe, expect, test } from 'vitest'
import { isCopy, markOf } from '../../src/net/mark.ts'
import { frameOf } from '../support/net.ts'

const HEADER = 20
const segment = (identification: number, checksum: number, milliseconds: number) => {
  const bytes = new Uint8Array(40)
  bytes[HEADER + 16] = checksum >> 8
  bytes[HEADER + 17] = checksum & 0xff
  const seconds = 1_700_000_000 + Math.floor(milliseconds / 1000)
  const frame = frameOf(new Uint8Array(0), { seconds, nanos: (milliseconds % 1000) * 1e6 })
  return { identification, bytes, header: HEADER, frame }
}

describe('marks', () => {
  test('the same identification within half a second: a copy', () => {
    const mark = markOf(segment(0x1234, 1, 0))
    expect(isCopy(mark, segment(0x1234, 2, 0))).toBe(true)
    expect(isCopy(mark, segment(0x1234, 2, 499))).toBe(true)
    expect(isCopy(mark, segment(0x1235, 1, 0))).toBe(false)
  })

  test('a device that never changes its identification sends again: no copy', () => {
    const mark = markOf(segment(7, 1, 0))
    for (const later of [700, 1000, 3000, 5500]) expect(isCopy(mark, segment(7, 1, later))).toBe(false)
  })

  test('without identification the checksum counts, and a fifth of a second is too long', () => {
    const mark = markOf(segment(0, 0xbeef, 90))
    expect(isCopy(mark, segment(0, 0xbeef, 189))).toBe(true)
    expect(isCopy(mark, segment(0, 0xbeee, 90))).toBe(false)
    expect(isCopy(mark, segment(0, 0xbeef, 290))).toBe(false)
  })

  test('a copy that is saved before the frame it is of, and one beyond the wrap of the time', () => {
    expect(isCopy(markOf(segment(9, 1, 200)), segment(9, 1, 0))).toBe(true)
    for (let at = 0; at < 7000; at += 100) expect(isCopy(markOf(segment(9, 1, at)), segment(9, 1, at + 100))).toBe(true)
  })

  test('a mark has 16 bits', () => {
    for (const id of [0, 1, 0xffff]) expect(markOf(segment(id, 0xffff, 6399))).toBeLessThan(0x10000)
  })
})
