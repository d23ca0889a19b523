/** The way back into a stream: after a gap, a start in mid-stream, a length that cannot be. */
import { describe, expect, test } from 'vitest'
import { fromHex, hex } from '../../src/base/bytes.ts'
import { Budget, Framer } from '../../src/mqtt/framer.ts'
import { effort } from '../support/effort.ts'
import { Random } from '../support/random.ts'
import { anyTraffic, Feeder, join, Notes, publish, type Traffic } from '../support/traffic.ts'

const utf8 = new TextEncoder()

function midStream() {
  const notes = new Notes()
  const framer = new Framer(notes, new Budget(), true)
  return { notes, framer, feeder: new Feeder(framer) }
}

/** Each text is one run. */
function told(...runs: readonly string[]): readonly string[] {
  const { notes, framer, feeder } = midStream()
  for (const run of runs) feeder.run(fromHex(run), 0, fromHex(run).length)
  framer.end('capture')
  return notes.lines
}

const tri = publish('home/tri', utf8.encode('tri'))
const fou = publish('home/fou', utf8.encode('fou'))

describe('mid-stream', () => {
  test('T18: the first byte is inside of a packet', () => {
    expect(told('68656c6c6f', hex(tri))).toEqual(['skipped 5', hex(tri)])
    expect(told(`68656c6c6f${hex(tri)}${hex(fou)}`)).toEqual(['skipped 5', hex(tri), hex(fou)])
  })

  test('a packet alone in its run is one, small as it may be', () => {
    expect(told('c000')).toEqual(['c000'])
    expect(told('40020007')).toEqual(['40020007'])
    expect(told('3008 0001 61 7b22747269')).toEqual(['30080001617b22747269'])
    expect(told('101200044d5154540402003c0006746573746572')).toEqual(['101200044d5154540402003c0006746573746572'])
  })

  test('W6: the payload that the capture begins in is passed over, whatever it looks like', () => {
    const lines = told('40024002620240025002 41 62 70 0041 0230 0500 41', hex(tri))
    expect(lines.at(-1)).toBe(hex(tri))
    expect(lines.slice(0, -1).every(line => line.startsWith('skipped'))).toBe(true)
  })

  test('streams of pings, of acknowledgements', () => {
    expect(told('d000', 'd000')).toEqual(['d000', 'd000'])
    expect(told('00', 'c000c000')).toEqual(['skipped 1', 'c000', 'c000'])
    expect(told('0007', '40020008', '40020009 4002000a')).toEqual(['skipped 2', '40020008', '40020009', '4002000a'])
  })

  test('5.0: topic aliases in place of topics, reason codes', () => {
    expect(told('6f6f', '3007 0000 03 230001 31', '4003 0007 10')).toEqual([
      'skipped 2',
      '300700000323000131',
      '4003000710',
    ])
    expect(told('6f6f 3007 0000 03 230001 31 3007 0000 03 230001 32 3007 0000 03 230001 33')).toEqual([
      'skipped 2',
      '300700000323000131',
      '300700000323000132',
      '300700000323000133',
    ])
  })

  test('byte by byte it takes a few packets, and then stays in step', () => {
    const { notes, feeder } = midStream()
    const stream = join(fromHex('6f6d'), ...Array.from({ length: 6 }, () => tri), fromHex('c000 4002 0007'))
    for (let at = 0; at < stream.length; at++) feeder.run(stream, at, at + 1)
    expect(notes.lines.slice(-5)).toEqual([hex(tri), hex(tri), hex(tri), 'c000', '40020007'])
    expect(notes.told).toBe(stream.length)
    const pings = midStream()
    for (let at = 0; at < 20; at++) pings.feeder.run(fromHex('c000'), at % 2, (at % 2) + 1)
    expect(pings.notes.lines.slice(-6)).toEqual(Array(6).fill('c000'))
  })

  test('a packet longer than its run is waited for, and its end must fit', () => {
    const long = publish('home/long', utf8.encode('x'.repeat(5000)))
    const { notes, feeder } = midStream()
    const stream = join(utf8.encode('rest'.repeat(100)), long, tri)
    for (const [start, end] of [
      [0, 400],
      [400, 1848],
      [1848, 3296],
      [3296, 4744],
      [4744, stream.length],
    ] as const)
      feeder.run(stream, start, end)
    expect(notes.places).toEqual([
      [400, long.length],
      [400 + long.length, tri.length],
    ])
  })

  test('a beginning that comes to nothing is noise, and the search goes on', () => {
    const { notes, feeder, framer } = midStream()
    const false1 = join(
      Uint8Array.of(0x30, 0xa0, 0x0f),
      fromHex('0009'),
      utf8.encode('home/long'),
      utf8.encode('y'.repeat(1000)),
    )
    feeder.run(false1, 0, false1.length)
    const noise = utf8.encode('z'.repeat(500))
    feeder.run(noise, 0, noise.length)
    expect(framer.pendingNeed).toBe(1955)
    const rest = join(utf8.encode('no packet'), new Uint8Array(1000))
    feeder.run(rest, 0, rest.length)
    feeder.run(tri, 0, tri.length)
    expect(notes.lines.at(-1)).toBe(hex(tri))
    expect(notes.places.length).toBe(1)
  })

  test('a stream that ends in the middle of what was waited for', () => {
    const long = publish('home/some/long/topic', utf8.encode('x'.repeat(500)))
    const { notes, feeder, framer } = midStream()
    feeder.run(long, 0, 200)
    framer.end('fin')
    expect(notes.lines.length).toBe(1)
    expect(notes.lines[0]).toMatch(/of 525 incomplete$/)
  })

  test('random bytes for ever: nothing is made of them, and all are told', () => {
    const { notes, feeder, framer } = midStream()
    const random = new Random(7)
    for (let count = 0; count < 400; count++) feeder.run(random.bytes(1448), 0, 1448)
    framer.end('capture')
    expect(notes.places).toEqual([])
    expect(notes.skips).toBe(400 * 1448)
  })
})

test('the start of a message of the layer below counts in a small run as well, and for that run alone', () => {
  const run = fromHex('300700036162636f6e30070003')
  const first = (isMessage: boolean, before = false): readonly string[] => {
    const { notes, framer, feeder } = midStream()
    if (before) {
      framer.boundary()
      feeder.run(fromHex('6f6f'), 0, 2)
    }
    if (isMessage) framer.boundary()
    feeder.run(run, 0, run.length)
    return notes.lines.filter(line => !line.startsWith('skipped'))
  }
  expect(first(false)).toEqual([])
  expect(first(false, true)).toEqual([])
  expect(first(true)).toEqual(['300700036162636f6e'])
})

describe('gaps', () => {
  test('T09: a gap inside of a message, then clean messages', () => {
    const { notes, feeder } = midStream()
    feeder.run(tri, 0, tri.length)
    feeder.run(tri, 0, 6)
    feeder.gap(0)
    feeder.run(join(utf8.encode('ri'), tri, fou), 0, 2 + tri.length + fou.length)
    expect(notes.lines).toEqual([
      hex(tri),
      `${hex(tri, 0, 6)} of 15 incomplete`,
      'gap 0',
      'skipped 2',
      hex(tri),
      hex(fou),
    ])
  })

  test('T10: in a packet that the search waits for', () => {
    const long = publish('home/some/long/topic', utf8.encode('x'.repeat(2000)))
    const { notes, feeder } = midStream()
    feeder.run(long, 0, 1000)
    feeder.gap(500)
    feeder.run(join(long, tri), 1500, long.length + tri.length)
    expect(notes.lines).toEqual([expect.stringMatching(/ holes 1000,500$/), hex(tri)])
  })

  test('in the topic of a packet, when the way back was just found', () => {
    const long = publish('home/some/long/topic', utf8.encode('x'.repeat(2000)))
    const { notes, feeder } = midStream()
    feeder.run(tri, 0, tri.length)
    feeder.run(long, 0, 12)
    feeder.gap(1000)
    feeder.run(long, 1012, 1020)
    feeder.gap(900)
    feeder.run(join(long, tri), 1920, long.length + tri.length)
    expect(notes.lines).toEqual([hex(tri), expect.stringMatching(/ holes 12,1000,1020,900$/), hex(tri)])
  })

  test('in what turns out to be no packet: the gap is told as one', () => {
    const long = publish('home/some/long/topic', utf8.encode('x'.repeat(2000)))
    const { notes, feeder, framer } = midStream()
    feeder.run(long, 0, 1000)
    feeder.gap(long.length - 1010)
    const rest = join(long.subarray(-10), fromHex('ff'.repeat(20)))
    feeder.run(rest, 0, rest.length)
    framer.end('capture')
    expect(notes.lines).toEqual(['skipped 1000', `gap ${long.length - 1010}`, 'skipped 30'])
    expect(notes.told).toBe(long.length + 20)
  })

  test('what was waited for and is not trusted is noise', () => {
    const { notes, feeder } = midStream()
    feeder.run(fromHex('7778793040'), 0, 5)
    feeder.gap(10)
    feeder.run(tri, 0, tri.length)
    expect(notes.lines).toEqual(['skipped 5', 'gap 10', hex(tri)])
  })

  test('after the way back was found the first bad header ends the trust', () => {
    const { notes, feeder } = midStream()
    feeder.run(tri, 0, tri.length)
    feeder.run(fromHex('ff7f0001'), 0, 4)
    feeder.run(fou, 0, fou.length)
    expect(notes.lines).toEqual([hex(tri), 'skipped 4', hex(fou)])
  })
})

describe('a start inside of a PUBLISH of 3 MB', () => {
  const SIZE = 3 << 20
  const random = new Random(3)
  const payloads: readonly (readonly [string, Uint8Array])[] = [
    ['text', utf8.encode('Grüße aus dem Heizungskeller, 21,5 °C\r\n'.repeat(SIZE / 40))],
    ['JSON', utf8.encode('{"t":21.5,"note":"0\\u0005","raw":"0\u0005\u0000x"},\n'.repeat(SIZE / 44))],
    ['random', random.bytes(SIZE)],
    ['zeros', new Uint8Array(SIZE)],
    ['pings', Uint8Array.from({ length: SIZE }, (_, at) => (at % 4 === 0 ? 0xc0 : 0))],
    ['counters', Uint8Array.from({ length: SIZE }, (_, at) => [0x40, 2, at >> 10, at >> 2][at % 4] ?? 0)],
  ]
  test.each(payloads)('%s', (name, payload) => {
    const { notes, feeder } = midStream()
    for (let at = 0; at < payload.length; at += 1448) feeder.run(payload, at, Math.min(payload.length, at + 1448))
    const wrong = notes.places.length
    feeder.run(tri, 0, tri.length)
    feeder.run(fou, 0, fou.length)
    // A payload that is one acknowledgement behind the other cannot be told from a stream of them.
    if (name !== 'counters') expect(wrong).toBe(0)
    expect(notes.lines.slice(-2)).toEqual([hex(tri), hex(fou)])
    expect(notes.told).toBe(payload.length + tri.length + fou.length)
  })
})

/** Feeds the stream from `cut` on; offset and size of what came out, and where the first whole run begins. */
function resume(traffic: Traffic, cut: number): Notes {
  const { notes, feeder, framer } = midStream()
  const bounds = [cut, ...traffic.cuts.filter(at => at > cut)]
  for (let at = 0; at + 1 < bounds.length; at++) feeder.run(traffic.bytes, bounds[at] ?? 0, bounds[at + 1] ?? 0)
  framer.end('capture')
  expect(notes.told).toBe(traffic.bytes.length - cut)
  return notes
}

const STREAMS = effort(300, 2000)

test('streams cut anywhere: never a wrong packet, and one in a hundred of those that begin behind the next run is missed', () => {
  let expected = 0
  let missed = 0
  for (let seed = 1; seed <= STREAMS; seed++) {
    const random = new Random(seed)
    const traffic = anyTraffic(random, 30)
    const atRun = random.chance(0.5)
    const somewhere = 1 + random.below(traffic.bytes.length >> 1)
    const next = traffic.cuts.find(at => at >= somewhere) ?? 0
    const notes = resume(traffic, atRun ? next : somewhere)
    const sizes = new Map(traffic.packets.map(([at, size]) => [at, size]))
    expect(notes.places.filter(([at, size]) => sizes.get(at) !== size)).toEqual([])
    const found = new Set(notes.places.map(([at]) => at))
    const behind = traffic.packets.filter(([at]) => at >= next)
    expected += behind.length
    missed += behind.filter(([at]) => !found.has(at)).length
  }
  expect(expected).toBeGreaterThan(STREAMS * 15)
  expect(missed / expected).toBeLessThan(0.015)
})

test('a hostile stream costs no more than its bytes', () => {
  const topic = '30ffff7f 0008 746f7069 63746f70'.replaceAll(' ', '')
  const inputs = [
    topic.repeat(4000),
    '82ff7f 0001 0001 61 00'.replaceAll(' ', '').repeat(6000),
    `${'c000'.repeat(30_000)}ff`,
    '30'.repeat(60_000),
    '300500036130'.repeat(10_000),
  ]
  for (const input of inputs) {
    const bytes = fromHex(input)
    const { notes, feeder, framer } = midStream()
    for (let count = 0; count < 10; count++) feeder.run(bytes, 0, bytes.length)
    framer.end('capture')
    expect(notes.told).toBe(10 * bytes.length)
  }
})
