/** The pieces that a layer is made of, TLS records and WebSocket frames, as they are reported to who shows them. */
import { NOWHERE } from '../base/line.ts'

/** The layers that a stream may be wrapped in, as records and filters name them. */
export const LAYERS = ['tls', 'websocket'] as const
export type LayerName = (typeof LAYERS)[number]

/** Most bytes of a header: of a masked WebSocket frame of more than 64 KiB (RFC 6455 §5.2). */
const MOST_HEADER = 14

/** One piece. A direction of a layer fills one object again and again. */
export class Unit {
  readonly kind: LayerName
  /** `header[0..headerSize)` is its header. */
  readonly header = new Uint8Array(MOST_HEADER)
  headerSize = 0
  /** Bytes of payload that the header announces. */
  size = 0
  /** The position of its first byte one layer down, where `there` bytes of it are in one piece; NOWHERE if not even the header is. */
  position = NOWHERE
  there = 0
  /** Number of the frame in which its header was whole. */
  frame = 0

  constructor(kind: LayerName) {
    this.kind = kind
  }

  /** Takes another piece: its header, and where it is. */
  take(header: Uint8Array, headerSize: number, size: number, frame: number): this {
    this.header.set(header.subarray(0, headerSize))
    this.headerSize = headerSize
    this.size = size
    this.frame = frame
    return this
  }

  /** Up to `most` bytes from `position` on are those of this piece. */
  place(position: number, most: number): this {
    this.position = most < this.headerSize ? NOWHERE : position
    this.there = this.position === NOWHERE ? 0 : Math.min(most, this.headerSize + this.size)
    return this
  }
}

/** Receives the units of one direction. Each is reported when its header is whole, before the plaintext it carries. */
export interface UnitSink {
  unit(unit: Unit): void
}

/** The units of one direction that came last, by layer: what a packet that comes now was wrapped in. */
export class LastUnits implements UnitSink {
  tls: Unit | undefined = undefined
  websocket: Unit | undefined = undefined

  unit(unit: Unit): void {
    this[unit.kind] = unit
  }
}
