/** Copies tied to their message: which one each is, and who should have got one. */
import { describe, expect, test } from 'vitest'
import { FanOutReport } from '../../src/report/fanouts.ts'
import { Forwarding } from '../../src/session/forwarding.ts'
import { expectValid } from '../support/report-schema.ts'
import {
  disconnect,
  NO_CHECKS,
  packet,
  puback,
  publish,
  type RunOptions,
  recordsIn,
  reported,
  Story,
  suback,
  subscribe,
} from '../support/story.ts'

function records(story: Story, options: RunOptions = {}) {
  const report = { format: 'ndjson', color: false, width: undefined, redact: false, verbose: false } as const
  const checks = new Forwarding(NO_CHECKS, { keepsCopies: true, seed: 7 })
  const found = recordsIn(reported(story.capture, write => new FanOutReport(report, write), { ...options, checks }))
  for (const record of found) expectValid(record)
  return found as unknown as readonly Row[]
}

interface Row {
  readonly packet: number
  readonly client?: string
  readonly expected?: number
  readonly publisherSeen: boolean
  readonly copies: readonly { readonly client: string; readonly packet: number; readonly latencyMs?: number }[]
  readonly missing: readonly { readonly client: string; readonly qos: number }[]
  readonly extras?: number
  readonly replays?: number
}

/** Publisher, what it sent as, and packets of the copies. */
const ties = (rows: readonly Row[]): readonly string[] =>
  rows.map(({ packet: number, copies }) => `${number} → ${copies.map(copy => copy.packet).join(' ')}`)

describe('which message a copy is of', () => {
  test('each subscriber gets one; latency counts from the publisher', () => {
    const story = new Story()
    const a = story.join().enter('a').want(1, 't')
    const b = story.join().enter('b').want(1, '#')
    const p = story.join().enter('p')
    story.at(1)
    p.say(publish('t', 'x'))
    story.at(1.002)
    a.hear(publish('t', 'x'))
    story.at(1.005)
    b.hear(publish('t', 'x'))
    expect(records(story)).toMatchObject([
      {
        packet: 11,
        client: 'p',
        expected: 2,
        copies: [
          { client: 'a', packet: 12, latencyMs: 2 },
          { client: 'b', packet: 13, latencyMs: 5 },
        ],
        missing: [],
      },
    ])
  })

  test('equal messages in a burst: in order', () => {
    const story = new Story()
    const s = story.join().enter('s').want(1, 't')
    const p = story.join().enter('p')
    p.say(publish('t', 'on'), publish('t', 'on'), publish('t', 'on'))
    s.hear(publish('t', 'on'), publish('t', 'on'))
    story.at(0.5)
    s.hear(publish('t', 'on'))
    expect(ties(records(story))).toEqual(['7 → 10', '8 → 11', '9 → 12'])
  })

  test('equal messages every ten seconds: the one that has just come, even if one was lost', () => {
    const story = new Story()
    const s = story.join().enter('s').want(1, 't')
    const p = story.join().enter('p')
    for (const second of [10, 20, 30]) {
      story.at(second)
      p.say(publish('t', 'alive'))
      if (second !== 20) s.hear(publish('t', 'alive'))
    }
    story.at(40)
    s.hear(packet(0xd0))
    expect(ties(records(story))).toEqual(['7 → 8', '9 → ', '10 → 11'])
    expect(records(story)[1]?.missing).toEqual([{ client: 's', stream: 0, qos: 0 }])
  })

  test('another topic, another payload, a higher QoS: not the same', () => {
    const story = new Story()
    const s = story.join().enter('s').want(1, '#', 2)
    const p = story.join().enter('p')
    p.say(publish('t', 'x'))
    s.hear(publish('u', 'x'), publish('t', 'y'), publish('t', 'x', { qos: 1, id: 1 }))
    const rows = records(story)
    expect(ties(rows)).toEqual(['7 → ', '8 → 8', '9 → 9', '10 → 10'])
    expect(rows.map(({ publisherSeen }) => publisherSeen)).toEqual([true, false, false, false])
  })

  test('the publisher is not in the capture: the first copy stands for the message', () => {
    const story = new Story()
    const a = story.join().enter('a').want(1, 't')
    const b = story.join().enter('b').want(1, 't')
    a.hear(publish('t', '1'))
    b.hear(publish('t', '1'))
    a.hear(publish('t', '1'))
    b.hear(publish('t', '1'))
    expect(ties(records(story))).toEqual(['9 → 9 10', '11 → 11 12'])
  })

  test('what is retained comes again, and is no copy', () => {
    const story = new Story()
    const p = story.join().enter('p')
    p.say(publish('t', 'x', { retain: true }))
    story.at(1)
    const s = story.join().enter('s').want(1, 't')
    s.hear(publish('t', 'x', { retain: true }))
    const again = story.join().enter('s2').want(1, 't')
    again.hear(publish('t', 'x', { retain: true }))
    expect(records(story)).toMatchObject([{ packet: 3, copies: [], replays: 2 }])
  })

  test('retained as published (5.0): news keeps the flag', () => {
    const story = new Story()
    const s = story.join().enter('s', { version: 5 })
    s.say(packet(0x82, [0, 1, 0, 0, 1, 0x74, 0x08])).hear(suback(1, [0], true))
    const p = story.join().enter('p')
    p.say(publish('t', 'x', { retain: true }))
    s.hear(publish('t', 'x', { retain: true, properties: [] }))
    expect(ties(records(story))).toEqual(['7 → 8'])
  })

  test('once for each filter that takes it', () => {
    const story = new Story()
    const s = story.join().enter('s').want(1, 't').want(2, '#')
    const p = story.join().enter('p')
    p.say(publish('t', 'x'))
    s.hear(publish('t', 'x'), publish('t', 'x'))
    expect(records(story)).toMatchObject([{ packet: 9, copies: [{ packet: 10 }], extras: 1 }])
  })

  test('sent again: the same message', () => {
    const story = new Story()
    const s = story.join().enter('s').want(1, 't', 1)
    const p = story.join().enter('p', { clean: false })
    p.say(publish('t', 'x', { qos: 1, id: 5 })).close()
    story.at(2)
    const back = story.join().enter('p', { clean: false })
    back.say(publish('t', 'x', { qos: 1, id: 5, dup: true })).hear(puback(5))
    s.hear(publish('t', 'x', { qos: 1, id: 1 }), publish('t', 'x', { qos: 1, id: 1, dup: true }))
    expect(ties(records(story))).toEqual(['7 → 12'])
  })

  test('a client that comes new gets nothing from before', () => {
    const story = new Story()
    const p = story.join().enter('p')
    p.say(publish('t', 'x'))
    story.at(5)
    const s = story.join().enter('s').want(1, 't')
    s.hear(publish('t', 'x'))
    expect(ties(records(story))).toEqual(['3 → ', '8 → 8'])
  })

  test('a client that comes back gets what was kept for it', () => {
    const story = new Story()
    story.join().enter('s', { clean: false }).want(1, 't', 1).close()
    story.at(5)
    const p = story.join().enter('p')
    p.say(publish('t', 'x', { qos: 1, id: 1 })).hear(puback(1))
    story.at(9)
    const s = story.join().enter('s', { clean: false, present: true })
    s.hear(publish('t', 'x', { qos: 1, id: 1 }))
    expect(records(story)).toMatchObject([{ packet: 7, copies: [{ client: 's', latencyMs: 4000 }] }])
  })
})

describe('who should have got it', () => {
  /** A subscriber, a publisher, and five seconds to wait. */
  function missing(edit: (story: Story) => void): readonly unknown[] {
    const story = new Story()
    edit(story)
    story.at(6)
    story.join().enter('late')
    return records(story).map(row => row.missing.map(({ client }) => client))
  }

  test('a subscriber that got nothing', () => {
    const names = missing(story => {
      story.join().enter('s').want(1, 'a/+', 1)
      story.join().enter('other').want(1, 'b/+')
      story.join().enter('p').say(publish('a/1', 'x'))
    })
    expect(names).toEqual([['s']])
  })

  test.each<readonly [string, (story: Story) => void]>([
    ['refused', story => void story.join().enter('s').want(1, 't', 1, 0x80)],
    [
      'not answered',
      story =>
        void story
          .join()
          .enter('s')
          .say(subscribe(1, [['t', 0]])),
    ],
    ['shared', story => void story.join().enter('s').want(1, '$share/g/t')],
    ['gone', story => void story.join().enter('s').want(1, 't').say(disconnect()).close()],
    ['of another topic', story => void story.join().enter('s').want(1, 't/x')],
    ['joined before the capture', story => void story.join().hear(suback(1, [0]))],
  ])('not one whose subscription is %s', (_, subscriber) => {
    const names = missing(story => {
      subscriber(story)
      story.join().enter('p').say(publish('t', 'x'))
    })
    expect(names).toEqual([[]])
  })

  test('not itself, where it wants no own messages', () => {
    const names = missing(story => {
      const p = story.join().enter('p', { version: 5 })
      p.say(subscribe(1, [['t', 0x04]], true)).hear(suback(1, [0], true))
      p.say(publish('t', 'x', { properties: [] }))
    })
    expect(names).toEqual([[]])
  })

  test('only where the broker has taken it', () => {
    const names = missing(story => {
      story.join().enter('s').want(1, 't', 1)
      const p = story.join().enter('p', { version: 5 })
      p.say(publish('t', '1', { qos: 1, id: 1, properties: [] })).hear(puback(1, 0x87))
      p.say(publish('t', '2', { qos: 1, id: 2, properties: [] }))
      p.say(publish('t', '3', { qos: 1, id: 3, properties: [] })).hear(puback(3, 0))
    })
    expect(names).toEqual([[], [], ['s']])
  })

  test('not where the connection or the capture ended at once', () => {
    const story = new Story()
    story.join().enter('s').want(1, 't')
    story.join().enter('p').say(publish('t', 'x'))
    story.at(0.5)
    story.join()
    expect(records(story)[0]?.missing).toEqual([])
  })

  test('with a filter copies are tied all the same', () => {
    const story = new Story()
    const s = story.join().enter('s').want(1, 't')
    story.join().enter('p').say(publish('t', 'x'))
    s.hear(publish('t', 'x'))
    story.at(9)
    story.join()
    const rows = records(story, { matches: ({ stream }) => stream.clientId === 'p' })
    expect(rows).toMatchObject([{ packet: 7, copies: [{ client: 's' }], missing: [] }])
    expect(records(story, { matches: ({ type }) => type === 1 })).toEqual([])
  })
})
