/** `fanout`: every message with its way over the broker: how many got it, how fast, and who should have and did not. */
import { milliseconds } from '../export/answers.ts'
import { json } from '../export/json-text.ts'
import { Style } from '../export/paint.ts'
import { sanitize } from '../export/sanitize.ts'
import type { Frame } from '../line.ts'
import { CONNACK, DISCONNECT, SUBACK, UNSUBACK } from '../mqtt/spec.ts'
import type { Exchange } from '../session/exchanges.ts'
import type { Session } from '../session/session.ts'
import type { Tracker } from '../session/tracker.ts'
import type { PacketRecord, Write } from '../store/record.ts'
import { Clock } from './clock.ts'
import { nameOf } from './exchange-row.ts'
import { FanOut } from './fanout.ts'
import { known } from './handshakes.ts'
import { Histogram } from './histogram.ts'
import { type Copy, type Message, MOST_COPIES } from './message.ts'
import { expectedOf, type Missing, MOST_MISSING, missingOf } from './missing.ts'
import { partLines } from './parts.ts'
import type { Report, ReportOptions } from './report.ts'
import { Sorted } from './sorted.ts'
import { type Cell, type Column, Table } from './table.ts'
import { amount, bytes, duration, moment, plural } from './units.ts'

export interface FanOutReportOptions extends ReportOptions {
  /** Text: a line for each copy. */
  readonly verbose: boolean
  /** Of the fingerprints: random in programs. */
  readonly seed: number
}

/** They settle in order: the first of them decide how wide the columns are, more need not be held. */
const MOST_HELD = 1000

const CHANGES: readonly number[] = [CONNACK, SUBACK, UNSUBACK, DISCONNECT]
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

interface Row {
  readonly message: Message
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
  private readonly chosen = new Set<Message>()
  private readonly latencies = new Histogram()
  private fanOut: FanOut | undefined = undefined
  private tracker: Tracker | undefined = undefined
  private current: Message | undefined = undefined
  private messages = 0
  private copies = 0
  private missing = 0

  constructor(options: FanOutReportOptions, write: Write) {
    this.options = options
    this.write = write
    this.table = new Table(COLUMNS, options, write)
    this.rows = new Sorted<Row>(
      (a, b) => a.message.number - b.message.number,
      rows => this.print(rows),
      MOST_HELD,
    )
  }

  follow(tracker: Tracker): void {
    this.tracker = tracker
    this.fanOut = new FanOut({
      tracker,
      expects: true,
      seed: this.options.seed,
      settled: message => this.settled(message),
    })
  }

  begin(first: Frame): void {
    this.clock.begin(first)
  }

  /** Copies are tied together whatever the display filter says. */
  every(record: PacketRecord): void {
    if (CHANGES.includes(record.type)) this.fanOut?.changed()
    this.current = this.fanOut?.see(record)?.message
  }

  /** A message is told of where one of its packets matches. */
  packet(): void {
    if (this.current !== undefined) this.chosen.add(this.current)
  }

  exchange(exchange: Exchange): void {
    this.fanOut?.exchange(exchange)
  }

  ended(): void {
    this.fanOut?.changed()
  }

  session(_session: Session): void {
    this.fanOut?.changed()
  }

  gap(): void {
    this.fanOut?.changed()
  }

  skipped(): void {}
  damage(): void {}

  finish(): void {
    this.fanOut?.finish()
    this.rows.finish()
    if (this.options.format === 'text') this.total()
  }

  private settled(message: Message): void {
    if (!this.chosen.delete(message)) return
    const missing = missingOf(message, this.tracker?.now ?? Number.NaN)
    this.messages++
    this.copies += message.copyCount
    this.missing += missing.length
    for (const { latency } of message.copies) this.latencies.add(latency)
    this.rows.add({
      message,
      copies: message.copies,
      missing: missing.slice(0, MOST_MISSING),
      missingCount: missing.length,
      expected: expectedOf(message)?.length,
    })
  }

  private print(rows: readonly Row[]): void {
    if (this.options.format === 'ndjson') {
      for (const row of rows) this.write(`${json(recordOf(row, this.clock))}\n`)
    } else if (this.options.verbose) this.table.print(rows.flatMap(row => [cellsOf(row, false), ...copyRows(row)]))
    else this.table.print(rows.map(row => cellsOf(row, true)))
  }

  private total(): void {
    if (this.messages === 0) return this.write('no messages\n')
    const { latencies } = this
    const parts = [
      plural(this.messages, 'message'),
      plural(this.copies, 'copy', 'copies'),
      ...(latencies.count === 0
        ? []
        : [
            `broker latency p50 ${duration(latencies.percentile(0.5))}`,
            `p95 ${duration(latencies.percentile(0.95))}`,
            `p99 ${duration(latencies.percentile(0.99))}`,
            `max ${duration(latencies.most)}`,
          ]),
      `${amount(this.missing)} missing`,
    ]
    this.write(`\n${partLines(parts, this.options.width).join('\n')}\n`)
  }
}

const latenciesOf = ({ copies }: Row): readonly number[] =>
  copies.map(({ latency }) => latency).filter(latency => !Number.isNaN(latency))

function cellsOf(row: Row, names: boolean): readonly Cell[] {
  const { message, missing, expected } = row
  const latencies = latenciesOf(row)
  const isWanting = missing.length > 0
  const got = `${amount(message.copyCount)}${expected === undefined || !message.isSeen ? '' : `/${amount(expected)}`}`
  return [
    `${message.number}`,
    moment(message.time),
    message.isSeen ? nameOf(message.client, message.address) : '(not seen)',
    sanitize(message.topic ?? '(too many topics)'),
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
  if (missing.length > 0) parts.push(`missing: ${named(missing, missingCount)}`)
  if (message.isRefused) parts.push('refused by the broker')
  if (message.extras > 0) parts.push(`${plural(message.extras, 'extra copy', 'extra copies')} for more filters`)
  if (message.replays > 0) parts.push(`${plural(message.replays, 'time')} as retained`)
  if (parts.length === 0 && names && copies.length > 0) parts.push(`→ ${named(copies, message.copyCount)}`)
  return parts.join(', ')
}

function named(clients: readonly Pick<Copy, 'client' | 'address'>[], count: number): string {
  const told = clients.slice(0, MOST_NAMED).map(({ client, address }) => nameOf(client, address))
  const more = count > told.length ? ` and ${amount(count - told.length)} more` : ''
  return `${told.join(', ')}${more}`
}

/** The copies below their message. */
const copyRows = ({ message, copies, missing, missingCount }: Row): readonly (readonly Cell[])[] => [
  ...copies.map(({ packet, client, address, qos, latency }): readonly Cell[] => {
    return [`${packet}`, '', `→ ${nameOf(client, address)}`, '', `${qos}`, '', '', duration(latency), '', '']
  }),
  ...(message.copyCount > MOST_COPIES ? [['', '', `and ${message.copyCount - MOST_COPIES} more`]] : []),
  ...missing.map(({ client, address, qos }): readonly Cell[] => [
    '-',
    '',
    { text: `✗ ${nameOf(client, address)}`, style: Style.yellow },
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

function recordOf({ message, copies, missing, missingCount, expected }: Row, clock: Clock): object {
  const { isSeen, copyCount, extras, replays } = message
  return {
    record: 'fanout',
    packet: message.number,
    time: clock.iso(message.time),
    stream: message.stream,
    publisherSeen: isSeen,
    client: message.client,
    topic: message.topic,
    qos: message.qos,
    retain: message.retain,
    size: message.size,
    refused: message.isRefused ? true : undefined,
    expected: isSeen ? expected : undefined,
    copies: copies.map(({ packet, stream, client, qos, latency }) => ({
      packet,
      stream,
      client,
      qos,
      latencyMs: known(milliseconds(latency)),
    })),
    copiesOmitted: copyCount > copies.length ? copyCount - copies.length : undefined,
    missing: missing.map(({ client, stream, qos }) => ({ client, stream, qos })),
    missingOmitted: missingCount > missing.length ? missingCount - missing.length : undefined,
    extras: extras === 0 ? undefined : extras,
    replays: replays === 0 ? undefined : replays,
  }
}
