/** A message at hand, as its format string asks for it: what it says beside its payload is read when asked for. */
import type { Field, FieldSink } from '../base/field.ts'
import { decodeText } from '../base/strings.ts'
import * as F from '../mqtt/fields.ts'
import { Slot } from '../mqtt/fields.ts'
import { PROPERTIES, PropertyId, PublishFlag, qosOf } from '../mqtt/spec.ts'
import { PacketRecord } from '../store/record.ts'

/** Properties told of one message: a hostile one has millions of user properties. */
const MOST_PROPERTIES = 10_000

export type PropertyValue = number | string | Uint8Array | readonly [name: string, value: string]

export interface Property {
  readonly id: number
  readonly value: PropertyValue
}

/** `contentType` → `content-type`, as mosquitto's tools have it. */
const NAMES: ReadonlyMap<number, string> = new Map(
  PROPERTIES.map(({ id, name }) => [id, name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)]),
)
export const propertyName = (id: number): string => NAMES.get(id) ?? `${id}`

const EMPTY = new Uint8Array(0)

export class MessageText implements FieldSink {
  record = new PacketRecord()
  private found: Property[] | undefined = undefined
  private id = 0
  private name = ''

  turnTo(record: PacketRecord): void {
    this.record = record
    this.found = undefined
  }

  get topic(): string {
    const { aliasTopic, packet, raw } = this.record
    if (aliasTopic !== undefined) return aliasTopic
    return packet.has(Slot.topic) ? decodeText(raw.bytes, packet.start(Slot.topic), packet.end(Slot.topic)) : ''
  }

  get qos(): number {
    return qosOf(this.record.packet.value(Slot.flags))
  }

  get retain(): number {
    return this.record.packet.value(Slot.flags) & PublishFlag.retain
  }

  /** 0 at QoS 0. */
  get id16(): number {
    const { packet } = this.record
    return packet.has(Slot.packetId) ? packet.value(Slot.packetId) : 0
  }

  /** Bytes on the wire. */
  get size(): number {
    const { raw, packet } = this.record
    return raw.end - packet.start(Slot.payload)
  }

  /** As far as it was captured; valid as long as the record. */
  get payload(): Uint8Array {
    const { raw, packet } = this.record
    return raw.bytes.subarray(packet.start(Slot.payload), raw.kept)
  }

  /** In the order of the packet. */
  get properties(): readonly Property[] {
    if (this.found !== undefined) return this.found
    this.found = []
    if (this.record.version === 5) this.record.walk(this)
    return this.found
  }

  property(id: number): PropertyValue | undefined {
    return this.properties.find(property => property.id === id)?.value
  }

  field(field: Field, start: number, end: number, value: number): void {
    const { bytes } = this.record.raw
    if (field === F.PROPERTY_ID) this.id = value
    else if (field === F.PROP_KEY) this.name = decodeText(bytes, start, end)
    else if (field === F.PROP_VALUE) this.keep(PropertyId.userProperty, [this.name, decodeText(bytes, start, end)])
    else if (field === F.PROPERTY_FIELDS[this.id]) {
      if (field.kind === 'text') this.keep(this.id, decodeText(bytes, start, end))
      else if (field.kind === 'bytes') this.keep(this.id, start < end ? bytes.slice(start, end) : EMPTY)
      else if (field.kind !== 'pair') this.keep(this.id, value)
    }
  }

  open(): void {}
  close(): void {}
  fault(): void {}

  private keep(id: number, value: PropertyValue): void {
    if (this.found !== undefined && this.found.length < MOST_PROPERTIES) this.found.push({ id, value })
  }
}
