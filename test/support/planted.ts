/** A capture with an escape sequence, or a secret, in every field that can hold one. */
import { fromHex } from '../../src/base/bytes.ts'
import {
  concat,
  endOfOptions,
  enhanced,
  interfaceBlock,
  LITTLE,
  names,
  option,
  section,
  text as utf8,
} from './capture.ts'
import {
  ack,
  block,
  byte,
  connect,
  filter,
  four,
  packet,
  property,
  publish,
  raw,
  sized,
  subscribe,
  text,
  two,
  unsubscribe,
} from './hex.ts'
import { Connection } from './wire.ts'

/** Clipboard, title, colour by C1, a character that turns the direction round, and one that hides. */
export const ESCAPES = '\x1b]52;c;QQ==\x07\x1b]0;owned\x07\x9b31m\u202egnp\u200b'

/** C0 but the line break, DEL, C1, direction and joiners: what acts on a terminal or hides. */
export const HARMFUL =
  /[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]|[\u{e0000}-\u{e007f}]/u

/** What `--redact` keeps back. Each is in one field only. */
export const SECRETS = [
  'SECRET-user',
  'SECRET-password',
  'SECRET-will',
  'SECRET-payload',
  'SECRET-retained',
  'SECRET-aliased',
  'SECRET-auth',
  'SECRET-correlation',
  'SECRET-property',
] as const

const marked = (word: string): string => text(`${word}${ESCAPES}`)
const secret = (word: (typeof SECRETS)[number]): string => text(`${word}${ESCAPES}`)
const user = property(0x26, marked('name') + secret('SECRET-property'))
const auth = property(0x15, marked('method')) + property(0x16, secret('SECRET-auth'))
const reason = property(0x1f, marked('reason'))
const message = (payload: (typeof SECRETS)[number], flags: number, id: number, alias = 0): string =>
  publish(5, {
    flags,
    id,
    topic: marked('topic/'),
    properties:
      property(0x03, marked('content')) +
      property(0x08, marked('response')) +
      property(0x09, secret('SECRET-correlation')) +
      (alias === 0 ? '' : property(0x23, two(alias))) +
      user,
    payload: raw(`${payload}${ESCAPES}`),
  })

function conversation(frames: Uint8Array[]): void {
  const stream = new Connection(frames, 4, 40_000, 1)
  const client = (hex: string): void => stream.send(true, fromHex(hex))
  const broker = (hex: string): void => stream.send(false, fromHex(hex))
  client(
    connect(5, {
      clientId: marked('client'),
      keepAlive: 10,
      will: {
        topic: marked('will/'),
        payload: secret('SECRET-will'),
        properties: property(0x03, marked('content')) + property(0x09, secret('SECRET-correlation')) + user,
      },
      user: secret('SECRET-user'),
      password: secret('SECRET-password'),
      properties: auth + user,
    }),
  )
  broker(packet(0xf0, byte(0x18) + block(auth + reason + user)))
  client(packet(0xf0, byte(0x18) + block(auth + reason + user)))
  broker(
    packet(
      0x20,
      byte(0) +
        byte(0) +
        block(
          property(0x12, marked('assigned')) +
            property(0x1a, marked('information')) +
            property(0x1c, marked('server')) +
            property(0x22, two(5)) +
            auth +
            reason +
            user,
        ),
    ),
  )
  client(subscribe(5, filter(`filter/${ESCAPES}/#`, 1) + filter(`$share/${ESCAPES}/x`, 1) + filter('#', 1), 1, user))
  broker(packet(0x90, [two(1), block(reason + user), '018001'].join('')))
  client(message('SECRET-payload', 2, 2, 1))
  broker(ack(4, 2, byte(0x97) + block(reason + user)))
  broker(message('SECRET-retained', 3, 7))
  client(ack(4, 7, byte(0) + block(reason + user)))
  client(publish(5, { topic: text(''), properties: property(0x23, two(1)), payload: raw(`SECRET-aliased${ESCAPES}`) }))
  // Broken in many ways: an id in use, a filter with a wildcard in the wrong place, a length behind the end.
  client(message('SECRET-payload', 2, 9))
  client(message('SECRET-retained', 2, 9))
  client(subscribe(5, filter(`a#${ESCAPES}`, 3), 3, user))
  client(unsubscribe(5, text(`filter/${ESCAPES}/#`), 4, user))
  broker(packet(0xb0, [two(4), block(reason + user), '00'].join('')))
  client(packet(0x30, `ffff${raw(ESCAPES)}`))
  broker(packet(0xe0, byte(0x8e) + block(property(0x1c, marked('server')) + reason + user)))
}

const FAMILY_UNIX = 0x31
/** A load balancer's PROXY head, version 2, with UNIX sockets: paths may hold anything. */
const PROXY = (() => {
  const path = (name: string): string => raw(`${name}${ESCAPES}`).padEnd(216, '0')
  return `0d0a0d0a000d0a515549540a21${byte(FAMILY_UNIX)}${two(216)}${path('/client')}${path('/server')}`
})()

function behindBalancer(frames: Uint8Array[]): void {
  const stream = new Connection(frames, 4, 40_002, 1)
  stream.send(true, fromHex(PROXY + connect(4, { clientId: marked('proxied') })))
  stream.send(false, fromHex('20020000'))
}

/** No MQTT at all, with its own escapes. */
function other(frames: Uint8Array[]): void {
  const stream = new Connection(frames, 4, 40_003, 1)
  stream.send(true, fromHex(raw(`HELO ${ESCAPES}\r\n`)))
  stream.send(false, fromHex(raw(`220 ${ESCAPES}\r\n`)))
}

function older(frames: Uint8Array[]): void {
  const stream = new Connection(frames, 6, 40_001, 1)
  stream.send(
    true,
    fromHex(
      connect(4, { clientId: marked('client'), user: secret('SECRET-user'), password: secret('SECRET-password') }),
    ),
  )
  stream.send(false, fromHex('20020000'))
  stream.send(true, fromHex(publish(4, { topic: marked('topic/'), payload: raw(`SECRET-payload${ESCAPES}`) })))
  stream.send(true, fromHex(publish(4, { topic: sized('c328'), payload: raw('SECRET-payload') })))
}

/** The capture: pcapng, with escapes in its own texts too. */
export function plantedCapture(): Uint8Array {
  const frames: Uint8Array[] = []
  conversation(frames)
  older(frames)
  behindBalancer(frames)
  other(frames)
  const say = (code: number): Uint8Array => option(LITTLE, code, utf8(`text${ESCAPES}`))
  const ends = endOfOptions(LITTLE)
  return concat(
    section(LITTLE, { options: concat(say(1), say(2), say(3), say(4), ends) }),
    interfaceBlock(LITTLE, { options: concat(say(1), say(2), say(3), say(11), say(12), say(15), ends) }),
    names(LITTLE, concat(say(1), ends)),
    ...frames.map((data, index) =>
      enhanced(LITTLE, {
        data,
        time: 1_700_000_000_000_000n + BigInt(index) * 20_000_000n,
        options: concat(say(1), ends),
      }),
    ),
    // A damaged block behind them.
    utf8(`damage${ESCAPES}${four(0)}`),
  )
}

const SECTION = 0x0a0d0d0a
/** By block type of pcapng: where its options begin, and which of them are text. */
const OPTIONS: Readonly<Record<number, readonly [(block: DataView) => number, readonly number[]]>> = {
  [SECTION]: [() => 24, [1, 2, 3, 4]],
  1: [() => 16, [1, 2, 3, 11, 12, 15]],
  6: [block => 28 + padded(block.getUint32(20, true)), [1]],
}
const padded = (size: number): number => (size + 3) & ~3

/** The texts that a file shows: all of it, or the texts of a capture beside its frames, which are what was captured. */
export function textsOf(file: Uint8Array): readonly string[] {
  const all = new DataView(file.buffer, file.byteOffset, file.length)
  if (file.length < 28 || all.getUint32(0, true) !== SECTION) return [new TextDecoder().decode(file)]
  const texts: string[] = []
  for (let at = 0; at + 12 <= file.length; at += all.getUint32(at + 4, true))
    texts.push(...textsOfBlock(file.subarray(at, at + all.getUint32(at + 4, true))))
  return texts
}

function* textsOfBlock(bytes: Uint8Array): Generator<string> {
  const block = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const [begin, codes] = OPTIONS[block.getUint32(0, true)] ?? [() => bytes.length, []]
  for (let at = begin(block); at + 8 <= bytes.length; at += 4 + padded(block.getUint16(at + 2, true))) {
    const text = bytes.subarray(at + 4, at + 4 + block.getUint16(at + 2, true))
    if (codes.includes(block.getUint16(at, true))) yield new TextDecoder().decode(text)
  }
}
