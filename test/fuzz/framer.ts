/**
 * Random and mutated packets in random runs with gaps, to a framer alone or behind a wire: every byte is told once, and
 * nothing points outside of the bytes.
 */
import { Frame, NOWHERE, type RunSink } from '../../src/base/line.ts'
import { Budget, Framer } from '../../src/mqtt/framer.ts'
import { opensAsMqtt } from '../../src/mqtt/opening.ts'
import type { PacketSink, RawPacket } from '../../src/mqtt/raw.ts'
import { Passed } from '../../src/transport/passed.ts'
import { type Above, Wire } from '../../src/transport/wire.ts'
import { Random } from '../support/random.ts'

const SEEDS: readonly (readonly number[])[] = [
  [0x10, 0x0c, 0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 2, 0, 60, 0, 0],
  [0x30, 0x09, 0, 3, 0x61, 0x2f, 0x62, 0x31, 0x32, 0x33, 0x34],
  [0x32, 0x0c, 0, 3, 0x61, 0x2f, 0x62, 0, 7, 3, 0x23, 0, 1, 0x31],
  [0x40, 2, 0, 7],
  [0x62, 2, 0, 7],
  [0x82, 9, 0, 7, 0, 0, 3, 0x61, 0x2f, 0x62, 1],
  [0x90, 3, 0, 7, 1],
  [0xc0, 0],
  [0xd0, 0],
  [0xff, 0xff, 0xff, 0xff, 0xff],
  [0x30, 0xff, 0xff, 0xff, 0x7f, 0, 1, 0x61],
  [0x16, 3, 1, 2, 0],
  [0x47, 0x45, 0x54, 0x20, 0x2f],
]

const MOST_HELD = 20_000

function fail(message: string): never {
  throw new Error(message)
}

/** Adds up what it is told. */
class Ledger implements PacketSink {
  told = 0
  private readonly budget: Budget

  constructor(budget: Budget) {
    this.budget = budget
  }

  packet(raw: RawPacket): void {
    const { bytes, start, readable, kept, end, holes, pieces } = raw
    if (!(start >= 0 && start < readable && readable <= kept && kept <= bytes.length)) fail('offsets')
    if (readable > end || (holes.length === 0 && readable !== kept)) fail('readable')
    const came = sum(pieces)
    if (came !== (raw.incomplete ? kept - start + sum(holes) : end - start)) fail('pieces')
    if (!raw.incomplete && kept - start + sum(holes) !== end - start) fail('holes')
    if (raw.incomplete && came > end - start) fail('incomplete')
    this.told += came
  }

  skipped(size: number): void {
    if (size <= 0) fail('skipped nothing')
    this.told += size
  }

  gap(size: number): void {
    this.told += size
    if (this.budget.held > MOST_HELD) fail('budget')
  }
}

/** The sizes of pairs. */
function sum(pairs: readonly number[]): number {
  let total = 0
  for (let at = 1; at < pairs.length; at += 2) total += pairs[at] ?? 0
  return total
}

/** PROXY heads, and what begins like one. */
const HEADS = [
  'PROXY TCP4 192.0.2.7 192.0.2.1 5000 1883\r\n',
  'PROXY UNKNOWN\r\n',
  'PROXY ',
  '\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c0123456789ab',
].map(text => new TextEncoder().encode(text))

function input(random: Random): Uint8Array {
  const bytes: number[] = []
  for (let count = 1 + random.below(8); count > 0; count--) {
    if (random.chance(0.1)) bytes.push(...random.bytes(random.below(20)))
    if (random.chance(0.05)) bytes.push(...random.pick(HEADS))
    const packet = [...random.pick(SEEDS)]
    if (random.chance(0.2)) packet[random.below(packet.length)] = random.below(256)
    bytes.push(...packet)
    if (random.chance(0.02)) bytes.push(0x30, 0xb8, 0x17, 0, 1, 0x61, ...new Uint8Array(2997).fill(random.below(256)))
  }
  return Uint8Array.from(bytes)
}

function behindWire(random: Random, ledger: Ledger, framer: Framer, listen: (sink: RunSink) => void): RunSink {
  const role = random.pick(['client', 'server', 'unknown'] as const)
  const above: Above = {
    role,
    opens: (bytes, start, end) => opensAsMqtt(bytes, start, end, role === 'client'),
    listen,
    mqtt: () => framer,
    foreign() {},
    proxied: ({ size }) => ledger.skipped(size),
    skipped: size => ledger.skipped(size),
    gap: size => ledger.gap(size),
    ended() {},
  }
  return new Wire([above, above]).sides[0]
}

/** Throws only where an invariant of the framer breaks. */
export function fuzzFramer(seed: number): void {
  const random = new Random(seed)
  const budget = new Budget(MOST_HELD)
  const ledger = new Ledger(budget)
  const framer = new Framer(ledger, budget, random.chance(0.5))
  let sink: RunSink = framer
  if (random.chance(0.5)) sink = behindWire(random, ledger, framer, next => (sink = next))
  const bytes = input(random)
  const frame = new Frame()
  const step = 1 + random.below(random.chance(0.1) ? 2000 : 30)
  let given = 0
  for (let at = 0; at < bytes.length; ) {
    frame.number++
    const end = Math.min(bytes.length, at + 1 + random.below(step))
    sink.run(bytes, at, end, frame, random.chance(0.1) ? NOWHERE : 1000 + at)
    given += end - at
    at = end
    if (!random.chance(0.1)) continue
    const missing = random.chance(0.3) ? 0 : random.below(12)
    sink.gap(missing, frame)
    // What is missing from a side that is not read is missed by nobody.
    if (!(sink instanceof Passed)) given += missing
    if (random.chance(0.7)) at += missing
  }
  sink.end('capture')
  if (ledger.told !== given) fail(`seed ${seed}: ${given} bytes given, ${ledger.told} told`)
  if (budget.held !== 0) fail(`seed ${seed}: ${budget.held} bytes still held`)
}
