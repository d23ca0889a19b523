/** What the rules remember of one connection. Most connections need little of it, so the larger parts are made when first used. */

import type { Delivered } from './rules/delivered.ts'
import type { Subscription } from './session.ts'

/** Topics remembered of a connection with what its subscriptions allow; for more the subscriptions are searched each time. */
export const MOST_TOPICS = 10_000

/** A message of the client itself. */
export interface Own {
  readonly topic: number
  readonly payload: Uint8Array
  readonly time: number
  readonly packet: number
}

export interface GivenUp {
  readonly pattern: Uint8Array
  readonly packet: number
}

/** A message that was refused. */
export interface Refused {
  readonly id: number
  readonly fingerprint: number
}

export class RuleState {
  /** By packet type: what the newest acknowledgement of the client answered, as a packet number. */
  newest: [number, number, number] | undefined = undefined
  /** By topic: the highest QoS that is granted for it, or one of the marks in `rules/delivery.ts`. */
  allowedQos: Map<number, number> | undefined = undefined
  /** The subscriptions in a list. */
  patterns: readonly Subscription[] | undefined = undefined
  /** Topics that were reported as delivered without a subscription. */
  reported: Set<number> | undefined = undefined
  /** The newest message sent again after a reconnect, by the packet that sent it first. */
  newestResent = 0
  /** What the client published last, where it asks not to get it back: topics, sizes and times. */
  own: Own[] | undefined = undefined
  /** Filters given up, each with the packet of its UNSUBACK. */
  givenUp: GivenUp[] | undefined = undefined
  /** The PUBLISH that comes for one of them, and its UNSUBACK; 0 for none. */
  afterUnsuback = 0
  unsuback = 0
  /** By side: the message that was refused last. */
  refused: [Refused | undefined, Refused | undefined] | undefined = undefined
  /** Id of the PUBREL that belongs to no message, by side. */
  strayRelease: [number, number] | undefined = undefined
  /** Retained messages that are to come, by topic: packet of the SUBSCRIBE. */
  retained: Map<number, number> | undefined = undefined
  /** Some of its subscriptions are those of a group. */
  hasGroups: boolean | undefined = undefined
  /** Copies it was sent last. */
  delivered: Delivered | undefined = undefined
  /** By topic: the packet that brought its retained message last. */
  brought: Map<number, number> | undefined = undefined
  /** A message to a topic that begins with $ was reported. */
  dollarReported = false
  /** By packet id and side: the packet of a PUBREC that no PUBREL has answered, for a message from before the connection; -1 once it was reported. */
  unreleased: Map<number, number> | undefined = undefined
  tolerated = false
  stillServed = false

  /** The subscriptions have changed: what was looked up holds no longer. */
  forgetAllowed(): void {
    this.allowedQos = this.patterns = this.hasGroups = undefined
  }
}
