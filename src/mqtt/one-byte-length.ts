/**
 * A Remaining Length above 127 that a sender wrote in one byte, as if lengths were plain bytes (MQTT 5 §1.5.5, 3.1.1 §2.2.3).
 * By the specification the next byte belongs to the length too, and all bytes after it are read at wrong offsets.
 */
import { u8 } from '../base/bytes.ts'
import type { Field, FieldSink } from '../base/field.ts'
import { Fault, faultLevel, isMalformed } from './faults.ts'
import { SIZES } from './fields.ts'
import { type Offset, STOP, varintSize, varintValue } from './properties.ts'
import { SUBSCRIBE, UNSUBSCRIBE, type Version } from './spec.ts'

/** Reads the body after the length at `at` of a packet that ends at `end`; bytes up to `limit` are captured. */
export type ReadBody = (
  bytes: Uint8Array,
  at: number,
  end: number,
  limit: number,
  first: number,
  version: Version,
  sink: FieldSink,
) => Offset

/** First bytes of requests: a packet id follows their length, which may be any number. */
const REQUESTS: readonly number[] = [(SUBSCRIBE << 4) | 2, (UNSUBSCRIBE << 4) | 2]

/**
 * True if a length of `digits` bytes may be one byte and the beginning of what follows. Its last byte is 0 then, which no
 * length needs, because texts and most packet ids begin with a zero.
 */
export const isDoubtful = (first: number, digits: number, last: number): boolean =>
  digits === 2 && (last === 0 || REQUESTS.includes(first))

/** Most bytes needed to decide how a length is written: a packet whose length is one byte. */
export const MOST_TELLING = 2 + 0xff

/** Spelling of the length of a packet; `open` if more of its bytes are needed. */
export type Writing = 'as specified' | 'in one byte' | 'open'

/**
 * Returns how the length of the packet is written of which `bytes[start..end)` are there. What can be read as the specification
 * has it is not read otherwise. `isAll`: no more will come, or the packet was cut out of a stream; a packet that has no more
 * bytes than the specification gives it, and is not whole otherwise, is as specified then.
 */
export function writingOf(bytes: Uint8Array, start: number, end: number, isAll: boolean, body: ReadBody): Writing {
  const digits = varintSize(bytes, start + 1, end)
  if (digits <= 0 || !isDoubtful(u8(bytes, start), digits, u8(bytes, start + digits))) return 'as specified'
  const at = start + 1 + digits
  const stop = at + varintValue(bytes, start + 1, digits)
  const short = start + 2 + u8(bytes, start + 1)
  if (isAll && end <= stop && end !== short) return 'as specified'
  if (!isAll && end < Math.min(stop, short)) return 'open'
  if (isSound(bytes, start, at, stop, end, body, isMalformed)) return 'as specified'
  if (!isSound(bytes, start, start + 2, short, end, body, isError)) return 'as specified'
  return isAll || end >= short ? 'in one byte' : 'open'
}

const isError = (fault: number, version: Version): boolean => faultLevel(fault, version) === 'error'

/** True if the body at `at` has no fault in one version that `breaks` it, as far as it is there. */
function isSound(
  bytes: Uint8Array,
  start: number,
  at: number,
  stop: number,
  end: number,
  body: ReadBody,
  breaks: (fault: number, version: Version) => boolean,
): boolean {
  const limit = Math.min(stop, end)
  return ([4, 5] as const).some(version => {
    listener.isSound = true
    listener.version = version
    listener.breaks = breaks
    listener.stop = stop
    const next = body(bytes, at, stop, limit, u8(bytes, start), version, listener)
    if (!listener.isSound) return false
    return next >= 0 ? next >= limit : next !== STOP && stop > end
  })
}

/** Listens for what is wrong; scratch, made once. */
const listener = {
  isSound: true,
  version: 4 as Version,
  breaks: isError,
  /** Offset after the packet's last byte. */
  stop: 0,
  field(field: Field, _start: number, end: number, value: number): void {
    if (end + value > this.stop && SIZES.includes(field)) this.isSound = false
  },
  open(): void {},
  close(): void {},
  fault(fault: number): void {
    if (this.breaks(fault, this.version) || fault === Fault.badProtocolName) this.isSound = false
  },
}
