/** Tables of text. */
import { describe, expect, test } from 'vitest'
import { cells } from '../../src/text/cells.ts'
import { type Column, Table } from '../../src/text/table.ts'

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
