/**
 * Captures full of MQTT packets, right ones and broken ones, to compare two decoders on. The same seed gives the same
 * bytes. Nothing of `src` is used here: a mistake must not be able to hide in builder and decoder alike.
 *
 * Each stream is a TCP connection of its own: handshake, a valid CONNECT and its CONNACK, then a few packets of either
 * side. Fixed headers stay in step with the packets (Remaining Length says the true size), so that a broken packet
 * does not swallow those after it. What tshark is known to get wrong by design is left out, and tested elsewhere:
 * missing CONNECT, unknown protocol levels, lengths of five bytes and lengths cut over segments, topic aliases used in both directions.
 */
import { Connection, concat, pcapOf, u16, u32 } from '../support/wire.ts'

type Version = 3 | 4 | 5
type Bytes = Uint8Array

export interface SentPacket {
  readonly fromClient: boolean
  readonly bytes: Bytes
}

export interface MutatedStream {
  readonly ip: 4 | 6
  readonly version: Version
  readonly packets: readonly SentPacket[]
}

/** mulberry32: small, fast, good enough, and the same everywhere. */
export class Chance {
  private state: number

  constructor(seed: number) {
    this.state = seed
  }

  /** 0 <= result < limit */
  below(limit: number): number {
    this.state = (this.state + 0x6d2b79f5) | 0
    let mixed = Math.imul(this.state ^ (this.state >>> 15), this.state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit
  }

  /** True once in `times`. */
  once(times: number): boolean {
    return this.below(times) === 0
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)] as Item
  }

  bytes(size: number): Bytes {
    return Uint8Array.from({ length: size }, () => this.below(256))
  }
}

const text = (value: string): Bytes => new TextEncoder().encode(value)
const hex = (digits: string): Bytes => Uint8Array.from(digits.match(/../g) ?? [], pair => Number.parseInt(pair, 16))

const NAMES = [
  'a',
  'a/b',
  'house/kitchen/temperature',
  '+/x/#',
  '$SYS/uptime',
  'köln/straße',
  '温度/部屋',
  '😀',
  'a,b',
  'a"b\\c',
  "it's",
]

/** Overlong, surrogate, cut short, beyond Unicode, stray, never legal; and controls, NUL, C1, bidi, byte order mark. */
const ODD_TEXTS = [
  'c080', 'e080af', 'eda080', 'e282', '61e28262', 'f09f98', 'f4908080', 'f888808080', '8081', 'e2c3a9', 'ff', 'fffefd', 'c3', '6180ff62',
  '610062', '00', '0061', '6100', '61096209', '610a62', '610d0a62', '07080b0c1b5b316d', '7f', 'c285c29b', 'e280ae61', 'efbbbf61', 'efbfbe', 'e280a8',
].map(hex) // biome-ignore format: a table

function anyText(chance: Chance): Bytes {
  if (chance.once(12)) return new Uint8Array(0)
  if (chance.once(6)) return chance.pick(ODD_TEXTS)
  if (chance.once(20)) return text('long/'.repeat(20 + chance.below(60)))
  if (chance.once(30)) return chance.bytes(chance.below(12))
  return text(chance.pick(NAMES))
}

const prefixed = (bytes: Bytes): Bytes => concat(u16(bytes.length), bytes)
const string = (chance: Chance): Bytes => prefixed(anyText(chance))

export function varint(value: number): Bytes {
  const bytes: number[] = []
  do {
    const rest = Math.floor(value / 128)
    bytes.push((value % 128) | (rest > 0 ? 0x80 : 0))
    value = rest
  } while (value > 0)
  return Uint8Array.from(bytes)
}

/** Property ids by the kind of their value (MQTT 5 §2.2.2.2). */
const PROPERTY_IDS = {
  byte: [0x01, 0x17, 0x19, 0x24, 0x25, 0x28, 0x29, 0x2a],
  two: [0x13, 0x21, 0x22, 0x23],
  four: [0x02, 0x11, 0x18, 0x27],
  varint: [0x0b],
  text: [0x03, 0x08, 0x09, 0x12, 0x15, 0x16, 0x1a, 0x1c, 0x1f],
  pair: [0x26],
} as const
const TOPIC_ALIAS = 0x23

function propertyValue(chance: Chance, kind: keyof typeof PROPERTY_IDS): Bytes {
  if (kind === 'byte') return Uint8Array.of(chance.below(256))
  if (kind === 'two') return u16(chance.once(3) ? chance.below(65536) : chance.below(4))
  if (kind === 'four') return u32(chance.below(0x7fffffff) * 2)
  if (kind === 'varint') return varint(chance.pick([0, 1, 127, 128, 16383, 16384, 2097151, 268435455]))
  if (kind === 'text') return string(chance)
  return concat(string(chance), string(chance))
}

function property(chance: Chance, alias: boolean): Bytes {
  const kind = chance.pick(Object.keys(PROPERTY_IDS) as (keyof typeof PROPERTY_IDS)[])
  const id = chance.pick(PROPERTY_IDS[kind])
  if (id === TOPIC_ALIAS && !alias) return concat(Uint8Array.of(0x21), u16(5))
  return concat(Uint8Array.of(id), propertyValue(chance, kind))
}

/** Length and properties; now and then a wrong length, an unknown id, a length of more bytes than needed. */
function propertyBlock(chance: Chance, alias: boolean): Bytes {
  const parts = Array.from({ length: chance.pick([0, 0, 1, 1, 2, 3, 6]) }, () => property(chance, alias))
  if (alias && chance.once(2)) parts.push(concat(Uint8Array.of(TOPIC_ALIAS), u16(chance.below(4))))
  if (chance.once(12))
    parts.push(
      concat(Uint8Array.of(chance.pick([0x00, 0x04, 0x14, 0x2b, 0x7e, 0x80, 0xff])), chance.bytes(chance.below(6))),
    )
  const body = concat(...parts)
  const size = chance.once(12) ? Math.max(0, body.length + chance.below(9) - 4) : body.length
  const length = varint(size)
  if (!chance.once(40)) return concat(length, body)
  length[length.length - 1] = (length[length.length - 1] ?? 0) | 0x80
  return concat(length, Uint8Array.of(0), body)
}

/** Fixed header and body. A Remaining Length may be padded to more bytes than it needs, never beyond four. */
function packet(first: number, body: Bytes, padding = 0): Bytes {
  const length = [...varint(body.length)]
  while (padding-- > 0 && length.length < 4) {
    length.push((length.pop() ?? 0) | 0x80)
    length.push(0)
  }
  return concat(Uint8Array.of(first), Uint8Array.from(length), body)
}

const NAME_OF: Record<Version, string> = { 3: 'MQIsdp', 4: 'MQTT', 5: 'MQTT' }

function connect(chance: Chance, version: Version): Bytes {
  const [will, name, password] = [chance.once(3), chance.once(2), chance.once(2)]
  const qos = will ? chance.below(3) << 3 : 0
  const flags =
    (name ? 0x80 : 0) |
    (password ? 0x40 : 0) |
    (will ? 0x04 : 0) |
    qos |
    (will && chance.once(2) ? 0x20 : 0) |
    (chance.once(2) ? 2 : 0)
  const head = concat(prefixed(text(NAME_OF[version])), Uint8Array.of(version, flags), u16(chance.below(65536)))
  const properties = (): Bytes => (version === 5 ? cleanBlock(chance) : new Uint8Array(0))
  const parts = [head, properties(), string(chance)]
  if (will) parts.push(properties(), string(chance), prefixed(chance.bytes(chance.below(8))))
  if (name) parts.push(string(chance))
  if (password) parts.push(string(chance))
  return packet(0x10, concat(...parts))
}

/** A block whose length is right: the CONNECT of a stream must be readable to its end. */
function cleanBlock(chance: Chance): Bytes {
  const body = concat(...Array.from({ length: chance.below(4) }, () => property(chance, false)))
  return concat(varint(body.length), body)
}

/** What a packet is made of: the stream's version, whether this side may use topic aliases. */
interface Maker {
  readonly chance: Chance
  readonly version: Version
  readonly alias: boolean
}

const block = ({ chance, version, alias }: Maker): Bytes =>
  version === 5 ? propertyBlock(chance, alias) : new Uint8Array(0)
const id = ({ chance }: Maker): Bytes => u16(chance.once(20) ? 0 : 1 + chance.below(chance.once(3) ? 65535 : 9))
const code = ({ chance }: Maker): Bytes =>
  Uint8Array.of(chance.pick([0, 1, 2, 4, 5, 0x10, 0x11, 0x18, 0x80, 0x87, 0x92, 0x99, chance.below(256)]))
const several = ({ chance }: Maker, make: () => Bytes): Bytes =>
  concat(...Array.from({ length: chance.pick([0, 1, 1, 2, 3, 5]) }, make))

function publish(maker: Maker): Bytes {
  const { chance } = maker
  const qos = chance.once(15) ? 3 : chance.below(3)
  const first = 0x30 | (chance.once(5) ? 8 : 0) | (qos << 1) | (chance.once(4) ? 1 : 0)
  const topic = maker.version === 5 && chance.once(3) ? u16(0) : string(chance)
  return packet(
    first,
    concat(topic, qos > 0 ? id(maker) : new Uint8Array(0), block(maker), chance.bytes(chance.pick([0, 1, 5, 40, 200]))),
  )
}

/** PUBACK, PUBREC, PUBREL, PUBCOMP: 5.0 may leave out properties, and the reason code before them. */
function ack(maker: Maker, first: number): Bytes {
  const parts = [id(maker)]
  if (maker.version === 5 && maker.chance.once(2))
    parts.push(code(maker), maker.chance.once(2) ? block(maker) : new Uint8Array(0))
  return packet(first, concat(...parts))
}

function reasonOnly(maker: Maker, first: number): Bytes {
  if (maker.version !== 5 || maker.chance.once(3)) return packet(first, new Uint8Array(0))
  return packet(first, concat(code(maker), maker.chance.once(2) ? block(maker) : new Uint8Array(0)))
}

function anyPacket(maker: Maker): Bytes {
  const { chance, version } = maker
  const option = (): Bytes => Uint8Array.of(chance.once(6) ? chance.below(256) : chance.below(3))
  switch (chance.below(22)) {
    case 0:
      return packet(0x20, concat(Uint8Array.of(chance.below(3)), code(maker), block(maker)))
    case 1:
      return ack(maker, 0x40)
    case 2:
      return ack(maker, 0x50)
    case 3:
      return ack(maker, 0x62)
    case 4:
      return ack(maker, 0x70)
    case 5:
    case 6:
      return packet(
        0x82,
        concat(
          id(maker),
          block(maker),
          several(maker, () => concat(string(chance), option())),
        ),
      )
    case 7:
      return packet(
        0x90,
        concat(
          id(maker),
          block(maker),
          several(maker, () => code(maker)),
        ),
      )
    case 8:
      return packet(
        0xa2,
        concat(
          id(maker),
          block(maker),
          several(maker, () => string(chance)),
        ),
      )
    case 9:
      return packet(
        0xb0,
        version === 5
          ? concat(
              id(maker),
              block(maker),
              several(maker, () => code(maker)),
            )
          : id(maker),
      )
    case 10:
      return packet(chance.pick([0xc0, 0xd0]), new Uint8Array(0))
    case 11:
      return reasonOnly(maker, 0xe0)
    case 12:
      return reasonOnly(maker, 0xf0)
    case 13:
      return packet(chance.below(256), chance.bytes(chance.below(20)))
    default:
      return publish(maker)
  }
}

const bodyStart = (bytes: Bytes): number => 2 + bytes.subarray(1).findIndex(byte => byte < 0x80)

function flipBytes(chance: Chance, body: Bytes): Bytes {
  const flipped = body.slice()
  for (let left = 1 + chance.below(3); left > 0 && body.length > 0; left--) {
    // Lengths and flags stand near the start: hit them more often.
    const at = chance.once(2) ? chance.below(Math.min(8, body.length)) : chance.below(body.length)
    flipped[at] = chance.once(2) ? (flipped[at] ?? 0) ^ (1 << chance.below(8)) : chance.below(256)
  }
  return flipped
}

/** The packet with something wrong in it, and a Remaining Length that is right again. */
function mutate(chance: Chance, bytes: Bytes): Bytes {
  const first = bytes[0] ?? 0
  const body = bytes.slice(bodyStart(bytes))
  switch (chance.below(7)) {
    case 0:
    case 1:
      return packet(first, flipBytes(chance, body))
    case 2:
      return packet(first, body.slice(0, chance.below(body.length + 1)))
    case 3:
      return packet(first, concat(body, chance.bytes(1 + chance.below(4))))
    case 4:
      return packet((first & 0xf0) | chance.below(16), body)
    case 5:
      return packet(first, body, 1 + chance.below(3))
    default: {
      const at = chance.below(body.length + 1)
      return packet(first, concat(body.slice(0, at), chance.bytes(chance.below(4)), body.slice(at + chance.below(4))))
    }
  }
}

const CONNECT = 1
const typeOf = (bytes: Bytes): number => (bytes[0] ?? 0) >> 4

function oneStream(chance: Chance): MutatedStream {
  const version = chance.pick([3, 4, 5, 5] as const)
  const clientAliases = chance.once(2)
  const packets: SentPacket[] = [
    { fromClient: true, bytes: connect(chance, version) },
    { fromClient: false, bytes: packet(0x20, version === 5 ? hex('000000') : hex('0000')) },
  ]
  for (let left = 1 + chance.below(5); left > 0; left--) {
    const fromClient = chance.once(2)
    const again = chance.once(40)
    const whole = again ? connect(chance, version) : anyPacket({ chance, version, alias: fromClient === clientAliases })
    const broken = chance.once(2)
    const bytes = broken ? mutate(chance, whole) : whole
    packets.push({ fromClient, bytes })
    // A CONNECT with errors may announce a version that does not exist: nothing comparable can follow.
    if (typeOf(bytes) === CONNECT && (broken || !again)) break
  }
  return { ip: chance.once(3) ? 6 : 4, version, packets }
}

export function mutatedStreams(seed: number, count: number): MutatedStream[] {
  const chance = new Chance(seed)
  return Array.from({ length: count }, () => oneStream(chance))
}

/** Sends a packet whole or in two segments; the cut never stands within the fixed header, but may stand behind its first byte. */
function sendCut(connection: Connection, chance: Chance, { fromClient, bytes }: SentPacket): void {
  const start = bodyStart(bytes)
  const cut = chance.once(4) ? 1 : start + chance.below(bytes.length - start + 1)
  if (!chance.once(4) || cut >= bytes.length) return connection.send(fromClient, bytes)
  connection.send(fromClient, bytes.slice(0, cut))
  connection.send(fromClient, bytes.slice(cut))
}

function sendAll(connection: Connection, chance: Chance, packets: readonly SentPacket[]): void {
  for (let at = 0; at < packets.length; at++) {
    const [packet, next] = [packets[at] as SentPacket, packets[at + 1]]
    if (next?.fromClient === packet.fromClient && chance.once(3)) {
      connection.send(packet.fromClient, concat(packet.bytes, next.bytes))
      at++
    } else sendCut(connection, chance, packet)
  }
}

const FIRST_PORT = 1024
/** Client ports of one server address: as many streams as a capture may hold. */
export const MAX_STREAMS = 60_000

/** A pcap file of `count` streams, one after the other: `tcp.stream` is the index in `mutatedStreams(seed, count)`. */
export function mutatedCapture(seed: number, count: number): Uint8Array {
  if (count > MAX_STREAMS) throw new RangeError(`at most ${MAX_STREAMS} streams`)
  const frames: Uint8Array[] = []
  const chance = new Chance(~seed)
  mutatedStreams(seed, count).forEach((stream, index) => {
    // Client ports start behind 1883, the server's own.
    const connection = new Connection(frames, stream.ip, FIRST_PORT + 1000 + index, chance.below(0x7fffffff) * 2)
    sendAll(connection, chance, stream.packets)
    if (chance.once(2)) connection.finish()
  })
  return pcapOf(frames)
}
