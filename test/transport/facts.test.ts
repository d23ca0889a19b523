import { expect, test } from 'vitest'
import { markOf, wrapped } from '../../src/transport/facts.ts'
import { WebSocketStream } from '../../src/transport/upgrade.ts'

test('layers are named from the outermost in', () => {
  const webSocket = new WebSocketStream()
  const outer = wrapped(undefined, { layers: ['tls'] })
  const both = wrapped(outer, { layers: ['websocket'], webSocket })
  expect(outer.layers).toEqual(['tls'])
  expect(both.layers).toEqual(['tls', 'websocket'])
  expect(both.webSocket).toBe(webSocket)
  expect([undefined, outer, both].map(markOf)).toEqual(['', 'tls', 'tls+ws'])
})
