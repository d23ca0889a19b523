/** Packet identifiers of QoS 2 messages under way: one bit each, so that no broker can make them grow. */
import { u8 } from '../base/bytes.ts'

const ALL = 65_536
const NONE = new Uint8Array(0)

export class Identifiers {
  private bits = NONE

  /** False where it was there already. */
  add(id: number): boolean {
    if (this.has(id)) return false
    if (this.bits.length === 0) this.bits = new Uint8Array(ALL / 8)
    this.bits[id >> 3] = u8(this.bits, id >> 3) | (1 << (id & 7))
    return true
  }

  /** False where it was not there. */
  delete(id: number): boolean {
    if (!this.has(id)) return false
    this.bits[id >> 3] = u8(this.bits, id >> 3) & ~(1 << (id & 7))
    return true
  }

  private has(id: number): boolean {
    return this.bits.length > 0 && (u8(this.bits, id >> 3) & (1 << (id & 7))) !== 0
  }
}
