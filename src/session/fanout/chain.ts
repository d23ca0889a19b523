/**
 * Messages of one topic and one payload, and the last of them that each receiver got. From `head` on `messages` is in order of
 * packet numbers and holds no settled message; `given` may name a settled one, which is as good as none.
 */
import { Slots } from '../exchange/slots.ts'
import { type Message, YOUNG_S } from './message.ts'

/** Equal messages looked at for one packet. */
export const MOST_TRIED = 1024

/** Settled messages that a chain holds before its head until they are cut off. */
const MOST_SETTLED = 1024
/** Receivers that are gone through one by one; more are in a map. */
const FEW = 8

/** Receivers, and a packet number for each: most messages have few. They are in two arrays or, beyond FEW, in `more`. */
class Given {
  private readonly receivers: number[] = []
  private readonly numbers: number[] = []
  private more: Map<number, number> | undefined = undefined

  get(receiver: number): number {
    if (this.more !== undefined) return this.more.get(receiver) ?? 0
    const index = this.receivers.indexOf(receiver)
    return index < 0 ? 0 : (this.numbers[index] ?? 0)
  }

  set(receiver: number, number: number): void {
    if (this.more !== undefined) {
      // The newest stand at the end.
      this.more.delete(receiver)
      this.more.set(receiver, number)
      return
    }
    const { receivers, numbers } = this
    const index = receivers.indexOf(receiver)
    if (index >= 0) numbers[index] = number
    else if (receivers.push(receiver) > FEW) {
      numbers.push(number)
      this.more = new Map(receivers.map((one, at) => [one, numbers[at] ?? 0]))
      this.receivers.length = this.numbers.length = 0
    } else numbers.push(number)
  }

  /** Forgets receivers that got nothing behind `number`: they are as good as those that got nothing. */
  forget(number: number): void {
    for (const [receiver, last] of this.more ?? []) {
      if (last > number) break
      this.more?.delete(receiver)
    }
  }

  reset(): void {
    // Setting the length is slow.
    while (this.receivers.pop() !== undefined) this.numbers.pop()
    this.more = undefined
  }
}

export class Chain {
  private readonly given = new Given()
  private messages: Message[] = []
  private head = 0

  get size(): number {
    return this.messages.length - this.head
  }

  at(index: number): Message | undefined {
    return this.messages[this.head + index]
  }

  /** Adds a message in order of packet numbers: one that nobody had asked for may be added late. */
  add(message: Message): void {
    const { messages } = this
    let position = messages.length
    while (position > this.head && (messages[position - 1]?.number ?? 0) > message.number) position--
    const before = position > this.head ? messages[position - 1] : undefined
    if (before !== undefined) {
      message.earlier = this.at(0)?.number ?? 0
      if (!(message.time - before.time > YOUNG_S)) message.isDoubtful = before.isDoubtful = true
    }
    if (position === messages.length) messages.push(message)
    else messages.splice(position, 0, message)
  }

  /** Returns the packet number of the last message that the receiver got; 0 for none. */
  got(receiver: number): number {
    return this.given.get(receiver)
  }

  /** Returns the last message that the receiver got, while it is not settled. */
  gotLast(receiver: number): Message | undefined {
    const number = this.got(receiver)
    const message = number === 0 ? undefined : this.at(this.after(number - 1))
    return message?.number === number ? message : undefined
  }

  give(receiver: number, { number }: Message): void {
    this.given.set(receiver, number)
  }

  /** Removes a message that is settled: the oldest, but for those that nobody had asked for. */
  drop(message: Message): void {
    if (this.at(0) !== message) return this.remove(message)
    this.head++
    if (this.head === this.messages.length) return
    this.given.forget(message.number)
    if (this.head < MOST_SETTLED) return
    this.messages = this.messages.slice(this.head)
    this.head = 0
  }

  /** Returns the index of the first message behind packet `number`. */
  after(number: number): number {
    let low = 0
    let high = this.size
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.at(middle)?.number ?? 0) > number) high = middle
      else low = middle + 1
    }
    return low
  }

  /** The last message that was to be retained, of the newest MOST_TRIED. */
  get lastRetained(): Message | undefined {
    return this.last(({ retain }) => retain)
  }

  /** Returns the last message that this client published, of the newest MOST_TRIED. */
  lastBy(client: string): Message | undefined {
    return this.last(({ isPublisherSeen: isSeen, stream }) => isSeen && stream.clientId === client)
  }

  private last(fits: (message: Message) => boolean): Message | undefined {
    for (let index = this.size - 1; index >= Math.max(0, this.size - MOST_TRIED); index--) {
      const message = this.at(index)
      if (message !== undefined && fits(message)) return message
    }
    return undefined
  }

  /** Resets the object for reuse. */
  reset(): void {
    this.given.reset()
    while (this.messages.pop() !== undefined);
    this.head = 0
  }

  private remove(message: Message): void {
    const index = this.messages.indexOf(message, this.head)
    if (index >= 0) this.messages.splice(index, 1)
  }
}

/**
 * Chains by fingerprint. They are used again, and found without a map: most of them come and go with one message. A chain is
 * either in `free` and empty, or in `slots` with at least one message.
 */
export class Chains {
  private readonly slots = new Slots()
  private readonly all: Chain[] = []
  private readonly free: number[] = []

  find(a: number, b: number): Chain | undefined {
    const index = this.slots.find(a, b)
    return index < 0 ? undefined : this.all[index]
  }

  /** Adds a message to `known`, the chain of its fingerprint, or to a new one if there is none. */
  add(message: Message, known: Chain | undefined): Chain {
    const { a, b } = message
    message.isLinked = true
    if (known !== undefined) {
      known.add(message)
      return known
    }
    const index = this.free.pop() ?? this.all.push(new Chain()) - 1
    const chain = this.all[index] as Chain
    this.slots.add(a, b, index)
    chain.add(message)
    return chain
  }

  /** Removes a message that is settled, and gives its chain back with the last one. */
  drop(message: Message): void {
    const { a, b } = message
    const index = this.slots.find(a, b)
    const chain = index < 0 ? undefined : this.all[index]
    if (chain === undefined) return
    chain.drop(message)
    if (chain.size > 0) return
    chain.reset()
    this.slots.delete(a, b)
    this.free.push(index)
  }
}
