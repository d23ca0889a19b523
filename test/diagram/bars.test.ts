/** Packets as bars. */
import { expect, test } from 'vitest'
import { PacketBars } from '../../src/diagram/bars.ts'
import { publish, Story } from '../support/story.ts'
import { loaded, loadedSample } from './loaded.ts'

/** Bars of a PUBLISH at each of these times, in seconds. */
function barsAt(...times: readonly number[]): PacketBars {
  const story = new Story()
  const talk = story.join()
  for (const time of times) {
    story.at(time)
    talk.say(publish('a', 'x'))
  }
  return barsOf(loaded(story.capture))
}

function barsOf({ store, first }: ReturnType<typeof loaded>): PacketBars {
  const bars = new PacketBars()
  bars.catchUp(store, first)
  return bars
}

// Counted by tshark: mqtt.msgtype, and mqtt.len with two bytes for each header.
test('the tour by type: the most frequent first', () => {
  const bars = barsOf(loadedSample('tour')).byType()
  expect(bars.slice(0, 3)).toEqual([
    { type: 3, packets: 34, bytes: 1068, share: 34 / 88 },
    { type: 4, packets: 13, bytes: 52, share: 13 / 88 },
    { type: 5, packets: 6, bytes: 28, share: 6 / 88 },
  ])
  expect(bars.reduce((sum, { packets }) => sum + packets, 0)).toBe(88)
  expect(bars.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 9)
})

test('by time: packets a second in equal parts', () => {
  const bars = barsAt(0, 0.001, 0.002, 0.015, 0.035)
  expect(bars.seconds).toBeCloseTo(0.035, 9)
  // Slices of 10 ms: 3, 1, 0 and 1 packets.
  const rounded = bars
    .byTime(10)
    .map(bar => [bar.from, bar.to, bar.value].map(value => Math.round(value * 1000) / 1000))
  expect(rounded).toEqual([
    [0, 0.01, 300],
    [0.01, 0.02, 100],
    [0.02, 0.03, 0],
    [0.03, 0.04, 100],
  ])
  expect(bars.byTime(2).map(({ value }) => Math.round(value))).toEqual([200, 50])
})

test('a long time has longer slices, and no packet is lost', () => {
  const bars = barsAt(0, 5.11, 5.12, 100)
  expect(bars.seconds).toBe(100)
  const parts = bars.byTime(1000)
  // 512 slices of 10 ms are too few, those of 20 ms to 160 ms as well: 100 s are 313 slices of 320 ms.
  expect(parts).toHaveLength(313)
  const whole = parts.reduce((sum, { from, to, value }) => sum + value * (to - from), 0)
  expect(whole).toBeCloseTo(4, 6)
  expect(parts[0]?.value).toBeCloseTo(1 / 0.32, 6)
  expect(parts[15]?.value).toBeCloseTo(1 / 0.32, 6)
})

test('counts each row once, and goes on where it was', () => {
  const { store, first } = loadedSample('tour')
  const bars = new PacketBars()
  bars.catchUp(store, first)
  bars.catchUp(store, first)
  expect(bars.byType()[0]?.packets).toBe(34)
  store.forget(10)
  bars.catchUp(store, first)
  expect(bars.byType()[0]?.packets).toBe(34)
})

test('without packets', () => {
  const bars = new PacketBars()
  expect(bars.byType()).toEqual([])
  expect(bars.byTime(10)).toEqual([{ from: 0, to: 0.01, value: 0 }])
})
