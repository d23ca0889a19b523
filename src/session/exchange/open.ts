/** The open exchanges of a connection, and what each packet is in them. */

import {
  AUTH,
  CONNACK,
  CONNECT,
  FIRST_FAILURE,
  PINGREQ,
  PINGRESP,
  PUBACK,
  PUBCOMP,
  PUBLISH,
  PUBREC,
  PUBREL,
  Reason,
  SUBACK,
  SUBSCRIBE,
  UNSUBACK,
  UNSUBSCRIBE,
} from '../../mqtt/spec.ts'
import { otherSide } from '../../net/flow.ts'
import type { Side } from '../../store/record.ts'
import type { ExchangeState } from '../../store/vocabulary.ts'
import {
  AUTHENTICATION,
  CONNECTION,
  type Event,
  type Exchange,
  type ExchangeList,
  type ExchangeOwner,
  type KindSteps,
  PING,
  QOS1,
  QOS2,
  type Role,
  SUBSCRIPTION,
  UNSUBSCRIPTION,
} from './exchange.ts'
import type { ExchangePool } from './pool.ts'

/** Seconds by which a capture may hold the two directions in the wrong order. */
export const DISORDER = 0.1

/** In place of packet ids, which end at 65,535, for packets that have none. */
const CONNECT_KEY = 0x10000
const AUTH_KEY = 0x10001
const PING_KEYS = 0x20000
const MOST_PINGS = 0xffff

/**
 * The open exchanges of one owner, as a list from the newest to the oldest. Each of them is in the pool's slots under
 * (owner and side, key), at most one under each, and its `open` is this list; an exchange that has ended is in neither.
 */
export class OpenExchanges implements ExchangeList {
  /** The one opened last. */
  private newest: Exchange | undefined = undefined
  private pingsSent = 0
  private pingsAnswered = 0
  /** The last answer to nothing: its question may follow, where the capture holds the two directions in the wrong order. */
  private strayId = -1
  private strayType = 0
  private strayNumber = 0
  private strayTime = Number.NaN
  private strayCode = 0
  private readonly owner: ExchangeOwner
  private readonly pool: ExchangePool
  /** With the side added: whose packet ids they are, as the slots number them. */
  private readonly ids: number

  constructor(pool: ExchangePool, owner: ExchangeOwner) {
    this.pool = pool
    this.owner = owner
    this.ids = owner.number * 2
  }

  /** Follows the packet; what it is in its exchange stands in `role` afterwards. */
  track(event: Event, role: Role): void {
    role.clear()
    switch (event.type) {
      case PUBLISH:
        if (event.qos > 0) this.publish(event, role)
        return
      case SUBSCRIBE:
        return this.begin(SUBSCRIPTION, event.id, event, role)
      case UNSUBSCRIBE:
        return this.begin(UNSUBSCRIPTION, event.id, event, role)
      case CONNECT:
        return this.begin(CONNECTION, CONNECT_KEY, event, role)
      case PINGREQ:
        return this.begin(PING, PING_KEYS + (this.pingsSent++ & MOST_PINGS), event, role)
      case AUTH:
        return this.auth(event, role)
      case PUBREL:
        return this.advance(this.find(event.side, event.id), event, role)
      case CONNACK:
        return this.advance(this.find(otherSide(event.side), CONNECT_KEY), event, role)
      case PINGRESP:
        return this.pong(event, role)
      case PUBACK:
      case PUBREC:
      case PUBCOMP:
      case SUBACK:
      case UNSUBACK:
        return this.advance(this.find(otherSide(event.side), event.id), event, role)
    }
  }

  /** Returns every open exchange, the oldest first. */
  all(): Exchange[] {
    const found: Exchange[] = []
    for (let exchange = this.newest; exchange !== undefined; exchange = exchange.older) found.push(exchange)
    return found.sort((a, b) => a.opener - b.opener)
  }

  /** Takes over an exchange that is open in another list, for an earlier connection of the same session (MQTT 5 §4.4). */
  adopt(exchange: Exchange, side: Side): void {
    exchange.open?.remove(exchange)
    exchange.side = side
    exchange.resumed++
    exchange.resent = 0
    this.add(exchange)
  }

  remove(exchange: Exchange): void {
    const { newer, older } = exchange
    this.pool.slots.delete(this.ids + exchange.side, exchange.key)
    if (newer === undefined) this.newest = older
    else newer.older = older
    if (older !== undefined) older.newer = newer
    exchange.open = undefined
  }

  release(exchange: Exchange, state: ExchangeState): void {
    exchange.state = state
    this.remove(exchange)
    this.owner.exchangeEnded(exchange)
    this.pool.giveBack(exchange)
  }

  /** Ends every open exchange that `which` selects: its answer will not come any more. */
  abandon(which: (exchange: Exchange) => boolean = () => true): void {
    for (const exchange of this.all()) if (which(exchange)) this.release(exchange, 'abandoned')
  }

  private add(exchange: Exchange): void {
    exchange.open = this
    exchange.older = this.newest
    exchange.newer = undefined
    if (this.newest !== undefined) this.newest.newer = exchange
    this.newest = exchange
    this.pool.slots.add(this.ids + exchange.side, exchange.key, exchange.index)
  }

  private find(side: Side, key: number): Exchange | undefined {
    const index = this.pool.slots.find(this.ids + side, key)
    return index === -1 ? undefined : this.pool.all[index]
  }

  private publish(event: Event, role: Role): void {
    const kindSteps = event.qos === 1 ? QOS1 : QOS2
    const known = this.find(event.side, event.id)
    const isSame =
      known !== undefined && known.kindSteps === kindSteps && (event.dup || known.fingerprint === event.fingerprint)
    if (isSame) this.repeat(known, event, role)
    else this.open(kindSteps, event.id, known, event, role)
  }

  private repeat(exchange: Exchange, event: Event, role: Role): void {
    exchange.repeats++
    if (event.type === PUBLISH) exchange.resent++
    if (event.dup) exchange.dups++
    role.exchange = exchange
    role.name = 'repeat'
  }

  private begin(kindSteps: KindSteps, key: number, event: Event, role: Role): void {
    this.open(kindSteps, key, this.find(event.side, key), event, role)
  }

  /** `taken`: what was open under this id. */
  private open(kindSteps: KindSteps, key: number, taken: Exchange | undefined, event: Event, role: Role): void {
    if (taken !== undefined) this.release(taken, 'abandoned')
    const exchange = this.pool.take(event.number, taken)
    exchange.kindSteps = kindSteps
    exchange.side = event.side
    exchange.key = key
    exchange.fingerprint = event.fingerprint
    exchange.topic = event.topic
    exchange.completeStep(0, event.number, event.time)
    this.add(exchange)
    role.exchange = exchange
    role.name = taken === undefined ? 'opener' : 'reuse'
    role.replaced = taken
    if (this.strayId === key) this.claim(exchange, event, role)
  }

  /** The next step of `exchange`, or a packet that is none. */
  private advance(exchange: Exchange | undefined, event: Event, role: Role): void {
    if (exchange === undefined) return this.stray(event, role)
    role.exchange = exchange
    const step = exchange.kindSteps.stepOfType[event.type] ?? -1
    if (step < 1) role.name = 'wrong'
    else if (step <= exchange.step) this.repeat(exchange, event, role)
    else if (step > exchange.step + 1) this.early(exchange, event, role)
    else this.step(exchange, event, role, step === exchange.kindSteps.last)
  }

  private stray(event: Event, role: Role): void {
    role.name = 'orphan'
    this.strayId = event.id
    this.strayType = event.type
    this.strayNumber = event.number
    this.strayTime = event.time
    this.strayCode = event.code
  }

  /** The answer to `exchange`, which begins just now, stands before it in the capture. */
  private claim(exchange: Exchange, event: Event, role: Role): void {
    this.strayId = -1
    if (!(event.time - this.strayTime < DISORDER) || exchange.kindSteps.stepOfType[this.strayType] !== 1) return
    exchange.ahead = this.strayNumber
    exchange.aheadType = this.strayType
    exchange.aheadTime = this.strayTime
    exchange.aheadCode = this.strayCode
    this.catchUp(exchange, event, role)
  }

  /** The step before it is missing: never sent, or captured later than its answer. */
  private early(exchange: Exchange, event: Event, role: Role): void {
    role.name = 'early'
    exchange.ahead = event.number
    exchange.aheadType = event.type
    exchange.aheadTime = event.time
    exchange.aheadCode = event.code
  }

  private step(exchange: Exchange, event: Event, role: Role, isLast: boolean): void {
    role.name = 'step'
    role.answers = exchange.last
    role.latency = Math.max(0, event.time - exchange.lastTime)
    exchange.completeStep(exchange.step + 1, event.number, event.time)
    exchange.code = event.code
    const isRefused = event.code >= FIRST_FAILURE || (exchange.kindSteps === CONNECTION && event.code > 0)
    if (isLast || isRefused) this.release(exchange, isRefused ? 'refused' : 'complete')
    else if (exchange.ahead !== 0) this.catchUp(exchange, event, role)
  }

  /** The missing step has come: the packet that came ahead of it is the step behind it. */
  private catchUp(exchange: Exchange, event: Event, role: Role): void {
    const step = exchange.step + 1
    if (exchange.kindSteps.stepOfType[exchange.aheadType] !== step) return
    role.ahead = exchange.ahead
    role.aheadBy = event.time - exchange.aheadTime
    exchange.completeStep(step, exchange.ahead, exchange.aheadTime)
    exchange.code = exchange.aheadCode
    exchange.ahead = 0
    if (step < exchange.kindSteps.last) return
    this.release(exchange, exchange.code >= FIRST_FAILURE ? 'refused' : 'complete')
  }

  /** Pings have no id: each answer is to the oldest question. */
  private pong(event: Event, role: Role): void {
    const exchange = this.find(otherSide(event.side), PING_KEYS + (this.pingsAnswered & MOST_PINGS))
    if (exchange !== undefined) this.pingsAnswered++
    this.advance(exchange, event, role)
  }

  /** Between CONNECT and CONNACK it belongs to their exchange; later it opens or answers one of its own (§4.12.1). */
  private auth(event: Event, role: Role): void {
    const connect = this.find(0, CONNECT_KEY) ?? this.find(1, CONNECT_KEY)
    const own = this.find(0, AUTH_KEY) ?? this.find(1, AUTH_KEY)
    if (connect !== undefined) {
      role.exchange = connect
      role.name = 'repeat'
    } else if (own === undefined) this.begin(AUTHENTICATION, AUTH_KEY, event, role)
    else if (own.side === event.side || event.code === Reason.continueAuthentication) {
      role.exchange = own
      role.name = 'repeat'
    } else this.step(own, event, role, true)
  }
}
