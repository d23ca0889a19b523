/** What opens the records of one direction: its keys as they change, and the number that the next record should have. */
import { MOST_SLACK } from './budget.ts'
import type { Opener, Plaintext } from './opener.ts'
import type { TlsSession } from './session.ts'

/** What came of a record: it is open, its key is not known yet, or it cannot be opened. */
export type Result = 'opened' | 'wait' | 'lost'

export interface Protection {
  /** Opens a record; `missing` bytes of it are not in the capture. */
  open(record: Uint8Array, missing: number, into: Plaintext): Result
  /** Some records are not in the capture, at most so many. */
  lose(records: number): void
  /** True if what is lost here may be data of the application. */
  readonly isData: boolean
  /** Records that are missing in front of the one that was opened last. */
  readonly jumped: number
}

/** One key in use: its opener, and the number of the next record. */
export class Keyed {
  /** Number of the next record, if none is missing; at most so many may be. */
  next = 0
  slack = 0
  /** Records that are missing in front of the one that was opened last. */
  jumped = 0
  readonly opener: Opener
  private readonly session: TlsSession

  constructor(session: TlsSession, opener: Opener, slack: number) {
    this.session = session
    this.opener = opener
    this.slack = Math.min(MOST_SLACK, slack)
  }

  /** Opens a record: the next one, or one behind those that are missing. */
  open(record: Uint8Array, into: Plaintext): boolean {
    const number = this.find(record, into)
    this.opener.pass(record, true)
    if (number < 0) return false
    this.jumped = number - this.next
    this.next = number + 1
    this.slack = 0
    return true
  }

  /** Opens what is there of a record that is cut; only where its number is known, because nothing vouches for it. */
  openCut(record: Uint8Array, missing: number, into: Plaintext): boolean {
    const isOpen = this.slack === 0 && this.opener.openCut(record, missing, this.next, into)
    this.opener.pass(record, false)
    this.jumped = 0
    if (isOpen) this.next++
    return isOpen
  }

  lose(records: number): void {
    this.slack = Math.min(MOST_SLACK, this.slack + records)
  }

  private find(record: Uint8Array, into: Plaintext): number {
    const { opener, next, slack } = this
    if (opener.open(record, next, into)) return next
    if (slack === 0) return -1
    const told = opener.numberOf(record)
    if (told > next && told <= next + MOST_SLACK && opener.open(record, told, into)) return told
    for (let number = next + 1; number <= next + slack && this.session.allow(); number++)
      if (opener.open(record, number, into)) return number
    return -1
  }
}
