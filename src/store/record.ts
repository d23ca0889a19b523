/** What the line yields: one control packet with all that is known of it as of now, or a hole in its stream. */
import type { FieldSink } from '../base/field.ts'
import type { FlowEnd, Frame } from '../base/line.ts'
import { Slot } from '../mqtt/fields.ts'
import { ControlPacket } from '../mqtt/packet.ts'
import { noPacket, type RawPacket } from '../mqtt/raw.ts'
import { PUBLISH, type Version } from '../mqtt/spec.ts'
import type { Side } from '../net/flow.ts'
import type { Unread } from '../net/unread.ts'
import type { Births } from '../payload/sparkplug.ts'
import type { Foreign } from '../transport/recognise.ts'
import type { LastUnits } from '../transport/unit.ts'
import type { Protocol } from './protocol.ts'
import { isAliased, NO_STREAM, type Stream } from './stream.ts'
import type { ExchangeKind, ExchangeState, FanOutRole, Level } from './vocabulary.ts'

export type { Side }

/** What a packet is in an exchange of packets that answer each other, as known at that packet. */
export interface ExchangeFact {
  /** Number of the packet that opened it. */
  readonly opener: number
  readonly kind: ExchangeKind | undefined
  readonly state: ExchangeState
  /** The packet that this one answers, and the seconds since; 0 and NaN for none. */
  readonly answers: number
  readonly latency: number
  /** Seconds since the opener. */
  readonly total: number
}

/** What a PUBLISH is on the way of its message over the broker, as known at that packet. */
export interface FanOutFact {
  /** Number of the packet that brought the message first; 0 where nobody knows it. */
  readonly opener: number
  readonly role: FanOutRole
  /** Seconds from the publisher's packet to this copy; NaN where there is no such time. */
  readonly latency: number
  /** Subscribers that got a copy, with this one. */
  readonly copies: number
  /** Subscribers that are to get one, as far as the capture shows their subscriptions; -1 where nobody knows. */
  readonly expected: number
}

/** A finding, with its level, its statement of the specification and its place in the packet. */
/** The offset of a finding that is about a whole packet. Records say 0. */
export const WHOLE = -1

export interface Finding {
  /** The specification's id (`MQTT-3.3.1-4`) where it has one for the version spoken, else an own one. */
  readonly id: string
  readonly level: Level
  readonly message: string
  /** Into the packet; WHOLE where no field of it is to blame, but the packet or the conversation. */
  readonly offset: number
  /** Seconds since the capture began, as its clock shows them, at which it became true, where that is no packet's time. */
  readonly time?: number
}

/** A finding on a packet that went by before, or on the connection. */
export interface PlacedFinding extends Finding {
  /** Number of the packet it is about; 0 where it is about the connection. */
  readonly packet: number
  readonly stream: Stream
  /** Of a finding on TCP: the frame that gave rise to it, and who sent it. */
  readonly frame?: number
  readonly side?: Side
}

/** What only those who follow sessions know of a packet. */
export interface TrackerFacts {
  /** Undefined where sessions are not followed, or the packet is in no exchange. */
  readonly exchange: ExchangeFact | undefined
  readonly ruleFindings: readonly Finding[]
  /** Of a PUBLISH, where copies are tied to their messages. */
  readonly fanOut: FanOutFact | undefined
}

const NO_FINDINGS: readonly Finding[] = []

/**
 * One control packet. The pipeline reuses one object, valid only during the call. A new record is whole, and holds an
 * empty packet of no stream.
 */
export class PacketRecord implements TrackerFacts {
  /** From 1 over the whole capture, whatever is filtered. */
  number = 0
  raw: RawPacket = noPacket()
  /** Its numbers, as the walk announced them. */
  readonly packet = new ControlPacket()
  /** Type number; 0 where not even the first byte can be trusted. */
  type = 0
  /** The version it was read by. */
  version: Version = 0
  side: Side = 0
  stream: Stream = NO_STREAM
  /** The topic that an alias alone stands for; undefined where the packet names its topic or the alias is not known. */
  aliasTopic: string | undefined = undefined
  /** The packet has an alias alone, and nothing seen says what it stands for. */
  aliasUnknown = false
  exchange: ExchangeFact | undefined = undefined
  ruleFindings: readonly Finding[] = NO_FINDINGS
  fanOut: FanOutFact | undefined = undefined
  /** The pieces of the layers that its last byte came out of; undefined for plain MQTT. */
  units: LastUnits | undefined = undefined
  /** The births of the edge node that a message of Sparkplug B is about, for who decodes it; undefined where none are known. */
  births: Births | undefined = undefined

  get protocol(): Protocol {
    return this.stream.protocol
  }

  /** True if the capture does not hold all bytes of the packet: what it does not show may be behind the cut. */
  get isCut(): boolean {
    return this.raw.readable < this.raw.end
  }

  /** Announces every field of the readable bytes, read in the packet's version unless another one is given. */
  walk(sink: FieldSink, version = this.version): void {
    const { raw } = this
    this.stream.protocol.walk(raw.bytes, raw.start, raw.readable, version, sink)
  }

  /** Reads the next packet of `side` by what the stream knows before it; the stream learns from the packet. */
  read(stream: Stream, side: Side, raw: RawPacket): void {
    this.fill(stream, side, raw, stream.versionOf(raw, side))
    this.units = stream.transport?.units[side]
    const { packet } = this
    stream.learn(this.type, packet, raw)
    if (this.type === PUBLISH && !packet.has(Slot.payload) && this.isCut) stream.missBytes(side)
    if (!isAliased(this.type, packet)) return
    this.aliasTopic = stream.resolve(packet, raw, side)
    this.aliasUnknown = this.aliasTopic === undefined && !packet.has(Slot.topic)
  }

  /** Reads a packet in `version`; the stream learns nothing, and what its alias stands for is left open. */
  fill(stream: Stream, side: Side, raw: RawPacket, version: Version): void {
    this.raw = raw
    this.side = side
    this.stream = stream
    this.version = version
    this.aliasTopic = undefined
    this.aliasUnknown = false
    this.units = undefined
    this.births = undefined
    this.packet.reset()
    this.walk(this.packet)
    this.type = stream.protocol.typeOf(this.packet)
  }

  /** Adds what was made out about the packet beyond its bytes. Each getter of `facts` is read once. */
  add({ exchange, ruleFindings, fanOut }: TrackerFacts): this {
    this.exchange = exchange
    this.ruleFindings = ruleFindings
    this.fanOut = fanOut
    return this
  }
}

/** Bytes of the capture that could not be read. */
export interface Damage {
  readonly code: string
  /** Offset into the capture. */
  readonly at: number
  /** Bytes passed over. */
  readonly size: number
  readonly message: string
}

export type { Stream }

/** Receives the records of a capture in order. */
export interface RecordSink {
  /** The first frame of the capture: relative times count from it. */
  begin?(first: Frame): void
  /** No frame came for long: `from` is the Unix time of the frame before `frame`. Comes before what is in `frame`. */
  paused?(from: number, frame: Frame): void
  packet(record: PacketRecord): void
  /** `size` bytes of the stream are missing from the capture (0: nobody knows how many). */
  gap(stream: Stream, side: Side, size: number, frame: Frame): void
  /** `size` bytes were passed over on the way back to the start of a packet, or because they are no MQTT. */
  skipped(stream: Stream, side: Side, size: number, frame: Frame, foreign: Foreign): void
  damage(damage: Damage): void
  /** One side of a connection has ended, at the time of `frame`; comes once for each side. */
  ended?(stream: Stream, side: Side, how: FlowEnd, frame: Frame): void
  /** What became clear only later. */
  finding?(finding: PlacedFinding): void
  /** A TLS connection that may carry MQTT is over, and nothing opened it: no packet of it comes. */
  sealed?(stream: Stream, frame: Frame): void
}

/** What a port that is not watched looks like. */
export type Likeness = 'mqtt' | 'tls' | 'websocket'

/** TLS connections to one port that nothing opened. */
export interface SealedPort {
  readonly port: number
  readonly connections: number
}

export interface OtherPort {
  readonly port: number
  readonly likeness: Likeness
}

/** What a capture held, for the last line. */
export interface Summary {
  frames: number
  packets: number
  /** All TCP connections, and those taken for MQTT. */
  flows: number
  connections: number
  malformed: number
  gaps: number
  gapBytes: number
  skippedBytes: number
  /** Damaged places of the file, and the bytes passed over there. */
  damage: number
  damageBytes: number
  /** Frames that the capturing machine says it dropped; undefined where it says nothing. */
  dropped: number | undefined
  /** Frames that may carry MQTT and could not be read, by reason. */
  unread: readonly Unread[]
  /** TLS connections that may carry MQTT and were not opened, by port of the server; absent for none. */
  sealed?: readonly SealedPort[] | undefined
  /** Streams on the ports of MQTT that were not read because too many stood at once; absent for none. */
  leftOut?: number
  /** Streams on other ports that made room for others before they had proved whether they are MQTT; absent for none. */
  undecided?: number
  /** Ports that are not watched and look like MQTT; looked for only where no packet was read. */
  otherPorts?: readonly OtherPort[] | undefined
}

/** Turns records into output. Everything it writes goes through `write`, in order. */
export interface Exporter extends RecordSink {
  /** After the last record. */
  finish(summary: Summary): void
}

export type Write = (text: string) => void
