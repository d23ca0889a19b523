/** Frames for captures to measure with: headers, numbers, times. */
import { closeSync, openSync, writeSync } from 'node:fs'

export const FIN = 1
export const SYN = 2
export const PUSH = 8
export const ACK = 16

const RECORD = 16
/** Ethernet, IPv4, TCP with timestamps. */
const HEADERS = 14 + 20 + 32
const MICROSECONDS_EACH = 10
const START = 1_700_000_000

export type Side = 0 | 1
export const other = (side: Side): Side => (side === 0 ? 1 : 0)

/** The two ends of a connection, the client first, and what each has sent so far. */
export interface Ends {
  readonly port: number
  /** Port of the server; absent: 1883. */
  readonly serverPort?: number
  /** Added to the address of the first client. */
  readonly host: number
  readonly sent: [number, number]
}

/** A pcap file of TCP segments over IPv4 and Ethernet, gathered and written in large pieces. */
export class FrameFile {
  made = 0
  private readonly fd: number
  private readonly buffer = new Uint8Array(1024 * 1024)
  private used = 0
  private readonly scratch = new Uint8Array(4096)
  private readonly view = new DataView(this.scratch.buffer)

  constructor(path: string) {
    this.fd = openSync(path, 'w')
    this.add(fileHeader())
  }

  private add(bytes: Uint8Array): void {
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

  /** Stamps a record with the time it is captured at, and writes it. */
  emit(record: Uint8Array): void {
    const micros = this.made * MICROSECONDS_EACH
    const view = new DataView(record.buffer, record.byteOffset)
    view.setUint32(0, START + Math.floor(micros / 1e6), true)
    view.setUint32(4, micros % 1e6, true)
    this.add(record)
    this.made++
  }

  /** One segment; the memory is used again for the next one. */
  record(talk: Ends, side: Side, flags: number, data: ArrayLike<number>): Uint8Array {
    const { scratch, view } = this
    const size = HEADERS + data.length
    view.setUint32(8, size, true)
    view.setUint32(12, size, true)
    this.ethernetAndIp(talk, side, size - 14)
    const tcp = RECORD + 34
    const { port, serverPort = 1883 } = talk
    view.setUint16(tcp, side === 0 ? port : serverPort)
    view.setUint16(tcp + 2, side === 0 ? serverPort : port)
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

  private ethernetAndIp(talk: Ends, side: Side, size: number): void {
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

function fileHeader(): Uint8Array {
  const header = new DataView(new ArrayBuffer(24))
  header.setUint32(0, 0xa1b2c3d4, true)
  header.setUint16(4, 2, true)
  header.setUint16(6, 4, true)
  header.setUint32(16, 262_144, true)
  header.setUint32(20, 1, true)
  return new Uint8Array(header.buffer)
}
