/** The frames of a packet, found again among those that came last. */
import { expect, test } from 'vitest'
import { RecentFrames } from '../../src/store/recent.ts'
import type { PacketRecord } from '../../src/store/record.ts'
import { frameOf, recordOf } from '../support/record.ts'

const SIZE = 10
const frame = (number: number) =>
  frameOf({ number, bytes: new Uint8Array(SIZE).fill(number), end: SIZE, position: number * 100 })

/** A packet whose pieces stand in these frames, the last of them last. */
function packetIn(...numbers: readonly number[]): PacketRecord {
  const pieces = numbers.flatMap(number => [number * 100 + 4, 6])
  return recordOf('c0 00', { frame: { ...frame(numbers.at(-1) ?? 0) }, pieces })
}

const numbers = (recent: RecentFrames, ...of: readonly number[]): number[] =>
  recent.take(packetIn(...of)).map(({ number }) => number)

function filled(count: number, most?: number): RecentFrames {
  const recent = new RecentFrames(most)
  for (let number = 1; number <= count; number++) recent.add(frame(number))
  return recent
}

test('all frames with bytes of the packet, in order', () => {
  expect(numbers(filled(9), 3, 5, 8)).toEqual([3, 5, 8])
  expect(numbers(filled(9), 5, 3, 8)).toEqual([3, 5, 8])
})

test('each once', () => {
  const recent = filled(9)
  expect(numbers(recent, 3)).toEqual([3])
  expect(numbers(recent, 3)).toEqual([])
  expect(numbers(recent, 3, 4)).toEqual([4])
})

test('copies: the memory of a frame may be used again', () => {
  const recent = new RecentFrames()
  const one = frame(1)
  recent.add(one)
  one.bytes.fill(0xee)
  expect(recent.take(packetIn(1))[0]?.bytes).toEqual(new Uint8Array(SIZE).fill(1))
})

test('pieces that stand nowhere are in no frame', () => {
  const record = recordOf('c0 00', { frame: frame(4), pieces: [-1, 20, 999_999, 3, 150, 3] })
  const frames = filled(9).take(record)
  expect(frames.map(({ number }) => number)).toEqual([4])
})

test('beyond the limit the oldest have gone; the last frame of a packet is at hand whatever came', () => {
  const recent = filled(5000, 10_000)
  expect(numbers(recent, 1, 4999, 5000)).toEqual([4999, 5000])
  expect(numbers(recent, 7)).toEqual([7])
  expect(numbers(recent, 7)).toEqual([])
})
