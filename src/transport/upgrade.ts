/** What both directions of a WebSocket connection share: the facts of the opening handshake (RFC 6455 §4). */
import type { WebSocketFacts } from './facts.ts'
import type { HttpHead } from './head.ts'

/** What was agreed on about compression (RFC 7692 §7.1): whether a direction keeps its window from message to message. */
export interface Deflate {
  readonly clientTakeover: boolean
  readonly serverTakeover: boolean
}

/** One connection. A fact is undefined as long as the capture does not show it. */
export class WebSocketStream implements WebSocketFacts {
  path: string | undefined
  host: string | undefined
  /** Subprotocols the client offers, in its order. */
  offered: readonly string[] | undefined
  /** Subprotocol the server chose; '' if it named none. */
  protocol: string | undefined
  /** Value of Sec-WebSocket-Extensions in the answer; '' if there is none. */
  extensions: string | undefined
  /** The compression agreed on; null if none was. */
  deflate: Deflate | null | undefined
  /** Status code of the answer to the request for WebSocket: 101, or that of a refusal. */
  status: number | undefined
  /** Status codes of the Close frames, of the client and of the server (§7.4). */
  readonly closeCodes: [number | undefined, number | undefined] = [undefined, undefined]
  /** True once a request for WebSocket was seen. */
  asked = false

  get isOpen(): boolean {
    return this.status === 101
  }

  /** Takes the facts of a request with `Upgrade: websocket`. */
  request(head: HttpHead): void {
    this.asked = true
    this.path = head.words[1]
    this.host = head.field('host')
    this.offered = head.list('sec-websocket-protocol')
  }

  /** Takes the facts of the answer to it. */
  answer(head: HttpHead): void {
    this.status = head.status
    if (!this.isOpen) return
    this.protocol = head.field('sec-websocket-protocol') ?? ''
    this.extensions = head.field('sec-websocket-extensions') ?? ''
    this.deflate = deflateOf(this.extensions)
  }
}

/** Reads `permessage-deflate; client_no_context_takeover` and the like. Names have no case; windows need not be known. */
function deflateOf(extensions: string): Deflate | null {
  for (const extension of extensions.toLowerCase().split(',')) {
    const [name, ...options] = extension.split(';').map(part => part.trim())
    if (name !== 'permessage-deflate') continue
    const takeover = (side: string): boolean => !options.includes(`${side}_no_context_takeover`)
    return { clientTakeover: takeover('client'), serverTakeover: takeover('server') }
  }
  return null
}
