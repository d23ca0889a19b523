/** Real brokers: a mosquitto of our own with all its doors, and aedes. */
import { spawn } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { type AddressInfo, createServer as createTcp } from 'node:net'
import { join } from 'node:path'
import { Aedes } from 'aedes'
import mqtt, { type MqttClient } from 'mqtt'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createWebSocketStream, WebSocketServer } from 'ws'
import type { ProtocolVersion } from '../../src/grab/settings.ts'
import { CONNACK, type Event, Fake, grabOf, PUBLISH, SUBACK, saying } from '../support/grab.ts'
import { folder, freePort, run, until } from '../support/live.ts'
import { needs } from '../support/tools.ts'

const VERSIONS: readonly ProtocolVersion[] = ['3.1', '3.1.1', '5']
const utf8 = new TextEncoder()

const broker = needs('mosquitto', 'mosquitto_passwd', 'openssl')

describe('mosquitto', () => {
  const home = folder()
  const at = (name: string): string => join(home, name)
  const ports = { plain: 0, password: 0, tls: 0, ws: 0, wss: 0 }
  let child: ReturnType<typeof spawn> | undefined
  let publisher: MqttClient
  let ca = ''

  /** An authority of our own, and a server's certificate by it for localhost. */
  function certificates(): void {
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
    const subject = (name: string): string[] => ['-subj', `/CN=${name}`]
    run('openssl', 'req', '-x509', ...key, ...subject('test authority'), '-keyout', at('ca.key'), '-out', at('ca.pem'))
    run('openssl', 'req', ...key.slice(0, 5), ...subject('localhost'), '-keyout', at('key'), '-out', at('csr'))
    writeFileSync(at('ext'), 'subjectAltName=DNS:localhost,IP:127.0.0.1\n')
    const by = ['-CA', at('ca.pem'), '-CAkey', at('ca.key'), '-CAcreateserial', '-extfile', at('ext')]
    run('openssl', 'x509', '-req', '-in', at('csr'), ...by, '-days', '2', '-out', at('pem'))
    ca = readFileSync(at('ca.pem'), 'latin1')
  }

  function config(): string {
    const open = 'allow_anonymous true'
    const tls = `certfile ${at('pem')}\nkeyfile ${at('key')}`
    return [
      'per_listener_settings true\npersistence false\nuser root\nmax_queued_messages 0\nlog_type error\nlog_type information',
      `listener ${ports.plain} 127.0.0.1\n${open}`,
      `listener ${ports.password} 127.0.0.1\nallow_anonymous false\npassword_file ${at('passwords')}`,
      `listener ${ports.tls} 127.0.0.1\n${open}\n${tls}`,
      `listener ${ports.ws} 127.0.0.1\n${open}\nprotocol websockets`,
      `listener ${ports.wss} 127.0.0.1\n${open}\n${tls}\nprotocol websockets`,
    ].join('\n')
  }

  const isMissing = (): boolean => {
    try {
      run('mosquitto_passwd', '-b', '-c', at('passwords'), 'me', 'secret')
      certificates()
      return false
    } catch {
      return true
    }
  }

  beforeAll(async () => {
    if (isMissing()) return
    for (const name of Object.keys(ports) as (keyof typeof ports)[]) ports[name] = await freePort()
    writeFileSync(at('conf'), config())
    const path = `${process.env.PATH}:/usr/sbin:/sbin`
    child = spawn('mosquitto', ['-c', at('conf')], { stdio: 'ignore', env: { ...process.env, PATH: path } })
    child.on('error', () => {})
    await until('mosquitto listens', () => isOpen(ports.wss))
    publisher = await mqtt.connectAsync(`mqtt://127.0.0.1:${ports.plain}`)
    await publisher.publishAsync('kept/text', 'grüße', { retain: true, qos: 1 })
    await publisher.publishAsync('kept/bytes', Buffer.of(0xff, 0, 1), { retain: true, qos: 2 })
  })

  afterAll(async () => {
    await publisher?.endAsync(true)
    child?.kill()
    rmSync(home, { recursive: true, force: true })
  })

  const expectKept = (event: Event): void => {
    expect(event).toMatchObject({ limit: 'duration', findings: [] })
    expect(event.error).toBeUndefined()
    expect(event.result.data).toMatchObject({ connected: true, auth: false, num_events: 2, num_topics: 2 })
    expect([...event.result.data.messages].sort((a, b) => ((a.topic ?? '') < (b.topic ?? '') ? -1 : 1))).toEqual([
      { topic: 'kept/bytes', msg: '/wAB', encoding: 'base64' },
      { topic: 'kept/text', msg: 'grüße' },
    ])
  }

  for (const version of VERSIONS) {
    broker(`${version}: retained messages, in the clear`, async () => {
      const event = await grabOf(ports.plain, { version })
      expectKept(event)
      expect(event).toMatchObject({ protocol: 'mqtt', version, target: { ip: '127.0.0.1', port: ports.plain } })
      const answer = version === '5' ? { reasonCode: 0 } : { returnCode: 0, length: 2 }
      expect(event.result.data.connack).toMatchObject({ cmd: 'connack', sessionPresent: false, ...answer })
    })

    broker(`${version}: password right, wrong, none`, async () => {
      const login = (password?: string): Promise<Event> =>
        grabOf(ports.password, {
          version,
          durationMs: 900,
          ...(password === undefined ? {} : { username: 'me', password: utf8.encode(password) }),
        })
      const [right, wrong, none] = await Promise.all([login('secret'), login('Secret'), login()])
      expect(right.result.data).toMatchObject({ connected: true, auth: false })
      for (const event of [wrong, none]) {
        expect(event.result.data).toMatchObject({ connected: true, auth: true, num_events: 0 })
        const refusal = version === '5' ? { reasonCode: 0x87 } : { returnCode: 5 }
        expect(event.result.data.connack).toMatchObject(refusal)
        expect(event.limit).toBe('closed')
        expect(event.error).toBeUndefined()
      }
    })

    broker(`${version}: TLS, WebSocket, both`, async () => {
      const localhost = (port: number) => ({ host: 'localhost', port })
      const events = await Promise.all([
        grabOf(localhost(ports.tls), { version, tls: true, ca }),
        grabOf(localhost(ports.ws), { version, wsPath: '/mqtt' }),
        grabOf(localhost(ports.wss), { version, tls: true, ca, wsPath: '/mqtt' }),
      ])
      for (const event of events) expectKept(event)
      expect(events.map(event => event.protocol)).toEqual(['mqtts', 'ws', 'wss'])
      expect(events.map(event => event.insecure)).toEqual([undefined, undefined, undefined])
      expect(events.map(event => event.host)).toEqual(['localhost', 'localhost', 'localhost'])
    })
  }

  broker('TLS without the authority, and without looking', async () => {
    const strict = await grabOf(ports.tls, { tls: true })
    expect(strict).toMatchObject({ limit: null, error: { code: 'tls' }, target: { ip: '127.0.0.1' } })
    const lax = await grabOf(ports.tls, { tls: true, insecure: true })
    expectKept(lax)
    expect(lax.insecure).toBe(true)
    expect(await grabOf(ports.plain, { tls: true, durationMs: 2000 })).toMatchObject({ error: { code: 'tls' } })
    const wrong = await grabOf(ports.plain, { wsPath: '/mqtt', durationMs: 3000 })
    expect(wrong.error?.code).toBe('websocket')
  })

  broker('a choice of filters', async () => {
    const event = await grabOf(ports.plain, { filters: ['kept/text', 'none/+'] })
    expect(event.result.data.messages).toEqual([{ topic: 'kept/text', msg: 'grüße' }])
  })

  broker('a flood ends at each limit', async () => {
    const [payload, filters] = [Buffer.alloc(20_000, 0x78), ['flood']]
    let isOver = false
    const flooding = (async () => {
      while (!isOver) await publisher.publishAsync('flood', payload)
    })()
    const hundred = await grabOf(ports.plain, { filters, durationMs: 20_000 })
    const bytes = await grabOf(ports.plain, { filters, durationMs: 30_000, maxMessages: 1e9 })
    const time = await grabOf(ports.plain, { filters, durationMs: 300, maxMessages: 1e9, maxBytes: 1e9 })
    const web = { filters, durationMs: 20_000, maxMessages: 1e9, maxBytes: 300_000, wsPath: '/' }
    const overWeb = await grabOf(ports.ws, web)
    isOver = true
    await flooding
    expect(hundred.limit).toBe('messages')
    expect(hundred.result.data.num_events).toBe(100)
    expect(bytes.limit).toBe('bytes')
    expect(bytes.result.data.bytes_captured).toBe(9_000_000)
    expect(time.limit).toBe('duration')
    expect(overWeb.limit).toBe('bytes')
    expect(overWeb.result.data.bytes_captured).toBe(300_000)
    expect(overWeb.result.data.num_events).toBeGreaterThan(10)
  })
})

const isOpen = (port: number): Promise<boolean> =>
  new Promise(resolve => {
    const socket = createTcp().unref()
    socket.once('error', () => resolve(true)).listen(port, '127.0.0.1', () => socket.close(() => resolve(false)))
  })

describe('aedes', () => {
  let aedes: Aedes
  let tcp: ReturnType<typeof createTcp>
  let http: Server
  const port = (server: { address(): unknown }): number => (server.address() as AddressInfo).port

  beforeAll(async () => {
    aedes = await Aedes.createBroker({
      authenticate: (_client, name, password, done) => done(null, name === undefined || `${password}` === 'secret'),
    })
    tcp = createTcp(aedes.handle).listen(0, '127.0.0.1')
    http = createServer().listen(0, '127.0.0.1')
    new WebSocketServer({ server: http, path: '/broker', handleProtocols: () => 'mqtt' }).on('connection', socket =>
      aedes.handle(createWebSocketStream(socket)),
    )
    await Promise.all([tcp, http].map(server => new Promise(resolve => server.once('listening', resolve))))
    const [kept, plain] = [Buffer.from('kept'), { cmd: 'publish', dup: false, qos: 1 } as const]
    await new Promise<unknown>(resolve =>
      aedes.publish({ ...plain, topic: 'a/b', payload: kept, retain: true }, resolve),
    )
  })

  afterAll(async () => {
    await new Promise<void>(resolve => aedes.close(resolve))
    tcp.close()
    http.close()
  })

  test.for(['3.1', '3.1.1'] as const)('%s', async version => {
    const event = await grabOf(port(tcp), { version })
    expect(event.result.data).toMatchObject({ connected: true, auth: false, messages: [{ topic: 'a/b', msg: 'kept' }] })
    expect(event.findings).toEqual([])
  })

  test('in a WebSocket; on a path that is none', async () => {
    const event = await grabOf(port(http), { wsPath: '/broker' })
    expect(event.result.data).toMatchObject({ messages: [{ topic: 'a/b', msg: 'kept' }] })
    const wrong = await grabOf(port(http), { wsPath: '/' })
    expect(wrong.error).toMatchObject({ code: 'websocket', message: expect.stringContaining('400') })
  })

  test('wrong password; asked in a version it does not speak', async () => {
    const login = { username: 'me', password: utf8.encode('wrong'), durationMs: 900 }
    expect((await grabOf(port(tcp), login)).result.data).toMatchObject({ connected: true, auth: true })
    const five = await grabOf(port(tcp), { version: '5', durationMs: 900 })
    expect(five.result.data.auth).toBe(false)
  })
})

describe('WebSockets that misbehave', () => {
  const answer = async (
    each: (socket: import('ws').WebSocket) => void,
  ): Promise<{ port: number; stop: () => void }> => {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1', handleProtocols: () => 'mqtt' })
    server.on('connection', socket => {
      socket.on('error', () => {}).once('message', () => each(socket))
    })
    await new Promise(resolve => server.once('listening', resolve))
    const stop = (): void => {
      for (const client of server.clients) client.terminate()
      server.close()
    }
    return { port: (server.address() as AddressInfo).port, stop }
  }

  test('packets cut across frames, many in one frame', async () => {
    const said = Buffer.concat([CONNACK, SUBACK, PUBLISH, PUBLISH])
    for (const size of [1, 3, said.length]) {
      const server = await answer(socket => {
        for (let at = 0; at < said.length; at += size) socket.send(said.subarray(at, at + size))
      })
      const event = await grabOf(server.port, { wsPath: '/' })
      server.stop()
      expect(event.result.data.num_events).toBe(2)
    }
  })

  test('text frames, a frame larger than the limit, an early close', async () => {
    const text = await answer(socket => socket.send('hello'))
    const texted = await grabOf(text.port, { wsPath: '/' })
    expect(texted).toMatchObject({ error: { code: 'protocol' }, limit: null, findings: [{ id: 'MQTT-6.0.0-1' }] })
    text.stop()
    const large = await answer(socket => {
      socket.send(Buffer.concat([CONNACK, SUBACK]))
      socket.send(Buffer.alloc(2_000_000))
    })
    const cut = await grabOf(large.port, { wsPath: '/', maxBytes: 1_000_000, durationMs: 20_000 })
    expect(cut).toMatchObject({ limit: 'bytes', result: { data: { connected: true, bytes_captured: 1_000_000 } } })
    large.stop()
    const closing = await answer(socket => socket.close())
    expect(await grabOf(closing.port, { wsPath: '/' })).toMatchObject({ limit: 'closed', error: { code: 'closed' } })
    closing.stop()
  })

  test('no answer to the upgrade, a redirect, a plain broker, a refused port', async () => {
    await using silent = await Fake.start(() => {})
    expect(await grabOf(silent.port, { wsPath: '/', durationMs: 200 })).toMatchObject({ error: { code: 'timeout' } })
    await using other = await Fake.start(() => {})
    const moved = utf8.encode(`HTTP/1.1 301 Moved\r\nLocation: http://127.0.0.1:${other.port}/\r\n\r\n`)
    await using redirect = await Fake.start(saying(moved))
    expect((await grabOf(redirect.port, { wsPath: '/' })).error).toMatchObject({
      code: 'websocket',
      message: expect.stringContaining('301'),
    })
    expect(other.connections).toBe(0)
    await using plain = await Fake.start(saying(CONNACK))
    expect((await grabOf(plain.port, { wsPath: '/' })).error).toMatchObject({ code: 'websocket' })
    const { port } = plain
    await plain[Symbol.asyncDispose]()
    expect((await grabOf(port, { wsPath: '/' })).error).toMatchObject({ code: 'refused' })
  })
})
