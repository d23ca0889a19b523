/** What is kept of a flow beside its bytes until it has proved what it is: what TCP did in it, and the flows that are the same stream. */
import type { Frame, RunSink } from '../base/line.ts'
import type { AnomalyCode } from '../net/anomaly.ts'
import type { Flow } from '../net/flow.ts'
import type { Side } from '../store/record.ts'

/** One anomaly, as `FlowSink.anomaly` brought it. */
export interface HeldAnomaly {
  readonly side: Side
  readonly code: AnomalyCode
  readonly frame: Pick<Frame, 'number'>
  readonly from: number
  readonly to: number
}

/** Most anomalies kept of one flow, and of all together (about 6 MB). Those beyond are not reported: they are of the first runs alone. */
const MOST_ANOMALIES = 64
const MOST_ANOMALIES_TOTAL = 1 << 16

/** The flows of a capture that have not proved anything yet, by their index. */
export class WaitingFlows {
  private readonly flows = new Map<number, Waiting>()
  /** Goes along for good: a new one would pass over everything that was taken out before, each time. */
  private front = this.flows.values()
  private first: Waiting | undefined = undefined
  private anomalies = 0

  get size(): number {
    return this.flows.size
  }

  add(flow: Flow, sides: readonly [RunSink, RunSink]): void {
    this.flows.set(flow.index, new Waiting(flow, sides))
  }

  /** What is kept of the flow that has waited longest; undefined if none waits. */
  get oldest(): Waiting | undefined {
    if (this.flows.size === 0) return undefined
    while (this.first === undefined || this.flows.get(this.first.flow.index) !== this.first) this.step()
    return this.first
  }

  private step(): void {
    const next = this.front.next()
    if (next.done) this.front = this.flows.values()
    this.first = next.done ? undefined : next.value
  }

  /** True if the flow with this index waits. */
  has(index: number): boolean {
    return this.flows.has(index)
  }

  /** Takes a flow out. Returns what was kept of it; undefined if it did not wait. */
  remove(flow: Flow): Waiting | undefined {
    const waiting = this.flows.get(flow.index)
    if (waiting === undefined) return undefined
    this.flows.delete(flow.index)
    this.anomalies -= waiting.anomalies.length
    return waiting
  }

  /** Keeps an anomaly of a flow that waits, within the limits. */
  keep(flow: Flow, anomaly: HeldAnomaly): void {
    const anomalies = this.flows.get(flow.index)?.anomalies
    if (anomalies === undefined || anomalies.length >= MOST_ANOMALIES || this.anomalies >= MOST_ANOMALIES_TOTAL) return
    anomalies.push(anomaly)
    this.anomalies++
  }

  /** Ties a flow that waits to the one whose twin it is, or to the first of them all. Returns false if that one does not wait. */
  tie(twin: Flow): boolean {
    const [own, other] = [this.flows.get(twin.index), this.flows.get(twin.rare.twin)]
    if (own === undefined || other === undefined) return false
    own.first = other.first ?? other
    own.first.twins.push(twin)
    return true
  }
}

/** What is kept of one flow. */
export class Waiting {
  readonly flow: Flow
  /** The listeners of its sides. */
  readonly sides: readonly [RunSink, RunSink]
  /** In the order in which they came; MOST_ANOMALIES at most. */
  readonly anomalies: HeldAnomaly[] = []
  /** Flows that are the same stream under other addresses, each of which counts among those that wait. */
  readonly twins: Flow[] = []
  /** Whose twin this flow is; undefined if it is none. */
  first: Waiting | undefined = undefined

  constructor(flow: Flow, sides: readonly [RunSink, RunSink]) {
    this.flow = flow
    this.sides = sides
  }
}
