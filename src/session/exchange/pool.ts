/**
 * Hands out exchange objects and takes them back, all connections together, so that none is allocated in the long run. An
 * object is either free or in exactly one list of open exchanges; `open` counts the latter.
 */

import { Exchange, STEP_NUMBERS } from './exchange.ts'
import { Slots } from './slots.ts'

/** Open exchanges of all connections; beyond it the oldest is dropped and counted. About 400 bytes each. */
export const MOST_OPEN = 131_072

/** Exchanges whose numbers and times stand together. */
const PAGE = 64
const FIRST_AGES = 1024

export class ExchangePool {
  /** Exchanges that are open now. */
  open = 0
  /** Exchanges dropped because there were too many. */
  dropped = 0
  /** True while an exchange is dropped for lack of room: its end says nothing of the wire, so rules ignore it. */
  isDropping = false
  /** Every exchange object by its index, in use or not. */
  readonly all: Exchange[] = []
  readonly slots = new Slots()
  private readonly free: Exchange[] = []
  private readonly most: number
  /** Numbers and times of the page of exchanges made last. */
  private steps = new Float64Array(0)
  /**
   * A ring of pairs (index in `all`, opener) in order of age. Every open exchange has one pair; a pair whose exchange is no
   * longer open, or is open for another opener, is passed over.
   */
  private ages = new Float64Array(2 * FIRST_AGES)
  private room = FIRST_AGES
  private begin = 0
  private size = 0

  constructor(most = MOST_OPEN) {
    this.most = most
  }

  /** Takes an exchange object for packet `opener`. Never returns `except`, which was just given back and is still read. */
  take(opener: number, except?: Exchange): Exchange {
    if (this.open >= this.most) this.dropOldest()
    let exchange = this.free.pop()
    if (exchange !== undefined && exchange === except) {
      exchange = this.free.pop()
      this.free.push(except)
    }
    exchange ??= this.make()
    exchange.reset()
    this.open++
    this.note(exchange.index, opener)
    return exchange
  }

  /** Takes back an exchange that has ended. It keeps its content until a later `take`. */
  giveBack(exchange: Exchange): void {
    this.open--
    this.free.push(exchange)
  }

  private make(): Exchange {
    const inPage = this.all.length % PAGE
    if (inPage === 0) this.steps = new Float64Array(PAGE * STEP_NUMBERS)
    const exchange = new Exchange(this.all.length, this.steps, inPage * STEP_NUMBERS)
    this.all.push(exchange)
    return exchange
  }

  private dropOldest(): void {
    while (this.size > 0) {
      const oldest = this.oldest()
      this.begin = (this.begin + 1) % this.room
      this.size--
      if (oldest?.open === undefined) continue
      this.dropped++
      this.isDropping = true
      oldest.open.release(oldest, 'abandoned')
      this.isDropping = false
      return
    }
  }

  /** Returns the exchange of the pair at `at` in the ring if it is still open. */
  private oldest(at = this.begin): Exchange | undefined {
    const exchange = this.all[this.ages[at * 2] as number]
    return exchange?.open !== undefined && exchange.opener === this.ages[at * 2 + 1] ? exchange : undefined
  }

  private note(index: number, opener: number): void {
    if (this.size === this.room) this.tidy()
    const at = (this.begin + this.size++) % this.room
    this.ages[at * 2] = index
    this.ages[at * 2 + 1] = opener
  }

  /** Leaves out what is no longer open; a ring that stays more than half full is doubled. */
  private tidy(): void {
    const { ages, begin, room, size } = this
    this.room = this.open * 2 > room ? room * 2 : room
    const kept = new Float64Array(this.room * 2)
    let count = 0
    for (let age = 0; age < size; age++) {
      const from = (begin + age) % room
      if (this.oldest(from) === undefined) continue
      kept[count * 2] = ages[from * 2] as number
      kept[count * 2 + 1] = ages[from * 2 + 1] as number
      count++
    }
    this.ages = kept
    this.begin = 0
    this.size = count
  }
}
