/** How much is kept of messages until their copies come, and what a PUBLISH is said to be meanwhile. */
import { describe, expect, test } from 'vitest'
import type { Report } from '../../src/report/report.ts'
import { FanOut, type Role, WINDOW_S } from '../../src/session/fanout/fanout.ts'
import type { Tracker } from '../../src/session/tracker.ts'
import type { PacketRecord } from '../../src/store/record.ts'
import { publish, reported, Story } from '../support/story.ts'

/** Counts roles, and looks at how much is kept. */
class Watch implements Report {
  readonly roles: Record<Role, number> = { fresh: 0, copy: 0, extra: 0, replay: 0, again: 0 }
  most = 0
  settled = 0
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
      settled: () => void this.settled++,
    })
  }

  every(record: PacketRecord): void {
    this.fanOut?.hear(record)
  }

  packet(record: PacketRecord): void {
    const hop = this.fanOut?.see(record, record.exchange)
    if (hop !== undefined) this.roles[hop.role]++
    this.most = Math.max(this.most, this.fanOut?.waiting ?? 0)
  }

  gap(): void {}
  skipped(): void {}
  damage(): void {}
  finish(): void {
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
    expect(fanOut?.keptCopies).toBe(0)
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
    const s = story.join().enter('s').want(1, '#')
    const p = story.join().enter('p')
    p.say(publish('t', 'x'))
    story.at(WINDOW_S + 1)
    s.hear(publish('t', 'x'))
    expect(watch(story).roles).toMatchObject({ fresh: 2, copy: 0 })
  })
})
