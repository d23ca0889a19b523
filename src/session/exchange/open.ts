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
  STEPS,
  SUBSCRIPTION,
  UNSUBSCRIPTION,
} from './exchange.ts'
import type { ExchangePool } from './pool.ts'
import { Debts, Strays } from './strays.ts'

/** Exchanges of a connection whose id was taken while their answers may still come: as many as lie in a hole; beyond it the oldest ends. */
const MOST_REPLACED = 64

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
  /** Answers whose questions have not come yet; made when first used. */
  private strays: Strays | undefined = undefined
  /** Exchanges whose id was taken while their answer may still become readable: in the list, and in no slot. */
  private replaced: Exchange[] | undefined = undefined
  /** Answers that are still due to packets that were sent again. */
  private debts: Debts | undefined = undefined
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
    if (this.replaced !== undefined && !this.owner.isWaiting) this.settle()
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
        return this.advance(event.side, event.id, event, role)
      case CONNACK:
        return this.advance(otherSide(event.side), CONNECT_KEY, event, role)
      case PINGRESP:
        return this.pong(event, role)
      case PUBACK:
      case PUBREC:
      case PUBCOMP:
      case SUBACK:
      case UNSUBACK:
        return this.advance(otherSide(event.side), event.id, event, role)
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
    exchange.resent = exchange.released = 0
    this.add(exchange)
  }

  remove(exchange: Exchange): void {
    const { newer, older } = exchange
    if (exchange.replacedBy === 0) this.pool.slots.delete(this.ids + exchange.side, exchange.key)
    else this.replaced?.splice(this.replaced.indexOf(exchange), 1)
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
    for (const exchange of this.all()) if (which(exchange)) this.lapse(exchange)
  }

  /** Bytes of a side are missing for good: what they answered is not known. */
  loseBytes(): void {
    if (this.replaced !== undefined) this.settle()
  }

  /** Ends the exchanges whose id was taken: their answers did not come with the bytes that were missing. */
  private settle(): void {
    for (const exchange of [...(this.replaced ?? [])]) this.lapse(exchange)
    this.replaced = undefined
  }

  /** Ends an exchange without its answer. Where that may be among bytes that are missing, nobody left it. */
  private lapse(exchange: Exchange): void {
    const mayBeAnswered = this.owner.isHalf || (exchange.replacedBy > 0 && this.owner.missesBytes)
    this.release(exchange, mayBeAnswered ? 'open' : 'abandoned')
  }

  /** The id of `exchange` is taken by packet `number`. Its answer may have come before that, and be missing. */
  private replace(exchange: Exchange, number: number): void {
    if (!this.owner.isWaiting) return this.lapse(exchange)
    this.pool.slots.delete(this.ids + exchange.side, exchange.key)
    exchange.replacedBy = number
    this.replaced ??= []
    this.replaced.push(exchange)
    const [oldest] = this.replaced
    if (this.replaced.length > MOST_REPLACED && oldest !== undefined) this.lapse(oldest)
  }

  /** Returns the exchange that waits for a packet of this type: the one whose id was taken first. */
  private waiting(side: Side, key: number, type: number): Exchange | undefined {
    return (
      this.replaced?.find(
        exchange =>
          exchange.side === side && exchange.key === key && exchange.kindSteps.stepOfType[type] === exchange.step + 1,
      ) ?? this.find(side, key)
    )
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
    else if (event.type === PUBREL) exchange.released++
    if (event.dup) exchange.dups++
    role.exchange = exchange
    role.name = 'repeat'
  }

  private begin(kindSteps: KindSteps, key: number, event: Event, role: Role): void {
    this.open(kindSteps, key, this.find(event.side, key), event, role)
  }

  /** `taken`: what was open under this id. */
  private open(kindSteps: KindSteps, key: number, taken: Exchange | undefined, event: Event, role: Role): void {
    if (taken !== undefined) this.replace(taken, event.number)
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
    if (this.strays !== undefined) this.catchUp(exchange, event, role)
  }

  /** The next step of `exchange`, or a packet that is none. */
  private advance(side: Side, key: number, event: Event, role: Role): void {
    const exchange = this.replaced === undefined ? this.find(side, key) : this.waiting(side, key, event.type)
    if (exchange === undefined) return this.stray(side, key, event, role)
    role.exchange = exchange
    const step = exchange.kindSteps.stepOfType[event.type] ?? -1
    if (step < 1) role.name = 'wrong'
    else if (step <= exchange.step) this.repeat(exchange, event, role)
    else if (step > exchange.step + 1) this.early(exchange, event, role)
    else this.step(exchange, event, role, step === exchange.kindSteps.last)
  }

  /** An answer to nothing that is open: one more to a packet that was sent again, or one whose question may follow. */
  private stray(side: Side, key: number, event: Event, role: Role): void {
    if (this.debts?.pay(side, key, event.type) === true) return
    role.name = 'orphan'
    this.strays ??= new Strays()
    this.strays.add({
      side,
      key,
      type: event.type,
      number: event.number,
      time: event.time,
      code: event.code,
      isProven: this.owner.isWaiting,
    })
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
    if (isLast || isRefused) this.complete(exchange, isRefused)
    else if (exchange.ahead !== 0 || this.strays !== undefined) this.catchUp(exchange, event, role)
  }

  /** The missing step has come: the packet that came ahead of it is the step behind it. */
  private catchUp(exchange: Exchange, event: Event, role: Role): void {
    const step = exchange.step + 1
    if (exchange.ahead === 0) this.claim(exchange, event)
    if (exchange.ahead === 0 || exchange.kindSteps.stepOfType[exchange.aheadType] !== step) return
    role.ahead = exchange.ahead
    role.aheadBy = event.time - exchange.aheadTime
    exchange.completeStep(step, exchange.ahead, exchange.aheadTime)
    exchange.code = exchange.aheadCode
    exchange.ahead = 0
    const isRefused = exchange.code >= FIRST_FAILURE || (exchange.kindSteps === CONNECTION && exchange.code > 0)
    if (step === exchange.kindSteps.last || isRefused) this.complete(exchange, isRefused)
  }

  /** Takes the answer to `exchange` that stands before it in the capture, if there is one. */
  private claim(exchange: Exchange, event: Event): void {
    const type = STEPS[exchange.kind][exchange.step + 1]?.type ?? 0
    const isPing = exchange.kindSteps === PING
    this.strays?.forget(event.time)
    const stray = this.strays?.take(exchange.side, isPing ? PING_KEYS : exchange.key, type)
    if (this.strays?.isEmpty === true) this.strays = undefined
    if (stray === undefined) return
    if (isPing) this.pingsAnswered++
    exchange.ahead = stray.number
    exchange.aheadType = stray.type
    exchange.aheadTime = stray.time
    exchange.aheadCode = stray.code
  }

  private complete(exchange: Exchange, isRefused: boolean): void {
    const { resent, released, kindSteps, side, key } = exchange
    if (exchange.isMessage && resent + released > 0) {
      this.debts ??= new Debts()
      this.debts.owe(side, key, kindSteps === QOS1 ? PUBACK : PUBREC, resent)
      this.debts.owe(side, key, PUBCOMP, released)
    }
    this.release(exchange, isRefused ? 'refused' : 'complete')
  }

  /** Pings have no id: each answer is to the oldest question. */
  private pong(event: Event, role: Role): void {
    const side = otherSide(event.side)
    const key = PING_KEYS + (this.pingsAnswered & MOST_PINGS)
    if (this.find(side, key) === undefined) return this.stray(side, PING_KEYS, event, role)
    this.pingsAnswered++
    this.advance(side, key, event, role)
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
