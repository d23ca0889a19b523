/** What lies between packets, kept in the order in which it is shown. */
import { expect, test } from 'vitest'
import { Document } from '../../src/analysis/document.ts'
import { Frame } from '../../src/base/line.ts'
import { publish, Story } from '../support/story.ts'

function loaded(story: Story, mostRows?: number): Document {
  const document = new Document({ ports: new Set([1883]), ...(mostRows !== undefined && { mostRows }) })
  document.push(story.capture)
  document.end()
  return document
}

const kinds = ({ incidents }: Document, from = 0, to = Number.POSITIVE_INFINITY): readonly string[] =>
  incidents.between(from, to).map(({ kind, after }) => `${after} ${kind}`)

test('by the packet that they stand behind, what never came first, then by time', () => {
  const story = new Story()
  const [a, b] = [story.join().enter('a'), story.join().enter('b')]
  a.say(publish('t', 'x', { qos: 1, id: 1 }))
  story.at(1)
  b.close()
  story.at(2)
  a.close()
  const document = loaded(story)
  expect(kinds(document)).toEqual(['5 ghost', '5 closing', '5 closing'])
  expect(document.incidents.between(5, 6).map(({ time }) => time)).toEqual([2, 1, 2])
  expect(kinds(document, 0, 5)).toEqual([])
  expect(kinds(document, 6)).toEqual([])
})

test('a message whose session outlives two connections without a packet is owed once', () => {
  const story = new Story()
  const first = story.join().enter('a', { clean: false })
  first.say(publish('t', 'x', { qos: 1, id: 1 }))
  story.at(1)
  first.close()
  story.at(2)
  const second = story.join().enter('a', { clean: false, present: true })
  story.at(3)
  second.close()
  const document = loaded(story)
  expect(kinds(document)).toEqual(['3 ghost', '3 closing', '5 closing'])
  expect(document.incidents.between(0, 4)[0]).toMatchObject({ wait: 1, isUnseen: false })
})

test('one direction alone owes nothing', () => {
  const story = new Story()
  const talk = story.join()
  for (let id = 1; id < 5; id++) talk.say(publish('t', 'x', { qos: 1, id }))
  const document = loaded(story)
  expect(kinds(document).length).toBe(document.store.stream(0).flow.unheard === -1 ? 4 : 0)
})

test('the keep alive runs out before the packet that shows it', () => {
  const story = new Story()
  const talk = story.join().enter('a', { keepAlive: 10 })
  const other = story.join().enter('b')
  story.at(14)
  other.say(publish('t', '1'))
  story.at(16)
  other.say(publish('t', '2'))
  story.at(30)
  talk.say(publish('t', 'x'))
  const document = loaded(story)
  expect(kinds(document)).toEqual(['5 expired'])
  expect(document.incidents.between(0, 9)[0]?.time).toBe(15)
})

test('what stands behind packets that are forgotten is forgotten', () => {
  const story = new Story()
  story.join().enter('a').close()
  const talk = story.join().enter('b')
  for (let at = 0; at < 20; at++) talk.say(publish('t', 'x'))
  talk.close()
  expect(kinds(loaded(story))).toEqual(['2 closing', '24 closing'])
  const document = new Document({ ports: new Set([1883]), mostRows: 10 })
  const { capture } = story
  for (let at = 0; at < capture.length; at += 100) document.push(capture.subarray(at, at + 100))
  document.end()
  expect(kinds(document)).toEqual(['24 closing'])
})

test('of more than the limit those that stand first go', () => {
  const story = new Story()
  story.join().enter('a')
  const { incidents, store } = loaded(story)
  const hole = { kind: 'gap', stream: store.stream(0), side: 0, size: 1, foreign: '' } as const
  for (let before = 20_001; before > 0; before--) incidents.hole({ ...hole, before }, new Frame())
  const all = incidents.between(0, Number.POSITIVE_INFINITY)
  expect(all.length).toBeGreaterThanOrEqual(10_000)
  expect(all.length).toBeLessThan(20_000)
  expect(all.at(-1)?.after).toBe(20_000)
})
