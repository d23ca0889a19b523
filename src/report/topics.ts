/** `topics`: what was published where, by how many and to how many. */

import type { Frame } from '../base/line.ts'
import { json } from '../export/json-text.ts'
import { Slot } from '../mqtt/fields.ts'
import { PUBLISH, PublishFlag, qosOf } from '../mqtt/spec.ts'
import type { Exchange } from '../session/exchange/exchange.ts'
import { FanOut } from '../session/fanout/fanout.ts'
import type { Tracker } from '../session/tracker.ts'
import type { PacketRecord, Stream, Write } from '../store/record.ts'
import { Clock } from '../text/moments.ts'
import { plainCount } from '../text/numbers.ts'
import { sanitize } from '../text/sanitize.ts'
import { type Cell, type Column, Table } from '../text/table.ts'
import { amount, bytes, rate } from '../text/units.ts'
import { known } from './handshakes.ts'
import type { Report, ReportOptions } from './report.ts'
import { type TopicCount, TopicTable } from './topic-table.ts'

export interface TopicsOptions extends ReportOptions {
  /** Of the fingerprints: random in programs. */
  readonly seed: number
}

export const TOPIC_COLUMNS: readonly Column[] = [
  { title: 'Topic', most: 72, least: 16 },
  { title: 'Msgs', align: 'right' },
  { title: 'Rate', align: 'right' },
  { title: 'Bytes', align: 'right' },
  { title: 'Q 0/1/2 %', align: 'right' },
  { title: 'Ret', align: 'right' },
  { title: 'Pubs', align: 'right' },
  { title: 'Subs', align: 'right' },
  { title: 'Sent on', align: 'right' },
  { title: 'Last', align: 'right' },
]

const encoder = new TextEncoder()

/** Counts every PUBLISH that passes by, each message once. */
export class TopicCounter {
  readonly table = new TopicTable()
  private readonly fanOut: FanOut
  private readonly tracker: Tracker

  constructor(tracker: Tracker, seed: number) {
    this.tracker = tracker
    this.fanOut = new FanOut({ tracker, expects: false, keepsCopies: false, seed, settled: () => {} })
  }

  /** Every packet, also those that are not counted. */
  every(record: PacketRecord): void {
    this.fanOut.onPacket(record)
  }

  ended(stream: Stream): void {
    this.fanOut.left(stream)
  }

  packet(record: PacketRecord): void {
    const { type, packet, raw, stream, side, aliasTopic } = record
    if (type !== PUBLISH) return
    const role = this.fanOut.onPublish(record, record.exchange)?.role
    if (role === undefined) return
    const flags = packet.value(Slot.flags)
    const publication = {
      role,
      byServer: stream.senderOf(side) === 'server',
      size: raw.end - packet.start(Slot.payload),
      qos: qosOf(flags),
      retain: (flags & PublishFlag.retain) !== 0,
      time: this.tracker.now,
      stream,
    }
    if (aliasTopic === undefined)
      return this.table.add(raw.bytes, packet.start(Slot.topic), packet.end(Slot.topic), publication)
    const topic = encoder.encode(aliasTopic)
    this.table.add(topic, 0, topic.length, publication)
  }

  exchange(exchange: Exchange): void {
    this.fanOut.exchange(exchange)
  }
}

export class TopicsReport implements Report {
  private readonly options: TopicsOptions
  private readonly write: Write
  private readonly clock = new Clock()
  private counter: TopicCounter | undefined = undefined

  constructor(options: TopicsOptions, write: Write) {
    this.options = options
    this.write = write
  }

  follow(tracker: Tracker): void {
    this.clock.follow(tracker.steps)
    this.counter = new TopicCounter(tracker, this.options.seed)
  }

  begin(first: Frame): void {
    this.clock.begin(first)
  }

  every(record: PacketRecord): void {
    this.counter?.every(record)
  }

  packet(record: PacketRecord): void {
    this.counter?.packet(record)
  }

  ended(stream: Stream): void {
    this.counter?.ended(stream)
  }

  exchange(exchange: Exchange): void {
    this.counter?.exchange(exchange)
  }

  gap(): void {}
  skipped(): void {}
  damage(): void {}

  finish(): void {
    const { table } = this.counter ?? { table: new TopicTable() }
    const rows = table.sorted()
    const { other } = table
    if (this.options.format === 'ndjson') {
      for (const { topic, count } of rows) this.write(`${json(recordOf(topic, count, this.clock))}\n`)
      if (isUsed(other)) this.write(`${json(recordOf(undefined, other, this.clock))}\n`)
      return
    }
    if (rows.length === 0) return this.write('no topics\n')
    new Table(TOPIC_COLUMNS, this.options, this.write).print({ [Symbol.iterator]: () => linesOf(rows, other) })
    const sum = rows.reduce((messages, { count }) => messages + count.messages, other.messages)
    this.write(`\n${plainCount(rows.length, 'topic')} · ${plainCount(sum, 'message')}\n`)
  }
}

/** Makes the lines one by one: those of 100,000 topics would take 100 MB. */
function* linesOf(rows: ReturnType<TopicTable['sorted']>, other: TopicCount): Generator<readonly Cell[]> {
  for (const { topic, count } of rows) yield topicCells(sanitize(topic), count)
  if (isUsed(other)) yield topicCells('(other topics)', other)
}

const isUsed = ({ messages, delivered }: TopicCount): boolean => messages + delivered > 0

export function topicCells(name: string, count: TopicCount): Cell[] {
  const { publishers, subscribers } = count
  return [
    name,
    amount(count.messages),
    rate(count.perSecond),
    bytes(count.bytes),
    mix(count),
    count.retained === 0 ? '-' : amount(count.retained),
    `${amount(publishers.size)}${publishers.isOpen ? '+' : ''}`,
    `${amount(subscribers.size)}${subscribers.isOpen ? '+' : ''}`,
    amount(count.delivered),
    bytes(count.lastSize),
  ]
}

const mix = ({ qos, messages }: TopicCount): string =>
  messages === 0 ? '-' : qos.map(count => `${Math.round((count / messages) * 100)}`).join('/')

/** Without a name: all topics beyond the limit together. */
export function recordOf(topic: string | undefined, count: TopicCount, clock: Clock): object {
  const { publishers, subscribers } = count
  return {
    record: 'topic',
    topic,
    other: topic === undefined ? true : undefined,
    messages: count.messages,
    delivered: count.delivered,
    bytes: count.bytes,
    qos: count.qos,
    retained: count.retained,
    publishers: publishers.size,
    subscribers: subscribers.size,
    atLeast: publishers.isOpen || subscribers.isOpen ? true : undefined,
    lastSize: count.lastSize,
    perSecond: known(Math.round(count.perSecond * 1000) / 1000),
    first: clock.iso(count.first),
    last: clock.iso(count.last),
  }
}
