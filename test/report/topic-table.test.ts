/** Counts by topic, up to a limit. */
import { describe, expect, test } from 'vitest'
import { TopicTable } from '../../src/report/topic-table.ts'
import { text } from '../support/capture.ts'
import { connectionOf } from '../support/record.ts'

describe('topics', () => {
  const stream = connectionOf()
  const publication = (parts: object = {}) => ({
    ...{ role: 'fresh' as const, byServer: false, size: 3, qos: 1, retain: false, time: 0, stream },
    ...parts,
  })
  const add = (table: TopicTable, topic: string, parts: object = {}): void => {
    const name = text(topic)
    table.add(name, 0, name.length, publication(parts))
  }

  test('beyond the limit all others are one, exactly', () => {
    const table = new TopicTable(100)
    for (let round = 0; round < 3; round++) for (let at = 0; at < 1000; at++) add(table, `t/${at}`)
    expect(table.size).toBe(100)
    expect(table.other).toMatchObject({ messages: 2700, bytes: 8100 })
    expect(table.sorted()[0]).toMatchObject({ topic: 't/0', count: { messages: 3, bytes: 9, qos: [0, 3, 0] } })
  })

  test('clients beyond the limit: at least so many', () => {
    const table = new TopicTable(100, 10)
    for (let index = 0; index < 50; index++) add(table, 't', { stream: connectionOf({ index }) })
    const { publishers } = table.sorted()[0]?.count ?? {}
    expect([publishers?.size, publishers?.isOpen]).toEqual([10, true])
  })

  test('copies, repeats and clients are told apart', () => {
    const table = new TopicTable()
    const named = connectionOf({ index: 1 })
    named.clientId = 's'
    const again = connectionOf({ index: 2 })
    again.clientId = 's'
    add(table, 't', { retain: true })
    add(table, 't', { role: 'again' })
    for (const stream of [named, again]) add(table, 't', { role: 'copy', byServer: true, stream })
    const { count } = table.sorted()[0] ?? {}
    expect(count).toMatchObject({ messages: 1, delivered: 2, retained: 1 })
    expect([count?.publishers.size, count?.subscribers.size]).toEqual([1, 1])
  })
})
