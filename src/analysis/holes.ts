/** Places of streams where bytes are missing or were passed over: each stands before the packet that came next. */

import type { Side, Stream } from '../store/record.ts'
import { grouped } from '../text/numbers.ts'
import { type Foreign, nameOfProtocol } from '../transport/recognise.ts'

/** Beyond it the oldest go. About 100 bytes each. */
const MOST_HOLES = 10_000

export interface Hole {
  readonly kind: 'gap' | 'skipped'
  readonly stream: Stream
  readonly side: Side
  /** Bytes of the stream; 0 where nobody knows how many. */
  readonly size: number
  /** What was passed over. */
  readonly foreign: Foreign
  /** Number of the packet that came next, of whatever connection. */
  readonly before: number
}

export class Holes {
  /** So far, with those that are not kept any more. */
  count = 0
  private kept: Hole[] = []

  add(hole: Hole): void {
    this.count++
    this.kept.push(hole)
    if (this.kept.length > MOST_HOLES) this.kept.shift()
  }

  /** In order. */
  of(stream: Stream): readonly Hole[] {
    return this.kept.filter(hole => hole.stream === stream)
  }

  /** Packets up to this number are not kept any more. */
  forget(last: number): void {
    this.kept = this.kept.filter(({ before }) => before > last)
  }
}

export function holeText({ kind, size, foreign }: Pick<Hole, 'kind' | 'size' | 'foreign'>): string {
  const bytes = size === 0 ? 'an unknown number of bytes' : `${grouped(size)} B`
  if (kind === 'gap') return `${bytes} missing: not in the capture`
  if (foreign === '') return `${bytes} passed over: no packet begins in them`
  return `${bytes} passed over: they are ${foreign === 'other' ? 'not MQTT' : nameOfProtocol(foreign)}`
}
