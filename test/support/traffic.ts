/** Streams of MQTT as clients and brokers write them, cut into runs; and a sink that writes down what a framer makes of them. */
import { hex } from '../../src/base/bytes.ts'
import { Frame } from '../../src/base/line.ts'
import { Budget, Framer } from '../../src/mqtt/framer.ts'
import type { PacketSink, RawPacket } from '../../src/mqtt/raw.ts'
import type { Random } from './random.ts'

const utf8 = new TextEncoder()

export function join(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

const varint = (value: number): number[] => (value < 128 ? [value] : [(value & 127) | 128, ...varint(value >>> 7)])
const two = (value: number): number[] => [value >> 8, value & 255]

export const packet = (head: number, body: Uint8Array): Uint8Array<ArrayBuffer> =>
  join(Uint8Array.from([head, ...varint(body.length)]), body)

export function text(value: string): Uint8Array<ArrayBuffer> {
  const bytes = utf8.encode(value)
  return join(Uint8Array.from(two(bytes.length)), bytes)
}

/** `properties`: the block without its length; absent before 5.0. */
export function publish(
  topic: string,
  payload: Uint8Array,
  qos = 0,
  id = 1,
  properties?: readonly number[],
): Uint8Array {
  const block = properties === undefined ? [] : [...varint(properties.length), ...properties]
  return packet(0x30 | (qos << 1), join(text(topic), Uint8Array.from([...(qos > 0 ? two(id) : []), ...block]), payload))
}

/** One frame per run, as the flow of a capture gives them; `position` counts the stream's bytes from 0. */
export class Feeder {
  readonly frame = new Frame()
  private readonly framer: Framer

  constructor(framer: Framer) {
    this.framer = framer
  }

  run(bytes: Uint8Array, start: number, end: number): void {
    this.next(bytes, start, end)
    this.framer.run(bytes, start, end, this.frame, start)
  }

  gap(size: number): void {
    this.next(this.frame.bytes, 0, 0)
    this.framer.gap(size, this.frame)
  }

  private next(bytes: Uint8Array, start: number, end: number): void {
    this.frame.number++
    this.frame.bytes = bytes
    this.frame.start = start
    this.frame.end = end
  }
}

/** Writes down what comes; `offset` is the stream's offset behind it, by adding up what was told. */
export class Notes implements PacketSink {
  readonly lines: string[] = []
  /** Offset in the stream and size of each packet, by its pieces. */
  readonly places: [at: number, size: number][] = []
  skips = 0
  told = 0

  packet(raw: RawPacket): void {
    const marks = `${raw.incomplete ? ' incomplete' : ''}${raw.badLength ? ' bad length' : ''}`
    const holes = raw.holes.length > 0 ? ` holes ${raw.holes.join()}` : ''
    const size = raw.end - raw.start
    const shown = size > 200 ? `${hex(raw.bytes, raw.start, raw.start + 8)}…` : hex(raw.bytes, raw.start, raw.kept)
    this.lines.push(`${shown}${size > raw.kept - raw.start ? ` of ${size}` : ''}${holes}${marks}`)
    this.places.push([raw.pieces[0] ?? -1, size])
    for (let at = 1; at < raw.pieces.length; at += 2) this.told += raw.pieces[at] ?? 0
  }

  skipped(size: number): void {
    this.lines.push(`skipped ${size}`)
    this.skips += size
    this.told += size
  }

  gap(size: number): void {
    this.lines.push(`gap ${size}`)
    this.told += size
  }
}

export type Cut = 'whole' | 'bytes' | 'behind'

/** One input in one of three ways: whole, byte by byte, and with a PINGREQ behind it that must be found too. */
export function frames(bytes: Uint8Array, how: Cut, midStream = false): readonly string[] {
  const notes = new Notes()
  const framer = new Framer(notes, new Budget(), midStream)
  const feeder = new Feeder(framer)
  const input = how === 'behind' ? join(bytes, Uint8Array.of(0xc0, 0)) : bytes
  const step = how === 'bytes' ? 1 : input.length
  for (let at = 0; at < input.length; at += step) feeder.run(input, at, at + step)
  framer.end('fin')
  return notes.lines
}

// Realistic traffic

const TOPICS = [
  'home/kitchen/temperature',
  'a/b',
  'devices/0815/telemetry',
  't',
  'zigbee2mqtt/lamp',
  'haus/küche',
  'spBv1.0/g/DDATA/n/d',
]

function payload(random: Random): Uint8Array {
  const size = random.chance(0.8) ? random.below(200) : random.chance(0.8) ? random.below(4000) : random.below(60_000)
  const kind = random.below(6)
  if (kind === 0) return utf8.encode('Temperatur 21,5 °C — '.repeat(size / 20 + 1).slice(0, size))
  if (kind === 1)
    return utf8.encode(JSON.stringify({ t: random.below(1000) / 10, unit: '°C', note: '0\u0005x'.repeat(size / 8) }))
  if (kind === 2) return random.bytes(size)
  if (kind === 3) return numbers(random, size)
  if (kind === 4) return Uint8Array.from({ length: size }, (_, at) => (at % 4 === 3 ? random.below(256) : 0))
  return utf8.encode(String(random.below(100_000)))
}

function numbers(random: Random, size: number): Uint8Array {
  const bytes = new Uint8Array(size & ~7)
  const view = new DataView(bytes.buffer)
  const step = random.pick([4, 8])
  for (let at = 0; at + step <= bytes.length; at += step) {
    if (step === 4) view.setFloat32(at, random.below(4096) / 8 - 200, random.chance(0.5))
    else view.setFloat64(at, random.below(4096) / 8 - 200)
  }
  return bytes
}

const V5_PROPERTIES: readonly (readonly number[])[] = [
  [],
  [],
  [0x23, 0, 7],
  [0x01, 1, 0x02, 0, 0, 0, 60],
  [0x26, 0, 1, 0x61, 0, 1, 0x62],
]

/** One packet of a session of version 4 or 5, of a kind that this side sends. */
export function anyPacket(random: Random, version: 4 | 5): Uint8Array {
  const kind = random.below(10)
  const id = 1 + random.below(2000)
  if (kind < 6) {
    const properties = version === 5 ? random.pick(V5_PROPERTIES) : undefined
    return publish(random.pick(TOPICS), payload(random), random.below(3), id, properties)
  }
  if (kind < 8) return packet(random.pick([0x40, 0x50, 0x62, 0x70]), Uint8Array.from(two(id)))
  if (kind === 8) return Uint8Array.of(random.pick([0xc0, 0xd0]), 0)
  const filter = join(
    Uint8Array.from([...two(id), ...(version === 5 ? [0] : [])]),
    text('home/+/temperature'),
    Uint8Array.of(1),
  )
  return packet(0x82, filter)
}

export interface Traffic {
  readonly bytes: Uint8Array
  /** Offset and size of each packet. */
  readonly packets: readonly (readonly [at: number, size: number])[]
  /** Offsets where runs begin, and the end. */
  readonly cuts: readonly number[]
}

const SEGMENT = 1448

/** Packets written one by one or several together, and cut into segments as TCP does. */
export function anyTraffic(random: Random, count: number, make = anyPacket): Traffic {
  const version = random.pick([4, 5] as const)
  const parts = Array.from({ length: count }, () => make(random, version))
  const packets: [number, number][] = []
  const cuts: number[] = []
  const together = random.pick([0, 0.3, 0.9, 1])
  let at = 0
  let write = 0
  for (const part of parts) {
    packets.push([at, part.length])
    at += part.length
    if (random.chance(together) && part !== parts.at(-1)) continue
    for (; write < at; write = Math.min(at, write + SEGMENT)) cuts.push(write)
  }
  return { bytes: join(...parts), packets, cuts: [...cuts, at] }
}
