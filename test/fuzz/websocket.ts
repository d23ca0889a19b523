/** Whole WebSocket sessions, mutated, in random runs with gaps: nothing throws, every run is inside of its bytes, nothing stays held. */
import { deflateRawSync } from 'node:zlib'
import { concatBytes, fromHex } from '../../src/base/bytes.ts'
import { Frame, NOWHERE, type RunSink } from '../../src/base/line.ts'
import { HttpExchange, HttpSide } from '../../src/transport/http.ts'
import { HeldBytes } from '../../src/transport/inflate.ts'
import { WebSocketStream } from '../../src/transport/upgrade.ts'
import { WebSocketSide } from '../../src/transport/websocket.ts'
import { inflateRaw } from '../../src/transport/zlib.ts'
import { Random } from '../support/random.ts'
import { frameOf } from '../support/websocket.ts'

const MOST_HELD = 3000
const text = new TextEncoder()
const ASK = text.encode('GET /mqtt HTTP/1.1\r\nUpgrade: websocket\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n')
const AGREE = 'HTTP/1.1 101 OK\r\nUpgrade: websocket\r\nSec-WebSocket-Protocol: mqtt\r\n'
const PLAIN = text.encode(`${AGREE}\r\n`)
const DEFLATED = text.encode(`${AGREE}Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n`)
const OTHERS = [
  'POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n0\r\n\r\n',
  'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabcde',
].map(part => text.encode(part))
const COMPRESSED = [
  fromHex('f248cdc9c90700'),
  fromHex('f200110000'),
  fromHex('f348cdc9c9070000'),
  deflateRawSync(new Uint8Array(5000)),
]
const FIRSTS = [0x82, 0x82, 0x82, 0x02, 0x80, 0x00, 0x81, 0x88, 0x89, 0x8a]

function frame(random: Random, isClient: boolean): Uint8Array {
  const key = random.chance(0.05) !== isClient ? random.bytes(4) : undefined
  if (random.chance(0.3)) return frameOf(random.pick([0xc2, 0x42]), random.pick(COMPRESSED), key)
  return frameOf(random.pick(FIRSTS), random.bytes(random.below(random.chance(0.1) ? 1000 : 100)), key)
}

function sideOf(random: Random, isClient: boolean): Uint8Array {
  const parts: Uint8Array[] = []
  if (random.chance(0.2)) parts.push(random.pick(OTHERS))
  if (random.chance(0.9)) parts.push(isClient ? ASK : random.pick([PLAIN, DEFLATED]))
  for (let count = random.below(8); count > 0; count--) parts.push(frame(random, isClient))
  const bytes = concatBytes(...parts)
  for (let count = random.below(4); count > 0 && bytes.length > 0; count--)
    bytes[random.below(bytes.length)] = random.below(256)
  return bytes
}

/** Counts what comes out, and checks that it is there. */
class Checked implements RunSink {
  ended = 0

  run(bytes: Uint8Array, start: number, end: number): void {
    if (!(start >= 0 && start < end && end <= bytes.length))
      throw new Error(`run ${start} to ${end} of ${bytes.length}`)
  }

  gap(size: number): void {
    if (!(size >= 0)) throw new Error(`gap of ${size}`)
  }

  boundary(): void {}

  end(): void {
    this.ended++
  }
}

export function fuzzWebSocket(seed: number): void {
  const random = new Random(seed)
  const stream = new WebSocketStream()
  const exchange = new HttpExchange(stream, () => {})
  const held = new HeldBytes(MOST_HELD)
  const next = new Checked()
  const skipped = (size: number): void => {
    if (!(size > 0)) throw new Error(`skipped ${size}`)
  }
  const sides = [true, false].map(isClient => {
    const sink = { fault() {}, unit() {}, skipped }
    const parts = { stream, isClient, next, sink, held, keep: () => NOWHERE, inflate: inflateRaw }
    return new HttpSide(exchange, isClient, {
      opened: () => new WebSocketSide(parts),
      fault() {},
      skipped,
      ended: () => next.end(),
    })
  })
  for (const [index, side] of sides.entries()) feed(random, side, sideOf(random, index === 0), held)
  for (const side of sides) side.end('capture')
  if (next.ended !== 2) throw new Error(`${next.ended} ends`)
  if (held.held !== 0) throw new Error(`${held.held} bytes still held`)
}

function feed(random: Random, side: RunSink, bytes: Uint8Array, held: HeldBytes): void {
  const numbers = new Frame()
  const step = 1 + random.below(random.chance(0.5) ? 2000 : 30)
  for (let at = 0; at < bytes.length; ) {
    const end = Math.min(bytes.length, at + 1 + random.below(step))
    side.run(bytes, at, end, numbers, random.chance(0.1) ? NOWHERE : at)
    if (held.held > MOST_HELD) throw new Error(`${held.held} bytes held`)
    at = end
    if (!random.chance(0.05)) continue
    const missing = random.chance(0.3) ? 0 : random.below(50)
    side.gap(missing, numbers)
    if (random.chance(0.8)) at += missing
  }
}
