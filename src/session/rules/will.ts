/** Wills: published when a connection breaks, and only then, as far as a subscriber in the capture shows. */

import { equalBytes } from '../../bytes.ts'
import { Slot } from '../../mqtt/fields.ts'
import { matchesFilter } from '../../mqtt/topic.ts'
import type { Rule } from '../rules.ts'
import type { Session, Will } from '../session.ts'
import type { Context, Tracker } from '../tracker.ts'

export const WILL_RULES = {
  fired: {
    id: 'will.fired',
    level: 'note',
    title: 'Will published',
    explanation: 'The connection of this client ended without DISCONNECT, and the broker published its will.',
  },
  notFired: {
    id: 'will.not_fired',
    v4: '3.1.2-8',
    v5: '3.1.2-8',
    level: 'warning',
    title: 'Will not published',
    explanation:
      'The connection ended without DISCONNECT and a client in the capture was subscribed to the topic of the will, but nothing came. Access rules of the broker may be the reason.',
  },
  afterDisconnect: {
    id: 'will.after_disconnect',
    v4: '3.14.4-3',
    v5: '3.14.4-3',
    level: 'warning',
    title: 'Will published after DISCONNECT',
    explanation: 'A DISCONNECT takes the will back. Somebody else may have published the same, unseen by the capture.',
  },
} as const satisfies Record<string, Rule>

/** Wills waited for at a time; beyond it the oldest is forgotten. They are gone through when a subscriber leaves. */
const MOST_AWAITED = 256
/** Seconds a broker is given to publish a will, and after which a copy has another origin. */
const PATIENCE = 5
const HORIZON = 60

interface Awaited {
  readonly session: Session
  readonly will: Will
  /** When it is to be published at the earliest. */
  readonly due: number
  readonly isDue: boolean
  readonly topic: Uint8Array
  told: boolean
}

const encoder = new TextEncoder()

export class Wills {
  private awaited: Awaited[] = []

  /** Of each PUBLISH; nobody waits for a will most of the time. */
  publish(context: Context, tracker: Tracker): void {
    if (this.awaited.length > 0) this.compare(context, tracker)
  }

  ended(session: Session, tracker: Tracker): void {
    this.missed(session, tracker)
    const { will } = session
    if (will === undefined || (will.state !== 'due' && will.state !== 'discarded')) return
    const delay = Math.min(will.delay, session.version === 5 ? (session.expiry ?? 0) : 0)
    const due = tracker.now + delay
    const topic = encoder.encode(will.topic)
    this.awaited.push({ session, will, due, isDue: will.state === 'due', topic, told: false })
    if (this.awaited.length > MOST_AWAITED) this.awaited.shift()
  }

  /** Back before its delay was over, so it is not published. `[MQTT-3.1.3-9]` */
  connected(clientId: string | undefined, now: number): void {
    if (this.awaited.length === 0) return
    this.awaited = this.awaited.filter(({ session, due }) => session.clientId !== clientId || due <= now)
  }

  private compare(context: Context, tracker: Tracker): void {
    const { record, session, time } = context
    const { packet, raw } = record
    this.awaited = this.awaited.filter(({ due }) => due + HORIZON > time)
    if (!packet.has(Slot.topic) || !packet.has(Slot.payload)) return
    const start = packet.start(Slot.topic)
    const size = packet.end(Slot.topic) - start
    const found = this.awaited.find(({ topic, will }) => {
      const isTopic = topic.length === size && equalBytes(topic, 0, raw.bytes, start, size)
      return isTopic && isPayload(will, context)
    })
    if (found === undefined) return
    // Another client publishes the same: its copies cannot be told from the will.
    if (record.side === session.clientSide) this.awaited.splice(this.awaited.indexOf(found), 1)
    else if (!found.told) this.fired(found, context, tracker)
  }

  private fired(awaited: Awaited, { record, session }: Context, tracker: Tracker): void {
    const { will, isDue } = awaited
    awaited.told = true
    const of = `the will of ${awaited.session.clientId} (packet ${awaited.session.connect})`
    if (isDue) {
      will.state = 'fired'
      will.packet = record.number
      tracker.find(WILL_RULES.fired, session, record.number, `${of} is published`)
    } else tracker.find(WILL_RULES.afterDisconnect, session, record.number, `${of}, which was taken back`)
  }

  /** A subscriber leaves: was there a will that should have come to it? */
  private missed(subscriber: Session, tracker: Tracker): void {
    if (subscriber.subscriptions.size === 0 || !subscriber.knowsSubscriptions) return
    for (const awaited of this.awaited) {
      const { session, will, due, isDue, topic } = awaited
      if (!isDue || awaited.told || will.state === 'fired' || due + PATIENCE > tracker.now) continue
      if (!(subscriber.subscribed < due - PATIENCE) || !isSubscribed(subscriber, topic)) continue
      awaited.told = true
      const message = `${subscriber.clientId} was subscribed to ${will.topic} and got nothing`
      tracker.find(WILL_RULES.notFired, session, session.connect, message)
    }
  }
}

function isPayload(will: Will, { record }: Context): boolean {
  const { packet, raw } = record
  const start = packet.start(Slot.payload)
  const size = packet.end(Slot.payload) - start
  return size === will.payload.length && equalBytes(will.payload, 0, raw.bytes, start, size)
}

const isSubscribed = (session: Session, topic: Uint8Array): boolean =>
  [...session.subscriptions.values()].some(({ pattern, granted, filter }) => {
    // A group gives each message to one of its members.
    if (pattern === undefined || granted === undefined || granted > 2 || filter.startsWith('$share/')) return false
    return matchesFilter(pattern, 0, pattern.length, topic, 0, topic.length)
  })
