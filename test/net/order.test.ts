/** Any cut, order and duplication of a stream gives the same runs as an oracle that sorts everything first. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { effort } from '../support/effort.ts'
import { ACK, SYN, Talk } from '../support/net.ts'

/** Fewer than the patience with a hole, so that nothing is given up before all have come. */
const MOST_SEGMENTS = 30

interface Piece {
  readonly from: number
  readonly to: number
}

/** A stream of `size` bytes cut into segments; some twice, some joined, some never; in any order. */
const disorder = fc
  .record({
    size: fc.integer({ min: 1, max: 120 }),
    start: fc.oneof(fc.constant(0xffffffff), fc.integer({ min: 0xffffffa0, max: 0xffffffff }), fc.nat(0xffffffff)),
    cuts: fc.array(fc.nat(119), { maxLength: 12 }),
    lost: fc.array(fc.nat(12), { maxLength: 3 }),
    extra: fc.array(fc.tuple(fc.nat(119), fc.nat(119)), { maxLength: 8 }),
    acks: fc.array(fc.nat(120), { maxLength: 5 }),
    order: fc.infiniteStream(fc.nat(1000)),
  })
  .map(({ size, start, cuts, lost, extra, acks, order }) => {
    const places = [...new Set([0, ...cuts.filter(cut => cut < size), size])].sort((a, b) => a - b)
    const whole = places.slice(1).map((to, at): Piece => ({ from: places[at] ?? 0, to }))
    const pieces = whole.filter((_, at) => !lost.includes(at))
    for (const [from, long] of extra) if (from < size) pieces.push({ from, to: Math.min(size, from + 1 + (long % 40)) })
    const steps = [...pieces, ...acks.filter(ack => ack <= size)]
    const shuffled = steps.map(step => ({ step, key: order.next().value ?? 0 })).sort((a, b) => a.key - b.key)
    return { size, start, pieces, steps: shuffled.map(({ step }) => step).slice(0, MOST_SEGMENTS - 2) }
  })

const letter = (offset: number): string => String.fromCharCode(97 + (offset % 26))

/** Sorts all that came, and tells what is missing up to the last byte seen or acknowledged. */
function oracle(steps: readonly (Piece | number)[]): string {
  const there = new Set<number>()
  let reach = 0
  let acked = 0
  for (const step of steps) {
    if (typeof step === 'number') acked = Math.max(acked, step)
    else for (let at = step.from; at < step.to; at++) there.add(at)
  }
  for (const at of there) reach = Math.max(reach, at + 1)
  // One acknowledged position behind all data is a FIN that was not captured.
  if (acked > reach + 1) reach = acked
  let text = ''
  let missing = 0
  for (let at = 0; at <= reach; at++) {
    if (at < reach && !there.has(at)) missing++
    else {
      if (missing > 0) text += `<${missing}>`
      missing = 0
      if (at < reach) text += letter(at)
    }
  }
  return text
}

test('in any order', () => {
  fc.assert(
    fc.property(disorder, ({ start, steps }) => {
      const t = new Talk()
        .client({ seq: start, flags: SYN })
        .server({ seq: 499, ack: (start + 1) >>> 0, flags: SYN | ACK })
      for (const step of steps) {
        if (typeof step === 'number') t.server({ ack: (start + 1 + step) >>> 0 })
        else {
          const data = Array.from({ length: step.to - step.from }, (_, at) => letter(step.from + at)).join('')
          t.client({ seq: (start + 1 + step.from) >>> 0, data })
        }
      }
      t.end()
      expect(t.text).toBe(oracle(steps))
      expect(t.anomalies).toEqual([])
      expect(t.flows.queued).toBe(0)
    }),
    { numRuns: effort(500, 3000) },
  )
})

test('all that came in order is there at once, wherever the stream is cut', () => {
  const cuts = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 40 })
  fc.assert(
    fc.property(cuts, fc.nat(0xffffffff), (sizes, start) => {
      const t = new Talk().client({ seq: start, flags: SYN })
      let sent = ''
      for (const size of sizes) {
        const data = Array.from({ length: size }, (_, at) => letter(sent.length + at)).join('')
        t.client({ seq: (start + 1 + sent.length) >>> 0, data })
        sent += data
        expect(t.text).toBe(sent)
      }
    }),
    { numRuns: effort(100, 500) },
  )
})

test('each byte is told to come from a frame that holds it', () => {
  fc.assert(
    fc.property(disorder, ({ start, steps }) => {
      const t = new Talk().client({ seq: start, flags: SYN })
      const held = new Map<number, Piece>()
      for (const step of steps) {
        if (typeof step === 'number') continue
        const data = Array.from({ length: step.to - step.from }, (_, at) => letter(step.from + at)).join('')
        t.client({ seq: (start + 1 + step.from) >>> 0, data })
        held.set(t.number, step)
      }
      t.end()
      let offset = 0
      for (const event of t.recorder.events) {
        const run = /^0\.0 run (\w+) @(\d+)$/.exec(event)
        const gap = /^0\.0 gap (\d+)/.exec(event)
        if (gap) offset += Number(gap[1])
        if (!run) continue
        const piece = held.get(Number(run[2]))
        expect(piece?.from).toBeLessThanOrEqual(offset)
        offset += run[1]?.length ?? 0
        expect(piece?.to).toBeGreaterThanOrEqual(offset)
      }
    }),
    { numRuns: effort(200, 1000) },
  )
})
