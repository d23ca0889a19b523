/** The pieces that a layer is made of, TLS records and WebSocket frames, as they are reported to who shows them. */
import type { Frame } from '../base/line.ts'
import type { LayerName } from './facts.ts'

/** Receives the units of one direction. Each is reported when its header is whole, before the plaintext it carries. */
export interface UnitSink {
  /**
   * A unit begins. `position` is where its first byte stands one layer down, or NOWHERE; `headerSize` bytes of header are
   * followed by `size` bytes of payload. `flags` are of the kind: of a WebSocket frame its first two bytes (RFC 6455 §5.2).
   */
  unit(kind: LayerName, position: number, headerSize: number, size: number, flags: number, frame: Frame): void
}
