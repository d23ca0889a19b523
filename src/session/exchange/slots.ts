/**
 * Which exchange is open under (connection and side, packet id): open addressing over one array, four numbers a slot, so
 * that a look-up touches one line of the cache. Maps of a few entries each that come and go cost four times as much.
 */

const FIRST_SLOTS = 1024
const WIDTH = 4

export class Slots {
  count = 0
  /** Owner, key, value + 1 (0: free), nothing. */
  private slots = new Int32Array(FIRST_SLOTS * WIDTH)
  private mask = FIRST_SLOTS - 1

  /** Returns the value under (owner, key), or -1. */
  find(owner: number, key: number): number {
    const { slots, mask } = this
    for (let slot = hash(owner, key) & mask; ; slot = (slot + 1) & mask) {
      const at = slot * WIDTH
      const value = slots[at + 2] as number
      if (value === 0) return -1
      if (slots[at] === owner && slots[at + 1] === key) return value - 1
    }
  }

  /** Adds a value under (owner, key), where there must be none yet. */
  add(owner: number, key: number, value: number): void {
    if (++this.count * 2 > this.mask) this.grow()
    this.insert(owner, key, value + 1)
  }

  delete(owner: number, key: number): void {
    const { slots, mask } = this
    let slot = hash(owner, key) & mask
    while (slots[slot * WIDTH] !== owner || slots[slot * WIDTH + 1] !== key) {
      if (slots[slot * WIDTH + 2] === 0) return
      slot = (slot + 1) & mask
    }
    this.count--
    this.close(slot)
  }

  /** Those behind a free slot that would no longer be found move up. */
  private close(free: number): void {
    const { slots, mask } = this
    let hole = free
    for (let slot = (hole + 1) & mask; slots[slot * WIDTH + 2] !== 0; slot = (slot + 1) & mask) {
      const home = hash(slots[slot * WIDTH] as number, slots[slot * WIDTH + 1] as number) & mask
      if (((slot - home) & mask) < ((slot - hole) & mask)) continue
      slots.copyWithin(hole * WIDTH, slot * WIDTH, slot * WIDTH + WIDTH)
      hole = slot
    }
    slots[hole * WIDTH + 2] = 0
  }

  private insert(owner: number, key: number, stored: number): void {
    const { slots, mask } = this
    let slot = hash(owner, key) & mask
    while (slots[slot * WIDTH + 2] !== 0) slot = (slot + 1) & mask
    slots[slot * WIDTH] = owner
    slots[slot * WIDTH + 1] = key
    slots[slot * WIDTH + 2] = stored
  }

  private grow(): void {
    const old = this.slots
    this.mask = this.mask * 2 + 1
    this.slots = new Int32Array((this.mask + 1) * WIDTH)
    for (let at = 0; at < old.length; at += WIDTH) {
      const stored = old[at + 2] as number
      if (stored !== 0) this.insert(old[at] as number, old[at + 1] as number, stored)
    }
  }
}

/** Mixes two numbers into one (multipliers of the finalizer of MurmurHash3). */
function hash(owner: number, key: number): number {
  const mixed = Math.imul(owner, 0x85ebca6b) ^ Math.imul(key, 0xc2b2ae35)
  return mixed ^ (mixed >>> 15)
}
