/** What the rules keep in mind of a session. */

import type { Delivered } from './rules/delivered.ts'
import type { Subscription } from './session.ts'

/** Topics remembered of a session with what its subscriptions say of them; then no more are looked at. */
export const MOST_TOPICS = 10_000

/** A message of the client itself. */
export interface Own {
  readonly topic: number
  readonly payload: Uint8Array
  readonly time: number
  readonly packet: number
}

export class RuleState {
  /** By packet type: what the newest acknowledgement of the client answered, as a packet number. */
  readonly newest: [number, number, number] = [0, 0, 0]
  /** By topic: the highest QoS it may be delivered at, or one of the marks in `rules/delivery.ts`. */
  reach: Map<number, number> | undefined = undefined
  /** The subscriptions in a list. */
  patterns: readonly Subscription[] | undefined = undefined
  /** Topics that were delivered without a subscription, and told. */
  told: Set<number> | undefined = undefined
  /** The newest message sent again after a reconnect, by the packet that sent it first. */
  newestResent = 0
  /** What the client published last, where it asks not to get it back: topics, sizes and times. */
  own: Own[] | undefined = undefined
  /** Filters given up. */
  givenUp: Uint8Array[] = []
  /** By side: the message that was refused last. */
  readonly refusedId: [number, number] = [0, 0]
  readonly refusedFingerprint: [number, number] = [0, 0]
  /** Id of the PUBREL that belongs to no message, by side. */
  readonly strayRelease: [number, number] = [0, 0]
  /** Retained messages that are to come, by topic: packet of the SUBSCRIBE. */
  retained: Map<number, number> | undefined = undefined
  /** Some of its subscriptions are those of a group. */
  hasGroups: boolean | undefined = undefined
  /** Copies it was sent last. */
  delivered: Delivered | undefined = undefined
  /** By topic: the packet that brought its retained message last. */
  brought: Map<number, number> | undefined = undefined
  tolerated = false
  stillServed = false
}
