/** One control packet as the framer delivers it: cut out of the stream, not yet decoded. */
import { type FlowEnd, Frame } from '../base/line.ts'

/** The framer reuses one object: valid only during the call, its bytes too. */
export interface RawPacket {
  bytes: Uint8Array
  /** Offset of the fixed header in `bytes`. */
  start: number
  /** `start` + fixed header + Remaining Length: beyond `bytes.length` if not all of the packet was kept. */
  end: number
  /**
   * `bytes[start..readable)` are the packet's first bytes; a gap follows, or bytes that were not kept or never came.
   */
  readable: number
  /** `bytes[readable..kept)` are those that came after the first gap, closed up: they are no longer at their offset.
   *  To rebuild the packet, put each hole back at its offset. Without holes `kept` is `readable`. */
  kept: number
  /** Ranges that were on the wire and are not in the capture or not kept: pairs of offset from `start` and size, in
   *  order. Bytes that never came because the packet is incomplete are not listed. */
  readonly holes: readonly number[]
  /** Places where its bytes can be read again: pairs of position and size, in order; the position of other bytes,
   *  gaps included, is NOWHERE, so that the sizes add up to the offsets from `start`. */
  readonly pieces: readonly number[]
  /** The frame that holds its last byte in stream order (of an incomplete packet: the last byte that came). */
  frame: Frame
  /** Unix time of its first byte; NaN of a packet that came whole in one run, which has the time of `frame`. */
  began: number
  /** The stream ended, or a hole of unknown size came, before the packet was whole. */
  incomplete: boolean
  /**
   * True if the Remaining Length does not end within four bytes: `end` is after the fourth, where reading had to stop.
   */
  badLength: boolean
}

export const NO_BYTES = new Uint8Array(0)
export const NO_HOLES: readonly number[] = []

/** A packet without bytes, to be filled. */
export class Raw implements RawPacket {
  bytes: Uint8Array = NO_BYTES
  start = 0
  end = 0
  readable = 0
  kept = 0
  holes: readonly number[] = NO_HOLES
  pieces: readonly number[] = []
  frame = new Frame()
  began = Number.NaN
  incomplete = false
  badLength = false
}

/** Returns a packet without bytes, for a record that holds none yet. */
export const noPacket = (): RawPacket => new Raw()

/** Receives what the framer finds in one direction, in stream order. */
export interface PacketSink {
  packet(raw: RawPacket): void
  /** `size` bytes were passed over on the way back to the start of a packet, up to `frame`. */
  skipped(size: number, frame: Frame): void
  /** `size` bytes are missing from the capture (0: the number is unknown). */
  gap(size: number, frame: Frame): void
  /** `size` bytes inside the packet that is under way are not in the capture. */
  hole?(size: number): void
  /** Called if the end of the last packet is uncertain: no later bytes of this direction will be read. */
  broken?(): void
  /** Called when the stream has ended and all of it was delivered. */
  ended?(how: FlowEnd): void
}
