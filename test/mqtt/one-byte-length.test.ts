/** Lengths above 127 in one byte: told apart from lengths that take more bytes than they need. */
import { describe, expect, test } from 'vitest'
import { fromHex } from '../../src/base/bytes.ts'
import { Frame, NOWHERE } from '../../src/base/line.ts'
import { Budget, Framer } from '../../src/mqtt/framer.ts'
import { isDoubtful } from '../../src/mqtt/one-byte-length.ts'
import type { PacketSink, RawPacket } from '../../src/mqtt/raw.ts'
import { lengthWriting } from '../../src/mqtt/walk.ts'

const text = (value: string): string => {
  const bytes = Buffer.from(value)
  return bytes.length.toString(16).padStart(4, '0') + bytes.toString('hex')
}
const size = (body: string): string => (body.length / 2).toString(16).padStart(2, '0')

const CONNECT = `${text('MQTT')}0402003c${text('c'.repeat(140))}`
const PUBLISH = `${text('site/a')}${'61'.repeat(130)}`
const SUBSCRIBE = `1234${text('f'.repeat(130))}01`

const inOneByte = (hex: string): boolean => {
  const bytes = fromHex(`ee${hex}ee`)
  return lengthWriting(bytes, 1, bytes.length - 1, true) === 'in one byte'
}

describe('in one byte', () => {
  test.each([
    ['CONNECT', `10${size(CONNECT)}${CONNECT}`],
    ['PUBLISH', `30${size(PUBLISH)}${PUBLISH}`],
    ['SUBSCRIBE with a large packet id', `82${size(SUBSCRIBE)}${SUBSCRIBE}`],
    ['UNSUBSCRIBE', `a285${`0001${text('f'.repeat(129))}`}`],
    ['the beginning of a CONNECT', `10${size(CONNECT)}${CONNECT.slice(0, 200)}`],
  ])('%s', (_, hex) => expect(inOneByte(hex)).toBe(true))
})

describe('as it should be, or longer than needed', () => {
  test.each([
    ['CONNECT', `109801${CONNECT}`],
    ['PUBLISH', `308a01${PUBLISH}`],
    ['SUBSCRIBE', `828701${SUBSCRIBE}`],
    ['CONNACK in two bytes', '20820000000'.slice(0, 10)],
    ['CONNACK of 5.0 in two bytes', '208300000000'],
    ['PINGREQ in two bytes', 'c08000'],
    ['PUBLISH in two bytes', '308700000161626364'],
    ['a length of one byte', '300700016162636465'],
    ['a length without end', '30ffffffffff'],
    ['a length that is not there', '3080'],
  ])('%s', (_, hex) => expect(inOneByte(hex)).toBe(false))
})

test('a length is doubtful if its last byte is not needed, or if a packet id follows', () => {
  expect(isDoubtful(0x30, 2, 0)).toBe(true)
  expect(isDoubtful(0x30, 2, 1)).toBe(false)
  expect(isDoubtful(0x82, 2, 1)).toBe(true)
  expect(isDoubtful(0xa2, 2, 7)).toBe(true)
  expect(isDoubtful(0x30, 1, 0)).toBe(false)
  expect(isDoubtful(0xa2, 3, 0)).toBe(false)
})

describe('the framer', () => {
  const bad = `10${size(CONNECT)}${CONNECT}`

  /** What comes out of runs of `step` bytes. */
  function read(hex: string, step: number): readonly string[] {
    const lines: string[] = []
    const sink: PacketSink = {
      packet: ({ bytes, start, readable, end, incomplete }: RawPacket) =>
        lines.push(
          `${Buffer.from(bytes.subarray(start, readable)).toString('hex')} of ${end - start}${incomplete ? ' incomplete' : ''}`,
        ),
      skipped: count => lines.push(`skipped ${count}`),
      gap: count => lines.push(`gap ${count}`),
      broken: () => lines.push('broken'),
    }
    const framer = new Framer(sink, new Budget(), false)
    const bytes = fromHex(hex)
    for (let at = 0; at < bytes.length && !lines.includes('broken'); at += step)
      framer.run(bytes, at, Math.min(bytes.length, at + step), new Frame(), NOWHERE)
    if (!lines.includes('broken')) framer.end('fin')
    return lines
  }

  test.each([1, 2, 3, 100, 1000])('hands on the whole packet and nothing behind it, in runs of %s', step => {
    const lines = read(`${bad}c000c000`, step)
    expect(lines.slice(0, 2)).toEqual([`${bad} of ${bad.length / 2}`, 'broken'])
    expect(lines.slice(2)).toEqual(
      step === 1000 ? ['skipped 4'] : step === 100 ? ['skipped 4'] : step === 3 ? expect.anything() : [],
    )
  })

  test.each([1, 2, 1000])('reads on behind a length that is longer than needed, in runs of %s', step => {
    expect(read('2082000000c000', step)).toEqual(['2082000000 of 5', 'c000 of 2'])
    expect(read(`828701${SUBSCRIBE}c000`, step)).toEqual([`828701${SUBSCRIBE} of 138`, 'c000 of 2'])
  })

  test('at the end the beginning is handed on', () => {
    expect(read(bad.slice(0, 60), 7)).toEqual([`${bad.slice(0, 60)} of ${bad.length / 2} incomplete`, 'broken'])
  })
})
