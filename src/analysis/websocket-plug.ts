/** Plugs WebSocket in: HTTP up to the 101, then frames, and what their payload proves to be. */
import { NOWHERE, type RunSink } from '../base/line.ts'
import type { Side } from '../store/record.ts'
import type { HeldTotal, Prover } from '../transport/candidate.ts'
import { Candidate } from '../transport/candidate.ts'
import { HttpExchange, HttpSide, type HttpSink } from '../transport/http.ts'
import { HeldBytes, type Inflate } from '../transport/inflate.ts'
import { WebSocketStream } from '../transport/upgrade.ts'
import { WebSocketSide, type WebSocketSink } from '../transport/websocket.ts'

/** What the WebSocket connections of a capture share. */
export class WebSocketPlug {
  private readonly held = new HeldBytes()
  private readonly total: HeldTotal
  private readonly inflate: Inflate | undefined

  constructor(total: HeldTotal, inflate: Inflate | undefined) {
    this.total = total
    this.inflate = inflate
  }

  /** Returns the readers of both sides of a stream that begins with HTTP. `prover` decides on what WebSocket carries. */
  open(prover: Prover): readonly [RunSink, RunSink] {
    const stream = new WebSocketStream()
    const exchange = new HttpExchange(stream)
    const inner = new Candidate(prover, this.total)
    const side = (side: Side): HttpSide => {
      const isClient = prover.client === side
      return new HttpSide(exchange, isClient, this.sinkOf(stream, isClient, inner.sides[side]))
    }
    return [side(0), side(1)]
  }

  private sinkOf(stream: WebSocketStream, isClient: boolean, next: RunSink): HttpSink {
    const opened = (): RunSink =>
      new WebSocketSide({
        stream,
        isClient,
        next,
        sink: SILENT,
        keep: () => NOWHERE,
        inflate: this.inflate,
        held: this.held,
      })
    return { opened, fault: () => {}, skipped: () => {}, ended: how => next.end(how) }
  }
}

/** Frames and faults of WebSocket are not shown yet. */
const SILENT: WebSocketSink = { unit: () => {}, fault: () => {}, skipped: () => {} }
