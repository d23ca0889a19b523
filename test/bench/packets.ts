/** The control packets of the captures to measure with, encoded by hand: the decoder under test has no part in them. */
import type { Random } from '../support/random.ts'

export type Version = 4 | 5

const encoder = new TextEncoder()

const PLACES = ['plant1', 'plant2', 'hall7', 'roof', 'office', 'warehouse', 'dock', 'lab']
const DEVICES = ['press', 'oven', 'conveyor', 'pump', 'meter', 'boiler', 'fan', 'gateway']
const VALUES = ['temperature', 'pressure', 'humidity', 'state', 'power/total', 'vibration/x', 'alarm']

/** Some hundred topics of 16 to 35 bytes. */
export const TOPICS: readonly string[] = PLACES.flatMap(place =>
  DEVICES.flatMap(device => VALUES.map((value, index) => `${place}/${device}${index + 1}/${value}`)),
)

const two = (value: number): number[] => [value >> 8, value & 255]
const text = (value: string): number[] => [...two(value.length), ...encoder.encode(value)]
const pair = (name: string, value: string): number[] => [0x26, ...text(name), ...text(value)]

/** First byte, Remaining Length, body. */
function packet(first: number, body: readonly number[]): Uint8Array {
  const length: number[] = []
  for (let rest = body.length, more = true; more; rest >>= 7) {
    more = rest > 127
    length.push((rest & 127) | (more ? 128 : 0))
  }
  return Uint8Array.from([first, ...length, ...body])
}

const block = (version: Version, properties: readonly number[]): number[] =>
  version === 5 ? [properties.length, ...properties] : []

export const connect = (version: Version, clientId: string): Uint8Array =>
  packet(0x10, [
    ...text('MQTT'),
    version,
    2,
    ...two(60),
    ...block(version, [0x11, 0, 0, 14, 16, 0x21, 0, 100]),
    ...text(clientId),
  ])

export const connack = (version: Version): Uint8Array =>
  packet(0x20, [0, 0, ...block(version, [0x22, 0, 10, 0x13, 0, 60])])

export const subscribe = (version: Version, id: number, filter: string): Uint8Array =>
  packet(0x82, [...two(id), ...block(version, []), ...text(filter), 2])

export const suback = (version: Version, id: number): Uint8Array => packet(0x90, [...two(id), ...block(version, []), 2])

export const pingreq = (): Uint8Array => packet(0xc0, [])
export const pingresp = (): Uint8Array => packet(0xd0, [])

/** `type`: 4 PUBACK, 5 PUBREC, 6 PUBREL, 7 PUBCOMP. Some of 5.0 say more than the id. */
export function ack(random: Random, version: Version, type: number, id: number): Uint8Array {
  const first = (type << 4) | (type === 6 ? 2 : 0)
  if (version === 4 || !random.chance(0.2)) return packet(first, two(id))
  return packet(first, [...two(id), 0, ...block(5, pair('node', `b${random.below(4)}`))])
}

export function publish(random: Random, version: Version, qos: number, id: number): Uint8Array {
  const retain = random.chance(0.02) ? 1 : 0
  const properties = version === 5 ? publishProperties(random) : []
  const body = [...text(random.pick(TOPICS)), ...(qos > 0 ? two(id) : []), ...block(version, properties)]
  return packet(0x30 | (qos << 1) | retain, [...body, ...encoder.encode(payload(random))])
}

function publishProperties(random: Random): number[] {
  const properties: number[] = []
  if (random.chance(0.5)) properties.push(0x01, 1)
  if (random.chance(0.5)) properties.push(0x02, 0, 0, 1, 44)
  if (random.chance(0.3)) properties.push(0x03, ...text('application/json'))
  if (random.chance(0.3)) properties.push(...pair('source', `line-${random.below(40)}`))
  if (random.chance(0.1))
    properties.push(0x08, ...text('replies/7'), 0x09, ...two(4), ...two(random.below(65536)), 1, 2)
  return properties
}

/** 20 to 60 bytes. */
function payload(random: Random): string {
  const value = (random.below(100_000) / 100).toFixed(2)
  if (random.chance(0.4)) return `{"value":${value},"ok":1}`.padEnd(20)
  return `{"value":${value},"unit":"C","seq":${random.below(1e6)},"ts":${1_700_000_000 + random.below(1e6)}}`
}
