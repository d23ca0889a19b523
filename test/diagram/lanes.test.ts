/** Who has a lane, and where. */
import { expect, test } from 'vitest'
import { lanesOf } from '../../src/diagram/lanes.ts'
import { publish, Story } from '../support/story.ts'
import { loaded, loadedSample, rowsOf } from './loaded.ts'

const BROKER = { title: 'broker', address: '192.0.2.1:1883' }

test('the tour: four clients in order of appearance, the broker in the middle', () => {
  const capture = loadedSample('tour')
  const lanes = lanesOf(capture.store, rowsOf(capture), 6)
  expect(lanes.all).toEqual([
    { title: 'kitchen-display', address: '192.0.2.12:32889' },
    { title: 'anna-phone', address: '192.0.2.13:36249' },
    BROKER,
    { title: 'garden-pump', address: '192.0.2.14:40977' },
    { title: 'old-thermostat', address: '192.0.2.11:41161' },
  ])
  expect(lanes.broker).toBe(2)
  expect([...lanes.ofStream]).toEqual([
    [0, 0],
    [1, 1],
    [2, 3],
    [3, 4],
  ])
})

test('with room for two, those of the first rows; their order does not change with the rows', () => {
  const capture = loadedSample('tour')
  const { store } = capture
  const thermostat = store.rowOf(9)
  const lanes = lanesOf(store, [thermostat, ...rowsOf(capture)], 2)
  expect(lanes.all.map(({ title }) => title)).toEqual(['kitchen-display', 'broker', 'old-thermostat'])
  expect([...lanes.ofStream]).toEqual([
    [0, 0],
    [3, 2],
  ])
  expect(lanesOf(store, rowsOf(capture), 2).all.map(({ title }) => title)).toEqual([
    'kitchen-display',
    'broker',
    'anna-phone',
  ])
})

test('a client alone stands on the left', () => {
  const capture = loadedSample('lost')
  expect(lanesOf(capture.store, rowsOf(capture), 6).all).toEqual([
    { title: 'meter', address: '192.0.2.11:33057' },
    BROKER,
  ])
})

test('a client that returns from another port keeps its lane and its first address', () => {
  const capture = loadedSample('again')
  const lanes = lanesOf(capture.store, rowsOf(capture), 6)
  expect(lanes.all).toEqual([
    { title: 'till', address: '192.0.2.12:56155' },
    BROKER,
    { title: 'waiter', address: '192.0.2.11:33437' },
  ])
  expect([...lanes.ofStream].sort()).toEqual([
    [0, 0],
    [1, 2],
    [2, 0],
    [3, 2],
  ])
})

test('without a client id the address is the name, and each connection a client', () => {
  const story = new Story()
  for (let nth = 0; nth < 2; nth++) story.join().say(publish('a', 'x'))
  const capture = loaded(story.capture)
  const { all } = lanesOf(capture.store, rowsOf(capture), 6)
  expect(all).toHaveLength(3)
  expect(all[0]?.title).toBe(all[0]?.address)
  expect(all[0]?.title).toMatch(/:40000$/)
  expect(all[2]?.title).toMatch(/:40001$/)
})

test('a name is sanitised', () => {
  const story = new Story()
  story.join().enter('a\x1b[2Jb')
  const capture = loaded(story.capture)
  expect(lanesOf(capture.store, rowsOf(capture), 6).all[0]?.title).toBe('a\\x1b[2Jb')
})

test('no rows: the broker alone, without an address', () => {
  expect(lanesOf(loadedSample('tour').store, [], 6).all).toEqual([{ title: 'broker', address: '' }])
})
