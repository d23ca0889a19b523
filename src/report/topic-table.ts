/** What is counted of each topic, in bounded memory: beyond the limits all topics together are one, and exact. */

import { FewMap } from '../base/few.ts'
import { MOST_STRINGS, OVERFLOW, Strings } from '../base/strings.ts'
import type { Stream } from '../store/record.ts'
import type { FanOutRole } from '../store/vocabulary.ts'

/** Publishers and subscribers remembered one by one, all topics together; beyond it their number is a lower bound. */
export const MOST_MEMBERS = 500_000

/** Who took part: each counted once. */
class Members {
  private readonly seen = new FewMap<number, true>()
  /** There were more than could be kept. */
  isOpen = false

  get size(): number {
    return this.seen.size
  }

  /** True where it is new and was kept. */
  add(member: number, room: boolean): boolean {
    if (this.seen.has(member)) return false
    if (!room) this.isOpen = true
    else this.seen.set(member, true)
    return room
  }
}

export class TopicCount {
  /** Messages, each once. */
  messages = 0
  /** Copies that the broker sent on, replays of retained ones included. */
  delivered = 0
  /** Of the messages' payloads. */
  bytes = 0
  readonly qos: [number, number, number] = [0, 0, 0]
  retained = 0
  lastSize = 0
  first = Number.NaN
  last = Number.NaN
  readonly publishers = new Members()
  readonly subscribers = new Members()

  /** Messages a second between the first and the last. */
  get perSecond(): number {
    const time = this.last - this.first
    return this.messages > 1 && time > 0 ? (this.messages - 1) / time : Number.NaN
  }
}

/** A PUBLISH as it is counted. */
export interface Publication {
  readonly role: FanOutRole
  readonly byServer: boolean
  readonly size: number
  readonly qos: number
  readonly retain: boolean
  readonly time: number
  readonly stream: Stream
}

const encoder = new TextEncoder()

export class TopicTable {
  /** Everything beyond the limits. */
  readonly other = new TopicCount()
  private readonly names: Strings
  private readonly counts: TopicCount[] = []
  private readonly clients = new Strings()
  /** A client's number, as long as its connection keeps its name. */
  private readonly numbers = new WeakMap<Stream, { readonly clientId: string | undefined; readonly number: number }>()
  private members = 0
  private readonly mostMembers: number

  constructor(most = MOST_STRINGS, mostMembers = MOST_MEMBERS) {
    this.names = new Strings(most)
    this.mostMembers = mostMembers
  }

  get size(): number {
    return this.counts.length
  }

  /** `bytes[start..end)` is the topic. */
  add(bytes: Uint8Array, start: number, end: number, publication: Publication): void {
    const id = this.names.intern(bytes, start, end)
    if (id === OVERFLOW) return this.count(this.other, publication)
    let known = this.counts[id]
    if (known === undefined) {
      known = new TopicCount()
      this.counts[id] = known
    }
    this.count(known, publication)
  }

  /** The most used first. */
  sorted(): readonly { readonly topic: string; readonly count: TopicCount }[] {
    return this.counts
      .map((count, id) => ({ topic: this.names.text(id) ?? '', count }))
      .sort((a, b) => b.count.messages - a.count.messages || (a.topic < b.topic ? -1 : 1))
  }

  private count(count: TopicCount, publication: Publication): void {
    const { role, byServer, stream } = publication
    if (role === 'again') return
    if (byServer) {
      count.delivered++
      this.note(count.subscribers, stream)
    } else this.note(count.publishers, stream)
    if (role !== 'fresh') return
    count.messages++
    count.bytes += publication.size
    if (publication.qos <= 2) count.qos[publication.qos as 0 | 1 | 2]++
    if (publication.retain) count.retained++
    count.lastSize = publication.size
    if (Number.isNaN(count.first)) count.first = publication.time
    count.last = publication.time
  }

  private note(members: Members, stream: Stream): void {
    const number = this.numberOf(stream)
    if (members.add(number, this.members < this.mostMembers && number !== OVERFLOW)) this.members++
  }

  /** One client is one, over all its connections; without a name each connection is one. */
  private numberOf(stream: Stream): number {
    const { clientId } = stream
    const known = this.numbers.get(stream)
    if (known !== undefined && known.clientId === clientId) return known.number
    const number = clientId === undefined || clientId === '' ? -1 - stream.flow.index : this.intern(clientId)
    this.numbers.set(stream, { clientId, number })
    return number
  }

  private intern(clientId: string): number {
    const bytes = encoder.encode(clientId)
    return this.clients.intern(bytes, 0, bytes.length)
  }
}
