/** The rows G01 to G12 of what a broker may do to us, each by a server that does it. */
import { randomBytes } from 'node:crypto'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { Worker } from 'node:worker_threads'
import { describe, expect, test } from 'vitest'
import { fromHex, hex } from '../../src/base/bytes.ts'
import { type Grabbed, grab } from '../../src/grab/grab.ts'
import type { GrabSettings } from '../../src/grab/settings.ts'
import {
  answering,
  CONNACK,
  CONNACK5,
  Fake,
  grabOf,
  ids,
  PUBLISH,
  PUBLISH5,
  SETTINGS,
  SUBACK,
  SUBACK5,
  saying,
  surroundings,
  wait,
} from '../support/grab.ts'
import { Random } from '../support/random.ts'
import { join, packet, publish, text } from '../support/traffic.ts'

const utf8 = new TextEncoder()

describe.concurrent('G01 no answer', () => {
  test('refused', async () => {
    const fake = await Fake.start(() => {})
    await fake[Symbol.asyncDispose]()
    const event = await grabOf(fake.port)
    expect(event.error).toMatchObject({ code: 'refused' })
    expect(event).toMatchObject({ target: { ip: '127.0.0.1', port: fake.port }, limit: null })
    expect(event.result.data).toMatchObject({ connected: false, auth: false, connack: null, bytes_captured: 0 })
  })

  // Two dots in a row never get as far as a name server.
  test('a name without address', async () => {
    const event = await grabOf({ host: 'a..b', port: 1883 })
    expect(event).toMatchObject({ host: 'a..b', target: { ip: null, port: 1883 }, error: { code: 'dns' } })
  })

  test('no route', async () => {
    const event = await grabOf({ host: '255.255.255.255', port: 1883 })
    expect(event).toMatchObject({ target: { ip: '255.255.255.255' }, error: { code: 'unreachable' } })
  })

  test('accepts and says nothing', async () => {
    await using fake = await Fake.start(() => {})
    const event = await grabOf(fake.port, { durationMs: 200 })
    expect(event).toMatchObject({ error: { code: 'timeout' }, limit: 'duration' })
    expect(event.result.data.connected).toBe(false)
  })

  test('a CONNACK byte by byte: one clock, not one for each byte', async () => {
    await using fake = await Fake.start(
      answering(async socket => {
        for (const byte of CONNACK) {
          socket.write(Uint8Array.of(byte))
          await wait(150)
        }
      }),
    )
    const event = await grabOf(fake.port, { durationMs: 250 })
    expect(event).toMatchObject({ error: { code: 'timeout' }, limit: 'duration' })
    expect(event.result.data.bytes_captured).toBeGreaterThan(0)
    expect(event.result.data.bytes_captured).toBeLessThan(4)
  })

  test('closes, or breaks off, before the CONNACK', async () => {
    await using closes = await Fake.start(answering(socket => socket.end()))
    expect(await grabOf(closes.port)).toMatchObject({ error: { code: 'closed' }, limit: 'closed' })
    await using breaks = await Fake.start(answering(socket => socket.resetAndDestroy()))
    expect(await grabOf(breaks.port)).toMatchObject({ error: { code: 'reset' }, limit: 'closed' })
  })
})

describe.concurrent('G02 no MQTT', () => {
  const HTTP = utf8.encode('HTTP/1.1 400 Bad Request\r\nServer: nginx\r\nContent-Type: text/html\r\n\r\n<html>')
  const cases: readonly (readonly [string, Uint8Array, string])[] = [
    ['HTTP', HTTP, 'HTTP'],
    ['SSH', utf8.encode('SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n'), 'SSH'],
    ['a TLS alert', fromHex('15 03 03 00 02 02 46'), 'TLS'],
    ['SMTP', utf8.encode('220 mail.example ESMTP Postfix\r\n'), 'no MQTT'],
    ['VNC', utf8.encode('RFB 003.008\n'), 'no MQTT'],
    ['zeros', new Uint8Array(100), 'no MQTT'],
    ['a client', fromHex('10 0c 0004 4d515454 04 02 003c 0000'), 'no MQTT'],
  ]
  test.for(cases)('%s: whole, byte by byte, with something behind', async ([, bytes, name]) => {
    await using whole = await Fake.start(saying(bytes))
    await using behind = await Fake.start(saying(bytes, CONNACK))
    await using single = await Fake.start(
      answering(async socket => {
        for (const byte of bytes) await new Promise(resolve => socket.write(Uint8Array.of(byte), resolve))
        socket.end()
      }),
    )
    const events = await Promise.all([whole, behind, single].map(fake => grabOf(fake.port, { durationMs: 1500 })))
    const inputs = [bytes, join(bytes, CONNACK), bytes]
    for (const [at, event] of events.entries()) {
      const firstBytes = hex((inputs[at] ?? bytes).subarray(0, 64))
      expect(event.error).toEqual({ code: 'not_mqtt', message: `the server speaks ${name}`, firstBytes })
      expect(event.result.data).toMatchObject({ connected: false, connack: null, messages: [] })
    }
  })

  test('random bytes', async () => {
    const random = new Random(602)
    const some = Array.from({ length: 40 }, () => random.bytes(200)).filter(bytes => bytes[0] !== 0x20)
    const events = await Promise.all(
      some.map(async bytes => {
        await using fake = await Fake.start(saying(bytes))
        return await grabOf(fake.port, { durationMs: 700 })
      }),
    )
    for (const [at, event] of events.entries()) {
      expect(event.error).toMatchObject({ code: 'not_mqtt', firstBytes: hex(some[at] ?? CONNACK, 0, 64) })
    }
  })
})

describe.concurrent('G03 every answer', () => {
  test.for([0, 1, 2, 3, 4, 5, 77, 255])('3.1.1 return code %i', async code => {
    await using fake = await Fake.start(saying(Uint8Array.of(0x20, 2, 0, code)))
    const event = await grabOf(fake.port, { durationMs: 900 })
    const connack = { cmd: 'connack', retain: false, qos: 0, dup: false, length: 2, topic: null, payload: null }
    expect(event.result.data.connack).toEqual({ ...connack, sessionPresent: false, returnCode: code })
    expect(Object.keys(event.result.data.connack ?? {})).toEqual([
      ...Object.keys(connack),
      'sessionPresent',
      'returnCode',
    ])
    expect(event.result.data).toMatchObject({ connected: true, auth: code === 4 || code === 5 })
    expect(event.error).toBeUndefined()
    expect(event.limit).toBe(code === 0 ? 'duration' : 'closed')
    expect(fake.connections).toBe(1)
  })

  test('5.0 reason codes 0x80 to 0x9f', async () => {
    const codes = Array.from({ length: 0x20 }, (_, at) => 0x80 + at)
    await Promise.all(
      codes.map(async code => {
        await using fake = await Fake.start(saying(Uint8Array.of(0x20, 3, 0, code, 0)))
        const event = await grabOf(fake.port, { version: '5', durationMs: 900 })
        expect(event.result.data.connack).toMatchObject({ reasonCode: code, properties: {} })
        expect(event.result.data.auth).toBe([0x86, 0x87, 0x8c].includes(code))
        expect(event.limit).toBe('closed')
        expect(fake.connections).toBe(1)
      }),
    )
  })

  test('properties, those of nobody too', async () => {
    const known = join(fromHex('21 000a 22 0005 12'), text('me\u202e'), fromHex('26'), text('k'), text('v'))
    await using fake = await Fake.start(saying(packet(0x20, join(Uint8Array.of(1, 0, known.length), known))))
    const event = await grabOf(fake.port, { version: '5' })
    expect(event.result.data.connack).toMatchObject({
      sessionPresent: true,
      reasonCode: 0,
      properties: {
        receiveMaximum: 10,
        topicAliasMaximum: 5,
        assignedClientIdentifier: 'me\u202e',
        userProperties: [['k', 'v']],
      },
    })
    await using odd = await Fake.start(saying(fromHex('20 05 00 00 02 7e 01')))
    const other = await grabOf(odd.port, { version: '5' })
    expect(other.result.data.connack).toMatchObject({ properties: { unknown: [{ id: 0x7e, base64: 'AQ==' }] } })
    expect(ids(other)).toContain('malformed.property')
  })

  test('3.1.1 with bytes to spare; a broker of 3.1.1 asked in 5.0', async () => {
    await using spare = await Fake.start(saying(fromHex('20 05 00 00 02 7e 01')))
    const event = await grabOf(spare.port)
    expect(event.result.data.connack).toMatchObject({ length: 5, returnCode: 0 })
    expect(ids(event)).toContain('malformed.trailing')
    await using old = await Fake.start(saying(fromHex('20 02 00 01')))
    const refused = await grabOf(old.port, { version: '5', durationMs: 900 })
    expect(refused.result.data.connack).toMatchObject({ length: 2, returnCode: 1 })
  })

  test('too short for an answer', async () => {
    await using fake = await Fake.start(saying(fromHex('20 00')))
    const event = await grabOf(fake.port)
    expect(event.error).toMatchObject({ code: 'protocol' })
    expect(event.result.data).toMatchObject({ connected: false, connack: null })
  })

  test('a refused filter is told, and listening goes on', async () => {
    await using fake = await Fake.start(saying(CONNACK, fromHex('90 03 0001 80'), PUBLISH))
    const event = await grabOf(fake.port)
    expect(ids(event)).toEqual(['suback.refused'])
    expect(event.result.data.num_events).toBe(1)
    expect(fake.connections).toBe(1)
  })
})

describe('G04 large packets', () => {
  const MOST = 9_000_000
  test('a CONNACK that announces 256 MB costs what came of it', async () => {
    await using fake = await Fake.start(saying(fromHex('20 ff ff ff 7f'), new Uint8Array(10)))
    const before = process.memoryUsage().arrayBuffers
    const grabbing = grabOf(fake.port)
    await wait(200)
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(4_000_000)
    const event = await grabbing
    expect(event.result.data.bytes_captured).toBe(15)
  })

  test('and ends at the limit, to the byte', async () => {
    await using fake = await Fake.start(saying(fromHex('20 ff ff ff 7f'), new Uint8Array(MOST + 100_000)))
    const event = await grabOf(fake.port, { durationMs: 20_000 })
    expect(event).toMatchObject({ limit: 'bytes', error: { code: 'protocol' } })
    expect(event.result.data.bytes_captured).toBe(MOST)
  })

  test('a PUBLISH of 10 MB: as if it ended there', async () => {
    const large = publish('big', new Uint8Array(10_000_000))
    await using fake = await Fake.start(saying(CONNACK, SUBACK, PUBLISH, large))
    const event = await grabOf(fake.port, { durationMs: 20_000 })
    expect(event.limit).toBe('bytes')
    expect(event.error).toBeUndefined()
    expect(event.result.data).toMatchObject({ connected: true, num_events: 1, bytes_captured: MOST })
    expect(ids(event)).toEqual(['capture.incomplete'])
  })

  test('a PUBLISH that just fits is there whole', async () => {
    const payload = new Uint8Array(8_900_000).fill(0x78)
    payload.set(utf8.encode('é€😀'), 48 * 1024 - 5)
    await using fake = await Fake.start(saying(CONNACK, SUBACK, publish('big', payload)))
    const event = await grabOf(fake.port, { durationMs: 20_000, maxMessages: 1 })
    expect(event.limit).toBe('messages')
    expect(event.result.data.messages[0]?.msg === new TextDecoder().decode(payload)).toBe(true)
  })
})

describe('G05 floods', () => {
  test.for([1, 7, 100_000])('101 messages in segments of %i bytes', async size => {
    let isGone = false
    const many = join(
      CONNACK,
      SUBACK,
      ...Array.from({ length: 101 }, (_, at) => publish(`t${at}`, utf8.encode(`${at}`))),
    )
    await using fake = await Fake.start(
      answering(async socket => {
        socket.on('close', () => {
          isGone = true
        })
        for (let at = 0; at < many.length && !socket.destroyed; at += size) {
          await new Promise(resolve => socket.write(many.subarray(at, at + size), resolve))
        }
      }),
    )
    const event = await grabOf(fake.port, { durationMs: 20_000 })
    expect(event.limit).toBe('messages')
    expect(event.result.data.num_events).toBe(100)
    expect(event.result.data.messages.at(-1)).toEqual({ topic: 't99', msg: '99' })
    await wait(50)
    expect(isGone).toBe(true)
  })

  /** From a thread of its own, so that only our own work counts in the lag. */
  async function flood(bytes: readonly Uint8Array[]): Promise<{ port: number; stop: () => Promise<number> }> {
    const worker = new Worker(
      `const { parentPort, workerData } = require('node:worker_threads')
       const [head, body] = workerData.map(part => Buffer.from(part))
       const many = Buffer.concat(Array(Math.ceil(65536 / body.length)).fill(body))
       const server = require('node:net').createServer(socket => {
         const more = () => { while (!socket.destroyed && socket.write(many)) ; }
         socket.on('error', () => {}).on('drain', more).once('data', () => { socket.write(head); more() }).resume()
       }).listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port))`,
      { eval: true, workerData: bytes },
    )
    const port = await new Promise<number>(resolve => worker.once('message', resolve))
    return { port, stop: () => worker.terminate() }
  }

  test('a flood up to each limit; the event loop lives', async () => {
    const server = await flood([join(CONNACK, SUBACK), PUBLISH])
    const target = { host: '127.0.0.1', port: server.port }
    const flooded = (settings: Partial<GrabSettings>): Promise<Grabbed> =>
      grab(target, { ...SETTINGS, durationMs: 20_000, ...settings }, around)
    const around = surroundings()
    const lag = monitorEventLoopDelay({ resolution: 1 })
    lag.enable()
    const hundred = await flooded({})
    const full = await flooded({ maxMessages: 1e9 })
    const many = await Promise.all(Array.from({ length: 16 }, () => flooded({ maxMessages: 1e9, maxBytes: 500_000 })))
    lag.disable()
    await server.stop()
    expect([hundred.limit, hundred.received.count]).toEqual(['messages', 100])
    const messages = Math.floor((full.bytes - CONNACK.length - SUBACK.length) / PUBLISH.length)
    expect([full.limit, full.bytes, full.received.count]).toEqual(['bytes', 9_000_000, messages])
    expect(many.map(({ bytes }) => bytes)).toEqual(new Array(16).fill(500_000))
    const [most, usual] = [lag.max, lag.percentile(99)].map(nanos => (nanos / 1e6).toFixed(1))
    console.log(`event loop under floods, 17 MB in all: at most ${most} ms late, 99 % below ${usual} ms`)
  })

  test('a flood shorter than its time ends with it', async () => {
    const server = await flood([join(CONNACK, SUBACK), publish('a', new Uint8Array(1000))])
    const target = { host: '127.0.0.1', port: server.port }
    const settings = { ...SETTINGS, durationMs: 300, maxMessages: 1e9, maxBytes: 1e9 }
    const grabbed = await grab(target, settings, surroundings())
    await server.stop()
    expect(grabbed.limit).toBe('duration')
    expect(grabbed.received.count).toBeGreaterThan(0)
  })

  test('who takes none of our answers gets no more of our time', async () => {
    const body = publish('a', new Uint8Array(0), 1, 9)
    const many = join(...Array.from({ length: 5000 }, () => body))
    await using fake = await Fake.start(socket => {
      socket.once('data', () => {
        socket.pause()
        socket.write(join(CONNACK, SUBACK))
        const more = (): void => {
          while (!socket.destroyed && socket.write(many));
        }
        socket.on('drain', more)
        more()
      })
    })
    const event = await grabOf(fake.port, { durationMs: 600, maxMessages: 1e9, maxBytes: 1e9 })
    expect(event.limit).toBe('duration')
    expect(event.result.data.bytes_captured).toBeLessThan(1e9)
  })
})

describe.concurrent('G06 packets out of turn', () => {
  test('PUBLISH before CONNACK', async () => {
    await using fake = await Fake.start(saying(PUBLISH, CONNACK, SUBACK))
    const event = await grabOf(fake.port)
    expect(event.result.data).toMatchObject({ connected: true, messages: [{ topic: 'a', msg: 'b' }] })
    expect(event.findings).toEqual([
      {
        id: 'MQTT-3.2.0-1',
        level: 'error',
        message: 'a packet came before the CONNACK',
        packet: 1,
        count: 1,
      },
    ])
  })

  test('PUBLISH and no CONNACK at all', async () => {
    await using fake = await Fake.start(saying(PUBLISH))
    const event = await grabOf(fake.port)
    expect(event).toMatchObject({ error: { code: 'timeout' }, limit: 'duration' })
    expect(event.result.data).toMatchObject({ connected: false, num_events: 1 })
  })

  test('PUBLISH before SUBACK', async () => {
    await using fake = await Fake.start(saying(CONNACK, PUBLISH, PUBLISH, SUBACK))
    const event = await grabOf(fake.port)
    expect(event.findings).toMatchObject([{ id: 'publish.before_suback', level: 'note', packet: 2, count: 2 }])
    expect(event.result.data.num_events).toBe(2)
  })

  test('PUBLISH after DISCONNECT, and after a refusal', async () => {
    await using fake = await Fake.start(saying(CONNACK5, SUBACK5, fromHex('e0 00'), PUBLISH5))
    const event = await grabOf(fake.port, { version: '5', durationMs: 1500 })
    expect(ids(event)).toEqual(['disconnect.received', 'MQTT-3.14.4-1'])
    expect(event).toMatchObject({ limit: 'closed', result: { data: { num_events: 1 } } })
    await using refuses = await Fake.start(saying(fromHex('20 02 00 05'), PUBLISH))
    const refused = await grabOf(refuses.port, { durationMs: 1500 })
    expect(ids(refused)).toContain('MQTT-3.2.2-5')
    expect(refused.result.data).toMatchObject({ auth: true, num_events: 1 })
  })

  test('what only clients send, answers to nothing, a second CONNACK', async () => {
    const stray = fromHex('20020000 c000 d000 40020005 50020006 70020007 90030009 00 b0020009 8206 000a 0001 61 00')
    await using fake = await Fake.start(saying(CONNACK, SUBACK, stray))
    expect(ids(await grabOf(fake.port))).toEqual([
      'connack.repeated',
      'packet.direction',
      'pingresp.unexpected',
      'MQTT-2.3.1-6',
      'MQTT-2.3.1-7',
    ])
    await using five = await Fake.start(saying(CONNACK5, fromHex('f000 20 03 00 00 00'), SUBACK5))
    expect(ids(await grabOf(five.port, { version: '5' }))).toEqual(['MQTT-4.12.0-6', 'MQTT-3.2.0-2'])
  })

  test('a length that does not end is the end', async () => {
    await using fake = await Fake.start(saying(CONNACK, SUBACK, PUBLISH, fromHex('30 ff ff ff ff ff'), PUBLISH))
    const event = await grabOf(fake.port)
    expect(event).toMatchObject({ limit: null, error: { code: 'protocol' } })
    expect(event.result.data).toMatchObject({ connected: true, num_events: 1 })
    expect(ids(event)).toContain('malformed.length')
  })
})

describe('G07 acknowledgements', () => {
  test('each QoS has its answer; identifiers that are none have none', async () => {
    const heard: Buffer[] = []
    const packets = join(
      publish('a', utf8.encode('1'), 1, 0x1234),
      publish('a', utf8.encode('2'), 2, 0x1235),
      publish('a', utf8.encode('0'), 1, 0),
      publish('a', utf8.encode('0'), 2, 0),
      fromHex('62 02 1235'),
      fromHex('62 02 7777'),
      fromHex('62 02 0000'),
    )
    await using fake = await Fake.start(answering(socket => void socket.write(join(CONNACK, SUBACK, packets)), heard))
    const event = await grabOf(fake.port)
    const answers = hex(Buffer.concat(heard)).replace(/^.*?8206000100012301/, '')
    expect(answers).toBe('40021234500212357002123570027777e000')
    expect(event.result.data.messages.map(({ msg }) => msg)).toEqual(['1', '2', '0', '0'])
    expect(ids(event)).toEqual(['MQTT-2.3.1-1', 'MQTT-2.3.1-6'])
  })

  test('5.0 says that it does not know the PUBREL', async () => {
    const heard: Buffer[] = []
    await using fake = await Fake.start(
      answering(socket => void socket.write(join(CONNACK5, SUBACK5, fromHex('62 02 7777'))), heard),
    )
    expect(ids(await grabOf(fake.port, { version: '5' }))).toEqual(['MQTT-2.2.1-5'])
    expect(hex(Buffer.concat(heard))).toContain('7004777792')
  })

  test('the same message again counts once, a new one under its id twice', async () => {
    const first = publish('a', utf8.encode('1'), 2, 7)
    const again = first.slice()
    again[0] = 0x3c
    await using fake = await Fake.start(saying(CONNACK, SUBACK, first, again, again, first))
    const event = await grabOf(fake.port)
    expect(event.result.data.num_events).toBe(2)
    expect(event.findings).toMatchObject([{ id: 'publish.repeated', count: 2 }, { id: 'MQTT-2.3.1-4' }])
  })

  test('QoS 2 without end: all identifiers under way, one answer each, 8 KiB of memory', async () => {
    const heard: Buffer[] = []
    const all = Array.from({ length: 65_535 }, (_, at) => publish('a', new Uint8Array(0), 2, at + 1))
    const flood = Buffer.concat([CONNACK, SUBACK, ...all, ...all])
    await using fake = await Fake.start(answering(socket => void socket.end(flood), heard))
    const target = { host: '127.0.0.1', port: fake.port }
    const settings = { ...SETTINGS, maxMessages: 1e6, durationMs: 20_000 }
    const grabbed = await grab(target, settings, surroundings())
    expect([grabbed.limit, grabbed.received.count]).toEqual(['closed', 2 * 65_535])
    expect(grabbed.findings).toMatchObject([{ id: 'MQTT-2.3.1-4', count: 65_535 }])
  })
})

test('G08 aliases that were never allowed, alias 0, one that stands for nothing', async () => {
  const named = publish('home', utf8.encode('1'), 0, 0, [0x23, 0, 5])
  const known = publish('', utf8.encode('2'), 0, 0, [0x23, 0, 5])
  const unknown = publish('', utf8.encode('3'), 0, 0, [0x23, 0xff, 0xff])
  const zero = publish('', utf8.encode('4'), 0, 0, [0x23, 0, 0])
  await using fake = await Fake.start(saying(CONNACK5, SUBACK5, named, known, unknown, zero))
  const event = await grabOf(fake.port, { version: '5' })
  expect(event.result.data.messages).toEqual([
    { topic: 'home', msg: '1' },
    { topic: 'home', msg: '2' },
    { topic: '', msg: '3' },
    { topic: '', msg: '4' },
  ])
  expect(event.findings).toMatchObject([
    { id: 'MQTT-3.1.2-27', count: 3 },
    { id: 'MQTT-3.3.2-7', packet: 5 },
    { id: 'MQTT-3.3.2-8', packet: 6 },
  ])
  expect(event.result.data.topics).toEqual(['home', ''])
})

test('G09 whatever stands in topics and payloads is there without loss, and harmless', async () => {
  const nasty = ['\x1b]0;x\x07', 'a\u202eb\u0000c', '\u009b31m', '"\\\n\u2028', 'é€😀\ufeff', '\ue000\u{e0041}']
  const broken = [Uint8Array.of(0xff, 0xfe), Uint8Array.of(0x61, 0xc3), randomBytes(300), Uint8Array.of(0xc3, 0xc3)]
  const parts = [...nasty.map(value => utf8.encode(value)), ...broken]
  const packets = parts.map(part => packet(0x30, join(Uint8Array.of(part.length >> 8, part.length & 255), part, part)))
  await using fake = await Fake.start(saying(CONNACK, SUBACK, ...packets))
  const { data } = (await grabOf(fake.port)).result
  const bytesOf = (value: string, encoding: string | undefined): Uint8Array =>
    encoding === 'base64' ? Buffer.from(value, 'base64') : utf8.encode(value)
  expect(data.num_events).toBe(parts.length)
  for (const [at, part] of parts.entries()) {
    const { topic = '', msg = '', topicEncoding, encoding } = data.messages[at] ?? {}
    expect(hex(bytesOf(topic, topicEncoding))).toBe(hex(part))
    expect(hex(bytesOf(msg, encoding))).toBe(hex(part))
    expect(encoding).toBe(at < nasty.length ? undefined : 'base64')
  }
})

describe.concurrent('G10 endings', () => {
  test('RST within a message', async () => {
    await using fake = await Fake.start(
      answering(async socket => {
        socket.write(join(CONNACK, SUBACK, PUBLISH, fromHex('30 64 00 01 61 62')))
        await wait(100)
        socket.resetAndDestroy()
      }),
    )
    const event = await grabOf(fake.port, { durationMs: 3000 })
    expect(event).toMatchObject({ limit: 'closed', error: { code: 'reset' } })
    expect(event.result.data).toMatchObject({ connected: true, num_events: 1, bytes_captured: 4 + 5 + 6 + 6 })
    expect(ids(event)).toEqual(['capture.incomplete'])
  })

  test('what has ended before the clock does is not ended by it', async () => {
    await using refuses = await Fake.start(saying(fromHex('20 02 00 05')))
    expect((await grabOf(refuses.port, { durationMs: 200 })).limit).toBe('closed')
    await using strange = await Fake.start(saying(fromHex('15 03')))
    expect(await grabOf(strange.port, { durationMs: 200 })).toMatchObject({ limit: null, error: { code: 'not_mqtt' } })
  })

  test('RST after DISCONNECT is no failure', async () => {
    await using fake = await Fake.start(
      answering(async socket => {
        socket.write(join(CONNACK5, SUBACK5, fromHex('e0 01 8b')))
        await wait(100)
        socket.resetAndDestroy()
      }),
    )
    const event = await grabOf(fake.port, { version: '5', durationMs: 3000 })
    expect(event.limit).toBe('closed')
    expect(event.error).toBeUndefined()
  })

  test('half-closed', async () => {
    await using fake = await Fake.start(answering(socket => void socket.end(join(CONNACK, SUBACK, PUBLISH))))
    const event = await grabOf(fake.port, { durationMs: 3000 })
    expect(event.limit).toBe('closed')
    expect(event.error).toBeUndefined()
  })

  test.for([0x8d, 0x9c, 0x9d])('DISCONNECT %i with another server, which nobody goes to', async code => {
    await using other = await Fake.start(() => {})
    const reference = text(`127.0.0.1:${other.port}`)
    const disconnect = packet(0xe0, join(Uint8Array.of(code, reference.length + 1, 0x1c), reference))
    await using fake = await Fake.start(saying(CONNACK5, SUBACK5, PUBLISH5, disconnect))
    const event = await grabOf(fake.port, { version: '5', durationMs: 1500 })
    expect(event).toMatchObject({ limit: 'closed', result: { data: { num_events: 1 } } })
    expect(ids(event)).toEqual(['disconnect.received', 'server.reference'])
    expect(event.findings[0]?.message).toContain(`0x${code.toString(16)}`)
    expect(event.findings[1]?.message).toContain(`127.0.0.1:${other.port}`)
    expect([fake.connections, other.connections]).toEqual([1, 0])
  })

  test('nor to the one in a CONNACK', async () => {
    await using other = await Fake.start(() => {})
    const reference = text(`127.0.0.1:${other.port}`)
    const connack = packet(0x20, join(Uint8Array.of(0, 0x9d, reference.length + 1, 0x1c), reference))
    await using fake = await Fake.start(saying(connack))
    const event = await grabOf(fake.port, { version: '5', durationMs: 1500 })
    expect(event.result.data.connack).toMatchObject({ properties: { serverReference: `127.0.0.1:${other.port}` } })
    expect([fake.connections, other.connections]).toEqual([1, 0])
  })
})

describe('G12 limits reached together', () => {
  const said = join(CONNACK, SUBACK, PUBLISH, PUBLISH, PUBLISH)
  const cases: readonly (readonly [string, number, number])[] = [
    ['messages', 3, said.length],
    ['messages', 3, 1000],
    ['bytes', 4, said.length],
    ['closed', 4, said.length + 1],
  ]
  test.for(cases)('%s of %i messages and %i bytes', async ([limit, maxMessages, maxBytes]) => {
    await using fake = await Fake.start(answering(socket => void socket.end(said)))
    expect((await grabOf(fake.port, { maxMessages, maxBytes, durationMs: 3000 })).limit).toBe(limit)
  })

  test('the clock comes last: what arrived in time is read before', async () => {
    // Turns that never come: everything is left to the deadline.
    const around = { ...surroundings(), turns: { add: () => {} } } as unknown as ReturnType<typeof surroundings>
    await using fake = await Fake.start(saying(said))
    const settings = { durationMs: 300, maxBytes: said.length }
    expect((await grabOf(fake.port, { ...settings, maxMessages: 3 }, around)).limit).toBe('messages')
    expect((await grabOf(fake.port, { ...settings, maxMessages: 4 }, around)).limit).toBe('bytes')
    expect((await grabOf(fake.port, { durationMs: 300, maxMessages: 4 }, around)).limit).toBe('duration')
  })
})

test('a stop by the user ends it with what it has', async () => {
  const controller = new AbortController()
  await using fake = await Fake.start(saying(CONNACK, SUBACK, PUBLISH))
  const grabbing = grabOf(fake.port, { durationMs: 20_000 }, surroundings(controller.signal))
  await wait(200)
  controller.abort()
  const event = await grabbing
  expect(event).toMatchObject({ limit: null, error: { code: 'interrupted' } })
  expect(event.result.data).toMatchObject({ connected: true, num_events: 1 })
})

test('PINGREQ by the keep-alive that the broker wants', async () => {
  const heard: Buffer[] = []
  const keepAliveOne = fromHex('20 06 00 00 03 13 0001')
  await using fake = await Fake.start(
    answering(socket => {
      socket.write(join(keepAliveOne, SUBACK5))
      socket.on('data', bytes => {
        if (hex(bytes) === 'c000') socket.write(fromHex('d000'))
      })
    }, heard),
  )
  const event = await grabOf(fake.port, { version: '5', durationMs: 1800 })
  expect(hex(Buffer.concat(heard)).match(/c000/g)?.length).toBe(2)
  expect(event.findings).toEqual([])
})
