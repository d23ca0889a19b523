/** One live capture shows MQTT wherever it is: plain on a port of nobody, in WebSocket, in TLS, and in WebSocket in TLS. */
import { appendFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { type AddressInfo, createServer as createTcpServer, type Server as TcpServer } from 'node:net'
import { join } from 'node:path'
import { createServer as createTlsServer } from 'node:tls'
import { Aedes } from 'aedes'
import mqtt from 'mqtt'
import { afterAll, afterEach, expect } from 'vitest'
import { createWebSocketStream, WebSocketServer } from 'ws'
import { folder, killStarted, Sniff, until } from '../support/live.ts'
import { SERVER_KEYS } from '../support/tls.ts'
import { needs } from '../support/tools.ts'

const test = needs('tcpdump', 'root')
const home = folder()
const keyLog = join(home, 'keys')

afterEach(() => killStarted())
afterAll(() => rmSync(home, { recursive: true, force: true }))

const onKeys = (line: Buffer): void => appendFileSync(keyLog, line)

/** One broker on four ports, each in another wrapping. */
async function broker(): Promise<{ ports: Record<string, number>; close: () => void }> {
  const aedes = await Aedes.createBroker()
  const overWebSocket = (server: Server): Server => {
    new WebSocketServer({ server, handleProtocols: () => 'mqtt' }).on('connection', socket =>
      aedes.handle(createWebSocketStream(socket)),
    )
    return server
  }
  const servers: Readonly<Record<string, Server | TcpServer>> = {
    mqtt: createTcpServer(socket => aedes.handle(socket)),
    ws: overWebSocket(createServer()),
    mqtts: createTlsServer(SERVER_KEYS, socket => aedes.handle(socket)).on('keylog', onKeys),
    wss: overWebSocket(createSecureServer(SERVER_KEYS).on('keylog', onKeys) as unknown as Server),
  }
  const ports: Record<string, number> = {}
  for (const [scheme, server] of Object.entries(servers)) {
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    ports[scheme] = (server.address() as AddressInfo).port
  }
  const close = (): void => {
    for (const server of Object.values(servers)) server.close()
    aedes.close()
  }
  return { ports, close }
}

async function talk(scheme: string, port: number): Promise<void> {
  const client = await mqtt.connectAsync(`${scheme}://127.0.0.1:${port}`, {
    clientId: scheme,
    reconnectPeriod: 0,
    rejectUnauthorized: false,
    wsOptions: { rejectUnauthorized: false },
  })
  await client.subscribeAsync('all/#', { qos: 1 })
  await client.publishAsync(`all/${scheme}`, scheme, { qos: 1 })
  await client.endAsync()
}

const VIA: Readonly<Record<string, string>> = { mqtt: '', ws: 'websocket', mqtts: 'tls', wss: 'tls,websocket' }

/** By client id, what its CONNECT was wrapped in. */
const wrappings = (lines: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    lines
      .map(line => JSON.parse(line) as { type?: string; clientId?: string; via?: readonly string[] })
      .filter(({ type }) => type === 'CONNECT')
      .map(({ clientId = '', via = [] }) => [clientId, via.join(',')]),
  )

test('on four ports at once, with a key log that grows; then the saved file without any other option', async () => {
  writeFileSync(keyLog, '')
  const { ports, close } = await broker()
  const saved = join(home, 'all.pcapng')
  const filter = `tcp port ${Object.values(ports).join(' or ')}`
  const args = ['-i', 'lo', '-p', 'any', '-f', filter, '--keylog', keyLog, '-T', 'ndjson', '-w', saved]
  const sniff = await new Sniff(args).ready()
  for (const [scheme, port] of Object.entries(ports)) await talk(scheme, port)
  const left = (): number => sniff.records.filter(({ type }) => type === 'DISCONNECT').length
  await until('all have left', () => left() === 4)
  sniff.signal('SIGINT')
  expect(await sniff.ended, sniff.errors).toBe(0)
  close()
  expect(wrappings(sniff.lines)).toEqual(VIA)

  const again = new Sniff(['-r', saved, '--keylog', keyLog, '-T', 'ndjson'])
  expect(await again.ended, again.errors).toBe(0)
  const packets = (all: Sniff): number => all.records.filter(({ record }) => record === 'packet').length
  expect(wrappings(again.lines)).toEqual(VIA)
  expect(packets(again)).toBe(packets(sniff))
  expect(packets(sniff)).toBe(4 * 8 - 0)
}, 60_000)
