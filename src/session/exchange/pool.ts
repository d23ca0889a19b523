/** Hands out exchanges and takes them back, all connections together, so that none is allocated in the long run. */

import type { ExchangeState } from '../../store/vocabulary.ts'
import type { Connection } from '../connection.ts'
import { Exchange, STEP_NUMBERS } from './exchange.ts'
import { Slots } from './slots.ts'

/** Open exchanges of all connections; beyond it the oldest is dropped and counted. About 400 bytes each. */
export const MOST_OPEN = 131_072

/** Exchanges whose numbers and times stand together. */
const PAGE = 64
const FIRST_AGES = 1024

export class ExchangePool {
  open = 0
  /** Dropped because there were too many. */
  dropped = 0
  /** What ends just now ends because there is no more room: it says nothing of the wire. */
  isDropping = false
  /** By place, in use or not. */
  readonly all: Exchange[] = []
  readonly slots = new Slots()
  private readonly free: Exchange[] = []
  private readonly most: number
  private readonly ended: (exchange: Exchange, connection: Connection | undefined) => void
  /** Numbers and times of the exchanges made last. */
  private steps = new Float64Array(0)
  /** Places and openers in order of age, with those that are no longer open among them: a ring. */
  private ages = new Float64Array(2 * FIRST_AGES)
  private room = FIRST_AGES
  private begin = 0
  private size = 0

  /** `ended` hears of each exchange when its state is no longer `open`; the object is reused afterwards. */
  constructor(ended: (exchange: Exchange, connection: Connection | undefined) => void, most = MOST_OPEN) {
    this.ended = ended
    this.most = most
  }

  /** For the packet `opener`; not `except`, which has just been given back and is still looked at. */
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

  /** The exchange has ended. It keeps its content until the next `take`. */
  release(exchange: Exchange, state: ExchangeState): void {
    const connection = exchange.open?.connection
    exchange.state = state
    exchange.open?.remove(exchange)
    this.open--
    this.ended(exchange, connection)
    this.free.push(exchange)
  }

  private make(): Exchange {
    const place = this.all.length % PAGE
    if (place === 0) this.steps = new Float64Array(PAGE * STEP_NUMBERS)
    const exchange = new Exchange(this.all.length, this.steps, place * STEP_NUMBERS)
    this.all.push(exchange)
    return exchange
  }

  private dropOldest(): void {
    while (this.size > 0) {
      const oldest = this.oldest()
      this.begin = (this.begin + 1) % this.room
      this.size--
      if (oldest === undefined) continue
      this.dropped++
      this.isDropping = true
      this.release(oldest, 'abandoned')
      this.isDropping = false
      return
    }
  }

  /** What the ring begins with, if it is still open. */
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
    for (let place = 0; place < size; place++) {
      const from = (begin + place) % room
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
