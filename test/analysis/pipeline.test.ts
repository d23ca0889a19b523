/** Streams that are not read because too many stand at once: which they are, and that it is told. */
import { expect, test } from 'vitest'
import { Analysis } from '../../src/analysis/analysis.ts'
import { fromHex } from '../../src/base/bytes.ts'
import { utf8 } from '../../src/base/strings.ts'
import { unreadLines } from '../../src/export/text.ts'
import type { PacketRecord, Summary } from '../../src/store/record.ts'
import { publish, Story } from '../support/story.ts'
import { Connection, pcapOf } from '../support/wire.ts'

/** Client ids by packet, and the counts, where two streams are read at once. */
const read = (story: Story): ReturnType<typeof readAll> => readAll(story.capture)

function readAll(capture: Uint8Array): {
  readonly clients: readonly (string | undefined)[]
  readonly summary: Summary
} {
  const clients: (string | undefined)[] = []
  const sink = {
    packet: ({ stream }: PacketRecord) => void clients.push(stream.clientId),
    gap() {},
    skipped() {},
    damage() {},
  }
  const analysis = new Analysis(sink, { mostStreams: 2 })
  analysis.push(capture)
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
  expect(unreadLines({ ...summary, leftOut: 2, undecided: 3 })).toEqual([
    '2 streams not read: too many at once',
    '3 streams let go before it was clear whether they are MQTT: too many at once (-p PORT reads them)',
  ])
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

test('streams of other protocols make room as soon as they are let go, however long they go on', () => {
  const get = utf8('GET / HTTP/1.1\r\n\r\n')
  const foreign = [
    (one: Connection) => one.send(false, utf8('SSH-2.0-OpenSSH_9.2\r\n')),
    (one: Connection) => one.send(true, utf8('*1\r\n$4\r\nPING\r\n')),
    (one: Connection) => one.send(true, Uint8Array.of(0x16, 3, 1, 0, 200, 1, 0, 0, 196, 3, 3)),
    (one: Connection) => {
      for (let left = 17; left > 0; left--) one.send(true, get)
    },
  ]
  const frames: Uint8Array[] = []
  for (const [index, speak] of foreign.entries())
    speak(new Connection(frames, 4, 50_000 + index, 1, { serverPort: 4711 }))
  const talk = new Connection(frames, 4, 51_000, 1)
  const client = new Connection(frames, 4, 51_001, 1, { serverPort: 4711 })
  for (const one of [talk, client]) one.send(true, fromHex('100d00044d5154540402003c000161'))
  const { clients, summary } = readAll(pcapOf(frames))
  expect(clients).toEqual(['a', 'a'])
  expect(summary).toMatchObject({ flows: 6, connections: 2 })
  expect(summary.leftOut).toBeUndefined()
})

test('streams that have not proved anything make room for others, the oldest first', () => {
  const frames: Uint8Array[] = []
  const open = (port: number, serverPort: number): Connection =>
    new Connection(frames, 4, port, port, { serverPort, stands: true })
  const publishes = fromHex('300e0008736974652f612f7432312e34'.repeat(2))
  // Two that wait, each with a packet that proves nothing yet, and two more.
  const [first, second] = [open(50_000, 4711), open(50_001, 4711)]
  for (const one of [first, second]) one.send(true, fromHex('c000'))
  const talk = new Connection(frames, 4, 51_000, 1)
  talk.send(true, fromHex('100d00044d5154540402003c000161'))
  for (const one of [second, first]) one.send(true, publishes)
  const { clients, summary } = readAll(pcapOf(frames))
  expect(clients).toEqual(['a', undefined, undefined, undefined])
  expect(summary).toMatchObject({ flows: 3, connections: 2 })
  expect(summary.leftOut).toBeUndefined()
})
