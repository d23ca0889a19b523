/** Headers of WebSocket frames (RFC 6455 §5.2): read as they come, and found again where the step was lost. */
import { u8, u16, u32 } from '../base/bytes.ts'

export const CONTINUATION = 0
export const TEXT = 1
export const BINARY = 2
export const CLOSE = 8
/** The first opcode of control frames. */
export const CONTROL = 8
const PONG = 10

export const FIN = 0x80
export const RSV1 = 0x40
const RSV23 = 0x30
const MASK = 0x80
/** Most bytes of a header. */
const MOST_HEADER = 14

/** Bytes of the header whose second byte is `second`. */
const headerSize = (second: number): number => 2 + extendedSize(second & 0x7f) + (second & MASK ? 4 : 0)

const extendedSize = (length: number): number => (length === 127 ? 8 : length === 126 ? 2 : 0)

/** Payload bytes that the header at `at` announces, all of which is there; beyond 2^53 the number is not exact. */
function payloadSize(bytes: Uint8Array, at: number): number {
  const length = u8(bytes, at + 1) & 0x7f
  if (length < 126) return length
  return length === 126 ? u16(bytes, at + 2) : u32(bytes, at + 2) * 2 ** 32 + u32(bytes, at + 6)
}

/** One header, collected. */
export class FrameHeader {
  readonly bytes = new Uint8Array(MOST_HEADER)
  /** Bytes of it that came. */
  have = 0

  get isWhole(): boolean {
    return this.have >= 2 && this.have === this.size
  }

  /** Bytes of the whole header, once two of them came. */
  get size(): number {
    return headerSize(u8(this.bytes, 1))
  }

  get first(): number {
    return u8(this.bytes, 0)
  }

  get opcode(): number {
    return this.first & 15
  }

  get isFinal(): boolean {
    return (this.first & FIN) !== 0
  }

  get isMasked(): boolean {
    return (u8(this.bytes, 1) & MASK) !== 0
  }

  get isControl(): boolean {
    return this.opcode >= CONTROL
  }

  /** True if the opcode means nothing (§11.8). */
  get isReserved(): boolean {
    return !isOpcode(this.opcode)
  }

  /** True if the bits RSV2 and RSV3 are set, which no extension in use has. */
  get hasReservedBits(): boolean {
    return (this.first & RSV23) !== 0
  }

  /** Offset of the masking key in `bytes`. */
  get keyAt(): number {
    return this.size - 4
  }

  /** Bytes of the payload. */
  get payload(): number {
    return payloadSize(this.bytes, 0)
  }

  /** True if fewer bytes could say the length. */
  get isLong(): boolean {
    return isLong(this.bytes, 0)
  }

  /** Takes bytes of the header. Returns the index behind the last one taken. */
  take(bytes: Uint8Array, start: number, end: number): number {
    let at = start
    while (at < end && !this.isWhole) this.bytes[this.have++] = u8(bytes, at++)
    return at
  }
}

const isOpcode = (opcode: number): boolean => opcode <= BINARY || (opcode >= CLOSE && opcode <= PONG)

function isLong(bytes: Uint8Array, at: number): boolean {
  const length = u8(bytes, at + 1) & 0x7f
  return length >= 126 && payloadSize(bytes, at) < (length === 126 ? 126 : 0x10000)
}

/** Returns the index behind the frame at `at`; -1 if no frame of this direction begins there, Infinity if its header is cut. */
function behindFrame(bytes: Uint8Array, at: number, end: number, isClient: boolean): number {
  const first = u8(bytes, at)
  const opcode = first & 15
  if (!isOpcode(opcode) || (first & RSV23) !== 0) return -1
  if (opcode >= CONTROL && (first & (FIN | RSV1)) !== FIN) return -1
  if (at + 2 > end) return Number.POSITIVE_INFINITY
  const second = u8(bytes, at + 1)
  if (((second & MASK) !== 0) !== isClient || (opcode >= CONTROL && (second & 0x7f) > 125)) return -1
  if (at + headerSize(second) > end) return Number.POSITIVE_INFINITY
  return isLong(bytes, at) ? -1 : at + headerSize(second) + payloadSize(bytes, at)
}

/**
 * True if `bytes[start..end)` begin with a frame of this direction that ends with the run, or with two frames, the second
 * of which may go on behind it. A plain stream does so by chance once in some thousand runs below 128 bytes, and once in
 * a hundred million longer ones: enough where WebSocket is known, see `looksLikeWebSocket` where it is not.
 */
export function beginsWithFrames(bytes: Uint8Array, start: number, end: number, isClient: boolean): boolean {
  if (start >= end) return false
  const second = behindFrame(bytes, start, end, isClient)
  if (second === -1 || second > end) return false
  return second === end || behindFrame(bytes, second, end, isClient) !== -1
}

/** True if a frame that begins with `bytes[start..end)` is masked. */
export const isMaskedFrame = (bytes: Uint8Array, start: number, end: number): boolean =>
  start + 2 <= end && (u8(bytes, start + 1) & MASK) !== 0

/** How many bits say that bytes are MQTT: handed in from above. */
export type Plausible = (bytes: Uint8Array, start: number, end: number) => number

/** Bits that the first payload must have of `Plausible`, together with the shape of the frames. */
const ENOUGH_BITS = 24

/** True if a direction whose Upgrade is not in the capture is in the midst of WebSocket with MQTT in it. */
export function looksLikeWebSocket(
  bytes: Uint8Array,
  start: number,
  end: number,
  isClient: boolean,
  plausible: Plausible,
): boolean {
  if (!beginsWithFrames(bytes, start, end, isClient)) return false
  const first = u8(bytes, start)
  if ((first & 15) === CONTINUATION || (first & 15) >= CONTROL || (first & RSV1) !== 0) return false
  const from = start + headerSize(u8(bytes, start + 1))
  const payload = bytes.slice(from, from + payloadSize(bytes, start))
  if (isClient)
    for (let at = 0; at < payload.length; at++) payload[at] = u8(payload, at) ^ u8(bytes, from - 4 + (at & 3))
  return plausible(payload, 0, payload.length) >= ENOUGH_BITS
}
