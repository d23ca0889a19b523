/** The tap with sockets of our own on both sides: what passes, how it ends, and what is written of it. */
import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { connect as connectTls, createServer as createTlsServer } from 'node:tls'
import { afterEach, describe, expect, test } from 'vitest'
import { CaptureReader } from '../../../../src/capture/reader.ts'
import type { TapOptions } from '../../../../src/capture/sources/tap/options.ts'
import { type TapSource, tapSource } from '../../../../src/capture/sources/tap/tap.ts'
import { readSegment, Segment } from '../../../../src/net/segment.ts'
import { freePort, until } from '../../../support/live.ts'
import { CLIENT_KEYS, SERVER_KEYS } from '../../../support/tls.ts'

const closing: (() => void)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

/** One frame: who sent it (client, broker), its flags, its bytes. */
interface Seen {
  readonly side: 'c' | 'b'
  readonly flags: number
  readonly bytes: Buffer
}

class Tapped {
  readonly said: string[] = []
  readonly frames: Seen[] = []
  readonly tap: TapSource
  readonly done: Promise<void>

  constructor(tap: TapSource, said: string[], brokerPort: number) {
    this.tap = tap
    this.said = said
    this.done = this.follow(brokerPort)
    closing.push(() => tap.close())
  }

  static async start(port: number, more: Partial<TapOptions> = {}): Promise<Tapped> {
    const said: string[] = []
    const say = (message: string): void => void said.push(message)
    const listen = { host: '127.0.0.1', port: 0 }
    const plain = { tls: undefined, listenTls: undefined, frames: undefined }
    const tap = await tapSource({ listen, to: { host: '127.0.0.1', port }, ...plain, tell: say, began: say, ...more })
    return new Tapped(tap, said, port)
  }

  get port(): number {
    return this.tap.place.port
  }

  bytes(side: 'c' | 'b'): Buffer {
    return Buffer.concat(this.frames.filter(frame => frame.side === side).map(frame => frame.bytes))
  }

  /** `c2 b18 c16 …`: side and flags in hex, without the frames that carry bytes. */
  get signs(): string {
    const bare = this.frames.filter(frame => frame.bytes.length === 0)
    return bare.map(({ side, flags }) => side + flags.toString(16)).join(' ')
  }

  private async follow(brokerPort: number): Promise<void> {
    const segment = new Segment()
    const reader = new CaptureReader({
      frame: frame => {
        expect(readSegment(frame, segment)).toBe(true)
        const side = segment.sourcePort === brokerPort ? 'b' : 'c'
        const bytes = Buffer.from(frame.bytes.subarray(segment.start, segment.end))
        this.frames.push({ side, flags: segment.flags, bytes })
      },
      lost: () => {},
      damage: damage => expect.fail(damage.message),
    })
    for await (const chunk of this.tap) reader.push(chunk)
    reader.end()
  }
}

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  closing.push(() => server.close())
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** A broker that hands over each connection. */
async function broker(): Promise<{ readonly port: number; readonly next: () => Promise<Socket> }> {
  const server = createServer({ allowHalfOpen: true })
  const sockets: Socket[] = []
  server.on('connection', socket => {
    closing.push(() => socket.destroy())
    socket.on('error', () => {})
    sockets.push(socket)
  })
  const port = await listening(server)
  const next = async (): Promise<Socket> => {
    await until('a connection comes', () => sockets.length > 0)
    return sockets.shift() as Socket
  }
  return { port, next }
}

async function client(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  closing.push(() => socket.destroy())
  socket.on('error', () => {})
  await once(socket, 'connect')
  return socket
}

/** Resolves when a socket is closed, whatever the reason. */
const gone = (socket: Socket): Promise<void> => new Promise(resolve => socket.once('close', () => resolve()))

/** Collects what a socket receives. */
function received(socket: Socket): { readonly bytes: () => Buffer } {
  const chunks: Buffer[] = []
  socket.on('data', chunk => chunks.push(chunk))
  return { bytes: () => Buffer.concat(chunks) }
}

const pattern = (size: number, step: number): Buffer => Buffer.from(Array.from({ length: size }, (_, at) => at * step))

const OPENING = 'c2 b12 c10'

describe('bytes', () => {
  test('pass unchanged both ways, and the capture holds them', async () => {
    const to = await broker()
    const tapped = await Tapped.start(to.port)
    const [one, other] = [await client(tapped.port), await to.next()]
    const [there, back] = [received(other), received(one)]
    const [asked, answered] = [pattern(200_001, 7), pattern(100_003, 13)]
    one.write(asked)
    other.write(answered)
    await until('all came', () => there.bytes().length === asked.length && back.bytes().length === answered.length)
    expect(there.bytes().equals(asked)).toBe(true)
    expect(back.bytes().equals(answered)).toBe(true)
    tapped.tap.stop()
    await tapped.done
    expect(tapped.bytes('c').equals(asked)).toBe(true)
    expect(tapped.bytes('b').equals(answered)).toBe(true)
  })

  test('a side that reads nothing holds up the other, which loses nothing', async () => {
    const to = await broker()
    const tapped = await Tapped.start(to.port)
    const [one, other] = [await client(tapped.port), await to.next()]
    other.pause()
    const asked = pattern(16_000_000, 3)
    one.write(asked)
    await until('nothing moves any more', async () => {
      const before = tapped.bytes('c').length
      await new Promise(resolve => setTimeout(resolve, 200))
      return before > 0 && tapped.bytes('c').length === before
    })
    expect(tapped.bytes('c').length).toBeLessThan(asked.length)
    const there = received(other)
    other.resume()
    await until('all came', () => there.bytes().length === asked.length)
    expect(there.bytes().equals(asked)).toBe(true)
  })
})

describe('ends', () => {
  test('of one direction are passed on alone', async () => {
    const to = await broker()
    const tapped = await Tapped.start(to.port)
    const [one, other] = [await client(tapped.port), await to.next()]
    const [there, back] = [received(other), received(one)]
    one.end('last words')
    await once(other, 'end')
    expect(there.bytes().toString()).toBe('last words')
    other.end('and an answer')
    await once(one, 'end')
    expect(back.bytes().toString()).toBe('and an answer')
    await until('both ends are written', () => tapped.signs.endsWith('b11 c10'))
    expect(tapped.signs).toBe(`${OPENING} c11 b10 b11 c10`)
  })

  test.for(['c', 'b'] as const)('a reset by %s resets the other side', async side => {
    const to = await broker()
    const tapped = await Tapped.start(to.port)
    const [one, other] = [await client(tapped.port), await to.next()]
    const [from, peer] = side === 'c' ? [one, other] : [other, one]
    const cause = once(peer, 'error')
    peer.resume()
    from.resetAndDestroy()
    expect(await Promise.race([cause, once(peer, 'close')])).toMatchObject([{ code: 'ECONNRESET' }])
    await until('it is written', () => tapped.signs.endsWith('14'))
    expect(tapped.signs).toBe(`${OPENING} ${side}14`)
  })

  test('a broker that is away: the client is closed, the attempt written, the next one passes', async () => {
    const port = await freePort()
    const tapped = await Tapped.start(port)
    for (const times of [1, 2]) {
      const one = await client(tapped.port)
      one.resume()
      await gone(one)
      await until('it is written', () => tapped.frames.length === times * 2)
    }
    expect(tapped.signs).toBe('c2 b14 c2 b14')
    const about = tapped.said.filter(words => words.startsWith('cannot reach'))
    expect(about).toEqual([`cannot reach 127.0.0.1:${port}: connection refused; clients are closed until it is back`])
    const server = createServer(socket => socket.end('here'))
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    closing.push(() => server.close())
    const back = received(await client(tapped.port))
    await until('it passes', () => back.bytes().toString() === 'here')
  })

  test('stopping it ends the connections, and what was written still comes', async () => {
    const to = await broker()
    const tapped = await Tapped.start(to.port)
    const [one, other] = [await client(tapped.port), await to.next()]
    one.write('x')
    await once(other, 'data')
    tapped.tap.stop()
    one.resume()
    await Promise.all([tapped.done, once(one, 'end'), once(other, 'end')])
    expect(tapped.bytes('c').toString()).toBe('x')
  })

  test('after as many frames as were asked for', async () => {
    const to = await broker()
    const tapped = await Tapped.start(to.port, { frames: 2 })
    const one = await client(tapped.port)
    one.resume()
    await tapped.done
    expect(tapped.frames).toHaveLength(2)
  })
})

describe('TLS', () => {
  const [authority] = SERVER_KEYS.cert
  const keys = { cert: CLIENT_KEYS.cert, key: CLIENT_KEYS.key }

  async function echo(): Promise<number> {
    const server = createTlsServer(keys, socket => socket.on('error', () => {}).pipe(socket))
    return listening(server)
  }

  test('to the broker: the client is plain, and so is the capture', async () => {
    const tls = { ca: undefined, own: undefined, insecure: true }
    const tapped = await Tapped.start(await echo(), { tls })
    const one = await client(tapped.port)
    const back = received(one)
    one.write('plain')
    await until('it came back', () => back.bytes().toString() === 'plain')
    one.end()
    await once(one, 'end')
    await until('it is over', () => tapped.signs.includes('b11'))
    expect([tapped.bytes('c').toString(), tapped.bytes('b').toString()]).toEqual(['plain', 'plain'])
  })

  test('to a broker that is not trusted: the reason is reported', async () => {
    const tls = { ca: undefined, own: undefined, insecure: false }
    const tapped = await Tapped.start(await echo(), { tls })
    const one = await client(tapped.port)
    one.resume()
    await gone(one)
    await until('it is reported', () => tapped.said.some(words => /cannot reach .*: its certificate/.test(words)))
  })

  test('from the client', async () => {
    const to = await broker()
    const tapped = await Tapped.start(to.port, { listenTls: keys })
    const one = connectTls({ port: tapped.port, host: '127.0.0.1', ca: authority, rejectUnauthorized: false })
    closing.push(() => one.destroy())
    one.on('error', () => {})
    one.write('secret')
    const other = await to.next()
    const there = received(other)
    await until('it came', () => there.bytes().toString() === 'secret')
    expect(tapped.bytes('c').toString()).toBe('secret')
    const stranger = await client(tapped.port)
    stranger.end('no hello\n')
    stranger.resume()
    await until('it is reported', () => tapped.said.some(words => words.startsWith('a client failed in the TLS')))
  })
})

describe('refused', () => {
  test('a port in use', async () => {
    const port = await listening(createServer())
    const refused = Tapped.start(1, { listen: { host: '127.0.0.1', port } })
    const message = `cannot listen on 127.0.0.1:${port}: another program listens there; choose another port with --listen`
    await expect(refused).rejects.toMatchObject({ kind: 'interface', message })
  })

  test('itself as the broker', async () => {
    const place = { host: '127.0.0.1', port: await freePort() }
    await expect(Tapped.start(1, { listen: place, to: { ...place, host: 'localhost' } })).rejects.toMatchObject({
      kind: 'usage',
      message: expect.stringContaining('is the address that the tap listens on'),
    })
  })
})
