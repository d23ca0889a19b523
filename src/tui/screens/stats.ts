/** The screen of statistics: rate over time, packets by type, how long answers took. */
import { PacketBars } from '../../diagram/bars.ts'
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

const CHART_HEIGHT = 6
const AXIS = 9
const BAR_WIDTH = 20

export class StatsScreen implements Screen {
  readonly name = 'stats'
  readonly title = 'Stats'
  private readonly packets = new PacketBars()
  private readonly cursor = new Cursor()

  block(app: AppContext, width: number, height: number): Block {
    const { model } = app
    const { store, first, latencies } = model.document
    this.packets.catchUp(store, first)
    const head = rateChart(this.packets, width)
    const lines = [...latencyTable(latencies), [], ...types(this.packets), [], ...totals(model)]
    const room = height - head.length
    this.cursor.shows(Math.max(1, lines.length - room + 1), 1)
    const top = this.cursor.selected
    return rows(pane(head, width, head.length), pane(lines.slice(top, top + room), width, room))
  }

  run(_app: AppContext, command: CommandId): boolean {
    return this.cursor.run(command)
  }
}

function rateChart(packets: PacketBars, width: number): readonly Line[] {
  const rates = packets.byTime(width - AXIS - 2).map(({ value }) => value)
  const bars = chart(rates, CHART_HEIGHT).map((text, at) => [
    span(`${padStart(at === 0 ? count(Math.max(0, ...rates)) : at === CHART_HEIGHT - 1 ? '0' : '', AXIS - 1)} `, 'dim'),
    span('│', 'rule'),
    span(text, 'number'),
  ])
  const end = `${packets.seconds.toFixed(1)} s`
  const space = Math.max(1, rates.length - end.length - 1)
  const times: Line = [span(' '.repeat(AXIS)), span(`0${' '.repeat(space)}${end}`, 'dim')]
  return [rule('Packets a second, over the whole capture', '', width, true), ...bars, times]
}

const count = (value: number): string => Math.round(value).toLocaleString('en')

function types(table: PacketBars): readonly Line[] {
  const bars = table.byType()
  const most = bars[0]?.packets ?? 1
  const head = `   ${padEnd('Type', 12)}${padStart('Packets', 12)}${padStart('Share', 8)}${padStart('Bytes', 14)}`
  return [
    line(head, 'head'),
    ...bars.map(({ type, packets, bytes, share }) => {
      const bar = '█'.repeat(Math.ceil((packets / most) * BAR_WIDTH))
      const part = `${(share * 100).toFixed(1)} %`
      const text = `   ${padEnd(TYPE_NAMES[type] ?? '', 12)}${padStart(count(packets), 12)}${padStart(part, 8)}${padStart(count(bytes), 14)}  `
      return [span(text), span(bar, 'number')]
    }),
  ]
}

function totals({ document }: Model): readonly Line[] {
  const { outcomes, repeats, tracker, summary } = document
  const ended = `   Handshakes: ${count(outcomes.complete)} complete, ${count(tracker.pool.open)} open, ${count(outcomes.refused)} refused, ${count(outcomes.abandoned)} never finished`
  const again = `   Packets sent again: ${count(repeats)}`
  const wire = `   Capture: ${plural(summary.frames, 'frame')}, ${plural(summary.flows, 'TCP connection')}, ${plural(summary.gaps, 'gap')} (${count(summary.gapBytes)} B), ${count(summary.skippedBytes)} B passed over`
  return [line(ended), line(again), line(wire)]
}
