/** Which handshakes are told as broken. */
import { expect, test } from 'vitest'
import { Document } from '../../src/analysis/document.ts'
import { puback, publish, Story, suback, subscribe } from '../support/story.ts'

/** Numbers of the packets of broken handshakes. */
function brokenIn({ capture }: Story, ends = true): readonly number[] {
  const made = new Document({ ports: new Set([1883]) })
  made.push(capture)
  if (ends) made.end()
  const { broken, store, links, tracker } = made
  return broken.rows(store, links, tracker.pool.all, tracker.now).map(row => store.number(row))
}

test('what is answered is whole', () => {
  const story = new Story()
  story
    .join()
    .enter('a')
    .want(1, 'b')
    .say(publish('a', 'x', { qos: 1, id: 2 }))
    .hear(puback(2))
  expect(brokenIn(story)).toEqual([])
})

test('refused', () => {
  const story = new Story()
  story
    .join()
    .enter('a')
    .say(subscribe(1, [['b', 0]]))
    .hear(suback(1, [0x80]))
  expect(brokenIn(story)).toEqual([3, 4])
})

test('sent again, even if it is answered then', () => {
  const story = new Story()
  const message = { qos: 1, id: 2 }
  story
    .join()
    .enter('a')
    .say(publish('a', 'x', message))
    .say(publish('a', 'x', { ...message, dup: true }))
    .hear(puback(2))
  expect(brokenIn(story)).toEqual([3, 4, 5])
})

test('never finished; as long as the capture goes on, only after a while', () => {
  const story = new Story()
  const talk = story
    .join()
    .enter('a')
    .say(publish('a', 'x', { qos: 1, id: 2 }))
  expect(brokenIn(story)).toEqual([3])
  expect(brokenIn(story, false)).toEqual([])
  story.at(4)
  talk.say(publish('a', 'y'))
  expect(brokenIn(story, false)).toEqual([])
  story.at(6)
  talk.say(publish('a', 'z'))
  expect(brokenIn(story, false)).toEqual([3])
})

test('of very many the newest', () => {
  const story = new Story()
  const talk = story.join().enter('a')
  for (let id = 1; id <= 6000; id++) talk.say(subscribe(id, [['b', 0]])).hear(suback(id, [0x80]))
  const broken = brokenIn(story)
  expect(broken.length).toBe(10_000)
  expect(broken.at(-1)).toBe(12_002)
})
