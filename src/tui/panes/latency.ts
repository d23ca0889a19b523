/** How long handshakes took: how often how long for one kind, and percentiles for each. */

import type { Capture } from '../../analysis/document.ts'
import type { Histogram } from '../../base/histogram.ts'
import { type ExchangeKind, KIND_NAMES } from '../../store/vocabulary.ts'
import { type Line, line, padEnd, padStart, rule, span } from '../spans.ts'
import { chart } from './chart.ts'
import { sparkline } from './sparkline.ts'
import { shortTime } from './words.ts'

const KINDS: readonly ExchangeKind[] = ['qos1', 'qos2', 'connect', 'subscribe', 'unsubscribe', 'ping', 'auth']
const AXIS = 9
/** Columns between two times written below the chart. */
const MARK_EVERY = 16
/** Title, times below, names of the columns. */
const AROUND = 3
/** No clock of a capture tells less apart for sure. */
const LEAST_SECONDS = 1e-6
const LEAST_CHART = 4
const LEAST_RANGES = 8

/** Beside the percentiles, where there are values enough to have a shape. */
const SHAPE_WIDTH = 12
const LEAST_SHAPED = 10

const count = (value: number): string => value.toLocaleString('en')

/** Percentiles by kind; of `first`, if any, before the others. */
export function latencyTable({ latencies }: Capture, first?: ExchangeKind): readonly Line[] {
  const head = `   ${padEnd('Took', 12)}${padStart('Complete', 12)}${['p50', 'p95', 'p99', 'max'].map(text => padStart(text, 9)).join('')}`
  const kinds = first === undefined ? KINDS : [first, ...KINDS.filter(kind => kind !== first)]
  const shown = kinds.flatMap((kind): Line[] => {
    const took = latencies.get(kind)
    if (took === undefined) return []
    const times = [took.percentile(0.5), took.percentile(0.95), took.percentile(0.99), took.most]
    const text = times.map(seconds => padStart(shortTime(seconds), 9)).join('')
    const shape = took.count < LEAST_SHAPED ? '' : `  ${sparkline(took.spread(SHAPE_WIDTH, LEAST_SECONDS))}`
    const name = `   ${padEnd(KIND_NAMES[kind], 12)}${padStart(count(took.count), 12)}`
    return [[span(name), span(text, 'number'), span(shape, 'dim')]]
  })
  return [line(head, 'head'), ...(shown.length === 0 ? [line('   nothing complete yet', 'dim')] : shown)]
}

/** Of the kind, or of the first that has any. */
export function latencyHistogram(
  capture: Capture,
  kind: ExchangeKind | undefined,
  width: number,
  height: number,
): readonly Line[] {
  const { latencies } = capture
  const chosen = kind !== undefined && latencies.has(kind) ? kind : KINDS.find(one => latencies.has(one))
  const took = chosen === undefined ? undefined : latencies.get(chosen)
  const table = latencyTable(capture, chosen)
  if (chosen === undefined || took === undefined) return [rule('How long handshakes took', '', width, true), ...table]
  const room = Math.max(LEAST_CHART, height - AROUND - latencies.size)
  return [
    rule(`How long ${KIND_NAMES[chosen]} took, ${count(took.count)} complete`, '', width, true),
    ...columns(took, width - AXIS - 2, room),
    ...table,
  ]
}

/** From the least on the left to the most on the right, each column so many times the one before; few values have wide columns. */
function columns(took: Histogram, width: number, height: number): readonly Line[] {
  const ranges = Math.min(width, Math.max(LEAST_RANGES, Math.ceil(2 * Math.sqrt(took.count))))
  const cells = Math.floor(width / ranges)
  const values = took.spread(ranges, LEAST_SECONDS)
  const most = Math.max(...values)
  const wide = values.flatMap(value => new Array<number>(cells).fill(value))
  const bars = chart(wide, height).map((text, at) => [
    span(`${padStart(at === 0 ? count(most) : at === height - 1 ? '0' : '', AXIS - 1)} `, 'dim'),
    span('│', 'rule'),
    span(text, 'number'),
  ])
  return [...bars, [span(' '.repeat(AXIS + 1)), span(marks(took, ranges * cells), 'dim')]]
}

/** Times at every so many columns. */
function marks(took: Histogram, width: number): string {
  const least = Math.max(took.least, LEAST_SECONDS)
  const most = Math.max(took.most, LEAST_SECONDS)
  if (most <= least) return shortTime(least)
  let text = ''
  for (let at = 0; at < width; at += MARK_EVERY) {
    text += padEnd(shortTime(least * (most / least) ** (at / width)), MARK_EVERY)
  }
  return text.slice(0, width)
}
