/** One packet as a tree of its fields, on demand: for the details, the bytes, and whatever has no column. */
import type { Field } from '../base/field.ts'
import { type Node, Tree } from '../mqtt/tree.ts'
import * as N from '../net/fields.ts'
import { TUNNELS } from '../net/layer-fields.ts'
import { walkFrame } from '../net/walk.ts'
import { type DecoderRule, decodePayloads } from './decoded.ts'
import type { PacketRecord } from './record.ts'

export interface Layer {
  /** `frame`, `link`, `ip`, `tunnel`, `tcp`, then the name of the packet's protocol. */
  readonly name: string
  /** True for the layer that is the packet itself. */
  readonly isPacket: boolean
  /** What the offsets of its nodes count in. */
  readonly bytes: Uint8Array
  readonly root: Node
}

const NO_RULES: readonly DecoderRule[] = []

/**
 * Returns the tree of the packet's readable bytes; its offsets are those of `record.raw.bytes`. Payloads are decoded by
 * the rules given, and stay bytes without one.
 */
export function packetTree(record: PacketRecord, rules = NO_RULES): Node {
  const tree = new Tree(record.protocol.root, record.raw.start, record.raw.readable)
  record.walk(tree)
  const root = tree.finish()
  if (rules.length > 0) decodePayloads(record, root, rules)
  return root
}

const NAMES: ReadonlyMap<Field, string> = new Map([
  [N.IP, 'ip'],
  [N.IPV6, 'ip'],
  [N.IPV6_EXTENSION, 'ip'],
  [N.GRE, 'tunnel'],
  [N.VXLAN, 'tunnel'],
  ...TUNNELS.map((field): [Field, string] => [field, 'tunnel']),
  [N.TCP, 'tcp'],
])

/** The layers of a packet, the outermost first; those below the packet are of the frame that holds its last byte. */
export function layersOf(record: PacketRecord, rules = NO_RULES): readonly Layer[] {
  const { frame, bytes } = record.raw
  const tree = new Tree(N.FRAME, frame.start, frame.end)
  walkFrame(frame, tree)
  const { children, ...root } = tree.finish()
  const below = (name: string, root: Node): Layer => ({ name, isPacket: false, bytes: frame.bytes, root })
  return [
    below('frame', { ...root, children: [] }),
    ...children.map(child => below(NAMES.get(child.field) ?? 'link', child)),
    { name: record.protocol.name, isPacket: true, bytes, root: packetTree(record, rules) },
  ]
}
