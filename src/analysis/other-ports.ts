/** Ports that are not watched and look like MQTT: looked for only as long as no packet was read. */
import { indexOfBytes, u8 } from '../base/bytes.ts'
import { latin1Text, utf8 } from '../base/strings.ts'
import { beginsWithConnect } from '../mqtt/opening.ts'
import type { TcpHeader } from '../net/tcp.ts'
import type { Likeness, OtherPort } from '../store/record.ts'
import { TLS_PORTS } from './sealed.ts'

/** Most ports remembered: a capture of one broker has one or two. */
const MOST_PORTS = 16
/** Most requests of HTTP read for an upgrade to WebSocket, each up to so many bytes: the first of a connection is such a request. */
const MOST_REQUESTS = 10_000
const MOST_HEAD = 2048
const GET = utf8('GET ')

const CONNECT_BYTE = 0x10
const HANDSHAKE_BYTE = 0x16
const GET_BYTE = 0x47

export class OtherPorts {
  private readonly watched: ReadonlySet<number>
  private readonly found = new Map<number, Likeness>()
  private requests = 0

  constructor(watched: ReadonlySet<number>) {
    this.watched = watched
  }

  /** Looks at the payload of a segment. Almost every payload says no by its first byte. */
  look(segment: TcpHeader): void {
    const { bytes, start, end } = segment
    if (start >= end) return
    const first = u8(bytes, start)
    if (first !== CONNECT_BYTE && first !== HANDSHAKE_BYTE && first !== GET_BYTE) return
    const { sourcePort, targetPort } = segment
    if (this.watched.has(targetPort) || this.watched.has(sourcePort) || this.found.size >= MOST_PORTS) return
    const likeness = this.likenessOf(bytes, start, end, targetPort)
    if (likeness !== undefined && this.found.get(targetPort) !== 'mqtt') this.found.set(targetPort, likeness)
  }

  /** In order of appearance. */
  get list(): readonly OtherPort[] {
    return [...this.found].map(([port, likeness]) => ({ port, likeness }))
  }

  private likenessOf(bytes: Uint8Array, start: number, end: number, port: number): Likeness | undefined {
    if (beginsWithConnect(bytes, start, end)) return 'mqtt'
    if (TLS_PORTS.includes(port) && isClientHello(bytes, start, end)) return 'tls'
    return this.isUpgrade(bytes, start, end) ? 'websocket' : undefined
  }

  /** RFC 6455 §4.1, MQTT 5 §6: the subprotocol is `mqtt`, and was `mqttv3.1`. */
  private isUpgrade(bytes: Uint8Array, start: number, end: number): boolean {
    const head = bytes.subarray(start, Math.min(end, start + MOST_HEAD))
    if (indexOfBytes(head.subarray(0, GET.length), GET) !== 0 || this.requests++ >= MOST_REQUESTS) return false
    const text = latin1Text(head)
    return /^upgrade:\s*websocket/im.test(text) && /^sec-websocket-protocol:.*\bmqtt/im.test(text)
  }
}

/** RFC 8446 §5.1 and §4: a handshake record of version 3.x, and in it a ClientHello. */
const isClientHello = (bytes: Uint8Array, start: number, end: number): boolean =>
  end - start >= 6 && u8(bytes, start) === HANDSHAKE_BYTE && u8(bytes, start + 1) === 3 && u8(bytes, start + 5) === 1
