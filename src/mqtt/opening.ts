/** Decides by the first bytes of one side of a stream if that side speaks MQTT, well-formed or not. */
import { u8, u16 } from '../base/bytes.ts'
import { look, NO, WHOLE } from './plausible.ts'
import { varintSize } from './properties.ts'
import { AUTH, CONNACK, CONNECT, DISCONNECT } from './spec.ts'

/** Most bytes looked at. Whatever still reads like the beginning of a packet then is one. */
export const MOST_OPENING = 64

/**
 * True if `bytes[start..end)` begin a stream of MQTT, undefined if more bytes are needed. The answer depends on the
 * bytes alone: once it is given, more bytes do not change it.
 */
export function opensAsMqtt(bytes: Uint8Array, start: number, end: number, byClient: boolean): boolean | undefined {
  const stop = Math.min(end, start + MOST_OPENING)
  if (start >= stop) return undefined
  if (!byClient && isAnswer(u8(bytes, start))) return true
  const isConnect = byClient ? opensWithConnect(bytes, start, stop) : false
  if (isConnect === true) return true
  const kind = look(bytes, start, stop)
  if (kind === NO) return isConnect
  return kind === WHOLE || stop - start === MOST_OPENING ? true : undefined
}

/**
 * True if a broker may begin with this byte. Hardly anything else begins with these bytes, so a packet that is wrong is
 * shown as it is.
 */
const isAnswer = (first: number): boolean =>
  (first & 0x0f) === 0 && [CONNACK, DISCONNECT, AUTH].some(type => type === first >> 4)

/**
 * The bytes after the length of a CONNECT: the protocol name of 3.1.1 and 5.0, and that of 3.1, each with its length.
 */
const NAMES: readonly (readonly number[])[] = [
  [0, 4, 0x4d, 0x51, 0x54, 0x54],
  [0, 6, 0x4d, 0x51, 0x49, 0x73, 0x64, 0x70],
]
/** Most bytes of a name that are wrong. */
const MOST_WRONG = 2

/** Most bytes of a protocol name that is none of MQTT's: other protocols have long words there, or none. */
const MOST_NAME = 8
/** Protocol levels of 3.1, 3.1.1 and 5.0, without the bit that bridges set. */
const LEVELS: readonly number[] = [3, 4, 5]
/** Bytes of a length, and of one that goes on for ever, as far as they are stepped over. */
const MOST_DIGITS = 4
const MOST_LENGTH_BYTES = 5

/**
 * True for a CONNECT by its protocol name, of which two bytes may be wrong. Its first byte, its length and all after
 * the name may be anything, and the length may be written in one byte. A first byte and a length that are right are
 * enough if a short name and a protocol level follow them, whatever the name is.
 */
function opensWithConnect(bytes: Uint8Array, start: number, stop: number): boolean | undefined {
  const byName = opensByName(bytes, start, stop)
  if (byName === true || u8(bytes, start) !== CONNECT << 4) return byName
  const byForm = opensByForm(bytes, start, stop)
  return byForm === false ? byName : byForm
}

/** True for 0x10, a length, a short name of any letters, a protocol level of MQTT; also after a malformed length. */
function opensByForm(bytes: Uint8Array, start: number, stop: number): boolean | undefined {
  let at = start + 1
  while (at < stop && at - start <= MOST_LENGTH_BYTES && (u8(bytes, at) & 0x80) !== 0) at++
  if (at >= stop) return undefined
  const named = isNamed(bytes, at + 1, stop)
  if (named === true || at - start > MOST_DIGITS) return named
  if (at + 3 > stop) return undefined
  const size = u16(bytes, at + 1)
  const level = at + 3 + size
  if (size > MOST_NAME) return false
  if (level + 2 > stop) return undefined
  return LEVELS.includes(u8(bytes, level) & 0x7f) && (u8(bytes, level + 1) & 1) === 0
}

function opensByName(bytes: Uint8Array, start: number, stop: number): boolean | undefined {
  const behindOne = isNamed(bytes, start + 2, stop)
  const digits = varintSize(bytes, start + 1, stop)
  if (behindOne === true || digits < 2) return behindOne
  const behindAll = isNamed(bytes, start + 1 + digits, stop)
  return behindAll === false ? behindOne : behindAll
}

/** True if `bytes[start..end)` begin with a CONNECT as the specification has it, up to its protocol name. */
export function beginsWithConnect(bytes: Uint8Array, start: number, end: number): boolean {
  if (start >= end || u8(bytes, start) !== CONNECT << 4) return false
  const digits = varintSize(bytes, start + 1, end)
  return digits > 0 && isNamed(bytes, start + 1 + digits, end, 0) === true
}

/** True if a protocol name is at `at`, of which at most `most` bytes are wrong; undefined if more bytes are needed. */
function isNamed(bytes: Uint8Array, at: number, stop: number, most = MOST_WRONG): boolean | undefined {
  let isOpen = false
  for (const name of NAMES) {
    const size = Math.min(name.length, stop - at)
    let wrong = 0
    for (let index = 0; index < size; index++) if (u8(bytes, at + index) !== name[index]) wrong++
    if (wrong > most) continue
    if (size === name.length) return true
    isOpen = true
  }
  return isOpen ? undefined : false
}
