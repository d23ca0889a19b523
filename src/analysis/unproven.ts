/** Plugs a candidate together: what its bytes must prove, and what reads the stream once they did. */
import type { FlowEnd, Frame, RunSink } from '../base/line.ts'
import { answersConnect, Chain, provesConnect } from '../mqtt/proof.ts'
import { Anomaly } from '../net/anomaly.ts'
import type { Flow } from '../net/flow.ts'
import { anomalyFinding } from '../store/findings.ts'
import type { Side } from '../store/record.ts'
import type { Stream } from '../store/stream.ts'
import { tlsFindings } from '../store/tls-findings.ts'
import { Candidate, type Carried, HeldTotal, type Prover } from '../transport/candidate.ts'
import type { TransportFacts } from '../transport/facts.ts'
import type { Inflate } from '../transport/inflate.ts'
import type { KeyStore } from '../transport/keys.ts'
import { Passed } from '../transport/passed.ts'
import type { TlsCrypto } from '../transport/tls/crypto.ts'
import type { WebSocketFault } from '../transport/websocket-faults.ts'
import { Direction, type Line, type Source } from './direction.ts'
import { SealedFlows } from './sealed.ts'
import { TlsPlug } from './tls-plug.ts'
import { type HeldAnomaly, WaitingFlows } from './waiting.ts'
import { type InnerStream, WebSocketPlug } from './websocket-plug.ts'

/** What opens wrapped streams, handed in from above; absent where nothing can. */
export interface Openers {
  readonly inflate?: Inflate | undefined
  readonly crypto?: TlsCrypto | undefined
  /** The secrets of TLS connections; absent: those that the capture holds alone. */
  readonly keys?: KeyStore | undefined
}

/** Who keeps the streams: the pipeline. */
export interface Streams {
  /** Makes the stream of a flow that proved to be MQTT; `isOver`: keys came late, and the flow has ended already. */
  adopt(flow: Flow, isOver: boolean): Stream
  /** The user says that MQTT is spoken on this port. */
  isNamed(port: number): boolean
  /** A flow that may be MQTT in TLS is over, and nothing opened it. */
  seal(flow: Flow, facts: TransportFacts): void
  /** The stream that is read of the flow with this index; undefined if none is. */
  streamOf(index: number): Stream | undefined
}

/** The flows of a capture that nobody named: each has to prove that it is MQTT. */
export class Unproven {
  private readonly total = new HeldTotal()
  /** Flows that carry MQTT itself; one that goes on behind a RST need not prove it again. */
  private readonly proven = new WeakSet<Flow>()
  private readonly waiting = new WaitingFlows()
  private readonly line: Line
  private readonly streams: Streams
  private readonly webSocket: WebSocketPlug
  private readonly tls: TlsPlug
  private readonly sealed: SealedFlows

  constructor(line: Line, streams: Streams, { inflate, crypto, keys }: Openers) {
    this.line = line
    this.streams = streams
    this.webSocket = new WebSocketPlug(this.total, inflate)
    this.tls = new TlsPlug(this.total, crypto, keys)
    this.sealed = new SealedFlows(
      port => streams.isNamed(port),
      (flow, facts) => streams.seal(flow, facts),
    )
  }

  /** True if this flow proved before that it carries MQTT and no wrapping. */
  has(flow: Flow): boolean {
    return this.proven.has(flow)
  }

  /** How many flows have not proved anything yet. */
  get size(): number {
    return this.waiting.size
  }

  /** Lets go the flow that has waited longest: it had more time than others. Returns false if none waits. */
  makeRoom(): boolean {
    const { oldest } = this.waiting
    if (oldest === undefined) return false
    for (const side of oldest.sides) side.end('evicted')
    this.letGo(oldest.flow)
    return true
  }

  /** Returns the listeners of a flow. */
  open(flow: Flow): readonly [RunSink, RunSink] {
    const { sides } = new Candidate(new FlowProver(this, flow), this.total)
    this.waiting.add(flow, sides)
    return sides
  }

  /** Returns what reads a flow that begins with HTTP, or whose layer `outer` does. */
  unwrap(flow: Flow, outer: TransportFacts | undefined): readonly [RunSink, RunSink] {
    return this.webSocket.open(outer, facts => new InnerProver(this, flow, facts))
  }

  /** Returns what reads a flow in the midst of WebSocket, whose client is `client`. */
  resume(flow: Flow, client: Side): readonly [RunSink, RunSink] {
    return this.webSocket.resume(client, facts => new MidstProver(this, flow, facts, client))
  }

  /** Returns what reads a stream on a port of MQTT that is wrapped, or whose layer `outer` is; undefined if nothing does. */
  unwrapNamed(layer: 'tls' | 'http', named: Named, outer?: TransportFacts): readonly [RunSink, RunSink] | undefined {
    const provers: NamedProver[] = []
    const carry = (facts: TransportFacts, close = (): void => {}): NamedProver => {
      if (layer === 'tls') this.sealed.add(named.stream.flow, facts, close)
      const prover = new NamedProver(this, facts, named, layer)
      provers.push(prover)
      return prover
    }
    const readers = layer === 'tls' ? this.tls.open(carry, () => {}) : this.webSocket.open(outer, carry)
    if (readers === undefined) return undefined
    const watched = (side: Side): RunSink => provers[0]?.watch(side, readers[side]) ?? readers[side]
    return [watched(0), watched(1)]
  }

  /** Returns what reads a flow that begins with TLS. */
  decrypt(flow: Flow): readonly [RunSink, RunSink] | undefined {
    const carry = (facts: TransportFacts, close: () => void): InnerProver => {
      this.sealed.add(flow, facts, close)
      return new InnerProver(this, flow, facts)
    }
    // What can never be opened is counted to its end if it may be MQTT.
    return this.tls.open(carry, () => {
      if (!this.sealed.mayBeMqtt(flow)) this.letGo(flow)
    })
  }

  /** No more keys will come. */
  end(): void {
    this.tls.end()
    this.sealed.finish()
  }

  /** The flow is over, or nobody reads it: nor are those read that are the same stream. */
  close(flow: Flow): void {
    this.sealed.end(flow, this.tls.mayOpen)
    for (const twin of this.waiting.remove(flow)?.twins ?? []) if (this.waiting.has(twin.index)) this.letGo(twin)
  }

  /** Nobody reads the TLS of this flow any more. */
  abandon(flow: Flow): void {
    this.sealed.letGo(flow)
  }

  /** Nobody reads this flow. */
  letGo(flow: Flow): void {
    this.abandon(flow)
    this.close(flow)
    flow.forget()
  }

  /** Keeps what TCP did in a flow that has not proved anything yet: it is reported when it does. */
  anomaly(flow: Flow, anomaly: HeldAnomaly): void {
    if (!this.waiting.has(flow.index)) return
    this.waiting.keep(flow, anomaly)
    if (anomaly.code === Anomaly.SameStream) this.follow(flow)
  }

  /** A flow whose bytes another one brings is what that one proves to be. */
  private follow(twin: Flow): void {
    if (this.waiting.tie(twin)) return
    const read = this.streams.streamOf(twin.twin)
    if (read === undefined) this.letGo(twin)
    else this.adopt(twin, read.transport)
  }

  /** The packets of a stream can be read: `facts` are those of its wrappings. */
  opened(stream: Stream, facts: TransportFacts | undefined): void {
    this.sealed.remove(stream.flow)
    stream.transport = facts
    for (const finding of tlsFindings(stream)) this.line.finding(finding)
  }

  /** Makes the streams of a flow and its twins, and reports what TCP did in them. */
  private adopt(flow: Flow, facts: TransportFacts | undefined): Stream {
    const waiting = this.waiting.remove(flow)
    const stream = this.streams.adopt(flow, waiting === undefined)
    this.opened(stream, facts)
    for (const { side, code, frame, from, to } of waiting?.anomalies ?? [])
      this.line.finding(anomalyFinding(stream, side, code, frame, from, to))
    for (const twin of waiting?.twins ?? []) if (this.waiting.has(twin.index)) this.adopt(twin, facts)
    return stream
  }

  /** Makes the sides of a stream whose runs `source` hands out. */
  sidesOf(stream: Stream, source: Source): readonly [Direction, Direction] {
    return [new Direction(this.line, stream, 0, source), new Direction(this.line, stream, 1, source)]
  }

  /** Returns the sides of a flow that proved to be MQTT; `facts` are those of its wrappings. */
  take(flow: Flow, candidate: Candidate, facts: TransportFacts | undefined): readonly [Direction, Direction] {
    if (facts === undefined) this.proven.add(flow)
    const stream = this.adopt(flow, facts)
    const sides = this.sidesOf(stream, facts === undefined ? flow : sourceOf(candidate))
    const { proxy } = candidate
    if (proxy !== undefined) sides[proxy.side].proxied(proxy.head, proxy.frame)
    return sides
  }
}

/** What hands out the runs of a layer's inside. */
const sourceOf = (candidate: Candidate): Source => ({ listen: (side, sink) => candidate.sides[side].listen(sink) })

class FlowProver implements Prover {
  /** The wrappings around what this prover decides on; undefined for the flow itself. */
  protected readonly facts: TransportFacts | undefined
  /** The sides of the stream, once it proved to be MQTT. */
  protected sides: readonly [Direction, Direction] | undefined = undefined
  protected readonly unproven: Unproven
  private readonly flow: Flow

  constructor(unproven: Unproven, flow: Flow, facts?: TransportFacts) {
    this.unproven = unproven
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
    if (carried === 'tls' && this.facts === undefined) return this.unproven.decrypt(this.flow)
    const { masking } = candidate
    if (carried === 'websocket' && this.facts === undefined && masking !== -1)
      return this.unproven.resume(this.flow, masking)
    if (carried !== 'http' || this.client === -1 || this.facts?.webSocket !== undefined) return undefined
    return this.unproven.unwrap(this.flow, this.facts)
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
    return this.unproven.take(this.flow, candidate, this.facts)
  }

  /** Called once it is known that the stream is MQTT. */
  protected taken(_sides: readonly [Direction, Direction]): void {}

  letGo(): void {
    this.unproven.letGo(this.flow)
  }
}

/** Decides on what a layer carries: its beginning is there, because that of the layer is. */
class InnerProver extends FlowProver implements InnerStream {
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
class MidstProver extends InnerProver {
  private readonly masking: Side

  constructor(unproven: Unproven, flow: Flow, facts: TransportFacts, masking: Side) {
    super(unproven, flow, facts)
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

/** A stream on a port of MQTT, and the frame in which its client begins with a wrapping. */
export interface Named {
  readonly stream: Stream
  readonly sides: readonly [Direction, Direction]
  readonly frame: Frame
}

/** Decides on what a wrapping carries on a port of MQTT: what is none is reported like any other protocol there. */
class NamedProver extends InnerProver {
  private readonly named: Named
  private readonly layer: 'tls' | 'http'
  private isLetGo = false
  /** How the sides ended before anything was decided. */
  private readonly ends: [FlowEnd | undefined, FlowEnd | undefined] = [undefined, undefined]

  constructor(unproven: Unproven, facts: TransportFacts, named: Named, layer: 'tls' | 'http') {
    super(unproven, named.stream.flow, facts)
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
    return this.facts?.webSocket === undefined ? this.unproven.unwrapNamed('http', this.named, this.facts) : undefined
  }

  protected override claim(candidate: Candidate): readonly [Direction, Direction] {
    const { stream } = this.named
    this.unproven.opened(stream, this.facts)
    return this.unproven.sidesOf(stream, sourceOf(candidate))
  }

  override letGo(): void {
    if (this.isLetGo) return
    this.isLetGo = true
    const { sides, frame } = this.named
    // TLS that nothing opened is reported as that.
    const isSealed = this.facts?.tls?.keys === 'none'
    if (!isSealed) this.unproven.abandon(this.named.stream.flow)
    if (this.client !== -1 && !isSealed) sides[this.client].foreign(this.layer, frame)
    for (const side of [0, 1] as const) {
      const how = this.ends[side]
      if (how === undefined) sides[side].listen(new Passed(sides[side], this.layer))
      else sides[side].ended(how)
    }
  }
}
