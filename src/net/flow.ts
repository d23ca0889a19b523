/** One TCP connection: who speaks with whom, what was counted, and who listens. */
import { endpointText, ipv4Text, ipv6Text } from '../base/address.ts'
import type { Endpoints, FlowEnd, Frame, RunSink, Side } from '../base/line.ts'
import type { AnomalyCode } from './anomaly.ts'

export type { Side }

export const otherSide = (side: Side): Side => (side === 0 ? 1 : 0)

export interface FlowSink {
  /**
   * Called for a new stream. Returns the sinks of its two sides, or null to count the stream only.
   * Called again, in mid-stream, if data follows long after a RST closed the stream: the RST was not its end.
   */
  open(flow: Flow): readonly [RunSink, RunSink] | null
  /** Called once for every `open`, after the `end` of both sides. */
  close(flow: Flow, how: FlowEnd): void
  /** `from` and `to` are offsets in the stream of `side`, 0 being its first byte. */
  anomaly(flow: Flow, side: Side, anomaly: AnomalyCode, frame: Frame, from: number, to: number): void
}

const NEVER = -1

/**
 * Counters and marks that few flows need. They are apart from `Flow`, because 100,000 flows pay for each of its fields.
 */
export class Unusual {
  /** Segments with data in further copies of their frame, as a mirrored VLAN, a bridge or `any` shows them. */
  copies = 0
  /** Bytes of these segments, except those counted in `repeatedBytes`. */
  copiedBytes = 0
  /** Segments that brought only bytes which had come before. */
  retransmissions = 0
  /** Bytes that had come before, in whole segments or parts of them. */
  repeatedBytes = 0
  /** Segments that had to wait for an earlier one. */
  outOfOrder = 0
  /** Probes of an idle connection (RFC 9293 §3.8.4). */
  keepAlives = 0
  /** Holes given up, and their bytes (with those that the snap length cut). */
  gaps = 0
  gapBytes = 0
  /** Bytes that were not taken: beyond a FIN, after the end, or far ahead without a successor. */
  ignoredBytes = 0

  /** Number of the stream that is the same under other addresses, and is read in place of this one; -1 for none. */
  twin = -1
  /**
   * Unix time in seconds of the last RST, or of the last data after it. The flow ends only if nothing follows for a
   * while.
   */
  resetTime = 0
  /** The side that sent the first RST; -1 if none did. */
  resetSide: Side | -1 = -1
}

const NOTHING_UNUSUAL: Readonly<Unusual> = new Unusual()

type WideWords = Readonly<Record<'a1' | 'a2' | 'a3' | 'b1' | 'b2' | 'b3', number>>

const NARROW: WideWords = { a1: 0, a2: 0, a3: 0, b1: 0, b2: 0, b3: 0 }

const wideOf = (from: FlowKey): WideWords => ({
  a1: from.source1,
  a2: from.source2,
  a3: from.source3,
  b1: from.target1,
  b2: from.target2,
  b3: from.target3,
})

export class Flow {
  /** Number of the stream, from 0 in order of appearance: tshark's `tcp.stream`. */
  readonly index: number
  readonly family: 4 | 6
  /** Addresses as signed 32-bit words: a of side 0, b of side 1. */
  readonly a0: number
  readonly b0: number
  /** The other words of addresses of IPv6; of IPv4 all share one object. */
  readonly wide: WideWords
  readonly portA: number
  readonly portB: number
  /** The side that sent the SYN; -1 while that is unknown. */
  client: Side | -1 = -1
  /** Time of the first segment. */
  readonly seconds: number
  readonly nanos: number

  /** Segments of both sides. */
  segments = 0
  /** Bits of `Known`. */
  known = 0
  /** The side of which the capture has no segment although the other one acknowledged its bytes; -1 while both are there. */
  unheard: Side | -1 = -1
  /** Index among the flows that wait after a gap or a RST; -1 if this flow does not wait. */
  waitingAt = -1
  /** Sequence number before the first byte of each side: that of its SYN. */
  base0 = 0
  base1 = 0
  /** The side whose FIN is in the capture first, whatever is missing before it; -1 for none. */
  firstFin: Side | -1 = -1
  /** Whole Unix seconds of the last segment of each side that only acknowledged; -1 before the first one: NaN would take 16 bytes more. */
  ackTime0 = NEVER
  ackTime1 = NEVER
  private text0 = ''
  private text1 = ''
  private unusual: Unusual | undefined = undefined

  constructor(index: number, from: FlowKey) {
    this.index = index
    this.family = from.family
    this.a0 = from.source0
    this.b0 = from.target0
    this.wide = from.family === 4 ? NARROW : wideOf(from)
    this.portA = from.sourcePort
    this.portB = from.targetPort
    this.seconds = from.frame.seconds
    this.nanos = from.frame.nanos
  }

  /** Counters that most flows never need, read-only; all of them 0 or -1 if nothing was noted. */
  get rare(): Readonly<Unusual> {
    return this.unusual ?? NOTHING_UNUSUAL
  }

  /** Returns the counters of `rare` to be changed, and creates them on first use. */
  get rarities(): Unusual {
    this.unusual ??= new Unusual()
    return this.unusual
  }

  port(side: Side): number {
    return side === 0 ? this.portA : this.portB
  }

  /** `192.0.2.1:1883` or `[2001:db8::1]:1883`. */
  endpoint(side: Side): string {
    if (this.text1 === '') this.nameEnds()
    return side === 0 ? this.text0 : this.text1
  }

  private nameEnds(): void {
    this.text0 = this.address(0, this.portA)
    this.text1 = this.family === 4 ? serverText(this.b0, this.portB) : this.address(1, this.portB)
  }

  /** The address alone: `192.0.2.1` or `2001:db8::1`. */
  host(side: Side): string {
    if (this.family === 4) return ipv4Text(side === 0 ? this.a0 : this.b0)
    const { a0, b0, wide } = this
    return side === 0 ? ipv6Text(a0, wide.a1, wide.a2, wide.a3) : ipv6Text(b0, wide.b1, wide.b2, wide.b3)
  }

  /** Sends the runs of a side to `sink` from now on. No effect on a flow that is only counted. */
  listen(_side: Side, _sink: RunSink): void {}

  /** Removes both sinks: after the current segment the flow is only counted. */
  forget(): void {}

  /**
   * Frees what the flow holds at once. Must not be called while a run of this flow is delivered: use `forget` there.
   */
  release(): void {}

  /** True if the capture shows where this side's stream starts; otherwise it begins in mid-stream. */
  sawSyn(side: Side): boolean {
    return (this.known & (side === 0 ? Known.Syn0 : Known.Syn1)) !== 0
  }

  /**
   * Returns the whole Unix seconds at which this side last sent a segment that only acknowledged; NaN if it sent none.
   */
  ackTime(side: Side): number {
    const time = side === 0 ? this.ackTime0 : this.ackTime1
    return time === NEVER ? Number.NaN : time
  }

  /**
   * True if a segment of this side other than a SYN is in the capture: some capture points see both SYNs, then one side
   * only.
   */
  heard(side: Side): boolean {
    return (this.known & (side === 0 ? Known.Heard0 : Known.Heard1)) !== 0
  }

  /** True if a FIN of this side is in the capture; bytes before it may still be missing. */
  hasFin(side: Side): boolean {
    return (this.known & (side === 0 ? Known.Fin0 : Known.Fin1)) !== 0
  }

  /** Sequence number from which relative sequence numbers of this side count. */
  base(side: Side): number {
    return side === 0 ? this.base0 : this.base1
  }

  private address(side: Side, port: number): string {
    return endpointText(this.host(side), port)
  }
}

/** The text made last: most flows are to the same server as the one before, and share its text. */
const server = { host: 0, port: 0, text: '0.0.0.0:0' }

function serverText(host: number, port: number): string {
  if (host !== server.host || port !== server.port) {
    server.host = host
    server.port = port
    server.text = endpointText(ipv4Text(host), port)
  }
  return server.text
}

/** Bits of `Flow.known`: facts seen in the capture, most of them per side. */
export const Known = {
  Base0: 1,
  Base1: 2,
  /** The side's first sequence number is known from a SYN or from the acknowledgement of one. */
  Syn0: 4,
  Syn1: 8,
  Fin0: 16,
  Fin1: 32,
  Reset: 64,
  /** A segment of the side other than a SYN is in the capture. */
  Heard0: 128,
  Heard1: 256,
} as const

/** The part of a segment that names its connection. */
export interface FlowKey extends Endpoints {
  readonly frame: Frame
}
