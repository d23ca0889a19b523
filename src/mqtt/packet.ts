/** The listener of every packet on ingest: keeps the few numbers that columns, exports and sessions live on. */
import type { Field, FieldSink } from '../base/field.ts'
import { isMalformed } from './faults.ts'
import { SLOTS, Slot } from './fields.ts'

export class ControlPacket implements FieldSink {
  /** Code and place of the first fault; 0 for none. Few packets have any, so the others are left to a second walk. */
  firstFault = 0
  firstFaultAt = 0
  faultCount = 0
  malformed = false
  private present = 0
  private readonly values = new Int32Array(SLOTS)
  private readonly starts = new Int32Array(SLOTS)
  private readonly ends = new Int32Array(SLOTS)

  reset(): void {
    this.present = 0
    this.firstFault = 0
    this.faultCount = 0
    this.malformed = false
  }

  /** A field that stands several times in a packet is kept as it stands first; of topic aliases the last counts, as in tshark. */
  field(field: Field, start: number, end: number, value: number): void {
    const slot = field.slot
    if (slot === undefined || (((this.present >>> slot) & 1) === 1 && slot !== Slot.alias)) return
    this.present |= 1 << slot
    this.values[slot] = value
    this.starts[slot] = start
    this.ends[slot] = end
  }

  open(): void {}

  close(): void {}

  fault(fault: number, at: number): void {
    if (this.faultCount++ === 0) {
      this.firstFault = fault
      this.firstFaultAt = at
    }
    if (isMalformed(fault)) this.malformed = true
  }

  has(slot: number): boolean {
    return ((this.present >>> slot) & 1) === 1
  }

  /** The number of a `Slot` that the packet `has`; 0 for text and bytes. */
  value(slot: number): number {
    return this.values[slot] as number
  }

  /** Absolute offsets of a `Slot` that the packet `has`. */
  start(slot: number): number {
    return this.starts[slot] as number
  }

  end(slot: number): number {
    return this.ends[slot] as number
  }
}
