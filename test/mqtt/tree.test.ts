import { describe, expect, test } from 'vitest'
import { defineField } from '../../src/base/field.ts'
import { MOST_NODES, type Node, Tree } from '../../src/mqtt/tree.ts'

const ROOT = defineField({ name: 'root', label: 'Root', kind: 'group', explanation: '' })
const GROUP = defineField({ name: 'group', label: 'Group', kind: 'group', explanation: '' })
const BYTE = defineField({ name: 'byte', label: 'Byte', kind: 'uint', explanation: '' })

const count = ({ children }: Node): number => children.reduce((sum, child) => sum + count(child), children.length)

/** So many groups of one byte each, and a field behind them. */
function groups(many: number): Node {
  const tree = new Tree(ROOT, 0, many + 1)
  for (let at = 0; at < many; at++) {
    tree.open(GROUP, at)
    tree.field(BYTE, at, at + 1, at & 255)
    tree.fault(1, at)
    tree.close(at + 1)
  }
  tree.field(BYTE, many, many + 1, 0)
  return tree.finish()
}

describe('a tree of fields', () => {
  test('below its limit has all of them, each group with its end', () => {
    const root = groups(3)
    expect(root.children.map(({ start, end }) => [start, end])).toEqual([
      [0, 1],
      [1, 2],
      [2, 3],
      [3, 4],
    ])
    expect(root.children[2]?.faults).toEqual([{ fault: 1, at: 2 }])
    expect(root.omitted).toBe(0)
  })

  test('beyond its limit counts what it leaves out, and goes on where it stands', () => {
    const many = 100_000
    const root = groups(many)
    expect(count(root)).toBe(MOST_NODES)
    expect(root.children.length + root.omitted).toBe(many + 1)
    expect(root.children.at(-1)?.end).toBe(MOST_NODES / 2)
    expect(root.end).toBe(many + 1)
  })

  test('keeps so many faults at most', () => {
    const tree = new Tree(ROOT, 0, 1)
    for (let at = 0; at < 50_000; at++) tree.fault(1, at)
    expect(tree.finish().faults).toHaveLength(10_000)
  })
})
