/**
 * Reads the HTTP in front of a WebSocket: heads of requests and answers up to the 101 (RFC 6455 §4). Other requests before
 * it on the same connection are passed over by the length of their bodies, which are never searched for MQTT.
 */
import { u8 } from '../base/bytes.ts'
import { type FlowEnd, Frame, positionBehind, type RunSink } from '../base/line.ts'
import { decodeText } from '../base/strings.ts'
import { HeadReader, HttpHead } from './head.ts'
import type { PassedSink } from './passed.ts'
import type { WebSocketStream } from './upgrade.ts'
import type { WebSocketFault } from './websocket-faults.ts'

/** Whom one direction of HTTP reports to. Bytes of HTTP are reported as skipped once: where WebSocket begins, or at the end. */
export interface HttpSink extends PassedSink {
  /** WebSocket begins in this direction. Returns the sink of all that follows. */
  opened(frame: Frame): RunSink
  /** The handshake breaks a rule. `offset` is that of the byte after the head, in this direction. */
  fault(code: WebSocketFault, offset: number, frame: Frame): void
}

/**
 * Most requests, and bytes of both directions, that are passed over while none of the requests asks for WebSocket. Browsers
 * open a connection of its own for it; what has not asked by then is HTTP, and nothing in it is worth the reading.
 */
const MOST_REQUESTS = 16
const MOST_PASSED = 64 * 1024

/** The state that both directions of one connection share. */
export class HttpExchange {
  readonly stream: WebSocketStream
  /** True once the connection is taken for one that never becomes WebSocket: nothing of it is looked at any more. */
  isLetGo = false
  /** Requests without an answer so far, oldest first. */
  private readonly waiting: Request[] = []
  /** Requests and bytes since the last request for WebSocket. */
  private requests = 0
  private passed = 0
  private readonly onLetGo: () => void

  /** `onLetGo` is called once at most. */
  constructor(stream: WebSocketStream, onLetGo: () => void) {
    this.stream = stream
    this.onLetGo = onLetGo
  }

  request(head: HttpHead): void {
    if (this.waiting.length < MOST_WAITING)
      this.waiting.push({ isHead: head.words[0] === 'HEAD', asks: head.isWebSocket })
    this.requests++
    if (!head.isWebSocket) return
    this.requests = this.passed = 0
    this.stream.request(head)
  }

  /** Counts bytes of HTTP, and lets the connection go where they and the requests are enough. */
  pass(size: number): void {
    const { isOpen, asked, status } = this.stream
    if (isOpen || (asked && status === undefined)) return
    this.passed += size
    if (this.requests > MOST_REQUESTS || this.passed > MOST_PASSED) this.letGo()
  }

  /** Nothing of this connection is WebSocket, nor will be. */
  letGo(): void {
    if (this.isLetGo) return
    this.isLetGo = true
    this.onLetGo()
  }

  /** Takes an answer. Returns true if it has no body because of what was asked. */
  answer(head: HttpHead): boolean {
    const { status } = head
    if (status === 101 && head.isWebSocket) this.stream.answer(head)
    if (status < 200) return true
    const request = this.waiting.shift()
    if (request?.asks === true) this.stream.answer(head)
    return request?.isHead === true || status === 204 || status === 304
  }
}

interface Request {
  readonly isHead: boolean
  readonly asks: boolean
}

/** Most requests remembered that have no answer yet. Clients that pipeline send a few; later ones count as plain GETs. */
const MOST_WAITING = 64

/** What the next bytes are. `rest`: of no known length, up to the end of the direction. */
type State = 'head' | 'body' | 'chunk' | 'trailer' | 'rest' | 'open'

export class HttpSide implements RunSink {
  private state: State = 'head'
  /** What follows the body that is passed over. */
  private behind: State = 'head'
  /** Bytes of the body still to come. */
  private left = 0
  private size = 0
  /** The numbers of the frame with the last byte of HTTP. */
  private readonly last = new Frame()
  private readonly reader = new HeadReader()
  private next: RunSink | undefined
  private readonly exchange: HttpExchange
  private readonly isClient: boolean
  private readonly sink: HttpSink

  constructor(exchange: HttpExchange, isClient: boolean, sink: HttpSink) {
    this.exchange = exchange
    this.isClient = isClient
    this.sink = sink
  }

  run(bytes: Uint8Array, start: number, end: number, frame: Frame, position: number): void {
    let at = start
    while (at < end && !this.exchange.isLetGo && !this.opens(bytes, at)) {
      const from = at
      at = this.step(bytes, at, end, frame)
      this.size += at - from
      this.last.take(frame)
      this.exchange.pass(at - from)
    }
    if (this.state === 'open' && at < end)
      this.above(frame).run(bytes, at, end, frame, positionBehind(position, at - start))
  }

  /** A gap inside a body of known length changes nothing; behind another one only WebSocket can be found again. */
  gap(size: number, frame: Frame): void {
    if (this.state === 'open') return this.above(frame).gap(size, frame)
    if (this.state === 'body' && size > 0 && size <= this.left) return this.pass(size)
    this.reader.clear()
    this.state = 'rest'
    if (this.exchange.stream.asked || this.exchange.stream.isOpen) this.openLost(frame)
  }

  end(how: FlowEnd): void {
    if (this.next !== undefined) return this.next.end(how)
    if (this.size > 0) this.sink.skipped(this.size, this.last, 'http')
    this.sink.ended(how)
  }

  private step(bytes: Uint8Array, at: number, end: number, frame: Frame): number {
    switch (this.state) {
      case 'head':
        return this.readHead(bytes, at, end, frame)
      case 'chunk':
      case 'trailer':
        return this.readLine(bytes, at, end)
      case 'body': {
        const size = Math.min(this.left, end - at)
        this.pass(size)
        return at + size
      }
      default:
        return this.readRest(end, frame)
    }
  }

  /** True if WebSocket begins with the byte at `at`. The answer may stand later in the capture than what follows it. */
  private opens(bytes: Uint8Array, at: number): boolean {
    if (this.state === 'open') return true
    const { stream } = this.exchange
    if (!this.isClient || this.state !== 'head' || !this.reader.isEmpty || !stream.asked) return false
    if (!stream.isOpen && (stream.status !== undefined || beginsLine(u8(bytes, at)))) return false
    this.state = 'open'
    return true
  }

  /** Passes over `size` bytes of the body. */
  private pass(size: number): void {
    this.left -= size
    if (this.left === 0) this.state = this.behind
  }

  /** Passes over all, unless the other direction has shown meanwhile that this is WebSocket. */
  private readRest(end: number, frame: Frame): number {
    if (this.exchange.stream.isOpen) this.openLost(frame)
    return end
  }

  private readHead(bytes: Uint8Array, at: number, end: number, frame: Frame): number {
    const next = this.reader.takeLine(bytes, at, end)
    if (this.reader.endsHead) this.onHead(this.reader.text(), next - at, frame)
    else if (this.reader.isFull) this.giveUp()
    return next
  }

  private onHead(text: string, more: number, frame: Frame): void {
    // Empty lines in front of a head are ignored (RFC 9112 §2.2).
    if (text.trim() === '') return
    const head = new HttpHead(text)
    if (this.isClient) this.onRequest(head, more, frame)
    else this.onAnswer(head, more, frame)
  }

  private onRequest(head: HttpHead, more: number, frame: Frame): void {
    if (head.words[0] === HTTP_2) return this.exchange.letGo()
    this.exchange.request(head)
    if (head.isWebSocket && !offersMqtt(this.exchange.stream)) this.sink.fault('not_offered', this.size + more, frame)
    this.enterBody(head, 0)
  }

  private onAnswer(head: HttpHead, more: number, frame: Frame): void {
    const isBare = this.exchange.answer(head)
    if (head.status === 101 && head.isWebSocket) return this.onOpen(more, frame)
    if (!isBare) this.enterBody(head, undefined)
  }

  private onOpen(more: number, frame: Frame): void {
    this.state = 'open'
    if (!isMqtt(this.exchange.stream.protocol ?? '')) this.sink.fault('not_chosen', this.size + more, frame)
  }

  /** `otherwise`: bytes of a body whose length is not said; undefined for one that lasts to the end (RFC 9112 §6.3). */
  private enterBody(head: HttpHead, otherwise: number | undefined): void {
    if (head.isChunked) {
      this.state = 'chunk'
      return
    }
    const size = head.bodySize ?? otherwise
    if (size === undefined) this.state = 'rest'
    else this.skipTo('head', size)
  }

  private skipTo(behind: State, size: number): void {
    this.behind = behind
    this.left = size
    this.state = size === 0 ? behind : 'body'
  }

  /** Reads a line with the size of a chunk, or one of the trailer (RFC 9112 §7.1). */
  private readLine(bytes: Uint8Array, at: number, end: number): number {
    const next = this.reader.takeLine(bytes, at, end)
    if (this.reader.endsLine) this.onLine(this.reader.text().trim())
    else if (this.reader.isFull) this.giveUp()
    return next
  }

  private onLine(line: string): void {
    if (this.state === 'trailer') {
      if (line === '') this.state = 'head'
      return
    }
    const digits = /^[\da-f]{1,12}(?=$|[;\s])/i.exec(line)?.[0]
    if (digits === undefined) return this.giveUp()
    const size = Number.parseInt(digits, 16)
    // The line end behind the chunk belongs to it.
    if (size === 0) this.state = 'trailer'
    else this.skipTo('chunk', size + 2)
  }

  private giveUp(): void {
    this.reader.clear()
    this.state = 'rest'
  }

  /** WebSocket goes on somewhere behind bytes that are missing or were not understood. */
  private openLost(frame: Frame): void {
    this.state = 'open'
    this.above(frame).gap(0, frame)
  }

  private above(frame: Frame): RunSink {
    if (this.next !== undefined) return this.next
    if (this.size > 0) this.sink.skipped(this.size, this.last, 'http')
    this.next = this.sink.opened(frame)
    return this.next
  }
}

/** The method of the preface of HTTP/2 (RFC 9113 §3.4), whose frames are not read. */
const HTTP_2 = 'PRI'

/** Most bytes of a request that are looked at before it is known what reads it. */
const MOST_LOOKED = 8192

/** True if `bytes[start..end)` begin with the whole head of a request for WebSocket (RFC 6455 §4.1). */
export function asksForWebSocket(bytes: Uint8Array, start: number, end: number): boolean {
  const text = decodeText(bytes, start, Math.min(end, start + MOST_LOOKED))
  const stop = text.indexOf('\r\n\r\n')
  return stop >= 0 && new HttpHead(text.slice(0, stop)).isWebSocket
}

const MQTT_NAMES = ['mqtt', 'mqttv3.1']
const isMqtt = (name: string): boolean => MQTT_NAMES.includes(name.toLowerCase())
const offersMqtt = ({ offered = [] }: WebSocketStream): boolean => offered.some(isMqtt)

/** First bytes of a request: a capital letter or a line end. `A` and `B` begin no usual method, but a compressed fragment. */
const beginsLine = (byte: number): boolean => (byte > 0x42 && byte <= 0x5a) || byte === 0x0d || byte === 0x0a
