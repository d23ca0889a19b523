/** What is to be said of one packet: by its bytes, and by its place in the conversation where sessions are followed. */
import type { FieldSink } from '../field.ts'
import { Fault, faultId, faultLevel, faultMessage } from '../mqtt/faults.ts'
import { walk } from '../mqtt/walk.ts'
import type { PacketRecord, Remark } from './record.ts'

export type { Remark }

class Faults implements FieldSink {
  readonly found: { fault: number; at: number }[] = []

  field(): void {}
  open(): void {}
  close(): void {}

  fault(fault: number, at: number): void {
    this.found.push({ fault, at })
  }
}

/** All remarks on the packet, in the order of its bytes; most packets have none, and cost nothing. */
export function remarksOf(record: PacketRecord): readonly Remark[] {
  const { raw, packet } = record
  if (packet.faultCount === 0 && !raw.incomplete && !record.aliasUnknown) return record.behaviour
  const remarks: Remark[] = []
  if (packet.faultCount > 0) {
    const faults = new Faults()
    walk(raw.bytes, raw.start, raw.readable, record.version, faults)
    for (const { fault, at } of faults.found) remarks.push(remark(record, fault, at - raw.start))
  }
  if (raw.incomplete) remarks.push(remark(record, Fault.incomplete, raw.readable - raw.start))
  if (record.aliasUnknown) remarks.push(aliasUnknown(record))
  remarks.push(...record.behaviour)
  return remarks
}

const remark = (record: PacketRecord, fault: number, offset: number): Remark => ({
  id: faultId(fault, record.version),
  level: faultLevel(fault, record.version),
  message: faultMessage(fault),
  offset,
})

/** Where the connection began before the capture, or bytes are missing, it may have been set there: nobody's fault. */
function aliasUnknown(record: PacketRecord): Remark {
  return record.connection.aliases[record.side].partial
    ? { id: 'alias.unknown', level: 'note', message: 'the capture does not hold what the alias stands for', offset: 0 }
    : { id: 'MQTT-3.3.2-7', level: 'error', message: 'the topic alias was never set', offset: 0 }
}
