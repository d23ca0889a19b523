/** Every report on every sample: records that fit the schema, lines that fit the terminal, and some of them word by word. */
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { FanOutReport } from '../../src/report/fanouts.ts'
import { FindingsReport } from '../../src/report/findings.ts'
import { HandshakesReport } from '../../src/report/handshakes.ts'
import { MessagesReport } from '../../src/report/messages.ts'
import type { Report, ReportOptions } from '../../src/report/report.ts'
import { SessionsReport } from '../../src/report/sessions.ts'
import { SparkplugReport } from '../../src/report/sparkplug.ts'
import { StatsReport } from '../../src/report/stats/stats.ts'
import { TopicsReport } from '../../src/report/topics.ts'
import { Findings } from '../../src/session/findings.ts'
import { Forwarding } from '../../src/session/forwarding.ts'
import type { Write } from '../../src/store/record.ts'
import { cells } from '../../src/text/cells.ts'
import { expectValid } from '../support/report-schema.ts'
import { recordsIn, reported } from '../support/story.ts'

const SAMPLES = new URL('../../samples/', import.meta.url)
const names = readdirSync(SAMPLES)
  .filter(name => name.endsWith('.pcapng'))
  .map(name => name.replace('.pcapng', ''))
const PORTS = new Set([1883])

type Make = (options: ReportOptions, write: Write, writeBytes: (bytes: Uint8Array) => void) => Report

const REPORTS: Readonly<Record<string, Make>> = {
  handshakes: (options, write) => new HandshakesReport(options, write),
  sessions: (options, write) => new SessionsReport({ ...options, verbose: false }, write),
  'sessions -V': (options, write) => new SessionsReport({ ...options, verbose: true }, write),
  topics: (options, write) => new TopicsReport({ ...options, seed: 0 }, write),
  fanout: (options, write) => new FanOutReport({ ...options, verbose: false }, write),
  'fanout -V': (options, write) => new FanOutReport({ ...options, verbose: true }, write),
  findings: (options, write) => new FindingsReport({ ...options, explain: false, verbose: false }, write),
  'findings --explain': (options, write) => new FindingsReport({ ...options, explain: true, verbose: true }, write),
  sparkplug: (options, write) => new SparkplugReport({ ...options, verbose: false }, write),
  'sparkplug -V': (options, write) => new SparkplugReport({ ...options, verbose: true }, write),
  stats: (options, write) => new StatsReport({ ...options, seed: 0, ports: PORTS }, write),
  messages: ({ format, redact }, write, writeBytes) =>
    new MessagesReport(
      {
        format,
        redact,
        writeBytes,
        terminal: true,
        joined: false,
        allHops: false,
        most: Number.POSITIVE_INFINITY,
        seed: 0,
        tell: () => {},
      },
      write,
    ),
}

const read = (name: string): Uint8Array => new Uint8Array(readFileSync(new URL(`${name}.pcapng`, SAMPLES)))

function told(report: string, sample: string, options: Partial<ReportOptions>, piece?: number): string {
  const all: ReportOptions = { format: 'text', color: false, width: undefined, redact: false, ...options }
  const make = REPORTS[report] as Make
  return reported(read(sample), (write, writeBytes) => make(all, write, writeBytes), {
    checks: new Forwarding(new Findings(), { keepsCopies: true }),
    ...(piece === undefined ? {} : { piece }),
  })
}

describe.each(Object.keys(REPORTS))('%s', report => {
  test.each(names)('%s: records fit the schema', name => {
    for (const redact of [false, true]) {
      for (const record of recordsIn(told(report, name, { format: 'ndjson', redact }))) expectValid(record)
    }
  })

  // Lines of `messages` are as long as what they carry.
  test.each(report === 'messages' ? [] : names)('%s: lines fit 80 and 140 columns', name => {
    for (const width of [80, 140]) {
      const lines = told(report, name, { width }).split('\n')
      expect(lines.filter(line => cells(line) > width)).toEqual([])
    }
  })

  test('cut anywhere, the same', () => {
    for (const format of ['text', 'ndjson'] as const)
      expect(told(report, 'tour', { format }, 61)).toBe(told(report, 'tour', { format }))
  })
})

const GOLDEN: readonly (readonly [report: string, sample: string, width: number])[] = [
  ['handshakes', 'qos2', 80],
  ['handshakes', 'qos2', 140],
  ['handshakes', 'again', 80],
  ['handshakes', 'refused', 80],
  ['sessions', 'tour', 80],
  ['sessions', 'keepalive', 140],
  ['sessions -V', 'mqtt5', 80],
  ['topics', 'tour', 80],
  ['fanout', 'tour', 80],
  ['fanout -V', 'tour', 140],
  ['findings --explain', 'malformed', 80],
  ['stats', 'lost', 80],
  ['stats', 'tour', 140],
  ['messages', 'tour', 80],
  ['sparkplug', 'sparkplug', 80],
  ['sparkplug -V', 'sparkplug', 140],
]

describe('word by word', () => {
  test.each(GOLDEN)('%s of %s at %i columns', async (report, sample, width) => {
    const name = `${report.replaceAll(' ', '')}-${sample}-${width}.txt`
    await expect(told(report, sample, { width })).toMatchFileSnapshot(`golden/${name}`)
  })

  test('colours are those of the terminal, and tell nothing alone', () => {
    const colored = told('handshakes', 'refused', { color: true, width: 80 })
    expect(colored).toContain('\x1b[31m✗\x1b[0m')
    expect(colored.replace(/\x1b\[[\d;]*m/g, '')).toBe(told('handshakes', 'refused', { width: 80 }))
  })
})
