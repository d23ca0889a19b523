/** Latencies of handshakes as data: percentiles of each kind, and the distribution of one kind. */
import type { Histogram } from '../base/histogram.ts'
import type { ExchangeKind } from '../store/vocabulary.ts'
import type { Bar } from './bars.ts'

/** Seconds that complete exchanges took, by kind; without the kinds that have none. */
export type Latencies = ReadonlyMap<ExchangeKind, Histogram>

/** Percentiles of one kind, in seconds. */
export interface LatencyRow {
  readonly kind: ExchangeKind
  /** Exchanges that are complete. */
  readonly count: number
  readonly p50: number
  readonly p95: number
  readonly p99: number
  readonly most: number
}

/** Messages are asked about first. */
const ORDER: readonly ExchangeKind[] = ['qos1', 'qos2', 'connect', 'subscribe', 'unsubscribe', 'ping', 'auth']

/**
 * Seconds of the shortest bin: no clock of a capture is more precise, and zero has no position on a logarithmic scale.
 */
const LEAST_SECONDS = 1e-6
const LEAST_BINS = 8

/** Returns a row for each kind that has complete exchanges; `first`, if given, before the others. */
export function latencyRows(latencies: Latencies, first?: ExchangeKind): readonly LatencyRow[] {
  const kinds = first === undefined ? ORDER : [first, ...ORDER.filter(kind => kind !== first)]
  return kinds.flatMap(kind => {
    const took = latencies.get(kind)
    if (took === undefined) return []
    const [p50, p95, p99] = [took.percentile(0.5), took.percentile(0.95), took.percentile(0.99)]
    return [{ kind, count: took.count, p50, p95, p99, most: took.most }]
  })
}

/** Returns `kind` if it has complete exchanges, else the first kind that has; undefined if none has. */
export const kindWithLatency = (latencies: Latencies, kind: ExchangeKind | undefined): ExchangeKind | undefined =>
  kind !== undefined && latencies.has(kind) ? kind : ORDER.find(one => latencies.has(one))

/** Returns the number of bins, at most `most`, in which so many values have a shape: few values want few, wide ones. */
export const binsFor = ({ count }: Histogram, most: number): number =>
  Math.min(most, Math.max(LEAST_BINS, Math.ceil(2 * Math.sqrt(count))))

/** Returns `count` bins from the shortest to the longest time, each as many times as long as the one before; the value is a number of exchanges. */
export function latencyBins(took: Histogram, count: number): readonly Bar[] {
  return took.spread(count, LEAST_SECONDS).map((value, at) => ({
    from: latencyAt(took, at / count),
    to: latencyAt(took, (at + 1) / count),
    value,
  }))
}

/** Returns the seconds at a position of the scale of bins: 0 is the shortest time, 1 the longest. */
export function latencyAt(took: Histogram, position: number): number {
  const least = Math.max(took.least, LEAST_SECONDS)
  const most = Math.max(took.most, LEAST_SECONDS)
  return least * (most / least) ** position
}
