/** The screen of statistics: rate over time, packets by type, how long answers took. */
import { TYPE_NAMES } from '../mqtt/spec.ts'
import type { Kind } from '../store/links.ts'
import type { App, Screen } from './app.ts'
import { type Block, pane, rows } from './block.ts'
import { Cursor } from './cursor.ts'
import type { CommandId } from './keys.ts'
import type { Model } from './model.ts'
import { type Line, line, padEnd, padStart, rule, span } from './spans.ts'
import { StatsTable } from './stats-table.ts'
import { KIND_NAMES, shortTime } from './words.ts'

const CHART_HEIGHT = 6
const AXIS = 9
const BLOCKS = ' ▁▂▃▄▅▆▇█'
const EIGHTH = 8
const BAR_WIDTH = 20
const KINDS: readonly Kind[] = ['qos1', 'qos2', 'connect', 'subscribe', 'unsubscribe', 'ping', 'auth']

export class StatsScreen implements Screen {
  readonly name = 'stats'
  readonly title = 'Stats'
  private readonly table = new StatsTable()
  private readonly cursor = new Cursor()

  block(app: App, width: number, height: number): Block {
    const { model } = app
    this.table.catchUp(model.capture)
    const head = chart(this.table, width)
    const lines = [...latencies(model), [], ...types(this.table), [], ...totals(model)]
    const room = height - head.length
    this.cursor.shows(Math.max(1, lines.length - room + 1), 1)
    const top = this.cursor.selected
    return rows(pane(head, width, head.length), pane(lines.slice(top, top + room), width, room))
  }

  run(_app: App, command: CommandId): boolean {
    return this.cursor.run(command)
  }
}

function chart(table: StatsTable, width: number): readonly Line[] {
  const rates = table.rates(width - AXIS - 2)
  const most = Math.max(0, ...rates)
  const lines: Line[] = [rule('Packets a second, over the whole capture', '', width, true)]
  for (let row = CHART_HEIGHT - 1; row >= 0; row--) {
    const bar = rates.map(rate => {
      const eighths = most === 0 ? 0 : Math.ceil((rate / most) * CHART_HEIGHT * EIGHTH) - row * EIGHTH
      return BLOCKS[Math.max(0, Math.min(EIGHTH, eighths))] ?? ' '
    })
    const axis = row === CHART_HEIGHT - 1 ? count(most) : row === 0 ? '0' : ''
    lines.push([span(`${padStart(axis, AXIS - 1)} `, 'dim'), span('│', 'rule'), span(bar.join(''), 'number')])
  }
  const end = `${table.seconds.toFixed(1)} s`
  const space = Math.max(1, rates.length - end.length - 1)
  return [...lines, [span(' '.repeat(AXIS)), span(`0${' '.repeat(space)}${end}`, 'dim')]]
}

const count = (value: number): string => Math.round(value).toLocaleString('en')

function types({ packets, bytes }: StatsTable): readonly Line[] {
  const all = packets.reduce((a, b) => a + b, 0)
  const most = Math.max(1, ...packets)
  const head = `   ${padEnd('Type', 12)}${padStart('Packets', 12)}${padStart('Share', 8)}${padStart('Bytes', 14)}`
  const seen = [...packets.keys()].filter(type => (packets[type] ?? 0) > 0)
  seen.sort((a, b) => (packets[b] ?? 0) - (packets[a] ?? 0))
  return [
    line(head, 'head'),
    ...seen.map(type => {
      const own = packets[type] ?? 0
      const share = `${((own / Math.max(1, all)) * 100).toFixed(1)} %`
      const bar = '█'.repeat(Math.ceil((own / most) * BAR_WIDTH))
      const text = `   ${padEnd(TYPE_NAMES[type] ?? '', 12)}${padStart(count(own), 12)}${padStart(share, 8)}${padStart(count(bytes[type] ?? 0), 14)}  `
      return [span(text), span(bar, 'number')]
    }),
  ]
}

function latencies({ capture }: Model): readonly Line[] {
  const head = `   ${padEnd('Took', 12)}${padStart('Complete', 12)}${['p50', 'p95', 'p99', 'max'].map(text => padStart(text, 9)).join('')}`
  const shown = KINDS.flatMap((kind): Line[] => {
    const took = capture.latencies.get(kind)
    if (took === undefined) return []
    const times = [took.percentile(0.5), took.percentile(0.95), took.percentile(0.99), took.most]
    const text = times.map(seconds => padStart(shortTime(seconds), 9)).join('')
    return [[span(`   ${padEnd(KIND_NAMES[kind], 12)}${padStart(count(took.count), 12)}`), span(text, 'number')]]
  })
  return [line(head, 'head'), ...(shown.length === 0 ? [line('   nothing complete yet', 'dim')] : shown)]
}

function totals({ capture }: Model): readonly Line[] {
  const { outcomes, repeats, tracker, summary } = capture
  const ended = `   Handshakes: ${count(outcomes.complete)} complete, ${count(tracker.pool.open)} open, ${count(outcomes.refused)} refused, ${count(outcomes.abandoned)} never finished, ${count(repeats)} packets sent again`
  const wire = `   Capture: ${count(summary.frames)} frames, ${count(summary.flows)} TCP connections, ${count(summary.gaps)} gaps (${count(summary.gapBytes)} B), ${count(summary.skippedBytes)} B passed over`
  return [line(ended), line(wire)]
}
