/** Says how surely bytes are MQTT on a port that says nothing: by a CONNECT, or by a chain of whole packets. */
import { u8 } from '../base/bytes.ts'
import { look, NO, seen, WHOLE } from './plausible.ts'
import { varintSize, varintValue } from './properties.ts'
import { CONNECT } from './spec.ts'

/** Most bytes that `provesConnect` looks at: the fixed header and the longer protocol name. */
const MOST_PROOF = 13

/** The protocol names, each with its length of two bytes, as they follow the Remaining Length of a CONNECT. */
const NAMES: readonly (readonly number[])[] = [
  [0, 4, 0x4d, 0x51, 0x54, 0x54],
  [0, 6, 0x4d, 0x51, 0x49, 0x73, 0x64, 0x70],
]
/** Bytes of the variable header of a CONNECT after its protocol name: level, flags, keep alive. */
const BEHIND_NAME = 4

/**
 * True if `bytes[start..end)` begin with a CONNECT (MQTT 5 §3.1, MQTT 3.1.1 §3.1) whose name is right;
 * undefined if more bytes are needed.
 */
export function provesConnect(bytes: Uint8Array, start: number, end: number): boolean | undefined {
  if (start >= end) return undefined
  if (u8(bytes, start) !== CONNECT << 4) return false
  const digits = varintSize(bytes, start + 1, end)
  if (digits <= 0) return digits === 0 && end - start < MOST_PROOF ? undefined : false
  const at = start + 1 + digits
  const length = varintValue(bytes, start + 1, digits)
  let isOpen = false
  for (const name of NAMES) {
    const fits = length >= name.length + BEHIND_NAME ? isNamed(bytes, at, end, name) : false
    if (fits === true) return true
    if (fits === undefined) isOpen = true
  }
  return isOpen ? undefined : false
}

function isNamed(bytes: Uint8Array, at: number, end: number, name: readonly number[]): boolean | undefined {
  const size = Math.min(name.length, end - at)
  for (let index = 0; index < size; index++) if (u8(bytes, at + index) !== name[index]) return false
  return size === name.length ? true : undefined
}

/** Most packets tested in one run: after that many a run is proven or never will be. */
const MOST_CHAIN = 64
/** Bytes of a packet (a ping, an acknowledgement) that other protocols repeat as often: those of a side speak once, all together. */
const SMALL_PACKET = 4

/**
 * One side of a stream of which the beginning is missing: packets one after the other, from the start of a run to the
 * end of another. A packet that is not whole in its run goes on in the next one, so what only looks like its head
 * speaks once.
 */
export class Chain {
  /**
   * Bits of evidence for MQTT since the last byte that was not MQTT: other bytes look like these packets once in 2 to
   * the power of `bits`.
   */
  bits = 0
  /** Bytes of the last packet that are still to come. */
  private left = 0
  private hasSmall = false

  run(bytes: Uint8Array, start: number, end: number): void {
    const inside = Math.min(this.left, end - start)
    this.left -= inside
    // The packet that went on was perhaps none, and one begins with this run.
    if (!this.follow(bytes, start + inside, end) && inside > 0) this.follow(bytes, start, end)
  }

  /** Bytes are missing: what comes next speaks for itself. */
  lose(): void {
    this.bits = this.left = 0
  }

  private follow(bytes: Uint8Array, start: number, end: number): boolean {
    let at = start
    for (let count = 0; at < end && count < MOST_CHAIN; count++) {
      const kind = look(bytes, at, end)
      if (kind === NO) {
        this.lose()
        return false
      }
      if (kind === WHOLE || seen.decided) this.count(seen.bits, seen.size)
      // Of a packet whose length is not whole nothing is known.
      const stop = seen.size === 0 ? end : at + seen.size
      this.left = Math.max(0, stop - end)
      at = stop
    }
    return true
  }

  private count(bits: number, size: number): void {
    if (size > SMALL_PACKET) this.bits += bits
    else if (!this.hasSmall) {
      this.hasSmall = true
      this.bits += bits
    }
  }
}

/** True for the first byte of what a broker answers a CONNECT with: a CONNACK, or an AUTH of 5.0 (MQTT 5 §3.2, §3.15). */
export function answersConnect(bytes: Uint8Array, start: number, end: number): boolean {
  if (start + 1 >= end) return start < end && isAnswerHead(u8(bytes, start))
  return isAnswerHead(u8(bytes, start)) && u8(bytes, start + 1) >= 2
}

const isAnswerHead = (first: number): boolean => first === 0x20 || first === 0xf0
