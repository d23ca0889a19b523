/** Sessions: what was agreed on, how they ended, what came before. */
import { describe, expect, test } from 'vitest'
import { SessionsReport } from '../../src/report/sessions.ts'
import { expectValid } from '../support/report-schema.ts'
import {
  connect,
  disconnect,
  packet,
  publish,
  recordsIn,
  reported,
  Story,
  unsuback,
  unsubscribe,
} from '../support/story.ts'

const OPTIONS = { color: false, width: undefined, redact: false, verbose: false } as const

function records(story: Story, redact = false): readonly Record<string, unknown>[] {
  const options = { ...OPTIONS, format: 'ndjson', redact } as const
  const found = recordsIn(reported(story.capture, write => new SessionsReport(options, write)))
  for (const record of found) expectValid(record)
  return found
}

function text(story: Story, verbose = false, width?: number): string {
  const options = { ...OPTIONS, format: 'text', verbose, width } as const
  return reported(story.capture, write => new SessionsReport(options, write))
}

describe('how it ended', () => {
  test.each([
    [
      'DISCONNECT',
      (talk: ReturnType<Story['join']>) => talk.enter('c').say(disconnect()).close(),
      'client: DISCONNECT',
    ],
    ['FIN', (talk: ReturnType<Story['join']>) => talk.enter('c').close(), 'client: closed'],
    ['the capture', (talk: ReturnType<Story['join']>) => talk.enter('c'), 'open'],
    [
      'a refusal',
      (talk: ReturnType<Story['join']>) =>
        talk
          .say(connect('c'))
          .hear(packet(0x20, [0, 2]))
          .close(),
      'broker: refused, identifier rejected',
    ],
    [
      'a reason of the broker',
      (talk: ReturnType<Story['join']>) => talk.enter('c', { version: 5 }).hear(disconnect(0x8b)).close(),
      'broker: DISCONNECT, Server shutting down',
    ],
    [
      'the broker, for silence',
      (talk: ReturnType<Story['join']>) => talk.enter('c', { version: 5 }).hear(disconnect(0x8d)).close(),
      'broker: DISCONNECT, Keep Alive timeout, keep alive exceeded',
    ],
  ])('%s', (_, talk, end) => {
    const story = new Story()
    talk(story.join())
    expect(text(story)).toContain(`  ${end}\n`)
    expect(records(story)).toHaveLength(1)
  })

  test('another connection with its client id', () => {
    const story = new Story()
    const first = story.join().enter('c')
    story.at(1)
    story.join().enter('c').say(disconnect()).close()
    first.close()
    const [before, after] = records(story)
    expect(before).toMatchObject({ session: 1, end: { how: 'takeover' } })
    expect(after).toMatchObject({ session: 2, previous: 1, end: { how: 'disconnect', by: 'client' } })
  })
})

describe('what is told', () => {
  test('a chain of sessions', () => {
    const story = new Story()
    for (const second of [0, 1, 2]) {
      story.at(second)
      story
        .join()
        .enter('c', { clean: false, present: second > 0 })
        .say(disconnect())
        .close()
    }
    expect(records(story).map(({ previous, kept, sessionPresent }) => [previous, kept, sessionPresent])).toEqual([
      [undefined, true, false],
      [1, true, true],
      [2, true, true],
    ])
    expect(text(story, true)).toContain('after session 1 of the same client')
  })

  test('subscriptions, those taken back too', () => {
    const story = new Story()
    story.join().enter('c').want(1, 'a/#', 1).want(2, 'b', 2, 0).say(unsubscribe(3, 'a/#')).hear(unsuback(3)).close()
    expect(records(story)[0]?.subscriptions).toEqual([
      { filter: 'a/#', qos: 1, granted: 1, packet: 3, ended: true },
      { filter: 'b', qos: 2, granted: 0, packet: 5 },
    ])
    expect(text(story, true)).toContain('subscribed a/# Q1 granted (no longer), b Q2 granted Q0')
  })

  test('what each side sent, and the most in flight', () => {
    const story = new Story()
    const talk = story.join().enter('c', { version: 5 })
    talk.say(publish('t', 'x', { qos: 1, id: 1, properties: [] }), publish('t', 'y', { qos: 1, id: 2, properties: [] }))
    talk.hear(publish('u', 'z', { properties: [] }))
    expect(records(story)[0]).toMatchObject({
      fromClient: { packets: 3, publishes: 2, mostInFlight: 2, receiveMaximum: 65_535 },
      fromServer: { packets: 2, publishes: 1, mostInFlight: 0 },
    })
  })

  test('a will and its fate', () => {
    const story = new Story()
    story
      .join()
      .enter('polite', { will: ['gone', 'polite'] })
      .say(disconnect())
      .close()
    story
      .join()
      .enter('hasty', { will: ['gone', 'hasty'] })
      .close()
    const wills = records(story).map(({ will }) => will)
    expect(wills).toMatchObject([
      { topic: 'gone', payload: { size: 6, text: 'polite' }, state: 'discarded' },
      { topic: 'gone', payload: { size: 5, text: 'hasty' }, state: 'due' },
    ])
    expect(records(story, true).map(({ will }) => (will as { payload: unknown }).payload)).toEqual([
      { size: 6 },
      { size: 5 },
    ])
    expect(text(story, true)).toContain('gone Q0 "polite" 6 B, thrown away by DISCONNECT')
  })

  test('a start in the middle: what nobody knows is not told', () => {
    const story = new Story()
    story.join().say(publish('t', 'x'))
    const [session] = records(story)
    expect(session).not.toHaveProperty('client')
    expect(session).not.toHaveProperty('keepAlive')
    expect(session).toMatchObject({ whole: false, end: { how: 'capture' } })
    expect(text(story)).toMatch(/^1 +192\.0\.2\.11:40000 /m)
  })

  test('a packet that waited behind a hole until both sides had ended', () => {
    const story = new Story()
    story.join().lose(connect('lost')).say(disconnect()).close()
    const [session, ...others] = records(story)
    expect(session).toMatchObject({ whole: false, end: { how: 'disconnect' } })
    expect(others).toEqual([])
  })

  test('none', () => {
    expect(text(new Story())).toBe('no sessions\n')
  })
})
