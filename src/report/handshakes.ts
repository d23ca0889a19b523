/** `handshakes`: every exchange, from its opener to its last answer, with the latency of each leg. */

import { Histogram } from '../base/histogram.ts'
import type { Frame } from '../base/line.ts'
import { json } from '../export/json-text.ts'
import { FIRST_FAILURE } from '../mqtt/spec.ts'
import type { Connection } from '../session/connection.ts'
import type { Exchange } from '../session/exchange/exchange.ts'
import type { Tracker } from '../session/tracker.ts'
import type { PacketRecord, Write } from '../store/record.ts'
import { EXCHANGE_KINDS, type ExchangeKind, type ExchangeState, KIND_NAMES } from '../store/vocabulary.ts'
import { Clock } from '../text/moments.ts'
import { Style } from '../text/paint.ts'
import { sanitize } from '../text/sanitize.ts'
import { type Cell, type Column, Table } from '../text/table.ts'
import { amount, duration, milliseconds } from '../text/units.ts'
import { aliasedTopic, type ExchangeRow, exchangeRow, nameOf, QOS } from './exchange-row.ts'
import type { Report, ReportOptions } from './report.ts'
import { Sorted } from './sorted.ts'

/** Exchanges whose topic was an alias, while they are open; beyond it the topic is left out. */
const MOST_ALIASED = 65_536
/** What is held of an exchange before it is printed, about. */
const ROW_BYTES = 800

/** From here on there is room for the packet numbers of all steps, and for their types too. */
const NARROW = 116
const WIDE = 160

/** Told by a sign and by a word: never by colour alone. */
const STATES: Readonly<Record<ExchangeState, { readonly sign: string; readonly style: string }>> = {
  complete: { sign: '✓', style: Style.green },
  refused: { sign: '✗', style: Style.red },
  abandoned: { sign: '!', style: Style.yellow },
  open: { sign: '…', style: Style.cyan },
}

const COLUMNS: readonly Column[] = [
  { title: '#', align: 'right' },
  { title: 'Time', align: 'right', from: 96 },
  { title: 'Client', most: 23, least: 8 },
  { title: '' },
  { title: 'Exchange' },
  { title: 'Id', align: 'right' },
  { title: 'Topic', most: 48, least: 8 },
  { title: 'Total', align: 'right' },
  { title: '' },
  { title: 'Steps', most: 90, least: 21 },
]

export class HandshakesReport implements Report {
  private readonly options: ReportOptions
  private readonly write: Write
  private readonly clock = new Clock()
  private readonly rows: Sorted<ExchangeRow>
  private readonly table: Table
  private readonly totals = new Totals()
  private readonly aliased = new Map<number, string>()
  private tracker: Tracker | undefined = undefined

  constructor(options: ReportOptions, write: Write) {
    this.options = options
    this.write = write
    this.table = new Table(COLUMNS, options, write)
    this.rows = new Sorted<ExchangeRow>({
      order: (a, b) => a.opener - b.opener,
      emit: rows => this.print(rows),
      size: ({ topic = '' }) => ROW_BYTES + topic.length,
    })
  }

  follow(tracker: Tracker): void {
    this.tracker = tracker
    this.clock.follow(tracker.steps)
  }

  begin(first: Frame): void {
    this.clock.begin(first)
  }

  packet(record: PacketRecord): void {
    if (record.exchange?.opener !== record.number || this.aliased.size >= MOST_ALIASED) return
    const topic = aliasedTopic(record)
    if (topic !== undefined) this.aliased.set(record.number, topic)
  }

  exchange(exchange: Exchange, connection: Connection): void {
    const { opener } = exchange
    const topic = this.aliased.get(opener) ?? this.tracker?.topics.text(exchange.topic)
    this.aliased.delete(opener)
    const row = exchangeRow(exchange, connection, topic, this.tracker?.now ?? Number.NaN)
    this.totals.add(row)
    this.rows.add(row)
  }

  gap(): void {}
  skipped(): void {}
  damage(): void {}

  finish(): void {
    this.rows.finish()
    if (this.options.format === 'text') this.totals.print(this.options, this.write)
  }

  private print(rows: readonly ExchangeRow[]): void {
    const { format, width = Number.POSITIVE_INFINITY } = this.options
    if (format === 'text') return this.table.print(rows.map(row => cellsOf(row, this.clock, width)))
    for (const row of rows) this.write(`${json(recordOf(row, this.clock))}\n`)
  }
}

function cellsOf(row: ExchangeRow, clock: Clock, width: number): readonly Cell[] {
  const { sign, style } = STATES[row.state]
  return [
    `${row.opener}`,
    clock.text(row.legs[0]?.time ?? Number.NaN),
    nameOf(row.client, row.address),
    arrow(row.from),
    KIND_NAMES[row.kind],
    row.packetId === undefined ? '' : `${row.packetId}`,
    sanitize(row.topic ?? ''),
    row.state === 'complete' || row.state === 'refused' ? duration(row.total) : '',
    { text: sign, style },
    stepsText(row, width),
  ]
}

export const arrow = (from: ExchangeRow['from']): string => (from === 'server' ? '←' : from === 'client' ? '→' : '?')

/** Packet, type and latency of each answer, as far as there is room; then what is missing. */
function stepsText(row: ExchangeRow, width: number): string {
  const answers = row.legs.slice(1).map(({ packet, time, type }, at) => {
    const latency = duration(Math.max(0, time - (row.legs[at]?.time ?? Number.NaN)))
    if (width >= WIDE) return `#${packet} ${type} ${latency}`
    return width < NARROW ? latency.replace(' ', '') : `#${packet} ${latency.replace(' ', '')}`
  })
  const notes = [waiting(row), refusal(row), repeated(row)].filter(note => note !== '')
  if (width >= NARROW) return [...answers, ...notes].join(', ')
  // The latency of a single answer is the total.
  return [...(answers.length > 1 ? [answers.join(' ')] : []), ...notes].join(', ')
}

function waiting({ awaited, state }: ExchangeRow): string {
  if (awaited === undefined) return ''
  const who = awaited.from === 'unknown' ? '' : ` from ${awaited.from === 'server' ? 'broker' : 'client'}`
  const verb = state === 'open' ? 'waits for' : 'no'
  return `${verb} ${awaited.type}${who}${Number.isNaN(awaited.waited) ? '' : ` for ${duration(awaited.waited)}`}`
}

function refusal({ state, code, reason }: ExchangeRow): string {
  if (state !== 'refused') return ''
  const text = code >= FIRST_FAILURE ? `0x${code.toString(16)}` : `${code}`
  return `refused: ${reason ?? 'reserved code'} (${text})`
}

function repeated({ repeats, dups, resumed }: ExchangeRow): string {
  const again = repeats === 0 ? '' : `${repeats} sent again${dups > 0 ? ` (${dups} DUP)` : ''}`
  const over = resumed === 0 ? '' : `over ${resumed === 1 ? 'a reconnect' : `${resumed} reconnects`}`
  return [again, over].filter(text => text !== '').join(' ')
}

function recordOf(row: ExchangeRow, clock: Clock): object {
  const { legs, awaited, topic, kind } = row
  const isPublish = QOS[kind] !== undefined
  return {
    record: 'exchange',
    kind,
    opener: row.opener,
    time: clock.iso(legs[0]?.time ?? Number.NaN),
    stream: row.stream,
    client: row.client,
    from: row.from,
    packetId: row.packetId,
    ...(topic === undefined ? {} : isPublish ? { topic } : { filter: topic }),
    qos: QOS[kind],
    state: row.state,
    steps: legs.map(({ packet, type, from, time }, at) => ({
      packet,
      type,
      from,
      latencyMs: at === 0 ? undefined : known(milliseconds(Math.max(0, time - (legs[at - 1]?.time ?? Number.NaN)))),
    })),
    totalMs: row.state === 'complete' || row.state === 'refused' ? known(milliseconds(row.total)) : undefined,
    repeats: row.repeats,
    dups: row.dups,
    resumed: row.resumed === 0 ? undefined : row.resumed,
    ...(row.state === 'refused' ? { reasonCode: row.code, reason: row.reason } : {}),
    awaits: awaited && {
      type: awaited.type,
      from: awaited.from,
      since: clock.iso(awaited.since),
      waitedMs: known(milliseconds(awaited.waited)),
    },
  }
}

/** JSON has no NaN: what is not known is absent. */
export const known = (value: number): number | undefined => (Number.isNaN(value) ? undefined : value)

const TOTAL_COLUMNS: readonly Column[] = [
  { title: 'Exchange' },
  ...['count', 'complete', 'refused', 'abandoned', 'open', 'again', 'p50', 'p95', 'max'].map(
    title => ({ title, align: 'right' }) as const,
  ),
]

class Total {
  readonly latencies = new Histogram()
  readonly states: Record<ExchangeState, number> = { complete: 0, refused: 0, abandoned: 0, open: 0 }
  count = 0
  repeats = 0
}

/** By kind: how many there were, how they ended, how long the complete ones took. */
class Totals {
  private readonly kinds = new Map<ExchangeKind, Total>()

  add({ kind, state, total, repeats }: ExchangeRow): void {
    const sum = this.kinds.get(kind) ?? new Total()
    this.kinds.set(kind, sum)
    sum.count++
    sum.states[state]++
    sum.repeats += repeats
    if (state === 'complete') sum.latencies.add(total)
  }

  print(options: ReportOptions, write: Write): void {
    if (this.kinds.size === 0) return void write('no exchanges\n')
    write('\n')
    const names = EXCHANGE_KINDS
    new Table(TOTAL_COLUMNS, options, write).print(names.flatMap(kind => this.row(kind)))
  }

  private row(kind: ExchangeKind): readonly (readonly Cell[])[] {
    const sum = this.kinds.get(kind)
    if (sum === undefined) return []
    const { states, latencies } = sum
    const state = (name: ExchangeState): Cell =>
      states[name] === 0 ? '-' : { text: amount(states[name]), style: STATES[name].style }
    return [
      [
        KIND_NAMES[kind],
        amount(sum.count),
        state('complete'),
        state('refused'),
        state('abandoned'),
        state('open'),
        sum.repeats === 0 ? '-' : amount(sum.repeats),
        duration(latencies.percentile(0.5)),
        duration(latencies.percentile(0.95)),
        duration(latencies.count === 0 ? Number.NaN : latencies.most),
      ],
    ]
  }
}
