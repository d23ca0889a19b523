/** What a connection speaks. */
import { describe, expect, test } from 'vitest'
import { fromHex } from '../../src/base/bytes.ts'
import { Dialect, evidence } from '../../src/mqtt/dialect.ts'
import { Budget, Framer } from '../../src/mqtt/framer.ts'
import type { RawPacket } from '../../src/mqtt/raw.ts'
import { effort } from '../support/effort.ts'
import { Random } from '../support/random.ts'
import { anyTraffic, Feeder, join, publish } from '../support/traffic.ts'

/** Packets by hand: `>` comes from the client, `<` from the server, `?` from nobody knows whom; gives the version of each. */
function versions(dialect: Dialect, ...packets: readonly string[]): readonly number[] {
  return packets.flatMap(packet => [
    ...read(fromHex(packet.slice(1)), raw => dialect.versionOf(raw, packet[0] === '?' ? undefined : packet[0] === '>')),
  ])
}

/** Alone, and between other bytes in several runs. */
function read<T>(bytes: Uint8Array, each: (raw: RawPacket) => T): readonly T[] {
  const results: T[] = []
  const framer = new Framer({ packet: raw => results.push(each(raw)), skipped() {}, gap() {} }, new Budget(), false)
  new Feeder(framer).run(join(Uint8Array.of(1, 2, 3), bytes, Uint8Array.of(4)), 3, 3 + bytes.length)
  framer.end('fin')
  return results
}

const CONNECT_31 = '>100e 0006 4d5149736470 03 02 003c 0000'
const CONNECT_311 = '>100c 0004 4d515454 04 02 003c 0000'
const CONNECT_5 = '>100d 0004 4d515454 05 02 003c 00 0000'

describe('by CONNECT', () => {
  test.each([
    [CONNECT_31, 3, 3, false],
    [CONNECT_311, 4, 4, false],
    [CONNECT_5, 5, 5, false],
    ['>100e 0006 4d5149736470 83 02 003c 0000', 3, 0x83, true],
    ['>100c 0004 4d515454 84 02 003c 0000', 4, 0x84, true],
    ['>100c 0004 4d515454 63 02 003c 0000', 0, 99, false],
    ['>100c 0004 4d515154 04 02 003c 0000', 4, 4, false],
  ])('%s', (connect, version, level, bridge) => {
    const dialect = new Dialect()
    expect(versions(dialect, connect, '<20020000', '>c000')).toEqual(
      version === 5 ? [5, 4, 5] : [version, version, version],
    )
    expect(dialect).toMatchObject({ version, level, bridge, from: 'connect' })
  })

  test('W8: a bridge of Mosquitto', () => {
    const dialect = new Dialect()
    expect(versions(dialect, '>100c 0004 4d515454 84 02 003c 0000', '<20020000', '<9003000101')).toEqual([4, 4, 4])
    expect(dialect.bridge).toBe(true)
  })

  test('M21: a second CONNECT counts from there on', () => {
    const dialect = new Dialect()
    expect(versions(dialect, CONNECT_5, '<20030000 00', '>c000', CONNECT_311, '<20020000', '>c000')).toEqual([
      5, 5, 5, 4, 4, 4,
    ])
  })

  test('W12: a broker that takes 5.0 and answers as 3.1.1', () => {
    const dialect = new Dialect()
    const packets = [
      CONNECT_5,
      '<20020000',
      '>8208 0001 00 0002 612f 00',
      '<9003 0001 00',
      '<3005 0001 61 6869',
      '>c000',
      '<d000',
    ]
    expect(versions(dialect, ...packets)).toEqual([5, 4, 5, 4, 4, 5, 4])
    expect(dialect).toMatchObject({ version: 5, hybrid: true })
    expect(versions(new Dialect(), CONNECT_5, '?20020000', '?9003 0001 00', '?3005 0001 61 6869')).toEqual([5, 4, 4, 5])
  })

  test('a malformed packet of 5.0 stays one of 5.0', () => {
    const dialect = new Dialect()
    expect(versions(dialect, CONNECT_5, '<20030000 00', '<3005 0001 61 6869', '<b0020001')).toEqual([5, 5, 5, 5])
    expect(dialect).toMatchObject({ version: 5, hybrid: false })
  })

  test('a CONNECT that is cut off before its level says nothing', () => {
    const dialect = new Dialect()
    expect(versions(dialect, '>100c 0004 4d51')).toEqual([0])
    expect(dialect.from).toBe('')
  })
})

describe('W7: without CONNECT, by the bytes', () => {
  test.each([
    ['text payload', '?3007 0001 61 68656c6c', 4],
    ['empty payload', '?3003 0001 61', 4],
    ['JSON', '?3009 0001 61 7b22613a317d', 4],
    ['payload that begins with a tab', '?3006 0001 61 096162', 4],
    ['no properties, then text', '?3009 0001 61 00 32312e3543', 5],
    ['no properties, then UTF-8', '?300b 0001 61 00 32312e35c2b043', 5],
    ['no properties, then short text', '?3006 0001 61 00 6f6e', 5],
    ['properties', '?3008 0001 61 03 230001 31', 5],
    ['topic alias without topic', '?3007 0000 03 230001 31', 5],
    ['a number, big-endian, small', '?3007 0001 61 00000005', 0],
    ['one byte: zero, or no properties', '?3004 0001 61 00', 0],
    ['CONNACK of 3.1.1', '?20020000', 4],
    ['CONNACK of 5.0', '?2003000000', 5],
    ['CONNACK of 5.0 with properties', '?2006000003 220014', 5],
    ['SUBSCRIBE of 3.1.1', '?8208 0001 0003 612f62 01', 4],
    ['SUBSCRIBE of 5.0', '?8209 0001 00 0003 612f62 01', 5],
    ['UNSUBSCRIBE of 3.1.1', '?a207 0001 0003 612f62', 4],
    ['UNSUBSCRIBE of 5.0', '?a208 0001 00 0003 612f62', 5],
    ['SUBACK of 3.1.1', '?9003 0001 01', 4],
    ['SUBACK with a code of 5.0', '?9004 0001 00 87', 5],
    ['SUBACK that can be both', '?9004 0001 00 01', 0],
    ['UNSUBACK of 3.1.1', '?b002 0001', 4],
    ['UNSUBACK of 5.0', '?b004 0001 00 11', 5],
    ['PUBACK that can be both', '?4002 0001', 0],
    ['PUBACK with a reason', '?4003 0001 10', 5],
    ['PINGREQ', '?c000', 0],
    ['DISCONNECT', '?e000', 0],
    ['DISCONNECT with a reason', '?e001 8e', 5],
    ['AUTH', '?f002 18 00', 5],
    ['nonsense', '?4103 0001 77', 0],
  ])('%s', (_, packet, version) => {
    const dialect = new Dialect()
    expect(versions(dialect, packet)).toEqual([version])
    expect(dialect.from).toBe(version === 0 ? '' : 'bytes')
  })

  test('hints add up, and a clear packet overrules them', () => {
    const dialect = new Dialect()
    expect(versions(dialect, '?3006 0001 61 00 0102', '?3006 0001 61 00 0102', '?4002 0001')).toEqual([0, 5, 5])
    expect(versions(dialect, '?3006 0001 61 3132 33', '?3006 0001 61 3132 33')).toEqual([4, 4])
  })

  test('it is the same for both directions, and a CONNECT ends the guessing', () => {
    const dialect = new Dialect()
    expect(versions(dialect, '<b0020001', '>3003 0001 61', CONNECT_5, '<2003000000')).toEqual([4, 4, 5, 5])
    expect(dialect.from).toBe('connect')
  })

  test('a payload of 3.1.1 that reads as properties once does no harm', () => {
    const dialect = new Dialect()
    const plain = '?3006 0001 61 3132 33'
    expect(versions(dialect, plain, plain, '?3006 0001 61 020100', plain)).toEqual([4, 4, 4, 4])
  })

  test('realistic streams, begun anywhere', () => {
    let wrong = 0
    for (let seed = 1; seed <= effort(100, 300); seed++) {
      const random = new Random(seed)
      const spoken = random.pick([4, 5] as const)
      const { bytes } = anyTraffic(random, 20, (some, _) =>
        publish(
          'home/t',
          some.chance(0.5) ? some.bytes(some.below(20)) : Uint8Array.of(0x32, 0x31, 0x2e, 0x35),
          some.below(2),
          1,
          spoken === 5 ? (some.chance(0.3) ? [0x23, 0, 7] : []) : undefined,
        ),
      )
      const dialect = new Dialect()
      const results = read(bytes, raw => dialect.versionOf(raw, undefined))
      if (results.at(-1) !== spoken) wrong++
    }
    expect(wrong).toBe(0)
  })
})

test('M28: who sends what', () => {
  const sender = (packet: string) => read(fromHex(packet), evidence)
  expect(sender('100c 0004 4d515454 04 02 003c 0000')).toEqual([true])
  expect(sender('c000')).toEqual([true])
  expect(sender('8208 0001 0003 612f62 01')).toEqual([true])
  expect(sender('d000')).toEqual([false])
  expect(sender('20020000')).toEqual([false])
  expect(sender('b0020001')).toEqual([false])
  expect(sender('40020001')).toEqual([undefined])
  expect(sender('e000')).toEqual([undefined])
})

test('a packet of which one byte came says nothing, whatever was read before it', () => {
  // Another connection leaves the place of its payload in the scratch that all connections share: here far behind.
  const body = `00c8 ${'61'.repeat(200)} 00 3132333435`
  versions(new Dialect(), `>30 d001 ${body}`)
  expect(versions(new Dialect(), '>30')).toEqual([0])
})
