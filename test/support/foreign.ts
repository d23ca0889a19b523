/** Conversations in protocols that are no MQTT, made from a seed: as their specifications write them, with any numbers in them. */
import { utf8 } from '../../src/base/strings.ts'
import type { Random } from './random.ts'
import { concat, u16, u32 } from './wire.ts'

/** Makes a message of one side: 0 is the client. */
export type Speak = (random: Random, side: 0 | 1, at: number) => Uint8Array

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz0123456789/_-. '
const word = (random: Random, most = 12): string =>
  Array.from({ length: 1 + random.below(most) }, () => ALPHABET[random.below(ALPHABET.length)]).join('')
const bytes = (...values: readonly number[]): Uint8Array => Uint8Array.from(values)
const u24 = (value: number): Uint8Array => bytes((value >> 16) & 255, (value >> 8) & 255, value & 255)
const u64 = (value: number): Uint8Array => concat(u32(0), u32(value))
const sized = (size: (value: number) => Uint8Array, body: Uint8Array, more = 0): Uint8Array =>
  concat(size(body.length + more), body)
const short = (text: string): Uint8Array => concat(bytes(text.length), utf8(text))
const littleEndian = (value: number, size: number): Uint8Array =>
  Uint8Array.from({ length: size }, (_, index) => Math.floor(value / 256 ** index) & 255)

/** Kafka: size, key, version, correlation id, client id, and what was asked. */
const kafka: Speak = (random, side, at) => {
  const asks = concat(u16(random.below(68)), u16(random.below(16)), u32(at), sized(u16, utf8(word(random))))
  return sized(u32, concat(side === 0 ? asks : u32(at), random.bytes(random.below(200))))
}

/** Modbus/TCP: transaction id, protocol 0, length, unit, function 3; registers hold anything. */
const modbus: Speak = (random, side, at) => {
  const count = 1 + (at % 60)
  const registers = random.chance(0.5) ? new Uint8Array(count * 2) : random.bytes(count * 2)
  const body = side === 0 ? concat(u16(random.below(100)), u16(count)) : concat(bytes(registers.length), registers)
  return concat(u16(at & 0xffff), u16(0), sized(u16, concat(bytes(1 + random.below(4), 3), body)))
}

/** S7 in TPKT and COTP. */
const s7: Speak = (random, side, at) => {
  const body = random.bytes(random.below(60))
  const head = concat(bytes(0x32, side === 0 ? 1 : 3), u16(0), u16(at), u16(body.length), u16(0))
  return concat(bytes(3, 0), sized(u16, concat(bytes(2, 0xf0, 0x80), head, body), 4))
}

/** AMQP 0-9-1 §2.3.5: type, channel, size, payload, end. */
const amqp091: Speak = (random, _side, at) => {
  const body = concat(u16(60), u16(40), u16(0), short(word(random)), short(word(random)), bytes(0))
  return concat(bytes(1 + (at % 3)), u16(random.below(3)), sized(u32, body), bytes(0xce))
}

/** AMQP 1.0 §2.3: size, offset, type, channel, performative. */
const amqp10: Speak = (random, _side, at) => {
  const list = concat(bytes(0x43, 0x52, at & 255, 0xa0), short(word(random)))
  return sized(u32, concat(bytes(2, 0), u16(0), bytes(0, 0x53, 0x14, 0xc0, list.length, 4), list), 4)
}

/** HTTP/2: length, type, flags, stream, payload (RFC 9113 §4.1). */
const http2: Speak = (random, _side, at) => {
  const body = random.bytes(random.below(3) === 0 ? 4 : random.below(300))
  return concat(u24(body.length), bytes(random.below(10), random.below(64)), u32(at), body)
}

const varint = (value: number): Uint8Array => (value < 128 ? bytes(value) : bytes((value & 127) | 128, value >> 7))
/** Fields of numbers, of texts and of messages in them. */
function message(random: Random, depth = 2): Uint8Array {
  const field = (at: number): Uint8Array => {
    const kind = random.below(depth > 0 ? 3 : 2)
    if (kind === 0) return concat(varint(at << 3), varint(random.below(16_000)))
    return concat(varint((at << 3) | 2), sized(varint, kind === 1 ? utf8(word(random)) : message(random, depth - 1)))
  }
  return concat(...Array.from({ length: 1 + random.below(5) }, (_, at) => field(at + 1)))
}
/** Protocol Buffers, each message behind its size as a varint. */
const protobuf: Speak = random => sized(varint, message(random))
/** And behind its size in four bytes, as many programs do. */
const sizedProtobuf: Speak = random => sized(u32, message(random))
/** gRPC: a flag and the size. */
const grpc: Speak = random => concat(bytes(0), sized(u32, message(random)))

const redisInline: Speak = (random, side) =>
  utf8(
    side === 0
      ? `SET ${word(random)} ${random.below(1e6)}\r\n`
      : random.chance(0.5)
        ? '+OK\r\n'
        : `:${random.below(99)}\r\n`,
  )
const redis: Speak = (random, side) => {
  const texts = Array.from({ length: 1 + random.below(4) }, () => word(random))
  const bulk = texts.map(text => `$${text.length}\r\n${text}\r\n`)
  return utf8(side === 0 ? `*${texts.length}\r\n${bulk.join('')}` : (bulk[0] ?? ''))
}

/** MySQL: size in three bytes, the lowest first, a number, a command or a row. */
const mysql: Speak = (random, side, at) => {
  const row = concat(...Array.from({ length: 1 + random.below(6) }, () => short(word(random, 60))))
  const body = side === 0 ? concat(bytes(3), utf8(word(random, 250))) : row
  return concat(littleEndian(body.length, 3), bytes(side === 0 ? 0 : at & 255), body)
}

/** PostgreSQL: a letter, the size with itself, what it says. */
const postgres: Speak = (random, side) => {
  const letters = side === 0 ? 'QPBDESXHCp' : '123CDEKRSTZNnstA'
  const body = concat(utf8(word(random, 80)), bytes(0), u16(random.below(9)), u32(random.below(9)))
  return concat(utf8(random.pick([...letters])), sized(u32, body, 4))
}

/** BER, as LDAP and SNMP write it: a sequence with its length, a number, an operation. */
const ber: Speak = (random, _side, at) => {
  const length = (size: number): Uint8Array => (size < 128 ? bytes(size) : bytes(0x82, size >> 8, size & 255))
  const text = (): Uint8Array => concat(bytes(4), sized(length, utf8(word(random, 30))))
  const inner = concat(...Array.from({ length: random.below(12) }, text))
  const body = concat(bytes(2, 1, at & 127, 0x60 + random.below(20)), sized(length, inner))
  return concat(bytes(0x30), sized(length, body))
}

/** DNS over TCP (RFC 1035 §4.2.2). */
const dns: Speak = (random, side) => {
  const name = concat(...Array.from({ length: 3 }, () => short(word(random))), bytes(0))
  const head = concat(
    u16(random.below(65_536)),
    bytes(side === 0 ? 1 : 0x81, side === 0 ? 0x20 : 0x80),
    u16(1),
    u16(side),
    u32(0),
  )
  const answer = concat(bytes(0xc0, 12), u16(1), u16(1), u32(random.below(1e6)), u16(4), random.bytes(4))
  return sized(u16, concat(head, name, u16(1), u16(1), side === 0 ? bytes() : answer))
}

/** 16-bit samples, of a sound or of pixels, that stay the same for long. */
const samples: Speak = (random, side) => {
  const value = random.chance(0.5) ? random.pick([0xc000, 0xd000, 0xe000, 0x3000]) : random.below(65_536)
  return concat(...Array.from({ length: side === 0 ? 4 : 1 + random.below(400) }, () => u16(value)))
}

/** Every protocol by name. */
export const FOREIGN: readonly (readonly [string, Speak])[] = [
  ['Kafka', kafka],
  ['Modbus/TCP', modbus],
  ['S7', s7],
  ['AMQP 0-9-1', amqp091],
  ['AMQP 1.0', amqp10],
  ['HTTP/2', http2],
  ['protobuf behind a varint', protobuf],
  ['protobuf behind four bytes', sizedProtobuf],
  ['gRPC', grpc],
  ['Redis, inline', redisInline],
  ['Redis', redis],
  ['MySQL', mysql],
  ['PostgreSQL', postgres],
  ['BER', ber],
  ['DNS', dns],
  ['samples', samples],
  ['numbers of 64 bits', (random, _side, at) => concat(u64(at), u64(random.below(1000)))],
  ['zeros', random => new Uint8Array(1 + random.below(300))],
  ['digits', random => utf8(`${random.below(1e9)}${random.chance(0.5) ? '\n' : ','}`.repeat(1 + random.below(20)))],
  ['text', random => utf8(`${word(random, 60)}\n`.repeat(1 + random.below(20)))],
]
