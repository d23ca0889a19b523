/** How connections end without a packet. */
import { expect, test } from 'vitest'
import { closingsOf, closingText } from '../../src/diagram/closings.ts'
import { disconnect, Story } from '../support/story.ts'
import { loaded, loadedSample, rowsOf } from './loaded.ts'

test('the broker closes the connection of a client that is silent', () => {
  const { store, past } = loadedSample('keepalive')
  const closings = closingsOf(store, past, [store.rowOf(2)])
  expect(closings.map(({ kind, how, by, time }) => ({ kind, how, by, time: time.toFixed(3) }))).toEqual([
    { kind: 'closing', how: 'fin', by: 'server', time: '10.714' },
  ])
  expect(closings.map(closingText)).toEqual(['sleeper: connection closed by the broker 10.7s after SUBACK'])
  // The other one says DISCONNECT.
  expect(closingsOf(store, past, [store.rowOf(1)])).toEqual([])
})

test('only of the connections that are shown, in order of time', () => {
  const story = new Story()
  const [first, second, third] = [
    story.join().enter('first'),
    story.join().enter('second'),
    story.join().enter('third'),
  ]
  story.at(1)
  second.close()
  story.at(2)
  first.close()
  story.at(3)
  third.close()
  const { store, past } = loaded(story.capture)
  const shown = closingsOf(store, past, [store.rowOf(1), store.rowOf(3)])
  expect(shown.map(closingText)).toEqual([
    'second: connection closed by the client 1.0s after CONNACK',
    'first: connection closed by the client 2.0s after CONNACK',
  ])
})

test('what follows a DISCONNECT is no entry, nor is the end of the capture', () => {
  const story = new Story()
  story.join().enter('polite').say(disconnect()).close()
  story.join().enter('still there')
  const capture = loaded(story.capture)
  expect(capture.past).toHaveLength(2)
  expect(closingsOf(capture.store, capture.past, rowsOf(capture))).toEqual([])
})

test('a client that comes back while its connection is open ends it', () => {
  const story = new Story()
  story.join().enter('twin')
  story.at(1)
  story.join().enter('twin')
  const capture = loaded(story.capture)
  const closings = closingsOf(capture.store, capture.past, rowsOf(capture))
  expect(closings.map(({ how }) => how)).toEqual(['takeover'])
  expect(closings.map(closingText).join()).toMatch(/^twin: connection ended: the client is back on another one/)
})
