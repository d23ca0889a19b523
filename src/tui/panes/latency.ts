/** How long handshakes took: how often how long for one kind, and percentiles for each. */

import type { Histogram } from '../../base/histogram.ts'
import { binsFor, kindWithLatency, type Latencies, latencyAt, latencyBins, latencyRows } from '../../diagram/latency.ts'
import { type ExchangeKind, KIND_NAMES } from '../../store/vocabulary.ts'
import { padEnd, padStart } from '../../text/cells.ts'
import { grouped } from '../../text/numbers.ts'
import { shortDuration } from '../../text/units.ts'
import { type Line, line, rule, span } from '../spans.ts'
import { chart } from './chart.ts'
import { sparkline } from './sparkline.ts'

const AXIS = 9
/** Columns between two times written below the chart. */
const MARK_EVERY = 16
/** Title, times below, names of the columns. */
const AROUND = 3
const LEAST_CHART = 4

/** Beside the percentiles, where there are values enough to have a shape. */
const SHAPE_WIDTH = 12
const LEAST_SHAPED = 10

/** Percentiles by kind; of `first`, if any, before the others. */
export function latencyTable(latencies: Latencies, first?: ExchangeKind): readonly Line[] {
  const head = `   ${padEnd('Took', 12)}${padStart('Complete', 12)}${['p50', 'p95', 'p99', 'max'].map(text => padStart(text, 9)).join('')}`
  const shown = latencyRows(latencies, first).map(({ kind, count: complete, p50, p95, p99, most }): Line => {
    const text = [p50, p95, p99, most].map(seconds => padStart(shortDuration(seconds), 9)).join('')
    const name = `   ${padEnd(KIND_NAMES[kind], 12)}${padStart(grouped(complete), 12)}`
    return [span(name), span(text, 'number'), span(shape(latencies.get(kind)), 'dim')]
  })
  return [line(head, 'head'), ...(shown.length === 0 ? [line('   nothing complete yet', 'dim')] : shown)]
}

const shape = (took: Histogram | undefined): string =>
  took === undefined || took.count < LEAST_SHAPED ? '' : `  ${sparkline(heights(took, SHAPE_WIDTH))}`

const heights = (took: Histogram, bins: number): readonly number[] => latencyBins(took, bins).map(({ value }) => value)

/** Of the kind, or of the first that has any. */
export function latencyHistogram(
  latencies: Latencies,
  kind: ExchangeKind | undefined,
  width: number,
  height: number,
): readonly Line[] {
  const chosen = kindWithLatency(latencies, kind)
  const took = chosen === undefined ? undefined : latencies.get(chosen)
  const table = latencyTable(latencies, chosen)
  if (chosen === undefined || took === undefined) return [rule('How long handshakes took', '', width, true), ...table]
  const room = Math.max(LEAST_CHART, height - AROUND - latencies.size)
  return [
    rule(`How long ${KIND_NAMES[chosen]} took, ${grouped(took.count)} complete`, '', width, true),
    ...columns(took, width - AXIS - 2, room),
    ...table,
  ]
}

/** From the shortest time on the left to the longest on the right; few values have wide columns. */
function columns(took: Histogram, width: number, height: number): readonly Line[] {
  const bins = binsFor(took, width)
  const cells = Math.floor(width / bins)
  const values = heights(took, bins)
  const most = Math.max(...values)
  const wide = values.flatMap(value => new Array<number>(cells).fill(value))
  const bars = chart(wide, height).map((text, at) => [
    span(`${padStart(at === 0 ? grouped(most) : at === height - 1 ? '0' : '', AXIS - 1)} `, 'dim'),
    span('│', 'rule'),
    span(text, 'number'),
  ])
  return [...bars, [span(' '.repeat(AXIS + 1)), span(marks(took, bins * cells), 'dim')]]
}

/** Times at every so many columns; a single one if all took as long. */
function marks(took: Histogram, width: number): string {
  const least = latencyAt(took, 0)
  if (latencyAt(took, 1) <= least) return shortDuration(least)
  let text = ''
  for (let at = 0; at < width; at += MARK_EVERY) text += padEnd(shortDuration(latencyAt(took, at / width)), MARK_EVERY)
  return text.slice(0, width)
}
