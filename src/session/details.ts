/** A listener for the packets that open, change and end connections: few of all packets, so it may keep objects. */
import type { Field, FieldSink } from '../base/field.ts'
import { decodeText } from '../base/strings.ts'
import * as F from '../mqtt/fields.ts'
import type { PacketRecord } from '../store/record.ts'

/** A topic filter of SUBSCRIBE or UNSUBSCRIBE. */
export interface FilterPart {
  readonly filter: string
  readonly options: number
}

export class Details implements FieldSink {
  /** Numbers of properties and will properties by identifier, as they stand first. */
  readonly properties = new Map<number, number>()
  readonly willProperties = new Map<number, number>()
  /** Texts of properties by identifier. */
  readonly texts = new Map<number, string>()
  /** Identifiers of the properties it holds, those of the will left out. */
  readonly identifiers = new Set<number>()
  readonly filters: FilterPart[] = []
  /** Reason or return codes in order. */
  readonly codes: number[] = []
  willTopic: string | undefined = undefined
  willPayload: Uint8Array | undefined = undefined
  userName: string | undefined = undefined
  hasPassword = false
  private bytes: Uint8Array = new Uint8Array(0)
  private inWill = false
  private property = 0

  /** What the packet says; the object is new, so it may be kept. */
  static of(record: PacketRecord): Details {
    const details = new Details()
    details.bytes = record.raw.bytes
    record.walk(details)
    details.bytes = new Uint8Array(0)
    return details
  }

  field(field: Field, start: number, end: number, value: number): void {
    switch (field) {
      case F.PROPERTY_ID:
        this.property = value
        if (!this.inWill) this.identifiers.add(value)
        return
      case F.TOPIC:
        this.filters.push({ filter: this.text(start, end), options: 0 })
        return
      case F.SUB_QOS:
      case F.SUB_OPTIONS:
        return this.options(value)
      case F.WILLTOPIC:
        this.willTopic = this.text(start, end)
        return
      case F.WILLMSG:
        this.willPayload = this.bytes.slice(start, end)
        return
      case F.USERNAME:
        this.userName = this.text(start, end)
        return
      case F.PASSWD:
        this.hasPassword = true
        return
    }
    if (field.slot === F.Slot.reason) this.codes.push(value)
    else if (field === F.PROPERTY_FIELDS[this.property]) this.keepProperty(field, start, end, value)
  }

  open(field: Field): void {
    if (field === F.WILL_PROPERTIES_GROUP) this.inWill = true
    else if (field === F.PROPERTIES_GROUP) this.inWill = false
  }

  close(): void {}

  fault(): void {}

  private options(value: number): void {
    const last = this.filters.pop()
    if (last !== undefined) this.filters.push({ filter: last.filter, options: value })
  }

  private keepProperty(field: Field, start: number, end: number, value: number): void {
    const numbers = this.inWill ? this.willProperties : this.properties
    if (field.kind === 'text') {
      if (!this.texts.has(this.property)) this.texts.set(this.property, this.text(start, end))
    } else if (!numbers.has(this.property)) numbers.set(this.property, value)
  }

  private text(start: number, end: number): string {
    return decodeText(this.bytes, start, end)
  }
}
