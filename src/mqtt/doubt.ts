/** A packet whose length may be written in one byte: holds its runs until its bytes decide. Such packets are rare. */
import { u8 } from '../base/bytes.ts'
import type { Frame } from '../base/line.ts'
import { MOST_TELLING } from './one-byte-length.ts'
import { varintSize, varintValue } from './properties.ts'
import { lengthWriting } from './walk.ts'

/** A run, or the rest of one, that waits. */
export interface HeldRun {
  readonly bytes: Uint8Array
  readonly frame: Frame
  readonly position: number
}

export class Doubt {
  /** True if the length is written in one byte; known once `sizeOf` has returned a size. */
  isInOneByte = false
  /** The runs after the header, in order. */
  readonly runs: HeldRun[] = []
  private readonly bytes = new Uint8Array(MOST_TELLING)
  private size = 0

  /** `header`: the first byte and the length, which are not held here. */
  constructor(header: Uint8Array, size: number) {
    this.look(header, 0, size)
  }

  /** Takes note of what comes next in the stream. */
  look(bytes: Uint8Array, start: number, end: number): void {
    const stop = Math.min(end, start + MOST_TELLING - this.size)
    for (let at = start; at < stop; at++) this.bytes[this.size++] = u8(bytes, at)
  }

  hold(bytes: Uint8Array, start: number, end: number, frame: Frame, position: number): void {
    if (start < end) this.runs.push({ bytes: bytes.slice(start, end), frame: frame.copy(), position })
  }

  /** Returns the size of the packet, or 0 if more bytes are needed. `isAll`: no more will come. */
  sizeOf(isAll: boolean): number {
    const { bytes, size } = this
    const writing = lengthWriting(bytes, 0, size, isAll || size === MOST_TELLING)
    if (writing === 'open') return 0
    this.isInOneByte = writing === 'in one byte'
    if (this.isInOneByte) return 2 + u8(bytes, 1)
    const digits = varintSize(bytes, 1, size)
    return 1 + digits + varintValue(bytes, 1, digits)
  }
}
