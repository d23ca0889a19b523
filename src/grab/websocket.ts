/** MQTT in a WebSocket (MQTT 5 §6): the library sees the socket through a meter, which counts and stops to the byte. */

import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import WebSocket from 'ws'
import { endpointText } from '../base/address.ts'
import type { Target } from '../capture/sources/target.ts'
import { type Failure, failure, failureOf } from './failure.ts'
import type { GrabSettings } from './settings.ts'
import {
  type Allowance,
  closedEarly,
  closeStream,
  destroySocket,
  endpoints,
  Opening,
  openSocket,
  type Wire,
  type WireSink,
} from './wire.ts'

/** The socket, ended where the allowance is. */
class Meter extends Duplex {
  private readonly socket: Socket

  constructor(socket: Socket, allowance: Allowance) {
    super({ allowHalfOpen: true })
    this.socket = socket
    socket.on('data', (bytes: Uint8Array) => {
      const taken = allowance.take(bytes)
      const wantsMore = taken.length === 0 || this.push(taken)
      if (allowance.isUsedUp) this.push(null)
      if (!wantsMore || allowance.isUsedUp) socket.pause()
    })
    socket.on('end', () => this.push(null))
    socket.on('close', () => this.destroy())
  }

  override _read(): void {
    this.socket.resume()
  }

  override _write(bytes: Uint8Array, _encoding: string, done: (error?: Error | null) => void): void {
    if (this.socket.writable) this.socket.write(bytes, done)
    else done()
  }

  override _final(done: () => void): void {
    this.socket.end(done)
  }

  override _destroy(cause: Error | null, done: (error: Error | null) => void): void {
    this.socket.destroy()
    done(cause)
  }
}

export class WebSocketWire implements Wire {
  private readonly socket: Socket
  private readonly opening: Opening
  private readonly target: Target
  private readonly path: string
  private readonly allowance: Allowance
  private readonly sink: WireSink
  private meter: Meter | undefined
  private websocket: WebSocket | undefined
  private isOver = false

  constructor(target: Target, settings: GrabSettings, path: string, allowance: Allowance, sink: WireSink) {
    this.target = target
    this.path = path
    this.allowance = allowance
    this.sink = sink
    this.socket = openSocket(target, settings)
    this.socket.on('error', cause => this.end(failureOf(cause, this.opening.phase)))
    this.opening = new Opening(this.socket, settings.tls, sink, () => this.upgrade())
    this.socket.on('close', () => {
      if (this.websocket === undefined) this.end(closedEarly(this.opening.phase))
    })
  }

  get backlog(): number {
    return this.websocket?.bufferedAmount ?? 0
  }

  send(bytes: Uint8Array): void {
    const { websocket } = this
    if (websocket?.readyState === WebSocket.OPEN) websocket.send(bytes, () => this.sink.drained())
  }

  pause(): void {
    this.websocket?.pause()
  }

  resume(): void {
    this.websocket?.resume()
  }

  close(done: () => void): void {
    this.isOver = true
    // A close frame of ours, then the end: the peer's close frame is not waited for.
    if (this.websocket?.readyState === WebSocket.OPEN) this.websocket.close(NORMAL)
    if (this.meter !== undefined && this.opening.phase === 'open') return closeStream(this.meter, this.socket, done)
    this.websocket?.terminate()
    destroySocket(this.socket, done)
  }

  /** No redirects, no compression (what is small on the wire stays small here), no text read as such. */
  private upgrade(): void {
    this.opening.phase = 'upgrading'
    const meter = new Meter(this.socket, this.allowance)
    this.meter = meter
    const websocket = new WebSocket(`ws://${endpointText(this.target.host, this.target.port)}${this.path}`, ['mqtt'], {
      createConnection: () => meter,
      perMessageDeflate: false,
      followRedirects: false,
      skipUTF8Validation: true,
      // The allowance is the limit.
      maxPayload: 0,
    })
    this.websocket = websocket
    websocket.on('open', () => {
      this.opening.phase = 'open'
      this.sink.opened(...endpoints(this.socket))
    })
    websocket.on('message', (data: Buffer, isBinary: boolean) => {
      if (this.isOver) return
      if (isBinary) this.sink.data(data)
      else this.sink.text()
    })
    websocket.on('unexpected-response', (_request, response) => {
      this.end(failure('websocket', `the server answers the upgrade with HTTP status ${response.statusCode}`))
    })
    websocket.on('error', cause => this.end(this.explain(cause)))
    websocket.on('close', () => this.end(closedEarly(this.opening.phase)))
  }

  /** Where the bytes are used up, that ends it, whatever the library makes of it. */
  private explain(cause: Error): Failure | undefined {
    if (this.allowance.isUsedUp) return undefined
    const isFormat = (cause as NodeJS.ErrnoException).code?.startsWith('WS_ERR_') === true
    return isFormat ? failure('websocket', cause.message) : failureOf(cause, this.opening.phase)
  }

  private end(why?: Failure): void {
    if (this.isOver) return
    this.isOver = true
    this.sink.ended(why)
  }
}

/** RFC 6455 §7.4.1. */
const NORMAL = 1000
