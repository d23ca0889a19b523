/** UTF-8 encoded strings: MQTT 5 §1.5.4, MQTT 3.1.1 §1.5.3. */
import { u8 } from '../base/bytes.ts'
import { Fault } from './faults.ts'

/** The offset of the fault that `textFault` found last: one result in two numbers, without an object. */
export let faultAt = 0

const isContinuation = (bytes: Uint8Array, at: number, end: number): boolean =>
  at < end && (u8(bytes, at) & 0xc0) === 0x80

/** Bytes of the well-formed sequence at `at` (Unicode 15, table 3-7), or 0. */
export function sequenceSize(bytes: Uint8Array, at: number, end: number): number {
  const first = u8(bytes, at)
  if (first < 0x80) return 1
  if (first < 0xc2 || first > 0xf4 || !isContinuation(bytes, at + 1, end)) return 0
  if (first < 0xe0) return 2
  const second = u8(bytes, at + 1)
  if (!isContinuation(bytes, at + 2, end)) return 0
  if (first < 0xf0) {
    const overlong = first === 0xe0 && second < 0xa0
    const surrogate = first === 0xed && second > 0x9f
    return overlong || surrogate ? 0 : 3
  }
  if (!isContinuation(bytes, at + 3, end)) return 0
  const overlong = first === 0xf0 && second < 0x90
  const beyond = first === 0xf4 && second > 0x8f
  return overlong || beyond ? 0 : 4
}

/** C1 controls, U+FFFE, U+FFFF and their like in other planes: `SHOULD NOT`, §1.5.4. */
function isUnwanted(bytes: Uint8Array, at: number, size: number): boolean {
  if (size === 2) return u8(bytes, at) === 0xc2 && u8(bytes, at + 1) < 0xa0
  const last = u8(bytes, at + size - 1)
  if (last !== 0xbe && last !== 0xbf) {
    return size === 3 && u8(bytes, at) === 0xef && u8(bytes, at + 1) === 0xb7 && last >= 0x90 && last <= 0xaf
  }
  if (u8(bytes, at + size - 2) !== 0xbf) return false
  return size === 3 ? u8(bytes, at) === 0xef : (u8(bytes, at + 1) & 0x0f) === 0x0f
}

/** Kinds of bytes, as bits: a wildcard of filters; what needs a closer look than plain ASCII. */
export const WILDCARD = 1
const SPECIAL = 2

const KINDS = Uint8Array.from({ length: 256 }, (_, byte) => {
  if (byte < 0x20 || byte > 0x7e) return SPECIAL
  return byte === 0x23 || byte === 0x2b ? WILDCARD : 0
})

/** The kinds of bytes in the text that `textFault` read last: it looks at each byte anyway. */
export let textKinds = 0

/** The gravest fault of the text, or 0; where it stands is in `faultAt`. */
export function textFault(bytes: Uint8Array, start: number, end: number): number {
  let kinds = 0
  for (let at = start; at < end; at++) kinds |= u8(KINDS, u8(bytes, at))
  textKinds = kinds
  return (kinds & SPECIAL) === 0 ? 0 : gravestFault(bytes, start, end)
}

function gravestFault(bytes: Uint8Array, start: number, end: number): number {
  let found = 0
  let at = start
  while (at < end) {
    const byte = u8(bytes, at)
    if (byte >= 0x20 && byte < 0x7f) {
      at++
      continue
    }
    const size = sequenceSize(bytes, at, end)
    const fault = faultOfSequence(bytes, at, size)
    if (fault !== 0 && (found === 0 || found === Fault.controlInText)) {
      if (found === 0 || fault !== Fault.controlInText) {
        found = fault
        faultAt = at
      }
      if (fault === Fault.badUtf8) return found
    }
    at += size === 0 ? 1 : size
  }
  return found
}

function faultOfSequence(bytes: Uint8Array, at: number, size: number): number {
  if (size === 0) return Fault.badUtf8
  if (size > 1) return isUnwanted(bytes, at, size) ? Fault.controlInText : 0
  const byte = u8(bytes, at)
  if (byte === 0) return Fault.nulInText
  return byte < 0x20 || byte === 0x7f ? Fault.controlInText : 0
}

/** True where the bytes are well-formed UTF-8, whatever characters they hold. */
export function isUtf8(bytes: Uint8Array, start: number, end: number): boolean {
  let at = start
  while (at < end) {
    if (u8(bytes, at) < 0x80) {
      at++
      continue
    }
    const size = sequenceSize(bytes, at, end)
    if (size === 0) return false
    at += size
  }
  return true
}
