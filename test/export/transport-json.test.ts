import { expect, test } from 'vitest'
import { transportRecord } from '../../src/export/transport-json.ts'
import { wrapped } from '../../src/transport/facts.ts'
import { WebSocketStream } from '../../src/transport/upgrade.ts'
import { expectValid } from '../support/json.ts'
import { BOTH, TLS } from '../support/transport.ts'

/** The members as they are written, held against the schema. */
function members(...parts: Parameters<typeof transportRecord>): unknown {
  const written = JSON.parse(JSON.stringify(transportRecord(...parts))) as object
  const ends = { src: '192.0.2.11:40000', dst: '192.0.2.1:443' }
  expectValid({ record: 'transport', stream: 3, frame: 17, ...ends, ...written })
  return written
}

test('all that is known of TLS and of WebSocket in it', () => {
  expect(members(BOTH, false)).toEqual({
    layers: ['tls', 'websocket'],
    tls: {
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
        validFrom: '2026-01-01T00:00:00Z',
        validTo: '2027-01-01T00:00:00Z',
      },
      records: [120, 98],
      bytes: [40112, 9733],
      largest: [1400, 16000],
      first: '2026-01-01T00:00:00.250Z',
      last: '2026-01-01T00:01:01.000Z',
      alerts: [{ from: 'client', fatal: true, code: 42 }],
    },
    websocket: {
      path: '/mqtt',
      host: 'broker.example',
      offered: ['mqtt', 'mqttv3.1'],
      protocol: 'mqtt',
      extensions: 'permessage-deflate',
      closeCodes: { client: 1000 },
    },
  })
})

test('with --redact no name of a host, a path or a certificate', () => {
  expect(JSON.stringify(members(BOTH, true))).not.toMatch(/broker|Example|\/mqtt"/)
})

test('what is not known is absent', () => {
  const webSocket = Object.assign(new WebSocketStream(), { protocol: '', extensions: '' })
  expect(members(wrapped(undefined, { layers: ['websocket'], webSocket }), false)).toEqual({
    layers: ['websocket'],
    websocket: {},
  })
  const certificate = { subject: '', issuer: '', names: [], validFrom: Number.NaN, validTo: 1e15 }
  expect(members(wrapped(undefined, { layers: ['tls'], tls: { ...TLS, certificate } }), false)).toMatchObject({
    tls: { certificate: { subject: '', issuer: '', names: [] } },
  })
})
