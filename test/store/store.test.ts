/** A row read again from the capture must be the record that went by. */
import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { Pipeline } from '../../src/analysis/pipeline.ts'
import { fromHex, hex } from '../../src/base/bytes.ts'
import { NOWHERE } from '../../src/base/line.ts'
import { DERIVED } from '../../src/capture/derived.ts'
import { logOver } from '../../src/capture/log.ts'
import { findingsOf } from '../../src/store/findings.ts'
import type { PacketRecord, RecordSink } from '../../src/store/record.ts'
import { Store } from '../../src/store/store.ts'
import type { Stream } from '../../src/store/stream.ts'
import { nodeCrypto } from '../../src/transport/tls/node-crypto.ts'
import { inflateRaw } from '../../src/transport/zlib.ts'
import { ethernet, ip4, pcapOf, SYN, tcp } from '../support/net.ts'
import { connectionOf, recordOf } from '../support/record.ts'

const SAMPLES = new URL('../../samples/', import.meta.url)
const names = readdirSync(SAMPLES).filter(name => name.endsWith('.pcapng') && name !== 'tls-nokeys.pcapng')

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
  const pipeline = new Pipeline(sink, { crypto: nodeCrypto, inflate: inflateRaw })
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

const SYN_FRAME = ethernet(ip4(tcp({ seq: 99, flags: SYN })))

/** TCP segments of one stream, each in two IP fragments: their bytes stand nowhere in the capture in one piece. */
function inFragments(packets: readonly string[]): Uint8Array {
  let seq = 100
  const frames = packets.flatMap((packet, id) => {
    const segment = tcp({ seq, data: fromHex(packet) })
    seq += fromHex(packet).length
    const part = (from: number, to: number, flag: number) =>
      ethernet(ip4(segment.subarray(from, to), { id, fragment: flag | (from / 8) }))
    return [part(0, 16, 0x2000), part(16, segment.length, 0)]
  })
  return pcapOf([SYN_FRAME, ...frames])
}

test('bytes that stand nowhere in the capture have a position in the derived log, and are read back', () => {
  const connect = '100d 0004 4d515454 04 02 003c 0001 63'
  // The first PUBLISH comes in two segments, the last one never becomes whole.
  const bytes = inFragments([connect, '300c 0001 61 616263646566', '676869', '3004 0001 62 78', '3009 0001'])
  const sink = new Both()
  const pipeline = new Pipeline(sink)
  pipeline.push(bytes)
  pipeline.end()
  const log = logOver((position, length) => bytes.subarray(position, position + length))
  const rows = sink.lines.map((_, row) => sink.store.load(row, log))
  expect(rows.map(told)).toEqual(sink.lines)
  expect(rows.map(record => [...record.raw.pieces])).toEqual([
    [DERIVED, 15],
    [DERIVED + 15, 14],
    [DERIVED + 29, 6],
    [NOWHERE, 4],
  ])
})

test('a packet that is in the capture in part is read back whole', () => {
  const frames = [SYN_FRAME, ethernet(ip4(tcp({ seq: 100, data: fromHex('300b 0001 61 6162') })))]
  const cut = tcp({ seq: 107, data: fromHex('6364') })
  const part = (from: number, to: number, flag: number): Uint8Array =>
    ethernet(ip4(cut.subarray(from, to), { id: 9, fragment: flag | (from / 8) }))
  frames.push(part(0, 16, 0x2000), part(16, cut.length, 0), ethernet(ip4(tcp({ seq: 109, data: fromHex('65666768') }))))
  const bytes = pcapOf(frames)
  const sink = new Both()
  const pipeline = new Pipeline(sink)
  pipeline.push(bytes)
  pipeline.end()
  const log = logOver((position, length) => bytes.subarray(position, position + length))
  const { raw } = sink.store.load(0, log)
  expect(hex(raw.bytes)).toBe('300b0001616162636465666768')
  expect(raw.pieces.filter((_, at) => at % 2 === 1)).toEqual([7, 2, 4])
  expect(raw.pieces[2]).toBe(NOWHERE)
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
