/** Who may get a message, and who is to get it for sure, as far as the capture shows it. */

import { FewMap, type ReadonlyFewMap } from '../../base/few.ts'
import { OVERFLOW } from '../../base/strings.ts'
import { FIRST_FAILURE, SubscriptionOption } from '../../mqtt/spec.ts'
import { matchesFilter } from '../../mqtt/topic.ts'
import type { Side, Stream } from '../../store/record.ts'
import type { Connection } from '../connection.ts'
import type { Subscription } from '../session.ts'
import { type Entry, Filters, type Leaf } from './filters.ts'
import { Work } from './work.ts'

/** Topics of one broker whose subscribers are remembered until a subscription changes. */
const MOST_TOPICS = 10_000
/** Subscribers remembered of all topics of all brokers, each set of them once: some 25 MB. Beyond it all are forgotten. */
const MOST_REMEMBERED = 150_000
/** Subscribers of one topic; beyond it they are taken for unknown: a broker with a million has another report. */
export const MOST_SUBSCRIBERS = 20_000
/** Subscriptions of one session that are looked at, and levels of all filters together: some 30 MB. A broker with more may
 *  be asked for anything. */
export const MOST_OF_SESSION = 2000
export const MOST_LEVELS = 100_000
/** Brokers kept apart; all others are one that may be asked for anything. */
const MOST_BROKERS = 10_000

export interface Subscriber {
  readonly connection: Connection
  /** The highest QoS that was granted. */
  readonly qos: number
  /** Its own messages do not come back: it asked for that, or it is a bridge. */
  readonly noLocal: boolean
  /** Its subscriptions to the topic. */
  readonly by: readonly Subscription[]
}

export type Expected = ReadonlyFewMap<Connection, Subscriber>

/** What is known of the subscriptions to one topic. */
export interface TopicSubscribers {
  /** Connections seen from their CONNECT on, with granted filters; undefined where there are too many. */
  readonly expected: Expected | undefined
  /** Somebody has asked for it and was not refused so far: also for a group, and also one who is away. */
  readonly isAsked: boolean
  /** Others than those expected may get it. */
  readonly hasOthers: boolean
}

const NOBODY: TopicSubscribers = { expected: new FewMap(), isAsked: false, hasOthers: false }
const ANYBODY: TopicSubscribers = { expected: undefined, isAsked: true, hasOthers: true }

/** One broker, by its address and port. */
export class Broker {
  readonly filters = new Filters()
  /** By topic. */
  readonly known = new Map<number, TopicSubscribers>()
  /** By the filters that match: topics that the same filters match have the same subscribers. */
  readonly sets = new Map<string, TopicSubscribers>()
  /** It delivers what no subscription in the capture asks for: anything may be asked for. */
  isOpen = false
}

/** Clients that are one receiver over their reconnects; of more each connection is one. */
const MOST_RECEIVERS = 100_000

/** The two ends of a stream, looked up for each message on it. */
export interface Ends {
  readonly broker: Broker
  /** A number for the client, over its reconnects too, as long as it goes by this name. */
  receiver: number
  clientId: string | undefined
  /** The connection on it that changed last. */
  connection: Connection | undefined
}

export class Subscribers {
  private readonly brokers = new Map<string, Broker>()
  private readonly elsewhere = new Broker()
  private readonly ends = new WeakMap<Stream, Ends>()
  /** Connections whose subscriptions may have changed since the filters were brought up to date. */
  private readonly changed = new Set<Connection>()
  private readonly members = new Map<Connection, FewMap<string, Entry>>()
  private readonly receivers = new Map<string, number>()
  private levels = 0
  /** Subscribers in the sets of all brokers. */
  private remembered = 0
  private readonly work = new Work()

  constructor() {
    this.elsewhere.isOpen = true
  }

  /** The connection or its subscriptions have changed, or do so with the packet at hand. */
  change(connection: Connection): void {
    this.changed.add(connection)
    if (connection.clientSide !== -1) this.endsOf(connection.stream, brokerSide(connection)).connection = connection
  }

  /** A side of the connection has ended. */
  left(stream: Stream): void {
    const connection = this.ends.get(stream)?.connection
    if (connection !== undefined) this.changed.add(connection)
  }

  /**
   * Returns who receives `topic` at `broker`. The object is cached: do not change it. `text` is undefined if the topic was not
   * interned.
   */
  of(broker: Broker, topic: number, text: string | undefined): TopicSubscribers {
    if (this.changed.size > 0) this.catchUp()
    if (broker === this.elsewhere || text === undefined) return ANYBODY
    this.work.earn()
    const known = broker.known.get(topic)
    if (known !== undefined) return known
    const found = this.levels === 0 ? NOBODY : this.search(broker, text)
    // A later packet may find the work for it.
    if (found === undefined) return ANYBODY
    if (broker.known.size >= MOST_TOPICS) broker.known.clear()
    if (topic !== OVERFLOW) broker.known.set(topic, found)
    return found
  }

  /** Returns undefined where there are more filters or subscribers than may be looked at now. */
  private search(broker: Broker, topic: string): TopicSubscribers | undefined {
    const { filters } = broker
    // One search more of the kind that cost most so far: a search that stops half way costs and finds nothing.
    if (!this.work.allows(filters.mostVisited)) return undefined
    const leaves = filters.matching(topic)
    this.work.spend(filters.visited)
    if (leaves === undefined) return ANYBODY
    const key = leaves.map(({ id }) => id).join()
    const known = broker.sets.get(key)
    if (known !== undefined) return known
    const size = leaves.reduce((sum, { entries }) => sum + entries.size, 0)
    if (!this.work.spend(size)) return undefined
    if (this.remembered + size > MOST_REMEMBERED) for (const other of this.brokers.values()) this.forgetSets(other)
    const found = subscribersOf(leaves)
    broker.sets.set(key, found)
    this.remembered += found.expected?.size ?? 0
    return found
  }

  private forgetSets({ known, sets }: Broker): void {
    known.clear()
    for (const { expected } of sets.values()) this.remembered -= expected?.size ?? 0
    sets.clear()
  }

  /** `side`: of the broker. */
  endsOf(stream: Stream, side: Side): Ends {
    const { clientId } = stream
    let found = this.ends.get(stream)
    if (found === undefined) {
      const broker = this.broker(stream.flow.endpoint(side))
      found = { broker, receiver: this.receiverOf(stream), clientId, connection: undefined }
      this.ends.set(stream, found)
    } else if (found.clientId !== clientId) {
      found.clientId = clientId
      found.receiver = this.receiverOf(stream)
    }
    return found
  }

  private receiverOf({ clientId = '', flow }: Stream): number {
    const known = clientId === '' ? undefined : this.receivers.get(clientId)
    if (known !== undefined) return known
    if (clientId === '' || this.receivers.size >= MOST_RECEIVERS) return -1 - flow.index
    this.receivers.set(clientId, this.receivers.size + 1)
    return this.receivers.size
  }

  private broker(endpoint: string): Broker {
    const known = this.brokers.get(endpoint)
    if (known !== undefined) return known
    if (this.brokers.size >= MOST_BROKERS) return this.elsewhere
    const broker = new Broker()
    this.brokers.set(endpoint, broker)
    return broker
  }

  private catchUp(): void {
    for (const connection of this.changed) this.update(connection)
    this.changed.clear()
  }

  private update(connection: Connection): void {
    if (connection.clientSide === -1) return
    const broker = this.endsOf(connection.stream, brokerSide(connection)).broker
    if (connection.previous !== undefined) this.forget(connection.previous)
    if (!connection.stands && !connection.isKept) this.forget(connection)
    else this.note(connection, broker)
    this.forgetSets(broker)
  }

  /** What it has asked for since, and what it has given up. */
  private note(connection: Connection, broker: Broker): void {
    const { subscriptions } = connection.session
    if (subscriptions.size === 0 && !this.members.has(connection)) return
    if (subscriptions.size > MOST_OF_SESSION) broker.isOpen = true
    const entries = this.members.get(connection) ?? new FewMap<string, Entry>()
    this.members.set(connection, entries)
    for (const [filter, entry] of [...entries]) if (!subscriptions.has(filter)) this.drop(entry, entries, broker)
    for (const [filter, subscription] of subscriptions) {
      if (entries.size >= MOST_OF_SESSION) break
      if (!entries.has(filter)) this.add({ connection, filter }, subscription, entries, broker)
    }
  }

  private add(entry: Entry, subscription: Subscription, entries: FewMap<string, Entry>, broker: Broker): void {
    const depth = depthOf(entry.filter)
    if (subscription.pattern === undefined || this.levels + depth > MOST_LEVELS) {
      broker.isOpen = true
      return
    }
    this.levels += depth
    entries.set(entry.filter, entry)
    broker.filters.add(pathOf(entry.filter), entry)
  }

  private drop(entry: Entry, entries: FewMap<string, Entry>, broker: Broker): void {
    this.levels -= depthOf(entry.filter)
    entries.delete(entry.filter)
    broker.filters.delete(pathOf(entry.filter), entry)
  }

  private forget(connection: Connection): void {
    const entries = this.members.get(connection)
    if (entries === undefined) return
    const broker = this.endsOf(connection.stream, brokerSide(connection)).broker
    for (const entry of [...entries.values()]) this.drop(entry, entries, broker)
    this.members.delete(connection)
    this.forgetSets(broker)
  }
}

/** Returns the granted subscriptions of the session that match the topic, those of groups too. */
export const matching = (connection: Connection, topic: Uint8Array): readonly Subscription[] =>
  [...connection.session.subscriptions.values()].filter(({ pattern, granted = FIRST_FAILURE, before }) => {
    if (pattern === undefined || (granted >= FIRST_FAILURE && before === -1)) return false
    return matchesFilter(pattern, 0, pattern.length, topic, 0, topic.length)
  })

export const isShared = (filter: string): boolean => filter.startsWith('$share/')

const pathOf = (filter: string): string => filter.replace(/^\$share\/[^/]*\//, '')
const depthOf = (filter: string): number => filter.split('/').length
const brokerSide = ({ clientSide }: Connection): Side => (clientSide === 1 ? 0 : 1)

function subscribersOf(leaves: readonly Leaf[]): TopicSubscribers {
  const found = new FewMap<Connection, Subscriber>()
  let isAsked = false
  let hasOthers = false
  for (const { connection, filter } of leaves.flatMap(({ entries }) => [...entries.values()])) {
    const subscription = connection.session.subscriptions.get(filter)
    const granted = subscription?.granted ?? 0
    if (subscription === undefined || (granted >= FIRST_FAILURE && subscription.before === -1)) continue
    isAsked = true
    if (!isSure(connection, subscription) || isShared(filter)) {
      hasOthers = true
      continue
    }
    const known = found.get(connection)
    const isKept = connection.isBridge || (subscription.options & SubscriptionOption.noLocal) !== 0
    const noLocal = isKept && known?.noLocal !== false
    const by = [...(known?.by ?? []), subscription]
    found.set(connection, { connection, qos: Math.max(granted, known?.qos ?? 0), noLocal, by })
    if (found.size > MOST_SUBSCRIBERS) return ANYBODY
  }
  return { expected: found, isAsked, hasOthers }
}

/** True if the subscription is in force for sure: CONNECT and CONNACK were seen, it was granted, and there is no gap. */
function isSure(connection: Connection, { granted = FIRST_FAILURE }: Subscription): boolean {
  const { connect, connack, firstPacket, stream, hasGap } = connection
  if (granted >= FIRST_FAILURE || !connection.stands || hasGap) return false
  return connect > 0 && connack > 0 && (!stream.midStream || connect === firstPacket)
}
