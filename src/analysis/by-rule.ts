/** What is remarked on, gathered by rule: for the list of findings, and for the packets they are about. */

import type { Finding } from '../store/record.ts'
import type { Level } from '../store/vocabulary.ts'

/** Places remembered of one kind of finding; more are counted. */
const MOST_PLACES = 10_000
/** Kinds of findings: ids come from our own tables, so this many cannot be reached. */
const MOST_GROUPS = 1000
/** Findings of rules kept with their packets: what is said of bytes is read again from them. About 200 bytes each. */
const MOST_KEPT = 100_000

export interface Group {
  readonly id: string
  readonly level: Level
  readonly title: string
  /** For learners; empty where the title says it. */
  readonly explanation: string
  count: number
  /** Numbers of the packets, in the order in which they were remarked on. */
  readonly packets: number[]
  /** The first one's own words. */
  readonly example: string
}

export interface About {
  readonly title: string
  readonly explanation: string
}

const GRAVITY: Readonly<Record<Level, number>> = { error: 0, warning: 1, note: 2 }

export class ByRule {
  readonly counts: Record<Level, number> = { error: 0, warning: 0, note: 0 }
  private readonly byId = new Map<string, Group>()
  private readonly byPacket = new Map<number, Finding[]>()
  private kept = 0

  /** `packet`: its number, 0 where it is about none. */
  add(finding: Finding, packet: number, about: About | undefined): void {
    this.counts[finding.level]++
    const group = this.group(finding, about)
    if (group === undefined) return
    group.count++
    if (packet > 0 && group.packets.length < MOST_PLACES && group.packets.at(-1) !== packet) group.packets.push(packet)
  }

  /** Keeps a finding of a rule with its packet. */
  keep(finding: Finding, packet: number): void {
    if (packet === 0 || this.kept >= MOST_KEPT) return
    this.kept++
    const there = this.byPacket.get(packet)
    if (there === undefined) this.byPacket.set(packet, [finding])
    else there.push(finding)
  }

  /** Findings on the behaviour that a packet shows. */
  of(packet: number): readonly Finding[] {
    return this.byPacket.get(packet) ?? NONE
  }

  /** The gravest first, then the most frequent. */
  get groups(): readonly Group[] {
    return [...this.byId.values()].sort((a, b) => GRAVITY[a.level] - GRAVITY[b.level] || b.count - a.count)
  }

  /** Packets up to this number are not kept any more. */
  forget(last: number): void {
    for (const packet of this.byPacket.keys()) {
      if (packet > last) continue
      this.kept -= this.byPacket.get(packet)?.length ?? 0
      this.byPacket.delete(packet)
    }
  }

  private group(finding: Finding, about: About | undefined): Group | undefined {
    const title = about?.title ?? finding.message
    const key = `${finding.level} ${finding.id} ${title}`
    const known = this.byId.get(key)
    if (known !== undefined || this.byId.size >= MOST_GROUPS) return known
    const group = {
      id: finding.id,
      level: finding.level,
      title,
      explanation: about?.explanation ?? '',
      count: 0,
      packets: [],
      example: finding.message,
    }
    this.byId.set(key, group)
    return group
  }
}

const NONE: readonly Finding[] = []
