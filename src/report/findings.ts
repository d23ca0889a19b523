/** `findings`: everything that is remarked on, the gravest first, or in order as records. */

import type { Frame } from '../base/line.ts'
import { json } from '../export/json-text.ts'
import type { RuleFinding } from '../session/finding.ts'
import { findingsOf } from '../store/findings.ts'
import type { Finding, PacketRecord, PlacedFinding, Stream, Write } from '../store/record.ts'
import { LEVELS, type Level } from '../store/vocabulary.ts'
import { Clock, isoTime } from '../text/moments.ts'
import { plainCount } from '../text/numbers.ts'
import { GLYPHS, LEVEL_STYLES, paint, Style } from '../text/paint.ts'
import { sanitize } from '../text/sanitize.ts'
import { type Column, Table } from '../text/table.ts'
import { amount, duration } from '../text/units.ts'
import { wrap } from '../text/wrap.ts'
import { addressOf, nameOf } from './exchange-row.ts'
import type { Report, ReportOptions } from './report.ts'
import { Rules, type RuleText } from './rules.ts'

/** Places listed of one rule; more are counted. With `-V` so many: a hostile capture breaks a rule in every packet. */
export const MOST_PLACES = { short: 10, long: 10_000 } as const
const WIDE = 120
const INDENT = '    '

export interface FindingsOptions extends ReportOptions {
  /** Says once what each rule is for. */
  readonly explain: boolean
  /** Text: every place. */
  readonly verbose: boolean
}

interface Place {
  readonly packet: number
  readonly client: string
  readonly message: string
}

interface Group {
  readonly id: string
  readonly level: Level
  readonly rule: RuleText | undefined
  readonly places: Place[]
  count: number
}

const COLUMNS: readonly Column[] = [
  { title: '', align: 'right' },
  { title: '', most: 23, least: 8 },
  { title: '', most: 200, least: 20 },
]

export class FindingsReport implements Report {
  private readonly options: FindingsOptions
  private readonly write: Write
  private readonly rules = new Rules()
  private readonly clock = new Clock()
  /** By level and id: as many as there are rules. */
  private readonly groups = new Map<string, Group>()
  private readonly explained = new Set<string>()

  constructor(options: FindingsOptions, write: Write) {
    this.options = options
    this.write = write
  }

  ruleFinding(finding: RuleFinding): void {
    this.rules.learn(finding)
  }

  packet(record: PacketRecord): void {
    for (const finding of findingsOf(record)) this.add(finding, record.number, record.stream, record.raw.frame)
  }

  begin(first: Frame): void {
    this.clock.begin(first)
  }

  finding(finding: PlacedFinding): void {
    const { packet, stream, time } = finding
    this.add(finding, packet, stream, undefined, time === undefined ? undefined : this.clock.iso(time))
  }

  gap(): void {}
  skipped(): void {}
  damage(): void {}

  finish(): void {
    if (this.options.format === 'ndjson') return
    if (this.groups.size === 0) return this.write('no findings\n')
    const groups = [...this.groups.values()].sort(
      (a, b) => LEVELS.indexOf(b.level) - LEVELS.indexOf(a.level) || b.count - a.count || (a.id < b.id ? -1 : 1),
    )
    for (const group of groups) this.print(group)
    this.write(`${this.verdict(groups)}\n`)
  }

  private add(finding: Finding, packet: number, stream: Stream, frame: Frame | undefined, time?: string): void {
    const rule = this.rules.of(finding)
    if (this.options.format === 'ndjson') return this.record(finding, rule, packet, stream, frame, time)
    const { id, level, message } = finding
    const key = `${level} ${id} ${rule?.title ?? ''}`
    const group = this.groups.get(key) ?? { id, level, rule, places: [], count: 0 }
    this.groups.set(key, group)
    group.count++
    const most = this.options.verbose ? MOST_PLACES.long : MOST_PLACES.short
    const text = finding.time === undefined ? message : `at ${duration(finding.time)}: ${message}`
    if (group.places.length < most)
      group.places.push({ packet, client: nameOf(stream.clientId, addressOf(stream)), message: text })
  }

  private record(
    { id, level, message, offset }: Finding,
    rule: RuleText | undefined,
    packet: number,
    stream: Stream,
    frame: Frame | undefined,
    time = frame && isoTime(frame),
  ): void {
    if (this.options.explain && rule !== undefined && !this.explained.has(id)) {
      this.explained.add(id)
      this.write(`${json({ record: 'rule', id, title: rule.title, explanation: rule.explanation })}\n`)
    }
    const record = {
      record: 'finding',
      packet,
      time,
      stream: stream.flow.index,
      client: stream.clientId,
      id,
      level,
      title: rule?.title,
      message,
      offset: frame && Math.max(0, offset),
    }
    this.write(`${json(record)}\n`)
  }

  private print({ id, level, rule, places, count }: Group): void {
    const { options, write } = this
    const title = `${GLYPHS[level]} ${id}${rule === undefined ? '' : ` ${rule.title}`}`
    write(`${this.paint(title, LEVEL_STYLES[level])}${count === 1 ? '' : ` (${amount(count)} times)`}\n`)
    if (options.explain && rule !== undefined) this.explain(rule)
    const rows = places.map(({ packet, client, message }) => [
      packet === 0 ? '-' : `#${packet}`,
      client,
      sanitize(message),
    ])
    const { width } = options
    const table = { color: options.color, width: width === undefined ? undefined : width - INDENT.length }
    new Table(COLUMNS, table, line => write(`${INDENT}${line}`)).print(rows)
    if (count > places.length) write(`${INDENT}and ${amount(count - places.length)} more\n`)
    write('\n')
  }

  private explain({ explanation }: RuleText): void {
    const lines = wrap(explanation.split(' '), (this.options.width ?? WIDE) - INDENT.length)
    for (const line of lines) this.write(`${INDENT}${this.paint(line, Style.dim)}\n`)
  }

  private verdict(groups: readonly Group[]): string {
    const counts = LEVELS.toReversed().map(level => {
      const count = groups.reduce((sum, group) => sum + (group.level === level ? group.count : 0), 0)
      return plainCount(count, level)
    })
    return counts.join(' · ')
  }

  private paint(text: string, style: string): string {
    return this.options.color ? paint(text, style) : text
  }
}
