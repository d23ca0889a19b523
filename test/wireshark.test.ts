/**
 * Cases in which Wireshark 4.0.17 is wrong, each seen by running tshark on such a capture: W1 to W13. Here the whole
 * line runs on a hand-made capture of each, and gives what was really sent.
 */
import { describe, expect, test } from 'vitest'
import { Pipeline } from '../src/analysis/pipeline.ts'
import { fromHex } from '../src/base/bytes.ts'
import { decodeText } from '../src/base/strings.ts'
import { Slot } from '../src/mqtt/fields.ts'
import { TYPE_NAMES } from '../src/mqtt/spec.ts'
import { findingsOf } from '../src/store/findings.ts'
import type { PacketRecord, RecordSink } from '../src/store/record.ts'
import { Connection, pcapOf } from './support/wire.ts'

/** Each packet as a line; what is missing or passed over as another. */
class Lines implements RecordSink {
  readonly lines: string[] = []

  packet(record: PacketRecord): void {
    const { packet, raw, stream, side } = record
    const text = (slot: number): string => decodeText(raw.bytes, packet.start(slot), packet.end(slot))
    const parts = [stream.senderOf(side) === 'client' ? '→' : '←', TYPE_NAMES[record.type], `v${record.version}`]
    if (packet.has(Slot.packetId)) parts.push(`id=${packet.value(Slot.packetId)}`)
    if (packet.has(Slot.topic)) parts.push(text(Slot.topic))
    if (record.aliasTopic !== undefined) parts.push(`⟨${record.aliasTopic}⟩`)
    if (packet.has(Slot.reason)) parts.push(`code=${packet.value(Slot.reason)}`)
    if (packet.has(Slot.payload)) {
      const size = packet.end(Slot.payload) - packet.start(Slot.payload)
      parts.push(size > 20 ? `${size} B` : `"${text(Slot.payload)}"`)
    }
    if (packet.malformed) parts.push('malformed')
    for (const finding of findingsOf(record)) parts.push(`!${finding.id}`)
    this.lines.push(parts.join(' '))
  }

  gap(_connection: unknown, _side: unknown, size: number): void {
    this.lines.push(`gap ${size}`)
  }

  skipped(_connection: unknown, _side: unknown, size: number): void {
    this.lines.push(`skipped ${size}`)
  }

  damage(): void {}
}

type Step = readonly ['c' | 's', string]

/** A capture of one connection; each step is one segment. `drop`, `swap`: of the data segments, from 0. */
function capture(steps: readonly Step[], edit: (frames: Uint8Array[]) => Uint8Array[] = frames => frames): Uint8Array {
  const frames: Uint8Array[] = []
  const stream = new Connection(frames, 4, 40_000, 1000)
  for (const [from, data] of steps) stream.send(from === 'c', fromHex(data))
  return pcapOf(edit(frames))
}

const HANDSHAKE = 3

function linesOf(bytes: Uint8Array): readonly string[] {
  const sink = new Lines()
  const pipeline = new Pipeline(sink)
  pipeline.push(bytes)
  pipeline.end()
  return sink.lines
}

const told = (...steps: readonly Step[]): readonly string[] => linesOf(capture(steps))

const CONNECT4 = '10 0d 0004 4d515454 04 02 003c 0001 63'
const CONNECT5 = '10 0e 0004 4d515454 05 02 003c 00 0001 63'
const CONNACK4 = '20 02 0000'
/** Topic Alias Maximum 10. */
const CONNACK5 = '20 06 0000 03 22 000a'
const text = (value: string): string =>
  [...new TextEncoder().encode(value)].map(b => b.toString(16).padStart(2, '0')).join('')
const field = (value: string): string => value.length.toString(16).padStart(4, '0') + text(value)
const sized = (first: string, body: string): string => {
  const size = fromHex(body).length
  const length =
    size < 128
      ? size.toString(16).padStart(2, '0')
      : ((size % 128) | 128).toString(16) + (size >> 7).toString(16).padStart(2, '0')
  return first + length + body
}
const publish4 = (topic: string, payload: string): string => sized('30', field(topic) + text(payload))
const publish5 = (topic: string, alias: number, payload: string): string =>
  sized('30', `${field(topic)}0323${alias.toString(16).padStart(4, '0')}${text(payload)}`)

const OPEN4 = [
  ['c', CONNECT4],
  ['s', CONNACK4],
] as const satisfies readonly Step[]
const OPEN5 = [
  ['c', CONNECT5],
  ['s', CONNACK5],
] as const satisfies readonly Step[]
const OPENED4 = ['→ CONNECT v4', '← CONNACK v4 code=0']
const OPENED5 = ['→ CONNECT v5', '← CONNACK v5 code=0']

describe('what Wireshark gets wrong', () => {
  test('W1: each direction has its own topic aliases', () => {
    const lines = told(
      ...OPEN5,
      ['c', publish5('c2s/a', 1, '1')],
      ['s', publish5('s2c/b', 1, '2')],
      ['c', publish5('', 1, '3')],
      ['s', publish5('', 1, '4')],
    )
    expect(lines).toEqual([
      ...OPENED5,
      '→ PUBLISH v5 c2s/a "1"',
      '← PUBLISH v5 s2c/b "2"',
      '→ PUBLISH v5 ⟨c2s/a⟩ "3"',
      '← PUBLISH v5 ⟨s2c/b⟩ "4"',
    ])
  })

  test('W2: an alias means what was said last before the packet, not what is said later', () => {
    const lines = told(
      ...OPEN5,
      ['c', publish5('first', 1, '1')],
      ['c', publish5('', 1, '2')],
      ['c', publish5('second', 1, '3')],
      ['c', publish5('', 1, '4')],
    )
    expect(lines.slice(2)).toEqual([
      '→ PUBLISH v5 first "1"',
      '→ PUBLISH v5 ⟨first⟩ "2"',
      '→ PUBLISH v5 second "3"',
      '→ PUBLISH v5 ⟨second⟩ "4"',
    ])
  })

  test('an alias nobody set: a fault in a whole connection, nobody’s fault in mid-stream', () => {
    expect(told(...OPEN5, ['c', publish5('', 7, 'x')]).at(-1)).toBe('→ PUBLISH v5 "x" !MQTT-3.3.2-7')
    const steps: readonly Step[] = [...OPEN5, ['c', publish5('', 7, 'x')], ['c', 'c000']]
    const lines = linesOf(capture(steps, frames => frames.slice(HANDSHAKE + 2)))
    expect(lines[0]).toBe('→ PUBLISH v5 "x" !alias.unknown')
  })

  test('W3: the length bytes of a packet in two segments', () => {
    const packet = publish4('a', 'x'.repeat(200)).replaceAll(' ', '')
    expect(told(...OPEN4, ['c', packet.slice(0, 4)], ['c', packet.slice(4)], ['c', publish4('b', 'y')])).toEqual([
      ...OPENED4,
      '→ PUBLISH v4 a 200 B',
      '→ PUBLISH v4 b "y"',
    ])
  })

  test('W4: a length of five bytes is malformed, and the next segment is read again', () => {
    const lines = told(...OPEN4, ['c', '30 8080808001 00016178'], ['c', publish4('b', 'y')])
    expect(lines.filter(line => !line.startsWith('skipped'))).toEqual([
      ...OPENED4,
      '→ PUBLISH v4 malformed !malformed.length',
      '→ PUBLISH v4 b "y"',
    ])
  })

  test('W5: segments out of order', () => {
    const steps: readonly Step[] = [
      ...OPEN4,
      ['c', publish4('a', 'one')],
      ['c', publish4('a', 'two')],
      ['c', publish4('a', 'tri')],
    ]
    const swapped = (frames: Uint8Array[]): Uint8Array[] => {
      const [one, two, ...rest] = frames.slice(HANDSHAKE + 2)
      return [...frames.slice(0, HANDSHAKE + 2), two, one, ...rest].filter(frame => frame !== undefined)
    }
    expect(linesOf(capture(steps, swapped))).toEqual([
      ...OPENED4,
      '→ PUBLISH v4 a "one"',
      '→ PUBLISH v4 a "two"',
      '→ PUBLISH v4 a "tri"',
    ])
  })

  test('W6: a capture that begins inside a packet', () => {
    const large = publish4('big', '@ 0123456789 '.repeat(300)).replaceAll(' ', '')
    const steps: readonly Step[] = [
      ...OPEN4,
      ['c', large.slice(0, 2000)],
      ['c', large.slice(2000)],
      ['c', publish4('a', 'tri')],
      ['c', 'c000'],
    ]
    const lines = linesOf(capture(steps, frames => frames.slice(HANDSHAKE + 3)))
    const size = large.length / 2 - 1000
    expect(lines).toEqual([`skipped ${size}`, '→ PUBLISH v4 a "tri"', '→ PINGREQ v4'])
  })

  test('W7: 5.0 without CONNECT: the version is in the bytes', () => {
    const steps: readonly Step[] = [
      ...OPEN5,
      ['c', sized('30', `${field('t')}00${text('21.5')}`)],
      ['c', sized('82', `000100${field('a/#')}01`)],
      ['s', '90 04 0001 00 01'],
      ['s', sized('32', `${field('a/b')}0007050200000010${text('hi')}`)],
      ['c', '40 03 0007 10'],
    ]
    expect(linesOf(capture(steps, frames => frames.slice(HANDSHAKE + 2)))).toEqual([
      '→ PUBLISH v5 t "21.5"',
      '→ SUBSCRIBE v5 id=1 a/#',
      '← SUBACK v5 id=1 code=1',
      '← PUBLISH v5 id=7 a/b "hi"',
      '→ PUBACK v5 id=7 code=16',
    ])
  })

  test('W7: 3.1.1 without CONNECT', () => {
    const steps: readonly Step[] = [
      ...OPEN4,
      ['c', publish4('t', '21.5')],
      ['c', sized('82', `0001${field('a/#')}01`)],
      ['s', '90 03 0001 01'],
    ]
    expect(linesOf(capture(steps, frames => frames.slice(HANDSHAKE + 2)))).toEqual([
      '→ PUBLISH v4 t "21.5"',
      '→ SUBSCRIBE v4 id=1 a/#',
      '← SUBACK v4 id=1 code=1',
    ])
  })

  test('W8: a bridge sets the top bit of the level', () => {
    const lines = told(
      ['c', '10 0d 0004 4d515454 84 02 003c 0001 63'],
      ['s', CONNACK4],
      ['c', sized('82', `0001${field('a')}01`)],
      ['s', '90 03 0001 01'],
    )
    expect(lines).toEqual([
      '→ CONNECT v4 !connect.bridge',
      '← CONNACK v4 code=0',
      '→ SUBSCRIBE v4 id=1 a',
      '← SUBACK v4 id=1 code=1',
    ])
  })

  test('W9: what a packet alone shows to be wrong', () => {
    const wrong: readonly (readonly [string, string])[] = [
      [sized('30', `${field('a/#')}78`), 'MQTT-3.3.2-2'],
      [sized('36', `${field('a')}000178`), 'MQTT-3.3.1-4'],
      [sized('32', `${field('a')}000078`), 'MQTT-2.3.1-1'],
      [sized('80', `0001${field('a')}00`), 'MQTT-3.8.1-1'],
      ['82 02 0001', 'MQTT-3.8.3-3'],
      [sized('82', `0001${field('a/#/b')}00`), 'MQTT-4.7.1-2'],
      [sized('82', `0001${field('a')}03`), 'MQTT-3-8.3-4'],
      [sized('38', `${field('a')}78`), 'MQTT-3.3.1-2'],
      [sized('30', '0002c080'), 'MQTT-1.5.3-1'],
      [sized('30', '0003610062'), 'MQTT-1.5.3-2'],
      ['c0 01 00', 'malformed.trailing'],
      ['00 00', 'malformed.type'],
    ]
    for (const [packet, id] of wrong) expect(told(...OPEN4, ['c', packet]).at(-1), packet).toContain(`!${id}`)
    expect(told(...OPEN4, ['s', '90 03 0001 7f']).at(-1)).toContain('!MQTT-3.9.3-2')
    expect(told(['c', '10 0d 0004 4d515454 04 03 003c 0001 63']).at(-1)).toContain('!MQTT-3.1.2-3')
  })

  test('W10: a PUBACK with two bytes too many', () => {
    expect(told(...OPEN4, ['s', '40 04 0001 0000']).at(-1)).toBe('← PUBACK v4 id=1 malformed !malformed.trailing')
  })

  test('W11: codes that Wireshark does not know', () => {
    expect(told(['c', CONNECT5], ['s', '20 03 00 99 00']).at(-1)).toBe('← CONNACK v5 code=153')
    expect(told(...OPEN5, ['s', 'b0 04 0001 00 80']).at(-1)).toBe('← UNSUBACK v5 id=1 code=128')
  })

  test('W12: a broker that takes 5.0 and answers as 3.1.1', () => {
    const lines = told(
      ['c', CONNECT5],
      ['s', CONNACK4],
      ['c', sized('82', `000100${field('a')}01`)],
      ['s', '90 03 0001 01'],
      ['s', publish4('a', '{"v":1}')],
      ['c', sized('30', `${field('b')}00${text('x')}`)],
    )
    expect(lines).toEqual([
      '→ CONNECT v5',
      '← CONNACK v4 code=0',
      '→ SUBSCRIBE v5 id=1 a',
      '← SUBACK v4 id=1 code=1',
      '← PUBLISH v4 a "{"v":1}"',
      '→ PUBLISH v5 b "x"',
    ])
  })

  test('W13: several packets of a segment are records of their own', () => {
    expect(told(...OPEN4, ['c', publish4('one', '1') + publish4('two', '2')]).slice(2)).toEqual([
      '→ PUBLISH v4 one "1"',
      '→ PUBLISH v4 two "2"',
    ])
  })
})
