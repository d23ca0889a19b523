/** Numbers, columns, limits: what all reports are made of. */

import { execFileSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { Frame } from '../../src/base/line.ts'
import { Chosen } from '../../src/report/chosen.ts'
import { Sorted } from '../../src/report/sorted.ts'
import { Rates } from '../../src/report/stats/rates.ts'
import { TopicTable } from '../../src/report/topic-table.ts'
import { Clock } from '../../src/text/moments.ts'
import { cells } from '../../src/text/sanitize.ts'
import { strftime } from '../../src/text/strftime.ts'
import { type Column, Table } from '../../src/text/table.ts'
import { amount, bytes, duration, rate } from '../../src/text/units.ts'
import { text } from '../support/capture.ts'
import { connectionOf } from '../support/record.ts'
import { needs } from '../support/tools.ts'

describe('units', () => {
  test.each([
    [Number.NaN, '-'],
    [0, '0 s'],
    [3e-9, '3 ns'],
    [0.0000412, '41.2 µs'],
    [0.00099951, '1.00 ms'],
    [0.412, '412 ms'],
    [4.2, '4.20 s'],
    [99.96, '1m 40s'],
    [3599.6, '1h 00m'],
    [93_600, '1d 02h'],
    [-0.002, '-2.00 ms'],
  ])('%d s: %s', (seconds, told) => {
    expect(duration(seconds)).toBe(told)
  })

  test.each([
    [0, '0'],
    [99_999, '99999'],
    [100_000, '100k'],
    [1_234_567, '1.23M'],
    [0.5, '0.50'],
    [2920.4, '2920'],
    [999_600, '1.00M'],
  ])('%d: %s', (value, told) => {
    expect(amount(value)).toBe(told)
  })

  test('of bytes and of seconds', () => {
    expect([bytes(12), bytes(1_234_567), rate(0.25), rate(Number.NaN), rate(Number.POSITIVE_INFINITY)]).toEqual([
      '12 B',
      '1.23 MB',
      '0.25/s',
      '-',
      '-',
    ])
  })
})

describe('tables', () => {
  const columns: readonly Column[] = [
    { title: 'Name', most: 40, least: 6 },
    { title: 'Count', align: 'right' },
    { title: 'Note', most: 40, least: 6, from: 30 },
  ]
  const print = (width: number | undefined, rows: string[][]): string[] => {
    let out = ''
    new Table(columns, { width, color: false }, more => {
      out += more
    }).print(rows)
    return out.split('\n').slice(0, -1)
  }
  const rows = [
    ['a name of some length', '7', 'nothing to note here'],
    ['数据数据数据数据', '12345', ''],
  ]

  test('stand below each other', () => {
    expect(print(undefined, rows)).toEqual([
      'Name                   Count  Note',
      'a name of some length      7  nothing to note here',
      '数据数据数据数据       12345',
    ])
  })

  test('the widest columns are cut, by cells', () => {
    const lines = print(36, rows)
    expect(lines).toEqual(['Name           Count Note', 'a name of som…     7 nothing to not…', '数据数据数据…  12345'])
    for (const line of lines) expect(cells(line)).toBeLessThanOrEqual(36)
  })

  test('some are left out where there is no room', () => {
    expect(print(28, rows)[1]).toBe('a name of some length     7')
  })
})

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

describe('moments', () => {
  test('with the digits of the capture', () => {
    const clock = new Clock()
    const first = Object.assign(new Frame(), { number: 1, seconds: 1_700_000_000, nanos: 999_999_000, timeDigits: 6 })
    clock.begin(first)
    expect(clock.iso(0.000001)).toBe('2023-11-14T22:13:21.000000Z')
    expect(clock.iso(3600.5)).toBe('2023-11-14T23:13:21.499999Z')
    expect(clock.iso(Number.NaN)).toBeUndefined()
    clock.at(Object.assign(new Frame(), { number: 2, seconds: 1_700_000_009, nanos: 0 }))
    expect(clock.duration).toBeCloseTo(8.000001, 6)
  })

  needs('date')('as strftime writes them', () => {
    const letters = [...'aAbBcCdDeFgGhHIjklmMpPrRsSTuUVwWxXyYzZ']
    for (const seconds of [0, 951_782_400, 1_167_609_599, 1_230_768_000, 1_419_984_000, 1_609_459_199, 1_709_211_723]) {
      const date = new Date(seconds * 1000)
      const format = letters.map(letter => `%${letter}`).join('|')
      const told = execFileSync('date', ['-d', `@${seconds}`, `+${format}`], {
        env: { ...process.env, LC_ALL: 'C' },
        encoding: 'utf8',
      })
      expect(letters.map(letter => strftime(letter, date)).join('|')).toBe(told.trimEnd())
    }
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
