/**
 * Makes a capture of MQTT in TLS 1.3 to measure with: a recorded handshake, and behind it records of 80 bytes sealed with its
 * keys, each with one PUBLISH. All connections have the same handshake, so one key log opens them.
 */
import { createCipheriv, createHmac } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { readSessions } from '../support/tls-sessions.ts'
import { ACK, type Ends, FrameFile, PUSH, type Side, SYN } from './framefile.ts'
import * as packets from './packets.ts'

/** The port of MQTT over TLS. */
export const TLS_PORT = 8883
const CONNECTIONS = 20
/** Of a whole record: header, data, type, tag. */
const RECORD_SIZE = 80
const DATA_SIZE = RECORD_SIZE - 5 - 1 - 16

export function makeTlsCapture(path: string, keyLogPath: string, records: number): void {
  const session = readSessions().find(({ name }) => name === '1.3')
  if (session === undefined) throw new Error('no session of TLS 1.3 is recorded')
  writeFileSync(keyLogPath, session.keyLog)
  const file = new FrameFile(path)
  const talks = Array.from({ length: CONNECTIONS }, (_, index) => new TlsTalk(file, index, session.keyLog))
  for (const talk of talks) talk.begin(session.pieces.map(({ side, bytes }) => [side, bytes] as const))
  for (let record = 0; record < records; record++) talks[record % CONNECTIONS]?.publish()
  file.close()
}

class TlsTalk implements Ends {
  readonly port: number
  readonly serverPort = TLS_PORT
  readonly host: number
  /** Numbers of their own, or the connections would be taken for one behind a translation of addresses. */
  readonly sent: [number, number]
  private readonly file: FrameFile
  private readonly sealers: readonly [Sealer, Sealer]

  constructor(file: FrameFile, index: number, keyLog: string) {
    this.file = file
    this.port = 40_000 + index
    this.host = index
    this.sent = [1 + index * 1_000_000_007, 1 + index * 999_999_937].map(value => value >>> 0) as [number, number]
    this.sealers = [new Sealer(keyLog, 'CLIENT'), new Sealer(keyLog, 'SERVER')]
  }

  /** The handshake alone: what was sent behind it was sealed with numbers that are used again. */
  begin(pieces: readonly (readonly [Side, Uint8Array])[]): void {
    this.segment(0, SYN, new Uint8Array(0))
    this.segment(1, SYN | ACK, new Uint8Array(0))
    const [hello, answer, finished] = pieces
    if (hello === undefined || answer === undefined || finished === undefined)
      throw new Error('no handshake is recorded')
    this.segment(0, PUSH | ACK, hello[1])
    this.segment(1, PUSH | ACK, answer[1])
    // ChangeCipherSpec, Finished; the first data behind them is left out.
    const size = 6 + 5 + (((finished[1][9] ?? 0) << 8) | (finished[1][10] ?? 0))
    this.segment(0, PUSH | ACK, finished[1].subarray(0, size))
    this.seal(0, packets.connect(4, `tls${this.port}`))
    this.seal(1, packets.connack(4))
  }

  publish(): void {
    const topic = 'plant1/press1/temperature'
    const payload = 'x'.repeat(DATA_SIZE - 4 - topic.length)
    this.seal(
      0,
      Buffer.from([0x30, 2 + topic.length + payload.length, 0, topic.length, ...Buffer.from(topic + payload)]),
    )
  }

  private seal(side: Side, data: Uint8Array): void {
    this.segment(side, PUSH | ACK, this.sealers[side].seal(data))
  }

  private segment(side: Side, flags: number, data: Uint8Array): void {
    this.file.emit(this.file.record(this, side, flags, data))
    this.sent[side] = (this.sent[side] + data.length + (flags & SYN ? 1 : 0)) >>> 0
  }
}

/** Seals application data of TLS 1.3 with AES-256-GCM, as RFC 8446 §5.2 and §7.3 have it. */
class Sealer {
  private readonly key: Buffer
  private readonly iv: Buffer
  private next = 0

  constructor(keyLog: string, side: 'CLIENT' | 'SERVER') {
    const secret = new RegExp(`^${side}_TRAFFIC_SECRET_0 \\w+ (\\w+)`, 'm').exec(keyLog)?.[1] ?? ''
    const expand = (label: string, size: number): Buffer => {
      const name = `tls13 ${label}`
      const info = Buffer.from([0, size, name.length, ...Buffer.from(name), 0, 1])
      return createHmac('sha384', Buffer.from(secret, 'hex')).update(info).digest().subarray(0, size)
    }
    this.key = expand('key', 32)
    this.iv = expand('iv', 12)
  }

  seal(data: Uint8Array): Buffer {
    const nonce = Buffer.from(this.iv)
    nonce.writeUInt32BE((nonce.readUInt32BE(8) ^ this.next++) >>> 0, 8)
    const size = data.length + 1 + 16
    const header = Buffer.from([23, 3, 3, size >> 8, size & 255])
    const cipher = createCipheriv('aes-256-gcm', this.key, nonce)
    cipher.setAAD(header)
    return Buffer.concat([
      header,
      cipher.update(data),
      cipher.update(Buffer.from([23])),
      cipher.final(),
      cipher.getAuthTag(),
    ])
  }
}
