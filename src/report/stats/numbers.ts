/** The numbers of a capture, as `stats` counted them: the text and the record are both written from them. */

import { Histogram } from '../../base/histogram.ts'
import type { Summary } from '../../store/record.ts'
import type { ExchangeKind, Sender } from '../../store/vocabulary.ts'
import type { Clock } from '../../text/moments.ts'
import type { TopicCounter } from '../topics.ts'
import type { ClientCount, Tally, Wire } from './tally.ts'

/** Most topics and clients that are named; `topics` and `sessions` have them all. */
export const MOST_TOP = 10

/** Latencies of one kind of exchange that one side opened, and how the others ended. */
export class Latencies {
  readonly kind: ExchangeKind
  readonly from: Sender
  readonly total = new Histogram()
  refused = 0
  unfinished = 0

  constructor(kind: ExchangeKind, from: Sender) {
    this.kind = kind
    this.from = from
  }
}

/** Everything that the text and the record are written from. */
export interface Numbers {
  readonly tally: Tally
  readonly wire: Wire
  readonly topics: TopicCounter | undefined
  readonly latencies: readonly Latencies[]
  readonly sessions: number
  readonly summary: Summary
  /** Seconds from the first frame to the last. */
  readonly duration: number
  readonly clock: Clock
}

const volume = ({ sent, received }: ClientCount): number => sent.bytes + received.bytes

/** Returns the clients with most bytes, at most `MOST_TOP` of them. */
export function topClients({ tally }: Numbers): readonly (readonly [string, ClientCount])[] {
  return [...tally.clients].sort(([, a], [, b]) => volume(b) - volume(a)).slice(0, MOST_TOP)
}
