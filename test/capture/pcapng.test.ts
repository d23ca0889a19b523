import { describe, expect, test } from 'vitest'
import { fromHex, hex } from '../../src/base/bytes.ts'
import { DamageCode } from '../../src/capture/reader.ts'
import {
  BIG,
  block,
  codes,
  concat,
  content,
  custom,
  endOfOptions,
  enhanced,
  header,
  interfaceBlock,
  LITTLE,
  names,
  type Order,
  oldPacket,
  option,
  type PacketParts,
  type Reading,
  read,
  readCut,
  resolution,
  secrets,
  section,
  sevenBlocks,
  sevenRecords,
  simple,
  sizes,
  statistics,
  text,
  times,
} from '../support/capture.ts'

const orders: readonly [string, Order][] = [
  ['little-endian', LITTLE],
  ['big-endian', BIG],
]

const ALL = [60, 61, 62, 63, 64, 65, 66]

/** A section with one interface, and seven packets in which something replaces or precedes the second. */
const withSecond = (order: Order, second: Uint8Array, replace: boolean): Reading => {
  const blocks = sevenBlocks(order)
  blocks.splice(1, replace ? 1 : 0, second)
  return read(section(order), interfaceBlock(order), ...blocks)
}

describe('hex by hand', () => {
  const file = `
    0a0d0d0a 1c000000 4d3c2b1a 0100 0000 ffffffffffffffff 1c000000
    01000000 20000000 7100 0000 00000400 0900 0100 09000000 0000 0000 20000000
    06000000 24000000 00000000 97bb9e17 15cd0b2f 04000000 dc050000 cafebabe 24000000`

  test('a little-endian file of one frame', () => {
    const { frames, damages, reader } = read(fromHex(file))
    expect(damages).toEqual([])
    expect(reader.interfaces).toEqual([{ link: 0x71, snaplen: 0x40000, timeDigits: 9 }])
    expect(frames).toMatchObject([{ number: 1, link: 0x71, timeDigits: 9, wireSize: 1500, position: 88, port: 0 }])
    // 0x179ebb97_2f0bcd15 ns
    const time = 0x179ebb972f0bcd15n
    expect(BigInt(frames[0]?.seconds ?? 0) * 1_000_000_000n + BigInt(frames[0]?.nanos ?? 0)).toBe(time)
    expect(hex(frames[0]?.bytes ?? new Uint8Array(0))).toBe('cafebabe')
  })
})

describe('F11 byte orders', () => {
  for (const [name, order] of orders) {
    test(name, () => {
      const reading = read(section(order), interfaceBlock(order), ...sevenBlocks(order))
      expect(reading.damages).toEqual([])
      expect(sizes(reading)).toEqual(ALL)
      expect(times(reading)[6]).toBe('1700000000.006000000')
      expect(reading.frames[3]?.bytes).toEqual(content(63, 3))
    })
  }

  test('both in one file', () => {
    const reading = read(
      ...[LITTLE, BIG].flatMap(order => [section(order), interfaceBlock(order), ...sevenBlocks(order)]),
    )
    expect(reading.damages).toEqual([])
    expect(sizes(reading)).toEqual([...ALL, ...ALL])
    expect(reading.frames.map(frame => frame.port)).toEqual([...Array(7).fill(0), ...Array(7).fill(1)])
  })

  test('a pcap file behind it, and before it', () => {
    const ng = concat(section(BIG), interfaceBlock(BIG), ...sevenBlocks(BIG))
    const old = concat(header(LITTLE), ...sevenRecords(LITTLE))
    for (const parts of [
      [ng, old],
      [old, ng],
      [old, ng, old, ng],
    ]) {
      const reading = read(...parts)
      expect(reading.damages).toEqual([])
      expect(reading.frames).toHaveLength(7 * parts.length)
    }
  })
})

test('F12 two interfaces with their own resolution, link type and snap length', () => {
  for (const [, order] of orders) {
    const nanos = concat(option(order, 2, text('eth1')), resolution(order, 9), endOfOptions(order))
    const reading = read(
      section(order),
      interfaceBlock(order, { link: 1, snaplen: 96 }),
      interfaceBlock(order, { link: 113, snaplen: 0, options: nanos }),
      enhanced(order, { port: 1, time: 1_700_000_000_123_456_789n }),
      enhanced(order, { port: 0, time: 1_700_000_000_123_456n }),
      enhanced(order, { port: 1, time: 1_700_000_001_999_999_999n }),
    )
    expect(reading.damages).toEqual([])
    expect(reading.reader.interfaces).toEqual([
      { link: 1, snaplen: 96, timeDigits: 6 },
      { link: 113, snaplen: 0, timeDigits: 9, name: 'eth1' },
    ])
    expect(times(reading)).toEqual(['1700000000.123456789', '1700000000.123456000', '1700000001.999999999'])
    expect(reading.frames.map(frame => frame.link)).toEqual([113, 1, 113])
    expect(reading.frames.map(frame => frame.timeDigits)).toEqual([9, 6, 9])
  }
})

describe('F13 simple packet blocks', () => {
  test('have no time', () => {
    const reading = read(section(LITTLE), interfaceBlock(LITTLE), ...Array(7).fill(simple(LITTLE, content(61))))
    expect(reading.damages).toEqual([])
    expect(reading.frames).toHaveLength(7)
    expect(reading.frames.every(frame => Number.isNaN(frame.seconds) && frame.nanos === 0)).toBe(true)
    expect(reading.frames[0]).toMatchObject({ wireSize: 61, end: 61, link: 1 })
  })

  test('are cut by the snap length of the first interface', () => {
    const parts = [section(BIG), interfaceBlock(BIG, { snaplen: 64 }), interfaceBlock(BIG, { snaplen: 10 })]
    const reading = read(...parts, simple(BIG, content(64), 1500), simple(BIG, content(33)))
    expect(reading.damages).toEqual([])
    expect(reading.frames).toMatchObject([
      { end: 64, wireSize: 1500 },
      { end: 33, wireSize: 33 },
    ])
  })

  test('longer than their block are skipped', () => {
    const reading = read(section(BIG), interfaceBlock(BIG), simple(BIG, content(64), 1500), simple(BIG, content(8)))
    expect(sizes(reading)).toEqual([8])
    expect(codes(reading)).toEqual([DamageCode.BadRecord])
  })

  test('without an interface keep their bytes', () => {
    const reading = read(section(BIG), simple(BIG, content(8)))
    expect(reading.frames).toMatchObject([{ link: -1, port: -1, end: 8 }])
    expect(codes(reading)).toEqual([DamageCode.UnknownInterface])
  })
})

describe('F14 blocks without frames', () => {
  const drops = (order: Order, code: number, count: bigint): Uint8Array => option(order, code, order.n64(count))

  test('are passed over by their length, and counted', () => {
    for (const [, order] of orders) {
      const blocks = sevenBlocks(order)
      blocks.splice(5, 0, block(order, 0x77, content(8)), block(order, 0x80000001, content(4)))
      blocks.splice(3, 0, custom(order, true, text('all yours')), custom(order, false, text('mine')))
      blocks.splice(1, 0, names(order), secrets(order, 'CLIENT_RANDOM 00 11\n'), statistics(order, 0))
      const reading = read(section(order), interfaceBlock(order), ...blocks)
      expect(reading.damages).toEqual([])
      expect(sizes(reading)).toEqual(ALL)
      expect([...reading.reader.blocks].map(([type, tally]) => [type, tally.blocks])).toEqual([
        [4, 1],
        [10, 1],
        [5, 1],
        [0x0bad, 1],
        [0x40000bad, 1],
        [0x77, 1],
        [0x80000001, 1],
      ])
      expect(reading.reader.blocks.get(0x77)).toEqual({ blocks: 1, bytes: 20 })
    }
  })

  test('more types than are kept apart are counted together', () => {
    const blocks = Array.from({ length: 100 }, (_, index) => block(LITTLE, 1000 + index, []))
    const { blocks: tallies } = read(section(LITTLE), ...blocks).reader
    expect(tallies.size).toBe(65)
    expect(tallies.get(-1)).toEqual({ blocks: 36, bytes: 36 * 12 })
  })

  test('secrets stand in no message and no count', () => {
    const broken = secrets(LITTLE, 'CLIENT_RANDOM 5ec2e7\n')
    broken[8] = 0xff
    const reading = read(section(LITTLE), broken, enhanced(LITTLE), broken.subarray(0, 20))
    expect(JSON.stringify(reading.damages)).not.toMatch(/CLIENT|5ec2e7/)
  })

  test('drops are told once: a later block of the same interface holds the earlier ones', () => {
    for (const [, order] of orders) {
      const reading = read(
        section(order),
        interfaceBlock(order),
        interfaceBlock(order),
        statistics(order, 0, drops(order, 5, 10n)),
        statistics(order, 1, concat(drops(order, 5, 3n), drops(order, 7, 4n), endOfOptions(order))),
        statistics(order, 0, drops(order, 5, 10n)),
        statistics(order, 0, drops(order, 5, 12n)),
        statistics(order, 0, drops(order, 5, 1n)),
        statistics(order, 1, drops(order, 5, 0xffffffffffffffffn)),
        statistics(order, 9, drops(order, 5, 99n)),
      )
      expect(reading.damages).toEqual([])
      expect(reading.lost).toEqual([10, 7, 2])
      expect(reading.reader.lost).toBe(19)
    }
  })
})

describe('F15 block lengths that cannot be', () => {
  for (const [name, order] of orders) {
    for (const head of [0, 4, 8, 33, 0xfffffff0, 0x7ffffffc, 0x04000004]) {
      test(`${head}, ${name}`, () => {
        const reading = withSecond(order, enhanced(order, { head, tail: head }), false)
        expect(sizes(reading)).toEqual(ALL)
        expect(reading.damages).toMatchObject([{ code: DamageCode.Skipped, size: 92 }])
      })
    }
  }

  test('a length that runs over the end: found again inside', () => {
    const reading = withSecond(LITTLE, enhanced(LITTLE, { head: 1_000_000, tail: 1_000_000 }), false)
    expect(sizes(reading)).toEqual(ALL)
    expect(reading.damages).toMatchObject([{ code: DamageCode.Skipped, size: 92 }])
  })

  test('garbage that is no multiple of four', () => {
    for (const size of [1, 2, 3, 20, 21]) expect(sizes(withSecond(BIG, content(size, 3), false))).toEqual(ALL)
  })

  test('zeros, as a disk leaves them', () => {
    const reading = withSecond(LITTLE, new Uint8Array(8192), false)
    expect(sizes(reading)).toEqual(ALL)
    expect(reading.damages).toMatchObject([{ code: DamageCode.Skipped, size: 8192 }])
  })

  test('in the section header: nothing can be read until the next one', () => {
    const bad = section(LITTLE, { head: 30 })
    const good = concat(section(BIG), interfaceBlock(BIG), ...sevenBlocks(BIG))
    const lost = concat(interfaceBlock(LITTLE), ...sevenBlocks(LITTLE))
    const reading = read(bad, lost, good)
    expect(sizes(reading)).toEqual(ALL)
    expect(reading.damages).toMatchObject([{ code: DamageCode.Skipped, at: 0, size: 28 + lost.length }])
  })
})

describe('F16 lengths that contradict each other', () => {
  for (const [name, order] of orders) {
    test(`trailer, ${name}`, () => {
      const reading = withSecond(order, enhanced(order, { tail: 100, data: content(61) }), true)
      expect(sizes(reading)).toEqual([60, 62, 63, 64, 65, 66])
      expect(reading.damages).toMatchObject([{ code: DamageCode.BadRecord, at: 28 + 20 + 92, size: 96 }])
    })

    test(`captured size beyond the block, ${name}`, () => {
      for (const size of [65, 1000, 0xffffffff]) {
        const reading = withSecond(order, enhanced(order, { size, data: content(61) }), true)
        expect(sizes(reading)).toEqual([60, 62, 63, 64, 65, 66])
        expect(reading.damages).toMatchObject([{ code: DamageCode.BadRecord, size: 96 }])
      }
    })
  }

  test('trailer of the last block', () => {
    const blocks = sevenBlocks(LITTLE)
    blocks[6] = enhanced(LITTLE, { tail: 0 })
    const reading = read(section(LITTLE), interfaceBlock(LITTLE), ...blocks)
    expect(reading.frames).toHaveLength(6)
    expect(codes(reading)).toEqual([DamageCode.BadRecord])
  })

  test('the length in front is short: its rest is searched', () => {
    const reading = withSecond(LITTLE, enhanced(LITTLE, { head: 40, data: content(61) }), true)
    expect(sizes(reading)).toEqual([60, 62, 63, 64, 65, 66])
    expect(codes(reading)).toEqual([DamageCode.Skipped])
  })

  test('blocks too short for what they are', () => {
    const short = [1, 2, 3, 5, 6].map(type => block(LITTLE, type, []))
    const reading = read(section(LITTLE), interfaceBlock(LITTLE), ...short, ...sevenBlocks(LITTLE))
    expect(sizes(reading)).toEqual(ALL)
    expect(codes(reading)).toEqual(Array(5).fill(DamageCode.BadRecord))
  })

  test('more captured than on the wire is kept', () => {
    const reading = withSecond(BIG, enhanced(BIG, { wire: 20, data: content(61) }), true)
    expect(sizes(reading)).toEqual(ALL)
    expect(codes(reading)).toEqual([DamageCode.LongerThanWire])
  })
})

describe('F17 resolutions', () => {
  const at = (value: number, time: bigint, more: Uint8Array = new Uint8Array(0)): Reading =>
    read(
      section(LITTLE),
      interfaceBlock(LITTLE, { options: concat(resolution(LITTLE, value), more) }),
      enhanced(LITTLE, { time }),
    )

  const table: readonly [number, bigint, string, number][] = [
    [0, 1_700_000_000n, '1700000000.000000000', 0],
    [3, 1_700_000_000_123n, '1700000000.123000000', 3],
    [6, 1_700_000_000_123_456n, '1700000000.123456000', 6],
    [7, 17_000_000_001_234_567n, '1700000000.123456700', 7],
    [9, 1_700_000_000_123_456_789n, '1700000000.123456789', 9],
    [9, 0xffffffffffffffffn, '18446744073.709551615', 9],
    [6, 0xffffffffffffffffn, '18446744073709.551615000', 6],
    [12, 1_700_000_123_456_789_999n, '1700000.123456789', 9],
    [0x8a, 1_700_000_000n * 1024n + 1n, '1700000000.000976562', 9],
    [0x8a, 1_700_000_000n * 1024n + 512n, '1700000000.500000000', 9],
    [0x80, 1_700_000_000n, '1700000000.000000000', 0],
    [0xa0, (1_700_000_000n << 32n) + 1n, '1700000000.000000000', 9],
    [0xbf, 0x8000000000000000n, '1.000000000', 9],
  ]
  for (const [value, time, expected, digits] of table) {
    test(`0x${value.toString(16)}: ${expected}`, () => {
      const reading = at(value, time)
      expect(reading.damages).toEqual([])
      expect(times(reading)).toEqual([expected])
      expect(reading.frames[0]?.timeDigits).toBe(digits)
    })
  }

  for (const value of [0x40, 0xff, 0x7f, 20, 0xc0]) {
    test(`0x${value.toString(16)} is impossible: microseconds, and flagged`, () => {
      const reading = at(value, 1_700_000_000_000_001n)
      expect(codes(reading)).toEqual([DamageCode.BadResolution])
      expect(times(reading)).toEqual(['1700000000.000001000'])
    })
  }

  test('an offset in seconds, before and after', () => {
    const offset = (seconds: bigint): Uint8Array => option(LITTLE, 14, LITTLE.n64(BigInt.asUintN(64, seconds)))
    expect(times(at(6, 5_000_001n, offset(1_700_000_000n)))).toEqual(['1700000005.000001000'])
    expect(times(at(6, 5_000_001n, offset(-3n)))).toEqual(['2.000001000'])
    expect(times(at(0x8a, 1n, offset(-3n)))).toEqual(['-3.000976562'])
  })
})

describe('F18 interfaces that are not described', () => {
  test('interface 9 of 1', () => {
    const reading = withSecond(LITTLE, enhanced(LITTLE, { port: 9, data: content(61) }), true)
    expect(sizes(reading)).toEqual(ALL)
    expect(reading.frames[1]).toMatchObject({ link: -1, port: -1, seconds: 1_700_000_000 })
    expect(reading.frames[2]).toMatchObject({ link: 1, port: 0 })
    expect(codes(reading)).toEqual([DamageCode.UnknownInterface])
  })

  test('a packet before its interface', () => {
    const reading = read(section(LITTLE), enhanced(LITTLE), interfaceBlock(LITTLE), ...sevenBlocks(LITTLE))
    expect(reading.frames.map(frame => frame.link)).toEqual([-1, ...Array(7).fill(1)])
  })

  test('interfaces of another section do not count', () => {
    const reading = read(section(LITTLE), interfaceBlock(LITTLE), section(LITTLE), ...sevenBlocks(LITTLE))
    expect(reading.frames.every(frame => frame.link === -1)).toBe(true)
  })

  test('a description too short to read keeps its number', () => {
    const parts = [section(LITTLE), block(LITTLE, 1, [0, 0, 0, 0]), interfaceBlock(LITTLE, { link: 113 })]
    const reading = read(...parts, enhanced(LITTLE, { port: 0 }), enhanced(LITTLE, { port: 1 }))
    expect(reading.frames.map(frame => frame.link)).toEqual([-1, 113])
  })

  test('more than are kept', () => {
    const many = Array(65_537).fill(interfaceBlock(LITTLE))
    const parts = [section(LITTLE), ...many, enhanced(LITTLE, { port: 65_536 }), enhanced(LITTLE, { port: 65_535 })]
    const reading = readCut(concat(...parts), [65_536])
    expect(reading.reader.interfaces).toHaveLength(65_536)
    expect(reading.frames.map(frame => frame.link)).toEqual([-1, 1])
    expect(codes(reading)).toEqual([DamageCode.TooManyInterfaces, DamageCode.UnknownInterface])
  })
})

describe('F19 options', () => {
  test('one that runs over its block', () => {
    for (const [, order] of orders) {
      const overrun = concat(order.n16(9), order.n16(0xffff), [9, 0, 0, 0])
      const blocks = sevenBlocks(order).map((_, index) =>
        enhanced(order, { data: content(60 + index), options: overrun }),
      )
      const reading = read(section(order), interfaceBlock(order, { options: overrun }), ...blocks)
      expect(sizes(reading)).toEqual(ALL)
      expect(codes(reading)).toEqual([DamageCode.BadOption])
    }
  })

  test('without an end', () => {
    const options = concat(option(LITTLE, 2, text('lo')), resolution(LITTLE, 9))
    const reading = read(section(LITTLE), interfaceBlock(LITTLE, { options }), enhanced(LITTLE, { options }))
    expect(reading.damages).toEqual([])
    expect(reading.reader.interfaces).toMatchObject([{ name: 'lo', timeDigits: 9 }])
  })

  test('behind the end they do not count', () => {
    const options = concat(endOfOptions(LITTLE), resolution(LITTLE, 9))
    expect(read(section(LITTLE), interfaceBlock(LITTLE, { options })).reader.interfaces).toMatchObject([
      { timeDigits: 6 },
    ])
  })

  test('a name that is too long is cut; one that is no UTF-8 is no error', () => {
    const options = (name: Uint8Array): Uint8Array => option(LITTLE, 2, name)
    const long = read(section(LITTLE), interfaceBlock(LITTLE, { options: options(content(5000).fill(0x61)) }))
    expect(long.reader.interfaces[0]?.name).toHaveLength(256)
    const odd = read(section(LITTLE), interfaceBlock(LITTLE, { options: options(Uint8Array.from([0xff, 0x41])) }))
    expect(odd.reader.interfaces[0]?.name).toBe('\ufffdA')
  })
})

describe('F20 section headers', () => {
  test('version 2.0 is refused', () => {
    const reading = read(section(LITTLE, { major: 2 }), interfaceBlock(LITTLE), ...sevenBlocks(LITTLE))
    expect(reading.frames).toEqual([])
    expect(codes(reading)).toEqual([DamageCode.UnsupportedVersion])
    expect(reading.damages[0]?.message).toMatch(/^pcapng version 2\.0 is not known/)
  })

  test('a section of a known version behind it is read', () => {
    const reading = read(
      ...[section(LITTLE, { major: 2 }), interfaceBlock(LITTLE), ...sevenBlocks(LITTLE)],
      ...[section(LITTLE), interfaceBlock(LITTLE), ...sevenBlocks(LITTLE)],
    )
    expect(sizes(reading)).toEqual(ALL)
    expect(codes(reading)).toEqual([DamageCode.UnsupportedVersion])
  })

  test('minor versions and section lengths do not matter', () => {
    for (const size of [0n, 4n, 12345n, 0x7fffffffffffffffn]) {
      const reading = read(section(BIG, { size, minor: 2 }), interfaceBlock(BIG), ...sevenBlocks(BIG))
      expect(reading.damages).toEqual([])
      expect(sizes(reading)).toEqual(ALL)
    }
  })

  test('no byte order', () => {
    const bad = section(LITTLE)
    bad[8] = 0
    const reading = read(bad, interfaceBlock(LITTLE), ...sevenBlocks(LITTLE))
    expect(reading.frames).toEqual([])
    expect(reading.damages).toHaveLength(1)
  })
})

test('F21 cut five bytes before the end', () => {
  for (const [, order] of orders) {
    const capture = concat(section(order), interfaceBlock(order), ...sevenBlocks(order))
    for (const missing of [1, 4, 5, 60, 90, 99]) {
      const reading = read(capture.subarray(0, capture.length - missing))
      expect(sizes(reading)).toEqual(ALL.slice(0, 6))
      expect(reading.damages).toMatchObject([{ code: DamageCode.TruncatedTail, size: 100 - missing }])
    }
  }
})

describe('obsolete packet blocks', () => {
  for (const [name, order] of orders) {
    test(name, () => {
      const parts: PacketParts = { time: 1_700_000_000_000_007n, data: content(61), wire: 99 }
      const reading = read(
        section(order),
        interfaceBlock(order),
        oldPacket(order, parts, 3),
        oldPacket(order, { port: 5 }),
      )
      expect(reading.frames).toMatchObject([
        { link: 1, nanos: 7000, end: 61, wireSize: 99 },
        { link: -1, end: 60 },
      ])
      expect(reading.lost).toEqual([])
    })
  }
})
