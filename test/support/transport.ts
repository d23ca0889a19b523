/** Facts of wrappings as layers give them, made up. */
import { type TlsFacts, type TransportFacts, type WebSocketFacts, wrapped } from '../../src/transport/facts.ts'

export const WEBSOCKET: WebSocketFacts = {
  path: '/mqtt',
  host: 'broker.example',
  offered: ['mqtt', 'mqttv3.1'],
  protocol: 'mqtt',
  extensions: 'permessage-deflate',
  closeCodes: [1000, undefined],
}

export const TLS: TlsFacts = {
  version: '1.3',
  cipher: 'TLS_AES_128_GCM_SHA256',
  sni: 'broker.example',
  alpnOffered: ['http/1.1'],
  alpn: 'http/1.1',
  keys: 'found',
  resumed: false,
  certificate: {
    subject: 'CN=broker.example',
    issuer: 'CN=Example CA',
    names: ['broker.example'],
    validFrom: 1_767_225_600,
    validTo: 1_798_761_600,
  },
  records: [120, 98],
  bytes: [40_112, 9733],
  largest: [1400, 16_000],
  times: [1_767_225_600.25, 1_767_225_661],
  alerts: [{ isClient: true, level: 2, code: 42 }],
}

export const BOTH: TransportFacts = wrapped(wrapped(undefined, { layers: ['tls'], tls: TLS }), {
  layers: ['websocket'],
  webSocket: WEBSOCKET,
})
