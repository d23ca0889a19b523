/** Captures of very many of one thing, none of which ends: what is kept of each must come to an end. */
import { utf8 } from '../../src/base/strings.ts'
import { FrameFile } from './framefile.ts'
import * as packets from './packets.ts'
import { type End, idOf, packet, publish, suback, subscribe, Traffic, text, times, two, varint } from './traffic.ts'

/** Makes `size` of one thing. */
type Flood = (traffic: Traffic, size: number) => void

const OTHER_PORT = 4711
const LONG = 'x'.repeat(1000)
const BUSY = 10_000

const pair = (name: string, value: string): readonly number[] => [0x26, ...text(name), ...text(value)]
const block = (properties: readonly number[]): readonly number[] => [...varint(properties.length), ...properties]

/** CONNECT of 5.0 with a will, a user name and a password; each text is the client's own. */
const fullConnect = (index: number): readonly number[] =>
  packet(0x10, [
    ...text('MQTT'),
    5,
    0xee,
    ...two(60),
    ...block([0x11, 0, 0, 14, 16, ...pair('serial', `s-${index}`), ...pair('site', `hall ${index}`)]),
    ...text(`device-${index}`),
    ...block(pair('reason', `w-${index}`)),
    ...text(`wills/${index}`),
    ...text(`gone ${index}`),
    ...text(`user-${index}`),
    ...text(`password-${index}`),
  ])

const fullConnack = (index: number): readonly number[] =>
  packet(0x20, [0, 0, ...block([0x12, ...text(`assigned-${index}`), ...pair('node', `n-${index}`)])])

/** A PUBLISH of 5.0 that asks for an answer. */
const request = (index: number): readonly number[] =>
  packet(0x32, [
    ...text(`requests/${index}`),
    ...two(idOf(index)),
    ...block([0x08, ...text(`answers/${index}`), 0x09, ...text(`c-${index}`), ...pair('k', `v-${index}`)]),
    0x78,
  ])

/** `size` things, in turns of as many connections as a machine with load has. */
const spread =
  (each: (traffic: Traffic, end: End, index: number) => void, version: packets.Version = 4): Flood =>
  (traffic, size) => {
    const ends = Array.from({ length: BUSY }, (_, index) => traffic.client(`busy-${index}`, version))
    times(size, index => each(traffic, ends[index % BUSY] as End, index))
  }

/** Connections on a port that nobody named, with these bytes from each side. */
const foreign =
  (client: Uint8Array, server: Uint8Array, port = OTHER_PORT): Flood =>
  (traffic, size) =>
    times(size, () => {
      const end = traffic.open(port)
      traffic.send(end, 0, client)
      traffic.send(end, 1, server)
    })

const HELLO = Uint8Array.of(0x16, 3, 1, 0, 60, 1, 0, 0, 56, 3, 3, ...new Uint8Array(54))
const SEALED = Uint8Array.of(0x17, 3, 3, 0, 20, ...new Uint8Array(20))
const UPGRADE =
  'GET /mqtt HTTP/1.1\r\nHost: example.org\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n'
const UPGRADED =
  'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
  'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n'

export const FLOODS: Readonly<Record<string, { readonly size: number; readonly make: Flood }>> = {
  'clients that stay': {
    size: 400_000,
    make: (traffic, size) => times(size, index => traffic.send(traffic.client(), 0, publish('all', 2, idOf(index)))),
  },
  'clients with wills and properties': {
    size: 400_000,
    make: (traffic, size) =>
      times(size, index => {
        const end = traffic.open()
        traffic.send(end, 0, fullConnect(index))
        traffic.send(end, 1, fullConnack(index))
      }),
  },
  'clients that come and go': {
    size: 400_000,
    make: (traffic, size) =>
      times(size, index => {
        const end = traffic.open()
        traffic.send(end, 0, fullConnect(index))
        traffic.send(end, 1, packets.connack(5))
        traffic.send(end, 0, packet(0x32, [...text(`t/${index}`), 0, 1, 0, 0x78]))
        traffic.close(end)
      }),
  },
  'clients with a filter each': {
    size: 120_000,
    make: (traffic, size) => {
      const publisher = traffic.client('publisher')
      times(size, index => void traffic.subscriber([`t/${index}`]))
      times(size, index => traffic.send(publisher, 0, publish(`t/${index}`)))
    },
  },
  'filters of a few': {
    size: 400_000,
    make: spread((traffic, end, index) => {
      traffic.send(end, 0, subscribe([`f/${index}`], idOf(index)))
      traffic.send(end, 1, suback(1, idOf(index)))
    }),
  },
  topics: { size: 400_000, make: spread((traffic, end, index) => traffic.send(end, 0, publish(`topic/${index}`))) },
  'long topics': {
    size: 200_000,
    make: spread((traffic, end, index) => traffic.send(end, 0, publish(`${LONG}/${index}`))),
  },
  'retained topics': {
    size: 400_000,
    make: spread((traffic, end, index) => traffic.send(end, 0, publish(`topic/${index}`, 1))),
  },
  'packet ids': {
    size: 1_000_000,
    make: spread((traffic, end, index) => traffic.send(end, 0, publish('all', 4, idOf(index)))),
  },
  requests: { size: 400_000, make: spread((traffic, end, index) => traffic.send(end, 0, request(index)), 5) },
  copies: {
    size: 200_000,
    make: (traffic, size) => {
      const subscribers = Array.from({ length: 4 }, () => traffic.subscriber(['#']))
      const publisher = traffic.client('publisher')
      times(size, index => {
        traffic.send(publisher, 0, publish(`c/${index}`))
        for (const one of subscribers) traffic.send(one, 1, publish(`c/${index}`))
      })
    },
  },
  findings: {
    size: 400_000,
    make: spread((traffic, end, index) => {
      traffic.send(end, 1, packet(0x40, two(idOf(index))))
      traffic.send(end, 0, packet(0x36, [...text(`#/${index}`), 0, 0]))
    }),
  },
  'packets without an end': {
    size: 20_000,
    make: spread((traffic, end, index) => {
      if (index < BUSY)
        traffic.send(end, 0, [0x30, ...varint(10_000_000), ...text('big'), ...new Array(1200).fill(0x78)])
      else traffic.send(end, 0, new Array(1400).fill(0x78))
    }),
  },
  'holes in front of packets': {
    size: 200_000,
    make: spread((traffic, end, index) =>
      traffic.sendAhead(end, publish('a/b', 0, 1, LONG), 10 + (index / BUSY) * 1100),
    ),
  },
  'SYN alone': { size: 400_000, make: (traffic, size) => times(size, () => void traffic.open(OTHER_PORT)) },
  TLS: { size: 400_000, make: foreign(HELLO, SEALED) },
  'TLS of MQTT': { size: 400_000, make: foreign(HELLO, SEALED, 8883) },
  HTTP: {
    size: 400_000,
    make: foreign(
      utf8('GET /a HTTP/1.1\r\nHost: example.org\r\n\r\n'),
      utf8('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello'),
    ),
  },
  WebSocket: { size: 400_000, make: foreign(utf8(UPGRADE), utf8(UPGRADED)) },
  Redis: { size: 400_000, make: foreign(utf8('*2\r\n$3\r\nGET\r\n$1\r\na\r\n'), utf8('$1\r\nx\r\n')) },
  'mid-stream': {
    size: 400_000,
    make: (traffic, size) =>
      times(size, () => {
        const end = traffic.unopened(OTHER_PORT)
        traffic.send(end, 0, utf8('one and the other'))
        traffic.send(end, 1, utf8('yes'))
      }),
  },
}

/** Writes the capture of a kind. */
export function makeFlood(path: string, kind: string): void {
  const flood = FLOODS[kind]
  if (flood === undefined) throw new Error(`no such flood: ${kind}`)
  const file = new FrameFile(path)
  flood.make(new Traffic(file), flood.size)
  file.close()
}
