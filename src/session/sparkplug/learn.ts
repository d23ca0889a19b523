/** What messages say about edge nodes of Sparkplug B and their devices. */
import { Slot } from '../../mqtt/fields.ts'
import { PublishFlag } from '../../mqtt/spec.ts'
import type { PacketRecord } from '../../store/record.ts'
import type { Connection } from '../connection.ts'
import { type Node, type Nodes, turnDevice } from './nodes.ts'
import { bdSeqOf, type Malformed, type Reading } from './reading.ts'
import { lostBefore } from './sequence.ts'
import { hasSeq, isBirth, isData, type SparkplugTopic } from './topic.ts'

/** What is needed of the context of a packet. */
interface Where {
  readonly record: PacketRecord
  readonly connection: Connection
  readonly time: number
}

/** Larger steps of the counter are steps back. */
const MOST_LOST = 128
const WRAP = 256

/** A client publishes for its node. `reading`: undefined for a payload that was not captured. */
export function learnMessage(
  nodes: Nodes,
  node: Node,
  topic: SparkplugTopic,
  reading: Reading | Malformed | undefined,
  where: Where,
): void {
  if (node.source !== where.connection) node.follow(where.connection, true)
  learn(nodes, node, topic, reading, where)
}

/**
 * A broker delivers what a node has published. One subscriber is enough: true if the node is followed by this one. A node
 * whose client is in the capture is not followed by copies; but its death comes from the broker.
 */
export function learnCopy(
  nodes: Nodes,
  node: Node,
  topic: SparkplugTopic,
  reading: Reading | Malformed | undefined,
  where: Where,
): boolean {
  const { record, connection, time } = where
  const isRetained = (record.packet.value(Slot.flags) & PublishFlag.retain) !== 0
  const { source } = node
  if (node.isByClient && source !== undefined) {
    if (topic.type === 'NDEATH' && isOfBirth(node, reading) && !source.stands) node.turn('offline', time)
    if (source.stands || topic.type === 'NDEATH') return false
  }
  if (isRetained || (source !== undefined && source !== connection && source.stands)) return false
  if (source !== connection) node.follow(connection, false)
  if (isRepeated(node, topic, reading)) return true
  learn(nodes, node, topic, reading, where)
  return true
}

const isOfBirth = ({ bdSeq }: Node, reading: Reading | Malformed | undefined): boolean =>
  reading !== undefined && !('fault' in reading) && (Number.isNaN(bdSeq) || bdSeqOf(reading) === bdSeq)

/** True if a subscriber gets the message once more, for another of its subscriptions. */
const isRepeated = ({ seq }: Node, { type }: SparkplugTopic, reading: Reading | Malformed | undefined): boolean =>
  hasSeq(type) && type !== 'NBIRTH' && reading !== undefined && !('fault' in reading) && reading.seq === seq

function learn(
  nodes: Nodes,
  node: Node,
  topic: SparkplugTopic,
  reading: Reading | Malformed | undefined,
  { record, time }: Where,
): void {
  const { type, device } = topic
  const read = reading === undefined || 'fault' in reading || reading.isCompressed ? undefined : reading
  node.messages++
  if (hasSeq(type)) count(node, type === 'NBIRTH', read?.seq ?? Number.NaN)
  if (type === 'NBIRTH') learnBirth(nodes, node, read, record.number, time)
  else if (type === 'NDEATH') learnDeath(node, read, time)
  else if (isData(type) || type === 'DBIRTH') node.turn('online', time)
  if (device !== undefined && device !== '') learnDevice(nodes, node, topic, device, time)
  if (isBirth(type)) addMetrics(nodes, node, device, read, record.number, time)
}

/** The counter goes on; where it was not read, the next one may be any. */
function count(node: Node, isFirst: boolean, seq: number): void {
  if (!isFirst && !Number.isNaN(node.seq) && !Number.isNaN(seq)) {
    const lost = lostBefore(seq, node.seq)
    if (lost < MOST_LOST) node.lost += lost
  }
  node.seq = seq < WRAP ? seq : Number.NaN
}

function learnBirth(nodes: Nodes, node: Node, read: Reading | undefined, packet: number, time: number): void {
  nodes.clear(node)
  for (const device of node.devices.values()) turnDevice(device, 'offline', time)
  node.isBorn = true
  node.isComplete = read !== undefined
  node.births++
  node.birth = packet
  node.bdSeq = read === undefined ? Number.NaN : bdSeqOf(read)
  node.turn('online', time)
}

/** The NDEATH of an older connection says nothing about the birth that stands. */
function learnDeath(node: Node, read: Reading | undefined, time: number): void {
  if (!node.isByClient && read !== undefined && !Number.isNaN(node.bdSeq) && bdSeqOf(read) !== node.bdSeq) return
  node.isBorn = false
  node.turn('offline', time)
}

function learnDevice(nodes: Nodes, node: Node, { type }: SparkplugTopic, name: string, time: number): void {
  const device = node.device(name, time)
  if (device === undefined) return
  if (type === 'DBIRTH') {
    nodes.clear(node, name)
    device.births++
  }
  turnDevice(device, type === 'DDEATH' ? 'offline' : 'online', time)
}

function addMetrics(
  nodes: Nodes,
  node: Node,
  device: string | undefined,
  read: Reading | undefined,
  from: number,
  time: number,
): void {
  if (read === undefined) node.isComplete = false
  for (const { name, alias, type } of read?.metrics ?? []) {
    if (name === undefined) continue
    const isRemembered = nodes.add(node, { name, alias, type, device, from, value: undefined, time })
    if (!isRemembered) return
  }
}
