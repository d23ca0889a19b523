/** What a hostile capture makes large costs work in proportion to it, and not more. */
import './support/work.ts'
import { expect, test } from 'vitest'
import { Details } from '../src/export/details.ts'
import { Budget, Framer } from '../src/mqtt/framer.ts'
import { Flows } from '../src/net/flows.ts'
import { readSegment, Segment } from '../src/net/segment.ts'
import { info } from '../src/text/info.ts'
import { shown } from '../src/text/sanitize.ts'
import { ethernet, frameOf, ip4, SYN, tcp } from './support/net.ts'
import { recordOf } from './support/record.ts'
import { Feeder, join, Notes } from './support/traffic.ts'
import { copiedBy, workOf } from './support/work.ts'

/** Twice the input may take twice the work, and a little for what grows in steps. */
const TWICE = 2.2

const encoder = new TextEncoder()

/** A Remaining Length of three bytes. */
const length = (size: number): number[] => [(size & 127) | 128, ((size >> 7) & 127) | 128, size >> 14]

test.each(['a', '\u0301', '温', '\x1b', '\\'])(
  'a topic of 65,535 bytes (%j) is read no further than it is shown',
  unit => {
    const topic = encoder.encode(unit.repeat(65_535)).subarray(0, 65_535)
    const work = (size: number): number => workOf(() => void shown(topic, 0, size, 64))
    work(4000)
    expect(work(65_535)).toBe(work(4000))
  },
)

test('the line of a packet with thousands of user properties (M14)', () => {
  const work = (count: number): number => {
    const properties = encoder.encode('&\0\x01k\0\x01v'.repeat(count))
    const body = join(Uint8Array.of(0, 1, 0x61, ...length(properties.length)), properties, Uint8Array.of(0x78))
    const record = recordOf(join(Uint8Array.of(0x30, ...length(body.length)), body), { version: 5 })
    return workOf(() => expect(info(record, false, undefined).trim()).toBe(`(Q0) a "x" 1 B [${count} user properties]`))
  }
  work(100)
  const half = work(2000)
  expect(half).toBeGreaterThan(2000)
  expect(work(4000)).toBeLessThan(half * TWICE)
})

test('the tree of a packet with thousands of faults', () => {
  const work = (count: number): number => {
    const body = encoder.encode(`\0\x02${'\0\0\0'.repeat(count)}`)
    const record = recordOf(join(Uint8Array.of(0x82, ...length(body.length)), body))
    const details = new Details({ color: false, redact: false })
    return workOf(() => {
      const lines = details.of(record).split('\n')
      expect(lines.filter(line => line.includes('✗')).length).toBeGreaterThan(10)
      expect(lines.filter(line => line.includes('✗')).length).toBeLessThanOrEqual(100)
    })
  }
  work(100)
  const half = work(2000)
  expect(half).toBeGreaterThan(2000)
  expect(work(4000)).toBeLessThan(half * TWICE)
})

test('a packet in segments of one byte: each costs the same (M30)', () => {
  const notes = new Notes()
  const framer = new Framer(notes, new Budget(), false)
  const feeder = new Feeder(framer)
  const bytes = join(Uint8Array.of(0x30, 0x80, 0x80, 0x04), new Uint8Array(1 << 16))
  const feed = (from: number, to: number): void => {
    for (let at = from; at < to; at++) feeder.run(bytes, at, at + 1)
  }
  let early = 0
  let late = 0
  const copied = copiedBy(() => {
    feed(0, 1000)
    early = workOf(() => feed(1000, 11_000))
    feed(11_000, 50_000)
    late = workOf(() => feed(50_000, 60_000))
    feed(60_000, bytes.length)
  })
  framer.end('fin')
  expect(notes.places).toEqual([[0, bytes.length]])
  expect(early).toBeGreaterThan(10_000)
  expect(late).toBeLessThan(early * 1.1)
  // Each buffer is twice the one before, so all of them together hold twice the last.
  expect(copied).toBeLessThan(bytes.length * 2)
})

interface Client {
  readonly source: readonly number[]
  readonly from?: number
}

/** The work of so many connections that are only opened. */
function opening(count: number, seed: number, client: (n: number) => Client): number {
  const frames = Array.from({ length: count }, (_, n) => {
    const { source, from = 40_000 } = client(n)
    return frameOf(ethernet(ip4(tcp({ seq: n, flags: SYN, from }), { source })))
  })
  const flows = new Flows({ open: () => null, close: () => {}, anomaly: () => {} }, seed)
  const segment = new Segment()
  const work = workOf(() => {
    for (const frame of frames) if (readSegment(frame, segment)) flows.push(segment)
  })
  expect(flows.count).toBe(count)
  return work
}

test('half-open connections (S02)', () => {
  const client = (n: number): Client => ({ source: [10, n >>> 16, (n >>> 8) & 255, n & 255] })
  opening(100, 7, client)
  const half = opening(5000, 7, client)
  expect(half).toBeGreaterThan(5000)
  expect(opening(10_000, 7, client)).toBeLessThan(half * TWICE)
})

test('addresses and ports chosen for one slot spread all the same (M31)', () => {
  const usual = opening(5000, 7, n => ({ source: [10, 0, n >>> 8, n & 255] }))
  for (const seed of [0, 1, 0x7fffffff, -1]) {
    expect(opening(5000, seed, n => ({ source: [n >>> 8, n & 255, n >>> 8, n & 255] }))).toBeLessThan(usual * 1.2)
    expect(opening(5000, seed, n => ({ source: [10, 0, n >>> 8, n & 255], from: n }))).toBeLessThan(usual * 1.2)
  }
})
