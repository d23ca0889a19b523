import { execFileSync } from 'node:child_process'
import { createReadStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { DamageCode } from '../../src/capture/reader.ts'
import {
  BIG,
  codes,
  concat,
  content,
  custom,
  endOfOptions,
  enhanced,
  found,
  header,
  interfaceBlock,
  LITTLE,
  NANO,
  names,
  type Order,
  option,
  read,
  readCut,
  record,
  resolution,
  section,
  sevenRecords,
  simple,
  sizes,
  statistics,
  text,
  times,
} from '../support/capture.ts'
import { effort } from '../support/effort.ts'
import { needs } from '../support/tools.ts'

const folder = mkdtempSync(join(tmpdir(), 'mqtt-sniff-'))
afterAll(() => rmSync(folder, { recursive: true }))

const save = (name: string, capture: Uint8Array): string => {
  const path = join(folder, name)
  writeFileSync(path, capture)
  return path
}

// Any capture, any cut

const orders = fc.boolean().map(little => (little ? LITTLE : BIG))
const data = fc.uint8Array({ maxLength: 300 })
const words = fc.integer({ min: 0, max: 0xffffffff })

const pcaps = fc
  .record({
    order: orders,
    nano: fc.boolean(),
    records: fc.array(fc.record({ data, seconds: fc.integer({ min: 1, max: 1e6 }), fraction: fc.nat(999_999) })),
  })
  .map(({ order, nano, records }) =>
    concat(header(order, nano ? { magic: NANO } : {}), ...records.map(parts => record(order, parts))),
  )

const blocks = (order: Order): fc.Arbitrary<Uint8Array> =>
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc
        .record({ data, port: fc.nat(2), time: fc.bigInt(0n, 2n ** 64n - 1n) })
        .map(parts => enhanced(order, parts)),
    },
    data.map(bytes => simple(order, bytes)),
    data.map(bytes => custom(order, true, bytes)),
    fc.bigInt(0n, 1000n).map(count => statistics(order, 0, option(order, 5, order.n64(count)))),
  )

const pcapngs = orders.chain(order =>
  fc
    .tuple(fc.nat(255), fc.array(blocks(order)))
    .map(([unit, list]) =>
      concat(
        section(order),
        interfaceBlock(order),
        interfaceBlock(order, { options: resolution(order, unit) }),
        ...list,
      ),
    ),
)

const captures = fc.oneof(
  pcaps,
  pcapngs,
  fc.array(fc.oneof(pcaps, pcapngs), { maxLength: 3 }).map(files => concat(...files)),
)
const cuts = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 20 })

test('any cut finds the same', () => {
  fc.assert(
    fc.property(captures, cuts, (capture, lengths) => {
      expect(found(readCut(capture, lengths))).toEqual(found(readCut(capture, [capture.length])))
    }),
  )
})

test('any cut of a damaged capture finds the same', () => {
  const damaged = fc.tuple(captures, fc.nat(), words, fc.nat(3)).map(([capture, where, word, kind]) => {
    const at = capture.length === 0 ? 0 : where % capture.length
    const odd = Uint8Array.from(LITTLE.n32(word))
    if (kind === 0) return capture.subarray(0, at)
    return concat(capture.subarray(0, at), odd, capture.subarray(at + (kind === 1 ? 0 : kind === 2 ? 4 : 40)))
  })
  fc.assert(
    fc.property(damaged, cuts, (capture, lengths) => {
      expect(found(readCut(capture, lengths))).toEqual(found(readCut(capture, [capture.length])))
    }),
  )
})

test('garbage ends in damage and never in a throw', () => {
  const starts = fc.constantFrom(header(LITTLE), header(BIG), section(LITTLE), section(BIG), new Uint8Array(0))
  fc.assert(
    fc.property(starts, fc.uint8Array({ maxLength: 2000 }), cuts, (start, bytes, lengths) => {
      const reading = readCut(concat(start, bytes), lengths)
      if (bytes.length > 24 && start.length === 0) expect(codes(reading)).toEqual([DamageCode.UnknownFormat])
      expect(reading.reader.skipped).toBeLessThanOrEqual(bytes.length + start.length)
    }),
  )
})

test('the counters say what was read', () => {
  const parts = [section(LITTLE), interfaceBlock(LITTLE), enhanced(LITTLE), custom(LITTLE, true, content(20))]
  const { reader } = read(...parts, content(40, 9), enhanced(LITTLE))
  expect(reader).toMatchObject({ frames: 2, damages: 1, skipped: 40, lost: 0, done: false })
  expect(reader.bytes).toBe(concat(...parts).length + 40 + 92)
  expect(reader.blocks.get(0x0bad)).toEqual({ blocks: 1, bytes: 36 })
})

describe('large things', () => {
  test('a record may have as many bytes as come, up to 64 MiB', () => {
    const parts = [header(LITTLE), record(LITTLE, { data: new Uint8Array(64 * 1024 * 1024).fill(1) }), record(LITTLE)]
    const capture = concat(...parts)
    for (const size of [65_536, capture.length]) {
      const reading = readCut(capture, [size])
      expect(sizes(reading)).toEqual([64 * 1024 * 1024, 60])
      expect(codes(reading)).toEqual([DamageCode.OverSnaplen])
    }
  })

  test('beyond 64 MiB without a record the rest is given up', () => {
    for (const start of [header(BIG), concat(section(BIG), interfaceBlock(BIG))]) {
      const capture = concat(start, new Uint8Array(70 * 1024 * 1024), ...sevenRecords(BIG))
      for (const size of [262_144, 1_000_003, capture.length]) {
        const reading = readCut(capture, [size])
        expect(reading.damages).toMatchObject([{ code: DamageCode.GaveUp, at: start.length, size: 64 * 1024 * 1024 }])
        expect(reading.reader.done).toBe(true)
      }
    }
  })
})

// Other readers

interface Judged {
  on(event: 'packet', hear: (packet: { header: Record<string, number>; data: Buffer }) => void): void
  on(event: 'end', hear: () => void): void
  on(event: 'error', hear: (cause: Error) => void): void
}

// The package has no types, and makes its buffers in a way that Node warns of.
const judge = async (path: string): Promise<unknown[]> => {
  const name = 'pcap-parser'
  const { default: parser } = (await import(name)) as { default: { parse(input: unknown): Judged } }
  return new Promise((resolve, reject) => {
    const rows: unknown[] = []
    const judged = parser.parse(createReadStream(path))
    judged.on('packet', ({ header: head, data: bytes }) => {
      const { timestampSeconds, timestampMicroseconds, capturedLength, originalLength } = head
      rows.push([timestampSeconds, timestampMicroseconds, capturedLength, originalLength, bytes.toString('hex')])
    })
    judged.on('error', reject)
    judged.on('end', () => resolve(rows))
  })
}

const ours = (capture: Uint8Array): unknown[] =>
  readCut(capture, [1000]).frames.map(frame => {
    const size = frame.end - frame.start
    return [frame.seconds, frame.nanos / 1000, size, frame.wireSize, Buffer.from(frame.bytes).toString('hex')]
  })

describe('the same as npm pcap-parser', () => {
  for (const [name, order] of [
    ['little-endian', LITTLE],
    ['big-endian', BIG],
  ] as const) {
    test(`${name}, with a frame cut by the snap length`, async () => {
      const cut = record(order, { data: content(96), wire: 1514, fraction: 999_999 })
      const capture = concat(header(order, { snaplen: 96 }), ...sevenRecords(order), cut)
      expect(ours(capture)).toEqual(await judge(save(`${name}.pcap`, capture)))
      expect(ours(capture)).toHaveLength(8)
    })
  }

  test('random captures', async () => {
    for (const [index, capture] of fc
      .sample(
        pcaps.filter(file => file[0] !== 0x4d && file[3] !== 0x4d),
        { seed: 7, numRuns: 30 },
      )
      .entries()) {
      expect(ours(capture), `sample ${index}`).toEqual(await judge(save('random.pcap', capture)))
    }
  })
})

const lines = (tool: string, ...words: string[]): string[] =>
  execFileSync(tool, words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
    .split('\n')
    .filter(line => line !== '')

const FIELDS = ['frame.time_epoch', 'frame.cap_len', 'frame.len']

/** Time, captured size and size on the wire, as tshark prints them. To it custom blocks are frames too, of no link type. */
const tshark = (path: string): string[] => {
  const fields = FIELDS.flatMap(field => ['-e', field])
  return lines('tshark', '-r', path, '-Y', 'frame.encap_type', '-T', 'fields', ...fields)
}

const likeTshark = (capture: Uint8Array): string[] => {
  const reading = readCut(capture, [4096])
  return reading.frames.map((frame, index) => {
    const time = Number.isNaN(frame.seconds) ? '' : times(reading)[index]
    return [time, frame.end - frame.start, frame.wireSize].join('\t')
  })
}

const cutAt96 = (order: Order): Uint8Array =>
  interfaceBlock(order, { snaplen: 96, options: concat(option(order, 2, text('eth0')), endOfOptions(order)) })

/** Sequences of blocks as the public conformance generators have them: every type, in every place it may stand. */
const sequences: readonly [string, (order: Order) => Uint8Array[]][] = [
  ['section only', order => [section(order)]],
  ['sections and interfaces only', order => [1, 2, 3].flatMap(() => [section(order), interfaceBlock(order)])],
  [
    'section options',
    order => {
      const words = [text('comment'), text('a machine'), text('a system'), text('a program')]
      const options = concat(...words.map((word, index) => option(order, index + 1, word)), endOfOptions(order))
      return [section(order, { options }), interfaceBlock(order), enhanced(order)]
    },
  ],
  [
    'simple only',
    order => [section(order), interfaceBlock(order), simple(order, content(60)), simple(order, content(9))],
  ],
  [
    'simple and enhanced, some cut by the snap length',
    order => [
      ...[section(order), cutAt96(order), simple(order, content(96), 314), simple(order, content(50))],
      ...[enhanced(order, { data: content(96), wire: 342 }), enhanced(order, { data: content(50) })],
    ],
  ],
  [
    'two interfaces of different link types, the second described late',
    order => [
      ...[section(order), interfaceBlock(order), enhanced(order), interfaceBlock(order, { link: 0 })],
      ...[enhanced(order, { port: 1 }), enhanced(order)],
    ],
  ],
  [
    'names, custom blocks and statistics among packets',
    order => [
      ...[
        section(order),
        custom(order, true, text('first')),
        names(order),
        interfaceBlock(order),
        statistics(order, 0),
      ],
      ...[
        enhanced(order),
        custom(order, false, content(33)),
        simple(order, content(61)),
        names(order, endOfOptions(order)),
      ],
      ...[enhanced(order), statistics(order, 0, option(order, 5, order.n64(3n))), custom(order, true, content(0))],
    ],
  ],
  [
    'packet options: flags, hash, drops, queue, verdict, comment, custom',
    order => {
      const options = concat(
        ...[option(order, 2, order.n32(1)), option(order, 3, [2, 1, 2, 3, 4]), option(order, 4, order.n64(0n))],
        ...[option(order, 5, order.n64(77n)), option(order, 6, order.n32(1)), option(order, 1, text('a comment'))],
        ...[option(order, 2988, concat(order.n32(32_473), text('mine'))), endOfOptions(order)],
      )
      return [section(order), interfaceBlock(order), enhanced(order, { options }), enhanced(order, { options })]
    },
  ],
  [
    'interface options: name, description, addresses, speed, resolution, zone, filter, system, offset',
    order => {
      const options = concat(
        ...[option(order, 2, text('eth0')), option(order, 3, text('the first')), option(order, 4, content(8))],
        ...[option(order, 5, content(17)), option(order, 6, content(6)), option(order, 7, content(8))],
        ...[
          option(order, 8, order.n64(1_000_000_000n)),
          resolution(order, 9),
          option(order, 11, [0, 0x74, 0x63, 0x70]),
        ],
        ...[option(order, 12, text('Linux')), option(order, 14, order.n64(3600n)), endOfOptions(order)],
      )
      return [section(order), interfaceBlock(order, { options }), enhanced(order, { time: 1_700_000_000_123_456_789n })]
    },
  ],
  [
    'unknown blocks',
    order => [section(order), interfaceBlock(order), enhanced(order), custom(order, true, content(5))],
  ],
  ['an empty frame', order => [section(order), interfaceBlock(order), enhanced(order, { data: content(0) })]],
]

describe('F25 the same frames as tshark', () => {
  for (const [index, [name, make]] of sequences.entries()) {
    needs('tshark')(name, () => {
      // The test of all of them has the other order as well.
      for (const order of effort([index % 2 === 0 ? BIG : LITTLE], [LITTLE, BIG])) {
        const capture = concat(...make(order))
        expect(codes(read(capture))).toEqual([])
        expect(likeTshark(capture)).toEqual(tshark(save('sequence.pcapng', capture)))
      }
    })
  }

  needs('tshark')('all sequences behind each other, in sections of both byte orders', () => {
    const capture = concat(...sequences.flatMap(([, make], index) => make(index % 2 === 0 ? LITTLE : BIG)))
    expect(codes(read(capture))).toEqual([])
    expect(likeTshark(capture)).toEqual(tshark(save('all.pcapng', capture)))
  })
})

describe('samples', () => {
  for (const name of ['tour', 'qos2', 'large', 'lost', 'ipv6']) {
    needs('tshark')(`${name}.pcapng, as it is`, () => {
      const path = `samples/${name}.pcapng`
      const expected = tshark(path)
      expect(likeTshark(readFileSync(path))).toEqual(expected)
    })
  }

  needs('editcap', 'tshark')('as editcap rewrites them', () => {
    for (const [format, start] of [
      ['pcap', 'd4c3b2a1'],
      ['nsecpcap', '4d3cb2a1'],
      ['pcapng', '0a0d0d0a'],
      ['modpcap', '34cdb2a1'],
    ]) {
      const path = join(folder, `rewritten.${format}`)
      lines('editcap', '-F', `${format}`, 'samples/tour.pcapng', path)
      const rewritten = readFileSync(path)
      expect(rewritten.subarray(0, 4).toString('hex')).toBe(start)
      expect(codes(readCut(rewritten, [1000]))).toEqual([])
      expect(likeTshark(rewritten), format).toEqual(tshark(path))
    }
  })

  needs('mergecap', 'tshark')('as mergecap joins them', () => {
    const path = join(folder, 'merged.pcapng')
    lines('mergecap', '-w', path, 'samples/tour.pcapng', 'samples/ipv6.pcapng', 'samples/qos2.pcapng')
    expect(likeTshark(readFileSync(path))).toEqual(tshark(path))
  })
})
