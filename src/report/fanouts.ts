/** `fanout`: every message with its way over the broker: how many got it, how fast, and who should have and did not. */

import { Histogram } from '../base/histogram.ts'
import type { Frame } from '../base/line.ts'
import { json } from '../export/json-text.ts'
import { type Copy, type Message, type Missing, MOST_COPIES } from '../session/fanout/message.ts'
import type { Tracker } from '../session/tracker.ts'
import type { PacketRecord, Stream, Write } from '../store/record.ts'
import { Clock } from '../text/moments.ts'
import { plainCount } from '../text/numbers.ts'
import { Style } from '../text/paint.ts'
import { partLines } from '../text/parts.ts'
import { sanitize } from '../text/sanitize.ts'
import { type Cell, type Column, Table } from '../text/table.ts'
import { amount, bytes, duration, milliseconds } from '../text/units.ts'
import { addressOf, nameOf } from './exchange-row.ts'
import { known } from './handshakes.ts'
import type { Report, ReportOptions } from './report.ts'
import { Sorted } from './sorted.ts'

export interface FanOutReportOptions extends ReportOptions {
  /** Text: a line for each copy. */
  readonly verbose: boolean
}

/** Rows held back. Messages settle in order, but for those that nobody asks for, which come before the others: of a long
 *  capture with both they may be told a little early. */
const MOST_HELD = 2000
/** What is held of a row before it is printed, about. */
const ROW_BYTES = 400
const COPY_BYTES = 100

/** Clients who got nothing that are named one by one; more are counted. */
const MOST_MISSING = 20

/** Clients that are named on a line. */
const MOST_NAMED = 3

const COLUMNS: readonly Column[] = [
  { title: '#', align: 'right' },
  { title: 'Time', align: 'right', from: 100 },
  { title: 'Publisher', most: 23, least: 9 },
  { title: 'Topic', most: 48, least: 10 },
  { title: 'Q', align: 'right' },
  { title: 'Size', align: 'right' },
  { title: 'Got', align: 'right' },
  { title: 'First', align: 'right' },
  { title: 'Last', align: 'right' },
  { title: '', most: 60, least: 10 },
]

/** What is told of a message itself: its object is used again. */
type Kept = Pick<
  Message,
  | 'number'
  | 'time'
  | 'stream'
  | 'qos'
  | 'size'
  | 'retain'
  | 'isPublisherSeen'
  | 'isRefused'
  | 'copyCount'
  | 'extras'
  | 'replays'
>

function kept(message: Message): Kept {
  const { number, time, stream, qos, size, retain, isPublisherSeen, isRefused, copyCount, extras, replays } = message
  return { number, time, stream, qos, size, retain, isPublisherSeen, isRefused, copyCount, extras, replays }
}

interface Row {
  readonly message: Kept
  /** Undefined where there were too many topics to keep. */
  readonly topic: string | undefined
  readonly copies: readonly Copy[]
  readonly missing: readonly Missing[]
  readonly missingCount: number
  readonly expected: number | undefined
}

export class FanOutReport implements Report {
  private readonly options: FanOutReportOptions
  private readonly write: Write
  private readonly clock = new Clock()
  private readonly table: Table
  private readonly rows: Sorted<Row>
  /** Numbers of messages of which a packet was let through. */
  private readonly chosen = new Set<number>()
  private readonly latencies = new Histogram()
  private tracker: Tracker | undefined = undefined
  private messages = 0
  private copies = 0
  private missing = 0
  /** Messages of which it was not worked out who is to get them: too many subscribers. */
  private unknown = 0

  constructor(options: FanOutReportOptions, write: Write) {
    this.options = options
    this.write = write
    this.table = new Table(COLUMNS, options, write)
    this.rows = new Sorted<Row>({
      order: (a, b) => a.message.number - b.message.number,
      emit: rows => this.print(rows),
      size: ({ copies, missing }) => ROW_BYTES + (copies.length + missing.length) * COPY_BYTES,
      most: MOST_HELD,
    })
  }

  follow(tracker: Tracker): void {
    this.tracker = tracker
    this.clock.follow(tracker.steps)
  }

  begin(first: Frame): void {
    this.clock.begin(first)
  }

  /** A message is told of where one of its packets matches. */
  packet({ fanOut }: PacketRecord): void {
    if (fanOut !== undefined && fanOut.opener > 0) this.chosen.add(fanOut.opener)
  }

  gap(): void {}
  skipped(): void {}
  damage(): void {}

  finish(): void {
    this.rows.finish()
    if (this.options.format === 'text') this.total()
  }

  message(message: Message): void {
    if (!this.chosen.delete(message.number)) return
    const { missing } = message
    this.messages++
    this.copies += message.copyCount
    this.missing += missing.length
    if (message.isPublisherSeen && message.expectedCount < 0) this.unknown++
    for (const { latency } of message.copies) this.latencies.add(latency)
    this.rows.add({
      message: kept(message),
      topic: this.tracker?.topics.text(message.topic),
      copies: message.copies,
      missing: missing.slice(0, MOST_MISSING),
      missingCount: missing.length,
      expected: message.expectedCount < 0 ? undefined : message.expectedCount,
    })
  }

  private print(rows: readonly Row[]): void {
    if (this.options.format === 'ndjson') {
      for (const row of rows) this.write(`${json(recordOf(row, this.clock))}\n`)
    } else if (this.options.verbose)
      this.table.print(rows.flatMap(row => [cellsOf(row, this.clock, false), ...copyRows(row)]))
    else this.table.print(rows.map(row => cellsOf(row, this.clock, true)))
  }

  private total(): void {
    if (this.messages === 0) return this.write('no messages\n')
    const { latencies } = this
    const parts = [
      plainCount(this.messages, 'message'),
      plainCount(this.copies, 'copy', 'copies'),
      ...(latencies.count === 0
        ? []
        : [
            `broker latency p50 ${duration(latencies.percentile(0.5))}`,
            `p95 ${duration(latencies.percentile(0.95))}`,
            `p99 ${duration(latencies.percentile(0.99))}`,
            `max ${duration(latencies.most)}`,
          ]),
      `${amount(this.missing)} missing`,
      ...(this.unknown === 0 ? [] : [`${plainCount(this.unknown, 'message')} with too many subscribers to tell`]),
    ]
    this.write(`\n${partLines(parts, this.options.width).join('\n')}\n`)
  }
}

const latenciesOf = ({ copies }: Row): readonly number[] =>
  copies.map(({ latency }) => latency).filter(latency => !Number.isNaN(latency))

function cellsOf(row: Row, clock: Clock, names: boolean): readonly Cell[] {
  const { message, missing, expected } = row
  const latencies = latenciesOf(row)
  const isWanting = missing.length > 0
  const got = `${amount(message.copyCount)}${expected === undefined || !message.isPublisherSeen ? '' : `/${amount(expected)}`}`
  return [
    `${message.number}`,
    clock.text(message.time),
    message.isPublisherSeen ? clientOf(message.stream) : '(not seen)',
    sanitize(row.topic ?? '(too many topics)'),
    `${message.qos}`,
    bytes(message.size),
    isWanting ? { text: got, style: Style.yellow } : got,
    duration(latencies.length === 0 ? Number.NaN : latencies.reduce((a, b) => Math.min(a, b))),
    duration(latencies.length === 0 ? Number.NaN : latencies.reduce((a, b) => Math.max(a, b))),
    isWanting ? { text: notes(row, names), style: Style.yellow } : notes(row, names),
  ]
}

function notes({ message, missing, missingCount, copies }: Row, names: boolean): string {
  const parts: string[] = []
  if (missing.length > 0)
    parts.push(
      `missing: ${named(
        missing.map(({ connection }) => connection.stream),
        missingCount,
      )}`,
    )
  if (message.isRefused) parts.push('refused by the broker')
  if (message.extras > 0) parts.push(`${plainCount(message.extras, 'extra copy', 'extra copies')} for more filters`)
  if (message.replays > 0) parts.push(`${plainCount(message.replays, 'time')} as retained`)
  if (parts.length === 0 && names && copies.length > 0)
    parts.push(
      `→ ${named(
        copies.map(({ stream }) => stream),
        message.copyCount,
      )}`,
    )
  return parts.join(', ')
}

function named(streams: readonly Stream[], count: number): string {
  const told = streams.slice(0, MOST_NAMED).map(clientOf)
  const more = count > told.length ? ` and ${amount(count - told.length)} more` : ''
  return `${told.join(', ')}${more}`
}

const clientOf = (stream: Stream): string => nameOf(stream.clientId, addressOf(stream))

/** The copies below their message. */
const copyRows = ({ message, copies, missing, missingCount }: Row): readonly (readonly Cell[])[] => [
  ...copies.map(({ packet, stream, qos, latency }): readonly Cell[] => {
    return [`${packet}`, '', `→ ${clientOf(stream)}`, '', `${qos}`, '', '', duration(latency), '', '']
  }),
  ...(message.copyCount > MOST_COPIES ? [['', '', `and ${message.copyCount - MOST_COPIES} more`]] : []),
  ...missing.map(({ connection, qos }): readonly Cell[] => [
    '-',
    '',
    { text: `✗ ${clientOf(connection.stream)}`, style: Style.yellow },
    '',
    `${qos}`,
    '',
    '',
    '',
    '',
    'did not come',
  ]),
  ...(missingCount > missing.length ? [['-', '', `✗ and ${amount(missingCount - missing.length)} more`]] : []),
]

function recordOf({ message, topic, copies, missing, missingCount, expected }: Row, clock: Clock): object {
  const { isPublisherSeen, stream, copyCount, extras, replays } = message
  return {
    record: 'fanout',
    packet: message.number,
    time: clock.iso(message.time),
    stream: stream.flow.index,
    publisherSeen: isPublisherSeen,
    client: isPublisherSeen ? stream.clientId : undefined,
    topic,
    qos: message.qos,
    retain: message.retain,
    size: message.size,
    refused: message.isRefused ? true : undefined,
    expected: isPublisherSeen ? expected : undefined,
    copies: copies.map(({ packet, stream: { flow, clientId }, qos, latency }) => ({
      packet,
      stream: flow.index,
      client: clientId,
      qos,
      latencyMs: known(milliseconds(latency)),
    })),
    copiesOmitted: copyCount > copies.length ? copyCount - copies.length : undefined,
    missing: missing.map(({ connection: { stream }, qos }) => ({
      client: stream.clientId,
      stream: stream.flow.index,
      qos,
    })),
    missingOmitted: missingCount > missing.length ? missingCount - missing.length : undefined,
    extras: extras === 0 ? undefined : extras,
    replays: replays === 0 ? undefined : replays,
  }
}
