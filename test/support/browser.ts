/** Everything that a browser is to run, plugged together: analysis, filters, exporters, reports. */
import { Document } from '../../src/analysis/document.ts'
import { ReportAnalysis } from '../../src/analysis/report-analysis.ts'
import { MemoryLog } from '../../src/capture/log.ts'
import { resolveFields } from '../../src/export/columns.ts'
import { CsvExporter } from '../../src/export/csv.ts'
import { FieldsExporter } from '../../src/export/fields.ts'
import { NdjsonExporter } from '../../src/export/ndjson.ts'
import { TextExporter } from '../../src/export/text.ts'
import { Filter } from '../../src/filter/filter.ts'
import { FanOutReport } from '../../src/report/fanouts.ts'
import { FindingsReport } from '../../src/report/findings.ts'
import { HandshakesReport } from '../../src/report/handshakes.ts'
import type { Report, ReportOptions } from '../../src/report/report.ts'
import { SessionsReport } from '../../src/report/sessions.ts'
import { StatsReport } from '../../src/report/stats/stats.ts'
import { TopicsReport } from '../../src/report/topics.ts'
import type { Write } from '../../src/store/record.ts'

const FIELDS = ['frame.number', 'ip.src', 'tcp.stream', 'mqtt.topic', 'mqtt.msg', 'mqtt.finding.id', 'mqtt.fanout.role']
const SHOWN: ReportOptions = { format: 'text', color: false, width: 140, redact: false }
const DEEP = 'mqtt.msg contains "2" or mqtt.topic matches "^site/[a-z]" or ip.src in {192.0.2.12, 192.0.2.16/28}'

type Make = (write: Write) => Report

const MAKERS: Readonly<Record<string, Make>> = {
  text: write => new TextExporter({ time: 'r', color: false, verbose: true, bytes: true, redact: false }, write),
  ndjson: write => new NdjsonExporter({}, write),
  fields: write => new FieldsExporter({ columns: resolveFields(FIELDS) }, write),
  csv: write => new CsvExporter({ columns: resolveFields(FIELDS) }, write),
  handshakes: write => new HandshakesReport(SHOWN, write),
  sessions: write => new SessionsReport({ ...SHOWN, verbose: true }, write),
  'sessions, records': write => new SessionsReport({ ...SHOWN, format: 'ndjson', verbose: true }, write),
  topics: write => new TopicsReport({ ...SHOWN, seed: 0 }, write),
  fanout: write => new FanOutReport({ ...SHOWN, verbose: true }, write),
  findings: write => new FindingsReport({ ...SHOWN, explain: true, verbose: true }, write),
  stats: write => new StatsReport({ ...SHOWN, seed: 0, ports: new Set([1883]) }, write),
}

function told(bytes: Uint8Array, make: Make, filter: Filter | undefined): string {
  let text = ''
  const write: Write = more => {
    text += more
  }
  const analysis = new ReportAnalysis(make(write), {
    depth: 'copies',
    count: Number.POSITIVE_INFINITY,
    filter,
    seed: 0,
  })
  analysis.push(bytes)
  analysis.finish(analysis.end())
  return text
}

/** What each exporter and report tells of a capture, whole and filtered. */
export function outputs(bytes: Uint8Array): Record<string, string> {
  const all = Object.entries(MAKERS).flatMap(([name, make]) => [
    [name, told(bytes, make, undefined)],
    [`${name}, filtered`, told(bytes, make, new Filter(DEEP))],
  ])
  return Object.fromEntries(all)
}

/** Rows of a capture in memory, as screens and pages have it: all, and those that a filter lets through. */
export function rows(bytes: Uint8Array): { readonly all: number; readonly filtered: number } {
  const log = new MemoryLog()
  log.append(bytes)
  const document = new Document({ ports: new Set([1883]) })
  document.log = log
  document.push(bytes)
  document.end()
  const matches = new Filter(DEEP).bind(document.store, { bytes: log })
  let filtered = 0
  for (let row = 0; row < document.store.rows; row++) if (matches(row)) filtered++
  return { all: document.store.rows, filtered }
}
