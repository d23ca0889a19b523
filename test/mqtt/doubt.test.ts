import { expect, test } from 'vitest'
import { fromHex } from '../../src/base/bytes.ts'
import { Frame } from '../../src/base/line.ts'
import { Doubt } from '../../src/mqtt/doubt.ts'

/** A PUBLISH of 138 bytes behind one byte of length, to the topic `site/a`. */
const BODY = `0006736974652f61${'61'.repeat(130)}`
const doubt = (header = '308a00'): Doubt => new Doubt(fromHex(header), header.length / 2)

test('a length in one byte is known once the whole packet is there', () => {
  const bytes = fromHex(BODY)
  const one = doubt()
  for (let at = 1; at < bytes.length; at++) {
    expect(one.sizeOf(false)).toBe(0)
    one.look(bytes, at, at + 1)
  }
  expect(one.sizeOf(false)).toBe(140)
  expect(one.isInOneByte).toBe(true)
})

test('what can be read as the specification has it is known as soon as that packet is there', () => {
  const one = doubt('308700')
  one.look(fromHex('000161626364'), 0, 6)
  expect(one.sizeOf(false)).toBe(0)
  one.look(fromHex('65'), 0, 1)
  expect(one.sizeOf(false)).toBe(10)
  expect(one.isInOneByte).toBe(false)
})

test('where no more comes, what is there tells', () => {
  const one = doubt()
  one.look(fromHex(BODY), 1, 60)
  expect([one.sizeOf(true), one.isInOneByte]).toEqual([140, true])
})

test('runs are held as they came', () => {
  const one = doubt()
  const frame = Object.assign(new Frame(), { number: 7 })
  const bytes = fromHex('aabbcc')
  one.hold(bytes, 1, 3, frame, 100)
  one.hold(bytes, 3, 3, frame, 102)
  bytes.fill(0)
  frame.number = 8
  expect(one.runs).toHaveLength(1)
  expect(one.runs[0]).toMatchObject({ bytes: fromHex('bbcc'), position: 100, frame: { number: 7 } })
})
