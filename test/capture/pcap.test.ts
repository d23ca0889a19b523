import { describe, expect, test } from 'vitest'
import { fromHex, hex } from '../../src/base/bytes.ts'
import { DamageCode } from '../../src/capture/reader.ts'
import {
  BIG,
  codes,
  concat,
  content,
  header,
  KUZNETZOV,
  LITTLE,
  MICRO,
  NANO,
  type Order,
  read,
  readCut,
  record,
  sevenRecords,
  sizes,
  times,
} from '../support/capture.ts'

const garbage = fromHex('de ad be ef 55 aa 01 80 7f c3 91 f0 fe ee 0d 42 99 13 37 ff')

const orders: readonly [string, Order][] = [
  ['little-endian', LITTLE],
  ['big-endian', BIG],
]

describe('hex by hand', () => {
  const frame = '65 53 f1 00 00 01 e2 40 00 00 00 04 00 00 05 dc ca fe ba be'
  const head = 'a1 b2 c3 d4 00 02 00 04 00 00 00 00 00 00 00 00 00 04 00 00 00 00 00 01'

  test('a big-endian file of one frame', () => {
    const { frames, damages, reader } = read(fromHex(head + frame))
    expect(damages).toEqual([])
    expect(reader.interfaces).toEqual([{ link: 1, snaplen: 0x40000, timeDigits: 6 }])
    expect(frames).toHaveLength(1)
    const [one] = frames
    expect(one).toMatchObject({
      number: 1,
      link: 1,
      seconds: 0x6553f100,
      nanos: 123_456_000,
      wireSize: 1500,
      position: 40,
    })
    expect(hex(one?.bytes ?? new Uint8Array(0))).toBe('cafebabe')
  })

  test('the frame bytes of a whole chunk are the chunk', () => {
    const chunk = fromHex(head + frame + frame)
    expect(read(chunk).frames.map(one => one.position)).toEqual([40, 60])
  })
})

describe('F01 four magics', () => {
  for (const [name, order] of orders) {
    test(`${name}, microseconds`, () => {
      const reading = read(header(order), ...sevenRecords(order))
      expect(reading.damages).toEqual([])
      expect(sizes(reading)).toEqual([60, 61, 62, 63, 64, 65, 66])
      expect(times(reading)[6]).toBe('1700000000.006000000')
      expect(reading.frames[3]?.bytes).toEqual(content(63, 3))
      expect(reading.frames.every(frame => frame.timeDigits === 6)).toBe(true)
    })

    test(`${name}, nanoseconds`, () => {
      const reading = read(header(order, { magic: NANO }), record(order, { fraction: 999_999_999 }))
      expect(reading.damages).toEqual([])
      expect(times(reading)).toEqual(['1700000000.999999999'])
      expect(reading.frames[0]?.timeDigits).toBe(9)
    })
  }

  test('seconds beyond 2038', () => {
    expect(times(read(header(LITTLE), record(LITTLE, { seconds: 0xffffffff })))).toEqual(['4294967295.000000000'])
  })

  test('the upper half of the link type is the frame check sequence, not the type', () => {
    expect(read(header(BIG, { link: 0x28000071 }), record(BIG)).frames[0]?.link).toBe(0x71)
  })
})

describe('F02 cut', () => {
  for (const [where, missing] of [
    ['inside the data', 10],
    ['inside the record header', 70],
    ['one byte short', 1],
    ['after one byte of the record header', 81],
  ] as const) {
    test(where, () => {
      const capture = concat(header(LITTLE), ...sevenRecords(LITTLE))
      const reading = read(capture.subarray(0, capture.length - missing))
      expect(reading.frames).toHaveLength(6)
      const at = capture.length - 82
      expect(reading.damages).toMatchObject([{ code: DamageCode.TruncatedTail, at, size: 82 - missing }])
    })
  }

  test('where zeros, as in the addresses of loopback, look like a record without bytes', () => {
    const data = concat(fromHex('00 00 00 00 00 00 00 00 00 00 00 00 08 00 45'), content(59))
    for (const [, order] of orders) {
      const capture = concat(header(order), record(order, { data }))
      for (let end = 25; end < capture.length; end++) {
        const reading = read(capture.subarray(0, end))
        expect(reading.frames).toEqual([])
        expect(reading.damages).toMatchObject([{ code: DamageCode.TruncatedTail, at: 24, size: end - 24 }])
      }
    }
  })
})

describe('F03 nearly nothing', () => {
  test('an empty file', () => {
    const reading = read()
    expect(codes(reading)).toEqual([DamageCode.Empty])
    expect(reading.damages[0]?.message).toBe('the capture is empty: not even a file header')
  })

  test('a cut file header', () => {
    const reading = read(header(LITTLE).subarray(0, 20))
    expect(reading.damages).toMatchObject([{ code: DamageCode.TruncatedTail, at: 0, size: 20 }])
  })

  test('less than a magic', () => {
    expect(codes(read([0xd4, 0xc3]))).toEqual([DamageCode.UnknownFormat])
  })

  test('a header only is in order', () => {
    const reading = read(header(LITTLE))
    expect(reading.damages).toEqual([])
    expect(reading.frames).toEqual([])
  })
})

describe('F04, F05 sizes that cannot be', () => {
  for (const [name, order] of orders) {
    for (const size of [0x7fffffff, 0xffffffff, 0x40000001, 300_000, 262_145]) {
      test(`${size}, ${name}`, () => {
        const records = sevenRecords(order)
        records[1] = record(order, { size, data: content(61, 1) })
        const reading = read(header(order), ...records)
        expect(sizes(reading)).toEqual([60, 62, 63, 64, 65, 66])
        expect(reading.damages).toMatchObject([{ code: DamageCode.Skipped, at: 24 + 76, size: 77 }])
      })
    }
  }

  test('no memory is taken for a length that only the file claims', () => {
    const before = process.memoryUsage().arrayBuffers
    read(header(LITTLE), record(LITTLE, { size: 0x3fffffff, data: content(10) }))
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 * 1024 * 1024)
  })

  test('in the first record', () => {
    const records = sevenRecords(LITTLE)
    records[0] = record(LITTLE, { size: 0x7fffffff })
    expect(sizes(read(header(LITTLE), ...records))).toEqual([61, 62, 63, 64, 65, 66])
  })

  test('in the last record but one, and in the last', () => {
    const records = sevenRecords(LITTLE)
    records[5] = record(LITTLE, { size: 0x7fffffff })
    expect(sizes(read(header(LITTLE), ...records))).toEqual([60, 61, 62, 63, 64, 66])
    const last = sevenRecords(LITTLE)
    last[6] = record(LITTLE, { size: 0x7fffffff })
    const reading = read(header(LITTLE), ...last)
    expect(sizes(reading)).toEqual([60, 61, 62, 63, 64, 65])
    expect(codes(reading)).toEqual([DamageCode.Skipped])
  })

  test('a size within the snap length that runs over the end: found again inside', () => {
    const records = sevenRecords(LITTLE)
    records[1] = record(LITTLE, { size: 200_000, wire: 200_000, data: content(61, 1) })
    const reading = read(header(LITTLE), ...records)
    expect(sizes(reading)).toEqual([60, 62, 63, 64, 65, 66])
    expect(codes(reading)).toEqual([DamageCode.Skipped])
  })

  test('a size that is too small', () => {
    const records = sevenRecords(LITTLE)
    records[1] = record(LITTLE, { size: 20, data: content(61, 1) })
    expect(sizes(read(header(LITTLE), ...records))).toEqual([60, 20, 62, 63, 64, 65, 66])
  })

  test('beyond the snap length, but its bytes are there', () => {
    const records = sevenRecords(LITTLE)
    records[1] = record(LITTLE, { data: content(300_000, 1) })
    const capture = concat(header(LITTLE), ...records)
    const reading = readCut(capture, [65_536])
    expect(reading.frames[1]?.bytes).toEqual(content(300_000, 1))
    expect(reading.frames).toHaveLength(7)
    expect(codes(reading)).toEqual([DamageCode.OverSnaplen])
  })

  test('writers do not keep to the snap length that they state: no damage up to 256 KiB', () => {
    const data = content(2000)
    for (const snaplen of [0, 1, 60, 1999]) {
      const reading = read(concat(header(LITTLE, { snaplen }), record(LITTLE, { data }), record(LITTLE, { data })))
      expect(reading.frames.map(({ bytes }) => bytes)).toEqual([data, data])
      expect(reading.damages).toEqual([])
    }
  })

  test('a jumbo snap length lets 5 MiB through without a remark', () => {
    const data = content(5 * 1024 * 1024)
    const capture = concat(header(LITTLE, { snaplen: 0x7fffffff }), record(LITTLE, { data }), record(LITTLE))
    const reading = readLarge(capture)
    expect(reading).toEqual({ frames: [data.length, 60], damages: [] })
  })
})

describe('F06 odd, and kept', () => {
  test('more captured than on the wire; five seconds of microseconds', () => {
    const records = sevenRecords(LITTLE)
    records[2] = record(LITTLE, { wire: 40 })
    records[4] = record(LITTLE, { fraction: 5_000_000 })
    const reading = read(header(LITTLE), ...records)
    expect(reading.frames).toHaveLength(7)
    expect(reading.frames[2]).toMatchObject({ end: 60, wireSize: 40 })
    expect(times(reading)[4]).toBe('1700000005.000000000')
    expect(reading.damages).toMatchObject([
      { code: DamageCode.LongerThanWire, size: 0 },
      { code: DamageCode.BadFraction, size: 0 },
    ])
  })

  test('in the last record, where nothing follows', () => {
    const reading = read(header(LITTLE), record(LITTLE), record(LITTLE, { wire: 40 }))
    expect(sizes(reading)).toEqual([60, 60])
    expect(codes(reading)).toEqual([DamageCode.LongerThanWire])
  })

  test('in every record', () => {
    const records = Array.from({ length: 50 }, () => record(LITTLE, { wire: 40 }))
    const reading = read(header(LITTLE), ...records)
    expect(reading.frames).toHaveLength(50)
    expect(reading.damages).toHaveLength(50)
  })

  test('beyond a thousand damages they are counted only', () => {
    const records = Array.from({ length: 1_500 }, () => record(LITTLE, { wire: 1, data: content(2) }))
    const reading = read(header(LITTLE), ...records)
    expect(reading.frames).toHaveLength(1_500)
    expect(reading.damages).toHaveLength(1_001)
    expect(reading.damages[1_000]?.code).toBe(DamageCode.More)
    expect(reading.reader.damages).toBe(1_500)
  })

  test('a clock that jumps by years is no damage', () => {
    const jumps = [0, 1_700_000_000, 5, 1_700_000_100].map(seconds => record(LITTLE, { seconds }))
    const reading = read(header(LITTLE), ...jumps)
    expect(reading.damages).toEqual([])
    expect(times(reading).map(Number)).toEqual([0, 1_700_000_000, 5, 1_700_000_100])
  })
})

describe('F07 garbage in mid-file', () => {
  for (const [name, order] of orders) {
    for (const size of [1, 4, 15, 16, 17, 20]) {
      test(`${size} bytes, ${name}`, () => {
        const records = sevenRecords(order)
        records.splice(3, 0, garbage.subarray(0, size))
        const reading = read(header(order), ...records)
        expect(reading.frames.length).toBeGreaterThanOrEqual(size < 16 ? 6 : 7)
        if (size === 20) expect(sizes(reading)).toEqual([60, 61, 62, 63, 64, 65, 66])
        if (size === 20) expect(reading.damages[0]?.message).toMatch(/skipped 20 bytes/)
        expect(codes(reading)).toContain(DamageCode.Skipped)
      })
    }
  }

  test('bytes missing', () => {
    const capture = concat(header(LITTLE), ...sevenRecords(LITTLE))
    const reading = read(capture.subarray(0, 200), capture.subarray(215))
    expect(reading.frames.length).toBeGreaterThanOrEqual(5)
    expect(reading.frames.at(-1)?.bytes).toEqual(content(66, 6))
  })

  test('zeros, as a disk leaves them', () => {
    const records = sevenRecords(LITTLE)
    records.splice(3, 0, new Uint8Array(4096))
    const reading = read(header(LITTLE), ...records)
    expect(sizes(reading)).toEqual([60, 61, 62, 63, 64, 65, 66])
    expect(reading.damages).toMatchObject([{ code: DamageCode.Skipped, size: 4096 }])
  })

  test('zeros before frames to 00:00:5e:00:01:01, which look like records four bytes late', () => {
    const data = concat(fromHex('00 00 5e 00 01 01'), content(60))
    const records = Array.from({ length: 7 }, (_, index) => record(BIG, { fraction: index, data }))
    const reading = read(header(BIG), ...records, new Uint8Array(100), ...records)
    expect(sizes(reading)).toEqual(Array(14).fill(66))
    expect(reading.damages).toMatchObject([{ size: 100 }])
  })

  test('after the garbage, a clock years later', () => {
    const later = Array.from({ length: 6 }, () => record(LITTLE, { seconds: 1_900_000_000 }))
    const reading = read(header(LITTLE), ...sevenRecords(LITTLE), garbage, ...later)
    expect(reading.frames).toHaveLength(13)
  })

  test('twice', () => {
    const records = sevenRecords(LITTLE)
    records.splice(5, 0, garbage)
    records.splice(2, 0, garbage)
    const reading = read(header(LITTLE), ...records)
    expect(reading.frames).toHaveLength(7)
    expect(reading.damages).toMatchObject([{ size: 20 }, { size: 20 }])
  })
})

describe('F08 files one behind the other', () => {
  for (const [name, first, second] of [
    ['little, little', LITTLE, LITTLE],
    ['little, big', LITTLE, BIG],
    ['big, little', BIG, LITTLE],
  ] as const) {
    test(name, () => {
      const reading = read(
        header(first),
        ...sevenRecords(first),
        header(second, { link: 113 }),
        ...sevenRecords(second),
      )
      expect(reading.damages).toEqual([])
      expect(reading.frames.map(frame => frame.link)).toEqual([...Array(7).fill(1), ...Array(7).fill(113)])
      expect(reading.frames.map(frame => frame.port)).toEqual([...Array(7).fill(0), ...Array(7).fill(1)])
    })
  }

  test('of the same kind they share their interface; empty ones do no harm', () => {
    const file = concat(header(LITTLE), ...sevenRecords(LITTLE))
    const reading = read(header(LITTLE), file, header(LITTLE), file, header(LITTLE))
    expect(reading.frames).toHaveLength(14)
    expect(reading.reader.interfaces).toHaveLength(1)
    expect(reading.damages).toEqual([])
  })

  test('the first one is cut', () => {
    const first = concat(header(LITTLE), ...sevenRecords(LITTLE))
    const reading = read(first.subarray(0, first.length - 9), header(LITTLE), ...sevenRecords(LITTLE))
    expect(reading.frames.length).toBeGreaterThanOrEqual(13)
    expect(reading.frames.at(-7)?.bytes).toEqual(content(60))
  })
})

describe('F09 snap lengths', () => {
  test('0 says nothing', () => {
    expect(read(header(LITTLE, { snaplen: 0 }), ...sevenRecords(LITTLE)).damages).toEqual([])
  })

  test('64: the frame ends where it was cut', () => {
    const cut = record(LITTLE, { data: content(64), wire: 1500 })
    const reading = read(header(LITTLE, { snaplen: 64 }), cut, cut)
    expect(reading.damages).toEqual([])
    expect(reading.frames).toMatchObject([
      { start: 0, end: 64, wireSize: 1500 },
      { start: 0, end: 64, wireSize: 1500 },
    ])
  })
})

describe('F10 other magics', () => {
  for (const [name, order] of orders) {
    test(`Kuznetzov's, ${name}: the records prove their header of 24 bytes`, () => {
      const extra = concat(order.n32(2), order.n16(0x0800), [0, 0])
      const records = Array.from({ length: 7 }, (_, index) => record(order, { extra, data: content(60 + index) }))
      const reading = read(header(order, { magic: KUZNETZOV }), ...records)
      expect(reading.damages).toEqual([])
      expect(sizes(reading)).toEqual([60, 61, 62, 63, 64, 65, 66])
    })
  }

  test('no header size fits', () => {
    const reading = read(header(LITTLE, { magic: KUZNETZOV }), garbage, garbage, garbage)
    expect(reading.frames).toEqual([])
    expect(codes(reading)).toEqual([DamageCode.UnknownFormat])
    expect(reading.damages[0]?.message).toContain("Kuznetzov's variant")
  })

  // They have the magic of everybody else: the second record tells.
  test.each([
    ['Red Hat 6.1', [2, 0, 0, 0, 0, 8, 0, 0]],
    ['Nokia', [0, 0, 0, 0]],
  ])('records of %s', (_, extra) => {
    const records = [60, 0, 70].map((size, at) => record(LITTLE, { data: content(size + 1, at), extra }))
    const capture = concat(header(LITTLE), ...records)
    const whole = read(capture)
    expect(whole.frames.map(({ bytes }) => bytes.length)).toEqual([61, 1, 71])
    expect(whole.damages).toEqual([])
    for (const size of [1, 7, 30, 100]) {
      const cut = readCut(capture, [size])
      expect([cut.frames, cut.damages]).toEqual([whole.frames, whole.damages])
    }
  })

  test('one record alone has the usual header', () => {
    const reading = read(concat(header(LITTLE), record(LITTLE, { data: content(9) })))
    expect(reading.frames).toHaveLength(1)
    expect(reading.damages).toEqual([])
  })

  for (const [magic, says] of [
    ['73 6e 6f 6f 70 00 00 00', 'snoop'],
    ['28 b5 2f fd 00 00 00 00', 'zstd'],
    ['fd 37 7a 58 5a 00 00 00', 'xz'],
    ['ac 01 00 1c 00 00 00 00', 'Ixia'],
    ['50 4b 03 04 00 00 00 00', 'zip'],
    ['3c 68 74 6d 6c 3e 0a 0a', 'HTML'],
    ['01 02 03 04 05 06 07 08', '0x04030201'],
  ] as const) {
    test(`says what it is: ${says}`, () => {
      const reading = read(fromHex(magic))
      expect(codes(reading)).toEqual([DamageCode.UnknownFormat])
      expect(reading.damages[0]?.message).toContain(says)
      expect(reading.reader.done).toBe(true)
    })
  }

  test('pcap of another major version', () => {
    expect(codes(read(header(LITTLE, { magic: MICRO, major: 3 }), record(LITTLE)))).toEqual([
      DamageCode.UnsupportedVersion,
    ])
  })
})

/** Whole and in pieces of 64 KiB: byte by byte takes its time with megabytes. */
function readLarge(capture: Uint8Array): unknown {
  const summary = (size: number): unknown => {
    const reading = readCut(capture, [size])
    return { frames: sizes(reading), damages: codes(reading) }
  }
  const whole = summary(capture.length)
  expect(summary(65_536)).toEqual(whole)
  return whole
}
