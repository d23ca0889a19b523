/**
 * The client's side of one MQTT conversation, without IO: bytes from the broker in, answers and findings out. What comes
 * is read by the same framer, walk and connection as every capture.
 */

import { OwnStream } from '../analysis/own-stream.ts'
import { hex } from '../base/bytes.ts'
import { Slot } from '../mqtt/fields.ts'
import type { ControlPacket } from '../mqtt/packet.ts'
import { opensConversation } from '../mqtt/plausible.ts'
import * as Type from '../mqtt/spec.ts'
import { PublishFlag, qosOf } from '../mqtt/spec.ts'
import { findingsOf } from '../store/findings.ts'
import type { PacketRecord } from '../store/record.ts'
import { protocolName } from '../transport/recognise.ts'
import { type Connack, isStrange, readConnack, reasonDetail, referenceOf, refusesFilter } from './answers.ts'
import { type Failure, failure } from './failure.ts'
import { Findings, type Kind, SEEN } from './findings.ts'
import { Identifiers } from './identifiers.ts'
import { Outgoing, SUBSCRIBE_ID } from './outgoing.ts'
import { Received } from './received.ts'
import type { GrabSettings } from './settings.ts'

/** Shown of what is no MQTT. */
const MOST_FIRST_BYTES = 64
const EMPTY = new Uint8Array(0)

/** `over`: the broker has refused us or said DISCONNECT; `broken`: it speaks no MQTT that can be followed. */
export type State = 'connecting' | 'listening' | 'over' | 'broken'

export class Conversation {
  state: State = 'connecting'
  connack: Connack | undefined
  failure: Failure | undefined
  /** Packets from the broker, and their bytes. */
  packets = 0
  consumed = 0
  readonly received = new Received()
  readonly findings = new Findings()
  /** What is to be sent, in order. */
  outbox: Uint8Array[] = []
  private readonly settings: GrabSettings
  private readonly outgoing: Outgoing
  private readonly stream = new OwnStream(
    () => {},
    record => this.packet(record),
  )
  private readonly identifiers = new Identifiers()
  private firstBytes = EMPTY
  private subscribed = false
  private pings = 0

  constructor(settings: GrabSettings) {
    this.settings = settings
    this.outgoing = new Outgoing(settings.version)
  }

  /** As many messages as were asked for. */
  get full(): boolean {
    return this.received.count >= this.settings.maxMessages
  }

  /** Enough is known to tell what the peer speaks instead of MQTT. */
  get knowsPeer(): boolean {
    return this.firstBytes.length === MOST_FIRST_BYTES
  }

  /** Our CONNECT goes through the same reading: it says which version the answers are read by. */
  begin(clientId: string): void {
    const connect = this.outgoing.connect(this.settings, clientId)
    this.stream.sent(connect)
    this.outbox.push(connect)
  }

  /** The next bytes from the broker. Nothing is read behind the last message asked for. */
  receive(bytes: Uint8Array): void {
    if (!this.knowsPeer) this.keepFirst(bytes)
    if (this.state === 'broken') return
    if (this.packets === 0 && !opensConversation(this.firstBytes)) return this.notMqtt()
    this.stream.received(bytes)
  }

  /** No more bytes will come; what is not whole is told. */
  end(): void {
    if (this.state !== 'broken' && this.firstBytes.length > 0 && !this.full) this.stream.end()
    if (this.failure?.code !== 'not_mqtt') return
    this.failure = {
      code: 'not_mqtt',
      message: `the server speaks ${protocolName(this.firstBytes)}`,
      firstBytes: hex(this.firstBytes),
    }
  }

  ping(): void {
    this.pings++
    this.outbox.push(this.outgoing.pingreq())
  }

  disconnect(): void {
    if (this.state === 'listening') this.outbox.push(this.outgoing.disconnect())
  }

  /** A WebSocket frame of text: its bytes are not read. */
  textFrame(): void {
    this.findings.see(SEEN.textFrame, this.stream.record.version, 0)
    this.breakOff(failure('protocol', 'MQTT over WebSocket comes in binary frames alone, and this one is text'))
  }

  private packet(record: PacketRecord): void {
    if (this.full || this.state === 'broken') return
    const { raw } = record
    if (this.packets === 0 && isStrange(record)) return this.notMqtt()
    record.number = ++this.packets
    this.consumed += raw.end - raw.start
    if (raw.incomplete) return this.see(SEEN.incomplete)
    for (const finding of findingsOf(record)) this.findings.note(finding, this.packets)
    if (raw.badLength) return this.breakOff(failure('protocol', 'a remaining length does not end within 4 bytes'))
    this.checkTurn(record)
    this.handle(record)
  }

  private handle(record: PacketRecord): void {
    switch (record.type) {
      case Type.CONNACK:
        return this.onConnack(record)
      case Type.PUBLISH:
        return this.onPublish(record)
      case Type.PUBREL:
        return this.onPubrel(record)
      case Type.SUBACK:
        return this.onSuback(record)
      case Type.DISCONNECT:
        return this.onDisconnect(record)
      default:
        return this.onOther(record)
    }
  }

  /** Packets where the standard has none. */
  private checkTurn(record: PacketRecord): void {
    const mayOpen = record.type === Type.CONNACK || (record.type === Type.AUTH && record.version === 5)
    if (this.connack === undefined && !mayOpen) this.see(SEEN.beforeConnack)
    if (this.state === 'over') this.see(this.connack?.accepted === false ? SEEN.afterRefusal : SEEN.afterDisconnect)
  }

  private onConnack(record: PacketRecord): void {
    if (this.connack !== undefined) return this.see(SEEN.connackAgain)
    this.connack = readConnack(record)
    if (this.connack === undefined) return this.breakOff(failure('protocol', 'the CONNACK is too short for an answer'))
    this.seeReference(record)
    if (this.state !== 'connecting') return
    this.state = this.connack.accepted ? 'listening' : 'over'
    if (this.connack.accepted) this.outbox.push(this.outgoing.subscribe(this.settings.filters))
  }

  private onPublish(record: PacketRecord): void {
    const { packet } = record
    if (this.connack !== undefined && !this.subscribed) this.see(SEEN.beforeSuback)
    if (packet.has(Slot.alias) && packet.value(Slot.alias) !== 0) this.see(SEEN.alias)
    const qos = qosOf(packet.value(Slot.flags))
    const isNew = qos === 0 || !packet.has(Slot.packetId) || this.acknowledge(qos, packet)
    if (isNew && packet.has(Slot.payload)) this.take(record)
  }

  /** Answers at once. False for a message under way that was sent again: MQTT 5 §4.3.3, MQTT 3.1.1 §4.3.3. */
  private acknowledge(qos: number, packet: ControlPacket): boolean {
    const id = packet.value(Slot.packetId)
    // There is no answer to 0, and none to both QoS bits: neither would be well-formed.
    if (id === 0 || qos === 3) return true
    this.answer(qos === 1 ? Type.PUBACK : Type.PUBREC, id)
    if (qos === 1 || this.identifiers.add(id)) return true
    const isAgain = (packet.value(Slot.flags) & PublishFlag.dup) !== 0
    this.see(isAgain ? SEEN.duplicate : SEEN.idReused)
    return !isAgain
  }

  private take(record: PacketRecord): void {
    const { packet, raw } = record
    const { bytes } = raw
    if (raw.readable < raw.end) this.see(SEEN.notKept)
    this.received.add(this.topicOf(record), bytes, packet.start(Slot.payload), packet.end(Slot.payload))
  }

  /** The topic's bytes; none where an alias stands for nothing. */
  private topicOf(record: PacketRecord): Uint8Array {
    const { packet, raw } = record
    const aliases = record.stream.aliasesOf(record.side)
    if (packet.has(Slot.topic)) return raw.bytes.subarray(packet.start(Slot.topic), packet.end(Slot.topic))
    if (record.aliasTopic === undefined || aliases === undefined) return EMPTY
    return aliases.bytes.subarray(aliases.start, aliases.end)
  }

  private onPubrel(record: PacketRecord): void {
    if (!record.packet.has(Slot.packetId)) return
    const id = record.packet.value(Slot.packetId)
    const isKnown = this.identifiers.delete(id)
    if (!isKnown) this.see(SEEN.unknownPubrel)
    if (id !== 0) this.answer(Type.PUBCOMP, id, isKnown)
  }

  private onSuback(record: PacketRecord): void {
    const { packet } = record
    const isOurs = packet.has(Slot.packetId) && packet.value(Slot.packetId) === SUBSCRIBE_ID
    if (!isOurs || this.subscribed) return this.see(SEEN.suback)
    this.subscribed = true
    if (refusesFilter(record)) this.see(SEEN.subscriptionRefused)
  }

  /** Before 5.0 only clients send it; what follows is the same. */
  private onDisconnect(record: PacketRecord): void {
    if (record.version !== 5) this.see(SEEN.direction)
    this.findings.see(SEEN.disconnect, record.version, this.packets, reasonDetail(record))
    this.seeReference(record)
    this.state = 'over'
  }

  private onOther(record: PacketRecord): void {
    const { type } = record
    if (type === Type.PINGRESP) {
      if (this.pings === 0) this.see(SEEN.pingresp)
      else this.pings--
    } else if (type === Type.PUBACK || type === Type.PUBREC || type === Type.PUBCOMP) this.see(SEEN.ack)
    else if (type === Type.UNSUBACK) this.see(SEEN.suback)
    else if (type === Type.AUTH && record.version === 5) this.see(SEEN.auth)
    else if (type !== Type.RESERVED && type !== Type.AUTH) this.see(SEEN.direction)
  }

  /** Nothing is answered once the broker has said goodbye: it would not read it. */
  private answer(type: Parameters<Outgoing['answer']>[0], id: number, isKnown = true): void {
    if (this.state !== 'over') this.outbox.push(this.outgoing.answer(type, id, isKnown))
  }

  private seeReference(record: PacketRecord): void {
    const reference = referenceOf(record)
    if (reference !== undefined) {
      this.findings.see(SEEN.reference, record.version, this.packets, `: ${reference}`)
    }
  }

  private see(kind: Kind): void {
    this.findings.see(kind, this.stream.record.version, this.packets)
  }

  private keepFirst(bytes: Uint8Array): void {
    const { firstBytes } = this
    const more = bytes.subarray(0, MOST_FIRST_BYTES - firstBytes.length)
    this.firstBytes = new Uint8Array(firstBytes.length + more.length)
    this.firstBytes.set(firstBytes)
    this.firstBytes.set(more, firstBytes.length)
  }

  private notMqtt(): void {
    this.breakOff(failure('not_mqtt', ''))
  }

  private breakOff(why: Failure): void {
    this.state = 'broken'
    this.failure ??= why
  }
}
