/** Packets, whole and broken, through the walk and its listeners. */
import type { Field, FieldSink } from '../../src/base/field.ts'
import { isMalformed } from '../../src/mqtt/faults.ts'
import { ControlPacket } from '../../src/mqtt/packet.ts'
import type { Version } from '../../src/mqtt/spec.ts'
import { type Node, Tree } from '../../src/mqtt/tree.ts'
import { walk } from '../../src/mqtt/walk.ts'
import { MQTT } from '../../src/store/protocol.ts'
import { Random } from '../support/random.ts'
import { demand } from './demand.ts'
import { anyPacket, joined, mutate, type Spoken } from './packets.ts'

/** Holds the walk to what it promises: fields in order within the bytes, groups closed, everything said once. */
class Watch implements FieldSink {
  /** Of all that was announced: the same bytes must give the same, whatever stands behind them. */
  print = 0
  faults = 0
  malformed = 0
  /** Everything before it was announced by a field. */
  covered: number
  gaps = 0
  readonly groups: number[] = []
  private readonly start: number
  private readonly end: number

  constructor(start: number, end: number) {
    this.start = start
    this.end = end
    this.covered = start
  }

  field(field: Field, start: number, end: number, value: number): void {
    this.within(start, end)
    demand(Number.isInteger(value) && value >= 0, `${field.name} has a value`)
    if (start > this.covered + unsaid(field)) this.gaps++
    if (end > this.covered) this.covered = end
    this.stir(field.id, start, end, value)
  }

  open(field: Field, start: number): void {
    this.within(start, start)
    this.groups.push(start)
    this.stir(field.id, start, start, -1)
  }

  close(end: number): void {
    const start = this.groups.pop()
    demand(start !== undefined, 'a group is opened before it is closed')
    this.within(start ?? 0, end)
    // A property may overrun its block, which is told.
    demand(end >= this.covered || this.faults > 0, 'a group holds its members')
    this.stir(-1, end, end, 0)
  }

  fault(fault: number, at: number): void {
    this.within(at, at)
    this.faults++
    if (isMalformed(fault)) this.malformed++
    this.stir(fault, at, at, -2)
  }

  private within(start: number, end: number): void {
    demand(start >= this.start && start <= end && end <= this.end, 'places lie in the bytes')
    demand(start >= (this.groups.at(-1) ?? this.start), 'members lie in their group')
  }

  /** Places count from the packet's start, so that it may stand anywhere. */
  private stir(what: number, start: number, end: number, value: number): void {
    for (const part of [what, start - this.start, end - this.start, value]) {
      this.print = Math.imul(this.print ^ part, 0x01000193) ^ (this.print >>> 15)
    }
  }
}

/** The length of a content type is no field of its own: as in Wireshark, it counts as part of the value. */
const unsaid = (field: Field): number => (field.name === 'mqtt.property.contentType' ? 2 : 0)

/** Walks the bytes at a place of its own, with `behind` after their end. */
function watch(packet: Uint8Array, before: number, behind: Uint8Array, version: Version): Watch {
  const bytes = joined(new Uint8Array(before).fill(0x55), packet, behind)
  const seen = new Watch(before, before + packet.length)
  walk(bytes, before, before + packet.length, version, seen)
  demand(seen.groups.length === 0 || seen.faults > 0, 'groups are closed where nothing is wrong')
  return seen
}

const NOTHING = new Uint8Array(0)
const BAIT = Uint8Array.of(0xff, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff)

/** The other listeners, on the same bytes. */
function listen(packet: Uint8Array, version: Version, seen: Watch): void {
  const kept = new ControlPacket()
  walk(packet, 0, packet.length, version, kept)
  demand(kept.faultCount === seen.faults && kept.malformed === seen.malformed > 0, 'listeners hear the same faults')
  for (let slot = 0; slot < 32; slot++) {
    if (kept.has(slot))
      demand(kept.start(slot) <= kept.end(slot) && kept.end(slot) <= packet.length, 'slots lie in the bytes')
  }
  const tree = new Tree(MQTT.root, 0, packet.length)
  walk(packet, 0, packet.length, version, tree)
  nested(tree.finish(), packet.length, seen.faults === 0)
}

/** `strict`: members end in their group; a property that overruns its block does not, which is told as a fault. */
function nested(node: Node, end: number, strict: boolean): void {
  demand(node.start <= node.end && node.end <= end, `${node.field.name} lies in its group`)
  for (const child of node.children) {
    demand(child.start >= node.start, `${child.field.name} begins in its group`)
    nested(child, strict ? node.end : end, strict)
  }
}

/** One packet. Throws only where an invariant is broken. */
export function fuzzWalk(seed: number): void {
  const random = new Random(seed)
  const spoken = random.pick([3, 4, 5] as const)
  const kind = random.below(8)
  if (kind === 0) return broken(random, random.bytes(random.below(80)), spoken)
  const whole = anyPacket(random, spoken)
  if (kind <= 2) return wellFormed(whole, spoken)
  let packet = whole
  for (let left = 1 + random.below(3); left > 0; left--) packet = mutate(random, packet)
  broken(random, packet, random.chance(0.8) ? spoken : random.pick([0, 3, 4, 5] as const))
}

function wellFormed(packet: Uint8Array, version: Spoken): void {
  const seen = watch(packet, 0, NOTHING, version)
  demand(seen.malformed === 0, 'a well-formed packet is not malformed')
  demand(seen.gaps === 0 && seen.covered === packet.length, 'fields tile a well-formed packet')
  listen(packet, version, seen)
}

function broken(random: Random, packet: Uint8Array, version: Version): void {
  const seen = watch(packet, random.below(3), NOTHING, version)
  const baited = watch(packet, random.below(3), BAIT, version)
  demand(seen.print === baited.print, 'nothing is read behind the end')
  listen(packet, version, seen)
}
