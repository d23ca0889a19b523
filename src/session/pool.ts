/** Hands out exchanges and takes them back, all connections together, so that none is allocated in the long run. */
import { Exchange, type ExchangeState, STEP_NUMBERS } from './exchanges.ts'
import type { Session } from './session.ts'
import { Slots } from './slots.ts'

/** Open exchanges of all connections; beyond it the oldest is dropped and counted. About 400 bytes each. */
export const MOST_OPEN = 131_072

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
  private readonly steps: Float64Array
  private readonly most: number
  private readonly ended: (exchange: Exchange, session: Session | undefined) => void
  /** Places and openers in order of age, with those that are no longer open among them: a ring of twice the most. */
  private readonly ages: Float64Array
  private begin = 0
  private size = 0

  /** `ended` hears of each exchange when its state is no longer `open`; the object is reused afterwards. */
  constructor(ended: (exchange: Exchange, session: Session | undefined) => void, most = MOST_OPEN) {
    this.ended = ended
    this.most = most
    // The system gives memory to what is written.
    this.steps = new Float64Array((most + 1) * STEP_NUMBERS)
    this.ages = new Float64Array(most * 4)
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
    const session = exchange.open?.session
    exchange.state = state
    exchange.open?.remove(exchange)
    this.open--
    this.ended(exchange, session)
    this.free.push(exchange)
  }

  private make(): Exchange {
    const exchange = new Exchange(this.all.length, this.steps)
    this.all.push(exchange)
    return exchange
  }

  private dropOldest(): void {
    while (this.size > 0) {
      const oldest = this.oldest()
      this.begin = (this.begin + 1) % (this.most * 2)
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
    const { ages, most } = this
    if (this.size === most * 2) this.tidy()
    const at = (this.begin + this.size++) % (most * 2)
    ages[at * 2] = index
    ages[at * 2 + 1] = opener
  }

  /** Leaves out what is no longer open: at least half of a full ring. */
  private tidy(): void {
    const { ages, most } = this
    const end = this.size
    this.size = 0
    for (let count = 0; count < end; count++) {
      const from = (this.begin + count) % (most * 2)
      if (this.oldest(from) === undefined) continue
      const to = (this.begin + this.size++) % (most * 2)
      ages[to * 2] = ages[from * 2] as number
      ages[to * 2 + 1] = ages[from * 2 + 1] as number
    }
  }
}
