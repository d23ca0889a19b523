import { expect, test } from 'vitest'
import { transportWords } from '../../src/text/transport-text.ts'
import { wrapped } from '../../src/transport/facts.ts'
import { BOTH, TLS, WEBSOCKET } from '../support/transport.ts'

test('TLS, and WebSocket in it', () => {
  expect(transportWords(BOTH, false)).toEqual([
    'TLS 1.3',
    'TLS_AES_128_GCM_SHA256',
    'server name broker.example',
    'ALPN http/1.1',
    'WebSocket at /mqtt',
    'host broker.example',
    'subprotocol mqtt',
    'permessage-deflate',
  ])
})

test('without names', () => {
  expect(transportWords(BOTH, true).join()).not.toMatch(/broker|\/mqtt/)
})

test('what the capture does not show is not named, and what was not chosen is', () => {
  const unknown = { version: undefined, cipher: undefined, sni: undefined, alpn: undefined }
  const tls = { ...TLS, ...unknown, keys: 'none', resumed: true } as const
  expect(transportWords(wrapped(undefined, { tls }), false)).toEqual(['TLS', 'resumed', 'no keys'])
  const webSocket = { ...WEBSOCKET, path: undefined, host: undefined, extensions: '', protocol: '' }
  expect(transportWords(wrapped(undefined, { webSocket }), false)).toEqual(['WebSocket', 'no subprotocol'])
})

test('text of the capture moves no cursor', () => {
  const webSocket = { ...WEBSOCKET, path: '/\x1b[2J', host: `${'x'.repeat(100)}\n` }
  const words = transportWords(wrapped(undefined, { webSocket }), false)
  expect(words.join()).not.toMatch(/[\x00-\x1f]/)
  expect(words[1]?.length).toBeLessThan(72)
})
