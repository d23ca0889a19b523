/**
 * Messages that may still be handed on: for how long they are kept, and how they are found again. A message that is not
 * settled is in exactly one queue, in order of its packet: in `asked`, and then in a chain, or in `unasked`, and then counted
 * in `marks` and in a chain only if `isLinked`.
 */
import { type Chain, Chains } from './chain.ts'
import type { Fingerprint } from './fingerprint.ts'
import { type Copy, Message, type Missing, Queue, YOUNG_S } from './message.ts'
import type { Expected } from './subscribers.ts'

/** Messages whose copies may still come, and copies kept of them: together some 30 MB. The oldest is settled first. */
export const MOST_MESSAGES = 16_384
export const MOST_KEPT_COPIES = 131_072
/** Subscribers of all messages on their way, each set of them once: some 25 MB. Of a message beyond it nobody is expected. */
export const MOST_EXPECTED = 150_000
/** Seconds after which copies are no longer tied to their message: a client that was away gets them as new ones. */
export const WINDOW_S = 300
/** Messages that nobody in the capture has asked for: kept for a client of whom nothing was seen so far. */
export const MOST_UNASKED = 1024

const MARKS = 0xffff
const NO_COPIES: readonly Copy[] = []
const NOBODY: readonly Missing[] = []

export class Window {
  /** Copies of all messages that are not settled. */
  private keptCopies = 0
  /** Messages that have a set of subscribers, and the subscribers of all sets. */
  private readonly users = new Map<Expected, number>()
  private expected = 0
  private readonly chains = new Chains()
  private readonly asked = new Queue()
  private readonly unasked = new Queue()
  /** Number of unasked messages by the low bits of their fingerprint: most packets are like none of them. */
  private readonly marks = new Uint16Array(MARKS + 1)
  /** Objects of messages that are settled and not retained, to be used again. */
  private readonly spare: Message[] = []
  private readonly most: number
  private readonly settled: (message: Message) => void

  /** `settled` is called when no more copies are looked for; the object of the message is used again afterwards. */
  constructor(settled: (message: Message) => void, most = MOST_MESSAGES) {
    this.settled = settled
    this.most = most
  }

  get size(): number {
    return this.asked.size + this.unasked.size
  }

  /** Returns the chain of messages with this fingerprint, of those that somebody has asked for. */
  chain({ a, b }: Pick<Fingerprint, 'a' | 'b'>): Chain | undefined {
    return this.chains.find(a, b)
  }

  /** Links the messages with this fingerprint that nobody had asked for: somebody gets them all the same. Returns their chain. */
  unaskedChain(fingerprint: Fingerprint): Chain | undefined {
    if (this.marks[fingerprint.a & MARKS] === 0) return undefined
    let chain: Chain | undefined
    for (let index = 0; index < this.unasked.size; index++) {
      const message = this.unasked.at(index)
      if (message?.isLike(fingerprint) === true) chain = this.chains.add(message, chain)
    }
    return chain
  }

  /** Returns the last message with this fingerprint that the client has sent. */
  sentBy(client: string, fingerprint: Fingerprint): Message | undefined {
    const known = this.chain(fingerprint)?.lastBy(client)
    if (known !== undefined || this.marks[fingerprint.a & MARKS] === 0) return known
    for (let index = this.unasked.size - 1; index >= 0; index--) {
      const message = this.unasked.at(index)
      if (message?.isLike(fingerprint) === true && message.stream.clientId === client) return message
    }
    return undefined
  }

  /** Links every message that nobody has asked for: a broker may be asked for anything from now on. */
  open(): void {
    for (let index = 0; index < this.unasked.size; index++) {
      const message = this.unasked.at(index)
      if (message?.isLinked === false) this.chains.add(message, this.chain(message))
    }
  }

  /** Returns an object for a new message. */
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

  /** Notes who is to get the message. Returns false if there is no room for so many subscribers. */
  expect(message: Message, expected: Expected): boolean {
    const users = this.users.get(expected) ?? 0
    if (users === 0 && this.expected + expected.size > MOST_EXPECTED) return false
    if (users === 0) this.expected += expected.size
    this.users.set(expected, users + 1)
    message.expected = expected
    return true
  }

  private release(expected: Expected): void {
    const users = this.users.get(expected) ?? 0
    if (users > 1) return void this.users.set(expected, users - 1)
    this.users.delete(expected)
    this.expected -= expected.size
  }

  /** Notes who got the message. */
  keep(message: Message, copy: Copy): void {
    if (message.add(copy)) this.keptCopies++
  }

  /** Settles what is too old, and the oldest until there is room for one more. */
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
    this.settled(message)
    if (message.isLinked) this.chains.drop(message)
    if (!message.isAsked) this.mark(message, -1)
    // Whoever keeps the message as a retained one has no use for who got it.
    message.copies = NO_COPIES
    if (message.expected !== undefined) this.release(message.expected)
    message.expected = message.exchange = undefined
    message.missing = NOBODY
    if (!message.isKept) this.spare.push(message)
  }
}

const isOver = ({ oldest }: Queue, seconds: number, now: number): boolean =>
  oldest !== undefined && now - oldest.time > seconds
