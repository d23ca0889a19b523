/** Marks that Wireshark sets on a packet although no byte of it says so: no version known, an empty topic. */
import type { Field, FieldSink } from '../base/field.ts'
import { MSG, MSGTYPE, PROPERTY_FIELDS, TOPIC_LEN, WILLTOPIC_LEN } from '../mqtt/fields.ts'
import { CONNECT, PropertyId, PUBLISH } from '../mqtt/spec.ts'
import type { PacketRecord } from './record.ts'

/** A CONNECT with a level of no version is an answer too, though not a good one. */
export const isVersionUnknown = ({ version, type, stream }: PacketRecord): boolean =>
  version === 0 && type !== CONNECT && stream.dialect.level === 0

/** How many findings Wireshark makes on empty topics in the packet. */
export function illegalTopicLengths(record: PacketRecord): number {
  const found = new EmptyTopics()
  record.walk(found)
  return found.count
}

const TOPIC_ALIAS = PROPERTY_FIELDS[PropertyId.topicAlias]

/** On each empty filter and will topic at once, on that of a PUBLISH where nothing took its place (no alias, or alias 0). */
class EmptyTopics implements FieldSink {
  count = 0
  private isPublish = false
  private isEmpty = false
  private isPending = false

  field(field: Field, _start: number, _end: number, value: number): void {
    if (field === MSGTYPE) this.isPublish = value === PUBLISH
    else if (field === WILLTOPIC_LEN || (field === TOPIC_LEN && !this.isPublish)) this.count += value === 0 ? 1 : 0
    else if (field === TOPIC_LEN) {
      this.isEmpty = value === 0
      this.isPending = this.isEmpty
    } else if (field === TOPIC_ALIAS) this.isPending = this.isEmpty && value === 0
    else if (field === MSG && this.isPending) this.count++
  }

  open(): void {}
  close(): void {}
  fault(): void {}
}
