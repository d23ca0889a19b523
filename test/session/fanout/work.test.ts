import { describe, expect, test } from 'vitest'
import type { Connection } from '../../../src/session/connection.ts'
import { Filters } from '../../../src/session/fanout/filters.ts'
import type { Message } from '../../../src/session/fanout/message.ts'
import type { Expected, Subscriber } from '../../../src/session/fanout/subscribers.ts'
import { MOST_EXPECTED, Window } from '../../../src/session/fanout/window.ts'
import { MOST_WORK, Work } from '../../../src/session/fanout/work.ts'

describe('work', () => {
  test('is spent once, and comes back with packets and copies', () => {
    const work = new Work()
    expect(work.spend(MOST_WORK + 1)).toBe(false)
    expect(work.spend(MOST_WORK)).toBe(true)
    expect(work.spend(1)).toBe(false)
    work.earn()
    expect(work.spend(65)).toBe(false)
    expect(work.spend(64)).toBe(true)
    work.earn(1000)
    expect(work.spend(1064)).toBe(true)
  })

  test('so many packets ask for no more than so much of it, whatever they ask', () => {
    const work = new Work()
    let done = 0
    for (let packet = 0; packet < 100_000; packet++) {
      work.earn()
      if (work.spend(15_000)) done += 15_000
    }
    expect(done).toBeLessThan(MOST_WORK + 100_000 * 64)
  })
})

describe('the subscribers of messages on their way', () => {
  const setOf = (size: number): Expected =>
    new Map(
      Array.from({ length: size }, () => {
        const connection = {} as Connection
        return [connection, { connection } as Subscriber]
      }),
    )
  const messageIn = (window: Window, number: number): Message => {
    const message = window.take()
    message.number = message.a = message.b = number
    message.isAsked = true
    window.add(message)
    return message
  }

  test('are kept once for all messages that have the same', () => {
    const window = new Window(() => {})
    const all = setOf(MOST_EXPECTED)
    for (let number = 1; number <= 100; number++) expect(window.expect(messageIn(window, number), all)).toBe(true)
  })

  test('have a limit: beyond it nobody is expected, until a message is settled', () => {
    const settled: number[] = []
    const window = new Window(message => settled.push(message.number), 2)
    expect(window.expect(messageIn(window, 1), setOf(MOST_EXPECTED))).toBe(true)
    const second = messageIn(window, 2)
    expect(window.expect(second, setOf(1))).toBe(false)
    expect(second.expected).toBeUndefined()
    window.settleOld(0)
    expect(settled).toEqual([1])
    expect(window.expect(second, setOf(1))).toBe(true)
  })
})

describe('filters that branch at each level', () => {
  test('are given up beyond so many', () => {
    const known = new Filters()
    const connection = {} as Connection
    const DEPTH = 13
    for (let bits = 0; bits < 2 ** DEPTH; bits++) {
      const filter = Array.from({ length: DEPTH }, (_, at) => ((bits >> at) & 1 ? '+' : 'a')).join('/')
      known.add(filter, { connection, filter })
    }
    expect(known.matching(Array.from({ length: DEPTH }, () => 'a').join('/'))).toBeUndefined()
    expect(known.matching(Array.from({ length: DEPTH }, () => 'b').join('/'))).toHaveLength(1)
  })
})
