/** A row read again from the capture must be the record that went by. */
import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { Pipeline } from '../../src/analysis/pipeline.ts'
import { hex } from '../../src/base/bytes.ts'
import { logOver } from '../../src/capture/log.ts'
import { findingsOf } from '../../src/store/findings.ts'
import type { PacketRecord, RecordSink } from '../../src/store/record.ts'
import { Store } from '../../src/store/store.ts'
import type { Stream } from '../../src/store/stream.ts'
import { connectionOf, recordOf } from '../support/record.ts'

const SAMPLES = new URL('../../samples/', import.meta.url)
const names = readdirSync(SAMPLES).filter(name => name.endsWith('.pcapng'))

function told(record: PacketRecord): string {
  const { raw, packet, stream } = record
  const { frame } = raw
  return [
    record.number,
    record.type,
    record.version,
    record.side,
    stream.flow.endpoint(record.side),
    record.aliasTopic,
    record.aliasUnknown,
    raw.end - raw.start,
    raw.readable - raw.start,
    hex(raw.bytes, raw.start, raw.kept),
    raw.holes.join(),
    raw.incomplete,
    raw.badLength,
    frame.number,
    frame.seconds,
    frame.nanos,
    frame.link,
    frame.wireSize,
    hex(frame.bytes, frame.start, frame.end),
    packet.malformed,
    packet.firstFault,
    findingsOf(record)
      .map(finding => `${finding.id}@${finding.offset}`)
      .join(),
  ].join(' ')
}

class Both implements RecordSink {
  readonly store = new Store()
  readonly lines: string[] = []
  packet(record: PacketRecord): void {
    this.lines.push(told(record))
    this.store.append(record)
  }
  gap(): void {}
  skipped(): void {}
  damage(): void {}
}

test.each(names)('%s: every row is read back as it went by', name => {
  const bytes = new Uint8Array(readFileSync(new URL(name, SAMPLES)))
  const sink = new Both()
  const pipeline = new Pipeline(sink)
  // The chunk's memory is used again after the call: whoever keeps a view of it keeps the wrong bytes.
  for (let at = 0; at < bytes.length; at += 1000) {
    const chunk = bytes.slice(at, at + 1000)
    pipeline.push(chunk)
    chunk.fill(0xee)
  }
  pipeline.end()
  const log = logOver((position, length) => bytes.subarray(position, position + length))
  expect(sink.store.rows).toBeGreaterThan(0)
  const loaded = sink.lines.map((_, row) => told(sink.store.load(row, log)))
  expect(loaded).toEqual(sink.lines)
})

test('a connection goes with the last of its packets, and what comes of it then is another', () => {
  const store = new Store()
  const [first, second] = [connectionOf(), connectionOf({ fromPort: 51_035 })]
  const ping = (stream: Stream): number => store.append(recordOf('c000', { stream }))
  for (const stream of [first, second, first, second]) ping(stream)
  store.forget(1)
  expect(store.streams).toEqual([first, second])
  store.forget(2)
  expect(store.streams).toEqual([undefined, second])
  ping(first)
  expect([store.streamId(0), store.streamId(1)]).toEqual([1, 2])
  expect(store.streams).toEqual([undefined, second, first])
})

test('columns say what the records said', () => {
  const bytes = new Uint8Array(readFileSync(new URL('qos2.pcapng', SAMPLES)))
  const sink = new Both()
  const pipeline = new Pipeline(sink)
  pipeline.push(bytes)
  pipeline.end()
  const { store } = sink
  const rows = Array.from({ length: store.rows }, (_, row) => row)
  expect(rows.map(row => store.type(row)).slice(0, 4)).toEqual([1, 2, 8, 9])
  const publishes = rows.filter(row => store.type(row) === 3)
  expect(publishes.every(row => store.topicId(row) >= 0)).toBe(true)
  expect(new Set(publishes.map(row => store.topics.text(store.topicId(row)))).size).toBe(1)
  expect(rows.filter(row => store.type(row) === 5).every(row => store.packetId(row) > 0)).toBe(true)
  expect(store.topicId(0)).toBe(-1)
})

test('rows beyond the limit are counted, not kept', () => {
  const bytes = new Uint8Array(readFileSync(new URL('qos2.pcapng', SAMPLES)))
  const store = new Store(3)
  const pipeline = new Pipeline({ packet: record => void store.append(record), gap() {}, skipped() {}, damage() {} })
  pipeline.push(bytes)
  const { packets } = pipeline.end()
  expect(store.rows).toBe(3)
  expect(store.refused).toBe(packets - 3)
})
