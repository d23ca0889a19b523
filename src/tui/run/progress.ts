/** How far the reading is, from those who know it. */

import type { Document } from '../../analysis/document.ts'
import { megabytes } from '../../text/units.ts'
import type { Active, Status } from '../status.ts'
import type { Follower } from './follow.ts'
import type { LiveCapture } from './live.ts'

/** Whose packets they are; both absent: those of a file. */
export interface Origin {
  /** A live capture that can begin again. */
  readonly live?: LiveCapture | undefined
  /** What we say and hear ourselves. */
  readonly active?: Active
}

export class Progress implements Status {
  readonly name: string
  private readonly follower: Follower
  private readonly document: Document
  private readonly live: LiveCapture | undefined
  readonly active: Active | undefined
  /** Packets that there were when some were saved last. */
  private savedUpTo = 0

  constructor(follower: Follower, document: Document, { live, active }: Origin) {
    this.follower = follower
    this.document = document
    this.live = live
    this.active = active
    this.name = follower.source.name === '-' ? 'stdin' : follower.source.name
  }

  get state(): Status['state'] {
    return this.follower.state
  }

  get isLive(): boolean {
    return this.follower.isLive
  }

  get restarts(): boolean {
    return this.live !== undefined
  }

  get progress(): string {
    const { source, state } = this.follower
    if (state !== 'reading' || this.isLive) return ''
    if (source.size === undefined || source.size === 0) return megabytes(source.read)
    return `${Math.floor((source.read / source.size) * 100)} %`
  }

  get rates(): readonly number[] {
    return this.follower.rates
  }

  get dropped(): number | undefined {
    // Of our own nothing is lost on the way.
    return this.active === undefined ? this.live?.dropped : 0
  }

  get isStarting(): boolean {
    return this.restarts && this.state === 'reading' && this.follower.source.read === 0
  }

  get absent(): readonly string[] {
    return this.state === 'reading' ? (this.live?.absent ?? []) : []
  }

  get forgottenBytes(): number {
    return this.follower.droppedBytes
  }

  get isUnsaved(): boolean {
    return this.restarts && this.document.summary.packets > this.savedUpTo
  }

  get failure(): string | undefined {
    return this.follower.failure?.message
  }

  saved(): void {
    this.savedUpTo = this.document.summary.packets
  }
}
