/** The packet at hand as the exchanges see it. */
import type { Strings } from '../base/strings.ts'
import { Slot } from '../mqtt/fields.ts'
import { PUBACK, PUBLISH, PublishFlag, qosOf, UNSUBACK } from '../mqtt/spec.ts'
import type { PacketRecord, Side } from '../store/record.ts'
import type { Event } from './exchange/exchange.ts'

/** One object for every packet in turn. */
export class PacketEvent implements Event {
  number = 0
  time = 0
  type = 0
  side: Side = 0
  id = 0
  qos = 0
  dup = false
  code = 0
  fingerprint = 0
  topic = -1
  /** True if the packet has an id that is not in the capture: nothing tells which exchange it is in. */
  isUnknown = false

  /** Reads the packet. `time`: seconds since the capture began; `topics`: where its topic gets an id, if it has a packet id. */
  read(record: PacketRecord, time: number, topics: Strings): void {
    const { packet, type } = record
    const first = packet.has(Slot.flags) ? packet.value(Slot.flags) : 0
    this.number = record.number
    this.time = time
    this.type = type
    this.side = record.side
    this.id = packet.has(Slot.packetId) ? packet.value(Slot.packetId) : 0
    this.qos = type === PUBLISH ? qosOf(first) : 0
    this.isUnknown = this.id === 0 && record.isCut && !packet.has(Slot.packetId) && hasId(type, this.qos)
    this.dup = type === PUBLISH && (first & PublishFlag.dup) !== 0
    this.code = packet.has(Slot.reason) ? packet.value(Slot.reason) : 0
    this.topic = packet.has(Slot.topic) && this.id > 0 ? internTopic(record, topics) : -1
    this.fingerprint =
      this.topic * 31 + (packet.has(Slot.payload) ? packet.end(Slot.payload) - packet.start(Slot.payload) : 0)
  }
}

const hasId = (type: number, qos: number): boolean => (type === PUBLISH ? qos > 0 : type >= PUBACK && type <= UNSUBACK)

/** Returns the id of the topic or first filter that the packet names. */
export function internTopic({ packet, raw }: PacketRecord, topics: Strings): number {
  return topics.intern(raw.bytes, packet.start(Slot.topic), packet.end(Slot.topic))
}
