/** Streams that are not read because too many stand at once: which they are, and that it is told. */
import { expect, test } from 'vitest'
import { Analysis } from '../../src/analysis/analysis.ts'
import { unreadLines } from '../../src/export/text.ts'
import type { PacketRecord, Summary } from '../../src/store/record.ts'
import { publish, Story } from '../support/story.ts'

/** Client ids by packet, and the counts, where two streams are read at once. */
function read(story: Story): { readonly clients: readonly (string | undefined)[]; readonly summary: Summary } {
  const clients: (string | undefined)[] = []
  const sink = {
    packet: ({ stream }: PacketRecord) => void clients.push(stream.clientId),
    gap() {},
    skipped() {},
    damage() {},
  }
  const analysis = new Analysis(sink, { mostStreams: 2 })
  analysis.push(story.capture)
  return { clients, summary: analysis.end() }
}

/** Two clients that have said something at 0 s. */
function two(): { story: Story; talks: ReturnType<Story['join']>[] } {
  const story = new Story()
  return { story, talks: ['a', 'b'].map(name => story.join().enter(name)) }
}

test('one more than so many is counted, and those before it are read to their end', () => {
  const { story, talks } = two()
  story.join().enter('c')
  for (const talk of talks) talk.say(publish('t', 'x'))
  const { clients, summary } = read(story)
  expect(clients).toEqual(['a', 'a', 'b', 'b', 'a', 'b'])
  expect(summary).toMatchObject({ flows: 3, connections: 2, leftOut: 1 })
  expect(unreadLines(summary)).toEqual(['1 stream not read: too many at once'])
})

test('so many: none is left out, and nothing is told', () => {
  const { summary } = read(two().story)
  expect(summary).not.toHaveProperty('leftOut')
  expect(unreadLines(summary)).toEqual([])
})

test('one that has closed makes room', () => {
  const { story, talks } = two()
  talks[0]?.close()
  story.join().enter('c')
  expect(read(story).clients).toEqual(['a', 'a', 'b', 'b', 'c', 'c'])
})

test('one that was silent for twenty minutes makes room, and not before', () => {
  for (const [minutes, left] of [
    [19, 1],
    [21, undefined],
  ] as const) {
    const { story } = two()
    story
      .at(minutes * 60)
      .join()
      .enter('c')
    expect(read(story).summary.leftOut).toBe(left)
  }
})

test('the other one goes, where the first has spoken meanwhile', () => {
  const { story, talks } = two()
  story.at(15 * 60)
  talks[0]?.say(publish('t', 'x'))
  story
    .at(25 * 60)
    .join()
    .enter('c')
  talks[0]?.say(publish('t', 'y'))
  const { clients, summary } = read(story)
  expect(clients).toEqual(['a', 'a', 'b', 'b', 'a', 'c', 'c', 'a'])
  expect(summary.leftOut).toBeUndefined()
})

test('those that never said anything make room at once', () => {
  const story = new Story()
  for (let left = 10; left > 0; left--) story.join()
  story.join().enter('c')
  const { clients, summary } = read(story)
  expect(clients).toEqual(['c', 'c'])
  expect(summary).toMatchObject({ flows: 11, connections: 11 })
  expect(summary.leftOut).toBeUndefined()
})
