/** Wills: published when a connection breaks, and only then, as far as a subscriber in the capture shows. */
import { equalBytes } from '../../base/bytes.ts'
import { Slot } from '../../mqtt/fields.ts'
import { PublishFlag } from '../../mqtt/spec.ts'
import { matchesFilter } from '../../mqtt/topic.ts'
import type { PacketRecord } from '../../store/record.ts'
import type { Connection, Will } from '../connection.ts'
import type { Rule } from '../rules.ts'
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
      'The connection ended without DISCONNECT and a client in the capture was subscribed to the will topic, but received nothing. Access rules of the broker may be the reason.',
  },
  afterDisconnect: {
    id: 'will.after_disconnect',
    v4: '3.14.4-3',
    v5: '3.14.4-3',
    level: 'warning',
    title: 'Will published after DISCONNECT',
    explanation: 'DISCONNECT discards the will. A client outside the capture may have published an equal message.',
  },
} as const satisfies Record<string, Rule>

/** Wills of connections that stand; those of more are not looked for. */
const MOST_STANDING = 10_000
/** Wills of connections that are over; the oldest is forgotten beyond it. They are gone through when a subscriber leaves. */
const MOST_ENDED = 256
/** Seconds a broker is given to publish a will, and after which a copy has another origin. */
const PATIENCE = 5
const HORIZON = 60

interface Awaited {
  readonly connection: Connection
  readonly will: Will
  readonly key: number
  readonly topic: Uint8Array
  /** When it is to be published at the earliest; NaN as long as the connection stands. */
  due: number
  isDue: boolean
  isSettled: boolean
  /** A packet of the broker that looks like it, and when it came: the end of a connection may be known later. */
  candidate: number
  candidateTime: number
  candidateTo: Connection | undefined
}

const encoder = new TextEncoder()

/** Two sizes in one number: most messages are told apart from a will by them. */
const keyOf = (topicSize: number, payloadSize: number): number => topicSize * 0x10000 + (payloadSize & 0xffff)

export class Wills {
  private readonly bySize = new Map<number, Set<Awaited>>()
  private readonly byConnection = new Map<Connection, Awaited>()
  private over: Awaited[] = []

  /** The client is in, with its will. */
  accepted(connection: Connection): void {
    const { will } = connection
    if (will === undefined || this.byConnection.size >= MOST_STANDING) return
    const topic = encoder.encode(will.topic)
    const key = keyOf(topic.length, will.payload.length)
    const nothing = {
      due: Number.NaN,
      isDue: false,
      isSettled: false,
      candidate: 0,
      candidateTime: Number.NaN,
      candidateTo: undefined,
    }
    const awaited: Awaited = { connection, will, key, topic, ...nothing }
    this.byConnection.set(connection, awaited)
    const alike = this.bySize.get(key)
    if (alike === undefined) this.bySize.set(key, new Set([awaited]))
    else alike.add(awaited)
  }

  /** Of each PUBLISH; most are not of the size of any will. */
  publish(context: Context, tracker: Tracker): void {
    if (this.bySize.size === 0) return
    const { packet } = context.record
    if (!packet.has(Slot.topic) || !packet.has(Slot.payload)) return
    const topicSize = packet.end(Slot.topic) - packet.start(Slot.topic)
    const alike = this.bySize.get(keyOf(topicSize, packet.end(Slot.payload) - packet.start(Slot.payload)))
    if (alike === undefined) return
    const same = [...alike].filter(awaited => isSame(awaited, context))
    if (same.length > 0) this.onCandidate(same, context, tracker)
  }

  ended(connection: Connection, tracker: Tracker): void {
    this.missed(connection, tracker)
    const awaited = this.byConnection.get(connection)
    if (awaited === undefined) return
    this.byConnection.delete(connection)
    const { will } = awaited
    if (will.state !== 'due' && will.state !== 'discarded') return this.forget(awaited)
    awaited.isDue = will.state === 'due'
    const most = connection.version === 5 ? (connection.expiry ?? 0) : 0
    awaited.due = (connection.ending?.time ?? tracker.now) + Math.min(will.delay, most)
    this.over.push(awaited)
    if (this.over.length > MOST_ENDED) this.forget(this.over.shift())
    const last = connection.peer(connection.clientSide === 1 ? 1 : 0).lastTime
    if (awaited.candidateTo !== undefined && awaited.candidateTime >= last) {
      if (awaited.isDue) this.report(awaited, awaited.candidateTo, awaited.candidate, tracker)
      if (awaited.isDue) this.dropCandidate(awaited)
    }
  }

  /** Back before its delay was over, so it is not published. `[MQTT-3.1.3-9]` */
  connected(clientId: string | undefined, now: number): void {
    if (this.over.length === 0) return
    for (const awaited of this.over) {
      const isBack = awaited.connection.clientId === clientId && awaited.due > now
      if (isBack || awaited.due + HORIZON < now) this.forget(awaited)
    }
    this.over = this.over.filter(awaited => this.bySize.get(awaited.key)?.has(awaited) === true)
  }

  private forget(awaited: Awaited | undefined): void {
    if (awaited === undefined) return
    const alike = this.bySize.get(awaited.key)
    alike?.delete(awaited)
    if (alike?.size === 0) this.bySize.delete(awaited.key)
  }

  /** A packet that looks like each of these wills is that of a broken connection before it is that of another. */
  private onCandidate(same: readonly Awaited[], context: Context, tracker: Tracker): void {
    const { record, connection, time } = context
    if (record.side === connection.clientSide) {
      // A client publishes the same: its copies cannot be told from the will.
      for (const awaited of same) awaited.isSettled = true
      return
    }
    const isStored = isRetained(record)
    // What the broker had stored when the client subscribed says nothing of when it was published.
    if (isStored && !(connection.subscribed < time - PATIENCE)) return
    const recent = same.filter(({ due }) => !(time >= due + HORIZON))
    const due = recent.find(awaited => awaited.isDue && !awaited.isSettled)
    const standing = recent.filter(awaited => Number.isNaN(awaited.due) && !awaited.isSettled)
    if (due !== undefined) return this.report(due, connection, record.number, tracker)
    for (const awaited of standing) {
      awaited.candidate = record.number
      awaited.candidateTime = time
      awaited.candidateTo = connection
    }
    const [first] = recent
    const isOther = standing.length > 0 || isStored || recent.some(({ isSettled }) => isSettled)
    if (first !== undefined && !isOther) this.report(first, connection, record.number, tracker)
  }

  /** The packet was this will's: it is none of another one that looks the same. */
  private dropCandidate({ key, candidate }: Awaited): void {
    for (const other of this.bySize.get(key) ?? []) if (other.candidate === candidate) other.candidateTo = undefined
  }

  private report(awaited: Awaited, to: Connection, packet: number, tracker: Tracker): void {
    const { will, isDue, connection } = awaited
    if (awaited.isSettled) return
    awaited.isSettled = true
    const of = `the will of ${connection.clientId} (packet ${connection.connect})`
    if (!isDue) return tracker.report(WILL_RULES.afterDisconnect, to, packet, `${of}, which DISCONNECT discarded`)
    will.state = 'fired'
    will.packet = packet
    tracker.report(WILL_RULES.fired, to, packet, `${of} is published`)
  }

  /** A subscriber leaves: was there a will that should have come to it? */
  private missed(subscriber: Connection, tracker: Tracker): void {
    if (subscriber.session.subscriptions.size === 0 || !subscriber.knowsSubscriptions) return
    const end = subscriber.ending?.time ?? tracker.now
    for (const awaited of this.over) {
      const { connection, will, due, isDue, topic } = awaited
      if (!isDue || awaited.isSettled || !(due + PATIENCE < end)) continue
      if (!(subscriber.subscribed < due - PATIENCE) || !isSubscribed(subscriber, topic)) continue
      // Its client may have taken the will back.
      if (connection.mayHaveLeft(connection.clientSide === 1 ? 1 : 0)) continue
      awaited.isSettled = true
      const message = `${subscriber.clientId} was subscribed to ${will.topic} and received nothing`
      tracker.report(WILL_RULES.notFired, connection, connection.connect, message)
    }
  }
}

const isRetained = ({ packet }: PacketRecord): boolean => (packet.value(Slot.flags) & PublishFlag.retain) !== 0

function isSame({ topic, will }: Awaited, { record }: Context): boolean {
  const { packet, raw } = record
  const payload = will.payload
  return (
    equalBytes(topic, 0, raw.bytes, packet.start(Slot.topic), topic.length) &&
    equalBytes(payload, 0, raw.bytes, packet.start(Slot.payload), payload.length)
  )
}

const isSubscribed = (connection: Connection, topic: Uint8Array): boolean =>
  [...connection.session.subscriptions.values()].some(({ pattern, granted, filter }) => {
    // A group gives each message to one of its members.
    if (pattern === undefined || granted === undefined || granted > 2 || filter.startsWith('$share/')) return false
    return matchesFilter(pattern, 0, pattern.length, topic, 0, topic.length)
  })
