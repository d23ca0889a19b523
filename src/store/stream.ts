/** One TCP connection that is taken for MQTT, and what is known of it as of now. */

import { u8 } from '../base/bytes.ts'
import type { FrameFiles } from '../base/frame-files.ts'
import type { FlowEnd } from '../base/line.ts'
import { decodeText } from '../base/strings.ts'
import { Aliases } from '../mqtt/aliases.ts'
import { Dialect, evidence } from '../mqtt/dialect.ts'
import { Slot } from '../mqtt/fields.ts'
import type { ControlPacket } from '../mqtt/packet.ts'
import type { RawPacket } from '../mqtt/raw.ts'
import { CONNACK, CONNECT, PUBLISH, type Version } from '../mqtt/spec.ts'
import { Flow, type Side } from '../net/flow.ts'
import { TcpHeader } from '../net/tcp.ts'
import type { TransportFacts } from '../transport/facts.ts'
import type { ProxyHead } from '../transport/proxy.ts'
import { MQTT, type Protocol } from './protocol.ts'
import type { Sender } from './vocabulary.ts'

/** The MQTT connection on a stream, as far as the store has to know of it: the tracker's `Connection`. */
export interface ConnectionFact {
  /** Number of the connection, from 1 in order of appearance. */
  readonly number: number
}

export class Stream {
  readonly flow: Flow
  readonly protocol: Protocol = MQTT
  /** The start is not in the capture: no SYN opened the flow, and no CONNECT stands before all other packets. */
  midStream: boolean
  readonly dialect = new Dialect()
  /** Of the last CONNECT, or as the broker assigned it; undefined where neither was seen. */
  clientId: string | undefined = undefined
  /** The PROXY head that a load balancer put in front of the client's bytes; undefined if there is none. */
  proxy: ProxyHead | undefined = undefined
  /** What the stream is wrapped in; undefined for plain MQTT. Set before the first packet is read. */
  transport: TransportFacts | undefined = undefined
  /** Which of several files each frame came from; undefined if there is one. */
  files: FrameFiles | undefined = undefined
  /** The side of the client, or -1 where nothing tells yet. */
  client: Side | -1
  /** The connection that stands on this stream, set by the tracker. A field, because a look-up in a map per packet is too slow. */
  connection: ConnectionFact | undefined = undefined
  /** The side that ended before the first packet was read, set by the tracker; undefined for none. */
  endedEarly: { readonly side: Side; readonly how: FlowEnd } | undefined = undefined

  /** True once the client id or the side of the client was learnt behind a packet that had been read: such packets came too early. */
  isLearntLate = false

  /** True once a packet was read. */
  private hasRead = false
  /** By side, as bits: bytes of the stream are missing or could not be read. */
  private incompleteSides = 0
  private aliases0: Aliases | undefined = undefined
  private aliases1: Aliases | undefined = undefined

  /** `client`: the side that the ports make the client, where the flow itself does not know. */
  constructor(flow: Flow, client: Side | -1) {
    this.flow = flow
    this.client = flow.client === -1 ? client : flow.client
    this.midStream = !flow.sawSyn(0) && !flow.sawSyn(1)
  }

  /** What the topic aliases of one direction stand for; undefined while it has none. */
  aliasesOf(side: Side): Aliases | undefined {
    return side === 0 ? this.aliases0 : this.aliases1
  }

  /** Aliases may have been defined that were not seen: one that is not known is no fault then. */
  missesAliases(side: Side): boolean {
    return this.midStream || ((this.incompleteSides >> side) & 1) === 1 || (this.aliasesOf(side)?.forgotten ?? 0) > 0
  }

  /** Bytes of this side are missing or could not be read. */
  missBytes(side: Side): void {
    this.incompleteSides |= 1 << side
  }

  senderOf(side: Side): Sender {
    if (this.client === -1) return 'unknown'
    return this.client === side ? 'client' : 'server'
  }

  /** The version to read a packet by. Called once for each packet, in order: the packet may tell version and client. */
  versionOf(raw: RawPacket, side: Side): Version {
    if (this.client === -1) this.guessClient(raw, side)
    if (this.midStream) this.checkStart(raw)
    return this.dialect.versionOf(raw, this.client === -1 ? undefined : this.client === side)
  }

  /** Learns from a packet that was read: its client id, or the one that the broker assigns. */
  learn(type: number, packet: ControlPacket, raw: RawPacket): void {
    if (type === CONNECT) this.learnClientId(raw, packet, Slot.clientId)
    else if (type === CONNACK) this.learnClientId(raw, packet, Slot.assignedClientId)
    this.hasRead = true
  }

  /**
   * Returns the topic that the alias of a PUBLISH stands for: what the last packet before said in the same direction
   * (MQTT 5 §3.3.2.3.4). Undefined if the alias is unknown, or if the packet has a topic, which the alias stands for then.
   */
  resolve(packet: ControlPacket, raw: RawPacket, side: Side): string | undefined {
    const aliases = this.aliasesOf(side)
    const alias = packet.value(Slot.alias)
    if (packet.has(Slot.topic))
      (aliases ?? this.firstAlias(side)).set(alias, raw.bytes, packet.start(Slot.topic), packet.end(Slot.topic))
    else if (aliases?.find(alias)) return decodeText(aliases.bytes, aliases.start, aliases.end)
    return undefined
  }

  /** A CONNECT before any other packet is the start, although the capture has no SYN. */
  private checkStart({ bytes, start }: RawPacket): void {
    const isFirst = this.connection === undefined && this.incompleteSides === 0
    if (isFirst && u8(bytes, start) >> 4 === CONNECT) this.midStream = false
  }

  /** Neither SYN nor port told: the type of a packet may. */
  private guessClient(raw: RawPacket, side: Side): void {
    const byClient = evidence(raw)
    if (byClient === undefined) return
    this.client = byClient === (side === 0) ? 0 : 1
    if (this.hasRead) this.isLearntLate = true
  }

  private firstAlias(side: Side): Aliases {
    const aliases = new Aliases()
    if (side === 0) this.aliases0 = aliases
    else this.aliases1 = aliases
    return aliases
  }

  private learnClientId(raw: RawPacket, packet: ControlPacket, slot: number): void {
    if (!packet.has(slot)) return
    const clientId = decodeText(raw.bytes, packet.start(slot), packet.end(slot))
    if (this.hasRead && clientId !== this.clientId) this.isLearntLate = true
    this.clientId = clientId
  }
}

/** Stands for the stream in an object that holds no packet yet. Nothing is read from it or kept in it. */
export const NO_STREAM = new Stream(new Flow(0, new TcpHeader()), -1)

/** True if the packet has a topic alias that counts: its properties were read whole, and it is not 0. */
export const isAliased = (type: number, packet: ControlPacket): boolean =>
  type === PUBLISH && packet.has(Slot.payload) && packet.has(Slot.alias) && packet.value(Slot.alias) !== 0
