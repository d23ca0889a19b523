/**
 * What is no MQTT is never claimed: conversations in other protocols, and noise, from the start and in mid-stream, both
 * sides and each alone.
 */
import { describe, expect, test } from 'vitest'
import { Frame, type RunSink, type Side } from '../../src/base/line.ts'
import { answersConnect, Chain, provesConnect } from '../../src/mqtt/proof.ts'
import { Candidate, type Carried, HeldTotal, type Prover } from '../../src/transport/candidate.ts'
import { effort } from '../support/effort.ts'
import { FOREIGN, type Speak } from '../support/foreign.ts'
import { Random } from '../support/random.ts'

/** Runs of both sides that are looked at: more than a candidate needs for its verdict. */
const MOST_RUNS = 70

/** Reads nothing, and remembers what it was asked to read. */
class Claims implements Prover {
  claims: Carried[] = []
  isOver = false
  readonly client: Side | -1
  readonly connects = provesConnect
  readonly answers = answersConnect
  readonly chain = (): Chain => new Chain()

  constructor(client: Side | -1) {
    this.client = client
  }

  isWhole(): boolean {
    return this.client !== -1
  }

  take(carried: Carried): readonly [RunSink, RunSink] | undefined {
    this.claims.push(carried)
    return undefined
  }

  letGo(): void {
    this.isOver = true
  }
}

interface Point {
  readonly title: string
  readonly client: Side | -1
  readonly sides: readonly Side[]
}

const POINTS: readonly Point[] = [
  { title: 'from the start', client: 0, sides: [0, 1] },
  { title: 'from the start, the server alone', client: 0, sides: [1] },
  { title: 'in mid-stream', client: -1, sides: [0, 1] },
  { title: 'in mid-stream, the client alone', client: -1, sides: [0] },
  { title: 'in mid-stream, the server alone', client: -1, sides: [1] },
]

/** What is claimed of a stream that goes on until it is let go, in hex with the runs that led to it. */
function claimed(random: Random, { client, sides }: Point, run: (side: Side, at: number) => Uint8Array): string[] {
  const claims = new Claims(client)
  const candidate = new Candidate(claims, new HeldTotal())
  const frame = new Frame()
  const runs: string[] = []
  const first = random.below(65_536)
  for (let at = 0; at < MOST_RUNS && !claims.isOver; at++) {
    for (const side of sides) {
      const bytes = run(side, first + at)
      runs.push(`${side}: ${Buffer.from(bytes.subarray(0, 40)).toString('hex')}`)
      candidate.sides[side].run(bytes, 0, bytes.length, frame, 0)
    }
  }
  return claims.claims.includes('mqtt') ? runs : []
}

/** One message a run, several, or a stretch that begins within one: what TCP makes of them. */
function segmentsOf(random: Random, speak: Speak): (side: Side, at: number) => Uint8Array {
  const most = random.pick([1, 1, 3])
  return (side, at) => {
    const messages = Array.from({ length: 1 + random.below(most) }, () => speak(random, side, at))
    return new Uint8Array(Buffer.concat(messages))
  }
}

describe('another protocol is no MQTT', () => {
  for (const [index, [name, speak]] of FOREIGN.entries())
    test(name, () => {
      const random = new Random(1000 + index)
      for (let left = effort(150, 3000); left > 0; left--)
        for (const point of POINTS)
          expect([point.title, claimed(random, point, segmentsOf(random, speak))]).toEqual([point.title, []])
    })
})

test('noise is no MQTT', () => {
  const random = new Random(20_261_201)
  const words = new Uint32Array(16_384)
  const noise = new Uint8Array(words.buffer)
  let left = effort(100, 1000) * 1e6
  while (left > 0) {
    for (let at = 0; at < words.length; at++) words[at] = random.word()
    for (const point of POINTS) {
      const most = random.pick([8, 100, 1460])
      const run = (): Uint8Array => {
        const start = random.below(noise.length - most)
        const size = 1 + random.below(most)
        left -= size
        return noise.subarray(start, start + size)
      }
      expect([point.title, claimed(random, point, run)]).toEqual([point.title, []])
    }
  }
})
