/**
 * Captures of MQTT in TLS, in WebSocket and plain on ports of nobody, behind PROXY heads and beside other protocols, with frames
 * lost, repeated, changed and in another order, with keys, without, and with wrong ones: through the whole line into exporters.
 */
import { readFileSync } from 'node:fs'
import { ReportAnalysis } from '../../src/analysis/report-analysis.ts'
import { concatBytes } from '../../src/base/bytes.ts'
import { CaptureReader } from '../../src/capture/reader.ts'
import { resolveFields } from '../../src/export/columns.ts'
import { FieldsExporter } from '../../src/export/fields.ts'
import { NdjsonExporter } from '../../src/export/ndjson.ts'
import { TextExporter } from '../../src/export/text.ts'
import type { Report } from '../../src/report/report.ts'
import { SessionsReport } from '../../src/report/sessions.ts'
import { KeyLogReader, KeyStore } from '../../src/transport/keys.ts'
import { nodeCrypto } from '../../src/transport/tls/node-crypto.ts'
import { inflateRaw } from '../../src/transport/zlib.ts'
import * as net from '../support/net.ts'
import { Random } from '../support/random.ts'

interface Recorded {
  readonly frames: readonly Uint8Array[]
  readonly keys: readonly Uint8Array[]
}

/** Frames and secrets of a sample. */
function recorded(name: string): Recorded {
  const frames: Uint8Array[] = []
  const keys: Uint8Array[] = []
  const reader = new CaptureReader({
    frame: ({ bytes, start, end }) => frames.push(bytes.slice(start, end)),
    lost: () => {},
    damage: () => {},
    secrets: text => keys.push(text.slice()),
  })
  reader.push(readFileSync(`samples/${name}.pcapng`))
  reader.end()
  return { frames, keys }
}

const SAMPLES = ['tls', 'tls-nokeys', 'websocket', 'tls', 'websocket', 'connect', 'qos2', 'midstream'].map(recorded)
const PORTS = [undefined, undefined, undefined, new Set([1883, 8083, 8883]), new Set([8883]), new Set([8083])]
const text = new TextEncoder()
const HTTP = [
  'GET / HTTP/1.1\r\nHost: a\r\n\r\n',
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n0\r\n\r\n',
  'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  'SSH-2.0-x\r\n',
  '*1\r\n$4\r\nPING\r\n',
]
const CONNECT = Uint8Array.of(0x10, 13, 0, 4, 77, 81, 84, 84, 4, 2, 0, 60, 0, 1, 99)
const PROXY = [
  text.encode('PROXY TCP4 192.0.2.9 192.0.2.2 1000 1883\r\n'),
  Uint8Array.of(
    13,
    10,
    13,
    10,
    0,
    13,
    10,
    0x51,
    0x55,
    0x49,
    0x54,
    10,
    0x21,
    0x11,
    0,
    12,
    1,
    2,
    3,
    4,
    5,
    6,
    7,
    8,
    0,
    9,
    7,
    91,
  ),
  text.encode('PROXY UNKNOWN\r\n'),
]
const COLUMNS = [
  'mqtt.msgtype',
  'mqtt.via',
  'tls.record.length',
  'tls.handshake.ciphersuite',
  'websocket.opcode',
  'websocket.masking_key',
]

/** One more stream, of something else or behind a PROXY head. */
function stranger(random: Random): Uint8Array[] {
  const from = 30_000 + random.below(1000)
  const to = random.pick([1883, 4711, 8083, 443])
  const data = random.chance(0.5)
    ? text.encode(random.pick(HTTP))
    : concatBytes(random.pick(PROXY), random.chance(0.8) ? CONNECT : random.bytes(20))
  const seq = random.word()
  const frames: Uint8Array[] = []
  if (random.chance(0.8))
    frames.push(net.ethernet(net.ip4(net.tcp({ from, to, seq: (seq - 1) >>> 0, flags: net.SYN }))))
  for (let at = 0; at < data.length; ) {
    const size = 1 + random.below(data.length)
    frames.push(net.ethernet(net.ip4(net.tcp({ from, to, seq: (seq + at) >>> 0, data: data.slice(at, at + size) }))))
    at += size
  }
  return frames
}

function disturbed(random: Random, frames: readonly Uint8Array[]): Uint8Array[] {
  let list = frames.map(bytes => (random.chance(0.02) ? changed(random, bytes) : bytes))
  if (random.chance(0.3)) list = list.slice(random.below(list.length))
  if (random.chance(0.5)) list = list.filter(() => !random.chance(0.03))
  if (random.chance(0.3))
    list = list.map(bytes => (random.chance(0.1) ? bytes.slice(0, 20 + random.below(bytes.length)) : bytes))
  for (let count = random.below(6); count > 0 && list.length > 2; count--) {
    const at = random.below(list.length - 1)
    list.splice(at, 2, ...list.slice(at, at + 2).reverse())
  }
  if (random.chance(0.5)) list.splice(random.below(list.length), 0, ...stranger(random))
  return list
}

function changed(random: Random, bytes: Uint8Array): Uint8Array {
  const copy = bytes.slice()
  copy[34 + random.below(Math.max(1, copy.length - 34))] = random.below(256)
  return copy
}

function keysOf(random: Random, texts: readonly Uint8Array[]): KeyStore {
  const keys = new KeyStore()
  keys.mayGrow = random.chance(0.3)
  if (random.chance(0.2)) keys.onUsed = line => void line.length
  if (random.chance(0.2)) return keys
  const reader = new KeyLogReader(keys)
  for (const one of texts) reader.push(random.chance(0.1) ? changed(random, one) : one)
  if (random.chance(0.1)) reader.push(text.encode(`RSA ${'01'.repeat(8)} ${'02'.repeat(48)}\n${'x'.repeat(5000)}`))
  if (random.chance(0.5)) reader.end()
  return keys
}

function reportOf(random: Random): Report {
  const write = (): void => {}
  const options = {
    format: random.pick(['text', 'ndjson'] as const),
    redact: random.chance(0.3),
    color: false,
    width: undefined,
  }
  switch (random.below(4)) {
    case 0:
      return new NdjsonExporter({ redact: options.redact }, write)
    case 1:
      return new SessionsReport({ ...options, verbose: random.chance(0.5) }, write)
    case 2:
      return new FieldsExporter({ columns: resolveFields(COLUMNS) }, write)
    default:
      return new TextExporter({ verbose: true, bytes: true, redact: options.redact, color: false, time: 'r' }, write)
  }
}

export function fuzzWrapped(seed: number): void {
  const random = new Random(seed)
  const { frames, keys } = random.pick(SAMPLES)
  const file = net.pcapOf(disturbed(random, frames))
  const ports = random.pick(PORTS)
  const analysis = new ReportAnalysis(reportOf(random), {
    depth: random.pick(['packets', 'sessions', 'fanout']),
    count: Number.POSITIVE_INFINITY,
    ...(ports === undefined ? {} : { ports, wrappedPorts: new Set(random.chance(0.3) ? [8083, 8883] : []) }),
    inflate: random.chance(0.9) ? inflateRaw : undefined,
    crypto: random.chance(0.9) ? nodeCrypto : undefined,
    keys: keysOf(random, keys),
    seed: random.word(),
  })
  for (let at = 0; at < file.length; ) {
    const end = at + 1 + random.below(random.chance(0.5) ? 100_000 : 500)
    analysis.push(file.slice(at, end))
    at = end
  }
  const summary = analysis.end()
  analysis.finish(summary)
  const { flows, connections, skippedBytes, gapBytes } = summary
  if (connections > flows) throw new Error(`${connections} connections of ${flows} flows`)
  if (!(skippedBytes >= 0 && gapBytes >= 0)) throw new Error(`${skippedBytes} skipped, ${gapBytes} missing`)
}
