/**
 * The shapes handed along the line: chunk → frame → run → packet. `capture`, `net` and `mqtt` do not know
 * each other; what passes between them is said here, and `pipeline` plugs them together.
 */

const EMPTY = new Uint8Array(0)

/** The position of bytes that stand nowhere in what can be read again, or not in one piece. */
export const NOWHERE = -1

/** Returns the position of the byte `by` bytes after the one at `position`; NOWHERE stays NOWHERE. */
export const positionBehind = (position: number, by: number): number => (position < 0 ? NOWHERE : position + by)

/** Time of a frame whose record carries none (a pcapng simple packet block). Every comparison with it is false. */
export const NO_TIME = Number.NaN

/**
 * One captured record. The reader reuses one object: it is valid only during the call. To keep it
 * longer (a segment that waits for an earlier one), keep `frame.copy()`.
 */
export class Frame {
  /** 1-based, in file order over the whole capture. */
  number = 0
  bytes: Uint8Array = EMPTY
  /** The captured bytes are `bytes[start..end)`. */
  start = 0
  end = 0
  /** LINKTYPE of the interface it came from; -1 where the capture does not say. */
  link = -1
  /** Capture time: Unix seconds (NO_TIME where the record has none) and nanoseconds within the second, 0..999,999,999. */
  seconds = 0
  nanos = 0
  /** Digits of the second's fraction that the capture holds: 6 for microseconds, 9 for nanoseconds. */
  timeDigits = 6
  /** Bytes on the wire; more than `end - start` where the snap length cut the frame. */
  wireSize = 0
  /** Offset of `bytes[start]` in the capture as the reader received it (after decompression); NOWHERE where it is in none. */
  position = 0
  /** Interface the frame was captured on: index into the reader's `interfaces`. */
  port = 0

  /** A copy that owns its bytes, for keeping. */
  copy(): Frame {
    const kept = new Frame()
    kept.take(this)
    kept.bytes = this.bytes.slice(this.start, this.end)
    kept.end = this.end - this.start
    return kept
  }

  /** Takes over the numbers of another frame, without its bytes. */
  take(frame: Frame): void {
    this.number = frame.number
    this.link = frame.link
    this.seconds = frame.seconds
    this.nanos = frame.nanos
    this.timeDigits = frame.timeDigits
    this.wireSize = frame.wireSize
    this.position = frame.position
    this.port = frame.port
  }
}

/** Returns the time of a frame in Unix seconds. */
export const timeOf = (frame: Frame): number => frame.seconds + frame.nanos / 1e9

/** Receives frames from the reader. `lost`: frames the capturing machine says it dropped. */
export interface FrameSink {
  frame(frame: Frame): void
  lost(count: number): void
}

/** 0: the sender of the first segment seen of a TCP connection; 1: the other one. */
export type Side = 0 | 1

/** End of a TCP connection, as far as the capture shows. */
export type FlowEnd = 'fin' | 'rst' | 'reuse' | 'evicted' | 'capture'

/**
 * Receives one direction of a TCP connection in stream order, each byte once.
 *
 * Neither `bytes` nor `frame` may be kept after the call.
 */
export interface RunSink {
  /**
   * `bytes[start..end)` came with `frame`. `position` is where `bytes[start]` can be read again, directly followed by
   * the rest; NOWHERE if they are not there in one piece (reassembled IP fragments).
   */
  run(bytes: Uint8Array, start: number, end: number, frame: Frame, position: number): void
  /** `size` bytes were on the wire here and are not in the capture; `frame` proved it. `size` 0: a hole of unknown size. */
  gap(size: number, frame: Frame): void
  /** A message of the layer below begins with the next run: a TLS record, a WebSocket message. A plain stream never calls it. */
  boundary?(): void
  /** No more bytes will come in this direction. */
  end(how: FlowEnd): void
}

/** The addresses and ports of a segment or datagram: of the innermost IP header, as signed 32-bit words, of which IPv4 has the first alone. */
export interface Endpoints {
  readonly family: 4 | 6
  readonly source0: number
  readonly source1: number
  readonly source2: number
  readonly source3: number
  readonly target0: number
  readonly target1: number
  readonly target2: number
  readonly target3: number
  readonly sourcePort: number
  readonly targetPort: number
}

/** One UDP datagram. One object is reused: neither it nor `bytes` nor `frame` may be kept after the call. */
export interface Datagram extends Endpoints {
  /** The frame that holds it; of a datagram that came in fragments, the frame of the last one. */
  readonly frame: Frame
  /** The captured payload is `bytes[start..end)`, which may be empty. */
  readonly bytes: Uint8Array
  readonly start: number
  readonly end: number
  /** Bytes of the payload that were on the wire after `end` and were not captured. */
  readonly cut: number
  /** Position at which `bytes[start..end)` can be read again; NOWHERE for reassembled IP fragments. */
  readonly position: number
}

/** Receives the UDP datagrams of a capture that carry no tunnel, in the order of their frames. */
export interface DatagramSink {
  datagram(datagram: Datagram): void
}
