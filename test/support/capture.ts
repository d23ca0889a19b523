/**
 * Builds pcap and pcapng by hand from the specifications (draft-ietf-opsawg-pcap, draft-ietf-opsawg-pcapng), so that
 * the writer never vouches for the reader, and reads captures in every way a caller may cut them.
 */
import { expect } from 'vitest'
import type { Frame } from '../../src/base/line.ts'
import { CaptureReader, type Damage } from '../../src/capture/reader.ts'

export type Bytes = Uint8Array | readonly number[]

export const concat = (...parts: readonly Bytes[]): Uint8Array => {
  const bytes = new Uint8Array(parts.reduce((size, part) => size + part.length, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}

/** Numbers in one byte order. */
export class Order {
  readonly little: boolean

  constructor(little: boolean) {
    this.little = little
  }

  n16(value: number): number[] {
    const bytes = [(value >>> 8) & 255, value & 255]
    return this.little ? bytes.reverse() : bytes
  }

  n32(value: number): number[] {
    const bytes = [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255]
    return this.little ? bytes.reverse() : bytes
  }

  n64(value: bigint): number[] {
    const high = this.n32(Number((value >> 32n) & 0xffffffffn))
    const low = this.n32(Number(value & 0xffffffffn))
    return this.little ? [...low, ...high] : [...high, ...low]
  }
}

export const LITTLE = new Order(true)
export const BIG = new Order(false)

/** Bytes 0, 1, 2, … plus `seed`: contents that tell frames apart. */
export const content = (size: number, seed = 0): Uint8Array =>
  Uint8Array.from({ length: size }, (_, at) => at * 7 + seed)

// pcap

export interface HeaderParts {
  readonly magic?: number
  readonly major?: number
  readonly minor?: number
  readonly snaplen?: number
  readonly link?: number
}

export const MICRO = 0xa1b2c3d4
export const NANO = 0xa1b23c4d
export const KUZNETZOV = 0xa1b2cd34

/** The 24 bytes a pcap file begins with. */
export const header = (order: Order, parts: HeaderParts = {}): Uint8Array =>
  concat(
    order.n32(parts.magic ?? MICRO),
    order.n16(parts.major ?? 2),
    order.n16(parts.minor ?? 4),
    order.n32(0),
    order.n32(0),
    order.n32(parts.snaplen ?? 262_144),
    order.n32(parts.link ?? 1),
  )

export interface RecordParts {
  readonly seconds?: number
  readonly fraction?: number
  /** What the record claims, where it differs from `data`. */
  readonly size?: number
  readonly wire?: number
  /** What old writers put behind the four words. */
  readonly extra?: Bytes
  readonly data?: Uint8Array
}

export const record = (order: Order, parts: RecordParts = {}): Uint8Array => {
  const data = parts.data ?? content(60)
  return concat(
    order.n32(parts.seconds ?? 1_700_000_000),
    order.n32(parts.fraction ?? 0),
    order.n32(parts.size ?? data.length),
    order.n32(parts.wire ?? data.length),
    parts.extra ?? [],
    data,
  )
}

// pcapng

const padding = (size: number): number[] => new Array((4 - (size % 4)) % 4).fill(0)

export interface Lengths {
  /** Overrides the length in front, and the one behind. */
  readonly head?: number
  readonly tail?: number
}

export const block = (order: Order, type: number, body: Bytes, lengths: Lengths = {}): Uint8Array => {
  const length = 12 + body.length
  return concat(order.n32(type), order.n32(lengths.head ?? length), body, order.n32(lengths.tail ?? length))
}

export const option = (order: Order, code: number, value: Bytes): Uint8Array =>
  concat(order.n16(code), order.n16(value.length), value, padding(value.length))

export const text = (value: string): Uint8Array => new TextEncoder().encode(value)

export const endOfOptions = (order: Order): Uint8Array => option(order, 0, [])

export interface SectionParts extends Lengths {
  readonly major?: number
  readonly minor?: number
  readonly size?: bigint
  readonly options?: Bytes
}

export const section = (order: Order, parts: SectionParts = {}): Uint8Array => {
  const version = [...order.n16(parts.major ?? 1), ...order.n16(parts.minor ?? 0)]
  const size = order.n64(parts.size ?? 0xffffffffffffffffn)
  return block(order, 0x0a0d0d0a, concat(order.n32(0x1a2b3c4d), version, size, parts.options ?? []), parts)
}

export interface InterfaceParts {
  readonly link?: number
  readonly snaplen?: number
  readonly options?: Bytes
}

export const interfaceBlock = (order: Order, parts: InterfaceParts = {}): Uint8Array =>
  block(
    order,
    1,
    concat(order.n16(parts.link ?? 1), order.n16(0), order.n32(parts.snaplen ?? 262_144), parts.options ?? []),
  )

export const resolution = (order: Order, value: number): Uint8Array => option(order, 9, [value])

export interface PacketParts extends Lengths {
  readonly port?: number
  /** In units of the interface. */
  readonly time?: bigint
  readonly size?: number
  readonly wire?: number
  readonly data?: Uint8Array
  readonly options?: Bytes
}

const START = 1_700_000_000_000_000n

const words = (order: Order, time: bigint): number[] => [
  ...order.n32(Number((time >> 32n) & 0xffffffffn)),
  ...order.n32(Number(time & 0xffffffffn)),
]

const packetBody = (order: Order, parts: PacketParts, port: readonly number[]): Uint8Array => {
  const data = parts.data ?? content(60)
  const sizes = [...order.n32(parts.size ?? data.length), ...order.n32(parts.wire ?? data.length)]
  return concat(port, words(order, parts.time ?? START), sizes, data, padding(data.length), parts.options ?? [])
}

export const enhanced = (order: Order, parts: PacketParts = {}): Uint8Array =>
  block(order, 6, packetBody(order, parts, order.n32(parts.port ?? 0)), parts)

/** The obsolete packet block; `drops` of this interface between this packet and the one before. */
export const oldPacket = (order: Order, parts: PacketParts = {}, drops = 0xffff): Uint8Array =>
  block(order, 2, packetBody(order, parts, [...order.n16(parts.port ?? 0), ...order.n16(drops)]), parts)

export const simple = (order: Order, data: Uint8Array, wire = data.length): Uint8Array =>
  block(order, 3, concat(order.n32(wire), data, padding(data.length)))

export const statistics = (order: Order, port: number, options: Bytes = []): Uint8Array =>
  block(order, 5, concat(order.n32(port), words(order, START), options))

/** Name resolution: one IPv4 record, and the end of records. */
export const names = (order: Order, options: Bytes = []): Uint8Array =>
  block(
    order,
    4,
    concat(option(order, 1, concat([192, 0, 2, 1], text('broker.example'), [0])), option(order, 0, []), options),
  )

/** TLS key log lines (type TLSK), which must never be shown. */
export const secrets = (order: Order, lines: string): Uint8Array =>
  block(order, 10, concat(order.n32(0x544c534b), order.n32(lines.length), text(lines), padding(lines.length)))

/** `copyable`: of the two types, the one that may be copied to another file. */
export const custom = (order: Order, copyable: boolean, data: Uint8Array): Uint8Array =>
  block(order, copyable ? 0x0bad : 0x40000bad, concat(order.n32(32_473), data, padding(data.length)))

/** Seven packets, each of another content and one millisecond later. */
export const seven = (make: (index: number) => Uint8Array): Uint8Array[] => [0, 1, 2, 3, 4, 5, 6].map(make)

export const sevenRecords = (order: Order): Uint8Array[] =>
  seven(index => record(order, { fraction: index * 1000, data: content(60 + index, index) }))

export const sevenBlocks = (order: Order, port = 0): Uint8Array[] =>
  seven(index => enhanced(order, { port, time: START + BigInt(index) * 1000n, data: content(60 + index, index) }))

// reading

export interface Reading {
  readonly frames: readonly Frame[]
  readonly damages: readonly Damage[]
  readonly lost: readonly number[]
  readonly reader: CaptureReader
}

/** Reads the capture cut into pieces of these sizes, in turn. The memory of each piece is spoiled after its push. */
export function readCut(capture: Uint8Array, sizes: readonly number[]): Reading {
  const frames: Frame[] = []
  const damages: Damage[] = []
  const lost: number[] = []
  const reader = new CaptureReader({
    frame: frame => void frames.push(frame.copy()),
    lost: count => void lost.push(count),
    damage: damage => void damages.push(damage),
  })
  for (let at = 0, turn = 0; at < capture.length; turn++) {
    const size = Math.min(Math.max(sizes[turn % sizes.length] ?? 1, 1), capture.length - at)
    // Something stands before and behind the chunk in its memory.
    const memory = new Uint8Array(size + 64).fill(0xa5)
    const chunk = memory.subarray(32, 32 + size)
    chunk.set(capture.subarray(at, at + size))
    reader.push(chunk)
    memory.fill(0x5a)
    at += size
  }
  reader.end()
  return { frames, damages, lost, reader }
}

/** What a reading found, for comparing two of them. */
export const found = ({ frames, damages, lost, reader }: Reading): unknown => ({
  frames,
  damages,
  lost,
  interfaces: reader.interfaces,
  blocks: [...reader.blocks],
  skipped: reader.skipped,
})

/** Reads the capture whole, byte by byte and in odd pieces; all must find the same. */
export function read(...parts: readonly Bytes[]): Reading {
  const capture = concat(...parts)
  const whole = readCut(capture, [capture.length])
  for (const sizes of [[1], [7, 1, 64], [capture.length - 1, 1]]) {
    expect(found(readCut(capture, sizes)), `cut into ${sizes}`).toEqual(found(whole))
  }
  return whole
}

export const codes = (reading: Reading): string[] => reading.damages.map(damage => damage.code)

/** `seconds.nanos` of each frame. */
export const times = (reading: Reading): string[] =>
  reading.frames.map(frame => `${frame.seconds}.${String(frame.nanos).padStart(9, '0')}`)

export const sizes = (reading: Reading): number[] => reading.frames.map(frame => frame.end - frame.start)
