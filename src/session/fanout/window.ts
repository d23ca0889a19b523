/** Messages that may still be handed on: for how long they are kept, and how they are found again. */
import { type Chain, Chains } from './chain.ts'
import type { Fingerprint } from './fingerprint.ts'
import { type Copy, Message, Queue, YOUNG_S } from './message.ts'

/** Messages whose copies may still come, and copies kept of them: together some 30 MB. The oldest is settled first. */
export const MOST_MESSAGES = 16_384
export const MOST_KEPT_COPIES = 131_072
/** Copies that come later than this many seconds are no longer tied: a client that was away gets them as news. */
export const WINDOW_S = 300
/** Messages that nobody in the capture has asked for: kept for a client of whom nothing was seen so far. */
export const MOST_UNASKED = 1024

const MARKS = 0xffff
const NO_COPIES: readonly Copy[] = []

export class Window {
  private keptCopies = 0
  private readonly chains = new Chains()
  private readonly asked = new Queue()
  private readonly unasked = new Queue()
  /** How many of the unasked have these low bits: most of what comes is like none of them. */
  private readonly marks = new Uint16Array(MARKS + 1)
  /** Messages that are settled, to be used again. */
  private readonly spare: Message[] = []
  private readonly most: number
  private readonly settled: (message: Message) => void

  /** `settled`: nothing more will be tied to the message. */
  constructor(settled: (message: Message) => void, most = MOST_MESSAGES) {
    this.settled = settled
    this.most = most
  }

  get size(): number {
    return this.asked.size + this.unasked.size
  }

  /** Messages like it, of those that somebody has asked for. */
  chain({ a, b }: Pick<Fingerprint, 'a' | 'b'>): Chain | undefined {
    return this.chains.find(a, b)
  }

  /** Of those that nobody had asked for: somebody gets them all the same. */
  unaskedChain(fingerprint: Fingerprint): Chain | undefined {
    if (this.marks[fingerprint.a & MARKS] === 0) return undefined
    let chain: Chain | undefined
    for (let place = 0; place < this.unasked.size; place++) {
      const message = this.unasked.at(place)
      if (message?.isLike(fingerprint) === true) chain = this.chains.add(message, chain)
    }
    return chain
  }

  /** The last message like it that the client has sent. */
  sentBy(client: string, fingerprint: Fingerprint): Message | undefined {
    const known = this.chain(fingerprint)?.lastBy(client)
    if (known !== undefined || this.marks[fingerprint.a & MARKS] === 0) return known
    for (let place = this.unasked.size - 1; place >= 0; place--) {
      const message = this.unasked.at(place)
      if (message?.isLike(fingerprint) === true && message.stream.clientId === client) return message
    }
    return undefined
  }

  /** The message that came with this packet. */
  find(number: number): Message | undefined {
    return this.asked.find(number) ?? this.unasked.find(number)
  }

  /** What was not asked for so far is looked at from now on. */
  open(): void {
    for (let place = 0; place < this.unasked.size; place++) {
      const message = this.unasked.at(place)
      if (message?.isLinked === false) this.chains.add(message, this.chain(message))
    }
  }

  /** An object for a message, as good as new. */
  take(): Message {
    const message = this.spare.pop() ?? new Message()
    message.reset()
    return message
  }

  add(message: Message): void {
    if (message.isAsked) {
      this.chains.add(message, this.chain(message))
      this.asked.add(message)
    } else {
      this.mark(message, 1)
      this.unasked.add(message)
    }
  }

  /** Notes who got the message. */
  keep(message: Message, copy: Copy): void {
    if (message.add(copy)) this.keptCopies++
  }

  /** Makes room for one more. */
  settleOld(now: number): void {
    const { asked, unasked, most } = this
    while (asked.size > 0 && (asked.size >= most || this.isFull || isOver(asked, WINDOW_S, now))) this.settle(asked)
    const few = Math.min(most, MOST_UNASKED)
    while (unasked.size > 0 && (unasked.size >= few || this.isFull || isOver(unasked, YOUNG_S, now))) {
      this.settle(unasked)
    }
  }

  finish(): void {
    for (const queue of [this.unasked, this.asked]) while (queue.size > 0) this.settle(queue)
  }

  private get isFull(): boolean {
    return this.keptCopies >= MOST_KEPT_COPIES
  }

  private mark({ a }: Message, by: number): void {
    const { marks } = this
    marks[a & MARKS] = (marks[a & MARKS] ?? 0) + by
  }

  private settle(queue: Queue): void {
    const message = queue.oldest
    if (message === undefined) return
    queue.drop()
    this.keptCopies -= message.copies.length
    if (message.isLinked) this.chains.drop(message)
    if (!message.isAsked) this.mark(message, -1)
    this.settled(message)
    // Whoever keeps the message as a retained one has no use for who got it.
    message.copies = NO_COPIES
    message.expected = undefined
    if (!message.isKept) this.spare.push(message)
  }
}

const isOver = ({ oldest }: Queue, seconds: number, now: number): boolean =>
  oldest !== undefined && now - oldest.time > seconds
