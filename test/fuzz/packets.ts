/** Well-formed control packets of all types and versions, from the standard's tables; and what becomes of them. */
import {
  AUTH,
  CONNACK,
  CONNECT,
  DISCONNECT,
  PINGREQ,
  PINGRESP,
  PROPERTIES,
  type Property,
  PUBLISH,
  PUBREL,
  REASON_CODES,
  SUBACK,
  SUBSCRIBE,
  UNSUBACK,
  UNSUBSCRIBE,
  WILL,
} from '../../src/mqtt/spec.ts'
import type { Random } from '../support/random.ts'

export type Spoken = 3 | 4 | 5
type Numbers = number[]

const two = (value: number): Numbers => [(value >> 8) & 255, value & 255]
const sized = (bytes: readonly number[]): Numbers => [...two(bytes.length), ...bytes]
const ascii = (text: string): Numbers => [...Buffer.from(text)]

const TEXTS = ['', 'a', 'a/b', 'sensors/kitchen/temperature', 'été', '温度/厨房', '$SYS/x', 'x'.repeat(130)]
const FILTERS = ['#', '+', 'a/+/b', 'a/#', '$share/g/a/+', 'été/+']

const text = (random: Random): Numbers => sized(ascii(random.pick(TEXTS)))
const named = (random: Random): Numbers => sized(ascii(random.pick(TEXTS.slice(1))))
const anyBytes = (random: Random, most: number): Numbers => [...random.bytes(random.below(most))]
const packetId = (random: Random): Numbers => two(1 + random.below(0xffff))

export function varint(value: number): Numbers {
  const bytes: Numbers = []
  for (let rest = value; ; rest >>>= 7) {
    if (rest < 128) return [...bytes, rest]
    bytes.push((rest & 127) | 128)
  }
}

/** Fixed header and body. */
const packet = (first: number, body: readonly number[]): Uint8Array<ArrayBuffer> =>
  Uint8Array.from([first, ...varint(body.length), ...body])

// Properties

const inside = (property: Property, random: Random, most: number): number => {
  const least = property.least ?? 0
  return least + random.below(Math.min(property.most ?? most, most) - least + 1)
}

function value(property: Property, random: Random): Numbers {
  switch (property.kind) {
    case 'byte':
      return [inside(property, random, 255)]
    case 'two':
      return two(inside(property, random, 0xffff))
    case 'four':
      return [...two(random.below(0x10000)), ...two(1 + random.below(0xffff))]
    case 'varint':
      return varint(inside(property, random, 100_000))
    case 'binary':
      return sized(anyBytes(random, 12))
    case 'pair':
      return [...text(random), ...text(random)]
    default:
      return named(random)
  }
}

const AUTH_METHOD = 0x15
const AUTH_DATA = 0x16
const BY_PLACE: readonly (readonly Property[])[] = Array.from({ length: WILL + 1 }, (_, place) =>
  PROPERTIES.filter(property => property.in.includes(place) && property.id !== AUTH_DATA),
)

/** A block of properties that may stand in this place, none twice that may not. */
function block(random: Random, place: number): Numbers {
  const allowed = BY_PLACE[place] ?? []
  const body: Numbers = []
  const held = new Set<number>()
  for (let left = allowed.length === 0 ? 0 : random.below(5); left > 0; left--) {
    const property = random.pick(allowed)
    if (held.has(property.id) && !(property.repeats ?? []).includes(place)) continue
    held.add(property.id)
    body.push(property.id, ...value(property, random))
  }
  if (held.has(AUTH_METHOD)) body.push(AUTH_DATA, ...sized(anyBytes(random, 12)))
  return [...varint(body.length), ...body]
}

const properties = (random: Random, version: Spoken, place: number): Numbers =>
  version === 5 ? block(random, place) : []

const reason = (random: Random, type: number): number =>
  Number(random.pick(Object.keys(REASON_CODES[type] ?? { 0: '' })))

// Packets, in the order of their types

type Maker = (random: Random, version: Spoken, type: number) => Uint8Array<ArrayBuffer>

const connect: Maker = (random, version) => {
  const hasWill = random.chance(0.3)
  const hasName = random.chance(0.4)
  const hasPassword = hasName && random.chance(0.7)
  const will = hasWill ? 0x04 | (random.below(3) << 3) | (random.below(2) << 5) : 0
  const flags = 0x02 | will | (hasName ? 0x80 : 0) | (hasPassword ? 0x40 : 0)
  return packet(CONNECT << 4, [
    ...sized(ascii(version === 3 ? 'MQIsdp' : 'MQTT')),
    version,
    flags,
    ...two(random.below(0x10000)),
    ...properties(random, version, CONNECT),
    ...named(random),
    ...(hasWill ? [...properties(random, version, WILL), ...named(random), ...sized(anyBytes(random, 20))] : []),
    ...(hasName ? text(random) : []),
    ...(hasPassword ? sized(anyBytes(random, 20)) : []),
  ])
}

const connack: Maker = (random, version) => {
  const code = version === 5 ? reason(random, CONNACK) : random.below(6)
  const flags = code === 0 && version !== 3 ? random.below(2) : 0
  return packet(CONNACK << 4, [flags, code, ...properties(random, version, CONNACK)])
}

const publish: Maker = (random, version) => {
  const qos = random.below(3)
  const first = (PUBLISH << 4) | (qos > 0 && random.chance(0.2) ? 8 : 0) | (qos << 1) | random.below(2)
  // The payload is text, as a property may promise.
  const payload = ascii(random.pick(TEXTS).repeat(random.below(4)))
  const id = qos > 0 ? packetId(random) : []
  return packet(first, [...named(random), ...id, ...properties(random, version, PUBLISH), ...payload])
}

const ack: Maker = (random, version, type) => {
  const id = packetId(random)
  const code = version === 5 && random.chance(0.5) ? [reason(random, type)] : []
  const more = code.length > 0 && random.chance(0.5) ? block(random, type) : []
  return packet((type << 4) | (type === PUBREL ? 2 : 0), [...id, ...code, ...more])
}

const subscribe: Maker = (random, version, type) => {
  const filters = Array.from({ length: 1 + random.below(4) }, () => [
    ...sized(ascii(random.pick(FILTERS))),
    ...(type === SUBSCRIBE ? [random.below(3)] : []),
  ])
  return packet((type << 4) | 2, [...packetId(random), ...properties(random, version, type), ...filters.flat()])
}

const suback: Maker = (random, version, type) => {
  const codes = Array.from({ length: 1 + random.below(4) }, () =>
    version === 5 ? reason(random, type) : random.pick([0, 1, 2, 0x80]),
  )
  const has = type === SUBACK || version === 5
  return packet(type << 4, [...packetId(random), ...properties(random, version, type), ...(has ? codes : [])])
}

const farewell: Maker = (random, version, type) => {
  if (version !== 5) return packet(DISCONNECT << 4, [])
  const code = random.chance(0.6) ? [reason(random, type)] : []
  const more = code.length > 0 && random.chance(0.5) ? block(random, type) : []
  return packet(type << 4, [...code, ...more])
}

const bare: Maker = (_random, _version, type) => packet(type << 4, [])

const MAKERS: Readonly<Record<number, Maker>> = {
  [CONNECT]: connect,
  [CONNACK]: connack,
  [PUBLISH]: publish,
  4: ack,
  5: ack,
  [PUBREL]: ack,
  7: ack,
  [SUBSCRIBE]: subscribe,
  [SUBACK]: suback,
  [UNSUBSCRIBE]: subscribe,
  [UNSUBACK]: suback,
  [PINGREQ]: bare,
  [PINGRESP]: bare,
  [DISCONNECT]: farewell,
  [AUTH]: farewell,
}

/** A packet of any type that the version has. */
export function anyPacket(random: Random, version: Spoken): Uint8Array<ArrayBuffer> {
  const type = random.chance(0.3) ? PUBLISH : 1 + random.below(version === 5 ? 15 : 14)
  return (MAKERS[type] ?? bare)(random, version, type)
}

/** The first packet of a connection. */
export const connectPacket = (random: Random, version: Spoken): Uint8Array<ArrayBuffer> =>
  connect(random, version, CONNECT)

const ODD = [0, 1, 2, 0x7f, 0x80, 0x82, 0xc0, 0xed, 0xff]

/** One thing wrong: a byte, some bytes too many, too few, twice. Lengths are left as they are, and so become wrong. */
export function mutate(random: Random, bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const at = random.below(bytes.length + 1)
  const size = 1 + random.below(6)
  switch (random.below(6)) {
    case 0:
      return changed(bytes, at, random.pick(ODD))
    case 1:
      return changed(bytes, at, (bytes[at] ?? 0) ^ (1 << random.below(8)))
    case 2:
      return joined(bytes.subarray(0, at), random.bytes(size), bytes.subarray(at))
    case 3:
      return joined(bytes.subarray(0, at), bytes.subarray(at + size))
    case 4:
      return joined(bytes.subarray(0, at + size), bytes.subarray(at))
    default:
      return bytes.slice(0, at)
  }
}

function changed(bytes: Uint8Array, at: number, byte: number): Uint8Array<ArrayBuffer> {
  const copy = bytes.slice()
  copy[at] = byte
  return copy
}

export function joined(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
