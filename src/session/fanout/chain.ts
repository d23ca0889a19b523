/** Messages of one topic and one payload, the oldest first, and up to which of them each receiver has got. */
import { Slots } from '../exchange/slots.ts'
import { type Message, YOUNG_S } from './message.ts'

/** Equal messages looked at for one packet. */
export const MOST_TRIED = 1024

/** Settled messages at the beginning of a chain before they are cut off. */
const MOST_SETTLED = 1024
/** Receivers that are gone through one by one; more are in a map. */
const FEW = 8

/** Receivers, and a number for each: most messages have few. */
class Given {
  private readonly receivers: number[] = []
  private readonly numbers: number[] = []
  private more: Map<number, number> | undefined = undefined

  get(receiver: number): number {
    if (this.more !== undefined) return this.more.get(receiver) ?? 0
    const place = this.receivers.indexOf(receiver)
    return place < 0 ? 0 : (this.numbers[place] ?? 0)
  }

  set(receiver: number, number: number): void {
    if (this.more !== undefined) {
      // The newest stand at the end.
      this.more.delete(receiver)
      this.more.set(receiver, number)
      return
    }
    const { receivers, numbers } = this
    const place = receivers.indexOf(receiver)
    if (place >= 0) numbers[place] = number
    else if (receivers.push(receiver) > FEW) {
      numbers.push(number)
      this.more = new Map(receivers.map((one, at) => [one, numbers[at] ?? 0]))
      this.receivers.length = this.numbers.length = 0
    } else numbers.push(number)
  }

  /** Who got nothing behind `number` is as good as who got nothing. */
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

  at(place: number): Message | undefined {
    return this.messages[this.head + place]
  }

  /** In order of their packets: one that nobody had asked for may come late. */
  add(message: Message): void {
    const { messages } = this
    let place = messages.length
    while (place > this.head && (messages[place - 1]?.number ?? 0) > message.number) place--
    const before = place > this.head ? messages[place - 1] : undefined
    if (before !== undefined) {
      message.earlier = this.at(0)?.number ?? 0
      if (!(message.time - before.time > YOUNG_S)) message.isDoubtful = before.isDoubtful = true
    }
    if (place === messages.length) messages.push(message)
    else messages.splice(place, 0, message)
  }

  /** Number of the last message that the receiver got; 0 for none. */
  got(receiver: number): number {
    return this.given.get(receiver)
  }

  /** The last message that the receiver got, as long as it is not settled. */
  gotLast(receiver: number): Message | undefined {
    const number = this.got(receiver)
    const message = number === 0 ? undefined : this.at(this.after(number - 1))
    return message?.number === number ? message : undefined
  }

  give(receiver: number, { number }: Message): void {
    this.given.set(receiver, number)
  }

  /** It is settled: the oldest, but for what nobody has asked for. */
  drop(message: Message): void {
    if (this.at(0) !== message) return this.take(message)
    this.head++
    if (this.head === this.messages.length) return
    this.given.forget(message.number)
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
    return this.last(({ isPublisherSeen: isSeen, stream }) => isSeen && stream.clientId === client)
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
    this.given.reset()
    while (this.messages.pop() !== undefined);
    this.head = 0
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
    const index = this.slots.find(a, b)
    return index < 0 ? undefined : this.all[index]
  }

  /** `known`: the chain of such messages, where there is one. */
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

  /** The message is settled. */
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
