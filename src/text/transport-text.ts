/** The layers around a stream, in words. */
import type { TlsFacts, TransportFacts, WebSocketFacts } from '../transport/facts.ts'
import { cut } from './cells.ts'
import { sanitize } from './sanitize.ts'

/** Most cells of a name or path. */
const NAME_CELLS = 64
const name = (text: string): string => cut(sanitize(text), NAME_CELLS)

/** Returns `TLS 1.3`, `server name broker.example`, `WebSocket at /mqtt`, `subprotocol mqtt`. With `redact` without names. */
export const transportWords = ({ tls, webSocket }: TransportFacts, redact: boolean): readonly string[] => [
  ...(tls === undefined ? [] : tlsWords(tls, redact)),
  ...(webSocket === undefined ? [] : webSocketWords(webSocket, redact)),
]

const KEYS: Readonly<Record<TlsFacts['keys'], readonly string[]>> = {
  found: [],
  partly: ['keys of one direction alone'],
  none: ['no keys'],
}

const tlsWords = ({ version, cipher, sni, alpn, keys, resumed }: TlsFacts, redact: boolean): readonly string[] => [
  `TLS${version === undefined ? '' : ` ${version}`}`,
  ...known(cipher, text => sanitize(text)),
  ...known(redact ? undefined : sni, text => `server name ${name(text)}`),
  ...known(alpn, text => `ALPN ${name(text)}`),
  ...(resumed ? ['resumed'] : []),
  ...KEYS[keys],
]

const webSocketWords = (webSocket: WebSocketFacts, redact: boolean): readonly string[] => {
  const { path, host, protocol, extensions } = webSocket
  return [
    `WebSocket${redact || path === undefined ? '' : ` at ${name(path)}`}`,
    ...known(redact ? undefined : host, text => `host ${name(text)}`),
    ...(protocol === '' ? ['no subprotocol'] : known(protocol, text => `subprotocol ${name(text)}`)),
    ...known(extensions, name),
  ]
}

const known = (text: string | undefined, say: (text: string) => string): readonly string[] =>
  text === undefined || text === '' ? [] : [say(text)]
