/** Ethernet, IP and TCP around bytes, and a classic pcap file around frames: as little as tshark needs to follow. */

export const concat = (...parts: readonly Uint8Array[]): Uint8Array => join(parts)

/** A list, not arguments: a hundred thousand of those overflow the stack. */
function join(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

export const u16 = (value: number): Uint8Array => Uint8Array.of((value >> 8) & 255, value & 255)
export const u32 = (value: number): Uint8Array => concat(u16(value >>> 16), u16(value & 0xffff))
const u32le = (value: number): Uint8Array => u32(value).reverse()

const SERVER_PORT = 1883
const FLAG = { fin: 0x01, syn: 0x02, reset: 0x04, push: 0x08, ack: 0x10 }

/** One end of a TCP connection; `next` is the sequence number of the next byte it sends. */
interface End {
  readonly address: Uint8Array
  readonly port: number
  next: number
}

/** A documentation address (RFC 5737, RFC 3849) that ends in this byte. */
const documentation = (version: 4 | 6, host: number): Uint8Array =>
  version === 4
    ? Uint8Array.of(192, 0, 2, host)
    : concat(Uint8Array.of(0x20, 0x01, 0x0d, 0xb8), new Uint8Array(11), Uint8Array.of(host))

const dotted = (text: string): Uint8Array => Uint8Array.from(text.split('.'), Number)

function ipHeader({ address: source }: End, { address: target }: End, size: number, id: number): Uint8Array {
  return source.length === 4
    ? concat(Uint8Array.of(0x45, 0), u16(20 + size), u16(id), Uint8Array.of(0x40, 0, 64, 6, 0, 0), source, target)
    : concat(u32(0x60000000), u16(size), Uint8Array.of(6, 64), source, target)
}

const mac = ({ address }: End): Uint8Array => Uint8Array.of(2, 0, 0, 0, 0, address.at(-1) ?? 0)

function frameOf(source: End, target: End, flags: number, data: Uint8Array, id: number): Uint8Array {
  const ports = concat(u16(source.port), u16(target.port))
  const numbers = concat(u32(source.next), u32(flags & FLAG.ack ? target.next : 0))
  const tcp = concat(ports, numbers, Uint8Array.of(0x50, flags, 0xff, 0xff, 0, 0, 0, 0), data)
  const type = u16(source.address.length === 4 ? 0x0800 : 0x86dd)
  return concat(mac(target), mac(source), type, ipHeader(source, target, tcp.length, id), tcp)
}

/** Where a connection differs from one between 192.0.2.11 and 192.0.2.1:1883 that begins before our eyes. */
export interface Differences {
  /** The IPv4 addresses of both ends in dotted form. */
  readonly client?: string | undefined
  readonly server?: string | undefined
  readonly serverPort?: number | undefined
  /** Returns the IPv4 identification of the next packet; absent: 0 for all. */
  readonly identify?: () => number
  /** The connection stands already: no handshake is written. */
  readonly stands?: boolean
}

/** A TCP connection that writes its frames into a list, beginning with the handshake. */
export class Connection {
  private readonly client: End
  private readonly server: End
  private readonly frames: Uint8Array[]
  private readonly identify: () => number

  constructor(
    frames: Uint8Array[],
    version: 4 | 6,
    clientPort: number,
    sequence: number,
    differences: Differences = {},
  ) {
    const { client, server, serverPort = SERVER_PORT, identify = () => 0, stands = false } = differences
    const address = (text: string | undefined, host: number): Uint8Array =>
      text === undefined ? documentation(version, host) : dotted(text)
    this.frames = frames
    this.identify = identify
    this.client = { address: address(client, 11), port: clientPort, next: sequence >>> 0 }
    this.server = { address: address(server, 1), port: serverPort, next: (sequence + 77) >>> 0 }
    if (!stands) this.shake()
  }

  private shake(): void {
    this.emit(true, FLAG.syn)
    this.emit(false, FLAG.syn | FLAG.ack)
    this.emit(true, FLAG.ack)
  }

  /** The same two ports serve a new connection with other sequence numbers. */
  begin(sequence: number): void {
    this.client.next = sequence >>> 0
    this.server.next = (sequence + 77) >>> 0
    this.shake()
  }

  send(fromClient: boolean, data: Uint8Array): void {
    this.emit(fromClient, FLAG.push | FLAG.ack, data)
  }

  /** Data that was sent just before is sent once more. */
  resend(fromClient: boolean, data: Uint8Array): void {
    const source = fromClient ? this.client : this.server
    source.next = (source.next - data.length) >>> 0
    this.send(fromClient, data)
  }

  /** TCP alone acknowledges what the other side has sent. */
  acknowledge(byClient: boolean): void {
    this.emit(byClient, FLAG.ack)
  }

  /** Sent, and not in the capture. */
  lose(fromClient: boolean, data: Uint8Array): void {
    const source = fromClient ? this.client : this.server
    source.next = (source.next + data.length) >>> 0
  }

  /** One side closes. */
  close(byClient: boolean): void {
    this.emit(byClient, FLAG.fin | FLAG.ack)
  }

  reset(byClient: boolean): void {
    this.emit(byClient, FLAG.reset | FLAG.ack)
  }

  /** `byClient`: who closes first. */
  finish(byClient = true): void {
    this.emit(byClient, FLAG.fin | FLAG.ack)
    this.emit(!byClient, FLAG.fin | FLAG.ack)
    this.emit(byClient, FLAG.ack)
  }

  private emit(fromClient: boolean, flags: number, data: Uint8Array = new Uint8Array(0)): void {
    const [source, target] = fromClient ? [this.client, this.server] : [this.server, this.client]
    this.frames.push(frameOf(source, target, flags, data, this.identify()))
    source.next = (source.next + data.length + (flags & (FLAG.syn | FLAG.fin) ? 1 : 0)) >>> 0
  }
}

const ETHERNET = 1
/** Frames a millisecond apart, or at these milliseconds. */
export function pcapOf(frames: readonly Uint8Array[], times?: readonly number[]): Uint8Array {
  const start = 1_700_000_000
  const record = (frame: Uint8Array, index: number): Uint8Array => {
    const ms = times?.[index] ?? index
    const time = concat(u32le(start + Math.floor(ms / 1000)), u32le((ms % 1000) * 1000))
    return concat(time, u32le(frame.length), u32le(frame.length), frame)
  }
  const header = concat(
    Uint8Array.of(0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0),
    new Uint8Array(8),
    u32le(262144),
    u32le(ETHERNET),
  )
  return join([header, ...frames.map(record)])
}
