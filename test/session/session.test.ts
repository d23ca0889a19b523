/** What outlives a connection: handed on to the next one, and never changed under the one that had it before. */
import { describe, expect, test } from 'vitest'
import { Session, type Subscription } from '../../src/session/session.ts'
import { play } from '../support/playbook.ts'

const subscription = (filter: string, more: Partial<Subscription> = {}): Subscription => ({
  filter,
  pattern: new TextEncoder().encode(filter),
  options: 0,
  granted: undefined,
  before: -1,
  packet: 1,
  identifier: 0,
  until: Number.NaN,
  ...more,
})

const filters = (session: Session | undefined): string[] => [...(session?.subscriptions.keys() ?? [])]

describe('a session', () => {
  test('that nobody shares is changed in place', () => {
    const session = Session.NONE.with(subscription('a'), 4)
    expect(session.with(subscription('b'), 4)).toBe(session)
    expect(session.without('a')).toBe(session)
    expect(filters(session)).toEqual(['b'])
  })

  test('that is shared does not change', () => {
    const session = Session.NONE.with(subscription('a'), 4).shared()
    expect(filters(session.with(subscription('b'), 4))).toEqual(['a', 'b'])
    expect(filters(session.without('a'))).toEqual([])
    expect(filters(session)).toEqual(['a'])
    expect(session.without('c')).toBe(session)
    expect(filters(Session.NONE)).toEqual([])
  })

  test('knows of identifiers and of No Local, which 3.1.1 does not have', () => {
    const flags = ({ hasIdentifiers, hasNoLocal }: Session): boolean[] => [hasIdentifiers, hasNoLocal]
    expect(flags(Session.NONE.with(subscription('a', { options: 4 }), 4))).toEqual([false, false])
    expect(flags(Session.NONE.with(subscription('a', { options: 4 }), 5))).toEqual([false, true])
    expect(
      flags(
        Session.NONE.with(subscription('a', { identifier: 7 }), 5)
          .shared()
          .without('a'),
      ),
    ).toEqual([true, false])
  })

  test('counts what is beyond its limit, and still replaces what it has', () => {
    let session = Session.NONE
    for (let index = 0; index < 10_002; index++) session = session.with(subscription(`a/${index}`), 4)
    session = session.with(subscription('a/0', { packet: 9 }), 4)
    expect([session.subscriptions.size, session.omitted]).toEqual([10_000, 2])
    expect(session.subscriptions.get('a/0')?.packet).toBe(9)
  })
})

describe('a connection that resumes a session', () => {
  const FIRST = 'c: CONNECT keep\ns: CONNACK\nc: SUBSCRIBE #1 a:1\ns: SUBACK #1 1\nc: close\ns: close\n'
  const BACK = `${FIRST}c2: CONNECT keep\ns2: CONNACK present\n`

  test('has the object of the connection before', () => {
    const [first, second] = play(BACK).connections
    expect(second?.session).toBe(first?.session)
    expect(filters(second?.session)).toEqual(['a'])
  })

  test('leaves it as it was for that one', () => {
    const [first, second] = play(
      `${BACK}c2: SUBSCRIBE #2 b:1\ns2: SUBACK #2 1\nc2: UNSUBSCRIBE #3 a\ns2: UNSUBACK #3`,
    ).connections
    expect([filters(first?.session), filters(second?.session)]).toEqual([['a'], ['b']])
  })

  test('does not have it where the broker has none', () => {
    const [, second] = play(`${FIRST}c2: CONNECT keep\ns2: CONNACK`).connections
    expect(second?.session).toBe(Session.NONE)
  })

  test('has what it asked for before its CONNACK instead of what the session had', () => {
    const early = `${FIRST}c2: CONNECT keep\nc2: SUBSCRIBE #2 a:2 b:1\ns2: CONNACK present\ns2: SUBACK #2 2 1\n`
    const { connections, unusual } = play(`${early}s2: PUBLISH q2 #7 a x\nc2: PUBREC #7\ns2: PUBREL #7\nc2: PUBCOMP #7`)
    expect([...(connections[1]?.session.subscriptions.values() ?? [])]).toMatchObject([
      { filter: 'a', granted: 2, before: 1 },
      { filter: 'b', granted: 1, before: -1 },
    ])
    expect(unusual).toEqual([])
  })
})
