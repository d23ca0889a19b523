/** `sessions`: TLS connections that may carry MQTT and that nothing opened, with what is known of them all the same. */
import { json } from '../export/json-text.ts'
import { transportRecord } from '../export/transport-json.ts'
import { otherSide } from '../net/flow.ts'
import type { Side, Stream, Write } from '../store/record.ts'
import type { Clock } from '../text/moments.ts'
import { type Column, Table } from '../text/table.ts'
import { transportWords } from '../text/transport-text.ts'
import { amount, duration } from '../text/units.ts'
import type { ReportOptions } from './report.ts'

/** Connections listed; further ones are counted. */
export const MOST_SEALED = 10_000

export interface SealedRow {
  readonly stream: Stream
  /** Number of the frame up to which the connection was followed. */
  readonly frame: number
}

interface PrintOptions extends ReportOptions {
  readonly clock: Clock
  readonly write: Write
}

const COLUMNS: readonly Column[] = [
  { title: 'Stream', align: 'right' },
  { title: 'Client', most: 47, least: 12 },
  { title: 'Server', most: 47, least: 12 },
  { title: 'Records →', align: 'right' },
  { title: '←', align: 'right' },
  { title: 'Bytes →', align: 'right' },
  { title: '←', align: 'right' },
  { title: 'Lasted', align: 'right' },
  { title: 'What is known', most: 100, least: 20 },
]

/** Prints the rows; `count` is how many there are in all. */
export function printSealed(rows: readonly SealedRow[], count: number, options: PrintOptions): void {
  const { format, write, redact } = options
  if (count === 0) return
  rows = rows.toSorted((a, b) => a.stream.flow.index - b.stream.flow.index)
  if (format === 'ndjson') {
    for (const row of rows) write(`${json(recordOf(row, redact))}\n`)
    return
  }
  write(`\n${amount(count)} TLS ${count === 1 ? 'connection' : 'connections'} that nothing opened\n`)
  new Table(COLUMNS, options, write).print(rows.map(row => cellsOf(row, redact)))
  if (count > rows.length) write(`and ${amount(count - rows.length)} more\n`)
}

const clientOf = ({ client }: Stream): Side => (client === -1 ? 0 : client)

function recordOf({ stream, frame }: SealedRow, redact: boolean): object {
  const { flow, transport } = stream
  const client = clientOf(stream)
  const ends = { src: flow.endpoint(client), dst: flow.endpoint(otherSide(client)) }
  const facts = transport === undefined ? {} : transportRecord(transport, redact)
  return { record: 'transport', stream: flow.index, frame, ...ends, end: true, ...facts }
}

function cellsOf({ stream }: SealedRow, redact: boolean): readonly string[] {
  const { flow, transport } = stream
  const client = clientOf(stream)
  const { records, bytes, times } = transport?.tls ?? { records: [0, 0], bytes: [0, 0], times: [0, 0] }
  const words = transport === undefined ? [] : transportWords(transport, redact)
  return [
    String(flow.index),
    flow.endpoint(client),
    flow.endpoint(otherSide(client)),
    ...[...records, ...bytes].map(amount),
    duration(Math.max(0, times[1] - times[0])),
    words.join(', '),
  ]
}
