/** The numbers of a capture as one JSON record. */

import type { Histogram } from '../../base/histogram.ts'
import { TYPE_NAMES, VERSION_NAMES, type Version } from '../../mqtt/spec.ts'
import { milliseconds } from '../../text/units.ts'
import { recordOf } from '../topics.ts'
import { MOST_TOP, type Numbers, topClients } from './numbers.ts'
import type { Rates } from './rates.ts'
import type { ClientCount } from './tally.ts'

export function statsRecord(numbers: Numbers): object {
  const { tally, wire, summary, duration, topics } = numbers
  return {
    record: 'stats',
    duration: Math.round(duration * 1e9) / 1e9,
    frames: summary.frames,
    flows: summary.flows,
    connections: summary.connections,
    sessions: numbers.sessions,
    packets: tally.all.packets,
    bytes: tally.all.bytes,
    malformed: tally.malformed,
    types: Object.fromEntries(
      tally.types.flatMap((count, type) => (count.packets === 0 ? [] : [[TYPE_NAMES[type] ?? '', plain(count)]])),
    ),
    versions: Object.fromEntries(
      [...tally.versions].map(([version, count]) => [VERSION_NAMES[version as Version], plain(count)]),
    ),
    from: Object.fromEntries([...tally.senders].map(([sender, count]) => [sender, plain(count)])),
    publish: {
      qos: tally.qos.map(plain),
      dup: tally.dups,
      retain: tally.retained,
      payloadBytes: tally.payloadBytes,
    },
    rates: { packets: rates(tally.packetRates, duration), bytes: rates(tally.byteRates, duration) },
    sizes: { packets: sizes(tally.sizes), payloads: sizes(tally.payloads) },
    wire: {
      frames: wire.frames,
      bytes: wire.bytes,
      tcpPayload: wire.payload,
      headers: wire.bytes - wire.payload,
    },
    latencies: numbers.latencies.map(({ kind, from, total, refused, unfinished }) => ({
      kind,
      from,
      complete: total.count,
      refused,
      unfinished,
      ...latencies(total),
    })),
    topics: topics?.table
      .sorted()
      .slice(0, MOST_TOP)
      .map(({ topic, count }) => ({ ...recordOf(topic, count, numbers.clock), record: undefined })),
    clients: topClients(numbers).map(([client, count]) => ({ client, ...clientRecord(count) })),
    tcp: {
      retransmissions: wire.retransmissions,
      repeatedBytes: wire.repeatedBytes,
      copies: wire.copies,
      outOfOrder: wire.outOfOrder,
      keepAlives: wire.keepAlives,
      gaps: wire.gaps,
      gapBytes: wire.gapBytes,
    },
    skippedBytes: summary.skippedBytes,
    damage: summary.damage,
    dropped: summary.dropped,
    leftOut: summary.leftOut,
    undecided: summary.undecided,
    unread: summary.unread.length === 0 ? undefined : summary.unread,
  }
}

const plain = ({ packets, bytes }: { packets: number; bytes: number }): object => ({ packets, bytes })

const rates = (rate: Rates, duration: number): object => ({
  least: rate.fewest(duration),
  mean: Math.round(rate.mean(duration) * 1000) / 1000,
  most: rate.most,
})

function sizes(histogram: Histogram): object | undefined {
  if (histogram.count === 0) return undefined
  return {
    least: histogram.least,
    mean: Math.round(histogram.mean * 1000) / 1000,
    p50: Math.round(histogram.percentile(0.5)),
    p95: Math.round(histogram.percentile(0.95)),
    p99: Math.round(histogram.percentile(0.99)),
    most: histogram.most,
  }
}

function latencies(histogram: Histogram): object {
  if (histogram.count === 0) return {}
  return {
    p50Ms: milliseconds(histogram.percentile(0.5)),
    p95Ms: milliseconds(histogram.percentile(0.95)),
    p99Ms: milliseconds(histogram.percentile(0.99)),
    maxMs: milliseconds(histogram.most),
  }
}

const clientRecord = ({ sent, received, published, delivered }: ClientCount): object => ({
  sent: plain(sent),
  received: plain(received),
  published,
  delivered,
})
