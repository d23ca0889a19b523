/** RFC 7692 §7.2.2: what one message may cost, and what is given back. */
import { constants, deflateRawSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { fromHex } from '../../src/base/bytes.ts'
import { HeldBytes, MessageInflater, MOST_INFLATED } from '../../src/transport/inflate.ts'
import { inflateRaw } from '../../src/transport/zlib.ts'

const message = (size: number): Uint8Array =>
  deflateRawSync(new Uint8Array(size), { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4)

function inflated(bytes: Uint8Array, held = new HeldBytes()): Uint8Array | undefined {
  const before = held.held
  const inflater = new MessageInflater(inflateRaw, held)
  inflater.add(bytes, 0, bytes.length)
  const text = inflater.finish(true)
  inflater.close()
  expect(held.held).toBe(before)
  return text
}

describe('limits', () => {
  test('16 MiB of text and no byte more', () => {
    expect(inflated(message(MOST_INFLATED))?.length).toBe(MOST_INFLATED)
    expect(inflated(message(MOST_INFLATED + 1))).toBeUndefined()
  })

  test('a compressed message beyond 16 MiB is not kept', () => {
    const held = new HeldBytes()
    const inflater = new MessageInflater(inflateRaw, held)
    inflater.add(new Uint8Array(MOST_INFLATED), 0, MOST_INFLATED)
    expect(held.held).toBe(MOST_INFLATED)
    inflater.add(Uint8Array.of(1), 0, 1)
    expect(held.held).toBe(0)
    expect(inflater.finish(true)).toBeUndefined()
  })

  test('what all directions hold together', () => {
    const held = new HeldBytes(1000)
    expect(inflated(message(100), held)?.length).toBe(100)
    const other = new MessageInflater(inflateRaw, held)
    other.add(new Uint8Array(998), 0, 998)
    expect(inflated(message(100), held)).toBeUndefined()
    other.close()
    expect(inflated(message(100), held)?.length).toBe(100)
  })

  test('64 closed streams in a message, and no hundred', () => {
    const closed = (count: number): Uint8Array => fromHex(`${'0300'.repeat(count)}00`)
    expect(inflated(closed(60))?.length).toBe(0)
    expect(inflated(closed(100))).toBeUndefined()
  })
})

test('a direction that fails 64 times in a row is given up', () => {
  const read = (failures: number): Uint8Array | undefined => {
    const inflater = new MessageInflater(inflateRaw, new HeldBytes())
    const give = (bytes: Uint8Array): Uint8Array | undefined => {
      inflater.add(bytes, 0, bytes.length)
      return inflater.finish(true)
    }
    for (let count = 0; count < failures; count++) give(fromHex('ffffffff'))
    return give(fromHex('f248cdc9c90700'))
  }
  expect(read(63)).toEqual(new TextEncoder().encode('Hello'))
  expect(read(64)).toBeUndefined()
})

test('the window is the last 32 KiB, over messages', () => {
  const inflater = new MessageInflater(inflateRaw, new HeldBytes())
  // A stored block of 40,000 bytes, then one that looks back at them: RFC 7692 §7.2.3.2 with another text.
  const text = Uint8Array.from({ length: 40_000 }, (_, at) => (at * 7919) >> 5)
  const stored = deflateRawSync(text, { level: 0, finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4)
  inflater.add(stored, 0, stored.length)
  expect(inflater.finish(true)).toEqual(text)
  const again = deflateRawSync(text.subarray(-30_000), {
    dictionary: text.subarray(-32_768),
    finishFlush: constants.Z_SYNC_FLUSH,
  }).subarray(0, -4)
  inflater.add(again, 0, again.length)
  expect(Buffer.from(inflater.finish(true) ?? []).equals(text.subarray(-30_000))).toBe(true)
})

test('broken data', () => {
  expect(inflated(fromHex('ffffffff'))).toBeUndefined()
})
