/** How much is kept of messages until their copies come, and what a PUBLISH is said to be meanwhile. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { matchesFilter } from '../../../src/mqtt/topic.ts'
import type { Report } from '../../../src/report/report.ts'
import type { Connection } from '../../../src/session/connection.ts'
import { FanOut } from '../../../src/session/fanout/fanout.ts'
import { Filters } from '../../../src/session/fanout/filters.ts'
import { MOST_COPIES, YOUNG_S } from '../../../src/session/fanout/message.ts'
import { MOST_OF_SESSION } from '../../../src/session/fanout/subscribers.ts'
import { MOST_KEPT_COPIES, MOST_UNASKED, WINDOW_S, Window } from '../../../src/session/fanout/window.ts'
import { MOST_WORK } from '../../../src/session/fanout/work.ts'
import type { Tracker } from '../../../src/session/tracker.ts'
import type { PacketRecord, Stream } from '../../../src/store/record.ts'
import type { FanOutRole } from '../../../src/store/vocabulary.ts'
import { effort } from '../../support/effort.ts'
import { connectionOf } from '../../support/record.ts'
import { publish, reported, Story, unsuback, unsubscribe } from '../../support/story.ts'

/** Counts roles, and looks at how much is kept. */
class Watch implements Report {
  readonly roles: Record<FanOutRole, number> = { fresh: 0, copy: 0, extra: 0, replay: 0, again: 0 }
  most = 0
  /** Kept when the capture ended. */
  atEnd = 0
  settled = 0
  /** Settled messages of which it is known, and is not, who was to get them. */
  expected = 0
  unknown = 0
  fanOut: FanOut | undefined
  private readonly mostMessages: number

  constructor(mostMessages: number) {
    this.mostMessages = mostMessages
  }

  follow(tracker: Tracker): void {
    const { mostMessages } = this
    this.fanOut = new FanOut({
      tracker,
      expects: true,
      keepsCopies: true,
      mostMessages,
      settled: ({ expectedCount }) => {
        this.settled++
        if (expectedCount < 0) this.unknown++
        else this.expected++
      },
    })
  }

  every(record: PacketRecord): void {
    this.fanOut?.onPacket(record)
  }

  ended(stream: Stream): void {
    this.fanOut?.left(stream)
  }

  packet(record: PacketRecord): void {
    const step = this.fanOut?.onPublish(record, record.exchange)
    if (step !== undefined) this.roles[step.role]++
    this.most = Math.max(this.most, this.fanOut?.waiting ?? 0)
  }

  gap(): void {}
  skipped(): void {}
  damage(): void {}
  finish(): void {
    this.atEnd = this.fanOut?.waiting ?? 0
    this.fanOut?.finish()
  }
}

describe('how much is kept', () => {
  function watch(story: Story, mostMessages = 100): Watch {
    const report = new Watch(mostMessages)
    reported(story.capture, () => report)
    return report
  }

  test('so many messages, the oldest settled first, all of them in the end', () => {
    const story = new Story()
    const s = story.join().enter('s').want(1, '#')
    const p = story.join().enter('p')
    for (let at = 0; at < 1000; at++) {
      p.say(publish(`t/${at % 10}`, `${at}`))
      s.hear(publish(`t/${at % 10}`, `${at}`))
    }
    const { most, settled, roles, fanOut } = watch(story)
    expect(most).toBe(100)
    expect(settled).toBe(1000)
    expect(roles).toMatchObject({ fresh: 1000, copy: 1000 })
    expect(fanOut?.waiting).toBe(0)
  })

  test('the search for subscribers costs so much for each packet, and is left out beyond', () => {
    const DEPTH = 8
    const branch = (bits: number): string =>
      Array.from({ length: DEPTH }, (_, at) => ((bits >> at) & 1 ? '+' : 'a')).join('/')
    const MESSAGES = 6000
    const story = new Story()
    const s = story.join().enter('s')
    for (let bits = 0; bits < 2 ** DEPTH; bits++) s.want(bits + 1, branch(bits))
    const p = story.join().enter('p')
    for (let at = 0; at < MESSAGES; at++) p.say(publish(`${branch(0)}${at}`, 'x'))
    const { expected, unknown } = watch(story)
    expect(expected + unknown).toBe(MESSAGES)
    // A search looks at 382 levels: the first are for nothing, then each sixth message has one.
    expect(expected).toBeGreaterThan(MOST_WORK / 382)
    expect(expected).toBeLessThan(MESSAGES - 1000)
  })

  test('one payload for ever: order is kept over the limit', () => {
    const story = new Story()
    const s = story.join().enter('s').want(1, '#')
    const p = story.join().enter('p')
    for (let at = 0; at < 3000; at++) {
      p.say(publish('t', 'alive'))
      s.hear(publish('t', 'alive'))
    }
    expect(watch(story).roles).toMatchObject({ fresh: 3000, copy: 3000 })
  })

  test('so many seconds', () => {
    const story = new Story()
    const s = story.join().enter('s', { keepAlive: 0 }).want(1, '#')
    const p = story.join().enter('p', { keepAlive: 0 })
    p.say(publish('t', 'x'))
    story.at(WINDOW_S + 1)
    s.hear(publish('t', 'x'))
    expect(watch(story).roles).toMatchObject({ fresh: 2, copy: 0 })
  })

  test('of what nobody has asked for only a little, and only for a moment', () => {
    const story = new Story()
    story.join().enter('s').want(1, 'other')
    const p = story.join().enter('p')
    for (let at = 0; at < 3000; at++) p.say(publish(`t/${at}`, 'x'))
    expect(watch(story, 10_000).most).toBe(MOST_UNASKED)
    story.at(YOUNG_S + 1)
    p.say(publish('t/last', 'x'))
    const { settled, atEnd } = watch(story, 10_000)
    expect(settled).toBe(3001)
    expect(atEnd).toBe(1)
  })

  test('all of it, once somebody gets what he was not seen to ask for', () => {
    const story = new Story()
    const p = story.join().enter('p')
    const stranger = story.join()
    p.say(publish('t', '0'))
    stranger.hear(publish('t', '0'))
    for (let at = 1; at < 3000; at++) p.say(publish('t', `${at}`))
    story.at(60)
    for (let at = 1; at < 3000; at++) stranger.hear(publish('t', `${at}`))
    const { roles, most } = watch(story, 10_000)
    expect(roles).toMatchObject({ fresh: 3000, copy: 3000 })
    expect(most).toBe(3000)
  })

  test('what is asked for by whoever is away', () => {
    const story = new Story()
    story.join().enter('s', { clean: false }).want(1, 'a/+', 1).close()
    const p = story.join().enter('p')
    for (let at = 0; at < 3000; at++) p.say(publish(`a/${at}`, 'x'))
    expect(watch(story, 10_000).most).toBe(3000)
  })

  test('not what was asked for and given up, or by whoever has gone for good', () => {
    const story = new Story()
    story.join().enter('gone').want(1, '#').close()
    story.join().enter('s').want(1, '#').say(unsubscribe(2, '#')).hear(unsuback(2))
    const p = story.join().enter('p')
    for (let at = 0; at < 3000; at++) p.say(publish(`a/${at}`, 'x'))
    expect(watch(story, 10_000).most).toBe(MOST_UNASKED)
  })

  test('a session with more subscriptions than are looked at may get anything', () => {
    const story = new Story()
    const s = story.join().enter('s')
    for (let at = 0; at <= MOST_OF_SESSION; at++) s.want(at + 1, `f/${at}`)
    const p = story.join().enter('p')
    for (let at = 0; at < 3000; at++) p.say(publish(`a/${at}`, 'x'))
    expect(watch(story, 10_000).most).toBe(3000)
  })
})

describe('a window', () => {
  const copy = { packet: 1, stream: connectionOf(), qos: 0, latency: 0 }

  test.each([true, false])('makes room where there are too many copies; asked for: %s', isAsked => {
    const settled: number[] = []
    const window = new Window(({ number }) => void settled.push(number))
    for (let number = 1; settled.length < 3; number++) {
      window.settleOld(0)
      const message = window.take()
      Object.assign(message, { number, a: number, isAsked, stream: copy.stream })
      window.add(message)
      for (let at = 0; at < MOST_COPIES + 1; at++) window.keep(message, copy)
    }
    expect(settled).toEqual([1, 2, 3])
    expect(window.size).toBe(Math.ceil(MOST_KEPT_COPIES / MOST_COPIES))
    window.finish()
    expect(window.size).toBe(0)
  })
})

describe('filters of many sessions', () => {
  const level = fc.constantFrom('', 'a', 'b', '$x')
  const topics = fc.array(level, { minLength: 1, maxLength: 5 }).map(levels => levels.join('/'))
  const filters = fc
    .tuple(fc.array(fc.constantFrom('', 'a', 'b', '+', '$x'), { maxLength: 4 }), fc.constantFrom('a', '#', '+'))
    .map(([levels, last]) => [...levels, last].join('/'))

  test('take what each of them takes, and nothing once they are gone', () => {
    const bytes = (text: string) => new TextEncoder().encode(text)
    const takes = (filter: string, topic: string): boolean =>
      matchesFilter(bytes(filter), 0, filter.length, bytes(topic), 0, topic.length)
    fc.assert(
      fc.property(fc.uniqueArray(filters, { maxLength: 12 }), topics, fc.nat(), (all, topic, gone) => {
        const known = new Filters()
        const entries = all.map(filter => ({ filter, connection: {} as Connection }))
        for (const entry of entries) known.add(entry.filter, entry)
        const lost = entries[gone % Math.max(1, entries.length)]
        if (lost !== undefined) known.delete(lost.filter, lost)
        const found = (known.matching(topic) ?? [])
          .flatMap(({ entries: those }) => [...those.values()])
          .map(({ filter }) => filter)
          .sort()
        const wanted = entries.filter(entry => entry !== lost && takes(entry.filter, topic)).map(({ filter }) => filter)
        expect(found).toEqual(wanted.sort())
      }),
      { numRuns: effort(500, 3000) },
    )
  })
})
