/** Every sample on a port that says nothing: the same packets and figures, by what their bytes prove. */

import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { Analysis } from '../../src/analysis/analysis.ts'
import type { Line } from '../../src/analysis/direction.ts'
import { MOST_UNPROVEN, Pipeline } from '../../src/analysis/pipeline.ts'
import { ReportAnalysis } from '../../src/analysis/report-analysis.ts'
import { type Streams, Unproven } from '../../src/analysis/unproven.ts'
import { fromHex } from '../../src/base/bytes.ts'
import { Frame, type RunSink } from '../../src/base/line.ts'
import { utf8 } from '../../src/base/strings.ts'
import { CaptureReader } from '../../src/capture/reader.ts'
import { CaptureWriter } from '../../src/capture/writer.ts'
import { Budget } from '../../src/mqtt/framer.ts'
import { Flow } from '../../src/net/flow.ts'
import { readSegment, Segment } from '../../src/net/segment.ts'
import { FindingsReport } from '../../src/report/findings.ts'
import { StatsReport } from '../../src/report/stats/stats.ts'
import type { PacketRecord } from '../../src/store/record.ts'
import { Stream } from '../../src/store/stream.ts'
import { Candidate, HeldTotal, type Prover } from '../../src/transport/candidate.ts'
import { wrapped } from '../../src/transport/facts.ts'
import { ACK, ethernet, ip4, PSH, pcapOf as pcapOfFrames, SYN, tcp } from '../support/net.ts'
import { Connection, pcapOf } from '../support/wire.ts'

const PORT = 4711

/** The capture with PORT in place of 1883, in every TCP header. */
function moved(capture: Uint8Array): Uint8Array {
  const writer = new CaptureWriter()
  const pieces: Uint8Array[] = []
  const segment = new Segment()
  const frame = (frame: Frame): void => {
    if (readSegment(frame, segment)) {
      const { bytes, header, sourcePort } = segment
      const at = sourcePort === 1883 ? header : header + 2
      bytes[at] = PORT >> 8
      bytes[at + 1] = PORT & 0xff
    }
    pieces.push(writer.write(frame).slice())
  }
  const reader = new CaptureReader({ frame, lost: () => {}, damage: () => {} })
  reader.push(Uint8Array.from(capture))
  reader.end()
  return Buffer.concat(pieces)
}

function packets(capture: Uint8Array, ports?: ReadonlySet<number>): readonly string[] {
  const list: string[] = []
  const packet = ({ number, type, version, side, stream, raw }: PacketRecord): void => {
    list.push(
      `${number} ${stream.flow.index}.${side} type ${type} of ${version} ${stream.senderOf(side)} ${raw.end - raw.start} B`,
    )
  }
  const nothing = (): void => {}
  const sink = { packet, gap: nothing, skipped: nothing, damage: nothing, exchange: nothing, connection: nothing }
  const analysis = new Analysis(sink as never, { ports })
  analysis.push(capture)
  analysis.end()
  return list
}

/** The records of `findings`, ports left out. */
function findings(capture: Uint8Array): readonly string[] {
  let text = ''
  const options = { color: false, redact: false, format: 'ndjson', seed: 1, explain: true }
  const report = new FindingsReport(options as never, piece => {
    text += piece
  })
  const analysis = new ReportAnalysis(report, { depth: 'copies', count: Number.POSITIVE_INFINITY, seed: 1 })
  analysis.push(capture)
  analysis.finish(analysis.end())
  return text.replaceAll(`:${PORT}`, ':1883').split('\n')
}

/** What `stats` counts on the wire, ports left out. */
function figures(capture: Uint8Array): unknown {
  let text = ''
  const options = { color: false, redact: false, format: 'ndjson', seed: 1 }
  const report = new StatsReport(options as never, piece => {
    text += piece
  })
  const analysis = new ReportAnalysis(report, { depth: 'sessions', count: Number.POSITIVE_INFINITY, seed: 1 })
  analysis.push(capture)
  analysis.finish(analysis.end())
  const { wire } = JSON.parse(text.split('\n').find(line => line.includes('"wire"')) ?? '{}') as { wire?: unknown }
  expect(wire).toBeDefined()
  return wire
}

/** Samples with MQTT in wrappings, which is on other ports already. */
const WRAPPED = ['websocket.pcapng', 'tls.pcapng', 'tls-nokeys.pcapng']
const isPlain = (file: string): boolean => file.endsWith('.pcapng') && !WRAPPED.includes(file)

for (const name of readdirSync('samples').filter(isPlain))
  test(`${name} on port ${PORT}`, () => {
    const capture = readFileSync(`samples/${name}`)
    const right = packets(capture)
    expect(right.length).toBeGreaterThan(0)
    expect(packets(moved(capture))).toEqual(right)
    expect(packets(moved(capture), new Set([1883]))).toEqual([])
    expect(figures(moved(capture))).toEqual(figures(capture))
    expect(findings(moved(capture))).toEqual(findings(capture))
  })

const CONNECT = fromHex('100d00044d5154540402003c000161')
const CONNACK = fromHex('20020000')
const PUBLISH = fromHex('3005000161 7879')
const EARLY = fromHex('00')

/** One client on this port, as one TCP connection or as a capture point on both sides of a translation sees it: twice. */
function conversation(
  port: number,
  isTwice: boolean,
  ...steps: readonly ((connection: Connection) => void)[]
): Uint8Array {
  const frames: Uint8Array[] = []
  const names = isTwice ? ['192.0.2.11', '198.51.100.7'] : ['192.0.2.11']
  const both = names.map((client, at) => new Connection(frames, 4, 50_001 + at, 1000, { client, serverPort: port }))
  for (const step of steps) for (const connection of both) step(connection)
  return pcapOf(frames)
}

const says =
  (isClient: boolean, bytes: Uint8Array) =>
  (connection: Connection): void =>
    connection.send(isClient, bytes)

const REST = [says(false, CONNACK), says(true, PUBLISH), (connection: Connection) => connection.finish()]

describe('what TCP did before a stream has proved itself', () => {
  const same = (isTwice: boolean, ...steps: readonly ((connection: Connection) => void)[]): readonly string[] => {
    const [right, other] = [conversation(1883, isTwice, ...steps), conversation(PORT, isTwice, ...steps)]
    expect(packets(other)).toEqual(packets(right))
    expect(findings(other)).toEqual(findings(right))
    expect(figures(other)).toEqual(figures(right))
    return findings(other).flatMap(line => /"record":"finding".*"id":"(tcp[^"]+)"/.exec(line)?.[1] ?? [])
  }

  test('is reported when it does', () => {
    const again = (connection: Connection): void => connection.begin(900_000)
    expect(same(false, again, says(true, CONNECT), ...REST)).toEqual(['tcp.syn_in_connection'])
    const reset = (connection: Connection): void => connection.reset(false)
    expect(same(false, reset, says(true, CONNECT), ...REST)).toEqual(Array(3).fill('tcp.data_after_rst'))
  })

  test('a twin is one stream more, and its packets are read once', () => {
    expect(same(true, says(true, CONNECT), ...REST)).toEqual(['tcp.same_stream'])
  })

  test('a twin that is found while the first one has not proved anything', () => {
    const [first, second] = [CONNECT.slice(0, 3), CONNECT.slice(3)]
    expect(same(true, says(true, first), says(true, second), ...REST)).toEqual(['tcp.same_stream'])
  })

  test('the twin of what is no MQTT is none', () => {
    for (const bytes of [EARLY, utf8('GET'), utf8('GET / HTTP/1.1\r\n\r\n')]) {
      const capture = conversation(PORT, true, says(true, bytes), says(true, bytes), connection => connection.finish())
      expect([packets(capture), findings(capture)]).toEqual([[], ['']])
    }
  })
})

const streams: Streams = {
  adopt: flow => new Stream(flow, 0),
  streamOf: () => undefined,
  isNamed: () => false,
  seal: () => {},
}

test('a flow that carried MQTT in a wrapping has to prove itself anew when it goes on', () => {
  const line = { budget: new Budget() } as unknown as Line
  const [plain, inner] = [new Flow(0, new Segment()), new Flow(1, new Segment())]
  const unproven = new Unproven(line, streams, {})
  const candidate = new Candidate({} as Prover, new HeldTotal())
  unproven.take(plain, candidate, undefined)
  unproven.take(inner, candidate, wrapped(undefined, { layers: ['websocket'] }))
  expect([unproven.has(plain), unproven.has(inner)]).toEqual([true, false])
})

test('bytes of a WebSocket that are passed over behind a gap are reported for the stream it carries', () => {
  const skipped: string[] = []
  const line = {
    budget: new Budget(),
    packet: (): void => {},
    gap: (): void => {},
    ended: (): void => {},
    skipped: (_stream: Stream, side: number, size: number): void => void skipped.push(`${side}: ${size}`),
  } as unknown as Line
  const flow = Object.assign(new Flow(0, new Segment()), { client: 0 as const })
  const [client, server] = new Unproven(line, streams, {}).unwrap(flow, undefined)
  const frame = new Frame()
  const send = (sink: RunSink, bytes: Uint8Array): void => sink.run(bytes, 0, bytes.length, frame, 0)
  send(
    client,
    utf8('GET /mqtt HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n'),
  )
  send(
    server,
    utf8('HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n'),
  )
  // A binary frame, masked with zeros, that holds a CONNECT.
  send(client, fromHex('828e00000000 100c00044d5154540402003c0000'))
  client.gap(0, frame)
  send(client, utf8('nothing'))
  client.end('fin')
  server.end('fin')
  expect(skipped).toEqual(['0: 7'])
})

test('8,192 streams that have not proved anything: beyond it the one that has waited longest is let go', () => {
  const seen: string[] = []
  const sink = {
    packet: (record: PacketRecord) => seen.push(record.stream.flow.endpoint(0)),
    gap() {},
    skipped() {},
    damage() {},
  }
  const pipeline = new Pipeline(sink)
  const frames: Uint8Array[] = []
  const from = (index: number, data: Uint8Array, flags: number, seq: number): void => {
    const source = [10, 0, index >> 8, index & 255]
    frames.push(
      ethernet(ip4(tcp({ from: 40_000, to: PORT, seq, flags, data }), { source, target: [192, 0, 2, 2], id: index })),
    )
  }
  for (let index = 0; index <= MOST_UNPROVEN; index++) from(index, new Uint8Array(0), SYN, 99)
  for (const index of [0, 1]) from(index, CONNECT, PSH | ACK, 100)
  pipeline.push(pcapOfFrames(frames))
  const { undecided, leftOut } = pipeline.end()
  expect(seen).toEqual(['10.0.0.1:40000'])
  expect([undecided, leftOut]).toEqual([1, undefined])
})
