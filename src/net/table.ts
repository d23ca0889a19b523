/** segment → connection: open addressing over addresses and ports, and the order in which they were last used. */
import type { RunSink, Side } from '../base/line.ts'
import { Flow } from './flow.ts'
import type { Half } from './half.ts'
import type { Segment } from './segment.ts'

/** A sink that drops everything. */
export const NOBODY: RunSink = { run: () => {}, gap: () => {}, end: () => {} }

/** A flow and what only `Flows` needs to know of it. */
export class Tracked extends Flow {
  readonly hash: number
  half0: Half | null = null
  half1: Half | null = null
  closed = false
  /** True after `forget`: the halves are freed with the next segment. */
  isForgotten = false
  /** A RST that the receiver would accept was seen, at `resetTime`. */
  reset = false
  /** A stream that may be the same under other addresses; null once data has decided. */
  suspect: Tracked | null = null
  /** Whole minutes of Unix time at the last segment that came after a segment of another flow. */
  minute = 0
  newer: Tracked | null = null
  older: Tracked | null = null

  constructor(index: number, hash: number, segment: Segment) {
    super(index, segment)
    this.hash = hash
  }

  override listen(side: Side, sink: RunSink): void {
    const half = side === 0 ? this.half0 : this.half1
    half?.listen(sink)
  }

  /** Frees the sinks at once, and the halves with the next segment: the current one may still pass through them. */
  override forget(): void {
    this.isForgotten = true
    this.half0?.listen(NOBODY)
    this.half1?.listen(NOBODY)
  }

  override release(): void {
    this.forget()
    this.half0?.drop()
    this.half1?.drop()
    this.half0 = this.half1 = null
  }

  /** True if a byte of either side was delivered or known to be missing. */
  get hasData(): boolean {
    return (this.half0 !== null && this.half0.offset > 0) || (this.half1 !== null && this.half1.offset > 0)
  }
}

export class FlowTable {
  /** The side that sent the segment last looked up. */
  side: Side = 0
  size = 0
  newest: Tracked | null = null
  oldest: Tracked | null = null
  private slots: (Tracked | undefined)[] = new Array(1024).fill(undefined)
  private mask = 1023
  private readonly seed: number

  constructor(seed: number) {
    this.seed = seed | 0
  }

  find(segment: Segment): Tracked | null {
    let slot = hashOf(segment, this.seed) & this.mask
    for (;;) {
      const flow = this.slots[slot]
      if (flow === undefined) return null
      if (isForward(flow, segment)) {
        this.side = 0
        return flow
      }
      if (isBackward(flow, segment)) {
        this.side = 1
        return flow
      }
      slot = (slot + 1) & this.mask
    }
  }

  /** A new flow, whose side 0 sent this segment. */
  add(index: number, segment: Segment): Tracked {
    const flow = new Tracked(index, hashOf(segment, this.seed), segment)
    // At most half full: a search for an unknown address soon meets a free slot.
    if (++this.size * 2 > this.mask) this.grow()
    this.put(flow)
    this.link(flow)
    this.side = 0
    return flow
  }

  /** Removes a flow; the flows after it move up, so that no search stops too early. */
  remove(flow: Tracked): void {
    this.unlink(flow)
    this.size--
    const { slots, mask } = this
    let hole = flow.hash & mask
    while (slots[hole] !== flow) hole = (hole + 1) & mask
    for (let slot = (hole + 1) & mask; ; slot = (slot + 1) & mask) {
      const other = slots[slot]
      if (other === undefined) break
      if (((slot - other.hash) & mask) < ((slot - hole) & mask)) continue
      slots[hole] = other
      hole = slot
    }
    slots[hole] = undefined
  }

  /** Makes a flow the newest. */
  touch(flow: Tracked): void {
    this.unlink(flow)
    this.link(flow)
  }

  private put(flow: Tracked): void {
    let slot = flow.hash & this.mask
    while (this.slots[slot] !== undefined) slot = (slot + 1) & this.mask
    this.slots[slot] = flow
  }

  private grow(): void {
    this.mask = this.mask * 2 + 1
    this.slots = new Array(this.mask + 1).fill(undefined)
    for (let flow = this.oldest; flow !== null; flow = flow.newer) this.put(flow)
  }

  private link(flow: Tracked): void {
    flow.older = this.newest
    flow.newer = null
    if (this.newest === null) this.oldest = flow
    else this.newest.newer = flow
    this.newest = flow
  }

  private unlink(flow: Tracked): void {
    if (flow.older === null) this.oldest = flow.newer
    else flow.older.newer = flow.newer
    if (flow.newer === null) this.newest = flow.older
    else flow.newer.older = flow.older
    flow.older = null
    flow.newer = null
  }
}

function isForward(flow: Flow, s: Segment): boolean {
  if (flow.a0 !== s.source0 || flow.b0 !== s.target0) return false
  if (flow.portA !== s.sourcePort || flow.portB !== s.targetPort || flow.family !== s.family) return false
  if (s.family === 4) return true
  const { wide } = flow
  return (
    wide.a1 === s.source1 &&
    wide.a2 === s.source2 &&
    wide.a3 === s.source3 &&
    wide.b1 === s.target1 &&
    wide.b2 === s.target2 &&
    wide.b3 === s.target3
  )
}

function isBackward(flow: Flow, s: Segment): boolean {
  if (flow.a0 !== s.target0 || flow.b0 !== s.source0) return false
  if (flow.portA !== s.targetPort || flow.portB !== s.sourcePort || flow.family !== s.family) return false
  if (s.family === 4) return true
  const { wide } = flow
  return (
    wide.a1 === s.target1 &&
    wide.a2 === s.target2 &&
    wide.a3 === s.target3 &&
    wide.b1 === s.source1 &&
    wide.b2 === s.source2 &&
    wide.b3 === s.source3
  )
}

/**
 * The same for both directions: the sum of the two ends' hashes. The seed keeps an attacker from aiming at one slot; it is
 * mixed with the port before the address comes, because ports and addresses that differ alike would cancel each other out.
 */
function hashOf(s: Segment, seed: number): number {
  let source = mix(mix(seed, s.sourcePort), s.source0)
  let target = mix(mix(seed, s.targetPort), s.target0)
  if (s.family === 6) {
    source = mix(mix(mix(source, s.source1), s.source2), s.source3)
    target = mix(mix(mix(target, s.target1), s.target2), s.target3)
  }
  const sum = (source + target) | 0
  return (sum ^ (sum >>> 15)) >>> 0
}

function mix(hash: number, word: number): number {
  const mixed = Math.imul(hash ^ word, 0x9e3779b1)
  return Math.imul(mixed ^ (mixed >>> 15), 0x85ebca6b)
}
