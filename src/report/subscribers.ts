/** Who is to get a message, as far as the capture shows it: sessions seen from their CONNECT on, with granted filters. */
import { matchesFilter } from '../mqtt/topic.ts'
import type { Session, Subscription } from '../session/session.ts'
import type { Tracker } from '../session/tracker.ts'

/** Topics whose subscribers are remembered until a subscription changes. */
const MOST_TOPICS = 10_000
/** Filters held against one topic; beyond it nobody says who is to get it: a broker with a million has another report. */
export const MOST_FILTERS = 20_000

const REFUSED = 0x80
const NO_LOCAL = 0x04
const SHARED = /^\$share\//

export interface Subscriber {
  readonly session: Session
  /** The highest QoS that was granted. */
  readonly qos: number
  /** Its own messages do not come back. */
  readonly noLocal: boolean
}

const encoder = new TextEncoder()

export class Subscribers {
  private readonly tracker: Tracker
  /** By broker and topic; undefined where there are too many to look at. */
  private readonly known = new Map<string, readonly Subscriber[] | undefined>()
  private readonly filters = new WeakMap<Subscription, Uint8Array>()

  constructor(tracker: Tracker) {
    this.tracker = tracker
  }

  /** A subscription or a session has come or gone. */
  changed(): void {
    if (this.known.size > 0) this.known.clear()
  }

  /** `server`: the broker's end of the connection it was published on. The list is shared: it is not to be changed. */
  of(topic: string, server: string): readonly Subscriber[] | undefined {
    const key = `${server} ${topic}`
    if (this.known.has(key)) return this.known.get(key)
    const found = this.find(topic, server)
    if (this.known.size >= MOST_TOPICS) this.known.clear()
    this.known.set(key, found)
    return found
  }

  /** The subscriptions of one session that take the topic; shared ones do not count. */
  matching(session: Session, topic: Uint8Array): readonly Subscription[] {
    return [...session.subscriptions.values()].filter(subscription => this.takes(subscription, topic))
  }

  private find(topic: string, server: string): readonly Subscriber[] | undefined {
    const bytes = encoder.encode(topic)
    const found: Subscriber[] = []
    let looks = 0
    for (const session of this.tracker.standing) {
      looks += 1 + session.subscriptions.size
      if (looks > MOST_FILTERS) return undefined
      // Without its CONNECT, and the answers to all it asked for, nobody knows what it is to get.
      if (!session.isWhole || session.connack === 0 || serverOf(session) !== server) continue
      const subscriptions = this.matching(session, bytes)
      if (subscriptions.length === 0) continue
      const qos = Math.max(...subscriptions.map(({ granted }) => granted ?? 0))
      found.push({ session, qos, noLocal: subscriptions.every(({ options }) => (options & NO_LOCAL) !== 0) })
    }
    return found
  }

  private takes(subscription: Subscription, topic: Uint8Array): boolean {
    const { filter, granted = REFUSED } = subscription
    if (granted >= REFUSED || SHARED.test(filter)) return false
    const bytes = this.filters.get(subscription) ?? encoder.encode(filter)
    this.filters.set(subscription, bytes)
    return matchesFilter(bytes, 0, bytes.length, topic, 0, topic.length)
  }
}

const serverOf = ({ connection, clientSide }: Session): string => connection.flow.endpoint(clientSide === 1 ? 0 : 1)
