/** The built program as a tap before a real mosquitto: the same bytes as tcpdump sees, frames without a complaint of tshark's. */
import { spawn } from 'node:child_process'
import { createHash, type Hash } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { Aedes } from 'aedes'
import mqtt from 'mqtt'
import { afterEach, describe, expect, test } from 'vitest'
import { createWebSocketStream, WebSocketServer } from 'ws'
import { CaptureReader } from '../../src/capture/reader.ts'
import { readSegment, Segment } from '../../src/net/segment.ts'
import { Broker, talk } from '../support/broker.ts'
import { folder, freePort, killStarted, run, Sniff, until, watched, withSbin } from '../support/live.ts'
import { needs } from '../support/tools.ts'

afterEach(killStarted)

async function tap(args: readonly string[]): Promise<Sniff> {
  const sniff = new Sniff(['tap', ...args])
  await until(`it listens (${sniff.errors})`, () => /tap listens on/.test(sniff.errors))
  return sniff
}

/** The bytes of each direction of each client: `50000>` or `50000<`, their number and their hash. */
function streams(file: string, serverPort: number): ReadonlyMap<string, string> {
  const sums = new Map<string, { next: number; size: number; readonly hash: Hash }>()
  const segment = new Segment()
  const reader = new CaptureReader({
    frame: frame => {
      if (!readSegment(frame, segment) || segment.end === segment.start) return
      const isAnswer = segment.sourcePort === serverPort
      if (!isAnswer && segment.targetPort !== serverPort) return
      const name = isAnswer ? `${segment.targetPort}<` : `${segment.sourcePort}>`
      const sum = sums.get(name) ?? { next: segment.seq, size: 0, hash: createHash('sha256') }
      sums.set(name, sum)
      // Loopback may send a segment again, whole; it never sends one ahead of another.
      const known = (sum.next - segment.seq) | 0
      expect(known).toBeGreaterThanOrEqual(0)
      const start = Math.min(segment.end, segment.start + known)
      sum.next = (sum.next + segment.end - start) >>> 0
      sum.size += segment.end - start
      sum.hash.update(frame.bytes.subarray(start, segment.end))
    },
    lost: () => {},
    damage: ({ message }) => expect.fail(message),
  })
  reader.push(readFileSync(file))
  reader.end()
  return new Map([...sums].map(([name, { size, hash }]) => [name, `${size} ${hash.digest('hex')}`]))
}

/** Runs `play` while tcpdump captures these ports whole. */
async function dumped(file: string, ports: readonly number[], play: () => Promise<void>): Promise<void> {
  const filter = ports.map(port => `tcp port ${port}`).join(' or ')
  const args = ['-i', 'lo', '-s', '262144', '-B', '262144', '-U', '-w', file, filter]
  const tcpdump = watched(spawn('tcpdump', args, { stdio: ['ignore', 'ignore', 'pipe'], env: withSbin() }))
  let log = ''
  tcpdump.stderr?.on('data', chunk => {
    log += chunk
  })
  await until('tcpdump listens', () => log.includes('listening'))
  await play()
  await new Promise(resolve => setTimeout(resolve, 1000))
  tcpdump.kill('SIGINT')
  await once(tcpdump, 'close')
  expect(log).toContain('\n0 packets dropped by kernel')
}

const QUALITIES = [0, 1, 2] as const

/** Has mosquitto's own client publish `count` messages, a line each. */
async function publish(port: number, qos: number, count: number): Promise<void> {
  const args = ['-p', `${port}`, '-t', `load/${qos}`, '-q', `${qos}`, '-l']
  const child = watched(spawn('mosquitto_pub', args, { stdio: ['pipe', 'ignore', 'inherit'] }))
  child.stdin?.end(Array.from({ length: count }, (_, at) => `message ${at} of ${count}\n`).join(''))
  expect(await once(child, 'close')).toEqual([0, null])
}

describe('with mosquitto', () => {
  needs(
    'mosquitto',
    'mosquitto_pub',
    'tcpdump',
    'root',
  )(
    'messages of all qualities: bytes equal on both sides and in the capture',
    async () => {
      const broker = await Broker.start()
      const port = await freePort()
      const [file, both] = [join(folder(), 'tap.pcapng'), join(folder(), 'both.pcap')]
      const count = Number(process.env.MQTT_SNIFF_TAP_MESSAGES ?? 10_000)
      const sniff = await tap(['--listen', `${port}`, '--to', `127.0.0.1:${broker.port}`, '-w', file])
      await dumped(both, [port, broker.port], async () => {
        await Promise.all(QUALITIES.map(qos => publish(port, qos, Math.ceil(count / 3))))
        sniff.signal('SIGINT')
        expect(await sniff.ended).toBe(0)
      })
      broker.stop()
      const written = streams(file, broker.port)
      expect(written.size).toBe(6)
      // The tap's own connections to the broker have ports of their own: the bytes are compared.
      expect([...streams(both, port)].sort()).toEqual([...written].sort())
      expect([...streams(both, broker.port).values()].sort()).toEqual([...written.values()].sort())
    },
    300_000,
  )

  needs('mosquitto', 'tshark')('tshark has nothing to complain of', async () => {
    const broker = await Broker.start()
    const port = await freePort()
    const file = join(folder(), 'tap.pcapng')
    const sniff = await tap(['--listen', `${port}`, '--to', `localhost:${broker.port}`, '-w', file, '-T', 'ndjson'])
    const talks = [
      await talk({ port, version: 5, qos: 2, messages: 3, size: 300_000 }),
      await talk({ port, version: 4, qos: 1, messages: 20 }),
    ]
    sniff.signal('SIGTERM')
    expect(await sniff.ended).toBe(0)
    broker.stop()
    const tshark = (...args: string[]): string => run('tshark', '-r', file, '-o', 'tcp.check_checksum:TRUE', ...args)
    expect(tshark('-Y', 'tcp.analysis.flags || _ws.malformed || tcp.checksum.status == 0')).toBe('')
    expect(tshark('-Y', `!(tcp.port == ${broker.port})`)).toBe('')
    const packets = sniff.records.filter(record => record.record === 'packet')
    const sent = packets.filter(packet => packet.from === 'client').map(packet => packet.type)
    expect(sent).toEqual(talks.flatMap(one => one.sent))
  })

  test('WebSocket passes through, and is read: aedes behind ws, MQTT.js before the tap', async () => {
    const aedes = await Aedes.createBroker()
    const http = createHttpServer().listen(0, '127.0.0.1')
    await once(http, 'listening')
    new WebSocketServer({ server: http, handleProtocols: () => 'mqtt' }).on('connection', socket =>
      aedes.handle(createWebSocketStream(socket)),
    )
    const { port: to } = http.address() as AddressInfo
    const port = await freePort()
    const sniff = await tap(['--listen', `${port}`, '--to', `127.0.0.1:${to}`, '-T', 'ndjson'])
    const client = await mqtt.connectAsync(`ws://127.0.0.1:${port}`, { clientId: 'web' })
    const received: string[] = []
    client.on('message', (_, payload) => received.push(payload.toString()))
    await client.subscribeAsync('a/#', { qos: 1 })
    await client.publishAsync('a/b', 'x'.repeat(70_000), { qos: 1 })
    await until('it came back', () => received.length === 1)
    await client.endAsync()
    sniff.signal('SIGINT')
    expect(await sniff.ended).toBe(0)
    http.close()
    await new Promise<void>(resolve => aedes.close(resolve))
    const packets = sniff.records.filter(record => record.record === 'packet')
    expect(packets.every(packet => JSON.stringify((packet as { via?: unknown }).via) === '["websocket"]')).toBe(true)
    expect(packets.filter(packet => packet.from === 'client').map(packet => packet.type)).toEqual([
      'CONNECT',
      'SUBSCRIBE',
      'PUBLISH',
      'PUBACK',
      'DISCONNECT',
    ])
  })

  needs('mosquitto')('as an interface it is a source of reports', async () => {
    const broker = await Broker.start()
    const port = await freePort()
    const sniff = new Sniff(['sessions', '-T', 'ndjson', '-i', `tap://${port}/127.0.0.1:${broker.port}`])
    await until('it listens', () => /tap listens on/.test(sniff.errors))
    await talk({ port, version: 5, qos: 1, messages: 3 })
    sniff.signal('SIGINT')
    expect(await sniff.ended).toBe(0)
    broker.stop()
    expect(sniff.records.filter(record => record.record === 'session').length).toBeGreaterThan(0)
  })

  needs('mosquitto')('a thousand clients that read nothing take little memory', async () => {
    const flood = createServer(socket => {
      const bytes = Buffer.alloc(65_536)
      socket.on('error', () => {})
      const pour = (): void => {
        while (socket.write(bytes));
      }
      socket.on('drain', pour)
      pour()
    })
    flood.listen(0, '127.0.0.1')
    await once(flood, 'listening')
    const { port: to } = flood.address() as { port: number }
    const port = await freePort()
    const sniff = await tap(['--listen', `${port}`, '--to', `127.0.0.1:${to}`, '-T', 'none'])
    const script = `
      const net = require('net'); let open = 0
      for (let at = 0; at < 1000; at++) net.connect(${port}, '127.0.0.1', () => { if (++open === 1000) console.log('open') }).on('error', () => {})`
    const clients = watched(spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'ignore'] }))
    await once(clients.stdout ?? clients, 'data')
    await new Promise(resolve => setTimeout(resolve, 5000))
    const [, kib = '0'] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${sniff.child.pid}/status`, 'utf8')) ?? []
    expect(Number(kib) / 1024).toBeLessThan(700)
    clients.kill('SIGKILL')
    sniff.signal('SIGINT')
    expect(await sniff.ended).toBe(0)
    flood.close()
  })
})

describe('exit codes and messages', () => {
  const refused = async (...args: string[]): Promise<readonly [number | string, string]> => {
    const sniff = new Sniff(['tap', ...args])
    return [await sniff.ended, sniff.errors.split('\n')[0] ?? '']
  }

  test.for([
    [[], "required option '--to <host[:port]>' not specified"],
    [['--to', 'broker:99999'], '--to "broker:99999": "99999" is no TCP port'],
    [['--to', 'broker', '--listen', '70000'], '--listen 70000: use PORT or HOST:PORT (0 to 65535)'],
    [['--to', 'broker', '--ca', 'x'], '--ca, --cert, --key and --insecure need --tls'],
    [['--to', 'broker', '--listen-tls', 'one'], '--listen-tls needs two files: CERT,KEY'],
    [['--to', 'broker', '--tls', '--cert', 'x'], '--cert and --key belong together'],
    [['--to', 'broker', '--tls', '--ca', '/nowhere'], 'cannot read --ca /nowhere: no such file'],
    [['--to', 'broker', '--listen-tls', 'package.json,package.json'], '--listen-tls: no certificate or key in PEM'],
    [['--to', 'localhost:1884'], '--to localhost:1884 is the address that the tap listens on: name the broker'],
  ] as const)('2: %j', async ([args, words]) => {
    const [code, line] = await refused(...args, '-T', 'text')
    expect([code, line]).toEqual([2, expect.stringContaining(`mqtt-sniff: ${words}`)])
  })

  test('4: a port in use', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as { port: number }
    const [code, line] = await refused('--listen', `${port}`, '--to', 'localhost', '-T', 'text')
    expect(code).toBe(4)
    expect(line).toContain(`cannot listen on 127.0.0.1:${port}: another program listens there`)
    server.close()
  })

  test('0: after -a, with a warning for an address that others can reach', async () => {
    const sniff = new Sniff(['tap', '--listen', '0.0.0.0:0', '--to', 'localhost', '-a', 'duration:0.3', '-T', 'none'])
    expect(await sniff.ended).toBe(0)
    expect(sniff.errors).toMatch(/^mqtt-sniff: warning: the tap listens on 0\.0\.0\.0: everybody/)
  })
})
