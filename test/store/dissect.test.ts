import fc from 'fast-check'
import { expect, it } from 'vitest'
import { fromHex } from '../../src/base/bytes.ts'
import type { Node } from '../../src/mqtt/tree.ts'
import { layersOf, packetTree } from '../../src/store/dissect.ts'
import { MQTT } from '../../src/store/protocol.ts'
import { recordOf } from '../support/record.ts'

/** Not within their parents: a property may be longer than the block it stands in, and is shown whole. */
const check = (node: Node, from: number, to: number): void => {
  expect(node.start).toBeGreaterThanOrEqual(from)
  expect(node.end).toBeLessThanOrEqual(to)
  expect(node.start).toBeLessThanOrEqual(node.end)
  for (const child of node.children) check(child, from, to)
}

it('the tree holds the packet where it stands in its bytes', () => {
  const record = recordOf('30 07 0005 68656c6c6f')
  const root = packetTree(record)
  expect([root.field, root.start, root.end]).toEqual([MQTT.root, 3, 12])
  expect(root.children.map(node => [node.field.name, node.start, node.end])).toEqual([
    ['mqtt.fixed_header', 3, 5],
    ['mqtt.topic_len', 5, 7],
    ['mqtt.topic', 7, 12],
    ['mqtt.msg', 12, 12],
  ])
})

it('the layers below are those of the frame', () => {
  const ethernet = '020000000001 020000000002 0800'
  const ip = '45 00 002a 0000 0000 40 06 0000 c0000207 c0000201'
  const tcp = 'c75a 075b 00000001 00000002 50 18 0100 0000 0000'
  const bytes = fromHex(`${ethernet} ${ip} ${tcp} c000`)
  const record = recordOf('c000', { frame: { bytes, start: 0, end: bytes.length, wireSize: bytes.length } })
  expect(layersOf(record).map(({ name, root }) => [name, root.field.name, root.start, root.end])).toEqual([
    ['frame', 'frame', 0, 56],
    ['link', 'eth', 0, 14],
    ['ip', 'ip', 14, 34],
    ['tcp', 'tcp', 34, 56],
    ['mqtt', 'mqtt', 3, 5],
  ])
})

it('nodes stand within the packet, whatever the bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 2, maxLength: 60 }), fc.constantFrom(0, 3, 4, 5), (bytes, version) => {
      const record = recordOf(bytes, { version: version as 0 | 3 | 4 | 5 })
      const { start, readable } = record.raw
      check(packetTree(record), start, readable)
    }),
  )
})
