/** `stats`: the capture in numbers. */

import type { FlowEnd, Frame } from '../../base/line.ts'
import { json } from '../../export/json-text.ts'
import { MQTT_PORTS } from '../../mqtt/spec.ts'
import type { Connection } from '../../session/connection.ts'
import type { Exchange } from '../../session/exchange/exchange.ts'
import type { Tracker } from '../../session/tracker.ts'
import type { PacketRecord, Side, Stream, Summary, Write } from '../../store/record.ts'

import type { ExchangeKind } from '../../store/vocabulary.ts'
import { Clock } from '../../text/moments.ts'
import type { Report } from '../report.ts'
import { TopicCounter, type TopicsOptions } from '../topics.ts'
import { Latencies, type Numbers } from './numbers.ts'
import { statsRecord } from './record.ts'
import { Tally, Wire } from './tally.ts'
import { statsText } from './text.ts'

export interface StatsOptions extends TopicsOptions {
  /** The TCP ports looked at; absent: those of the streams that are MQTT. */
  readonly ports?: ReadonlySet<number> | undefined
  readonly alsoPorts?: ReadonlySet<number> | undefined
}

const ORDER: readonly ExchangeKind[] = ['connect', 'qos1', 'qos2', 'subscribe', 'unsubscribe', 'ping', 'auth']

export class StatsReport implements Report {
  private readonly options: StatsOptions
  private readonly write: Write
  private readonly clock = new Clock()
  private readonly tally = new Tally()
  private readonly wire: Wire
  private readonly latencies = new Map<string, Latencies>()
  private readonly shown = new WeakSet<Stream>()
  private tracker: Tracker | undefined = undefined
  private topics: TopicCounter | undefined = undefined
  private sessions = 0

  constructor(options: StatsOptions, write: Write) {
    this.options = options
    this.write = write
    this.wire = new Wire([...(options.ports ?? MQTT_PORTS), ...(options.alsoPorts ?? [])])
  }

  follow(tracker: Tracker): void {
    this.tracker = tracker
    this.topics = new TopicCounter(tracker, this.options.seed)
  }

  begin(first: Frame): void {
    this.clock.begin(first)
  }

  frame(frame: Frame): void {
    this.clock.at(frame)
    this.wire.frame(frame)
  }

  every(record: PacketRecord): void {
    this.topics?.every(record)
  }

  packet(record: PacketRecord): void {
    this.tally.add(record, this.tracker?.now ?? Number.NaN)
    this.topics?.packet(record)
    if (this.shown.has(record.stream)) return
    this.shown.add(record.stream)
    this.wire.watch(record.stream)
  }

  exchange(exchange: Exchange, connection: Connection): void {
    this.topics?.exchange(exchange)
    const from = connection.stream.senderOf(exchange.side)
    const key = `${exchange.kind} ${from}`
    const known = this.latencies.get(key) ?? new Latencies(exchange.kind, from)
    this.latencies.set(key, known)
    if (exchange.state === 'complete') known.total.add(exchange.total)
    else if (exchange.state === 'refused') known.refused++
    else known.unfinished++
  }

  connection(): void {
    this.sessions++
  }

  /** With a display filter, TCP is counted of those connections alone that have a packet shown. */
  ended(stream: Stream, _side: Side, _how: FlowEnd): void {
    this.topics?.ended(stream)
    if (this.shown.has(stream)) this.wire.ended(stream)
  }

  gap(): void {}
  skipped(): void {}
  damage(): void {}

  finish(summary: Summary): void {
    const numbers: Numbers = {
      tally: this.tally,
      wire: this.wire,
      topics: this.topics,
      latencies: [...this.latencies.values()].sort(
        (a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind) || (a.from < b.from ? -1 : 1),
      ),
      sessions: this.sessions,
      summary,
      duration: this.clock.duration,
      clock: this.clock,
    }
    if (this.options.format === 'ndjson') this.write(`${json(statsRecord(numbers))}\n`)
    else statsText(numbers, this.options, this.write)
  }
}
