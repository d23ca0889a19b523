/**
 * Edge nodes of Sparkplug B, by broker, group and node: what their births said, and what is known of them now. A node whose
 * client is in the capture is followed by what the client sends; one that is not, by the copies of one subscriber.
 */
import { AgedMap } from '../../base/aged.ts'
import type { Births, BornMetric } from '../../payload/sparkplug.ts'
import type { Connection } from '../connection.ts'

/** Nodes remembered; beyond it the one that was silent for longest is forgotten. */
export const MOST_NODES = 10_000
/** Metrics remembered of all nodes, and the characters of their names; beyond either, births are remembered in part. */
export const MOST_METRICS = 100_000
export const MOST_NAME_CHARACTERS = 16 * 1024 * 1024
/** Devices remembered of one node; the data of others is not judged. */
const MOST_DEVICES = 10_000

/** `unknown`: nothing that was seen tells. */
export type NodeState = 'online' | 'offline' | 'unknown'

export interface Metric extends BornMetric {
  readonly alias: string | undefined
  /** Undefined for a metric of the node itself. */
  readonly device: string | undefined
  /** The last value as JSON, which the report keeps, and the seconds since the capture began at which it came. */
  value: string | undefined
  time: number
}

export interface Device {
  state: NodeState
  /** Seconds since the capture began at which the state began. */
  since: number
  births: number
}

export class Node {
  readonly group: string
  readonly id: string
  readonly broker: string
  /** The connection by which the node is followed: its own, or that of a subscriber. */
  source: Connection | undefined = undefined
  isByClient = false
  /** An NBIRTH came over `source`, and no NDEATH after it. */
  isBorn = false
  /** Nothing is missing since the NBIRTH. */
  isComplete = false
  /** The last `seq`; NaN where the next one may be any. */
  seq = Number.NaN
  state: NodeState = 'unknown'
  since = Number.NaN
  births = 0
  /** Packet and bdSeq of the last NBIRTH; 0 and NaN for none. */
  birth = 0
  bdSeq = Number.NaN
  /** bdSeq of the last will; NaN for none. */
  willBdSeq = Number.NaN
  messages = 0
  /** Messages that the counter shows to be missing. */
  lost = 0
  readonly devices = new Map<string, Device>()
  /** By device and name. */
  readonly metrics = new Map<string, Metric>()
  readonly aliases = new Map<string, Metric>()

  constructor(broker: string, group: string, id: string) {
    this.broker = broker
    this.group = group
    this.id = id
  }

  /** Returns what the births said of the metrics of the node itself, or of one of its devices. */
  of(device: string | undefined): Births {
    return {
      byAlias: alias => this.aliases.get(alias),
      byName: name => this.metrics.get(keyOf(device, name)),
    }
  }

  /** Follows the node over another connection: what was known holds no longer. */
  follow(source: Connection, isByClient: boolean): void {
    this.source = source
    this.isByClient = isByClient
    this.isBorn = this.isComplete = false
    this.seq = Number.NaN
  }

  /** Bytes are missing: there may have been anything in them. */
  lose(): void {
    this.seq = Number.NaN
    this.isComplete = false
  }

  turn(state: NodeState, time: number): void {
    if (this.state !== state) this.since = time
    this.state = state
    if (state !== 'offline') return
    for (const device of this.devices.values()) turnDevice(device, state, time)
  }

  /** Returns the device; undefined for one beyond the limit. */
  device(name: string, time: number): Device | undefined {
    const known = this.devices.get(name)
    if (known !== undefined || this.devices.size >= MOST_DEVICES) return known
    const device: Device = { state: 'unknown', since: time, births: 0 }
    this.devices.set(name, device)
    return device
  }
}

export function turnDevice(device: Device, state: NodeState, time: number): void {
  if (device.state !== state) device.since = time
  device.state = state
}

/** Returns the key of a metric in `Node.metrics`; names of devices have no zero character. */
export const keyOf = (device: string | undefined, name: string): string => `${device ?? ''}\0${name}`

export class Nodes {
  /** What was looked at, by the words of `tck.ts`: a rule that had no occasion was neither kept nor broken. */
  readonly occasions = new Set<string>()
  /** More was born than is remembered. */
  isFull = false
  private readonly nodes = new AgedMap<string, Node>()
  private metrics = 0
  private characters = 0

  get size(): number {
    return this.nodes.size
  }

  all(): Iterable<Node> {
    return this.nodes.values()
  }

  find(broker: string, group: string, id: string): Node | undefined {
    return this.nodes.get(`${broker}/${group}/${id}`)
  }

  /** Returns the node, made on first sight; it is now the one that spoke last. */
  of(broker: string, group: string, id: string): Node {
    const key = `${broker}/${group}/${id}`
    const node = this.nodes.get(key) ?? new Node(broker, group, id)
    this.nodes.delete(key)
    this.nodes.set(key, node)
    if (this.nodes.size > MOST_NODES) this.forget(this.nodes.takeOldest())
    return node
  }

  /** Forgets what the births said: of the node with all its devices, or of one device. */
  clear(node: Node, device?: string): void {
    for (const [key, metric] of node.metrics) {
      if (device !== undefined && metric.device !== device) continue
      node.metrics.delete(key)
      if (metric.alias !== undefined && node.aliases.get(metric.alias) === metric) node.aliases.delete(metric.alias)
      this.metrics--
      this.characters -= key.length
    }
  }

  /** Adds what a birth says of a metric; false beyond the limits. */
  add(node: Node, metric: Metric): boolean {
    const key = keyOf(metric.device, metric.name)
    const isNew = !node.metrics.has(key)
    if (isNew && (this.metrics >= MOST_METRICS || this.characters + key.length > MOST_NAME_CHARACTERS)) {
      this.isFull = true
      return false
    }
    if (isNew) this.metrics++
    if (isNew) this.characters += key.length
    node.metrics.set(key, metric)
    if (metric.alias !== undefined) node.aliases.set(metric.alias, metric)
    return true
  }

  private forget(node: Node | undefined): void {
    if (node !== undefined) this.clear(node)
  }
}
