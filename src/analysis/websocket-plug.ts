/** Plugs WebSocket in: HTTP up to the 101, then frames, and what their payload proves to be. */
import { type Frame, NOWHERE, type RunSink } from '../base/line.ts'
import type { Side } from '../store/record.ts'
import type { HeldTotal, Prover } from '../transport/candidate.ts'
import { Candidate } from '../transport/candidate.ts'
import { type TransportFacts, wrapped } from '../transport/facts.ts'
import { HttpExchange, HttpSide } from '../transport/http.ts'
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
  open(outer: TransportFacts | undefined, carry: Carry): readonly [RunSink, RunSink] {
    const connection = this.connect(outer, carry)
    const { carried, stream, sinks, inner } = connection
    const exchange = new HttpExchange(stream, () => carried.letGo())
    const side = (side: Side): HttpSide => {
      const isClient = carried.client === side
      const next = inner.sides[side]
      return new HttpSide(exchange, isClient, {
        opened: () => this.frames(connection, side, isClient),
        fault: sinks[side].fault,
        skipped: () => {},
        ended: how => next.end(how),
      })
    }
    return [side(0), side(1)]
  }

  /** Returns the readers of both sides of a stream of which the capture does not hold the opening handshake. */
  resume(client: Side, carry: Carry): readonly [RunSink, RunSink] {
    const connection = this.connect(undefined, carry)
    return [this.frames(connection, 0, client === 0, true), this.frames(connection, 1, client === 1, true)]
  }

  private connect(outer: TransportFacts | undefined, carry: Carry): Connection {
    const stream = new WebSocketStream()
    const facts = wrapped(outer, { layers: ['websocket'], webSocket: stream })
    const carried = carry(facts)
    const sink = (side: Side): WebSocketSink => ({
      unit: unit => facts.units[side].unit(unit),
      fault: (code, _offset, frame) => carried.webSocketFault(side, code, frame),
      skipped: (size, frame) => carried.skipped(side, size, frame),
    })
    return { stream, carried, inner: new Candidate(carried, this.total), sinks: [sink(0), sink(1)] }
  }

  private frames({ stream, inner, sinks }: Connection, side: Side, isClient: boolean, isMidStream = false): RunSink {
    const { inflate, held } = this
    const [next, sink] = [inner.sides[side], sinks[side]]
    return new WebSocketSide({ stream, isClient, next, sink, keep: () => NOWHERE, isMidStream, inflate, held })
  }
}

/** Makes who decides on what a layer carries. */
type Carry = (facts: TransportFacts) => InnerStream

/** What the two directions of a WebSocket connection share. */
interface Connection {
  readonly stream: WebSocketStream
  readonly carried: InnerStream
  readonly inner: Candidate
  readonly sinks: readonly [WebSocketSink, WebSocketSink]
}
