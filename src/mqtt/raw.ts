/** What the framer hands on: one control packet cut out of the stream, not yet decoded. */
import type { Frame } from '../line.ts'

/** The framer reuses one object: valid only during the call, its bytes too. */
export interface RawPacket {
  bytes: Uint8Array
  /** Of the fixed header. */
  start: number
  /** `start` + fixed header + Remaining Length: behind `bytes.length` where not all of a packet was kept. */
  end: number
  /** `bytes[start..readable)` are the packet's own; behind it begins a hole, or what was not kept or never came. */
  readable: number
  /** Ranges that were on the wire and are not in the capture or not kept: pairs of offset from `start` and size. */
  readonly holes: number[]
  /** Where its bytes stand in the capture: pairs of position and size, in order; -1 for what stands nowhere. */
  readonly pieces: number[]
  /** The frame that holds its last byte in stream order (of an incomplete packet: the last byte that came). */
  frame: Frame
  /** The stream ended, or a hole of unknown size came, before the packet was whole. */
  incomplete: boolean
  /** Its Remaining Length does not end within four bytes: `end` is where reading had to stop. */
  badLength: boolean
}

/** Receives what the framer finds in one direction, in stream order. */
export interface PacketSink {
  packet(raw: RawPacket): void
  /** `size` bytes were passed over on the way back to the start of a packet. */
  skipped(size: number, frame: Frame): void
  /** `size` bytes are missing from the capture (0: nobody knows how many). */
  gap(size: number, frame: Frame): void
}
