/** Says how surely bytes are MQTT on a port that says nothing: by a CONNECT, or by a chain of whole packets. */
import { u8 } from '../base/bytes.ts'
import { look, NO, seen, WHOLE } from './plausible.ts'
import { varintSize, varintValue } from './properties.ts'
import { CONNECT } from './spec.ts'

/** Most bytes that `provesConnect` looks at: the fixed header and the longer protocol name. */
const MOST_PROOF = 13

/** The protocol names, each with its length of two bytes, as they stand behind the Remaining Length of a CONNECT. */
const NAMES: readonly (readonly number[])[] = [
  [0, 4, 0x4d, 0x51, 0x54, 0x54],
  [0, 6, 0x4d, 0x51, 0x49, 0x73, 0x64, 0x70],
]
/** Bytes of the variable header of a CONNECT behind its protocol name: level, flags, keep alive. */
const BEHIND_NAME = 4

/**
 * True if `bytes[start..end)` begin with a CONNECT (MQTT 5 §3.1, MQTT 3.1.1 §3.1) whose name is right;
 * undefined if more bytes must tell.
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

/** Most packets of one run that are looked at: behind so many a run is proven or never. */
const MOST_CHAIN = 64

/**
 * Returns how many bits speak for `bytes[start..end)` being MQTT: 0 unless they are packets one behind the other that fill
 * them, of which the last may go on behind `end`.
 */
export function chainBits(bytes: Uint8Array, start: number, end: number): number {
  let bits = 0
  let at = start
  for (let count = 0; at < end && count < MOST_CHAIN; count++) {
    const kind = look(bytes, at, end)
    if (kind === NO) return 0
    if (kind !== WHOLE) return seen.decided ? bits + seen.bits : bits
    bits += seen.bits
    at += seen.size
  }
  return bits
}

/** True for the first byte of what a broker answers a CONNECT with: a CONNACK, or an AUTH of 5.0 (MQTT 5 §3.2, §3.15). */
export function answersConnect(bytes: Uint8Array, start: number, end: number): boolean {
  if (start + 1 >= end) return start < end && isAnswerHead(u8(bytes, start))
  return isAnswerHead(u8(bytes, start)) && u8(bytes, start + 1) >= 2
}

const isAnswerHead = (first: number): boolean => first === 0x20 || first === 0xf0
