/**
 * What a broker keeps of a client beyond one connection: its subscriptions (MQTT 5 §4.1). A connection that resumes a
 * session has the very object that the connection before it has. An object that more than one connection has never changes:
 * a change returns another one. So every connection shows the session as it left it, and those without one share `NONE`.
 */
import { FewMap, type ReadonlyFewMap } from '../base/few.ts'
import { SubscriptionOption, type Version } from '../mqtt/spec.ts'

/** Subscriptions remembered of a session, so that no client can fill the memory; more are counted only. */
const MOST_SUBSCRIPTIONS = 10_000

export interface Subscription {
  readonly filter: string
  /** The filter's bytes, behind `$share/name/`; undefined if it is malformed and so matches nothing for sure. */
  readonly pattern: Uint8Array | undefined
  readonly options: number
  /** Code of the SUBACK; undefined while none was seen. */
  granted: number | undefined
  /** Code granted by an earlier SUBSCRIBE to the same filter; -1 for none. Messages received by then may still come. */
  before: number
  /** Packet of the SUBSCRIBE. */
  readonly packet: number
  /** Seconds since the capture began at which UNSUBSCRIBE came; NaN for none. */
  until: number
  /** Subscription Identifier; 0 for none. */
  readonly identifier: number
}

export class Session {
  static readonly NONE: Session = new Session().shared()

  /** Subscriptions that are not remembered because there were too many. */
  omitted = 0
  /** Some subscription has or had an identifier, or No Local. */
  hasIdentifiers = false
  hasNoLocal = false
  private readonly filters: FewMap<string, Subscription>
  private isShared = false

  private constructor(filters?: FewMap<string, Subscription>) {
    this.filters = new FewMap(filters)
  }

  /** The subscriptions that stand, by filter. */
  get subscriptions(): ReadonlyFewMap<string, Subscription> {
    return this.filters
  }

  /** Returns this object for one more connection; it does not change any more. */
  shared(): this {
    this.isShared = true
    return this
  }

  /** Returns the session with `subscription`, which replaces one to the same filter. `version`: the one it was asked for in. */
  with(subscription: Subscription, version: Version): Session {
    const own = this.own()
    const { filter, options, identifier } = subscription
    const known = own.filters.get(filter)
    if (known === undefined && own.filters.size >= MOST_SUBSCRIPTIONS) own.omitted++
    else {
      own.filters.set(filter, known === undefined ? subscription : replacing(known, subscription))
      if (identifier > 0) own.hasIdentifiers = true
      if (version === 5 && (options & SubscriptionOption.noLocal) !== 0) own.hasNoLocal = true
    }
    return own
  }

  /** Returns the session without a subscription to `filter`. */
  without(filter: string): Session {
    if (!this.filters.has(filter)) return this
    const own = this.own()
    own.filters.delete(filter)
    return own
  }

  /** Returns an object that may be changed: this one, or a copy of it if it is shared. */
  private own(): Session {
    if (!this.isShared) return this
    const own = new Session(this.filters)
    own.omitted = this.omitted
    own.hasIdentifiers = this.hasIdentifiers
    own.hasNoLocal = this.hasNoLocal
    return own
  }
}

/** Returns `subscription` with the codes that were granted to `known`, which it replaces. */
const replacing = (known: Subscription, subscription: Subscription): Subscription => ({
  ...subscription,
  before: Math.max(subscription.before, known.before, known.granted ?? -1),
})
