/** Options of pcapng blocks (draft-ietf-opsawg-pcapng §3.5): code, length, value, padding to 32 bits; the end is optional. */

import { u16in, u32in } from '../base/bytes.ts'

const END = 0

/** Returns the offset of the next option; -1 if this is the last or runs over `end`. */
function nextOption(bytes: Uint8Array, at: number, end: number, little: boolean): number {
  if (end - at < 4 || u16in(bytes, at, little) === END) return -1
  const size = u16in(bytes, at + 2, little)
  if (at + 4 + size > end) return -1
  return at + 4 + ((size + 3) & ~3)
}

/** Index of the value of the first option with this code and at least this size; -1 if there is none. */
export function findOption(
  bytes: Uint8Array,
  start: number,
  end: number,
  little: boolean,
  code: number,
  size: number,
): number {
  let at = start
  for (let next = nextOption(bytes, at, end, little); next >= 0; next = nextOption(bytes, at, end, little)) {
    if (u16in(bytes, at, little) === code && u16in(bytes, at + 2, little) >= size) return at + 4
    at = next
  }
  return -1
}

/** True where an option runs over the block. A list without an end mark is in order (§3.5). */
export function overruns(bytes: Uint8Array, start: number, end: number, little: boolean): boolean {
  let at = start
  for (let next = nextOption(bytes, at, end, little); next >= 0; next = nextOption(bytes, at, end, little)) at = next
  return end - at >= 4 && u16in(bytes, at, little) !== END
}

/** A 64-bit counter; 0 where it is absent, or beyond 2^53, which writers use to say "not known". */
export function countOption(bytes: Uint8Array, start: number, end: number, little: boolean, code: number): number {
  const at = findOption(bytes, start, end, little, code, 8)
  if (at < 0) return 0
  const high = u32in(bytes, little ? at + 4 : at, little)
  const low = u32in(bytes, little ? at : at + 4, little)
  return high < 2 ** 21 ? high * 2 ** 32 + low : 0
}
