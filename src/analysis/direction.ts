/** One side of a stream: makes what reads its MQTT, and hands on what is found. */
import type { FlowEnd, Frame, RunSink } from '../base/line.ts'
import { type Budget, Framer } from '../mqtt/framer.ts'
import { opensAsMqtt } from '../mqtt/opening.ts'
import type { PacketSink, RawPacket } from '../mqtt/raw.ts'
import { foreignFinding, proxyFinding, webSocketFinding } from '../store/findings.ts'
import type { PlacedFinding, Side } from '../store/record.ts'
import type { Stream } from '../store/stream.ts'
import { Passed } from '../transport/passed.ts'
import type { ProxyHead } from '../transport/proxy.ts'
import type { Foreign, OtherProtocol } from '../transport/recognise.ts'
import type { WebSocketFault } from '../transport/websocket-faults.ts'
import type { Above, Role } from '../transport/wire.ts'

/** Where the sides of all streams report: the pipeline. */
export interface Line {
  /** The memory that all framers share. */
  readonly budget: Budget
  packet(stream: Stream, side: Side, raw: RawPacket): void
  finding(finding: PlacedFinding): void
  skipped(stream: Stream, side: Side, size: number, frame: Frame, foreign: Foreign): void
  gap(stream: Stream, side: Side, size: number, frame: Frame): void
  hole(size: number): void
  ended(stream: Stream, side: Side, how: FlowEnd): void
}

/** The flow or the layer that hands out the runs of a side. */
export interface Source {
  listen(side: Side, sink: RunSink): void
}

export class Direction implements PacketSink, Above {
  private readonly line: Line
  private readonly stream: Stream
  private readonly side: Side
  private readonly source: Source

  constructor(line: Line, stream: Stream, side: Side, source: Source = stream.flow) {
    this.line = line
    this.stream = stream
    this.side = side
    this.source = source
  }

  get role(): Role {
    const { client, flow } = this.stream
    if (client === -1 || !flow.sawSyn(this.side)) return 'unknown'
    return client === this.side ? 'client' : 'server'
  }

  opens(bytes: Uint8Array, start: number, end: number): boolean | undefined {
    return opensAsMqtt(bytes, start, end, this.stream.client === this.side)
  }

  listen(sink: RunSink): void {
    this.source.listen(this.side, sink)
  }

  mqtt(): RunSink {
    return new Framer(this, this.line.budget, this.stream.midStream)
  }

  packet(raw: RawPacket): void {
    this.line.packet(this.stream, this.side, raw)
  }

  foreign(protocol: OtherProtocol, frame: Frame): void {
    this.line.finding(foreignFinding(this.stream, this.side, protocol, frame))
  }

  proxied(head: ProxyHead, frame: Frame): void {
    this.stream.proxy = head
    this.line.finding(proxyFinding(this.stream, this.side, head, frame))
  }

  /** This side is the client's: its layer says so. */
  isOfClient(): void {
    this.stream.client = this.side
  }

  /** This side breaks a rule of WebSocket. */
  webSocketFault(code: WebSocketFault, frame: number): void {
    this.line.finding(webSocketFinding(this.stream, this.side, code, frame))
  }

  skipped(size: number, frame: Frame, foreign: Foreign = ''): void {
    this.line.skipped(this.stream, this.side, size, frame, foreign)
  }

  gap(size: number, frame: Frame): void {
    this.line.gap(this.stream, this.side, size, frame)
  }

  hole(size: number): void {
    this.line.hole(size)
  }

  broken(): void {
    this.listen(new Passed(this, ''))
  }

  ended(how: FlowEnd): void {
    this.line.ended(this.stream, this.side, how)
  }
}
