/** Plugs WebSocket in: HTTP up to the 101, then frames, and what their payload proves to be. */
import { type Frame, NOWHERE, type RunSink } from '../base/line.ts'
import type { Side } from '../store/record.ts'
import type { HeldTotal, Prover } from '../transport/candidate.ts'
import { Candidate } from '../transport/candidate.ts'
import { type TransportFacts, wrapped } from '../transport/facts.ts'
import { HttpExchange, HttpSide, type HttpSink } from '../transport/http.ts'
import { HeldBytes, type Inflate } from '../transport/inflate.ts'
import { WebSocketStream } from '../transport/upgrade.ts'
import { WebSocketSide, type WebSocketSink } from '../transport/websocket.ts'
import type { WebSocketFault } from '../transport/websocket-faults.ts'

/** Decides on what a layer carries, and hears what was passed over in it. */
export interface InnerStream extends Prover {
  skipped(side: Side, size: number, frame: Frame): void
  /** This side breaks a rule of WebSocket. */
  webSocketFault(side: Side, code: WebSocketFault, frame: Frame): void
}

/** Makes the readers of WebSocket streams, which share the memory for compressed messages. */
export class WebSocketPlug {
  private readonly held = new HeldBytes()
  private readonly total: HeldTotal
  private readonly inflate: Inflate | undefined

  constructor(total: HeldTotal, inflate: Inflate | undefined) {
    this.total = total
    this.inflate = inflate
  }

  /** Returns the readers of both sides of a stream that begins with HTTP; `carry` makes who decides on what is inside. */
  open(outer: TransportFacts | undefined, carry: (facts: TransportFacts) => InnerStream): readonly [RunSink, RunSink] {
    const stream = new WebSocketStream()
    const facts = wrapped(outer, { layers: ['websocket'], webSocket: stream })
    const carried = carry(facts)
    const exchange = new HttpExchange(stream, () => carried.letGo())
    const inner = new Candidate(carried, this.total)
    const side = (side: Side): HttpSide => {
      const isClient = carried.client === side
      const sink: WebSocketSink = {
        unit: unit => facts.units[side].unit(unit),
        fault: (code, _offset, frame) => carried.webSocketFault(side, code, frame),
        skipped: (size, frame) => carried.skipped(side, size, frame),
      }
      return new HttpSide(exchange, isClient, this.sinkOf(stream, isClient, inner.sides[side], sink))
    }
    return [side(0), side(1)]
  }

  private sinkOf(stream: WebSocketStream, isClient: boolean, next: RunSink, sink: WebSocketSink): HttpSink {
    const opened = (): RunSink =>
      new WebSocketSide({
        stream,
        isClient,
        next,
        sink,
        keep: () => NOWHERE,
        inflate: this.inflate,
        held: this.held,
      })
    return { opened, fault: sink.fault, skipped: () => {}, ended: how => next.end(how) }
  }
}
