/** The screen of statistics: rate over time, packets by type, how long answers took. */

import { PacketBars } from '../../diagram/bars.ts'
import { TYPE_NAMES } from '../../mqtt/spec.ts'
import { padEnd, padStart } from '../../text/cells.ts'
import { count, grouped } from '../../text/numbers.ts'
import { share } from '../../text/units.ts'
import { type Block, pane, rows } from '../block.ts'
import type { AppContext, Screen } from '../context.ts'
import { Cursor } from '../cursor.ts'
import type { CommandId } from '../keys.ts'
import type { Model } from '../model.ts'
import { chart } from '../panes/chart.ts'
import { latencyTable } from '../panes/latency.ts'
import { type Line, line, rule, span } from '../spans.ts'

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
    span(
      `${padStart(at === 0 ? grouped(Math.max(0, ...rates)) : at === CHART_HEIGHT - 1 ? '0' : '', AXIS - 1)} `,
      'dim',
    ),
    span('│', 'rule'),
    span(text, 'number'),
  ])
  const end = `${packets.seconds.toFixed(1)} s`
  const space = Math.max(1, rates.length - end.length - 1)
  const times: Line = [span(' '.repeat(AXIS)), span(`0${' '.repeat(space)}${end}`, 'dim')]
  return [rule('Packets a second, over the whole capture', '', width, true), ...bars, times]
}

function types(table: PacketBars): readonly Line[] {
  const bars = table.byType()
  const most = bars[0]?.packets ?? 1
  const head = `   ${padEnd('Type', 12)}${padStart('Packets', 12)}${padStart('Share', 8)}${padStart('Bytes', 14)}`
  return [
    line(head, 'head'),
    ...bars.map(({ type, packets, bytes, share: part }) => {
      const bar = '█'.repeat(Math.ceil((packets / most) * BAR_WIDTH))
      const text = `   ${padEnd(TYPE_NAMES[type] ?? '', 12)}${padStart(grouped(packets), 12)}${padStart(share(part, 1), 8)}${padStart(grouped(bytes), 14)}  `
      return [span(text), span(bar, 'number')]
    }),
  ]
}

function totals({ document }: Model): readonly Line[] {
  const { outcomes, repeats, tracker, summary } = document
  const ended = `   Handshakes: ${grouped(outcomes.complete)} complete, ${grouped(tracker.pool.open)} open, ${grouped(outcomes.refused)} refused, ${grouped(outcomes.abandoned)} never finished`
  const again = `   Packets sent again: ${grouped(repeats)}`
  const wire = `   Capture: ${count(summary.frames, 'frame')}, ${count(summary.flows, 'TCP connection')}, ${count(summary.gaps, 'gap')} (${grouped(summary.gapBytes)} B), ${grouped(summary.skippedBytes)} B passed over`
  return [line(ended), line(again), line(wire)]
}
