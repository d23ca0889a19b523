/**
 * Captures of many: connections that stay open, topics of one message each, packet ids that wait for an answer. What is
 * kept of each must come to an end, however many there are.
 */
import { ACK, type Ends, FrameFile, PUSH, type Side, SYN } from './framefile.ts'
import * as packets from './packets.ts'

export type Crowd = 'connections' | 'topics' | 'packet ids'

/** Connections under which the packet ids are spread. */
const BUSY = 10_000
const PORTS = 60_000
const FIRST_PORT = 1884

class End implements Ends {
  readonly port: number
  readonly host: number
  readonly sent: [number, number] = [1000, 2000]
  id = 0

  constructor(index: number) {
    this.port = FIRST_PORT + (index % PORTS)
    this.host = Math.floor(index / PORTS)
  }
}

const encoder = new TextEncoder()

class Maker {
  private readonly file: FrameFile

  constructor(file: FrameFile) {
    this.file = file
  }

  /** Connected, and in a session with the broker. */
  begin(index: number): End {
    const end = new End(index)
    this.segment(end, 0, SYN, [])
    this.segment(end, 1, SYN | ACK, [])
    this.segment(end, 0, PUSH | ACK, packets.connect(4, `device-${index}`))
    this.segment(end, 1, PUSH | ACK, packets.connack(4))
    return end
  }

  /** QoS 1, and nobody answers. */
  publish(end: End, topic: string): void {
    const name = encoder.encode(topic)
    const id = (end.id++ % 65_535) + 1
    const body = [name.length >> 8, name.length & 255, ...name, id >> 8, id & 255, 0x31]
    this.segment(end, 0, PUSH | ACK, [0x32, body.length, ...body])
  }

  private segment(end: End, side: Side, flags: number, data: ArrayLike<number>): void {
    this.file.emit(this.file.record(end, side, flags, data))
    end.sent[side] = (end.sent[side] + data.length + (flags & SYN ? 1 : 0)) >>> 0
  }
}

/** Writes a capture of `size` connections, topics or packet ids. */
export function makeCrowd(path: string, crowd: Crowd, size: number): void {
  const file = new FrameFile(path)
  const maker = new Maker(file)
  if (crowd === 'connections') {
    for (let index = 0; index < size; index++) maker.publish(maker.begin(index), 'crowd/all')
  } else {
    const ends = Array.from({ length: crowd === 'topics' ? 1 : BUSY }, (_, index) => maker.begin(index))
    for (let index = 0; index < size; index++) {
      const end = ends[index % ends.length]
      if (end !== undefined) maker.publish(end, crowd === 'topics' ? `crowd/${index}` : 'crowd/all')
    }
  }
  file.close()
}
