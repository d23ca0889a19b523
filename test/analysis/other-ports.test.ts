/** Ports that look like MQTT, by the payload of single segments. */
import { expect, test } from 'vitest'
import { OtherPorts } from '../../src/analysis/other-ports.ts'
import { fromHex } from '../../src/base/bytes.ts'
import { TcpHeader } from '../../src/net/tcp.ts'

const CONNECT = '100c00044d5154540402003c0000'
const HELLO = '16030100c8010000c40303'
const hexOf = (text: string): string => Buffer.from(text).toString('hex')
const upgrade = (protocol: string): string =>
  hexOf(`GET /mqtt HTTP/1.1\r\nHost: a\r\nUpgrade: WebSocket\r\nSec-WebSocket-Protocol: ${protocol}\r\n\r\n`)

function seen(...payloads: readonly (readonly [port: number, hex: string])[]): OtherPorts {
  const ports = new OtherPorts(new Set([1883]))
  for (const [port, hex] of payloads) {
    const bytes = fromHex(`ee${hex}ee`)
    const header = Object.assign(new TcpHeader(), { bytes, start: 1, end: bytes.length - 1 })
    ports.look(Object.assign(header, { sourcePort: 40_000, targetPort: port }))
  }
  return ports
}
const likenesses = (...payloads: readonly (readonly [number, string])[]): readonly string[] =>
  seen(...payloads).list.map(({ port, likeness }) => `${port} ${likeness}`)

test('CONNECT on any port, TLS on its ports, an upgrade with subprotocol mqtt', () => {
  expect(likenesses([1884, CONNECT], [8883, HELLO], [8083, upgrade('mqtt')], [9001, upgrade('mqttv3.1, x')])).toEqual([
    '1884 mqtt',
    '8883 tls',
    '8083 websocket',
    '9001 websocket',
  ])
})

test('a port that is watched, TLS elsewhere, other requests and what only begins alike: none', () => {
  const others: readonly (readonly [number, string])[] = [
    [1883, CONNECT],
    [443, HELLO],
    [8883, '160301'],
    [8883, '170303002000'],
    [80, hexOf('GET / HTTP/1.1\r\nHost: a\r\n\r\n')],
    [80, upgrade('chat')],
    [80, hexOf('GETS mqtt')],
    [502, '100000000006010300000002'],
    [1884, ''],
    [1884, '100c00044d515458'],
  ]
  expect(likenesses(...others)).toEqual([])
})

test('CONNECT counts for more than what was seen before', () => {
  expect(likenesses([8883, HELLO], [8883, CONNECT], [8883, HELLO])).toEqual(['8883 mqtt'])
})

test('limits: ports, and requests looked at', () => {
  expect(seen(...Array.from({ length: 40 }, (_, at) => [2000 + at, CONNECT] as const)).list).toHaveLength(16)
  const request = hexOf('GET / HTTP/1.1\r\n\r\n')
  const many = Array.from({ length: 10_000 }, () => [80, request] as const)
  expect(likenesses(...many, [80, upgrade('mqtt')])).toEqual([])
})
