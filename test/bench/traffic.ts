/** Writes the traffic of made captures: connections, and the packets that `packets.ts` has no need of. */
import { ACK, type Ends, FIN, type FrameFile, PUSH, type Side, SYN } from './framefile.ts'
import * as packets from './packets.ts'

const FIRST_PORT = 1884
const PORTS = 60_000
/** Bytes of a segment, so that headers and data fit a frame. */
const SEGMENT = 1400
const encoder = new TextEncoder()

export class End implements Ends {
  readonly port: number
  readonly host: number
  readonly serverPort: number
  readonly sent: [number, number] = [1000, 2000]

  constructor(index: number, serverPort = 1883) {
    this.port = FIRST_PORT + (index % PORTS)
    this.host = Math.floor(index / PORTS)
    this.serverPort = serverPort
  }
}

export const text = (value: string): readonly number[] => {
  const bytes = encoder.encode(value)
  return [bytes.length >> 8, bytes.length & 255, ...bytes]
}
export const two = (value: number): readonly number[] => [(value >> 8) & 255, value & 255]

/** A Variable Byte Integer (MQTT 5 §1.5.5). */
export function varint(value: number): number[] {
  const bytes: number[] = []
  for (let rest = value, more = true; more; ) {
    more = rest > 127
    bytes.push((rest & 127) | (more ? 128 : 0))
    rest >>>= 7
  }
  return bytes
}

export const packet = (first: number, body: readonly number[]): number[] => [first, ...varint(body.length), ...body]

export const publish = (topic: string, flags = 0, id = 1, payload = 'x'): number[] =>
  packet(0x30 | flags, [...text(topic), ...((flags & 6) === 0 ? [] : two(id)), ...encoder.encode(payload)])
export const subscribe = (filters: readonly string[], id = 1): number[] =>
  packet(0x82, [...two(id), ...filters.flatMap(filter => [...text(filter), 1])])
export const suback = (count: number, id = 1): number[] =>
  packet(0x90, [...two(id), ...new Array<number>(count).fill(1)])
export const idOf = (index: number): number => (index % 65_535) + 1

export class Traffic {
  private readonly file: FrameFile
  private ends = 0

  constructor(file: FrameFile) {
    this.file = file
  }

  client(name = `c${this.ends}`, version: packets.Version = 4): End {
    const end = this.open()
    this.send(end, 0, packets.connect(version, name))
    this.send(end, 1, packets.connack(version))
    return end
  }

  /** A connection whose beginning is not in the capture. */
  unopened(serverPort = 1883): End {
    return new End(this.ends++, serverPort)
  }

  open(serverPort = 1883): End {
    const end = this.unopened(serverPort)
    this.segment(end, 0, SYN, [])
    this.segment(end, 1, SYN | ACK, [])
    return end
  }

  /** Both sides close the connection. */
  close(end: End): void {
    this.segment(end, 0, FIN | ACK, [])
    this.segment(end, 1, FIN | ACK, [])
  }

  syn(end: End): void {
    this.segment(end, 0, SYN, [])
  }

  subscriber(filters: readonly string[]): End {
    const end = this.client()
    this.send(end, 0, subscribe(filters))
    this.send(end, 1, suback(filters.length))
    return end
  }

  send(end: End, side: Side, bytes: ArrayLike<number>): void {
    for (let at = 0; at < bytes.length; at += SEGMENT)
      this.segment(end, side, PUSH | ACK, Array.prototype.slice.call(bytes, at, at + SEGMENT))
  }

  /** Sends `bytes` at `ahead` bytes behind what came so far, which is not counted as sent. */
  sendAhead(end: End, bytes: ArrayLike<number>, ahead: number): void {
    const sent: [number, number] = [(end.sent[0] + ahead) >>> 0, end.sent[1]]
    this.file.emit(this.file.record({ port: end.port, host: end.host, sent }, 0, PUSH | ACK, bytes))
  }

  skip(end: End, size: number): void {
    end.sent[0] = (end.sent[0] + size) >>> 0
  }

  private segment(end: End, side: Side, flags: number, data: ArrayLike<number>): void {
    this.file.emit(this.file.record(end, side, flags, data))
    end.sent[side] = (end.sent[side] + data.length + (flags & (SYN | FIN) ? 1 : 0)) >>> 0
  }
}

export const times = (size: number, make: (index: number) => void): void => {
  for (let index = 0; index < size; index++) make(index)
}
