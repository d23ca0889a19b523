/** `sparkplug`: edge nodes and devices of Sparkplug B, what their births and data said, and what the test kit would say. */

import type { Frame } from '../base/line.ts'
import { Slot } from '../mqtt/fields.ts'
import { PUBLISH } from '../mqtt/spec.ts'
import { SparkplugDecoder } from '../payload/sparkplug.ts'
import type { RuleFinding } from '../session/finding.ts'
import { keyOf, type Node } from '../session/sparkplug/nodes.ts'
import { tckResults } from '../session/sparkplug/tck.ts'
import { isSparkplug, type SparkplugTopic, topicOf } from '../session/sparkplug/topic.ts'
import type { Tracker } from '../session/tracker.ts'
import type { PacketRecord, Write } from '../store/record.ts'
import { Clock } from '../text/moments.ts'
import type { Report } from './report.ts'
import { printRecords, printText, type SparkplugOptions } from './sparkplug-rows.ts'
import { MetricValues } from './sparkplug-values.ts'

export class SparkplugReport implements Report {
  private readonly options: SparkplugOptions
  private readonly write: Write
  private readonly clock = new Clock()
  private readonly decoder = new SparkplugDecoder()
  private readonly broken = new Map<string, number>()
  private tracker: Tracker | undefined = undefined

  constructor(options: SparkplugOptions, write: Write) {
    this.options = options
    this.write = write
  }

  follow(tracker: Tracker): void {
    this.tracker = tracker
    this.clock.follow(tracker.steps)
  }

  begin(first: Frame): void {
    this.clock.begin(first)
  }

  /** Keeps the values of the metrics: of what the node's client sends, or of the copies by which the node is followed. */
  packet(record: PacketRecord): void {
    const { tracker } = this
    if (tracker === undefined || record.type !== PUBLISH || record.isCut || !isSparkplug(record)) return
    const topic = topicOf(record)
    const connection = tracker.connectionOn(record.stream)
    if (topic === undefined || connection === undefined || connection.clientSide === -1) return
    const isByClient = record.side === connection.clientSide
    const broker = record.stream.flow.endpoint(connection.clientSide === 1 ? 0 : 1)
    const node = tracker.nodes.find(broker, topic.group, topic.node)
    if (node?.source === connection && node.isByClient === isByClient) this.keep(node, topic, record, tracker.now)
  }

  private keep(node: Node, { device }: SparkplugTopic, { packet, raw }: PacketRecord, time: number): void {
    if (!packet.has(Slot.payload)) return
    const values = new MetricValues(raw.bytes, (name, value) => {
      const metric = node.metrics.get(keyOf(device, name ?? ''))
      if (metric === undefined) return
      metric.value = value
      metric.time = time
    })
    this.decoder.births = node.of(device)
    this.decoder.decode(raw.bytes, packet.start(Slot.payload), packet.end(Slot.payload), values)
  }

  ruleFinding({ id }: RuleFinding): void {
    this.broken.set(id, (this.broken.get(id) ?? 0) + 1)
  }

  gap(): void {}
  skipped(): void {}
  damage(): void {}

  finish(): void {
    const { tracker, options, clock, write } = this
    if (tracker === undefined) return
    const tck = tckResults(tracker.nodes.occasions, this.broken)
    const nodes = [...tracker.nodes.all()].filter(({ messages }) => messages > 0).toSorted(byName)
    const what = { nodes, tck, clock, write }
    if (options.format === 'ndjson') printRecords(what, options)
    else printText(what, options)
  }
}

const byName = (a: Node, b: Node): number => {
  const [one, other] = [a, b].map(({ group, id, broker }) => `${group}/${id} ${broker}`) as [string, string]
  return one < other ? -1 : one > other ? 1 : 0
}
