/** One MQTT connection made of packets in hex, told to an exporter as the pipeline would. */
import { fromHex } from '../../src/base/bytes.ts'
import { type FlowEnd, Frame, NOWHERE, type RunSink } from '../../src/base/line.ts'
import { Slot } from '../../src/mqtt/fields.ts'
import { Budget, Framer } from '../../src/mqtt/framer.ts'
import type { PacketSink, RawPacket } from '../../src/mqtt/raw.ts'
import { Flow, type FlowKey, Known } from '../../src/net/flow.ts'
import { type Exporter, PacketRecord, type Side, type Summary, type Write } from '../../src/store/record.ts'
import { Stream } from '../../src/store/stream.ts'
import type { Foreign } from '../../src/transport/recognise.ts'
import { type Above, Wire } from '../../src/transport/wire.ts'
import { NANOS, SECONDS } from './record.ts'

export interface ConversationParts {
  readonly ipv6?: boolean
  readonly stream?: number
  /** The capture begins in the middle of the connection. */
  readonly midStream?: boolean
  /** Unix seconds of the first frame; each frame comes a second later. */
  readonly seconds?: number
  readonly nanos?: number
  readonly timeDigits?: number
}

function flowOf(parts: ConversationParts): Flow {
  const key: FlowKey = {
    family: parts.ipv6 === true ? 6 : 4,
    source0: parts.ipv6 === true ? 0x20010db8 : 0xc000020b | 0,
    source1: 0,
    source2: 0,
    source3: 1,
    target0: parts.ipv6 === true ? 0x20010db8 : 0xc0000201 | 0,
    target1: 0,
    target2: 0,
    target3: 2,
    sourcePort: 51034,
    targetPort: 1883,
    frame: Object.assign(new Frame(), { seconds: parts.seconds ?? SECONDS, nanos: parts.nanos ?? NANOS }),
  }
  const flow = new Flow(parts.stream ?? 0, key)
  flow.client = 0
  if (parts.midStream !== true) flow.known |= Known.Syn0 | Known.Syn1
  return flow
}

/** Side 0, 192.0.2.11:51034 or [2001:db8::1]:51034, is the client. */
export class Conversation {
  readonly stream: Stream
  private readonly exporter: Exporter
  /** Where the runs of both sides go. */
  private readonly sides: [RunSink, RunSink]
  private readonly frame = new Frame()
  private number = 0

  constructor(exporter: Exporter, parts: ConversationParts = {}) {
    this.exporter = exporter
    this.stream = new Stream(flowOf(parts), 0)
    const budget = new Budget()
    const above = (side: Side): Above & PacketSink => ({
      role: 'unknown',
      opens: () => true,
      foreign() {},
      proxied() {},
      listen: sink => {
        this.sides[side] = sink
      },
      mqtt: () => new Framer(ends[side], budget, this.stream.midStream),
      packet: raw => this.packet(raw, side),
      gap: (size, frame) => exporter.gap(this.stream, side, size, frame),
      skipped: (size: number, frame: Frame, foreign: Foreign = '') =>
        exporter.skipped(this.stream, side, size, frame, foreign),
      ended() {},
    })
    const ends = [above(0), above(1)] as const
    this.sides = [...new Wire(ends).sides]
    this.frame.seconds = (parts.seconds ?? SECONDS) - 1
    this.frame.nanos = parts.nanos ?? NANOS
    this.frame.timeDigits = parts.timeDigits ?? 9
  }

  /** Bytes from the client, in one frame. */
  client(hex: string): this {
    return this.bytes(0, fromHex(hex))
  }

  server(hex: string): this {
    return this.bytes(1, fromHex(hex))
  }

  /** In bytes that are not the packet's own: a read outside of it is seen. */
  bytes(side: Side, bytes: Uint8Array): this {
    const { frame } = this
    this.nextFrame()
    frame.bytes = new Uint8Array(bytes.length + 8).fill(0xee)
    frame.bytes.set(bytes, 3)
    frame.start = 3
    frame.end = 3 + bytes.length
    frame.wireSize = 66 + bytes.length
    this.sides[side].run(frame.bytes, 3, 3 + bytes.length, frame, NOWHERE)
    return this
  }

  gap(side: Side, size: number): this {
    this.nextFrame()
    this.sides[side].gap(size, this.frame)
    return this
  }

  end(how: FlowEnd = 'fin'): this {
    for (const side of [0, 1] as const) this.sides[side].end(how)
    return this
  }

  private nextFrame(): void {
    this.frame.number++
    this.frame.seconds++
  }

  private packet(raw: RawPacket, side: Side): void {
    const record = new PacketRecord()
    record.read(this.stream, side, raw)
    record.number = ++this.number
    if (!record.packet.has(Slot.flags)) throw new Error('a packet without its first byte')
    this.exporter.packet(record)
  }
}

export const NO_SUMMARY: Summary = {
  frames: 0,
  packets: 0,
  flows: 0,
  connections: 0,
  malformed: 0,
  gaps: 0,
  gapBytes: 0,
  skippedBytes: 0,
  damage: 0,
  damageBytes: 0,
  dropped: undefined,
  unread: [],
}

/** All that an exporter writes of a conversation. */
export function written(
  make: (write: Write) => Exporter,
  talk: (conversation: Conversation) => void,
  parts: ConversationParts = {},
): string {
  let text = ''
  const exporter = make(more => {
    text += more
  })
  talk(new Conversation(exporter, parts))
  return text
}

// Packets, in hex.

/** CONNECT of 3.1.1: client id `c`, clean session, keep alive 60 s. */
export const CONNECT_4 = '10 0d 0004 4d515454 04 02 003c 0001 63'
/** The same of 3.1 and of 5.0. */
export const CONNECT_3 = '10 0f 0006 4d5149736470 03 02 003c 0001 63'
export const CONNECT_5 = '10 0e 0004 4d515454 05 02 003c 00 0001 63'
