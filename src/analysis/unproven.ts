/** Gives each flow that nobody named a candidate, and what reads the flow once its bytes proved what it is. */
import type { RunSink } from '../base/line.ts'
import { Anomaly } from '../net/anomaly.ts'
import type { Flow } from '../net/flow.ts'
import { anomalyFinding } from '../store/findings.ts'
import type { Side } from '../store/record.ts'
import type { Stream } from '../store/stream.ts'
import { tlsFindings } from '../store/tls-findings.ts'
import { Candidate, HeldTotal } from '../transport/candidate.ts'
import type { TransportFacts } from '../transport/facts.ts'
import type { Inflate } from '../transport/inflate.ts'
import type { KeyStore } from '../transport/keys.ts'
import type { TlsCrypto } from '../transport/tls/crypto.ts'
import { Direction, type Line, type Source } from './direction.ts'
import { type FlowOwner, FlowProver, InnerProver, MidstProver, type Named, NamedProver, sourceOf } from './provers.ts'
import { SealedFlows } from './sealed.ts'
import { TlsPlug } from './tls-plug.ts'
import { type HeldAnomaly, WaitingFlows } from './waiting.ts'
import { WebSocketPlug } from './websocket-plug.ts'

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
export class Unproven implements FlowOwner {
  /** Flows that made room for others before they had proved anything. */
  undecided = 0
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
    this.undecided++
    for (const side of oldest.sides) side.end('evicted')
    this.letGo(oldest.flow)
    // It is another flow whose segment makes room.
    oldest.flow.release()
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
    const read = this.streams.streamOf(twin.rare.twin)
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
