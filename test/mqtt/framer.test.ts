/** In step: runs to packets, however they are cut. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fromHex } from '../../src/base/bytes.ts'
import { Frame, NOWHERE } from '../../src/base/line.ts'
import { MOST_COLLECTED, MOST_HOLES, MOST_INCOMPLETE, MOST_KEPT, MOST_PIECES } from '../../src/mqtt/collector.ts'
import { Budget, Framer } from '../../src/mqtt/framer.ts'
import type { PacketSink, RawPacket } from '../../src/mqtt/raw.ts'
import { effort } from '../support/effort.ts'
import { Random } from '../support/random.ts'
import { anyTraffic, Feeder, frames, join, Notes } from '../support/traffic.ts'

/** A framer, what it tells, and runs for it. */
function line(midStream = false, budget = new Budget()) {
  const notes = new Notes()
  const framer = new Framer(notes, budget, midStream)
  return { notes, framer, feeder: new Feeder(framer), budget }
}

/** Whole and byte by byte the same, and with a PINGREQ behind it that one more. */
function expectFrames(input: string, expected: readonly string[]): void {
  const bytes = fromHex(input)
  expect(frames(bytes, 'whole')).toEqual(expected)
  expect(frames(bytes, 'bytes')).toEqual(expected)
  expect(frames(bytes, 'behind')).toEqual([...expected, 'c000'])
}

describe('whole packets', () => {
  test('one, two, none', () => {
    expectFrames('c000', ['c000'])
    expectFrames('3007 0001 61 68656c6c c000 40020001', ['300700016168656c6c', 'c000', '40020001'])
    expectFrames('', [])
  })

  test('a Remaining Length of one to four bytes, minimal or not (M04)', () => {
    expectFrames('c080 00', ['c08000'])
    expectFrames('c0808080 00', ['c080808000'])
    for (const size of [127, 128, 16_383, 16_384, 2_097_151, 2_097_152]) {
      const { notes, feeder } = line()
      const digits = [size & 127, (size >> 7) & 127, (size >> 14) & 127, size >> 21]
      while (digits.length > 1 && digits.at(-1) === 0) digits.pop()
      const head = [0x30, ...digits.map((digit, at) => (at < digits.length - 1 ? digit | 128 : digit))]
      const bytes = join(Uint8Array.from(head), new Uint8Array(size), Uint8Array.of(0xc0, 0))
      for (let at = 0; at < bytes.length; at += 65_536) feeder.run(bytes, at, Math.min(bytes.length, at + 65_536))
      expect(notes.places).toEqual([
        [0, bytes.length - 2],
        [bytes.length - 2, 2],
      ])
      expect(notes.lines.length).toBe(2)
    }
  })

  test('wrong types, flags and contents are none of its business', () => {
    expectFrames('0000 ff01ff 3600 8000', ['0000', 'ff01ff', '3600', '8000'])
  })

  test('W3: the Remaining Length is split over two segments', () => {
    const { notes, feeder } = line()
    const bytes = join(fromHex('308101 0001 61'), new Uint8Array(126), fromHex('c000'))
    feeder.run(bytes, 0, 2)
    feeder.run(bytes, 2, bytes.length)
    expect(notes.places).toEqual([
      [0, 132],
      [132, 2],
    ])
  })

  test('the frame is the one with the last byte, the pieces say where the bytes stand', () => {
    const seen: [number, readonly number[]][] = []
    const sink: PacketSink = {
      packet: raw => seen.push([raw.frame.number, [...raw.pieces]]),
      skipped() {},
      gap() {},
    }
    const framer = new Framer(sink, new Budget(), false)
    const bytes = fromHex('3007 0001 61 68656c6c c000')
    const frame = new Frame()
    const send = (number: number, start: number, end: number, position: number): void => {
      frame.number = number
      framer.run(bytes, start, end, frame, position)
    }
    send(1, 0, 3, 1000)
    send(2, 3, 4, 2000)
    send(3, 4, 5, 2001)
    send(4, 5, 7, NOWHERE)
    send(5, 7, 11, NOWHERE)
    expect(seen).toEqual([
      [5, [1000, 3, 2000, 2, NOWHERE, 4]],
      [5, [NOWHERE, 2]],
    ])
    send(6, 9, 11, 0)
    expect(seen.at(-1)).toEqual([6, [0, 2]])
    send(7, 0, 11, 2 ** 50)
    expect(seen.slice(-2)).toEqual([
      [7, [2 ** 50, 9]],
      [7, [2 ** 50 + 9, 2]],
    ])
  })
})

describe('packets that are never whole', () => {
  test('the end of the stream', () => {
    expect(frames(fromHex('30'), 'whole')).toEqual(['30 incomplete'])
    expect(frames(fromHex('3080'), 'bytes')).toEqual(['3080 incomplete'])
    expect(frames(fromHex('c000 300700'), 'whole')).toEqual(['c000', '300700 of 9 incomplete'])
    expect(frames(fromHex('c000 300700'), 'bytes')).toEqual(['c000', '300700 of 9 incomplete'])
  })

  test('its frame is the one with the last byte that came', () => {
    let number = 0
    const framer = new Framer(
      { packet: raw => (number = raw.frame.number), skipped() {}, gap() {} },
      new Budget(),
      false,
    )
    const frame = new Frame()
    frame.number = 7
    framer.run(fromHex('3007'), 0, 2, frame, NOWHERE)
    frame.number = 8
    framer.end('rst')
    expect(number).toBe(7)
  })

  test('M01: 256 MiB announced, few bytes sent', () => {
    const { notes, framer, feeder, budget } = line()
    feeder.run(fromHex('30ffffff7f 0001 61 62'), 0, 9)
    expect([framer.pendingSize, framer.pendingNeed]).toEqual([9, 268_435_460])
    expect(budget.held).toBeLessThan(100)
    framer.end('fin')
    expect(notes.lines).toEqual(['30ffffff7f000161… of 268435460 incomplete'])
    expect(budget.held).toBe(0)
  })

  test('M01: of an incomplete packet at most 1 MiB is kept, the rest is counted', () => {
    const raws: number[][] = []
    const sink = {
      packet: (raw: RawPacket) => raws.push([raw.end, raw.readable, raw.kept, ...raw.holes]),
      skipped() {},
      gap() {},
    }
    const framer = new Framer(sink, new Budget(), false)
    const frame = new Frame()
    framer.run(fromHex('30ffffff7f'), 0, 5, frame, NOWHERE)
    const block = new Uint8Array(1 << 20)
    for (let count = 0; count < 20; count++) framer.run(block, 0, block.length, frame, NOWHERE)
    framer.end('capture')
    const came = 5 + 20 * block.length
    expect(raws).toEqual([[268_435_460, MOST_INCOMPLETE, MOST_INCOMPLETE, MOST_INCOMPLETE, came - MOST_INCOMPLETE]])
  })

  test('M03: a whole packet is kept up to 16 MiB, and the next one is found behind it', () => {
    const raws: number[][] = []
    const sink = {
      packet: (raw: RawPacket) => raws.push([raw.end - raw.start, raw.readable, ...raw.holes]),
      skipped() {},
      gap() {},
    }
    const framer = new Framer(sink, new Budget(), false)
    const frame = new Frame()
    const size = 20 << 20
    framer.run(Uint8Array.of(0x30, 0x80, 0x80, 0x80, 0x0a), 0, 5, frame, NOWHERE)
    const block = new Uint8Array(1 << 16)
    for (let left = size; left > 0; left -= block.length) framer.run(block, 0, block.length, frame, NOWHERE)
    framer.run(fromHex('c000'), 0, 2, frame, NOWHERE)
    expect(raws).toEqual([
      [size + 5, MOST_KEPT, MOST_KEPT, size + 5 - MOST_KEPT],
      [2, 2],
    ])
  })

  test('M02, W4: a Remaining Length of five bytes; what follows is sought from the next segment on', () => {
    const input = '30ffffffff01 0001 61'
    expect(frames(fromHex(input), 'whole')).toEqual(['30ffffffff bad length', 'skipped 4'])
    const { notes, feeder } = line()
    const bytes = fromHex(`${input} c000 3006 0001 61 746f6d`)
    feeder.run(bytes, 0, 9)
    feeder.run(bytes, 9, bytes.length)
    expect(notes.lines).toEqual(['30ffffffff bad length', 'skipped 4', 'c000', '3006000161746f6d'])
    const slow = line()
    for (let at = 0; at < 9; at++) slow.feeder.run(bytes, at, at + 1)
    slow.feeder.run(bytes, 9, bytes.length)
    expect(slow.notes.lines[0]).toBe('30ffffffff bad length')
    expect(slow.notes.lines.slice(-2)).toEqual(['c000', '3006000161746f6d'])
  })
})

describe('gaps', () => {
  test('T10: a gap within a packet of known length is a hole in it, and the stream stays in step', () => {
    const { notes, feeder } = line()
    const bytes = fromHex('3009 0001 61 68656c6c6f21 c000')
    feeder.run(bytes, 0, 6)
    feeder.gap(3)
    feeder.run(bytes, 9, bytes.length)
    expect(notes.lines).toEqual(['3009000161686f21 of 11 holes 6,3', 'c000'])
    expect(notes.places).toEqual([
      [0, 11],
      [11, 2],
    ])
  })

  test('T10: several holes, one behind the other, and one that ends the packet', () => {
    const { notes, feeder } = line()
    const bytes = fromHex('3009 0001 61 68656c6c6f21 c000')
    feeder.run(bytes, 0, 5)
    feeder.gap(1)
    feeder.gap(1)
    feeder.run(bytes, 7, 8)
    feeder.gap(3)
    feeder.run(bytes, 11, 13)
    expect(notes.lines).toEqual(['30090001616c of 11 holes 5,2,8,3', 'c000'])
  })

  test('a gap that reaches beyond the packet is a hole in it first', () => {
    const { notes, feeder } = line()
    feeder.run(fromHex('3009 0001 61 68656c6c6f21'), 0, 6)
    feeder.gap(6)
    feeder.run(fromHex('c000'), 0, 2)
    expect(notes.lines.slice(1)).toEqual(['gap 1', 'c000'])
    expect(notes.lines[0]).not.toMatch(/incomplete$/)
  })

  test('a gap of unknown size, or before the length of the packet is known', () => {
    for (const [start, size] of [
      [6, 0],
      [1, 3],
    ] as const) {
      const { notes, feeder } = line()
      const bytes = fromHex('3009 0001 61 68656c6c6f21')
      feeder.run(bytes, 0, start)
      feeder.gap(size)
      feeder.run(fromHex('c000'), 0, 2)
      expect(notes.lines.slice(1)).toEqual([`gap ${size}`, 'c000'])
      expect(notes.lines[0]).toMatch(/incomplete$/)
    }
  })

  test('between packets', () => {
    const { notes, feeder } = line()
    feeder.run(fromHex('c000'), 0, 2)
    feeder.gap(100)
    feeder.run(fromHex('d000'), 0, 2)
    expect(notes.lines).toEqual(['c000', 'gap 100', 'd000'])
  })

  test('behind so many holes the rest counts as missing', () => {
    const holes: number[] = []
    const sink = {
      packet: (raw: RawPacket) => holes.push(raw.holes.length / 2, raw.end - raw.start),
      skipped() {},
      gap() {},
    }
    const framer = new Framer(sink, new Budget(), false)
    const frame = new Frame()
    framer.run(Uint8Array.of(0x30, 0x80, 0x80, 0x01), 0, 4, frame, NOWHERE)
    for (let at = 0; at < 8192; at++) {
      framer.run(Uint8Array.of(1), 0, 1, frame, NOWHERE)
      framer.gap(1, frame)
    }
    expect(holes).toEqual([MOST_HOLES, 16_388])
  })
})

describe('what begins like another protocol', () => {
  test('packets that begin alike are packets', () => {
    expectFrames(`504f 0001 00 4b 26 0001 61 0045${'62'.repeat(69)}`, [`504f0001004b260001610045${'62'.repeat(69)}`])
    expectFrames('1603 000000', ['1603000000'])
  })

  test('garbage at the start of a connection is framed as it stands', () => {
    expectFrames('0001ff 4102ffff', ['0001ff', '4102ffff'])
  })
})

describe('M30: memory', () => {
  test('thousands of half-open flows with four bytes of 256 MB each', () => {
    const budget = new Budget()
    const flows = Array.from({ length: 10_000 }, () => line(false, budget))
    for (const { feeder } of flows) feeder.run(fromHex('30ffffff'), 0, 4)
    expect(budget.held).toBeLessThanOrEqual(10_000 * 64)
    for (const { framer } of flows) framer.end('rst')
    expect(budget.held).toBe(0)
  })

  test('over all flows 48 MiB: the largest is cut down, framing goes on', () => {
    const budget = new Budget()
    const flows = Array.from({ length: 8 }, () => line(false, budget))
    const block = new Uint8Array(1 << 16)
    for (const { feeder } of flows) feeder.run(Uint8Array.of(0x30, 0x80, 0x80, 0x80, 0x05), 0, 5)
    for (let left = 10 << 20; left > 0; left -= block.length) {
      for (const { feeder } of flows) feeder.run(block, 0, block.length)
      expect(budget.held).toBeLessThanOrEqual(MOST_COLLECTED)
    }
    for (const { feeder, notes } of flows) {
      feeder.run(fromHex('c000'), 0, 2)
      expect(notes.places.map(place => place[1])).toEqual([(10 << 20) + 5, 2])
    }
    expect(budget.evictions).toBeGreaterThan(0)
    expect(budget.held).toBe(0)
  })

  test('a small budget holds, whatever comes', () => {
    const budget = new Budget(100_000)
    const flows = Array.from({ length: 50 }, () => line(false, budget))
    const random = new Random(1)
    const block = new Uint8Array(5000)
    for (const { feeder } of flows) feeder.run(Uint8Array.of(0x30, 0x80, 0x80, 0x04), 0, 4)
    for (let count = 0; count < 500; count++) {
      random.pick(flows).feeder.run(block, 0, 1 + random.below(block.length))
      expect(budget.held).toBeLessThanOrEqual(100_000)
    }
    for (const { framer } of flows) framer.end('fin')
    expect(budget.held).toBe(0)
  })

  test('pieces have a limit: the rest stands nowhere', () => {
    const pieces: number[][] = []
    const sink = { packet: (raw: RawPacket) => pieces.push([...raw.pieces]), skipped() {}, gap() {} }
    const framer = new Framer(sink, new Budget(), false)
    const frame = new Frame()
    const bytes = Uint8Array.of(0)
    let position = 0
    const send = (byte: number): void => {
      bytes[0] = byte
      position += 100
      framer.run(bytes, 0, 1, frame, position)
    }
    for (const byte of [0x30, 0x80, 0x80, 0x04]) send(byte)
    for (let left = 65_536; left > 0; left--) send(0)
    expect(pieces[0]?.length).toBe(MOST_PIECES * 2 + 2)
    expect(pieces[0]?.at(-2)).toBe(-1)
    expect(pieces[0]?.reduce((sum, value, at) => (at % 2 === 1 ? sum + value : sum), 0)).toBe(65_540)
  })
})

test('any cutting of a stream gives the same packets', () => {
  fc.assert(
    fc.property(fc.integer(), fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1 }), (seed, steps) => {
      const { bytes, packets } = anyTraffic(new Random(seed), 12)
      const { notes, framer, feeder } = line()
      for (let at = 0, count = 0; at < bytes.length; count++) {
        const end = Math.min(bytes.length, at + (steps[count % steps.length] ?? 1))
        feeder.run(bytes, at, end)
        at = end
      }
      framer.end('fin')
      expect(notes.places).toEqual(packets)
    }),
    { numRuns: effort(50, 150) },
  )
})
