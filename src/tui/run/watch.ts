/** Looks now and then at what is going on, and tells the journal what is new: words of the source, drops, limits reached. */

import type { Document } from '../../analysis/document.ts'
import { MOST_OPEN } from '../../session/exchange/pool.ts'
import { grouped } from '../../text/numbers.ts'
import type { Status } from '../status.ts'

export class Watch {
  private readonly document: Document
  private readonly status: Status
  /** What the source says, one after the other; taken out as it is read. */
  private readonly said: string[]
  private dropped = 0
  private failure: string | undefined
  private readonly reached = new Set<string>()

  constructor(document: Document, status: Status, said: string[]) {
    this.document = document
    this.status = status
    this.said = said
  }

  /** The last that was said since the last look, to be shown at once. */
  look(): string | undefined {
    const { journal } = this.document
    const words = this.said.splice(0)
    for (const text of words) journal.add('source', 'note', text)
    this.drops()
    this.limits()
    this.ending()
    return words.at(-1)
  }

  private drops(): void {
    const { document, status } = this
    const dropped = status.dropped ?? document.summary.dropped ?? 0
    if (dropped <= this.dropped) return
    document.journal.add('drops', 'warning', `${grouped(dropped)} frames were dropped before they came here`)
    this.dropped = dropped
  }

  private limits(): void {
    const { store, tracker, mostRows } = this.document
    this.limit('rows', store.base > 0, `The newest ${grouped(mostRows)} packets at most are kept: the oldest go`)
    this.limit('store', store.refused > 0, `${grouped(store.rows)} packets are kept: later ones are only counted`)
    this.limit('open', tracker.pool.dropped > 0, `${grouped(MOST_OPEN)} handshakes are open: the oldest are given up`)
    this.limit('bytes', this.status.forgottenBytes > 0, 'The bytes of the oldest packets are not kept any more')
  }

  /** Said once. */
  private limit(name: string, isReached: boolean, text: string): void {
    if (!isReached || this.reached.has(name)) return
    this.reached.add(name)
    this.document.journal.add('limit', 'warning', text)
  }

  private ending(): void {
    const { failure } = this.status
    if (failure !== undefined && failure !== this.failure) this.document.journal.add('source', 'error', failure)
    this.failure = failure
  }
}
