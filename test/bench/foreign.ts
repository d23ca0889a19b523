/** Captures of streams that carry no MQTT, on a port that nobody named: what it costs to find that out. */
import { utf8 } from '../../src/base/strings.ts'
import { ACK, type Ends, FrameFile, PUSH, type Side, SYN } from './framefile.ts'

const FIRST_PORT = 2000
const PORTS = 60_000
const SERVER = 4711

/** How streams begin, and what is said in them later. */
export const KINDS = ['one kind after the other', 'SYN alone', 'Redis', 'TLS', 'HTTP', 'mid-stream'] as const
export type Kind = (typeof KINDS)[number]

type Said = readonly (readonly [Side, Uint8Array])[]

const REDIS: Said = [
  [0, utf8('*2\r\n$3\r\nGET\r\n$1\r\na\r\n')],
  [1, utf8('$1\r\nx\r\n')],
]
const TLS: Said = [
  [0, Uint8Array.of(0x16, 3, 1, 0, 60, 1, 0, 0, 56, 3, 3, ...new Uint8Array(54))],
  [1, Uint8Array.of(0x17, 3, 3, 0, 20, ...new Uint8Array(20))],
]
const HTTP: Said = [
  [0, utf8('GET /a HTTP/1.1\r\nHost: example.org\r\n\r\n')],
  [1, utf8('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello')],
]
/** Nothing of it can be MQTT, nor anything else that is known. */
const MIDDLE: Said = [
  [0, utf8('one and the other')],
  [1, utf8('yes')],
]
const SAID: Readonly<Record<Kind, readonly Said[]>> = {
  'one kind after the other': [REDIS, TLS, HTTP, MIDDLE],
  'SYN alone': [[]],
  Redis: [REDIS],
  TLS: [TLS],
  HTTP: [HTTP],
  'mid-stream': [MIDDLE],
}

const endsOf = (index: number): Ends => ({
  port: FIRST_PORT + (index % PORTS),
  host: Math.floor(index / PORTS),
  serverPort: SERVER,
  sent: [1000, 2000],
})

/** Writes `size` streams of which none ends. Returns how many frames they are. */
export function makeForeign(path: string, kind: Kind, size: number): number {
  const file = new FrameFile(path)
  const emit = (ends: Ends, side: Side, flags: number, data: Uint8Array): void => {
    file.emit(file.record(ends, side, flags, data))
    ends.sent[side] = (ends.sent[side] + data.length + (flags & SYN ? 1 : 0)) >>> 0
  }
  const said = SAID[kind]
  for (let index = 0; index < size; index++) {
    const ends = endsOf(index)
    const runs = said[index % said.length] ?? []
    if (runs !== MIDDLE) emit(ends, 0, SYN, new Uint8Array(0))
    if (runs !== MIDDLE && runs.length > 0) emit(ends, 1, SYN | ACK, new Uint8Array(0))
    for (const [side, bytes] of runs) emit(ends, side, PUSH | ACK, bytes)
  }
  file.close()
  return file.made
}
