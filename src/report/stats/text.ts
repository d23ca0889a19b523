/** The numbers of a capture for people: one table after another, the most asked for first. */

import type { Histogram } from '../../base/histogram.ts'
import { undecidedText } from '../../export/text.ts'
import { TYPE_NAMES, VERSION_NAMES, type Version } from '../../mqtt/spec.ts'
import type { Write } from '../../store/record.ts'
import { KIND_NAMES } from '../../store/vocabulary.ts'
import { plainCount } from '../../text/numbers.ts'
import { paint, Style } from '../../text/paint.ts'
import { partLines } from '../../text/parts.ts'
import { sanitize } from '../../text/sanitize.ts'
import { type Cell, type Column, Table } from '../../text/table.ts'
import { amount, bytes, duration, rate, share } from '../../text/units.ts'
import { arrow } from '../handshakes.ts'
import type { ReportOptions } from '../report.ts'
import { TOPIC_COLUMNS, topicCells } from '../topics.ts'
import { type Latencies, MOST_TOP, type Numbers, topClients } from './numbers.ts'
import type { Rates } from './rates.ts'
import type { Count } from './tally.ts'

const right = (...titles: readonly string[]): readonly Column[] =>
  titles.map(title => ({ title, align: 'right' }) as const)

class Page {
  private readonly options: ReportOptions
  readonly write: Write

  constructor(options: ReportOptions, write: Write) {
    this.options = options
    this.write = write
  }

  table(columns: readonly Column[], rows: readonly (readonly Cell[])[]): void {
    if (rows.length === 0) return
    this.write('\n')
    new Table(columns, this.options, this.write).print(rows)
  }

  /** Parts with dots between, wrapped. */
  line(label: string, parts: readonly string[]): void {
    const lines = partLines(parts, this.options.width, label.length + 1)
    for (const [at, line] of lines.entries()) {
      const title = at > 0 ? ' '.repeat(label.length) : this.options.color ? paint(label, Style.bold) : label
      this.write(`${title} ${line}\n`)
    }
  }
}

export function statsText(numbers: Numbers, options: ReportOptions, write: Write): void {
  const page = new Page(options, write)
  capture(numbers, page)
  types(numbers, page)
  rates(numbers, page)
  latencies(numbers, page)
  overhead(numbers, page)
  top(numbers, page)
}

const LABEL = 10
const label = (text: string): string => text.padEnd(LABEL)

function capture({ tally, summary, sessions, duration: seconds, wire }: Numbers, page: Page): void {
  const { all } = tally
  const of = ([name, count]: readonly [string, Count]): string =>
    `${name} ${amount(count.packets)} (${share(count.packets, all.packets)})`
  page.line(label('Capture'), [
    duration(seconds),
    plainCount(summary.frames, 'frame'),
    `${plainCount(summary.flows, 'TCP connection')} (${amount(summary.connections)} MQTT)`,
    plainCount(sessions, 'session'),
  ])
  page.line(label('MQTT'), [
    plainCount(all.packets, 'packet'),
    bytes(all.bytes),
    ...(tally.malformed > 0 ? [`${amount(tally.malformed)} malformed`] : []),
  ])
  page.line(
    label('Versions'),
    [...tally.versions]
      .sort(([a], [b]) => a - b)
      .map(([version, count]) => of([VERSION_NAMES[version as Version], count])),
  )
  page.line(
    label('From'),
    [...tally.senders].sort(([a], [b]) => (a < b ? -1 : 1)).map(([sender, count]) => of([sender, count])),
  )
  page.line(label('Lost'), losses(wire, summary))
}

function losses(
  wire: Numbers['wire'],
  { skippedBytes, damage, dropped, unread, leftOut, undecided }: Numbers['summary'],
): readonly string[] {
  return [
    plainCount(wire.gaps, 'gap') + (wire.gapBytes > 0 ? ` (${bytes(wire.gapBytes)})` : ''),
    plainCount(wire.retransmissions, 'retransmission') +
      (wire.repeatedBytes > 0 ? ` (${bytes(wire.repeatedBytes)})` : ''),
    ...(wire.copies > 0 ? [plainCount(wire.copies, 'copy of a frame', 'copies of frames')] : []),
    ...(wire.outOfOrder > 0 ? [`${amount(wire.outOfOrder)} out of order`] : []),
    ...(skippedBytes > 0 ? [`${bytes(skippedBytes)} passed over`] : []),
    ...(damage > 0 ? [plainCount(damage, 'damaged place')] : []),
    ...unread.map(({ reason, frames }) => `${plainCount(frames, 'frame')} not read: ${reason}`),
    ...(leftOut === undefined ? [] : [`${plainCount(leftOut, 'stream')} not read: too many at once`]),
    ...(undecided === undefined ? [] : [undecidedText(undecided)]),
    dropped === undefined ? 'drops unknown' : `${amount(dropped)} dropped by the kernel`,
  ]
}

function types({ tally }: Numbers, page: Page): void {
  const { all } = tally
  const row = (name: string, count: Count): readonly Cell[] => [
    name,
    amount(count.packets),
    share(count.packets, all.packets),
    bytes(count.bytes),
    share(count.bytes, all.bytes),
  ]
  const rows = tally.types
    .map((count, type) => ({ count, name: TYPE_NAMES[type] ?? '' }))
    .filter(({ count }) => count.packets > 0)
    .sort((a, b) => b.count.packets - a.count.packets)
    .flatMap(({ count, name }) => {
      const isPublish = name === 'PUBLISH'
      const byQos = isPublish
        ? tally.qos.map((qos, level) => ({ qos, level })).filter(({ qos }) => qos.packets > 0)
        : []
      return [row(name, count), ...byQos.map(({ qos, level }) => row(`  QoS ${level}`, qos))]
    })
  page.table([{ title: 'Packets' }, ...right('count', '', 'bytes', '')], rows)
  if (tally.dups + tally.retained > 0) {
    page.write(`PUBLISH with DUP ${amount(tally.dups)}, with RETAIN ${amount(tally.retained)}\n`)
  }
}

function rates({ tally, duration: seconds }: Numbers, page: Page): void {
  const row = (name: string, rates: Rates): readonly Cell[] => [
    name,
    rate(rates.fewest(seconds)),
    rate(rates.mean(seconds)),
    rate(rates.most),
  ]
  page.table(
    [{ title: 'By the second' }, ...right('least', 'mean', 'most')],
    tally.all.packets === 0 ? [] : [row('packets', tally.packetRates), row('bytes', tally.byteRates)],
  )
  const sizes = (name: string, histogram: Histogram): readonly (readonly Cell[])[] =>
    histogram.count === 0
      ? []
      : [
          [
            name,
            bytes(histogram.least),
            bytes(Math.round(histogram.percentile(0.5))),
            bytes(Math.round(histogram.mean * 10) / 10),
            bytes(Math.round(histogram.percentile(0.95))),
            bytes(Math.round(histogram.percentile(0.99))),
            bytes(histogram.most),
          ],
        ]
  page.table(
    [{ title: 'Sizes' }, ...right('least', 'p50', 'mean', 'p95', 'p99', 'most')],
    [...sizes('packets', tally.sizes), ...sizes('payloads', tally.payloads)],
  )
}

function latencies({ latencies: all }: Numbers, page: Page): void {
  const row = ({ kind, from, total, refused, unfinished }: Latencies): readonly Cell[] => [
    KIND_NAMES[kind],
    arrow(from),
    amount(total.count),
    duration(total.percentile(0.5)),
    duration(total.percentile(0.95)),
    duration(total.percentile(0.99)),
    duration(total.count === 0 ? Number.NaN : total.most),
    refused === 0 ? '-' : { text: amount(refused), style: Style.red },
    unfinished === 0 ? '-' : { text: amount(unfinished), style: Style.yellow },
  ]
  const columns = right('complete', 'p50', 'p95', 'p99', 'max', 'refused', 'unfinished')
  page.table([{ title: 'Latency' }, { title: '' }, ...columns], all.map(row))
}

/** What a hole in a stream holds is part of a packet, but of no frame that was captured. */
function overhead({ tally, wire }: Numbers, page: Page): void {
  if (wire.bytes === 0) return
  // A packet may be larger than what carried it: WebSocket compresses.
  const missing = Math.min(wire.gapBytes, Math.max(0, tally.all.bytes - wire.payload))
  const all = wire.bytes + missing
  const row = (name: string, size: number): readonly Cell[] => [name, bytes(size), share(size, all)]
  page.table(
    [{ title: 'On the wire' }, ...right('bytes', '')],
    [
      row('payloads of messages', tally.payloadBytes),
      row('rest of the MQTT packets', tally.all.bytes - tally.payloadBytes),
      row('other TCP payload', Math.max(0, wire.payload - tally.all.bytes)),
      row('TCP, IP and link headers', wire.bytes - wire.payload),
      row(`all ${amount(wire.frames)} frames`, all),
      ...(missing > 0 ? [row('of this not in the capture', missing)] : []),
    ],
  )
}

function top(numbers: Numbers, page: Page): void {
  const topics = numbers.topics?.table.sorted() ?? []
  page.table(
    TOPIC_COLUMNS,
    topics.slice(0, MOST_TOP).map(({ topic, count }) => topicCells(sanitize(topic), count)),
  )
  const more = (count: number, what: string): void => {
    if (count > MOST_TOP) page.write(`and ${amount(count - MOST_TOP)} more ${what}\n`)
  }
  more(topics.length, 'topics')
  const rows = topClients(numbers).map(([client, { sent, received, published, delivered }]) => [
    sanitize(client),
    amount(sent.packets),
    amount(received.packets),
    bytes(sent.bytes),
    bytes(received.bytes),
    amount(published),
    amount(delivered),
  ])
  const columns = right('packets →', '←', 'bytes →', '←', 'messages →', '←')
  page.table([{ title: 'Client', most: 48, least: 12 }, ...columns], rows)
  more(numbers.tally.clients.size, 'clients')
}
