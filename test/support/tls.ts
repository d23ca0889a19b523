/** Real TLS connections of OpenSSL, through Node's `tls`, over two pipes in memory: no network, every byte recorded. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import net from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Duplex } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import tls from 'node:tls'
import { type Frame as BaseFrame, Frame } from '../../src/base/line.ts'
import { KeyLogReader, KeyStore } from '../../src/transport/keys.ts'
import { TlsBudget } from '../../src/transport/tls/budget.ts'
import { nodeCrypto } from '../../src/transport/tls/node-crypto.ts'
import { TlsSession } from '../../src/transport/tls/session.ts'
import { TlsSide } from '../../src/transport/tls/side.ts'

const folder = join('test', 'support', 'certificates')
const pem = (name: string): string => readFileSync(join(folder, name), 'utf8')

/** Certificates with keys of both kinds; the suites choose. */
export const SERVER_KEYS = { key: [pem('ec.key'), pem('rsa.key')], cert: [pem('ec.pem'), pem('rsa.pem')] }
export const CLIENT_KEYS = { key: pem('ec.key'), cert: pem('ec.pem') }

/** Bytes that one side wrote: 0 is the client. */
export interface Piece {
  readonly side: 0 | 1
  readonly bytes: Uint8Array
}

/** A connection as it was on the wire, with what its ends wrote and read inside. */
export interface Recorded {
  readonly pieces: readonly Piece[]
  readonly keyLog: string
  /** What each side sent inside. */
  readonly sent: readonly [Uint8Array, Uint8Array]
  readonly session: Buffer | undefined
}

export interface Options {
  readonly client?: tls.ConnectionOptions
  readonly server?: tls.TlsOptions
  /** What the client writes, one record each; the server answers each with the same bytes twice. */
  readonly messages?: readonly Uint8Array[]
  /** Is called once with both ends when the handshake is over. */
  readonly during?: (client: tls.TLSSocket, server: tls.TLSSocket) => Promise<void> | void
}

class End extends Duplex {
  other: End | undefined
  private readonly onBytes: (bytes: Uint8Array) => void

  constructor(onBytes: (bytes: Uint8Array) => void) {
    super()
    this.onBytes = onBytes
  }
  override _read(): void {}
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.onBytes(Uint8Array.from(chunk))
    // As on a network: the other side is not called from inside of this one.
    setImmediate(() => {
      this.other?.push(chunk)
      done()
    })
  }
  override _final(done: () => void): void {
    setImmediate(() => {
      this.other?.push(null)
      done()
    })
  }
}

const twice = (bytes: Uint8Array): Buffer => Buffer.concat([bytes, bytes])

/** Runs one connection from its handshake to its end. */
export async function recordTls(options: Options = {}): Promise<Recorded> {
  const { messages = [Buffer.from('hello'), Buffer.alloc(300, 7), Buffer.from('bye')] } = options
  const pieces: Piece[] = []
  const [a, b] = [0, 1].map(side => new End(bytes => pieces.push({ side: side as 0 | 1, bytes }))) as [End, End]
  a.other = b
  b.other = a
  let keyLog = ''
  let session: Buffer | undefined
  const context = tls.createSecureContext({ ...SERVER_KEYS, ...options.server })
  const server = new tls.TLSSocket(b, {
    isServer: true,
    secureContext: context,
    ...options.server,
  } as tls.TLSSocketOptions)
  const client = tls.connect({
    socket: a,
    servername: 'broker.example',
    rejectUnauthorized: false,
    ...options.client,
  })
  client.on('keylog', line => {
    keyLog += line.toString('latin1')
  })
  client.on('session', data => {
    session = data
  })
  const sent: [Buffer[], Buffer[]] = [[], []]
  await new Promise<void>((resolve, reject) => {
    client.once('error', reject)
    server.once('error', reject)
    client.once('secureConnect', resolve)
  })
  await options.during?.(client, server)
  for (const message of messages) {
    const answer = twice(message)
    const received = new Promise<void>(resolve => {
      let have = 0
      const onData = (data: Buffer): void => {
        have += data.length
        if (have < answer.length) return
        client.off('data', onData)
        resolve()
      }
      client.on('data', onData)
    })
    const arrived = new Promise<void>(resolve => {
      let have = 0
      const onData = (data: Buffer): void => {
        have += data.length
        if (have < message.length) return
        server.off('data', onData)
        resolve()
      }
      server.on('data', onData)
    })
    client.write(message)
    sent[0].push(Buffer.from(message))
    await arrived
    server.write(answer)
    sent[1].push(answer)
    await received
  }
  client.end()
  server.end()
  client.resume()
  server.resume()
  await sleep(5)
  return { pieces, keyLog, sent: [Buffer.concat(sent[0]), Buffer.concat(sent[1])], session }
}

/** What came out of one direction. */
export class Collected {
  readonly parts: Uint8Array[] = []
  readonly gaps: number[] = []
  readonly frames: number[] = []
  ends = 0
  boundary(): void {}
  run(bytes: Uint8Array, start: number, end: number, frame: BaseFrame): void {
    this.parts.push(Uint8Array.from(bytes.subarray(start, end)))
    this.frames.push(frame.number)
  }
  gap(size: number): void {
    this.gaps.push(size)
  }
  end(): void {
    this.ends++
  }
  get bytes(): Uint8Array {
    return Buffer.concat(this.parts)
  }
}

/** Reads a recorded connection: what `pieces` say is handed on as runs, a frame each. */
export class Reading {
  readonly keys: KeyStore
  readonly budget: TlsBudget
  readonly session: TlsSession
  readonly out = [new Collected(), new Collected()] as const
  readonly sides: readonly [TlsSide, TlsSide]
  readonly skipped = [0, 0]
  private number = 0

  constructor(budget = new TlsBudget(), keys = new KeyStore()) {
    this.budget = budget
    this.keys = keys
    this.session = new TlsSession({ crypto: nodeCrypto, keys: this.keys, budget })
    const side = (side: 0 | 1): TlsSide =>
      new TlsSide({
        session: this.session,
        next: this.out[side],
        sink: { unit: () => {}, skipped: size => (this.skipped[side]! += size), closed: () => {} },
        keep: () => -1,
      })
    this.sides = [side(0), side(1)]
    this.session.join(this.sides)
  }

  log(text: string): this {
    const reader = new KeyLogReader(this.keys)
    reader.push(Buffer.from(text, 'latin1'))
    reader.end()
    return this
  }

  frame(): Frame {
    const frame = new Frame()
    frame.number = ++this.number
    return frame
  }

  run({ side, bytes }: Piece): void {
    this.sides[side].run(bytes, 0, bytes.length, this.frame(), -1)
  }

  runAll(pieces: readonly Piece[]): this {
    for (const piece of pieces) this.run(piece)
    return this
  }

  gap(side: 0 | 1, size: number): void {
    this.sides[side].gap(size, this.frame())
  }

  end(): this {
    for (const side of this.sides) side.end('fin')
    this.budget.end()
    return this
  }
}

export interface ProgramOptions {
  readonly server?: readonly string[]
  readonly client?: readonly string[]
  /** What the client and the server are given one after the other; each waits until something was sent for it. */
  readonly lines: readonly (readonly ['client' | 'server', string])[]
  /** Early data, on a session that an earlier connection began. */
  readonly early?: Uint8Array
  /** True if the server was started anew since, and does not know the session. */
  readonly hasNewServer?: boolean
}

/** Runs OpenSSL's own client against its server through a proxy that records what passes. */
export async function recordPrograms(options: ProgramOptions): Promise<Recorded> {
  const home = mkdtempSync(join(tmpdir(), 'mqtt-sniff-tls-'))
  const keyLogFile = join(home, 'keys')
  const port = await freePort()
  let server = startServer(port, options)
  try {
    await waitFor(() => isOpen(port))
    const extra = ['-keylogfile', keyLogFile, ...(options.client ?? [])]
    if (options.early !== undefined) {
      const session = join(home, 'session')
      const early = join(home, 'early')
      writeFileSync(early, options.early)
      await beginSession(port, session, options)
      extra.push('-sess_in', session, '-early_data', early)
    }
    if (options.hasNewServer === true) {
      server.kill('SIGKILL')
      await waitFor(async () => !(await isOpen(port)))
      server = startServer(port, options)
      await waitFor(() => isOpen(port))
    }
    const pieces = await recordBetween(port, extra, server, options.lines)
    return { pieces, keyLog: readFileSync(keyLogFile, 'latin1'), sent: sentOf(options.lines), session: undefined }
  } finally {
    server.kill('SIGKILL')
    rmSync(home, { recursive: true, force: true })
  }
}

function startServer(port: number, options: ProgramOptions): ChildProcessWithoutNullStreams {
  const files = ['-cert', join(folder, 'ec.pem'), '-key', join(folder, 'ec.key')]
  const server = spawn('openssl', ['s_server', '-accept', `127.0.0.1:${port}`, ...files, ...(options.server ?? [])])
  server.stdout.resume()
  return server
}

/** Connects once, and keeps the session in a file. */
async function beginSession(port: number, session: string, options: ProgramOptions): Promise<void> {
  const connect = ['s_client', '-connect', `127.0.0.1:${port}`, '-sess_out', session, ...(options.client ?? [])]
  const client = spawn('openssl', connect)
  client.stdout.resume()
  await waitFor(() => Promise.resolve(existsSync(session) && statSync(session).size > 0))
  await sleep(30)
  // A session is forgotten by the server if its connection does not end in order.
  client.stdin.end()
  await once(client, 'close')
}

async function recordBetween(
  port: number,
  extra: readonly string[],
  server: ChildProcessWithoutNullStreams,
  lines: ProgramOptions['lines'],
): Promise<Piece[]> {
  const pieces: Piece[] = []
  const proxy = net.createServer(near => relay(near, net.connect(port, '127.0.0.1'), pieces))
  await new Promise<void>(resolve => proxy.listen(0, '127.0.0.1', resolve))
  const { port: near } = proxy.address() as net.AddressInfo
  const client = spawn('openssl', ['s_client', '-connect', `127.0.0.1:${near}`, ...extra])
  client.stdout.resume()
  try {
    await waitFor(() => Promise.resolve(pieces.filter(({ side }) => side === 1).length >= 2))
    await sleep(50)
    for (const [who, line] of lines) {
      const before = pieces.length
      const program = who === 'client' ? client : server
      program.stdin.write(line)
      await waitFor(() => Promise.resolve(pieces.length > before))
      await sleep(30)
    }
    return pieces
  } finally {
    client.kill()
    proxy.close()
  }
}

function relay(near: net.Socket, far: net.Socket, pieces: Piece[]): void {
  for (const [side, from, to] of [
    [0, near, far],
    [1, far, near],
  ] as const) {
    from.on('data', bytes => {
      pieces.push({ side, bytes: Uint8Array.from(bytes) })
      to.write(bytes)
    })
    from.on('end', () => to.end())
    from.on('error', () => to.destroy())
  }
}

/** Single capitals are commands of s_client and s_server: K updates keys, R negotiates anew. */
function sentOf(lines: ProgramOptions['lines']): [Uint8Array, Uint8Array] {
  const of = (who: string): Uint8Array =>
    Buffer.from(lines.flatMap(([name, line]) => (name === who && !/^[A-Za-z]\n$/.test(line) ? [line] : [])).join(''))
  return [of('client'), of('server')]
}

const isOpen = (port: number): Promise<boolean> =>
  new Promise(resolve => {
    const socket = net.connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })

const freePort = (): Promise<number> =>
  new Promise(resolve => {
    const server = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as net.AddressInfo
      server.close(() => resolve(port))
    })
  })

async function waitFor(isTrue: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 500; tries++) {
    if (await isTrue()) return
    await sleep(10)
  }
  throw new Error('waited for five seconds')
}
