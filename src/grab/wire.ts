/** The connection to one broker: TCP or TLS here, with a WebSocket on top in `websocket.ts`. */
import { connect, isIP, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import type { Target } from '../capture/sources/target.ts'
import type { Endpoint } from '../capture/sources/trace.ts'
import { type Failure, failureOf, type Phase } from './failure.ts'
import type { GrabSettings } from './settings.ts'

/** Hears of a wire. After `ended` nothing comes. */
export interface WireSink {
  /** The address tried first, or the one connected to. */
  address(ip: string): void
  opened(local: Endpoint, remote: Endpoint): void
  /** Bytes of MQTT; they are the listener's own. */
  data(bytes: Uint8Array): void
  /** A WebSocket frame of text. */
  text(): void
  /** What was sent is on its way. */
  drained(): void
  /** Nothing more will come: with the failure, or because the peer or the allowance ended it. */
  ended(failure?: Failure): void
}

export interface Wire {
  /** Bytes sent that still wait here for the peer to take them. */
  readonly backlog: number
  send(bytes: Uint8Array): void
  pause(): void
  resume(): void
  /** Says goodbye, and is gone soon whatever the peer does; calls back then. */
  close(done: () => void): void
}

/** What may still be received: counted at the socket, after TLS, to the byte. */
export class Allowance {
  received = 0
  private readonly most: number

  constructor(most: number) {
    this.most = most
  }

  get isUsedUp(): boolean {
    return this.received >= this.most
  }

  /** As much of the bytes as may still come. */
  take(bytes: Uint8Array): Uint8Array {
    const size = Math.min(bytes.length, this.most - this.received)
    this.received += size
    return size === bytes.length ? bytes : bytes.subarray(0, size)
  }
}

/** An address of a name that does not answer is not waited for longer than this while there are others (RFC 8305 §5). */
const NEXT_ADDRESS_MS = 1000
/** For our goodbye to leave: a peer that takes nothing is left without. */
const GOODBYE_MS = 100

/** Opens TCP, with TLS if it is asked for. Listeners are set before anything can happen. */
export function openSocket(target: Target, settings: GrabSettings): Socket {
  const { host, port } = target
  const where = { host, port, autoSelectFamily: true, autoSelectFamilyAttemptTimeout: NEXT_ADDRESS_MS, noDelay: true }
  if (!settings.tls) return connect(where)
  const socket = connectTls({
    ...where,
    // RFC 6066 §3: no addresses.
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(settings.ca === undefined ? {} : { ca: settings.ca }),
    rejectUnauthorized: !settings.insecure,
  })
  return socket.setNoDelay(true)
}

/** Tells of the addresses and of the end of the handshakes; `phase` is how far it is. */
export class Opening {
  phase: Phase = 'connecting'

  constructor(socket: Socket | TLSSocket, isTls: boolean, sink: WireSink, ready: () => void) {
    let isFirst = true
    socket.on('lookup', (error: Error | null, ip: string | undefined) => {
      if (error === null && ip !== undefined && isFirst) sink.address(ip)
      isFirst = false
    })
    socket.on('connect', () => {
      sink.address(socket.remoteAddress ?? '')
      if (isTls) this.phase = 'securing'
      else ready()
    })
    if (isTls) socket.on('secureConnect', ready)
  }
}

export const endpoints = (socket: Socket): readonly [Endpoint, Endpoint] => [
  { address: socket.localAddress ?? '', port: socket.localPort ?? 0 },
  { address: socket.remoteAddress ?? '', port: socket.remotePort ?? 0 },
]

/** Ends our side of the stream, and destroys the socket under it when the last bytes have left, or will not. */
export function closeStream(stream: Duplex, socket: Socket, done: () => void): void {
  const timer = setTimeout(() => socket.destroy(), GOODBYE_MS)
  const finish = (): void => {
    clearTimeout(timer)
    done()
  }
  if (socket.closed) return finish()
  socket.once('close', finish)
  stream.end(() => socket.destroy())
}

export function destroySocket(socket: Socket, done: () => void): void {
  if (socket.closed) return done()
  socket.once('close', done)
  socket.destroy()
}

/** That the server closes the connection is its right only once the connection stands. */
export const closedEarly = (phase: Phase): Failure | undefined =>
  phase === 'open' ? undefined : failureOf(new Error('the server closed the connection'), phase)

export class SocketWire implements Wire {
  private readonly socket: Socket
  private readonly opening: Opening

  constructor(target: Target, settings: GrabSettings, allowance: Allowance, sink: WireSink) {
    const socket = openSocket(target, settings)
    this.socket = socket
    this.opening = new Opening(socket, settings.tls, sink, () => {
      this.opening.phase = 'open'
      sink.opened(...endpoints(socket))
    })
    let isOver = false
    const end = (failure?: Failure): void => {
      if (!isOver) sink.ended(failure)
      isOver = true
    }
    socket.on('data', (bytes: Uint8Array) => {
      const taken = allowance.take(bytes)
      if (taken.length > 0) sink.data(taken)
      if (allowance.isUsedUp) end()
    })
    socket.on('drain', () => sink.drained())
    socket.on('error', cause => end(failureOf(cause, this.opening.phase)))
    socket.on('end', () => this.opening.phase === 'open' && end())
    socket.on('close', () => end(closedEarly(this.opening.phase)))
  }

  get backlog(): number {
    return this.socket.writableLength
  }

  send(bytes: Uint8Array): void {
    if (this.socket.writable) this.socket.write(bytes)
  }

  pause(): void {
    this.socket.pause()
  }

  resume(): void {
    this.socket.resume()
  }

  close(done: () => void): void {
    if (this.opening.phase === 'open') closeStream(this.socket, this.socket, done)
    else destroySocket(this.socket, done)
  }
}
