/** Order, limits, rates: what all reports are made of. */

import { describe, expect, test } from 'vitest'
import { Chosen } from '../../src/report/chosen.ts'
import { Sorted } from '../../src/report/sorted.ts'
import { Rates } from '../../src/report/stats/rates.ts'
import { TopicTable } from '../../src/report/topic-table.ts'
import { text } from '../support/capture.ts'
import { connectionOf } from '../support/record.ts'

describe('rows that become known in another order', () => {
  test('come out in order, as far as the limit lets them', () => {
    const out: number[][] = []
    const sorted = new Sorted<number>({
      order: (a, b) => a - b,
      emit: rows => void out.push([...rows]),
      size: () => 1,
      most: 4,
    })
    for (const row of [3, 1, 4, 2, 8, 6, 5, 7]) sorted.add(row)
    sorted.finish()
    expect(out).toEqual([
      [1, 2],
      [3, 4],
      [5, 6],
      [7, 8],
    ])
  })

  test('many bytes are a limit too', () => {
    const out: number[][] = []
    const sorted = new Sorted<number>({
      order: (a, b) => a - b,
      emit: rows => void out.push([...rows]),
      size: row => row,
      mostBytes: 100,
    })
    for (const row of [30, 20, 60, 10, 200, 1]) sorted.add(row)
    sorted.finish()
    expect(out).toEqual([[20, 30], [10, 60], [1], [200]])
  })
})

describe('which packets were let through', () => {
  test('are remembered, as far as there is room', () => {
    const chosen = new Chosen(64)
    for (const number of [1, 5, 33, 64, 70]) chosen.add(number)
    expect([1, 2, 33, 64, 65, 70, 71].map(number => chosen.has(number))).toEqual([
      false,
      false,
      true,
      true,
      false,
      true,
      false,
    ])
    chosen.add(1_000_000)
    expect([33, 70, 999_999, 1_000_000].map(number => chosen.has(number))).toEqual([false, false, false, true])
  })
})

describe('by the second', () => {
  test('least, mean and most, silence included', () => {
    const rates = new Rates()
    for (const time of [0.1, 0.2, 0.9, 1.5, 4.2]) rates.add(time)
    expect([rates.fewest(4.5), rates.mean(4.5), rates.most]).toEqual([0, 1, 3])
    expect([rates.fewest(9.5), rates.mean(9.5)]).toEqual([0, 0.5])
  })

  test('a capture of less than a second', () => {
    const rates = new Rates()
    rates.add(0.1)
    rates.add(0.2)
    expect([rates.fewest(0.3), rates.mean(0.3), rates.most]).toEqual([2, 2, 2])
  })
})

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
