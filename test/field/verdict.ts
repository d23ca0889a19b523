/** All that the program has to say about a capture, each report made when it is asked for. The tests of this room know the program by this file alone. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { vi } from 'vitest'
import { Document } from '../../src/analysis/document.ts'
import { ReportAnalysis } from '../../src/analysis/report-analysis.ts'
import { MemoryLog } from '../../src/capture/log.ts'
import { batch } from '../../src/cli/batch.ts'
import { summaryLine, TextExporter } from '../../src/export/text.ts'
import { Filter } from '../../src/filter/filter.ts'
import { FanOutReport } from '../../src/report/fanouts.ts'
import { FindingsReport } from '../../src/report/findings.ts'
import { HandshakesReport } from '../../src/report/handshakes.ts'
import { MessagesReport } from '../../src/report/messages.ts'
import type { Report } from '../../src/report/report.ts'
import { SessionsReport } from '../../src/report/sessions.ts'
import { StatsReport } from '../../src/report/stats/stats.ts'
import type { Summary, Write } from '../../src/store/record.ts'
import { recordsIn } from '../support/story.ts'
import { concat } from '../support/wire.ts'

export type Level = 'note' | 'warning' | 'error'

/** A record of `findings`. `packet` is 0 where it is about none. */
export interface Said {
  readonly packet: number
  readonly client?: string
  readonly level: Level
  readonly id: string
  readonly title?: string
  readonly message: string
  readonly time?: string
}

export type Json = Readonly<Record<string, unknown>>
type Make = (write: Write, writeBytes: (bytes: Uint8Array) => void) => Report

const RECORDS = { format: 'ndjson', color: false, width: undefined, redact: false } as const
const TEXT = { ...RECORDS, format: 'text' } as const
const SEED = 1
const ALL = Number.POSITIVE_INFINITY
const encoder = new TextEncoder()

/** How a run of the program on a file ended: exit code, what it said beside its output, and what it printed. */
export interface Ran {
  readonly code: number
  readonly told: string
  readonly printed: string
}

export class Verdict {
  /** Counters of the last pass over the capture; `text` makes one. */
  summary: Summary | undefined
  private readonly capture: Uint8Array
  private readonly ports: ReadonlySet<number>
  private readonly made = new Map<string, string>()

  constructor(capture: Uint8Array, ports: readonly number[]) {
    this.capture = capture
    this.ports = new Set(ports)
  }

  get findings(): readonly Said[] {
    const options = { ...RECORDS, explain: false, verbose: true }
    return recordsIn(this.run('findings', write => new FindingsReport(options, write))) as unknown as readonly Said[]
  }

  get handshakes(): readonly Json[] {
    return recordsIn(this.run('handshakes', write => new HandshakesReport(RECORDS, write)))
  }

  get sessions(): readonly Json[] {
    return recordsIn(this.run('sessions', write => new SessionsReport({ ...RECORDS, verbose: false }, write)))
  }

  get fanOut(): readonly Json[] {
    return recordsIn(this.run('fanout', write => new FanOutReport({ ...RECORDS, verbose: false }, write)))
  }

  get stats(): Json {
    const options = { ...RECORDS, seed: SEED, ports: this.ports }
    return recordsIn(this.run('stats', write => new StatsReport(options, write)))[0] ?? {}
  }

  /** `topic payload` of each message, once. */
  get messages(): readonly string[] {
    const options = { format: 'text', terminal: false, joined: false, allHops: false, redact: false } as const
    const rest = { most: ALL, seed: SEED, tell: () => {} }
    const text = this.run(
      'messages',
      (write, writeBytes) => new MessagesReport({ ...options, ...rest, writeBytes }, write),
    )
    return text.split('\n').slice(0, -1)
  }

  /** The paragraphs of `sessions -V`. */
  get paragraphs(): readonly string[] {
    const options = { ...TEXT, width: 200, verbose: true }
    return this.run('paragraphs', write => new SessionsReport(options, write)).split('\n\n')
  }

  /** The table of `sessions`. */
  get table(): string {
    return this.run('table', write => new SessionsReport({ ...TEXT, width: 200, verbose: false }, write))
  }

  /** The list of packets, and the line that ends it. */
  get text(): string {
    const lines = this.run('text', write => this.lister(write, false))
    return this.summary === undefined ? lines : `${lines}${summaryLine(this.summary)}\n`
  }

  /** Each packet with all its fields. */
  get details(): string {
    return this.run('details', write => this.lister(write, true))
  }

  /** Numbers of the packets that the screens show with a display filter. */
  shown(filter: string): readonly number[] {
    const screens = new Document({ ports: this.ports, seed: SEED })
    const log = new MemoryLog()
    log.append(this.capture)
    screens.log = log
    screens.push(this.capture)
    screens.end()
    const { store, first } = screens
    const chosen = new Filter(filter)
    if (first !== undefined) chosen.begin(first)
    const matches = chosen.bind(store, { bytes: log, told: row => screens.facts(row) })
    const rows = Array.from({ length: store.rows }, (_, row) => row)
    return rows.filter(matches).map(row => store.number(row))
  }

  /** The list of packets as the program prints it, of those that a display filter lets through. */
  async ran(filter?: string): Promise<Ran> {
    const folder = mkdtempSync(join(tmpdir(), 'mqtt-sniff-field-'))
    const input = join(folder, 'capture')
    writeFileSync(input, this.capture)
    const told = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
    let printed = ''
    const write: Write = more => {
      printed += more
    }
    try {
      const chosen = filter === undefined ? undefined : new Filter(filter)
      const rest = { depth: 'fanout', count: ALL, write: undefined, quiet: false } as const
      const exporter = () => this.lister(write, false)
      const code = await batch({ input, ports: this.ports, filter: chosen, ...rest, exporter })
      return { code, told: told.mock.calls.map(([line]) => String(line)).join(''), printed }
    } finally {
      told.mockRestore()
      rmSync(folder, { recursive: true })
    }
  }

  private lister(write: Write, verbose: boolean): Report {
    const exporter = new TextExporter({ time: 'e', color: false, verbose, bytes: false, redact: false }, write)
    const keep = (summary: Summary): void => {
      this.summary = summary
    }
    return Object.assign(exporter, { finish: keep })
  }

  private run(name: string, make: Make): string {
    const known = this.made.get(name)
    if (known !== undefined) return known
    const parts: Uint8Array[] = []
    const report = make(
      more => void parts.push(encoder.encode(more)),
      bytes => void parts.push(bytes.slice()),
    )
    const depth = name === 'fanout' ? 'copies' : 'fanout'
    const analysis = new ReportAnalysis(report, { ports: this.ports, seed: SEED, depth, count: ALL })
    analysis.push(this.capture)
    analysis.finish(analysis.end())
    const text = new TextDecoder().decode(concat(...parts))
    this.made.set(name, text)
    return text
  }
}
