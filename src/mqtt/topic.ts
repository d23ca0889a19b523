/** Topic names and filters: MQTT 5 §4.7 and §4.8, MQTT 3.1.1 §4.7. */
import { u8 } from '../base/bytes.ts'
import { Fault } from './faults.ts'

const SLASH = 0x2f
const PLUS = 0x2b
const HASH = 0x23

/** True where a topic name holds a wildcard, which only filters may. */
export function hasWildcard(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    const byte = u8(bytes, at)
    if (byte === PLUS || byte === HASH) return true
  }
  return false
}

/** Returns the fault of a topic filter, or 0. `[MQTT-4.7.1-2]`, `[MQTT-4.7.1-3]` in 3.1.1. */
export function filterFault(bytes: Uint8Array, start: number, end: number): number {
  for (let at = start; at < end; at++) {
    const byte = u8(bytes, at)
    if (byte !== PLUS && byte !== HASH) continue
    const first = at === start || u8(bytes, at - 1) === SLASH
    const last = at + 1 === end
    if (byte === HASH && !(first && last)) return Fault.badHash
    if (byte === PLUS && !(first && (last || u8(bytes, at + 1) === SLASH))) return Fault.badPlus
  }
  return 0
}

const SHARE = [0x24, 0x73, 0x68, 0x61, 0x72, 0x65]

/** True for `$share` and `$share/…`. */
export function isShare(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < SHARE.length) return false
  for (let at = 0; at < SHARE.length; at++) if (u8(bytes, start + at) !== SHARE[at]) return false
  return end === start + SHARE.length || u8(bytes, start + SHARE.length) === SLASH
}

/**
 * True if a filter that `isShare` is `$share/name/filter`, both not empty, the name without wildcards.
 * `[MQTT-4.8.2-1]`, `[MQTT-4.8.2-2]`
 */
export function isShareWellFormed(bytes: Uint8Array, start: number, end: number): boolean {
  const name = start + SHARE.length + 1
  let at = name
  while (at < end && u8(bytes, at) !== SLASH) {
    if (u8(bytes, at) === PLUS || u8(bytes, at) === HASH) return false
    at++
  }
  return at > name && at + 1 < end
}

/** Returns the offset after `$share/name/` of a filter that `isShareWellFormed`. */
export function shareEnd(bytes: Uint8Array, start: number, end: number): number {
  let at = start + SHARE.length + 1
  while (at < end && u8(bytes, at) !== SLASH) at++
  return at + 1
}

const DOLLAR = 0x24

/**
 * True if a topic name matches a filter without fault, level by level (MQTT 5 §4.7.1): + takes one level, # what is
 * left and the level above it. A filter that begins with a wildcard takes no topic that begins with $. `[MQTT-4.7.2-1]`
 */
export function matchesFilter(
  filter: Uint8Array,
  from: number,
  to: number,
  topic: Uint8Array,
  start: number,
  end: number,
): boolean {
  let at = from
  let offset = start
  if (start < end && u8(topic, start) === DOLLAR && at < to && isWildcard(u8(filter, at))) return false
  while (at < to) {
    const byte = u8(filter, at)
    if (byte === HASH) return true
    if (byte === PLUS) {
      while (offset < end && u8(topic, offset) !== SLASH) offset++
      at++
    } else if (offset < end && u8(topic, offset) === byte) {
      offset++
      at++
    } else return offset === end && byte === SLASH && at + 2 === to && u8(filter, at + 1) === HASH
  }
  return offset === end
}

const isWildcard = (byte: number): boolean => byte === PLUS || byte === HASH
