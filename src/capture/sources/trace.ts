/**
 * The traffic of one connection of our own as a capture: Ethernet, IP and TCP headers made for the occasion, with the real
 * addresses, ports and times. What TLS carried is written as the bytes inside.
 */
import { isIPv4 } from 'node:net'
import { Frame } from '../../base/line.ts'

/** One end of a connection: a numeric address, IPv4 or IPv6. */
export interface Endpoint {
  readonly address: string
  readonly port: number
}

/** Hears of each frame. Its bytes are valid during the call. */
export type FrameListener = (frame: Frame) => void

/** How a connection ended: who sent the first FIN, or a RST of the peer's. */
export type Ending = 'us' | 'peer' | 'reset'

/** Microseconds since 1970. The clock does not jump when the machine's is set. */
export const now = (): number => Math.round((performance.timeOrigin + performance.now()) * 1000)

const ETHERNET = 1
const ETHERNET_SIZE = 14
const TCP_SIZE = 20
/** Of a segment: an IPv4 packet takes 65,535 bytes with its headers. */
const MOST_PAYLOAD = 16 * 1024
/** Bytes of one side after which the other acknowledges them: with one more segment they stay below the window of 65,535. */
const MOST_UNACKNOWLEDGED = 44 * 1024
const MICROS = 1_000_000

const Flag = { fin: 0x01, syn: 0x02, rst: 0x04, psh: 0x08, ack: 0x10 } as const
/** 0 is the client, or us; 1 is the broker. */
export type Side = 0 | 1

export class Trace {
  private readonly listener: FrameListener
  private readonly frame: Frame
  private isIpv4 = true
  private readonly addresses: [Uint8Array, Uint8Array] = [new Uint8Array(4), new Uint8Array(4)]
  private readonly ports: [number, number] = [0, 0]
  /** Next sequence number of each side: ours, the broker's. */
  private readonly next: [number, number]
  /** Bytes of each side that the other has not acknowledged. */
  private readonly unacknowledged: [number, number] = [0, 0]

  /** Traces of one capture share `frame`, which counts, and differ in `first`, the first sequence number of both sides. */
  constructor(listener: FrameListener, frame = new Frame(), first = 0) {
    this.listener = listener
    this.frame = frame
    this.next = [first, first]
    this.frame.link = ETHERNET
    this.frame.timeDigits = 6
  }

  opened(local: Endpoint, remote: Endpoint, at = now()): void {
    this.between(local, remote)
    this.segment(0, Flag.syn, NOTHING, at)
    this.segment(1, Flag.syn | Flag.ack, NOTHING, at)
    this.segment(0, Flag.ack, NOTHING, at)
  }

  /** A connection that `remote` refused at `at`, or that it never answered (undefined). */
  failed(local: Endpoint, remote: Endpoint, began: number, at: number | undefined): void {
    this.between(local, remote)
    this.segment(0, Flag.syn, NOTHING, began)
    if (at !== undefined) this.reset(1, at)
  }

  sent(bytes: Uint8Array, at: number): void {
    this.stream(0, bytes, at)
  }

  received(bytes: Uint8Array, at: number): void {
    this.stream(1, bytes, at)
  }

  closed(how: Ending, at: number): void {
    if (how === 'reset') return this.reset(1, at)
    const first = how === 'us' ? 0 : 1
    this.segment(first, Flag.fin | Flag.ack, NOTHING, at)
    this.segment(first === 0 ? 1 : 0, Flag.fin | Flag.ack, NOTHING, at)
    this.segment(first, Flag.ack, NOTHING, at)
  }

  /** One side sends nothing more, and the other acknowledges it. */
  finished(side: Side, at: number): void {
    this.segment(side, Flag.fin | Flag.ack, NOTHING, at)
    this.segment(other(side), Flag.ack, NOTHING, at)
  }

  reset(side: Side, at: number): void {
    this.segment(side, Flag.rst | Flag.ack, NOTHING, at)
  }

  /** Bytes that `side` sent. */
  stream(side: Side, bytes: Uint8Array, at: number): void {
    for (let start = 0; start < bytes.length; start += MOST_PAYLOAD) {
      this.segment(side, Flag.psh | Flag.ack, bytes.subarray(start, start + MOST_PAYLOAD), at)
      if (this.unacknowledged[side] > MOST_UNACKNOWLEDGED) this.segment(other(side), Flag.ack, NOTHING, at)
    }
  }

  /** An end of each family: both are written as IPv6, the IPv4 address mapped (RFC 4291 §2.5.5.2). */
  private between(local: Endpoint, remote: Endpoint): void {
    this.isIpv4 = [local, remote].every(end => isIPv4(plain(end.address)))
    for (const side of [0, 1] as const) {
      const end = side === 0 ? local : remote
      this.addresses[side] = addressBytes(plain(end.address), this.isIpv4)
      this.ports[side] = end.port
    }
  }

  private segment(side: Side, flags: number, payload: Uint8Array, at: number): void {
    const peer = other(side)
    const ipSize = this.isIpv4 ? 20 : 40
    const bytes = new Uint8Array(ETHERNET_SIZE + ipSize + TCP_SIZE + payload.length)
    const view = new DataView(bytes.buffer)
    this.link(view, side)
    if (this.isIpv4) this.ip4(view, side, peer)
    else this.ip6(view, side, peer)
    const tcp = ETHERNET_SIZE + ipSize
    view.setUint16(tcp, this.ports[side])
    view.setUint16(tcp + 2, this.ports[peer])
    view.setUint32(tcp + 4, this.next[side])
    view.setUint32(tcp + 8, (flags & Flag.ack) === 0 ? 0 : this.next[peer])
    view.setUint16(tcp + 12, ((TCP_SIZE / 4) << 12) | flags)
    view.setUint16(tcp + 14, 0xffff)
    bytes.set(payload, tcp + TCP_SIZE)
    view.setUint16(tcp + 16, this.tcpChecksum(bytes, tcp, side, peer))
    this.next[side] = (this.next[side] + payload.length + ((flags & (Flag.syn | Flag.fin)) === 0 ? 0 : 1)) >>> 0
    this.unacknowledged[side] += payload.length
    if ((flags & Flag.ack) !== 0) this.unacknowledged[peer] = 0
    this.emit(bytes, at)
  }

  /** Addresses that are locally administered (IEEE 802 §8.2.2), for nobody knows the real ones here. */
  private link(view: DataView, side: Side): void {
    view.setUint8(0, 2)
    view.setUint8(5, side === 0 ? 2 : 1)
    view.setUint8(6, 2)
    view.setUint8(11, side === 0 ? 1 : 2)
    view.setUint16(12, this.isIpv4 ? 0x0800 : 0x86dd)
  }

  /** RFC 791 §3.1. */
  private ip4(view: DataView, side: Side, peer: Side): void {
    const at = ETHERNET_SIZE
    const bytes = new Uint8Array(view.buffer)
    view.setUint8(at, 0x45)
    view.setUint16(at + 2, view.byteLength - at)
    view.setUint16(at + 6, 0x4000)
    view.setUint8(at + 8, 64)
    view.setUint8(at + 9, 6)
    bytes.set(this.addresses[side], at + 12)
    bytes.set(this.addresses[peer], at + 16)
    view.setUint16(at + 10, ~fold(sum(bytes, at, at + 20)) & 0xffff)
  }

  /** RFC 8200 §3. */
  private ip6(view: DataView, side: Side, peer: Side): void {
    const at = ETHERNET_SIZE
    const bytes = new Uint8Array(view.buffer)
    view.setUint8(at, 0x60)
    view.setUint16(at + 4, view.byteLength - at - 40)
    view.setUint8(at + 6, 6)
    view.setUint8(at + 7, 64)
    bytes.set(this.addresses[side], at + 8)
    bytes.set(this.addresses[peer], at + 24)
  }

  /** With the pseudo header of RFC 9293 §3.1. */
  private tcpChecksum(bytes: Uint8Array, tcp: number, side: Side, peer: Side): number {
    const ends = [this.addresses[side], this.addresses[peer]].map(address => sum(address, 0, address.length))
    const pseudo = (ends[0] ?? 0) + (ends[1] ?? 0) + 6 + bytes.length - tcp
    return ~fold(pseudo + sum(bytes, tcp, bytes.length)) & 0xffff
  }

  private emit(bytes: Uint8Array, at: number): void {
    const { frame } = this
    frame.number++
    frame.bytes = bytes
    frame.start = 0
    frame.end = frame.wireSize = bytes.length
    frame.seconds = Math.floor(at / MICROS)
    frame.nanos = (at % MICROS) * 1000
    this.listener(frame)
  }
}

const NOTHING = new Uint8Array(0)

const other = (side: Side): Side => (side === 0 ? 1 : 0)

/** `::ffff:192.0.2.1` is IPv4 for the wire; a zone (`fe80::1%eth0`) never leaves the machine. */
const plain = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '')

function addressBytes(address: string, isIpv4: boolean): Uint8Array {
  if (isIpv4) return Uint8Array.from(address.split('.').map(Number))
  if (isIPv4(address)) return Uint8Array.from([...MAPPED, ...address.split('.').map(Number)])
  const [head = '', tail] = address.split('::')
  const front = words(head)
  const back = tail === undefined ? [] : words(tail)
  const zeros = new Array<number>(Math.max(0, 8 - front.length - back.length)).fill(0)
  return Uint8Array.from([...front, ...zeros, ...back].flatMap(word => [word >> 8, word & 0xff]))
}

/** What stands before an IPv4 address that is written as IPv6. */
const MAPPED: readonly number[] = [...new Array<number>(10).fill(0), 0xff, 0xff]

const words = (text: string): number[] =>
  text === '' ? [] : text.split(':').map(group => Number.parseInt(group, 16) & 0xffff)

/** The sum of 16-bit words (RFC 1071), an odd last byte filled up with zero. */
function sum(bytes: Uint8Array, start: number, end: number): number {
  let total = 0
  for (let at = start; at < end; at++) total += ((at - start) & 1) === 0 ? (bytes[at] ?? 0) << 8 : (bytes[at] ?? 0)
  return total
}

function fold(total: number): number {
  let folded = total
  while (folded > 0xffff) folded = (folded & 0xffff) + Math.floor(folded / 0x10000)
  return folded
}
