/** Exchanges in every state, from captures made by hand. */
import { describe, expect, test } from 'vitest'
import { HandshakesReport } from '../../src/report/handshakes.ts'
import { expectValid } from '../support/report-schema.ts'
import {
  connect,
  packet,
  puback,
  pubcomp,
  publish,
  pubrec,
  pubrel,
  type RunOptions,
  recordsIn,
  reported,
  Story,
  suback,
  subscribe,
} from '../support/story.ts'

function records(story: Story, options: RunOptions = {}) {
  const report = { format: 'ndjson', color: false, width: undefined, redact: false } as const
  const found = recordsIn(reported(story.capture, write => new HandshakesReport(report, write), options))
  for (const record of found) expectValid(record)
  return found.filter(({ kind }) => kind !== 'connect')
}

function text(story: Story, width?: number): string {
  const report = { format: 'text', color: false, width, redact: false } as const
  return reported(story.capture, write => new HandshakesReport(report, write))
}

describe('states', () => {
  test('complete, with every leg', () => {
    const story = new Story()
    const talk = story.join().enter('c')
    story.at(1)
    talk.say(publish('t', 'x', { qos: 2, id: 7 }))
    story.at(1.001)
    talk.hear(pubrec(7))
    story.at(1.003)
    talk.say(pubrel(7))
    story.at(1.007)
    talk.hear(pubcomp(7)).close()
    expect(records(story)).toEqual([
      {
        record: 'exchange',
        kind: 'qos2',
        opener: 3,
        time: '2023-11-14T22:13:21.000000Z',
        stream: 0,
        client: 'c',
        from: 'client',
        packetId: 7,
        topic: 't',
        qos: 2,
        state: 'complete',
        steps: [
          { packet: 3, type: 'PUBLISH', from: 'client' },
          { packet: 4, type: 'PUBREC', from: 'server', latencyMs: 1 },
          { packet: 5, type: 'PUBREL', from: 'client', latencyMs: 2 },
          { packet: 6, type: 'PUBCOMP', from: 'server', latencyMs: 4 },
        ],
        totalMs: 7,
        repeats: 0,
        dups: 0,
      },
    ])
    expect(text(story)).toContain('#4 PUBREC 1.00 ms, #5 PUBREL 2.00 ms, #6 PUBCOMP 4.00 ms')
    expect(text(story, 120)).toContain('7.00 ms  ✓  #4 1.00ms, #5 2.00ms, #6 4.00ms')
    expect(text(story, 80)).toContain('7.00 ms ✓ 1.00ms 2.00ms 4.00ms')
  })

  test('open: the capture ends first', () => {
    const story = new Story()
    const talk = story.join().enter('c')
    story.at(1)
    talk.say(publish('t', 'x', { qos: 1, id: 7 }))
    story.at(4.2)
    talk.say(packet(0xc0))
    const [qos1, ping] = records(story)
    expect(qos1).toMatchObject({
      state: 'open',
      awaits: { type: 'PUBACK', from: 'server', since: '2023-11-14T22:13:21.000000Z', waitedMs: 3200 },
    })
    expect(qos1).not.toHaveProperty('totalMs')
    expect(ping).toMatchObject({ kind: 'ping', state: 'open', awaits: { type: 'PINGRESP', waitedMs: 0 } })
    expect(text(story)).toContain('…  waits for PUBACK from broker for 3.20 s')
  })

  test('abandoned: the connection ends first', () => {
    const story = new Story()
    const talk = story.join().enter('c')
    talk.say(publish('t', 'x', { qos: 2, id: 7 })).hear(pubrec(7))
    story.at(2)
    talk.close()
    expect(records(story)[0]).toMatchObject({ state: 'abandoned', awaits: { type: 'PUBREL', from: 'client' } })
    expect(text(story)).toContain('!  #4 PUBREC 0 s, no PUBREL from client for 2.00 s')
  })

  test('refused, in the words of the version', () => {
    const story = new Story()
    const four = story.join()
    four
      .say(connect('a'))
      .hear(packet(0x20, [0, 5]))
      .close()
    const five = story.join().enter('b', { version: 5 })
    five
      .say(publish('t', 'x', { qos: 1, id: 1, properties: [] }))
      .hear(puback(1, 0x97))
      .close()
    const report = { format: 'ndjson', color: false, width: undefined, redact: false } as const
    const found = recordsIn(reported(story.capture, write => new HandshakesReport(report, write)))
    expect(found[0]).toMatchObject({ kind: 'connect', state: 'refused', reasonCode: 5, reason: 'not authorized' })
    expect(found[2]).toMatchObject({ kind: 'qos1', state: 'refused', reasonCode: 0x97, reason: 'Quota exceeded' })
    expect(text(story, 80)).toContain('✗ refused: not authorized (5)')
    expect(text(story, 80)).toContain('✗ refused: Quota exceeded (0x97)')
  })

  test('sent again, with DUP and without', () => {
    const story = new Story()
    const talk = story.join().enter('c')
    talk.say(publish('t', 'x', { qos: 1, id: 7 }))
    talk.say(publish('t', 'x', { qos: 1, id: 7 }))
    talk.say(publish('t', 'x', { qos: 1, id: 7, dup: true }))
    talk.hear(puback(7)).close()
    expect(records(story)[0]).toMatchObject({ state: 'complete', repeats: 2, dups: 1 })
    expect(text(story)).toContain('2 sent again (1 DUP)')
  })

  test('over a reconnect', () => {
    const story = new Story()
    const first = story.join().enter('c', { clean: false })
    first.say(publish('t', 'x', { qos: 1, id: 7 })).close()
    story.at(5)
    const second = story.join().enter('c', { clean: false, present: true })
    second
      .say(publish('t', 'x', { qos: 1, id: 7, dup: true }))
      .hear(puback(7))
      .close()
    expect(records(story)).toMatchObject([{ opener: 3, state: 'complete', resumed: 1, repeats: 1, totalMs: 5000 }])
    expect(text(story)).toContain('1 sent again (1 DUP) over a reconnect')
  })
})

describe('what is told', () => {
  test('the topic behind an alias', () => {
    const story = new Story()
    const talk = story.join().enter('c', { version: 5 })
    talk.say(publish('site/1', 'x', { qos: 1, id: 1, properties: [0x23, 0, 1] })).hear(puback(1))
    talk
      .say(publish('', 'y', { qos: 1, id: 2, properties: [0x23, 0, 1] }))
      .hear(puback(2))
      .close()
    expect(records(story).map(({ topic }) => topic)).toEqual(['site/1', 'site/1'])
  })

  test('SUBSCRIBE has a filter', () => {
    const story = new Story()
    const talk = story.join().enter('c')
    talk
      .say(subscribe(3, [['a/+', 1]]))
      .hear(suback(3, [1]))
      .close()
    expect(records(story)[0]).toMatchObject({ kind: 'subscribe', packetId: 3, filter: 'a/+', state: 'complete' })
  })

  test('what the broker opens', () => {
    const story = new Story()
    const talk = story.join().enter('c')
    talk
      .hear(publish('t', 'x', { qos: 1, id: 9 }))
      .say(puback(9))
      .close()
    expect(records(story)[0]).toMatchObject({ from: 'server', steps: [{ from: 'server' }, { from: 'client' }] })
    expect(text(story)).toContain('c       ←  QoS 1')
  })

  test('nothing', () => {
    expect(text(new Story())).toBe('no exchanges\n')
  })

  test('harmless names', () => {
    const story = new Story()
    const talk = story.join().enter('\x1b[2J')
    talk
      .say(publish('a\u202eb', 'x', { qos: 1, id: 1 }))
      .hear(puback(1))
      .close()
    expect(text(story)).toContain('\\x1b[2J')
    expect(text(story)).toContain('a⟨U+202E⟩b')
  })

  test('in the order of the openers, whichever ends first', () => {
    const story = new Story()
    const talk = story.join().enter('c')
    for (const id of [1, 2, 3]) talk.say(publish('t', `${id}`, { qos: 1, id }))
    for (const id of [3, 1, 2]) talk.hear(puback(id))
    talk.close()
    expect(records(story).map(({ packetId }) => packetId)).toEqual([1, 2, 3])
  })

  test('with a filter: those of which a packet matches', () => {
    const story = new Story()
    const talk = story.join().enter('c')
    talk.say(publish('t', '1', { qos: 1, id: 1 })).hear(puback(1))
    talk
      .say(publish('t', '2', { qos: 1, id: 2 }))
      .hear(puback(2))
      .close()
    expect(records(story, { matches: ({ number }) => number === 6 }).map(({ opener }) => opener)).toEqual([5])
    expect(records(story, { most: 4 }).map(({ opener }) => opener)).toEqual([3])
  })
})
