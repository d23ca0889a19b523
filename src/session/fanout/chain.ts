/** Messages of one topic and one payload, the oldest first, and up to which of them each receiver has got. */
import { Slots } from '../slots.ts'
import { type Message, YOUNG_S } from './message.ts'

/** Equal messages looked at for one packet. */
export const MOST_TRIED = 1024

/** Settled messages at the beginning of a chain before they are cut off. */
const MOST_SETTLED = 1024

export class Chain {
  /** Receiver → number of the last message of the chain that it got; most chains are of one message that nobody gets. */
  private given: Map<string, number> | undefined = undefined
  private messages: Message[] = []
  private head = 0

  get size(): number {
    return this.messages.length - this.head
  }

  get newest(): Message | undefined {
    return this.messages.at(-1)
  }

  at(place: number): Message | undefined {
    return this.messages[this.head + place]
  }

  add(message: Message): void {
    message.earlier = this.at(0)?.number ?? 0
    const before = this.newest
    if (before !== undefined && this.size > 0 && !(message.time - before.time > YOUNG_S)) {
      message.isDoubtful = before.isDoubtful = true
    }
    this.messages.push(message)
  }

  /** Number of the last message that the receiver got; 0 for none. */
  got(receiver: string): number {
    return this.given?.get(receiver) ?? 0
  }

  /** The last message that the receiver got, as long as it is not settled. */
  gotLast(receiver: string): Message | undefined {
    const number = this.got(receiver)
    const message = number === 0 ? undefined : this.at(this.after(number - 1))
    return message?.number === number ? message : undefined
  }

  give(receiver: string, { number }: Message): void {
    this.given ??= new Map()
    this.given.delete(receiver)
    this.given.set(receiver, number)
  }

  /** It is settled: the oldest, but for what nobody has asked for. Who got nothing since is as good as who got nothing. */
  drop(message: Message): void {
    if (this.at(0) !== message) return this.take(message)
    this.head++
    for (const [receiver, last] of this.given ?? []) {
      if (last > message.number) break
      this.given?.delete(receiver)
    }
    if (this.head < MOST_SETTLED) return
    this.messages = this.messages.slice(this.head)
    this.head = 0
  }

  /** Place of the first message behind `number`. */
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

  /** Of the newest ones, the last that was to be retained. */
  get lastRetained(): Message | undefined {
    return this.last(({ retain }) => retain)
  }

  /** Of the newest ones, the last that this client published. */
  lastBy(client: string): Message | undefined {
    return this.last(({ isSeen, connection }) => isSeen && connection.clientId === client)
  }

  private last(fits: (message: Message) => boolean): Message | undefined {
    for (let place = this.size - 1; place >= Math.max(0, this.size - MOST_TRIED); place--) {
      const message = this.at(place)
      if (message !== undefined && fits(message)) return message
    }
    return undefined
  }

  /** As good as new. */
  reset(): void {
    this.given = undefined
    this.messages.length = this.head = 0
  }

  private take(message: Message): void {
    const place = this.messages.indexOf(message, this.head)
    if (place >= 0) this.messages.splice(place, 1)
  }
}

/** Chains by fingerprint. They are used again, and found without a map: most of them come and go with one message. */
export class Chains {
  private readonly slots = new Slots()
  private readonly all: Chain[] = []
  private readonly free: number[] = []

  find(a: number, b: number): Chain | undefined {
    return this.all[this.slots.find(a, b)]
  }

  add(message: Message): void {
    const { a, b } = message
    const known = this.find(a, b)
    if (known !== undefined) return known.add(message)
    const index = this.free.pop() ?? this.all.push(new Chain()) - 1
    this.slots.add(a, b, index)
    this.all[index]?.add(message)
  }

  /** The message is settled. */
  drop(message: Message): void {
    const { a, b } = message
    const index = this.slots.find(a, b)
    const chain = this.all[index]
    if (chain === undefined) return
    chain.drop(message)
    if (chain.size > 0) return
    chain.reset()
    this.slots.delete(a, b)
    this.free.push(index)
  }
}
