/** Mutated captures through the reader. */

import type { Frame } from '../../src/base/line.ts'
import { CaptureReader, type Damage } from '../../src/capture/reader.ts'
import * as build from '../support/capture.ts'
import { Random } from '../support/random.ts'

type Part = (random: Random, order: build.Order) => Uint8Array

const START = 1_700_000_000

/** `more`: bytes behind the four usual words of the record header. */
const aRecord = (random: Random, order: build.Order, more: number): Uint8Array =>
  build.record(order, {
    seconds: START + random.below(100),
    fraction: random.below(1_000_000),
    data: random.bytes(random.below(120)),
    extra: random.chance(0.5) ? random.bytes(more) : new Uint8Array(more),
  })

const aPacket: Part = (random, order) => {
  const time = BigInt(START + random.below(100)) * 1_000_000n
  return build.enhanced(order, { port: random.below(2), time, data: random.bytes(random.below(120)) })
}

const OTHERS: readonly Part[] = [
  (random, order) => build.simple(order, random.bytes(random.below(80))),
  (random, order) => build.oldPacket(order, { data: random.bytes(random.below(80)) }),
  (random, order) => build.statistics(order, random.below(3), build.option(order, 5, order.n64(BigInt(random.word())))),
  (random, order) => build.interfaceBlock(order, { options: build.resolution(order, random.below(256)) }),
  (_, order) => build.names(order),
  (random, order) => build.custom(order, random.chance(0.5), random.bytes(random.below(40))),
  (random, order) => build.block(order, random.word(), random.bytes(4 * random.below(10))),
]

const aBlock: Part = (random, order) => (random.chance(0.7) ? aPacket : random.pick(OTHERS))(random, order)

/** What Red Hat 6.1, Nokia and Kuznetzov put behind the four words, and most others do not. */
const MORE = [0, 0, 8, 4, 12]

const MAGICS = [build.MICRO, build.MICRO, build.NANO, build.KUZNETZOV]

/** One file: a header and up to twenty records or blocks. */
function file(random: Random): Uint8Array[] {
  const order = random.chance(0.5) ? build.LITTLE : build.BIG
  const classic = random.chance(0.5)
  const magic = random.pick(MAGICS)
  const more = random.pick(MORE)
  const start = classic
    ? build.header(order, { magic, snaplen: random.pick([0, 64, 262_144, 0xffffffff]) })
    : build.concat(build.section(order), build.interfaceBlock(order), build.interfaceBlock(order, { snaplen: 64 }))
  return [
    start,
    ...Array.from({ length: random.below(20) }, () => (classic ? aRecord(random, order, more) : aBlock(random, order))),
  ]
}

const ODD = [0, 1, 4, 0x7f, 0x80, 0xff]

/** Bytes overwritten, put in, taken out, doubled, cut off. */
function mutate(random: Random, capture: Uint8Array): Uint8Array {
  const at = random.below(capture.length + 1)
  const size = 1 + random.below(24)
  const behind = capture.subarray(Math.min(at + size, capture.length))
  switch (random.below(5)) {
    case 0: {
      const changed = capture.slice()
      for (let i = at; i < Math.min(at + (size % 5), capture.length); i++) changed[i] = random.pick(ODD)
      return changed
    }
    case 1:
      return build.concat(capture.subarray(0, at), random.bytes(size), capture.subarray(at))
    case 2:
      return build.concat(capture.subarray(0, at), behind)
    case 3:
      return build.concat(capture.subarray(0, at + size), capture.subarray(at))
    default:
      return capture.subarray(0, at)
  }
}

export function mutatedCapture(random: Random): Uint8Array {
  const parts = file(random)
  if (random.chance(0.2)) parts.push(...file(random))
  let capture = build.concat(...parts)
  for (let left = random.below(4); left > 0; left--) capture = mutate(random, capture)
  return capture
}

/** Holds the reader to what it promises, whatever comes. */
class Watch {
  frames = 0
  skipped = 0
  damages = 0
  lost = 0
  /** Everything before it is told: frames and skipped bytes come in the order of the file, and never overlap. */
  told = 0
  chunk: Uint8Array = new Uint8Array(0)
  readonly capture: Uint8Array

  constructor(capture: Uint8Array) {
    this.capture = capture
  }

  frame(frame: Frame): void {
    this.frames++
    const { start, end, bytes, position } = frame
    demand(frame.number === this.frames, 'frames are numbered in order')
    demand(start >= 0 && start <= end && end <= bytes.length, 'a frame lies in its bytes')
    demand(position >= this.told, 'frames go forwards')
    demand(position + end - start <= this.capture.length, 'a frame lies in the capture')
    demand(frame.nanos >= 0 && frame.nanos < 1e9 && Number.isInteger(frame.nanos), 'nanoseconds are a fraction')
    for (const offset of [0, end - start - 1]) {
      if (start === end) break
      demand(bytes[start + offset] === this.capture[position + offset], 'a frame holds the bytes of its position')
    }
    this.told = position + end - start
  }

  damage(damage: Damage): void {
    this.damages++
    this.skipped += damage.size
    demand(damage.size >= 0 && damage.at + damage.size <= this.capture.length, 'damage lies in the capture')
    if (damage.size === 0) return
    demand(damage.at >= this.told, 'damage goes forwards')
    this.told = damage.at + damage.size
  }

  lose(count: number): void {
    demand(count > 0, 'losses are positive')
    this.lost += count
  }
}

function demand(holds: boolean, what: string): void {
  if (!holds) throw new Error(`broken: ${what}`)
}

/** Pushes the capture in cuts of up to `most` bytes through one piece of memory that is used again. */
function run(capture: Uint8Array, random: Random, most: number): Watch {
  const state = new Watch(capture)
  const reader = new CaptureReader({
    frame: frame => state.frame(frame),
    damage: damage => state.damage(damage),
    lost: count => state.lose(count),
  })
  const memory = new Uint8Array(most)
  for (let at = 0; at < capture.length; ) {
    const size = Math.min(1 + random.below(most), capture.length - at)
    memory.set(capture.subarray(at, at + size))
    reader.push(memory.subarray(0, size))
    at += size
  }
  reader.end()
  demand(reader.frames === state.frames, 'the reader counts its frames')
  demand(reader.damages === state.damages, 'the reader counts its damages')
  demand(reader.skipped === state.skipped, 'the reader counts what it skipped')
  demand(reader.lost === state.lost, 'the reader counts what was lost')
  demand(reader.done || reader.bytes === capture.length, 'the reader counts its bytes')
  return state
}

/** One mutated capture, whole and in random cuts. Throws only where an invariant is broken. */
export function fuzzCapture(seed: number): void {
  const random = new Random(seed)
  const capture = mutatedCapture(random)
  const whole = run(capture, random, Math.max(capture.length * 4, 1))
  const cut = run(capture, random, 1 + random.below(200))
  demand(whole.frames === cut.frames && whole.told === cut.told, 'cuts change nothing')
  demand(whole.damages === cut.damages && whole.skipped === cut.skipped, 'cuts change no damage')
}
