/** What a PUBLISH carries beside its payload: topic, QoS, properties. */
import { Slot } from '../../mqtt/fields.ts'
import { varintSize } from '../../mqtt/properties.ts'
import { qosOf } from '../../mqtt/spec.ts'
import type { PacketRecord } from '../../store/record.ts'

/** Most bytes of properties kept of a message; what a broker makes of longer ones is not checked. */
const MOST_PROPERTIES = 1024
const NO_BYTES = new Uint8Array(0)

export const qosOfRecord = ({ packet }: PacketRecord): number => qosOf(packet.value(Slot.flags))

/** Returns the bytes of the topic: in the packet, or what its alias stands for; none if that is unknown. */
export function topicBytes({ packet, raw, stream, side }: PacketRecord): Uint8Array {
  if (packet.has(Slot.topic)) return raw.bytes.subarray(packet.start(Slot.topic), packet.end(Slot.topic))
  const aliases = stream.aliasesOf(side)
  if (!aliases?.find(packet.value(Slot.alias))) return NO_BYTES
  return aliases.bytes.subarray(aliases.start, aliases.end)
}

/** Returns a copy of the property block, its length included; undefined before 5.0, and if it is long or cut. */
export function propertiesOf({ version, packet, raw }: PacketRecord): Uint8Array | undefined {
  if (version !== 5 || raw.readable < raw.end) return undefined
  const end = packet.start(Slot.payload)
  const start = packet.has(Slot.packetId)
    ? packet.end(Slot.packetId)
    : packet.has(Slot.topic)
      ? packet.end(Slot.topic)
      : raw.start + 1 + varintSize(raw.bytes, raw.start + 1, raw.end) + 2
  if (end - start > MOST_PROPERTIES) return undefined
  return end - start === 1 ? NO_PROPERTIES : raw.bytes.slice(start, end)
}

/** Most messages have none: a length of 0. */
const NO_PROPERTIES = Uint8Array.of(0)
