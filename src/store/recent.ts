/** Copies of the frames that came last, so that those of a packet are at hand when its last byte has come. */
import { type Frame, NOWHERE } from '../base/line.ts'
import type { PacketRecord } from './record.ts'

/** Bytes of frames kept: about a second of a busy network. Of a packet that took longer only its last frames are found. */
export const MOST_RECENT_BYTES = 16 * 1024 * 1024

/** What a frame costs beside its bytes. */
const OVERHEAD = 128
/** Places of frames that have gone are given back when there are so many. */
const MOST_GONE = 1024

export class RecentFrames {
  private frames: Frame[] = []
  /** The oldest that is kept. */
  private first = 0
  private size = 0
  /** Numbers of frames handed out that are still kept. */
  private readonly taken = new Set<number>()
  /** The last one handed out that is not kept. */
  private lastOther = 0
  private readonly most: number

  constructor(most = MOST_RECENT_BYTES) {
    this.most = most
  }

  add(frame: Frame): void {
    const copy = frame.copy()
    this.frames.push(copy)
    this.size += sizeOf(copy)
    while (this.size > this.most && this.first < this.frames.length - 1) this.drop()
    if (this.first > MOST_GONE && this.first * 2 > this.frames.length) {
      this.frames = this.frames.slice(this.first)
      this.first = 0
    }
  }

  /** The frames with bytes of the packet, in order, each handed out once however many packets it has bytes of. */
  take({ raw }: PacketRecord): readonly Frame[] {
    const found: Frame[] = []
    for (let at = 0; at < raw.pieces.length; at += 2) {
      const position = raw.pieces[at] ?? NOWHERE
      const frame = position === NOWHERE ? undefined : this.at(position)
      if (frame !== undefined) this.takeOnce(frame, found)
    }
    const last = this.numbered(raw.frame.number)
    if (last !== undefined) this.takeOnce(last, found)
    else if (raw.frame.number !== this.lastOther) {
      this.lastOther = raw.frame.number
      found.push(raw.frame)
    }
    return found.sort((a, b) => a.number - b.number)
  }

  private takeOnce(frame: Frame, found: Frame[]): void {
    if (this.taken.has(frame.number)) return
    this.taken.add(frame.number)
    found.push(frame)
  }

  private drop(): void {
    const gone = this.frames[this.first++]
    if (gone === undefined) return
    this.size -= sizeOf(gone)
    this.taken.delete(gone.number)
  }

  /** The frame that holds the byte at a position of the capture. */
  private at(position: number): Frame | undefined {
    const frame = this.lastThat(kept => kept.position <= position)
    return frame !== undefined && position < frame.position + (frame.end - frame.start) ? frame : undefined
  }

  private numbered(number: number): Frame | undefined {
    const frame = this.lastThat(kept => kept.number <= number)
    return frame?.number === number ? frame : undefined
  }

  /** The last frame kept for which `isBefore` holds: numbers and positions only grow. */
  private lastThat(isBefore: (frame: Frame) => boolean): Frame | undefined {
    let [low, high] = [this.first, this.frames.length]
    while (low < high) {
      const middle = (low + high) >> 1
      const frame = this.frames[middle]
      if (frame !== undefined && isBefore(frame)) low = middle + 1
      else high = middle
    }
    return low > this.first ? this.frames[low - 1] : undefined
  }
}

const sizeOf = (frame: Frame): number => frame.end - frame.start + OVERHEAD
