/** Every sample on a port that says nothing: the same packets and figures, by what their bytes prove. */
import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { Analysis } from '../../src/analysis/analysis.ts'
import type { Line } from '../../src/analysis/direction.ts'
import { ReportAnalysis } from '../../src/analysis/report-analysis.ts'
import { Unproven } from '../../src/analysis/unproven.ts'
import { fromHex } from '../../src/base/bytes.ts'
import { Frame, type RunSink } from '../../src/base/line.ts'
import { utf8 } from '../../src/base/strings.ts'
import { CaptureReader } from '../../src/capture/reader.ts'
import { CaptureWriter } from '../../src/capture/writer.ts'
import { Budget } from '../../src/mqtt/framer.ts'
import { Flow } from '../../src/net/flow.ts'
import { readSegment, Segment } from '../../src/net/segment.ts'
import { StatsReport } from '../../src/report/stats/stats.ts'
import type { PacketRecord } from '../../src/store/record.ts'
import { Stream } from '../../src/store/stream.ts'
import { Candidate, HeldTotal, type Prover } from '../../src/transport/candidate.ts'

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

for (const name of readdirSync('samples').filter(file => file.endsWith('.pcapng')))
  test(`${name} on port ${PORT}`, () => {
    const capture = readFileSync(`samples/${name}`)
    const right = packets(capture)
    expect(right.length).toBeGreaterThan(0)
    expect(packets(moved(capture))).toEqual(right)
    expect(packets(moved(capture), new Set([1883]))).toEqual([])
    expect(figures(moved(capture))).toEqual(figures(capture))
  })

test('a flow that carried MQTT in a wrapping has to prove itself anew when it goes on', () => {
  const line = { budget: new Budget() } as unknown as Line
  const [plain, wrapped] = [new Flow(0, new Segment()), new Flow(1, new Segment())]
  const unproven = new Unproven(line, flow => new Stream(flow, 0), {})
  const candidate = new Candidate({} as Prover, new HeldTotal())
  unproven.take(plain, candidate, undefined)
  unproven.take(wrapped, candidate, { layers: ['websocket'], tls: undefined, webSocket: undefined })
  expect([unproven.has(plain), unproven.has(wrapped)]).toEqual([true, false])
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
  const [client, server] = new Unproven(line, of => new Stream(of, 0), {}).unwrap(flow, undefined)
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
