/** `sessions`: every MQTT connection, what was agreed on, what was sent, how it ended. */

import type { Frame } from '../base/line.ts'
import { json } from '../export/json-text.ts'
import { CONNACK, FIRST_FAILURE, SUBACK, VERSION_NAMES } from '../mqtt/spec.ts'
import { otherSide } from '../net/flow.ts'
import type { Connection } from '../session/connection.ts'
import type { Subscription } from '../session/session.ts'
import type { Tracker } from '../session/tracker.ts'
import type { PacketRecord, Side, Stream, Write } from '../store/record.ts'
import { Clock } from '../text/moments.ts'
import { Style } from '../text/paint.ts'
import { sanitize } from '../text/sanitize.ts'
import { type Cell, type Column, Table } from '../text/table.ts'
import { amount, duration } from '../text/units.ts'
import { markOf } from '../transport/facts.ts'
import { endText } from './ending.ts'
import { nameOf } from './exchange-row.ts'
import type { Report, ReportOptions } from './report.ts'
import { MOST_SEALED, printSealed, type SealedRow } from './sealed-rows.ts'
import { sessionDetails } from './session-details.ts'
import { type SessionRow, sessionRecord } from './session-record.ts'
import { Sorted } from './sorted.ts'

/** Subscriptions listed of a session, those taken back included. */
const MOST_LISTED = 1000
/** What is held of a session before it is printed, about. */
const ROW_BYTES = 2000
const SUBSCRIPTION_BYTES = 200

const COLUMNS: readonly Column[] = [
  { title: '#', align: 'right' },
  { title: 'Client', most: 36, least: 10 },
  { title: 'Address', most: 47, least: 12, from: 120 },
  { title: 'MQTT' },
  { title: 'Keep', align: 'right' },
  { title: 'Kept' },
  { title: 'Subs', align: 'right' },
  { title: 'Msgs →', align: 'right' },
  { title: '←', align: 'right' },
  { title: 'Bytes →', align: 'right', from: 100 },
  { title: '←', align: 'right', from: 100 },
  { title: 'Start', align: 'right' },
  { title: 'Lasted', align: 'right' },
  { title: 'End', most: 60, least: 12 },
]

export interface SessionsOptions extends ReportOptions {
  /** Text: all that is known of each, in a paragraph. */
  readonly verbose: boolean
}

export class SessionsReport implements Report {
  private readonly options: SessionsOptions
  private readonly write: Write
  private readonly clock = new Clock()
  private readonly rows: Sorted<SessionRow>
  private readonly table: Table
  private readonly before = new WeakMap<Connection, number>()
  /** Subscriptions that were answered: the session itself forgets those that are taken back. */
  private readonly answered = new WeakMap<Connection, Map<string, Subscription>>()
  private tracker: Tracker | undefined = undefined
  private count = 0
  /** TLS connections that nothing opened: the first of them, and how many there are. */
  private readonly sealedRows: SealedRow[] = []
  private sealedCount = 0

  constructor(options: SessionsOptions, write: Write) {
    this.options = options
    this.write = write
    this.table = new Table(COLUMNS, options, write)
    this.rows = new Sorted<SessionRow>({
      order: (a, b) => a.connection.number - b.connection.number,
      emit: rows => this.print(rows),
      size: sizeOf,
    })
  }

  follow(tracker: Tracker): void {
    this.tracker = tracker
    this.clock.follow(tracker.steps)
  }

  begin(first: Frame): void {
    this.clock.begin(first)
  }

  /** A session knows the one before it only until the next one comes. */
  packet(record: PacketRecord): void {
    if (record.type !== CONNACK && record.type !== SUBACK) return
    const { stream } = record
    const connection = this.tracker?.connectionOn(stream)
    if (connection === undefined) return
    if (record.type === SUBACK) this.remember(connection)
    else if (connection.previous !== undefined) this.before.set(connection, connection.previous.number)
  }

  connection(connection: Connection): void {
    const answered = this.answered.get(connection) ?? new Map<string, Subscription>()
    for (const [filter, subscription] of connection.session.subscriptions) {
      if (answered.size < MOST_LISTED || answered.has(filter)) answered.set(filter, subscription)
    }
    this.count++
    this.rows.add({
      connection,
      previous: this.before.get(connection) ?? connection.previous?.number,
      subscriptions: [...answered.values()],
      // A clock that was turned back ends no session before it began.
      end: Math.max(connection.start, connection.ending?.time ?? this.tracker?.now ?? Number.NaN),
    })
  }

  /** A row of its own: nobody knows how many sessions there are in it. */
  sealed(stream: Stream, frame: Frame): void {
    if (this.sealedRows.length < MOST_SEALED) this.sealedRows.push({ stream, frame: frame.number })
    this.sealedCount++
  }

  gap(): void {}
  skipped(): void {}
  damage(): void {}

  finish(): void {
    this.rows.finish()
    if (this.count === 0 && this.options.format === 'text') this.write('no sessions\n')
    printSealed(this.sealedRows, this.sealedCount, { ...this.options, clock: this.clock, write: this.write })
  }

  private remember(connection: Connection): void {
    const answered = this.answered.get(connection) ?? new Map<string, Subscription>()
    this.answered.set(connection, answered)
    for (const [filter, subscription] of connection.session.subscriptions) {
      if (answered.size >= MOST_LISTED) return
      if (subscription.granted !== undefined) answered.set(filter, subscription)
    }
  }

  private print(rows: readonly SessionRow[]): void {
    const { format, redact, verbose } = this.options
    if (format === 'ndjson') {
      for (const row of rows) this.write(`${json(sessionRecord(row, this.clock, redact))}\n`)
    } else if (verbose) for (const row of rows) this.write(sessionDetails(row, this.clock, this.options))
    else this.table.print(rows.map(row => cellsOf(row, this.clock)))
  }
}

function cellsOf({ connection, subscriptions, end }: SessionRow, clock: Clock): readonly Cell[] {
  const { stream, clientSide } = connection
  const client: Side = clientSide === -1 ? 0 : clientSide
  const sent = connection.peer(client)
  const received = connection.peer(otherSide(client))
  const granted = subscriptions.filter(({ granted }) => granted === undefined || granted < FIRST_FAILURE)
  return [
    `${connection.number}`,
    nameOf(connection.clientId, stream.flow.endpoint(client)),
    sanitize(stream.proxy?.client ?? stream.flow.endpoint(client)),
    versionText(connection),
    keepText(connection),
    connection.connect === 0 ? '?' : connection.isKept ? 'yes' : 'no',
    `${granted.length}`,
    amount(sent.publishes),
    amount(received.publishes),
    amount(sent.bytes),
    amount(received.bytes),
    clock.text(connection.start, 3),
    duration(end - connection.start),
    endCell(connection),
  ]
}

/** With a `?` where the bytes had to tell. */
function sizeOf({ connection: { will, userName = '' }, subscriptions }: SessionRow): number {
  const texts = subscriptions.reduce((sum, { filter }) => sum + 2 * filter.length, userName.length)
  return ROW_BYTES + subscriptions.length * SUBSCRIPTION_BYTES + texts + (will?.payload.length ?? 0)
}

/** `3.1.1`, `5 ws`: with what it is wrapped in. */
function versionText({ version, stream }: Connection): string {
  const spoken = version === 0 ? '?' : `${VERSION_NAMES[version]}${stream.dialect.from === 'bytes' ? '?' : ''}`
  return stream.transport === undefined ? spoken : `${spoken} ${markOf(stream.transport)}`
}

function keepText({ allowedSilence }: Connection): string {
  if (allowedSilence === undefined) return '?'
  return allowedSilence === 0 ? 'off' : `${allowedSilence} s`
}

function endCell(connection: Connection): Cell {
  const text = endText(connection)
  const { ending } = connection
  if (ending?.how === 'refused' || ending?.how === 'rst') return { text, style: Style.red }
  if (ending?.how === 'disconnect') return ending.code >= FIRST_FAILURE ? { text, style: Style.red } : text
  return ending === undefined || ending.how === 'capture' ? { text, style: Style.cyan } : { text, style: Style.yellow }
}
