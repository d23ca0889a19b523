/** A proxy that is a capture source: clients connect to it, it connects to the broker, and what passes becomes frames. */
import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import { connect as connectTls, createServer as createTlsServer } from 'node:tls'
import { endpointText } from '../../../base/address.ts'
import { Frame } from '../../../base/line.ts'
import { LiveError } from '../backend.ts'
import type { Live } from '../live-capture.ts'
import { type Endpoint, now, Trace } from '../trace.ts'
import type { BrokerTls, Place, TapOptions } from './options.ts'
import { isOwnAddress } from './own-address.ts'
import { FrameQueue } from './queue.ts'
import { Relay, reset } from './relay.ts'
import { listenFailure, reachWords, tlsReason } from './words.ts'

/** Most clients at a time. Beyond it a new one is closed at once: each takes two sockets and up to 0.3 MB. */
const MOST_CLIENTS = 1000

/** Milliseconds that a broker has to accept a connection, TLS included, before it counts as away. */
const CONNECT_MS = 10_000

/** Milliseconds without a byte after which connections are ended once the tap was asked to end, and most it waits. */
const QUIET_MS = 150
const GOODBYE_MS = 2000

/** Most different messages about connections: those on TLS come from the other side. */
const MOST_REPORTED = 20

/** Sequence numbers of two traces differ, or a port that is used again would look like a connection that goes on. */
const SEQUENCE_STEP = 0x9e3779b1

/** Opens a tap that listens. Throws a LiveError if the port cannot be had, or if the broker would be the tap itself. */
export async function tapSource(options: TapOptions): Promise<TapSource> {
  const { listen, to } = options
  if (listen.port !== 0 && (await isOwnAddress(listen, to))) throw loop(to)
  const tap = new TapSource(options)
  await tap.listen()
  if (listen.port !== 0 || !(await isOwnAddress(tap.place, to))) return tap
  tap.close()
  throw loop(to)
}

const loop = (to: Place): LiveError =>
  new LiveError(
    'usage',
    `--to ${endpointText(to.host, to.port)} is the address that the tap listens on: name the broker`,
  )

export class TapSource implements Live {
  readonly isPartial = false
  readonly isService = true
  readonly absent: readonly string[] = []
  readonly size = undefined
  readonly plain = false
  readonly damage = undefined
  read = 0
  private readonly options: TapOptions
  private readonly mostFrames: number
  private readonly server: Server
  private readonly queue = new FrameQueue()
  private readonly frame = new Frame()
  /** Every socket that is open: one in the TLS handshake, or one that waits to be reset, belongs to no client. */
  private readonly sockets = new Set<Socket>()
  /** What ends each client at once. */
  private readonly clients = new Set<() => void>()
  private accepted = 0
  private isStopping = false
  private isCut = false
  /** The broker could not be reached the last time: the next failures are not reported. */
  private isAway = false
  /** What was reported, once each. */
  private readonly reported = new Set<string>()

  constructor(options: TapOptions) {
    this.options = options
    const { listenTls } = options
    this.mostFrames = options.frames ?? Number.POSITIVE_INFINITY
    const settings = { allowHalfOpen: true, noDelay: true }
    this.server =
      listenTls === undefined
        ? createServer(settings, client => this.accept(client))
        : createTlsServer({ ...settings, ...listenTls }, client => this.accept(client))
    this.server.maxConnections = MOST_CLIENTS
    this.server.on('connection', socket => this.track(socket))
    this.server.on('drop', () => this.report(`more than ${MOST_CLIENTS} clients at a time: new ones are closed`))
    this.server.on('tlsClientError', error => this.report(`a client failed in the TLS handshake: ${tlsReason(error)}`))
  }

  get name(): string {
    return `tap ${endpointText(this.place.host, this.place.port)}`
  }

  /** Where it listens. */
  get place(): Place {
    const address = this.server.address()
    if (address === null || typeof address === 'string') return this.options.listen
    return { host: address.address, port: address.port }
  }

  get drops(): Live['drops'] {
    const { dropped } = this.queue
    return dropped === 0 ? undefined : { frames: dropped, halved: false, atMost: false }
  }

  async listen(): Promise<void> {
    const { listen, to, began } = this.options
    this.server.listen({ host: listen.host, port: listen.port, backlog: MOST_CLIENTS })
    try {
      await once(this.server, 'listening')
    } catch (cause) {
      throw listenFailure(cause, listen)
    }
    // What fails before the first chunk is asked for must not be kept alive by this.
    this.server.unref()
    const { host, port } = this.place
    began(`tap listens on ${endpointText(host, port)} and forwards to ${endpointText(to.host, to.port)}`)
  }

  /** Accepts nobody more and ends all connections when what is on its way has passed; called again, at once. */
  stop(): void {
    if (this.isStopping) return this.cut()
    this.isStopping = true
    this.server.close()
    this.queue.stir()
    this.waitForQuiet()
  }

  close(): void {
    this.isStopping = true
    this.server.close()
    this.cut()
    while (this.queue.take() !== undefined);
  }

  /** Ends all connections. */
  private cut(): void {
    this.isCut = true
    for (const end of [...this.clients]) end()
    // A socket that waits for its last bytes to be taken would keep the program alive.
    for (const socket of this.sockets) socket.destroy()
    this.queue.stir()
  }

  private waitForQuiet(): void {
    const latest = performance.now() + GOODBYE_MS
    let seen = -1
    const look = (): void => {
      if (this.isCut) return
      const { number } = this.frame
      if (number === seen || performance.now() > latest) return this.cut()
      seen = number
      setTimeout(look, QUIET_MS)
    }
    look()
  }

  /** A chunk is valid for good. Between two chunks the connections are served. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    if (!this.isStopping) this.server.ref()
    try {
      for (;;) {
        const chunk = this.queue.take()
        if (chunk !== undefined) {
          this.read += chunk.length
          yield chunk
          await setImmediate()
        } else if (this.isStopping && this.clients.size === 0) return
        else await this.queue.change()
      }
    } finally {
      this.close()
    }
  }

  private accept(client: Socket): void {
    if (this.isCut) return void client.destroy()
    const began = now()
    const from = addressOf(client)
    const broker = this.connect()
    // The client is not read before the broker is there.
    client.pause()
    client.on('error', () => reset(broker))
    const end = (): void => {
      client.destroy()
      broker.destroy()
    }
    this.clients.add(end)
    const timer = setTimeout(() => broker.destroy(timedOut()), CONNECT_MS)
    let cause: Error | undefined
    const note = (error: Error): void => {
      cause = error
    }
    const fail = (): void => {
      clearTimeout(timer)
      this.forget(end)
      reset(client)
      if (!this.isCut) this.missed(from, began, cause)
    }
    broker.once('error', note)
    broker.once('close', fail)
    broker.once(this.options.tls === undefined ? 'connect' : 'secureConnect', () => {
      clearTimeout(timer)
      broker.off('close', fail)
      this.clients.delete(end)
      this.relay(client, broker, from, began)
    })
  }

  private relay(client: Socket, broker: Socket, from: Endpoint, began: number): void {
    this.isAway = false
    const trace = this.trace()
    trace.opened(from, addressOf(broker), began)
    const end = (): void => relay.close()
    const relay = new Relay(client, broker, trace, () => this.forget(end))
    this.clients.add(end)
    if (client.destroyed || this.isCut) relay.close()
  }

  /** The reader may wait for the last one to go. */
  private forget(end: () => void): void {
    this.clients.delete(end)
    if (this.isStopping) this.queue.stir()
  }

  /** The broker was not reached: the attempt is written down if its address is known. */
  private missed(from: Endpoint, began: number, cause: Error | undefined): void {
    const { to, tell } = this.options
    const { words, address, isRefused } = reachWords(cause)
    if (address !== undefined)
      this.trace().failed(from, { address, port: to.port }, began, isRefused ? now() : undefined)
    if (!this.isAway)
      tell(`cannot reach ${endpointText(to.host, to.port)}: ${words}; clients are closed until it is back`)
    this.isAway = true
  }

  private trace(): Trace {
    const first = Math.imul(++this.accepted, SEQUENCE_STEP) >>> 0
    return new Trace(frame => this.add(frame), this.frame, first)
  }

  private add(frame: Frame): void {
    if (this.isCut || this.queue.taken >= this.mostFrames) return
    if (!this.queue.add(frame)) this.report('the capture is read too slowly: frames are dropped, the connections go on')
    if (this.queue.taken >= this.mostFrames) this.stop()
  }

  private connect(): Socket {
    const { to, tls } = this.options
    const settings = { ...to, allowHalfOpen: true, noDelay: true }
    return this.track(tls === undefined ? connect(settings) : connectTls({ ...settings, ...tlsSettings(to, tls) }))
  }

  private track(socket: Socket): Socket {
    if (this.isCut) socket.destroy()
    this.sockets.add(socket)
    socket.once('close', () => this.sockets.delete(socket))
    return socket
  }

  /** Passes on what many connections may bring about, once. */
  private report(message: string): void {
    if (this.reported.has(message) || this.reported.size >= MOST_REPORTED) return
    this.reported.add(message)
    this.options.tell(message)
  }
}

const timedOut = (): Error => Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' })

const addressOf = ({ remoteAddress = '0.0.0.0', remotePort = 0 }: Socket): Endpoint => ({
  address: remoteAddress,
  port: remotePort,
})

function tlsSettings({ host }: Place, { ca, own, insecure }: BrokerTls): object {
  const trust = ca === undefined ? {} : { ca }
  // A name is sent (RFC 6066 §3), an address never.
  const name = /^[\d.]+$|:/.test(host) ? {} : { servername: host }
  return { ...trust, ...own, ...name, rejectUnauthorized: !insecure }
}
