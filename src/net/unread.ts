/** Frames that may carry TCP to an MQTT port and could not be read: how many for which reason, and where the first is. */
import { u16 } from '../base/bytes.ts'
import { SKIP_REASONS, Skip } from './cursor.ts'
import type { Segment } from './segment.ts'

/** The frames of one reason. */
export interface Unread {
  readonly reason: string
  readonly frames: number
  /** Number of the first frame. */
  readonly first: number
}

/** Reasons that say that the frame carries something else, or that its rest is in other frames. */
const ELSEWHERE: ReadonlySet<number> = new Set([Skip.NotIp, Skip.NotTcp, Skip.FragmentWaiting])

export class UnreadFrames {
  private readonly ports: ReadonlySet<number>
  /** Number of frames by `-Skip`: the list is as long as the list of reasons. */
  private readonly frames = SKIP_REASONS.map(() => 0)
  private readonly first = SKIP_REASONS.map(() => 0)
  private readonly unknown = SKIP_REASONS.map(() => 0)

  constructor(ports: ReadonlySet<number>) {
    this.ports = ports
  }

  /** Counts the frame that `readSegment` did not read. */
  add(segment: Segment): void {
    const { skip } = segment
    if (ELSEWHERE.has(skip) || this.isForeign(segment)) return
    const index = -skip
    if (this.frames[index] === 0) {
      this.first[index] = segment.frame.number
      this.unknown[index] = segment.unknown
    }
    this.frames[index] = (this.frames[index] ?? 0) + 1
  }

  /** The ports of a TCP header that is cut or broken are there, and none of them is watched. */
  private isForeign({ skip, bytes, at, end }: Segment): boolean {
    if ((skip !== Skip.TcpCut && skip !== Skip.BadTcp) || at + 4 > end) return false
    return !this.ports.has(u16(bytes, at)) && !this.ports.has(u16(bytes, at + 2))
  }

  /** The reasons that occurred. An unknown EtherType is listed only with `isAll`: if no packet was found. */
  list(isAll: boolean): readonly Unread[] {
    const list: Unread[] = []
    for (const [index, frames] of this.frames.entries()) {
      if (frames === 0 || (index === -Skip.UnknownType && !isAll)) continue
      list.push({ reason: this.words(index), frames, first: this.first[index] ?? 0 })
    }
    return list
  }

  private words(index: number): string {
    const words = SKIP_REASONS[index] ?? ''
    const unknown = this.unknown[index] ?? 0
    if (index === -Skip.UnknownType) return `${words} 0x${unknown.toString(16).padStart(4, '0')}`
    return index === -Skip.UnknownLink && unknown >= 0 ? `${words} ${unknown}` : words
  }
}
