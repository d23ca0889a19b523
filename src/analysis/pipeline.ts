/** Plugs the line together: chunks in, records out. No decisions of its own. */

import type { FrameFiles } from '../base/frame-files.ts'
import { type FlowEnd, Frame, type RunSink, timeOf } from '../base/line.ts'
import { CaptureReader, type CaptureSink, type Damage, type Interface } from '../capture/reader.ts'
import { Budget } from '../mqtt/framer.ts'
import type { RawPacket } from '../mqtt/raw.ts'
import { MQTT_PORTS } from '../mqtt/spec.ts'
import type { AnomalyCode } from '../net/anomaly.ts'
import type { Flow, FlowSink } from '../net/flow.ts'
import { Flows } from '../net/flows.ts'
import { readSegment, Segment } from '../net/segment.ts'
import { UnreadFrames } from '../net/unread.ts'
import { anomalyFinding } from '../store/findings.ts'
import { PacketRecord, type PlacedFinding, type RecordSink, type Side, type Summary } from '../store/record.ts'
import { Stream } from '../store/stream.ts'
import { tlsFindings } from '../store/tls-findings.ts'
import type { TransportFacts } from '../transport/facts.ts'
import type { Inflate } from '../transport/inflate.ts'
import { KeyLogReader, KeyStore } from '../transport/keys.ts'
import type { Foreign } from '../transport/recognise.ts'
import type { TlsCrypto } from '../transport/tls/crypto.ts'
import { Wire } from '../transport/wire.ts'
import { Direction, type Line } from './direction.ts'
import { OtherPorts } from './other-ports.ts'
import { SealedPorts } from './sealed.ts'
import { type Streams, Unproven } from './unproven.ts'

/** The ports that the user named, and how wrapped streams are opened. */
export interface PortOptions {
  /** The only TCP ports looked at: what is spoken there is MQTT unless its bytes say otherwise. Absent: all ports. */
  readonly ports?: ReadonlySet<number> | undefined
  /** Ports on which MQTT is spoken besides; with `ports` absent, streams on all others have to prove it. */
  readonly alsoPorts?: ReadonlySet<number> | undefined
  /** Those of `ports` whose streams have to prove that they are MQTT, because it is wrapped there. */
  readonly wrappedPorts?: ReadonlySet<number> | undefined
  /** Inflates compressed messages of WebSocket; absent where nothing can, and then they are gaps. */
  readonly inflate?: Inflate | undefined
  /** Opens records of TLS; absent where nothing can, and then TLS is another protocol. */
  readonly crypto?: TlsCrypto | undefined
  /** The secrets of TLS connections, to which whoever gave them may add; absent: those that the capture holds. */
  readonly keys?: KeyStore | undefined
  /** Which of several files each frame came from; absent: there is one. */
  readonly files?: FrameFiles | undefined
}

/** Returns these options alone, out of options that say more. */
export const portOptionsOf = ({
  ports,
  alsoPorts,
  wrappedPorts,
  inflate,
  crypto,
  keys,
  files,
}: PortOptions): PortOptions => ({
  ports,
  alsoPorts,
  wrappedPorts,
  inflate,
  crypto,
  keys,
  files,
})

export interface PipelineOptions extends PortOptions {
  /** Of the hash of flows: random in programs, so that no capture can aim at one slot, fixed in tests. */
  readonly seed?: number
  /** Streams followed at once; absent: `MOST_STREAMS`. */
  readonly mostStreams?: number
  /** Hears of every frame, before its packets. */
  readonly frame?: (frame: Frame) => void
}

/** Seconds without any frame that are reported as a pause: within a minute most clients that ping have pinged. */
const LONG_PAUSE_S = 60

/**
 * Streams followed at once, at about 4 KB each with their session: 130 MB. Beyond it those that were silent for long make room;
 * where none was, a new stream is counted and not read, so that those before it are read to their end.
 */
export const MOST_STREAMS = 1 << 15

/**
 * Streams that have not proved to be MQTT, at once: those in TLS without keys take 7 KB each. Beyond it the one that has waited
 * longest is let go and counted (`undecided`): almost always it is something else.
 */
export const MOST_UNPROVEN = 1 << 13

/** Linux hands out client ports from here on, others from 49152 (RFC 6335 §6). */
const FIRST_CLIENT_PORT = 32_768
const NO_PORTS: ReadonlySet<number> = new Set()

export class Pipeline implements CaptureSink, FlowSink, Line, Streams {
  private readonly sink: RecordSink
  /** Ports whose streams need no proof; whoever gave them may add to them. */
  private readonly ports: ReadonlySet<number>
  private readonly alsoPorts: ReadonlySet<number>
  private readonly wrappedPorts: ReadonlySet<number>
  /** True if streams of other ports are looked at. */
  private readonly isAnyPort: boolean
  /** The streams that have to prove that they are MQTT. */
  private readonly unproven: Unproven
  private readonly keys: KeyStore
  private readonly files: FrameFiles | undefined
  private readonly onFrame: ((frame: Frame) => void) | undefined
  private readonly reader: CaptureReader
  private readonly segment = new Segment()
  private readonly unread: UnreadFrames
  private readonly otherPorts: OtherPorts
  private readonly sealedPorts = new SealedPorts()
  private readonly flows: Flows
  /** What all framers share. */
  readonly budget = new Budget()
  private readonly mostStreams: number
  /** Those that are read, by the index of their flow. */
  private readonly streams = new Map<number, Stream>()
  private readonly record = new PacketRecord()
  /** The frame read last; the reader reuses its object, so at the end it still holds the last one's numbers. */
  private last = new Frame()
  /** Unix time of the last frame that has one. */
  private lastTime = Number.NaN
  private readonly totals: Summary = {
    frames: 0,
    packets: 0,
    flows: 0,
    connections: 0,
    malformed: 0,
    gaps: 0,
    gapBytes: 0,
    skippedBytes: 0,
    damage: 0,
    damageBytes: 0,
    dropped: undefined,
    unread: [],
  }

  constructor(sink: RecordSink, options: PipelineOptions = {}) {
    this.sink = sink
    this.ports = options.ports ?? MQTT_PORTS
    this.alsoPorts = options.alsoPorts ?? NO_PORTS
    this.wrappedPorts = options.wrappedPorts ?? NO_PORTS
    this.isAnyPort = options.ports === undefined
    this.keys = options.keys ?? new KeyStore()
    this.files = options.files
    this.unproven = new Unproven(this, this, { ...options, keys: this.keys })
    this.unread = new UnreadFrames(this.ports)
    this.otherPorts = new OtherPorts(this.ports)
    this.onFrame = options.frame
    this.reader = new CaptureReader(this)
    this.flows = new Flows(this, options.seed ?? 0)
    this.mostStreams = options.mostStreams ?? MOST_STREAMS
  }

  /** The next bytes of the capture, cut anywhere; their memory may be used again after the call. */
  push(chunk: Uint8Array): void {
    this.reader.push(chunk)
  }

  /** Before `end`, where the capture goes on but nobody wants more of it. */
  stop(): void {
    this.reader.stop()
  }

  /**
   * The capture pauses: what waits for bytes that are missing is handed on without them, and connections stay. It may go
   * on with another file behind this one.
   */
  pause(): void {
    this.reader.cut()
    this.flows.pause()
  }

  /** No more bytes: what waits is handed on. */
  end(): Summary {
    this.reader.end()
    this.flows.end()
    this.unproven.end()
    return this.summary
  }

  /** Counters as of now. */
  get summary(): Summary {
    const { totals, reader } = this
    totals.frames = reader.frames
    totals.flows = this.flows.count
    totals.damage = reader.damages
    if (this.unproven.undecided > 0) totals.undecided = this.unproven.undecided
    totals.damageBytes = reader.skipped
    totals.unread = this.unread.list(totals.packets === 0)
    totals.sealed = this.sealedPorts.list
    totals.otherPorts = totals.packets === 0 ? this.otherPorts.list : undefined
    return totals
  }

  get interfaces(): readonly Interface[] {
    return this.reader.interfaces
  }

  /** True once nothing more will be read, whatever comes. */
  get done(): boolean {
    return this.reader.done
  }

  // From the reader

  frame(frame: Frame): void {
    if (frame.number === 1) this.sink.begin?.(frame)
    this.last = frame
    this.notePause(frame)
    this.onFrame?.(frame)
    if (!readSegment(frame, this.segment)) return this.unread.add(this.segment)
    if (this.totals.packets === 0) this.otherPorts.look(this.segment)
    this.flows.push(this.segment)
  }

  private notePause(frame: Frame): void {
    const { seconds } = frame
    if (seconds - this.lastTime > LONG_PAUSE_S) this.sink.paused?.(this.lastTime, frame)
    if (!Number.isNaN(seconds)) this.lastTime = timeOf(frame)
  }

  lost(count: number): void {
    this.totals.dropped = (this.totals.dropped ?? 0) + count
  }

  damage(damage: Damage): void {
    this.sink.damage(damage)
  }

  secrets(text: Uint8Array): void {
    const reader = new KeyLogReader(this.keys)
    reader.push(text)
    reader.end()
  }

  // From the flows

  open(flow: Flow): readonly [RunSink, RunSink] | null {
    if (!this.isNamed(flow.portA) && !this.isNamed(flow.portB) && !this.unproven.has(flow))
      return this.openUnproven(flow)
    if (!this.hasRoom()) return this.leaveOut()
    const stream = this.adopt(flow)
    const sides = [new Direction(this, stream, 0), new Direction(this, stream, 1)] as const
    return new Wire(sides, (layer, frame) => this.unproven.unwrapNamed(layer, { stream, sides, frame: frame.copy() }))
      .sides
  }

  private openUnproven(flow: Flow): readonly [RunSink, RunSink] | null {
    if (!this.isAnyPort && !this.wrappedPorts.has(flow.portA) && !this.wrappedPorts.has(flow.portB)) return null
    if (this.unproven.size >= MOST_UNPROVEN) this.unproven.makeRoom()
    return this.hasRoom() ? this.unproven.open(flow) : this.leaveOut()
  }

  /** True if one more stream may be followed; one that has not proved anything, or was silent for long, makes room for it. */
  private hasRoom(): boolean {
    const { streams, unproven, mostStreams } = this
    return streams.size + unproven.size < mostStreams || unproven.makeRoom() || this.flows.makeRoom()
  }

  private leaveOut(): null {
    this.totals.leftOut = (this.totals.leftOut ?? 0) + 1
    return null
  }

  /** True if MQTT is spoken on this port, as far as anybody has said. */
  isNamed(port: number): boolean {
    return (this.ports.has(port) && !this.wrappedPorts.has(port)) || this.alsoPorts.has(port)
  }

  /** The side that the ports make the client: a port that is named is the server's, one that systems hand out is a client's. */
  private clientByPorts({ portA, portB }: Flow): Side | -1 {
    const isServerA = this.isNamed(portA)
    if (isServerA !== this.isNamed(portB)) return isServerA ? 1 : 0
    if (isServerA || portA >= FIRST_CLIENT_PORT === portB >= FIRST_CLIENT_PORT) return -1
    return portA >= FIRST_CLIENT_PORT ? 0 : 1
  }

  private newStream(flow: Flow): Stream {
    const stream = new Stream(flow, this.clientByPorts(flow))
    stream.files = this.files
    return stream
  }

  /** Makes the stream of a flow that is taken for MQTT. */
  adopt(flow: Flow, isOver = false): Stream {
    this.totals.connections++
    const stream = this.newStream(flow)
    if (!isOver) this.streams.set(flow.index, stream)
    return stream
  }

  seal(flow: Flow, facts: TransportFacts): void {
    const stream = this.streams.get(flow.index) ?? this.newStream(flow)
    stream.transport = facts
    this.sealedPorts.add(stream)
    for (const finding of tlsFindings(stream)) this.finding(finding)
    this.sink.sealed?.(stream, this.last)
  }

  streamOf(index: number): Stream | undefined {
    return this.streams.get(index)
  }

  close(flow: Flow): void {
    this.unproven.close(flow)
    this.streams.delete(flow.index)
  }

  anomaly(flow: Flow, side: Side, code: AnomalyCode, frame: Frame, from: number, to: number): void {
    const stream = this.streams.get(flow.index)
    if (stream !== undefined) this.finding(anomalyFinding(stream, side, code, frame, from, to))
    else this.unproven.anomaly(flow, { side, code, frame: { number: frame.number }, from, to })
  }

  // From both sides of a stream

  packet(stream: Stream, side: Side, raw: RawPacket): void {
    const { record, totals } = this
    record.read(stream, side, raw)
    record.number = ++totals.packets
    if (record.packet.malformed) totals.malformed++
    this.sink.packet(record)
  }

  finding(finding: PlacedFinding): void {
    this.sink.finding?.(finding)
  }

  skipped(stream: Stream, side: Side, size: number, frame: Frame, foreign: Foreign): void {
    stream.missBytes(side)
    this.totals.skippedBytes += size
    this.sink.skipped(stream, side, size, frame, foreign)
  }

  ended(stream: Stream, side: Side, how: FlowEnd): void {
    this.sink.ended?.(stream, side, how, this.last)
  }

  /** Bytes missing inside a packet: the packet tells of them itself. */
  hole(size: number): void {
    this.totals.gaps++
    this.totals.gapBytes += size
  }

  gap(stream: Stream, side: Side, size: number, frame: Frame): void {
    stream.missBytes(side)
    this.totals.gaps++
    this.totals.gapBytes += size
    this.sink.gap(stream, side, size, frame)
  }
}
