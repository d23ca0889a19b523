/** The header of a Zstandard frame (RFC 8878 §3.1.1.1): how much memory its content needs. */
import { viewOf } from '../base/bytes.ts'

const MAGIC = 0xfd2fb528
/** Bits of the Frame_Header_Descriptor. */
const SINGLE_SEGMENT = 0x20
const DICTIONARY_BITS = 3
const DICTIONARY_SIZES = [0, 1, 2, 4] as const
const CONTENT_SIZES = [0, 2, 4, 8] as const
const DESCRIPTOR_AT = 4
const WINDOW_AT = 5
/** A window has 1 KiB at least. */
const LEAST_EXPONENT = 10
/** A content size of two bytes counts from here on. */
const CONTENT_OFFSET = 256

/**
 * Returns the frame with a window of at most `most` bytes, for decoders allocate what the header announces. Less than is announced is
 * enough for content of up to `most` bytes. Undefined if the bytes are no frame, or its content is announced to be larger.
 */
export function withSmallWindow(bytes: Uint8Array, most: number): Uint8Array | undefined {
  const window = zstdWindow(bytes)
  if (window === undefined || window <= most) return window === undefined ? undefined : bytes
  if ((viewOf(bytes).getUint8(DESCRIPTOR_AT) & SINGLE_SEGMENT) !== 0) return undefined
  const frame = bytes.slice()
  frame[WINDOW_AT] = (Math.floor(Math.log2(most)) - LEAST_EXPONENT) << 3
  return frame
}

/** Returns the bytes of the window that a decoder keeps, as the header says; undefined if the bytes are no such frame. */
export function zstdWindow(bytes: Uint8Array): number | undefined {
  const view = viewOf(bytes)
  if (bytes.length < 6 || view.getUint32(0, true) !== MAGIC) return undefined
  const descriptor = view.getUint8(DESCRIPTOR_AT)
  if ((descriptor & SINGLE_SEGMENT) === 0) return windowOf(view.getUint8(WINDOW_AT))
  const at = WINDOW_AT + (DICTIONARY_SIZES[descriptor & DICTIONARY_BITS] as number)
  return contentSize(view, at, descriptor >> 6)
}

/** Window_Descriptor: an exponent and a mantissa of eighths. */
function windowOf(descriptor: number): number {
  const base = 2 ** (LEAST_EXPONENT + (descriptor >> 3))
  return base + (base / 8) * (descriptor & 7)
}

function contentSize(view: DataView, at: number, flag: number): number | undefined {
  const size = flag === 0 ? 1 : (CONTENT_SIZES[flag] as number)
  if (at + size > view.byteLength) return undefined
  if (size === 1) return view.getUint8(at)
  if (size === 2) return view.getUint16(at, true) + CONTENT_OFFSET
  return size === 4 ? view.getUint32(at, true) : Number(view.getBigUint64(at, true))
}
