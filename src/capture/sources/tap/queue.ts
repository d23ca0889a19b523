/** Frames of a tap on their way to whoever reads the capture, as bytes of a pcapng file. */
import type { Frame } from '../../../base/line.ts'
import { CaptureWriter } from '../../writer.ts'

/** Most bytes that wait for the reader. Beyond it frames are dropped and counted: the connections never wait. */
const MOST_WAITING = 64 * 1024 * 1024

/** Bytes of a chunk, about: what is read in one go holds up the connections for less than a millisecond or two. */
const CHUNK = 64 * 1024

export class FrameQueue {
  /** Frames taken and dropped so far. */
  taken = 0
  dropped = 0
  private readonly most: number
  private readonly writer = new CaptureWriter()
  private chunks: Uint8Array[] = []
  private next = 0
  private filling = new Uint8Array(CHUNK)
  private filled = 0
  private waiting = 0
  private wake: () => void = () => {}

  constructor(most = MOST_WAITING) {
    this.most = most
    this.append(this.writer.start())
  }

  /** False if the frame was dropped. */
  add(frame: Frame): boolean {
    if (this.waiting > this.most) {
      this.dropped++
      return false
    }
    this.taken++
    this.append(this.writer.write(frame))
    this.wake()
    return true
  }

  /** Returns the next chunk; undefined if nothing waits. It is valid for good. */
  take(): Uint8Array | undefined {
    if (this.next === this.chunks.length) this.cut()
    const chunk = this.chunks[this.next]
    if (chunk === undefined) return undefined
    this.next++
    if (this.next === this.chunks.length) {
      this.chunks = []
      this.next = 0
    }
    this.waiting -= chunk.length
    return chunk
  }

  /** Resolves with the next frame, or when `stir` is called. */
  change(): Promise<void> {
    return new Promise(resolve => {
      this.wake = resolve
    })
  }

  stir(): void {
    this.wake()
  }

  private append(bytes: Uint8Array): void {
    if (this.filled + bytes.length > this.filling.length) this.cut()
    if (bytes.length > this.filling.length) this.chunks.push(bytes.slice())
    else {
      this.filling.set(bytes, this.filled)
      this.filled += bytes.length
    }
    this.waiting += bytes.length
  }

  /** What is filled so far becomes a chunk; the rest of the buffer is filled by later ones. */
  private cut(): void {
    if (this.filled > 0) this.chunks.push(this.filling.subarray(0, this.filled))
    const rest = this.filling.subarray(this.filled)
    this.filling = rest.length < CHUNK / 4 ? new Uint8Array(CHUNK) : rest
    this.filled = 0
  }
}
