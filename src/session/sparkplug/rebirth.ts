/** Sparkplug: what an edge node does when it is asked for new births (specification 3.0.0, chapter 5.14). */
import type { Connection } from '../connection.ts'
import type { Rule } from '../rules.ts'
import { type Heard, type Reporter, say } from './heard.ts'
import type { Node } from './nodes.ts'
import { bdSeqOf } from './reading.ts'

export const SPARKPLUG_REBIRTH = {
  stops: {
    id: 'tck-id-operational-behavior-data-commands-rebirth-action-1',
    level: 'error',
    title: 'Data goes on after rebirth request',
    explanation:
      'A node that gets Node Control/Rebirth = true stops sending data at once, until it has published its births again. Data that was on its way is not counted. (Sparkplug 3.0.0, chapter 5.14)',
  },
  births: {
    id: 'tck-id-operational-behavior-data-commands-rebirth-action-2',
    level: 'warning',
    title: 'No NBIRTH after rebirth request',
    explanation:
      'A node that gets Node Control/Rebirth = true publishes NBIRTH and the DBIRTHs of its devices. Here none came within 10 s. The request may have been lost between the capture and the node. (Sparkplug 3.0.0, chapter 5.14)',
  },
  sameBdSeq: {
    id: 'tck-id-operational-behavior-data-commands-rebirth-action-3',
    level: 'error',
    title: 'Rebirth with another bdSeq',
    explanation:
      'A rebirth is not a new connection: its NBIRTH has the bdSeq of the NBIRTH before, which is that of the will. (Sparkplug 3.0.0, chapter 5.14)',
  },
} as const satisfies Record<string, Rule>

/** Seconds after which data is no longer on its way when the request arrives. */
const ON_ITS_WAY = 5
/** Seconds that a node is given for its NBIRTH. */
const PATIENCE = 10

/** A request that was delivered to a node. */
export class RebirthRequest {
  readonly packet: number
  private readonly time: number
  private hasReported = false
  private hasWarned = false

  constructor(packet: number, time: number) {
    this.packet = packet
    this.time = time
  }

  /** Checks data of the node that comes before its NBIRTH. */
  data(heard: Heard): void {
    const late = heard.time - this.time
    if (this.hasReported || late <= ON_ITS_WAY) return
    this.hasReported = true
    say(
      heard,
      SPARKPLUG_REBIRTH.stops,
      `${heard.topic.type} ${Math.floor(late)} s after packet ${this.packet} asked for a rebirth`,
    )
  }

  /** Checks whether the NBIRTH is late. */
  review(time: number, node: Node, connection: Connection, to: Reporter): void {
    if (this.hasWarned || time - this.time <= PATIENCE) return
    this.hasWarned = true
    to.report(SPARKPLUG_REBIRTH.births, connection, this.packet, `${node.id} published no NBIRTH within ${PATIENCE} s`)
  }
}

/** Checks the NBIRTH that follows a request. */
export function checkRebirth(heard: Heard): void {
  const bdSeq = bdSeqOf(heard.reading)
  const before = heard.node.bdSeq
  if (Number.isNaN(bdSeq) || Number.isNaN(before) || bdSeq === before) return
  say(heard, SPARKPLUG_REBIRTH.sameBdSeq, `bdSeq is ${bdSeq}, and was ${before} before the rebirth`)
}
