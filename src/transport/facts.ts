/** Facts about the layers of a stream: one shape, which layers fill and records, reports and screens read. */

import { LastUnits, type LayerName } from './unit.ts'

/** The short names of layers, for lines that have little room. */
export const LAYER_MARKS: Readonly<Record<LayerName, string>> = { tls: 'tls', websocket: 'ws' }

/** `[client, server]`. */
export type ByRole<Value> = readonly [Value, Value]

/** One certificate of a server; times are Unix seconds. */
export interface CertificateFacts {
  /** Distinguished names as `CN=broker.example, O=Example`. */
  readonly subject: string
  readonly issuer: string
  /** Subject alternative names: host names and addresses. */
  readonly names: readonly string[]
  readonly validFrom: number
  readonly validTo: number
}

/** An alert (RFC 8446 §6) that could be read. */
export interface TlsAlert {
  readonly isClient: boolean
  /** 1: warning, 2: fatal. */
  readonly level: number
  readonly code: number
}

/** Facts about a TLS connection so far; a fact is undefined as long as the capture does not show it. */
export interface TlsFacts {
  /** `SSL 3.0`, or `1.0` to `1.3`. */
  readonly version: string | undefined
  /** The cipher suite in IANA's spelling, or `0x` and four digits if it has no name here. */
  readonly cipher: string | undefined
  /** The name that the client asks for (RFC 6066 §3). */
  readonly sni: string | undefined
  /** Protocols that the client offers (RFC 7301), and the one that the server chose; '' if it chose none. */
  readonly alpnOffered: readonly string[] | undefined
  readonly alpn: string | undefined
  /** Directions that could be decrypted: both, one, or none. */
  readonly keys: 'found' | 'partly' | 'none'
  readonly resumed: boolean
  readonly certificate: CertificateFacts | undefined
  readonly records: ByRole<number>
  /** Bytes of records without their headers. */
  readonly bytes: ByRole<number>
  /** Bytes of the largest record, without its header. */
  readonly largest: ByRole<number>
  /** Unix seconds of the first and the last record; NaN without any. */
  readonly times: readonly [number, number]
  readonly alerts: readonly TlsAlert[]
}

/** Facts about a WebSocket connection so far; a fact is undefined as long as the capture does not show it. */
export interface WebSocketFacts {
  readonly path: string | undefined
  readonly host: string | undefined
  /** Subprotocols the client offers, in its order. */
  readonly offered: readonly string[] | undefined
  /** Subprotocol the server chose; '' if it named none. */
  readonly protocol: string | undefined
  /** Value of Sec-WebSocket-Extensions in the answer; '' if there is none. */
  readonly extensions: string | undefined
  /** Status codes of the Close frames (RFC 6455 §7.4). */
  readonly closeCodes: ByRole<number | undefined>
}

/** The wrappings of one stream. */
export interface TransportFacts {
  /** Names of the layers, the outermost first. */
  readonly layers: readonly LayerName[]
  readonly tls: TlsFacts | undefined
  readonly webSocket: WebSocketFacts | undefined
  /** By side: the pieces of the layers that came last. */
  readonly units: readonly [LastUnits, LastUnits]
}

/** Returns the facts of a stream with one more layer inside of `outer`. */
export function wrapped(
  outer: TransportFacts | undefined,
  inner: Partial<Omit<TransportFacts, 'units'>>,
): TransportFacts {
  return {
    tls: inner.tls ?? outer?.tls,
    webSocket: inner.webSocket ?? outer?.webSocket,
    layers: [...(outer?.layers ?? []), ...(inner.layers ?? [])],
    units: outer?.units ?? [new LastUnits(), new LastUnits()],
  }
}

/** Returns `tls+ws`; '' without layers. */
export const markOf = (facts: TransportFacts | undefined): string =>
  facts === undefined ? '' : facts.layers.map(layer => LAYER_MARKS[layer]).join('+')
