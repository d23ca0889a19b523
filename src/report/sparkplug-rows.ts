/** What the report `sparkplug` prints: tables for people, records for programs. */
import { json } from '../export/json-text.ts'
import { typeName } from '../payload/sparkplug-fields.ts'
import type { Metric, Node, NodeState } from '../session/sparkplug/nodes.ts'
import type { TckResult } from '../session/sparkplug/tck.ts'
import type { Write } from '../store/record.ts'
import type { Clock } from '../text/moments.ts'
import { plainCount } from '../text/numbers.ts'
import { Style } from '../text/paint.ts'
import { sanitize } from '../text/sanitize.ts'
import { type Cell, type Column, Table } from '../text/table.ts'
import { amount } from '../text/units.ts'
import type { ReportOptions } from './report.ts'

export interface SparkplugOptions extends ReportOptions {
  /** Text: metrics, and every id of the test kit. */
  readonly verbose: boolean
}

export interface SparkplugRows {
  readonly nodes: readonly Node[]
  readonly tck: readonly TckResult[]
  readonly clock: Clock
  readonly write: Write
}

const NODE_COLUMNS: readonly Column[] = [
  { title: 'Node, device', most: 60, least: 16 },
  { title: 'State' },
  { title: 'Since', align: 'right' },
  { title: 'Births', align: 'right' },
  { title: 'bdSeq', align: 'right' },
  { title: 'Metrics', align: 'right' },
  { title: 'Msgs', align: 'right' },
  { title: 'Lost', align: 'right' },
]
const METRIC_COLUMNS: readonly Column[] = [
  { title: 'Metric', most: 60, least: 16 },
  { title: 'Alias', align: 'right' },
  { title: 'Type' },
  { title: 'Value', most: 60, least: 12 },
  { title: 'At', align: 'right' },
  { title: 'Birth', align: 'right' },
]
const TCK_COLUMNS: readonly Column[] = [
  { title: 'Result' },
  { title: 'Times', align: 'right' },
  { title: 'Id', most: 100, least: 24 },
]

const STATE_STYLES: Readonly<Record<NodeState, string>> = {
  online: Style.green,
  offline: Style.red,
  unknown: Style.cyan,
}
const RESULT_STYLES = { passed: Style.green, failed: Style.red, 'not seen': Style.cyan } as const

export function printText(rows: SparkplugRows, options: SparkplugOptions): void {
  const { nodes, tck, clock, write } = rows
  if (nodes.length === 0 && tck.every(({ result }) => result === 'not seen')) return write('no Sparkplug B\n')
  new Table(NODE_COLUMNS, options, write).print(nodes.flatMap(node => nodeCells(node, clock)))
  if (options.verbose && !options.redact) printMetrics(rows, options)
  const told = options.verbose ? tck : tck.filter(({ result }) => result === 'failed')
  if (told.length > 0) write('\n')
  new Table(TCK_COLUMNS, options, write).print(told.map(tckCells))
  const count = (result: TckResult['result']): string => `${tck.filter(one => one.result === result).length} ${result}`
  write(`\n${plainCount(nodes.length, 'node')} · TCK: ${count('passed')}, ${count('failed')}, ${count('not seen')}\n`)
}

function nodeCells(node: Node, clock: Clock): readonly (readonly Cell[])[] {
  const metrics = [...node.metrics.values()]
  const countOf = (device: string | undefined): string => amount(metrics.filter(one => one.device === device).length)
  const own: readonly Cell[] = [
    sanitize(`${node.group}/${node.id}`),
    { text: node.state, style: STATE_STYLES[node.state] },
    sinceText(node.since, clock),
    amount(node.births),
    Number.isNaN(node.bdSeq) ? '-' : `${node.bdSeq}`,
    countOf(undefined),
    amount(node.messages),
    amount(node.lost),
  ]
  const devices = [...node.devices].map(([name, { state, since, births }]): readonly Cell[] => [
    `  ${sanitize(name)}`,
    { text: state, style: STATE_STYLES[state] },
    sinceText(since, clock),
    amount(births),
    '',
    countOf(name),
    '',
    '',
  ])
  return [own, ...devices]
}

const sinceText = (since: number, clock: Clock): string => (Number.isNaN(since) ? '-' : clock.text(since, 3))

function printMetrics({ nodes, clock, write }: SparkplugRows, options: SparkplugOptions): void {
  const cells = nodes.flatMap(node => [...node.metrics.values()].map(metric => metricCells(node, metric, clock)))
  if (cells.length > 0) write('\n')
  new Table(METRIC_COLUMNS, options, write).print(cells)
}

const metricCells = (node: Node, metric: Metric, clock: Clock): readonly Cell[] => [
  sanitize([node.id, metric.device, metric.name].filter(part => part !== undefined).join(' · ')),
  metric.alias ?? '-',
  metric.type < 0 ? '-' : typeName(metric.type),
  metric.value === undefined ? '-' : sanitize(metric.value),
  sinceText(metric.time, clock),
  `#${metric.from}`,
]

const tckCells = ({ rule, result, count }: TckResult): readonly Cell[] => [
  { text: result, style: RESULT_STYLES[result] },
  count === 0 ? '' : amount(count),
  rule.id,
]

export function printRecords({ nodes, tck, clock, write }: SparkplugRows, { redact }: SparkplugOptions): void {
  for (const node of nodes) write(`${nodeRecord(node, clock, redact)}\n`)
  for (const { rule, result, count } of tck) {
    write(`${json({ record: 'tck', id: rule.id, result: result.replace(' ', '_'), count, level: rule.level })}\n`)
  }
}

/** Values are JSON already, with all their digits: they are put in as they are. */
function nodeRecord(node: Node, clock: Clock, redact: boolean): string {
  const whole = json({
    record: 'sparkplug',
    group: node.group,
    node: node.id,
    broker: node.broker,
    state: node.state,
    since: clock.iso(node.since),
    births: node.births,
    birth: node.birth === 0 ? undefined : node.birth,
    bdSeq: Number.isNaN(node.bdSeq) ? undefined : node.bdSeq,
    seq: Number.isNaN(node.seq) ? undefined : node.seq,
    messages: node.messages,
    lost: node.lost,
    devices: [...node.devices].map(([device, { state, since, births }]) => ({
      device,
      state,
      since: clock.iso(since),
      births,
    })),
  })
  if (redact) return whole
  const metrics = [...node.metrics.values()].map(metric => metricRecord(metric, clock))
  return `${whole.slice(0, -1)},"metrics":[${metrics.join()}]}`
}

function metricRecord({ name, device, alias, type, value, time, from }: Metric, clock: Clock): string {
  const head = json({
    device,
    name,
    alias: alias === undefined ? undefined : Number(alias),
    dataType: type < 0 ? undefined : typeName(type),
    time: clock.iso(time),
    from,
  })
  return value === undefined ? head : `${head.slice(0, -1)},"value":${value}}`
}
