/** One input for the layers from frame to run: a broken frame, a true stream in disorder, or a hostile one. */

import type { FieldSink } from '../../src/base/field.ts'
import { type Frame, Frame as Record } from '../../src/base/line.ts'
import type { Flow, Side } from '../../src/net/flow.ts'
import { Flows } from '../../src/net/flows.ts'
import { readSegment, Segment } from '../../src/net/segment.ts'
import { walkFrame } from '../../src/net/walk.ts'
import { ENCAPSULATIONS } from '../field/points.ts'
import { ACK, be16, be32, ethernet, FIN, ip4, ip6, join, RST, SYN, tcp, URG } from '../support/net.ts'
import { Random } from '../support/random.ts'

export function fuzzNet(seed: number): void {
  const random = new Random(seed)
  const kind = random.below(4)
  if (kind === 0) brokenFrames(random)
  else if (kind === 1) trueStream(random)
  else hostileStream(random)
}

function holds(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Error(what)
}

// Frames

const DATA = tcp({ data: 'one two tri', options: [1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2] })
const VXLAN = [0xc0, 0, 0x12, 0xb5, 0, 0, 0, 0, 8, 0, 0, 0, 0, 0, 42, 0]
const TEMPLATES: readonly (readonly [number, Uint8Array])[] = [
  [1, ethernet(ip4(DATA))],
  [1, ethernet(join([0, 7, 0x81, 0, 0, 8, 8, 0], ip4(DATA)), 0x88a8)],
  [1, ethernet(ip6(DATA), 0x86dd)],
  [1, ethernet(ip6(join([60, 0, 0, 0, 0, 0, 0, 0], [6, 0, 0, 0, 0, 0, 0, 0], DATA), { next: 0 }), 0x86dd)],
  [1, ethernet(ip4(DATA.subarray(0, 24), { fragment: 0x2000 }))],
  [1, ethernet(ip4(DATA.subarray(24), { fragment: 3 }))],
  [1, ethernet(ip6(join([6, 0, ...be16(1), ...be32(9)], DATA.subarray(0, 24)), { next: 44 }), 0x86dd)],
  [1, ethernet(ip4(join([0, 0, 0x65, 0x58], ethernet(ip4(DATA))), { protocol: 47 }))],
  [1, ethernet(ip4(join(VXLAN, ethernet(ip4(DATA))), { protocol: 17 }))],
  [1, ethernet(join([0x11, 0, 0, 1, 0, 0, 0, 0x21], ip4(DATA)), 0x8864)],
  [101, ip4(ip6(DATA), { protocol: 41 })],
  [113, join([0, 4, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0, 8, 0], ip4(DATA))],
  [276, join([8, 0, 0, 0, 0, 0, 0, 2, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0], ip4(DATA))],
  [0, join([2, 0, 0, 0], ip4(DATA))],
  [9, join([0xff, 3, 0, 0x21], ip4(DATA))],
  ...Object.values(ENCAPSULATIONS).flatMap(({ link, point }): [number, Uint8Array][] =>
    point(ip4(DATA)).map(frame => [link, frame]),
  ),
]

function brokenFrames(random: Random): void {
  // Two readers see the same frames among different strangers: whoever looks outside of a frame gets another answer.
  const segments = [new Segment(), new Segment()] as const
  for (let count = random.below(4) + 1; count > 0; count--) {
    const [link, template] = random.chance(0.95) ? random.pick(TEMPLATES) : [random.below(300), random.bytes(80)]
    const bytes = template.slice()
    for (let n = random.below(4); n > 0; n--)
      bytes[random.below(bytes.length)] = random.chance(0.3) ? 255 : random.word()
    const captured = random.chance(0.3) ? random.below(bytes.length + 1) : bytes.length
    const told = [0, 0xff].map((stranger, at) => {
      const frame = among(bytes, captured, link, stranger)
      checkWalk(frame)
      return told1(frame, segments[at as Side])
    })
    holds(told[0] === told[1], `a read outside of the frame: ${told.join(' / ')}`)
  }
}

function among(bytes: Uint8Array, captured: number, link: number, stranger: number): Frame {
  const frame = new Record()
  frame.bytes = new Uint8Array(captured + 64).fill(stranger)
  frame.bytes.set(bytes.subarray(0, captured), 16)
  frame.start = 16
  frame.end = 16 + captured
  frame.wireSize = bytes.length
  frame.link = link
  return frame
}

function told1(frame: Frame, segment: Segment): string {
  if (!readSegment(frame, segment)) {
    holds(segment.skip < 0, 'no reason')
    return `skip ${segment.skip}`
  }
  const { bytes, header, start, end, cut, seq, ack, flags, window, anomalies } = segment
  const inside = bytes === frame.bytes ? [frame.start, frame.end] : [0, bytes.length]
  holds(header >= (inside[0] as number) && header + 20 <= end, 'header outside')
  holds(start <= end && end <= (inside[1] as number) && cut >= 0, 'payload outside')
  let sum = 0
  for (let at = start; at < end; at++) sum = (sum * 31 + (bytes[at] as number)) | 0
  return [segment.source0, segment.target0, seq, ack, flags, window, anomalies, end - start, cut, sum].join(' ')
}

function checkWalk(frame: Frame): void {
  let depth = 0
  const check = (start: number, end: number) =>
    holds(start >= frame.start && end <= frame.end && start <= end, `walk: ${start}-${end}`)
  const sink: FieldSink = {
    field: (_field, start, end) => check(start, end),
    open: (_field, start) => {
      check(start, frame.end)
      depth++
    },
    close: end => {
      check(frame.start, end)
      depth--
    },
    fault: (_fault, at) => check(at, frame.end),
  }
  walkFrame(frame, sink)
  holds(depth === 0, 'walk: groups do not nest')
}

// Streams

/** Counts what comes out of the two sides of one flow. */
class Side1 {
  delivered = 0
  gaps = 0
  ended = 0
}

/** Pushes segments made by hand: the frames' bytes are of no interest here. */
class Line {
  readonly sides: [Side1, Side1][] = []
  readonly opened: Flow[] = []
  closed = 0
  readonly flows: Flows
  readonly segment = new Segment()
  readonly frame = new Record()
  /** Payload bytes pushed. */
  pushed = 0

  constructor(
    seed: number,
    check: (side: Side, offset: number, bytes: Uint8Array, start: number, end: number) => void,
  ) {
    this.flows = new Flows(
      {
        open: flow => {
          const sides: [Side1, Side1] = [new Side1(), new Side1()]
          this.sides.push(sides)
          if (!this.opened.includes(flow)) this.opened.push(flow)
          return [this.listener(sides[0], 0, check), this.listener(sides[1], 1, check)]
        },
        close: () => {
          this.closed++
        },
        anomaly: (_flow, _side, anomaly, _frame, from, to) => holds(anomaly >= 0 && from <= to, 'anomaly: range'),
      },
      seed,
    )
    this.frame.bytes = new Uint8Array(2048)
    this.segment.sourcePort = 1
  }

  private listener(
    state: Side1,
    side: Side,
    check: (side: Side, offset: number, bytes: Uint8Array, start: number, end: number) => void,
  ) {
    return {
      run: (bytes: Uint8Array, start: number, end: number) => {
        holds(state.ended === 0, 'run after end')
        holds(start < end && start >= 0 && end <= bytes.length, 'run: range')
        check(side, state.delivered + state.gaps, bytes, start, end)
        state.delivered += end - start
      },
      gap: (size: number) => {
        holds(state.ended === 0, 'gap after end')
        holds(size > 0, 'gap: size')
        state.gaps += size
      },
      end: () => {
        holds(++state.ended === 1, 'ended twice')
      },
    }
  }

  /** `fill` writes the payload into the bytes it is given. */
  push(
    side: Side,
    seq: number,
    ack: number,
    flags: number,
    size: number,
    fill: (bytes: Uint8Array, start: number) => void,
  ): void {
    const { segment, frame } = this
    const start = 54
    frame.number++
    frame.start = 0
    frame.end = start + size
    frame.wireSize = frame.end
    fill(frame.bytes, start)
    segment.begin(frame)
    segment.family = 4
    segment.source0 = side
    segment.target0 = 1 - side
    segment.sourcePort = 1000 + side
    segment.targetPort = 1001 - side
    segment.header = 34
    segment.start = start
    segment.end = start + size
    segment.cut = 0
    segment.seq = seq | 0
    segment.ack = ack | 0
    segment.flags = flags
    segment.window = 64_000
    this.pushed += size
    this.flows.push(segment)
    // Whoever kept a view of the reader's bytes finds them changed.
    frame.bytes.fill(0xaa, start, start + size)
  }

  finish(): void {
    this.flows.end()
    holds(this.flows.queued === 0, `something still waits: ${this.flows.queued}`)
    holds(this.closed === this.sides.length, 'a flow was not closed')
    let sum = 0
    let gaps = 0
    for (const side of this.sides.flat()) {
      holds(side.ended === 1, 'a side was not ended')
      sum += side.delivered
      gaps += side.gaps
    }
    let told = 0
    for (const flow of this.opened) {
      sum += flow.rare.repeatedBytes + flow.rare.copiedBytes + flow.rare.ignoredBytes
      told += flow.rare.gapBytes
    }
    holds(gaps === told, `gaps: ${gaps}, counted ${told}`)
    holds(sum === this.pushed, `bytes: pushed ${this.pushed}, accounted for ${sum}`)
  }
}

const byteAt = (side: Side, offset: number): number => ((offset * 7 + side * 101) ^ (offset >>> 8)) & 255

/** Both streams are true; segments come in disorder, twice, overlapping or never. */
function trueStream(random: Random): void {
  const base = [random.word() | 0, random.chance(0.3) ? -20 : random.word() | 0] as const
  const line = new Line(random.word(), (side, offset, bytes, start, end) => {
    for (let at = start; at < end; at++)
      holds(bytes[at] === byteAt(side, offset + at - start), `wrong byte at ${offset}`)
  })
  const seq = (side: Side, offset: number) => (base[side] + 1 + offset) | 0
  const nothing = () => {}
  line.push(0, base[0], 0, SYN, 0, nothing)
  line.push(1, base[1], seq(0, 0), SYN | ACK, 0, nothing)
  const sent = [0, 0]
  for (let count = random.below(24); count > 0; count--) {
    const side = random.below(2) as Side
    const other = side === 0 ? 1 : 0
    const end = sent[side] as number
    // Around the end of what was sent: new data, old data, both, or data behind a hole.
    const offset = Math.max(
      0,
      end + random.pick([0, 0, 0, -1, -random.below(60), random.below(60), random.below(3000)]),
    )
    const size = random.pick([0, 1, random.below(40), random.below(200)])
    sent[side] = Math.max(end, offset + size)
    const ack = random.chance(0.7) ? random.below((sent[other] as number) + 1) : (sent[other] as number)
    if (random.chance(0.1)) line.frame.seconds += random.below(3)
    line.push(side, seq(side, offset), seq(other, ack), ACK, size, (bytes, start) => {
      for (let at = 0; at < size; at++) bytes[start + at] = byteAt(side, offset + at)
    })
  }
  if (random.chance(0.5)) line.push(0, seq(0, sent[0] as number), seq(1, sent[1] as number), FIN | ACK, 0, nothing)
  line.finish()
}

const HOSTILE = [ACK, ACK, ACK, ACK, ACK | URG, SYN, SYN | ACK, FIN | ACK, RST, RST | ACK, SYN | FIN, 0, 0xff]

/** Any flags, numbers near each other, near the wrap, or anywhere; clocks that jump. */
function hostileStream(random: Random): void {
  const line = new Line(random.word(), () => {})
  const centre = random.pick([0, -5, random.word(), 0x7fffffff])
  const near = () =>
    centre + random.pick([0, 1, random.below(20), random.below(500), random.below(2_000_000), random.word()])
  for (let count = random.below(30) + 1; count > 0; count--) {
    if (random.chance(0.1)) line.frame.seconds = random.pick([0, 1, 100, 4_294_967_295, Number.NaN])
    const size = random.pick([0, 0, 1, random.below(30), random.below(1400)])
    const flags = random.chance(0.8) ? ACK : random.pick(HOSTILE)
    line.push(random.below(2) as Side, near(), near(), flags, size, () => {})
  }
  line.finish()
}
