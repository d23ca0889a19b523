/** The screen of statistics: rate over time, packets by type, how long answers took. */
import { TYPE_NAMES } from '../../mqtt/spec.ts'
import { plural } from '../bars.ts'
import { type Block, pane, rows } from '../block.ts'
import type { AppContext, Screen } from '../context.ts'
import { Cursor } from '../cursor.ts'
import type { CommandId } from '../keys.ts'
import type { Model } from '../model.ts'
import { chart } from '../panes/chart.ts'
import { latencyTable } from '../panes/latency.ts'
import { type Line, line, padEnd, padStart, rule, span } from '../spans.ts'
import { StatsTable } from './stats-table.ts'

const CHART_HEIGHT = 6
const AXIS = 9
const BAR_WIDTH = 20

export class StatsScreen implements Screen {
  readonly name = 'stats'
  readonly title = 'Stats'
  private readonly table = new StatsTable()
  private readonly cursor = new Cursor()

  block(app: AppContext, width: number, height: number): Block {
    const { model } = app
    this.table.catchUp(model.capture)
    const head = rateChart(this.table, width)
    const lines = [...latencyTable(model.capture), [], ...types(this.table), [], ...totals(model)]
    const room = height - head.length
    this.cursor.shows(Math.max(1, lines.length - room + 1), 1)
    const top = this.cursor.selected
    return rows(pane(head, width, head.length), pane(lines.slice(top, top + room), width, room))
  }

  run(_app: AppContext, command: CommandId): boolean {
    return this.cursor.run(command)
  }
}

function rateChart(table: StatsTable, width: number): readonly Line[] {
  const rates = table.rates(width - AXIS - 2)
  const bars = chart(rates, CHART_HEIGHT).map((text, at) => [
    span(`${padStart(at === 0 ? count(Math.max(0, ...rates)) : at === CHART_HEIGHT - 1 ? '0' : '', AXIS - 1)} `, 'dim'),
    span('│', 'rule'),
    span(text, 'number'),
  ])
  const end = `${table.seconds.toFixed(1)} s`
  const space = Math.max(1, rates.length - end.length - 1)
  const times: Line = [span(' '.repeat(AXIS)), span(`0${' '.repeat(space)}${end}`, 'dim')]
  return [rule('Packets a second, over the whole capture', '', width, true), ...bars, times]
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

function totals({ capture }: Model): readonly Line[] {
  const { outcomes, repeats, tracker, summary } = capture
  const ended = `   Handshakes: ${count(outcomes.complete)} complete, ${count(tracker.pool.open)} open, ${count(outcomes.refused)} refused, ${count(outcomes.abandoned)} never finished`
  const again = `   Packets sent again: ${count(repeats)}`
  const wire = `   Capture: ${plural(summary.frames, 'frame')}, ${plural(summary.flows, 'TCP connection')}, ${plural(summary.gaps, 'gap')} (${count(summary.gapBytes)} B), ${count(summary.skippedBytes)} B passed over`
  return [line(ended), line(again), line(wire)]
}
