/** RFC 8446 §4: messages whole, in pieces, and longer than any that is kept. */
import { describe, expect, test } from 'vitest'
import { fromHex, hex } from '../../../src/base/bytes.ts'
import { TlsBudget } from '../../../src/transport/tls/budget.ts'
import { MessageReader, MOST_MESSAGE } from '../../../src/transport/tls/messages.ts'

function readerOf(budget = new TlsBudget()): { reader: MessageReader; heard: string[] } {
  const heard: string[] = []
  return { reader: new MessageReader((type, body) => heard.push(`${type} ${hex(body)}`), budget), heard }
}

const push = (reader: MessageReader, bytes: Uint8Array): void => reader.push(bytes, 0, bytes.length)
const TWO = fromHex('01 000002 aabb 14 000000 0b 000001 cc')
const HEARD = ['1 aabb', '20 ', '11 cc']

test('several at once, and byte by byte', () => {
  const whole = readerOf()
  push(whole.reader, TWO)
  expect(whole.heard).toEqual(HEARD)
  const single = readerOf()
  for (const byte of TWO) push(single.reader, Uint8Array.of(byte))
  expect(single.heard).toEqual(HEARD)
  expect(single.reader.isIdle).toBe(true)
})

describe('limits', () => {
  /** The head of a message with this many bytes, and its body. */
  const message = (size: number): Uint8Array => {
    const bytes = new Uint8Array(4 + size)
    bytes.set([11, size >> 16, (size >> 8) & 255, size & 255])
    return bytes
  }

  test('128 KiB are kept, and not a byte more: the next message is read', () => {
    for (const [size, count] of [
      [MOST_MESSAGE - 4, 1],
      [MOST_MESSAGE - 3, 0],
    ] as const) {
      const { reader, heard } = readerOf()
      const bytes = message(size)
      for (let at = 0; at < bytes.length; at += 1000) push(reader, bytes.subarray(at, at + 1000))
      push(reader, TWO)
      expect(heard.filter(line => line.length > 1000)).toHaveLength(count)
      expect(heard.slice(-3)).toEqual(HEARD)
    }
  })

  test('without memory a message is passed over, and what was taken is given back', () => {
    const budget = new TlsBudget(undefined, undefined, 2000)
    const { reader, heard } = readerOf(budget)
    const bytes = message(3000)
    for (let at = 0; at < bytes.length; at += 100) push(reader, bytes.subarray(at, at + 100))
    push(reader, TWO)
    expect(heard).toEqual(HEARD)
    expect(budget.collected).toBe(0)
  })
})
