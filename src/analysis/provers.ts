/** What a flow must prove, by what is known of it, and what it asks for once it has: its own reader, or that of a wrapping. */
import type { FlowEnd, Frame, RunSink } from '../base/line.ts'
import { answersConnect, Chain, provesConnect } from '../mqtt/proof.ts'
import type { Flow } from '../net/flow.ts'
import type { Side } from '../store/record.ts'
import type { Stream } from '../store/stream.ts'
import type { Candidate, Carried, Prover } from '../transport/candidate.ts'
import type { TransportFacts } from '../transport/facts.ts'
import { Passed } from '../transport/passed.ts'
import type { WebSocketFault } from '../transport/websocket-faults.ts'
import type { Direction, Source } from './direction.ts'
import type { InnerStream } from './websocket-plug.ts'

/** A stream on a port of MQTT, and the frame in which its client begins with a wrapping. */
export interface Named {
  readonly stream: Stream
  readonly sides: readonly [Direction, Direction]
  readonly frame: Frame
}

/** Who plugs in what reads a flow, once its prover has decided: `Unproven`, which says what each of these does. */
export interface FlowOwner {
  unwrap(flow: Flow, outer: TransportFacts | undefined): Sinks
  resume(flow: Flow, client: Side): Sinks
  unwrapNamed(layer: 'tls' | 'http', named: Named, outer?: TransportFacts): Sinks | undefined
  decrypt(flow: Flow): Sinks | undefined
  take(flow: Flow, candidate: Candidate, facts: TransportFacts | undefined): readonly [Direction, Direction]
  opened(stream: Stream, facts: TransportFacts | undefined): void
  sidesOf(stream: Stream, source: Source): readonly [Direction, Direction]
  abandon(flow: Flow): void
  letGo(flow: Flow): void
}

/** What reads the two sides. */
type Sinks = readonly [RunSink, RunSink]

/** What hands out the runs of a layer's inside. */
export const sourceOf = (candidate: Candidate): Source => ({
  listen: (side, sink) => candidate.sides[side].listen(sink),
})

/** Decides on a flow itself, or on what is inside of its wrappings. */
export class FlowProver implements Prover {
  /** The wrappings around what this prover decides on; undefined for the flow itself. */
  protected readonly facts: TransportFacts | undefined
  /** The sides of the stream, once it proved to be MQTT. */
  protected sides: readonly [Direction, Direction] | undefined = undefined
  protected readonly owner: FlowOwner
  private readonly flow: Flow

  constructor(owner: FlowOwner, flow: Flow, facts?: TransportFacts) {
    this.owner = owner
    this.flow = flow
    this.facts = facts
  }

  get client(): Side | -1 {
    return this.flow.client
  }

  isWhole(side: Side): boolean {
    return this.flow.sawSyn(side)
  }

  readonly connects = provesConnect
  readonly answers = answersConnect
  readonly chain = (): Chain => new Chain()

  take(carried: Carried, candidate: Candidate): readonly [RunSink, RunSink] | undefined {
    if (carried === 'mqtt') return this.takeMqtt(candidate)
    if (carried === 'tls' && this.facts === undefined) return this.owner.decrypt(this.flow)
    const { masking } = candidate
    if (carried === 'websocket' && this.facts === undefined && masking !== -1)
      return this.owner.resume(this.flow, masking)
    if (carried !== 'http' || this.client === -1 || this.facts?.webSocket !== undefined) return undefined
    return this.owner.unwrap(this.flow, this.facts)
  }

  private takeMqtt(candidate: Candidate): readonly [RunSink, RunSink] {
    const sides = this.claim(candidate)
    const readers = [sides[0].mqtt(), sides[1].mqtt()] as const
    // Runs that are still to come need not pass the candidate.
    for (const side of [0, 1] as const) sides[side].listen(readers[side])
    this.sides = sides
    this.taken(sides)
    return readers
  }

  /** Makes the sides of the stream, now that it is known to be MQTT. */
  protected claim(candidate: Candidate): readonly [Direction, Direction] {
    return this.owner.take(this.flow, candidate, this.facts)
  }

  /** Called once it is known that the stream is MQTT. */
  protected taken(_sides: readonly [Direction, Direction]): void {}

  letGo(): void {
    this.owner.letGo(this.flow)
  }
}

/** Decides on what a layer carries: its beginning is there, because that of the layer is. */
export class InnerProver extends FlowProver implements InnerStream {
  /** Rules that were broken before it was known that this is MQTT: each code once for a side. */
  private readonly faults: { side: Side; code: WebSocketFault; frame: number }[] = []

  override isWhole(): boolean {
    return true
  }

  protected override taken(sides: readonly [Direction, Direction]): void {
    for (const { side, code, frame } of this.faults.splice(0)) sides[side].webSocketFault(code, frame)
  }

  webSocketFault(side: Side, code: WebSocketFault, { number: frame }: Frame): void {
    if (this.sides === undefined) this.faults.push({ side, code, frame })
    else this.sides[side].webSocketFault(code, frame)
  }

  skipped(side: Side, size: number, frame: Frame): void {
    this.sides?.[side].skipped(size, frame)
  }
}

/** Decides on what WebSocket frames carry whose stream began before the capture. Masks tell who is the client. */
export class MidstProver extends InnerProver {
  private readonly masking: Side

  constructor(owner: FlowOwner, flow: Flow, facts: TransportFacts, masking: Side) {
    super(owner, flow, facts)
    this.masking = masking
  }

  override get client(): Side {
    return this.masking
  }

  override isWhole(): boolean {
    return false
  }

  protected override taken(sides: readonly [Direction, Direction]): void {
    sides[this.masking].isOfClient()
    super.taken(sides)
  }
}

/** Decides on what a wrapping carries on a port of MQTT: what is none is reported like any other protocol there. */
export class NamedProver extends InnerProver {
  private readonly named: Named
  private readonly layer: 'tls' | 'http'
  private isLetGo = false
  /** How the sides ended before anything was decided. */
  private readonly ends: [FlowEnd | undefined, FlowEnd | undefined] = [undefined, undefined]

  constructor(owner: FlowOwner, facts: TransportFacts, named: Named, layer: 'tls' | 'http') {
    super(owner, named.stream.flow, facts)
    this.layer = layer
    this.named = named
  }

  /** Returns the sink of a side that remembers its end. */
  watch(side: Side, next: RunSink): RunSink {
    return {
      run: (bytes, start, end, frame, position) => next.run(bytes, start, end, frame, position),
      gap: (size, frame) => next.gap(size, frame),
      end: how => {
        this.ends[side] = how
        next.end(how)
      },
    }
  }

  override take(carried: Carried, candidate: Candidate): readonly [RunSink, RunSink] | undefined {
    if (carried !== 'http') return carried === 'tls' ? undefined : super.take(carried, candidate)
    return this.facts?.webSocket === undefined ? this.owner.unwrapNamed('http', this.named, this.facts) : undefined
  }

  protected override claim(candidate: Candidate): readonly [Direction, Direction] {
    const { stream } = this.named
    this.owner.opened(stream, this.facts)
    return this.owner.sidesOf(stream, sourceOf(candidate))
  }

  override letGo(): void {
    if (this.isLetGo) return
    this.isLetGo = true
    const { sides, frame } = this.named
    // TLS that nothing opened is reported as that.
    const isSealed = this.facts?.tls?.keys === 'none'
    if (!isSealed) this.owner.abandon(this.named.stream.flow)
    if (this.client !== -1 && !isSealed) sides[this.client].foreign(this.layer, frame)
    for (const side of [0, 1] as const) {
      const how = this.ends[side]
      if (how === undefined) sides[side].listen(new Passed(sides[side], this.layer))
      else sides[side].ended(how)
    }
  }
}
