/** One packet as a tree of its fields, on demand: for the details, the bytes, and whatever has no column. */
import { concatBytes } from '../base/bytes.ts'
import type { Field } from '../base/field.ts'
import { NO_BYTES } from '../mqtt/raw.ts'
import { type Node, Tree } from '../mqtt/tree.ts'
import * as N from '../net/fields.ts'
import { TUNNELS } from '../net/layer-fields.ts'
import { walkFrame } from '../net/walk.ts'
import { LAYERS, type Unit } from '../transport/unit.ts'
import { walkUnit } from '../transport/walk.ts'
import { decodePayloads } from './decoded.ts'
import type { PayloadReader } from './payloads.ts'
import type { PacketRecord } from './record.ts'
import type { Bytes } from './store.ts'

export interface Layer {
  /** `frame`, `link`, `ip`, `tunnel`, `tcp`, `tls`, `websocket`, then the name of the packet's protocol. */
  readonly name: string
  /** True for the layer that is the packet itself. */
  readonly isPacket: boolean
  /** What the offsets of its nodes count in. */
  readonly bytes: Uint8Array
  /** What `bytes[start..end)` are. */
  readonly piece: 'frame' | 'TLS record' | 'WebSocket frame' | 'packet'
  readonly start: number
  readonly end: number
  readonly root: Node
}

/**
 * Returns the tree of the packet's readable bytes; its offsets are those of `record.raw.bytes`. A payload stays bytes without
 * a reader of payloads.
 */
export function packetTree(record: PacketRecord, payloads?: PayloadReader): Node {
  const tree = new Tree(record.protocol.root, record.raw.start, record.raw.readable)
  record.walk(tree)
  const root = tree.finish()
  if (payloads !== undefined) decodePayloads(record, root, payloads)
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

/** Most bytes of a unit that are shown: a WebSocket frame may have gigabytes. */
const MOST_SHOWN = 64 * 1024
const NO_LOG: Bytes = { read: () => new Uint8Array(0) }

const PIECES = { tls: 'TLS record', websocket: 'WebSocket frame' } as const

/** A unit with its header, and with as much of its payload as `log` has. */
function unitLayer(unit: Unit, log: Bytes): Layer {
  const { headerSize, position, there } = unit
  const payload = Math.min(there - headerSize, MOST_SHOWN)
  const behind = payload > 0 ? log.read(position + headerSize, payload) : NO_BYTES
  const bytes = concatBytes(unit.header.subarray(0, headerSize), behind)
  const tree = new Tree(N.FRAME, 0, bytes.length)
  walkUnit(unit, bytes, tree)
  const { root } = tree
  const own = tree.finish().children[0] ?? root
  return { name: unit.kind, isPacket: false, bytes, piece: PIECES[unit.kind], start: 0, end: bytes.length, root: own }
}

/**
 * The layers of a packet, the outermost first; those below the packet are of the frame, the TLS record and the WebSocket
 * frame that hold its last byte. `log`: where the bytes of units are read again; absent: they have their headers alone.
 */
export function layersOf(record: PacketRecord, payloads?: PayloadReader, log = NO_LOG): readonly Layer[] {
  const { frame, bytes, start, kept } = record.raw
  const whole = { bytes: frame.bytes, piece: 'frame', start: frame.start, end: frame.end } as const
  const tree = new Tree(N.FRAME, frame.start, frame.end)
  walkFrame(frame, tree)
  const { children, ...root } = tree.finish()
  const below = (name: string, root: Node): Layer => ({ name, isPacket: false, ...whole, root })
  return [
    below('frame', { ...root, children: [] }),
    ...children.map(child => below(NAMES.get(child.field) ?? 'link', child)),
    ...LAYERS.flatMap(layer => record.units?.[layer] ?? []).map(unit => unitLayer(unit, log)),
    {
      name: record.protocol.name,
      isPacket: true,
      bytes,
      piece: 'packet',
      start,
      end: kept,
      root: packetTree(record, payloads),
    },
  ]
}
