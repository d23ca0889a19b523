/** MQTT in WebSocket between real programs: aedes behind ws, MQTT.js in front, with and without compression and TLS, on any port. */
import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Aedes } from 'aedes'
import mqtt from 'mqtt'
import { describe, expect } from 'vitest'
import { createWebSocketStream, WebSocketServer } from 'ws'
import { Analysis } from '../../src/analysis/analysis.ts'
import { resolveFields } from '../../src/export/columns.ts'
import { FieldsExporter } from '../../src/export/fields.ts'
import { Slot } from '../../src/mqtt/fields.ts'
import { PUBLISH, TYPE_NAMES } from '../../src/mqtt/spec.ts'
import type { PacketRecord } from '../../src/store/record.ts'
import { KeyLogReader, KeyStore } from '../../src/transport/keys.ts'
import { nodeCrypto } from '../../src/transport/tls/node-crypto.ts'
import { inflateRaw } from '../../src/transport/zlib.ts'
import { until, watched, withSbin } from '../support/live.ts'
import { SERVER_KEYS } from '../support/tls.ts'
import { needs } from '../support/tools.ts'

const test = needs('tcpdump', 'root')
/** Small, larger than a length of 7 bits, larger than one of 16 bits. */
const PAYLOADS = ['x'.repeat(10), 'abc '.repeat(100), 'temperature 21.4 °C; '.repeat(5000)]
const pause = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))

interface Recording {
  readonly capture: Uint8Array
  readonly keyLog: string
}

/** What crossed the loopback while a client subscribed, published to itself and left. */
async function recorded(perMessageDeflate: boolean, isSecure: boolean): Promise<Recording> {
  const aedes = await Aedes.createBroker()
  let keyLog = ''
  const http = isSecure
    ? createSecureServer(SERVER_KEYS).on('keylog', line => {
        keyLog += line.toString('latin1')
      })
    : createServer()
  http.listen(0, '127.0.0.1')
  await new Promise(resolve => http.once('listening', resolve))
  const threshold = perMessageDeflate ? { perMessageDeflate: { threshold: 0 } } : { perMessageDeflate }
  new WebSocketServer({ server: http, handleProtocols: () => 'mqtt', ...threshold }).on('connection', socket =>
    aedes.handle(createWebSocketStream(socket)),
  )
  const { port } = http.address() as AddressInfo
  const home = mkdtempSync(join(tmpdir(), 'websocket-'))
  const file = join(home, 'all.pcap')
  const args = ['-i', 'lo', '-s', '66000', '-B', '16384', '-U', '--immediate-mode', '-w', file, `tcp port ${port}`]
  const tcpdump = watched(spawn('tcpdump', args, { stdio: ['ignore', 'ignore', 'pipe'], env: withSbin() }))
  let said = ''
  tcpdump.stderr?.on('data', chunk => {
    said += chunk
  })
  try {
    await until('tcpdump listens', () => said.includes('listening'))
    const client = await mqtt.connectAsync(`${isSecure ? 'wss' : 'ws'}://127.0.0.1:${port}`, {
      clientId: 'web',
      wsOptions: { perMessageDeflate, rejectUnauthorized: false },
    })
    let received = 0
    client.on('message', () => received++)
    await client.subscribeAsync('a/#', { qos: 1 })
    for (const payload of PAYLOADS) await client.publishAsync('a/b', payload, { qos: 1 })
    await until('all came back', () => received === PAYLOADS.length)
    await client.endAsync()
    await pause(300)
  } finally {
    http.close()
    await new Promise<void>(resolve => aedes.close(resolve))
    tcpdump.kill('SIGINT')
    await until('tcpdump ends', () => tcpdump.exitCode !== null)
  }
  const capture = new Uint8Array(readFileSync(file))
  rmSync(home, { recursive: true, force: true })
  return { capture, keyLog }
}

function read(
  { capture, keyLog }: Recording,
  step: number,
): { readonly types: readonly string[]; readonly payloads: readonly string[] } {
  const types: string[] = []
  const payloads: string[] = []
  const packet = ({ type, raw, packet, side, stream }: PacketRecord): void => {
    types.push(`${stream.senderOf(side)} ${TYPE_NAMES[type]}`)
    if (type === PUBLISH)
      payloads.push(new TextDecoder().decode(raw.bytes.subarray(packet.start(Slot.payload), packet.end(Slot.payload))))
  }
  const fail = (what: string) => (): void => {
    types.push(what)
  }
  const nothing = (): void => {}
  const keys = new KeyStore()
  new KeyLogReader(keys).push(new TextEncoder().encode(keyLog))
  const sink = { packet, gap: fail('gap'), skipped: fail('skipped'), damage: fail('damage') }
  const analysis = new Analysis({ ...sink, exchange: nothing, connection: nothing } as never, {
    inflate: inflateRaw,
    crypto: nodeCrypto,
    keys,
  })
  for (let at = 0; at < capture.length; at += step) analysis.push(capture.slice(at, at + step))
  analysis.end()
  return { types, payloads }
}

describe('aedes and MQTT.js over WebSocket', () => {
  for (const [isDeflated, isSecure] of [
    [false, false],
    [true, false],
    [false, true],
    [true, true],
  ] as const)
    test(`${isDeflated ? 'compressed' : 'as it is'}${isSecure ? ', in TLS' : ''}`, async () => {
      const recording = await recorded(isDeflated, isSecure)
      const { types, payloads } = read(recording, recording.capture.length)
      expect(types.slice(0, 4)).toEqual(['client CONNECT', 'server CONNACK', 'client SUBSCRIBE', 'server SUBACK'])
      expect(types.filter(type => type === 'client PUBLISH')).toHaveLength(PAYLOADS.length)
      expect(types.filter(type => type === 'server PUBLISH')).toHaveLength(PAYLOADS.length)
      expect(types.at(-1)).toBe('client DISCONNECT')
      expect([...payloads].sort()).toEqual([...PAYLOADS, ...PAYLOADS].sort())
      expect(read(recording, 7)).toEqual({ types, payloads })
    })
})

const HEADER = ['websocket.fin', 'websocket.rsv', 'websocket.opcode', 'websocket.mask', 'websocket.payload_length']

needs('tshark')('sample: the headers of the frames that packets came out of are those that tshark shows', () => {
  const file = 'samples/websocket.pcapng'
  const names = ['frame.number', ...HEADER, 'websocket.masking_key']
  const args = ['-r', file, '-T', 'fields', ...names.flatMap(name => ['-e', name])]
  const theirs = new Set(
    execFileSync('tshark', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).split('\n'),
  )
  let text = ''
  const exporter = new FieldsExporter({ columns: resolveFields(names) }, part => (text += part))
  const analysis = new Analysis(exporter, {
    ports: new Set([8083]),
    wrappedPorts: new Set([8083]),
    inflate: inflateRaw,
  })
  analysis.push(readFileSync(file))
  analysis.end()
  const ours = text.trimEnd().split('\n')
  expect(ours.length).toBeGreaterThan(15)
  // Two frames of WebSocket in one frame of the capture stand side by side in tshark.
  expect(ours.filter(line => !theirs.has(line) && ![...theirs].some(other => isPart(line, other)))).toEqual([])
})

/** True if each value of a line is one of those in the same column of another line. */
const isPart = (line: string, other: string): boolean => {
  const columns = other.split('\t')
  return line.split('\t').every((value, at) => (columns[at] ?? '').split(',').includes(value))
}
