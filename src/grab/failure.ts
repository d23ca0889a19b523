/** What kept a grab from its end: a closed list of codes, and which of the system's errors is which. */
import { byWord } from '../base/by-word.ts'

/** In the order of a connection's life; `src/grab/event.schema.json` and docs/grab.md list the same. */
export const FAILURE_CODES = [
  /** The name has no address, or nobody could be asked for it. */
  'dns',
  /** Too many open files, even with fewer connections at a time. */
  'files',
  'refused',
  'unreachable',
  /** The time was over before the CONNACK. */
  'timeout',
  /** The TLS handshake failed, or the certificate is not trusted. */
  'tls',
  /** The server does not speak WebSocket on this path, or breaks its format. */
  'websocket',
  /** What came first is no MQTT. */
  'not_mqtt',
  /** It is MQTT, but the conversation could not begin or go on. */
  'protocol',
  /** The broker closed the connection before the CONNACK. */
  'closed',
  /** The connection broke off. */
  'reset',
  /** The user stopped it. */
  'interrupted',
  /** A bug of ours. */
  'internal',
] as const
export type FailureCode = (typeof FAILURE_CODES)[number]

export interface Failure {
  readonly code: FailureCode
  readonly message: string
  /** With `not_mqtt`: the first bytes that came, in hex. */
  readonly firstBytes?: string
}

/** How far a connection was when it failed. */
export type Phase = 'connecting' | 'securing' | 'upgrading' | 'open'

const CODES: Readonly<Record<string, FailureCode>> = byWord({
  ECONNREFUSED: 'refused',
  EMFILE: 'files',
  ENFILE: 'files',
  ENOTFOUND: 'dns',
  ENODATA: 'dns',
  EAI_AGAIN: 'dns',
  EAI_FAIL: 'dns',
  EAI_NODATA: 'dns',
  EAI_NONAME: 'dns',
  ETIMEDOUT: 'timeout',
  ECONNRESET: 'reset',
  EPIPE: 'reset',
})

const TLS_TROUBLE = /^(EPROTO|ERR_SSL_|ERR_TLS_)/

const ENDED: Readonly<Record<Phase, FailureCode>> = {
  connecting: 'unreachable',
  securing: 'tls',
  upgrading: 'websocket',
  open: 'reset',
}

/** Of several addresses tried, the first one's error tells. */
function first(cause: unknown): NodeJS.ErrnoException {
  if (cause instanceof AggregateError && cause.errors[0] instanceof Error) return cause.errors[0]
  return cause instanceof Error ? cause : new Error(String(cause))
}

/** Once a connection stands, what breaks it belongs to the layer that was being set up. */
export function failureOf(cause: unknown, phase: Phase): Failure {
  const { code = '', syscall, message } = first(cause)
  if (phase === 'connecting') {
    return { code: syscall === 'getaddrinfo' ? 'dns' : (CODES[code] ?? ENDED[phase]), message }
  }
  // TLS 1.3: that the server wants a certificate of ours comes after the handshake (RFC 8446 §4.4.2.4).
  return { code: TLS_TROUBLE.test(code) ? 'tls' : ENDED[phase], message }
}

export const failure = (code: FailureCode, message: string): Failure => ({ code, message })
