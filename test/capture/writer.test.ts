import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { fromHex, hex } from '../../src/base/bytes.ts'
import { Frame, NO_TIME } from '../../src/base/line.ts'
import { CaptureReader, type Interface } from '../../src/capture/reader.ts'
import { CaptureWriter } from '../../src/capture/writer.ts'
import { BIG, codes, concat, content, header, readCut, sevenRecords } from '../support/capture.ts'
import { needs } from '../support/tools.ts'

const folder = mkdtempSync(join(tmpdir(), 'mqtt-sniff-'))
afterAll(() => rmSync(folder, { recursive: true }))

const SECTION = '0a0d0d0a 1c000000 4d3c2b1a 0100 0000 ffffffffffffffff 1c000000'

const spaced = (text: string): string => text.replace(/\s/g, '')

type Parts = Partial<Omit<Frame, 'copy' | 'bytes' | 'start' | 'end'>> & { readonly data?: Uint8Array }

/** A frame in the middle of other bytes. */
function frameOf({ data = content(4), ...parts }: Parts): Frame {
  const bytes = concat(new Uint8Array(5).fill(0xee), data, new Uint8Array(3).fill(0xee))
  return Object.assign(new Frame(), { link: 1, wireSize: data.length, bytes, start: 5, end: 5 + data.length }, parts)
}

function write(frames: readonly Frame[], interfaces: readonly Interface[] = []): Uint8Array {
  const writer = new CaptureWriter(interfaces)
  return concat(writer.start().slice(), ...frames.map(frame => writer.write(frame).slice()))
}

describe('hex by hand', () => {
  test('a capture without frames is a section header', () => {
    expect(hex(write([]))).toBe(spaced(SECTION))
  })

  test('a frame in nanoseconds on a named interface', () => {
    const frame = frameOf({
      data: fromHex('cafebabe01'),
      wireSize: 1500,
      seconds: 1_700_000_000,
      nanos: 123_456_789,
      timeDigits: 9,
      link: 113,
    })
    const capture = write([frame], [{ link: 113, snaplen: 262_144, timeDigits: 9, name: 'any' }])
    expect(hex(capture)).toBe(
      spaced(`${SECTION}
        01000000 28000000 7100 0000 00000400 0200 0300 616e7900 0900 0100 09000000 0000 0000 28000000
        06000000 28000000 00000000 17979797 00000000 05000000 dc050000 cafebabe 01000000 28000000`).replace(
        '1797979700000000',
        hex(Uint8Array.from(timeWords(1_700_000_000_123_456_789n))),
      ),
    )
  })

  test('a frame without a time is a simple packet block', () => {
    const capture = write([frameOf({ seconds: NO_TIME, data: fromHex('cafe') })])
    expect(hex(capture)).toBe(
      spaced(`${SECTION}
        01000000 20000000 0100 0000 00000000 0900 0100 06000000 0000 0000 20000000
        03000000 14000000 02000000 cafe0000 14000000`),
    )
  })

  test('the interface is described once', () => {
    const capture = write([frameOf({}), frameOf({}), frameOf({})])
    expect(capture.length).toBe(28 + 32 + 3 * 36)
  })
})

/** Upper and lower word, little-endian, as an enhanced packet block has them. */
function timeWords(units: bigint): number[] {
  const word = (value: bigint): number[] => [0n, 8n, 16n, 24n].map(shift => Number((value >> shift) & 255n))
  return [...word(units >> 32n), ...word(units & 0xffffffffn)]
}

/** What a frame says, but for where it stands. */
const said = (frame: Frame): unknown => {
  const { link, seconds, nanos, timeDigits, wireSize } = frame
  return { link, seconds, nanos, timeDigits, wireSize, bytes: hex(frame.bytes, frame.start, frame.end) }
}

const interfaces: readonly Interface[] = [
  { link: 1, snaplen: 262_144, timeDigits: 6, name: 'eth0' },
  { link: 113, snaplen: 0, timeDigits: 9 },
  { link: 276, snaplen: 96, timeDigits: 9, name: 'a long name with ümlauts' },
  { link: 101, snaplen: 65_535, timeDigits: 3 },
  { link: 0, snaplen: 65_535, timeDigits: 0 },
]

const anyFrame = fc
  .record({
    port: fc.nat(interfaces.length - 1),
    data: fc.uint8Array({ maxLength: 96 }),
    more: fc.oneof(fc.constant(0), fc.nat(2000)),
    seconds: fc.oneof(fc.constant(NO_TIME), fc.integer({ min: 0, max: 0xffffffff }), fc.nat(5)),
    nanos: fc.nat(999_999_999),
  })
  .map(({ port, data, more, seconds, nanos }) => {
    const { link = 0, timeDigits = 0 } = interfaces[port] ?? {}
    const each = 10 ** (9 - timeDigits)
    const timed = Number.isNaN(seconds) ? 0 : Math.floor(nanos / each) * each
    // A simple packet block cannot say that none of some bytes were captured.
    const wireSize = Number.isNaN(seconds) && data.length === 0 ? 0 : data.length + more
    return frameOf({ port, link, timeDigits, seconds, nanos: timed, data, wireSize })
  })

test('write then read is identity', () => {
  fc.assert(
    fc.property(fc.array(anyFrame, { maxLength: 30 }), frames => {
      const reading = readCut(write(frames, interfaces), [1000])
      expect(codes(reading)).toEqual([])
      expect(reading.frames.map(said)).toEqual(frames.map(said))
    }),
  )
})

test('interfaces keep their names and snap lengths', () => {
  const frames = interfaces.map(({ link, timeDigits }, port) => frameOf({ port, link, timeDigits }))
  expect(readCut(write(frames, interfaces), [100]).reader.interfaces).toEqual(interfaces)
})

test('times at the edges', () => {
  for (const [seconds, nanos, timeDigits] of [
    [0, 0, 9],
    [18_446_744_073, 709_551_615, 9],
    [0xffffffff, 999_999_999, 9],
    [18_446_744_073_709, 551_615_000, 6],
    [1_700_000_000, 1, 9],
    [4_294_967_296, 0, 6],
  ]) {
    const frame = frameOf({ seconds: seconds ?? 0, nanos: nanos ?? 0, timeDigits: timeDigits ?? 0 })
    expect(readCut(write([frame]), [1000]).frames.map(said)).toEqual([said(frame)])
  }
})

test('a time that 64 bits cannot hold is written as none', () => {
  for (const seconds of [-1, 18_446_744_074, Number.POSITIVE_INFINITY, 1e300]) {
    const { frames } = readCut(write([frameOf({ seconds, timeDigits: 9 })]), [1000])
    expect(frames.map(frame => frame.seconds)).toEqual([NO_TIME])
  }
})

test('what a reader reads, written and read again, is the same', () => {
  const writer: { write?: CaptureWriter } = {}
  const pieces: Uint8Array[] = []
  const reader = new CaptureReader({
    frame: frame => void pieces.push(writer.write?.write(frame).slice() ?? new Uint8Array(0)),
    lost: () => {},
    damage: () => {},
  })
  writer.write = new CaptureWriter(reader.interfaces)
  const capture = concat(header(BIG), ...sevenRecords(BIG))
  reader.push(capture)
  reader.end()
  expect(readCut(concat(...pieces), [50]).frames.map(said)).toEqual(readCut(capture, [50]).frames.map(said))
})

test('no word about the machine', () => {
  const capture = Buffer.from(
    write(
      interfaces.map((_, port) => frameOf({ port })),
      interfaces,
    ),
  )
  for (const word of [process.platform, process.version, 'mqtt-sniff', 'node'])
    expect(capture.includes(word)).toBe(false)
})

needs('capinfos', 'tshark')('capinfos and tshark read it', () => {
  const frames = interfaces.flatMap(({ link, timeDigits }, port) => [
    frameOf({ port, link, timeDigits, seconds: 1_700_000_000, data: content(40) }),
    frameOf({ port, link, timeDigits, seconds: NO_TIME, data: content(40), wireSize: 1500 }),
  ])
  const path = join(folder, 'written.pcapng')
  writeFileSync(path, write(frames, interfaces))
  const run = (tool: string, ...words: string[]): string =>
    execFileSync(tool, words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
  expect(run('capinfos', '-c', '-M', path)).toMatch(/Number of packets:\s+10/)
  const rows = run('tshark', '-r', path, '-T', 'fields', '-e', 'frame.time_epoch', '-e', 'frame.len')
  expect(rows.trimEnd().split('\n')).toEqual(
    frames.map(frame => [Number.isNaN(frame.seconds) ? '' : '1700000000.000000000', frame.wireSize].join('\t')),
  )
})
