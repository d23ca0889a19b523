/** One TCP connection that is taken for MQTT, and what is known of it as of now. */

import { decodeText } from '../base/strings.ts'
import { Aliases } from '../mqtt/aliases.ts'
import { Dialect, evidence } from '../mqtt/dialect.ts'
import { Slot } from '../mqtt/fields.ts'
import type { ControlPacket } from '../mqtt/packet.ts'
import type { RawPacket } from '../mqtt/raw.ts'
import { CONNACK, CONNECT, PUBLISH, type Version } from '../mqtt/spec.ts'
import { walk } from '../mqtt/walk.ts'
import type { Flow, Side } from '../net/flow.ts'
import type { Sender } from './vocabulary.ts'

/** One control packet as its stream reads it: its bytes, and what the packets before it said of them. */
export interface StreamPacket {
  raw: RawPacket
  /** Its numbers, as the walk announced them. */
  packet: ControlPacket
  /** Type number; 0 where not even the first byte can be trusted. */
  type: number
  /** The version it was read by. */
  version: Version
  side: Side
  stream: Stream
  /** The topic that an alias alone stands for; undefined where the packet names its topic or the alias is not known. */
  aliasTopic: string | undefined
  /** The packet has an alias alone, and nothing seen says what it stands for. */
  aliasUnknown: boolean
}

/** The MQTT connection on a stream, as far as the store has to know of it: the tracker's `Connection`. */
export interface ConnectionFact {
  /** Number of the connection, from 1 in order of appearance. */
  readonly number: number
}

export class Stream {
  readonly flow: Flow
  /** The start of the flow is not in the capture: no SYN opened it. */
  readonly midStream: boolean
  readonly dialect = new Dialect()
  /** Of the last CONNECT, or as the broker assigned it; undefined where neither was seen. */
  clientId: string | undefined = undefined
  /** The side of the client, or -1 where nothing tells yet. */
  client: Side | -1
  /** The connection that stands on this stream, set by the tracker. A field, because a look-up in a map per packet is too slow. */
  connection: ConnectionFact | undefined = undefined

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

  /** Reads the next packet of `side` into `record`, by what was said before it, and learns from it. */
  read(raw: RawPacket, side: Side, record: StreamPacket): void {
    const { packet } = record
    if (this.client === -1) this.guessClient(raw, side)
    record.raw = raw
    record.side = side
    record.stream = this
    record.aliasTopic = undefined
    record.aliasUnknown = false
    record.version = this.dialect.versionOf(raw, this.client === -1 ? undefined : this.client === side)
    packet.reset()
    walk(raw.bytes, raw.start, raw.readable, record.version, packet)
    record.type = packet.has(Slot.flags) ? packet.value(Slot.flags) >> 4 : 0
    if (record.type === PUBLISH) {
      // An alias counts once its properties were read whole, and 0 is none.
      if (packet.has(Slot.payload) && packet.has(Slot.alias) && packet.value(Slot.alias) !== 0) {
        this.resolveAlias(raw, side, record)
      }
    } else if (record.type === CONNECT) this.learnClientId(raw, packet, Slot.clientId)
    else if (record.type === CONNACK) this.learnClientId(raw, packet, Slot.assignedClientId)
  }

  /** Neither SYN nor port told: the type of a packet may. */
  private guessClient(raw: RawPacket, side: Side): void {
    const byClient = evidence(raw)
    if (byClient !== undefined) this.client = byClient === (side === 0) ? 0 : 1
  }

  /** An alias stands for what the last packet before said in the same direction (MQTT 5 §3.3.2.3.4). */
  private resolveAlias(raw: RawPacket, side: Side, record: StreamPacket): void {
    const { packet } = record
    const aliases = this.aliasesOf(side)
    const alias = packet.value(Slot.alias)
    if (packet.has(Slot.topic))
      (aliases ?? this.firstAlias(side)).set(alias, raw.bytes, packet.start(Slot.topic), packet.end(Slot.topic))
    else if (aliases?.find(alias)) record.aliasTopic = decodeText(aliases.bytes, aliases.start, aliases.end)
    else record.aliasUnknown = true
  }

  private firstAlias(side: Side): Aliases {
    const aliases = new Aliases()
    if (side === 0) this.aliases0 = aliases
    else this.aliases1 = aliases
    return aliases
  }

  private learnClientId(raw: RawPacket, packet: ControlPacket, slot: number): void {
    if (packet.has(slot)) this.clientId = decodeText(raw.bytes, packet.start(slot), packet.end(slot))
  }
}
