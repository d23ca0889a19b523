/** One packet as a tree of its fields, on demand: for the details, the bytes, and whatever has no column. */
import { defineField } from '../field.ts'
import { type Node, Tree } from '../mqtt/tree.ts'
import { walk } from '../mqtt/walk.ts'
import type { PacketRecord } from './record.ts'

export interface Layer {
  readonly name: 'frame' | 'link' | 'ip' | 'tcp' | 'mqtt'
  /** What the offsets of its nodes count in. */
  readonly bytes: Uint8Array
  readonly root: Node
}

export const MQTT = defineField({
  name: 'mqtt',
  label: 'MQTT',
  kind: 'group',
  section: 'MQTT 5 §2.1, MQTT 3.1.1 §2.1',
  explanation: 'One control packet: a fixed header, for most types a variable header, for some a payload.',
})

/** The tree of the packet's readable bytes; its offsets are those of `record.raw.bytes`. */
export function mqttTree(record: PacketRecord): Node {
  const { raw } = record
  const tree = new Tree(MQTT, raw.start, raw.readable)
  walk(raw.bytes, raw.start, raw.readable, record.version, tree)
  return tree.finish()
}

/** The layers of a packet, the outermost first. */
export const layersOf = (record: PacketRecord): readonly Layer[] => [
  { name: 'mqtt', bytes: record.raw.bytes, root: mqttTree(record) },
]
