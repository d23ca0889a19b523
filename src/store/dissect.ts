/** One packet as a tree of its fields, on demand: for the details, the bytes, and whatever has no column. */
import { defineField, type Field } from '../base/field.ts'
import { type Node, Tree } from '../mqtt/tree.ts'
import { walk } from '../mqtt/walk.ts'
import * as N from '../net/fields.ts'
import { walkFrame } from '../net/walk.ts'
import type { PacketRecord } from './record.ts'

export interface Layer {
  readonly name: 'frame' | 'link' | 'ip' | 'tunnel' | 'tcp' | 'mqtt'
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

const NAMES: ReadonlyMap<Field, Layer['name']> = new Map([
  [N.IP, 'ip'],
  [N.IPV6, 'ip'],
  [N.IPV6_EXTENSION, 'ip'],
  [N.GRE, 'tunnel'],
  [N.VXLAN, 'tunnel'],
  [N.TCP, 'tcp'],
])

/** The layers of a packet, the outermost first; those below MQTT are of the frame that holds its last byte. */
export function layersOf(record: PacketRecord): readonly Layer[] {
  const { frame, bytes } = record.raw
  const tree = new Tree(N.FRAME, frame.start, frame.end)
  walkFrame(frame, tree)
  const { children, ...root } = tree.finish()
  return [
    { name: 'frame', bytes: frame.bytes, root: { ...root, children: [] } },
    ...children.map(child => ({ name: NAMES.get(child.field) ?? 'link', bytes: frame.bytes, root: child })),
    { name: 'mqtt', bytes, root: mqttTree(record) },
  ]
}
