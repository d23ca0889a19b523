/**
 * What the rest of the program asks of a packet's protocol: one value for each protocol. This file is the only door to
 * `mqtt/walk.ts`; whoever has a record walks it by `record.walk(sink)`.
 */
import { defineField, type Field, type FieldSink } from '../base/field.ts'
import { type FaultPlace, faultMessage } from '../mqtt/fault-text.ts'
import { Fault, faultId, faultLevel } from '../mqtt/faults.ts'
import { MSG, Slot, WILLMSG } from '../mqtt/fields.ts'
import type { ControlPacket } from '../mqtt/packet.ts'
import { TYPE_NAMES, type Version } from '../mqtt/spec.ts'
import { walk } from '../mqtt/walk.ts'
import type { Level } from './vocabulary.ts'

export interface Protocol {
  /** The protocol's name in records and on its layer: `mqtt`. */
  readonly name: string
  /** Names of packet types by number; the first is that of a type that cannot be told. */
  readonly typeNames: readonly string[]
  /** The root of a packet's tree of fields. */
  readonly root: Field
  /** The fields whose bytes are an application's: a payload decoder may read them. */
  readonly payloads: readonly Field[]
  /** Versions that a packet without a known version may be of. */
  readonly versions: readonly Version[]
  /** Code of the fault of a packet whose last bytes never came; no walk announces it. */
  readonly incomplete: number
  /** Announces every field of `bytes[start..end)`, read in `version`, to `sink`. Never throws, never reads behind `end`. */
  walk(bytes: Uint8Array, start: number, end: number, version: Version, sink: FieldSink): void
  /** Returns the type number of a walked packet; 0 if its first byte is not there. */
  typeOf(packet: ControlPacket): number
  /** Returns the id of a fault: the specification's for `version` if it has one, else an own one. */
  faultId(fault: number, version: Version, type: number, byServer: boolean): string
  faultLevel(fault: number, version: Version): Level
  /** Returns the sentence that says what is wrong at this place. */
  faultMessage(fault: number, place: FaultPlace): string
}

const MQTT_PACKET = defineField({
  name: 'mqtt',
  label: 'MQTT',
  kind: 'group',
  section: 'MQTT 5 §2.1, MQTT 3.1.1 §2.1',
  explanation: 'One control packet: a fixed header, for most types a variable header, for some a payload.',
})

/** MQTT 3.1, 3.1.1 and 5.0. */
export const MQTT: Protocol = {
  name: 'mqtt',
  typeNames: TYPE_NAMES,
  root: MQTT_PACKET,
  payloads: [MSG, WILLMSG],
  versions: [3, 4, 5],
  incomplete: Fault.incomplete,
  walk,
  typeOf: packet => (packet.has(Slot.flags) ? packet.value(Slot.flags) >> 4 : 0),
  faultId,
  faultLevel,
  faultMessage,
}
