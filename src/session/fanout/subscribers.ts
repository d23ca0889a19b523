/** Who may get a message, and who is to get it for sure, as far as the capture shows it. */

import { OVERFLOW } from '../../base/strings.ts'
import { FIRST_FAILURE, SubscriptionOption } from '../../mqtt/spec.ts'
import { matchesFilter } from '../../mqtt/topic.ts'
import type { Side, Stream } from '../../store/record.ts'
import type { Connection } from '../connection.ts'
import type { Subscription } from '../session.ts'
import { type Entry, Filters } from './filters.ts'

/** Topics of one broker whose subscribers are remembered until a subscription changes. */
const MOST_TOPICS = 10_000
/** Subscribers of one topic; beyond it nobody says who is to get it: a broker with a million has another report. */
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
  /** Its own messages do not come back. */
  readonly noLocal: boolean
}

export type Expected = ReadonlyMap<Connection, Subscriber>

/** What is known of the subscriptions to one topic. */
export interface Takers {
  /** Sessions seen from their CONNECT on, with granted filters; undefined where there are too many. */
  readonly expected: Expected | undefined
  /** Somebody has asked for it and was not refused so far: also for a group, and also one who is away. */
  readonly isAsked: boolean
}

const NOBODY: Takers = { expected: new Map(), isAsked: false }
const ANYBODY: Takers = { expected: undefined, isAsked: true }

/** One broker, by its address and port. */
export class Broker {
  readonly filters = new Filters()
  readonly known = new Map<number, Takers>()
  /** It delivers what no subscription in the capture asks for: anything may be asked for. */
  isOpen = false
}

/** Clients that are one receiver over their reconnects; of more each connection is one. */
const MOST_RECEIVERS = 100_000

/** What is looked up for each message of a connection. */
export interface Place {
  readonly broker: Broker
  /** A number for the client, over its reconnects too, as long as it goes by this name. */
  receiver: number
  clientId: string | undefined
  /** The session last marked on it. */
  connection: Connection | undefined
}

export class Subscribers {
  private readonly brokers = new Map<string, Broker>()
  private readonly elsewhere = new Broker()
  private readonly places = new WeakMap<Stream, Place>()
  /** Sessions whose subscriptions may have changed since they were last looked at. */
  private readonly changed = new Set<Connection>()
  private readonly members = new Map<Connection, Map<string, Entry>>()
  private readonly receivers = new Map<string, number>()
  private levels = 0

  constructor() {
    this.elsewhere.isOpen = true
  }

  /** A session or its subscriptions have changed, or do so with the packet at hand. */
  change(connection: Connection): void {
    this.changed.add(connection)
    if (connection.clientSide !== -1) this.placeOf(connection.stream, brokerSide(connection)).connection = connection
  }

  /** A side of the connection has ended. */
  left(stream: Stream): void {
    const connection = this.places.get(stream)?.connection
    if (connection !== undefined) this.changed.add(connection)
  }

  /** They are shared. `text`: undefined where there were too many topics to keep. */
  of(broker: Broker, topic: number, text: string | undefined): Takers {
    if (this.changed.size > 0) this.catchUp()
    if (broker === this.elsewhere || text === undefined) return ANYBODY
    const known = broker.known.get(topic)
    if (known !== undefined) return known
    const found = this.levels === 0 ? NOBODY : takersOf(broker.filters, text)
    if (broker.known.size >= MOST_TOPICS) broker.known.clear()
    if (topic !== OVERFLOW) broker.known.set(topic, found)
    return found
  }

  /** `side`: of the broker. */
  placeOf(stream: Stream, side: Side): Place {
    const { clientId } = stream
    let place = this.places.get(stream)
    if (place === undefined) {
      const broker = this.broker(stream.flow.endpoint(side))
      place = { broker, receiver: this.receiverOf(stream), clientId, connection: undefined }
      this.places.set(stream, place)
    } else if (place.clientId !== clientId) {
      place.clientId = clientId
      place.receiver = this.receiverOf(stream)
    }
    return place
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
    const broker = this.placeOf(connection.stream, brokerSide(connection)).broker
    if (connection.previous !== undefined) this.forget(connection.previous)
    if (!connection.stands && !connection.isKept) this.forget(connection)
    else this.note(connection, broker)
    broker.known.clear()
  }

  /** What it has asked for since, and what it has given up. */
  private note(connection: Connection, broker: Broker): void {
    const { subscriptions } = connection.session
    if (subscriptions.size === 0 && !this.members.has(connection)) return
    if (subscriptions.size > MOST_OF_SESSION) broker.isOpen = true
    const entries = this.members.get(connection) ?? new Map<string, Entry>()
    this.members.set(connection, entries)
    for (const [filter, entry] of entries) if (!subscriptions.has(filter)) this.drop(entry, entries, broker)
    for (const [filter, subscription] of subscriptions) {
      if (entries.size >= MOST_OF_SESSION) break
      if (!entries.has(filter)) this.add({ connection, filter }, subscription, entries, broker)
    }
  }

  private add(entry: Entry, subscription: Subscription, entries: Map<string, Entry>, broker: Broker): void {
    const depth = depthOf(entry.filter)
    if (subscription.pattern === undefined || this.levels + depth > MOST_LEVELS) {
      broker.isOpen = true
      return
    }
    this.levels += depth
    entries.set(entry.filter, entry)
    broker.filters.add(pathOf(entry.filter), entry)
  }

  private drop(entry: Entry, entries: Map<string, Entry>, broker: Broker): void {
    this.levels -= depthOf(entry.filter)
    entries.delete(entry.filter)
    broker.filters.delete(pathOf(entry.filter), entry)
  }

  private forget(connection: Connection): void {
    const entries = this.members.get(connection)
    if (entries === undefined) return
    const broker = this.placeOf(connection.stream, brokerSide(connection)).broker
    for (const entry of [...entries.values()]) this.drop(entry, entries, broker)
    this.members.delete(connection)
    broker.known.clear()
  }
}

/** The subscriptions of one session that take the topic, those of groups too. */
export const matching = (connection: Connection, topic: Uint8Array): readonly Subscription[] =>
  [...connection.session.subscriptions.values()].filter(({ pattern, granted = FIRST_FAILURE, before }) => {
    if (pattern === undefined || (granted >= FIRST_FAILURE && before === -1)) return false
    return matchesFilter(pattern, 0, pattern.length, topic, 0, topic.length)
  })

export const isShared = (filter: string): boolean => filter.startsWith('$share/')

const pathOf = (filter: string): string => filter.replace(/^\$share\/[^/]*\//, '')
const depthOf = (filter: string): number => filter.split('/').length
const brokerSide = ({ clientSide }: Connection): Side => (clientSide === 1 ? 0 : 1)

function takersOf(filters: Filters, topic: string): Takers {
  const found = new Map<Connection, Subscriber>()
  let isAsked = false
  for (const { connection, filter } of filters.taking(topic)) {
    const subscription = connection.session.subscriptions.get(filter)
    const granted = subscription?.granted ?? 0
    if (subscription === undefined || (granted >= FIRST_FAILURE && subscription.before === -1)) continue
    isAsked = true
    if (!isSure(connection, subscription) || isShared(filter)) continue
    const known = found.get(connection)
    const noLocal = (subscription.options & SubscriptionOption.noLocal) !== 0 && known?.noLocal !== false
    found.set(connection, { connection, qos: Math.max(granted, known?.qos ?? 0), noLocal })
    if (found.size > MOST_SUBSCRIBERS) return ANYBODY
  }
  return { expected: found, isAsked }
}

/** Without its CONNECT, and the answers to all it asked for, nobody knows what it is to get. What it waits for just now may come. */
function isSure(connection: Connection, { granted = FIRST_FAILURE }: Subscription): boolean {
  const { connect, connack, firstPacket, stream, hasGap } = connection
  if (granted >= FIRST_FAILURE || !connection.stands || hasGap) return false
  return connect > 0 && connack > 0 && (!stream.midStream || connect === firstPacket)
}
