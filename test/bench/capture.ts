/**
 * Makes a pcap capture to measure with: 200 MQTT connections over IPv4 and Ethernet that publish at all three QoS
 * levels with their acknowledgements, some packets split, some segments late or sent twice. Written as it is made.
 */
import { closeSync, openSync, writeSync } from 'node:fs'
import { Random } from '../support/random.ts'
import * as packets from './packets.ts'

export interface CaptureOptions {
  readonly frames: number
  readonly version: packets.Version
  readonly seed: number
}

const FLOWS = 200
const SPLIT = 0.05
const LATE = 0.005
const TWICE = 0.005
/** Two PUBLISH in one segment, an acknowledgement without data behind a segment, a ping instead of a PUBLISH. */
const PAIRED = 0.1
const BARE_ACK = 0.3
const PING = 0.01
const ANSWER_NOW = 0.7

const RECORD = 16
/** Ethernet, IPv4, TCP with timestamps. */
const HEADERS = 14 + 20 + 32
const MICROSECONDS_EACH = 10
const START = 1_700_000_000
const SYN = 2
const PUSH = 8
const ACK = 16

type Side = 0 | 1

/** What the other side is to send: an acknowledgement, or a PINGRESP (type 13). */
interface Answer {
  readonly side: Side
  readonly type: number
  readonly id: number
}

class Talk {
  readonly port: number
  readonly host: number
  readonly sent: [number, number]
  readonly ids: [number, number] = [1, 1]
  readonly answers: Answer[] = []
  /** A record that is to follow the next one. */
  late: Uint8Array | undefined

  constructor(index: number, random: Random) {
    this.port = 30_000 + index
    this.host = index % 100
    this.sent = [random.word(), random.word()]
  }

  nextId(side: Side): number {
    const id = this.ids[side]
    this.ids[side] = (id % 65_535) + 1
    return id
  }
}

/** Gathers records and writes them in large pieces. */
class RecordFile {
  private readonly fd: number
  private readonly buffer = new Uint8Array(1024 * 1024)
  private used = 0

  constructor(path: string) {
    this.fd = openSync(path, 'w')
  }

  add(bytes: Uint8Array): void {
    if (this.used + bytes.length > this.buffer.length) this.flush()
    this.buffer.set(bytes, this.used)
    this.used += bytes.length
  }

  close(): void {
    this.flush()
    closeSync(this.fd)
  }

  private flush(): void {
    for (let at = 0; at < this.used; ) at += writeSync(this.fd, this.buffer, at, this.used - at)
    this.used = 0
  }
}

function fileHeader(): Uint8Array {
  const header = new DataView(new ArrayBuffer(24))
  header.setUint32(0, 0xa1b2c3d4, true)
  header.setUint16(4, 2, true)
  header.setUint16(6, 4, true)
  header.setUint32(16, 262_144, true)
  header.setUint32(20, 1, true)
  return new Uint8Array(header.buffer)
}

class Maker {
  made = 0
  private readonly file: RecordFile
  private readonly random: Random
  private readonly version: packets.Version
  private readonly most: number
  private readonly scratch = new Uint8Array(4096)
  private readonly view = new DataView(this.scratch.buffer)

  constructor(file: RecordFile, options: CaptureOptions) {
    this.file = file
    this.random = new Random(options.seed)
    this.version = options.version
    this.most = options.frames
  }

  make(): void {
    const { random } = this
    const talks = Array.from({ length: FLOWS }, (_, index) => new Talk(index, random))
    for (const talk of talks) this.begin(talk)
    while (this.made < this.most) this.step(random.pick(talks))
  }

  /** Handshake, CONNECT, SUBSCRIBE. */
  private begin(talk: Talk): void {
    const { version } = this
    this.segment(talk, 0, SYN, [])
    this.segment(talk, 1, SYN | ACK, [])
    this.segment(talk, 0, ACK, [])
    this.data(talk, 0, packets.connect(version, `device-${talk.port}`))
    this.data(talk, 1, packets.connack(version))
    const id = talk.nextId(0)
    this.data(talk, 0, packets.subscribe(version, id, '#'))
    this.data(talk, 1, packets.suback(version, id))
  }

  private step(talk: Talk): void {
    const { random } = this
    const answer = random.chance(ANSWER_NOW) ? talk.answers.shift() : undefined
    if (answer !== undefined) this.answer(talk, answer)
    else if (random.chance(PING)) {
      this.data(talk, 0, packets.pingreq())
      talk.answers.push({ side: 1, type: 13, id: 0 })
    } else {
      const side = random.below(2) as Side
      const one = this.publish(talk, side)
      this.data(talk, side, random.chance(PAIRED) ? Buffer.concat([one, this.publish(talk, side)]) : one)
    }
  }

  private publish(talk: Talk, side: Side): Uint8Array {
    const { random, version } = this
    const qos = random.pick([0, 0, 0, 1, 1, 2])
    const id = qos === 0 ? 0 : talk.nextId(side)
    if (qos > 0) talk.answers.push({ side: other(side), type: qos === 1 ? 4 : 5, id })
    return packets.publish(random, version, qos, id)
  }

  private answer(talk: Talk, { side, type, id }: Answer): void {
    if (type === 13) return this.data(talk, side, packets.pingresp())
    this.data(talk, side, packets.ack(this.random, this.version, type, id))
    if (type === 5 || type === 6) talk.answers.push({ side: other(side), type: type + 1, id })
  }

  private data(talk: Talk, side: Side, bytes: Uint8Array): void {
    const { random } = this
    if (bytes.length > 2 && random.chance(SPLIT)) {
      const cut = 1 + random.below(bytes.length - 1)
      this.segment(talk, side, ACK, bytes.subarray(0, cut))
      this.segment(talk, side, PUSH | ACK, bytes.subarray(cut))
    } else this.segment(talk, side, PUSH | ACK, bytes)
    if (random.chance(BARE_ACK)) this.segment(talk, other(side), ACK, [])
  }

  private segment(talk: Talk, side: Side, flags: number, data: ArrayLike<number>): void {
    const { random } = this
    const record = this.record(talk, side, flags, data)
    talk.sent[side] = (talk.sent[side] + data.length + (flags & SYN ? 1 : 0)) >>> 0
    if (talk.late === undefined && data.length > 0 && random.chance(LATE)) {
      talk.late = record.slice()
      return
    }
    this.emit(record)
    if (data.length > 0 && random.chance(TWICE)) this.emit(record)
    if (talk.late !== undefined) this.emit(talk.late)
    talk.late = undefined
  }

  /** Stamps a record with the time it is captured at, and writes it. */
  private emit(record: Uint8Array): void {
    if (this.made === this.most) return
    const micros = this.made * MICROSECONDS_EACH
    const view = new DataView(record.buffer, record.byteOffset)
    view.setUint32(0, START + Math.floor(micros / 1e6), true)
    view.setUint32(4, micros % 1e6, true)
    this.file.add(record)
    this.made++
  }

  private record(talk: Talk, side: Side, flags: number, data: ArrayLike<number>): Uint8Array {
    const { scratch, view } = this
    const size = HEADERS + data.length
    view.setUint32(8, size, true)
    view.setUint32(12, size, true)
    this.ethernetAndIp(talk, side, size - 14)
    const tcp = RECORD + 34
    view.setUint16(tcp, side === 0 ? talk.port : 1883)
    view.setUint16(tcp + 2, side === 0 ? 1883 : talk.port)
    view.setUint32(tcp + 4, talk.sent[side])
    view.setUint32(tcp + 8, flags === SYN ? 0 : talk.sent[other(side)])
    view.setUint16(tcp + 12, 0x8000 | flags)
    view.setUint16(tcp + 14, 64_240)
    view.setUint32(tcp + 20, 0x0101080a)
    view.setUint32(tcp + 24, this.made)
    view.setUint32(tcp + 28, this.made)
    scratch.set(data, RECORD + HEADERS)
    return scratch.subarray(0, RECORD + size)
  }

  private ethernetAndIp(talk: Talk, side: Side, size: number): void {
    const { view } = this
    const client = 0xc0000200 + talk.host
    const broker = 0xc6336401
    view.setUint32(RECORD, 0x02000000)
    view.setUint32(RECORD + 4, 0x00010200)
    view.setUint32(RECORD + 8, 0x00000002)
    view.setUint16(RECORD + 12, 0x0800)
    view.setUint16(RECORD + 14, 0x4500)
    view.setUint16(RECORD + 16, size)
    view.setUint32(RECORD + 18, 0x00004000)
    view.setUint32(RECORD + 22, 0x40060000)
    view.setUint32(RECORD + 26, side === 0 ? client : broker)
    view.setUint32(RECORD + 30, side === 0 ? broker : client)
  }
}

const other = (side: Side): Side => (side === 0 ? 1 : 0)

/** Writes the capture; the same options give the same bytes. */
export function makeCapture(path: string, options: CaptureOptions): void {
  const file = new RecordFile(path)
  file.add(fileHeader())
  new Maker(file, options).make()
  file.close()
}
