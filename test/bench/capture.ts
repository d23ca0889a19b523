/**
 * Makes a pcap capture to measure with: 200 MQTT connections over IPv4 and Ethernet that publish at all three QoS
 * levels with their acknowledgements, some packets split, some segments late or sent twice. Written as it is made.
 */
import { Random } from '../support/random.ts'
import { ACK, type Ends, FrameFile, other, PUSH, type Side, SYN } from './framefile.ts'
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

/** What the other side is to send: an acknowledgement, or a PINGRESP (type 13). */
interface Answer {
  readonly side: Side
  readonly type: number
  readonly id: number
}

class Talk implements Ends {
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

class Maker {
  private readonly file: FrameFile
  private readonly random: Random
  private readonly version: packets.Version
  private readonly most: number

  constructor(file: FrameFile, options: CaptureOptions) {
    this.file = file
    this.random = new Random(options.seed)
    this.version = options.version
    this.most = options.frames
  }

  make(): void {
    const { random } = this
    const talks = Array.from({ length: FLOWS }, (_, index) => new Talk(index, random))
    for (const talk of talks) this.begin(talk)
    while (this.file.made < this.most) this.step(random.pick(talks))
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
    const record = this.file.record(talk, side, flags, data)
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

  private emit(record: Uint8Array): void {
    if (this.file.made < this.most) this.file.emit(record)
  }
}

/** Writes the capture; the same options give the same bytes. */
export function makeCapture(path: string, options: CaptureOptions): void {
  const file = new FrameFile(path)
  new Maker(file, options).make()
  file.close()
}
