/** What the program has to say of the capture and of itself, in order: one line each, kept up to a limit. */
import type { Level } from '../store/vocabulary.ts'

/** Beyond it the oldest go. About 200 bytes each. */
const MOST_ENTRIES = 5000
/** Of one kind: what a broken capture says ten thousand times is not to push out everything else. */
const MOST_OF_A_KIND = 500

export type Kind =
  | 'gap'
  | 'skipped'
  | 'damage'
  | 'unread'
  | 'source'
  | 'drops'
  | 'limit'
  | 'filter'
  | 'file'
  | 'preferences'

export interface Entry {
  readonly kind: Kind
  readonly level: Level
  readonly text: string
  /** Number of the packet that it is about, or that came next; 0 for none. */
  readonly packet: number
  /** By the clock: milliseconds since 1970. */
  readonly at: number
}

export class Journal {
  readonly entries: Entry[] = []
  /** So far, with those that are not kept. */
  count = 0
  private readonly byKind = new Map<Kind, number>()
  private readonly now: () => number

  constructor(now: () => number) {
    this.now = now
  }

  add(kind: Kind, level: Level, text: string, packet = 0): void {
    const before = this.byKind.get(kind) ?? 0
    this.byKind.set(kind, before + 1)
    this.count++
    if (before < MOST_OF_A_KIND) this.keep({ kind, level, text, packet, at: this.now() })
    else if (before === MOST_OF_A_KIND) {
      const more = `${MOST_OF_A_KIND} messages of this kind are listed; further ones are only counted`
      this.keep({ kind, level: 'note', text: more, packet: 0, at: this.now() })
    }
  }

  private keep(entry: Entry): void {
    this.entries.push(entry)
    if (this.entries.length > MOST_ENTRIES) this.entries.shift()
  }
}
