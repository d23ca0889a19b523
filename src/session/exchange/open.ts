/** The open exchanges of a connection, and what each packet is in them. */
import {
  AUTH,
  CONNACK,
  CONNECT,
  PINGREQ,
  PINGRESP,
  PUBACK,
  PUBCOMP,
  PUBLISH,
  PUBREC,
  PUBREL,
  SUBACK,
  SUBSCRIBE,
  UNSUBACK,
  UNSUBSCRIBE,
} from '../../mqtt/spec.ts'
import type { Side } from '../../store/record.ts'
import type { Connection } from '../connection.ts'
import {
  AUTHENTICATION,
  CONNECTION,
  type Course,
  type Event,
  type Exchange,
  FIRST_REFUSAL,
  type Part,
  PING,
  QOS1,
  QOS2,
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

const other = (side: Side): Side => (side === 0 ? 1 : 0)

/** The open exchanges of one connection. */
export class OpenExchanges {
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
  readonly connection: Connection
  private readonly pool: ExchangePool
  /** With the side: whose packet ids they are. */
  private readonly owner: number

  constructor(pool: ExchangePool, connection: Connection) {
    this.pool = pool
    this.connection = connection
    this.owner = connection.number * 2
  }

  /** Takes the packet into account; what it is stands in `part`. */
  track(event: Event, part: Part): void {
    part.clear()
    switch (event.type) {
      case PUBLISH:
        if (event.qos > 0) this.publish(event, part)
        return
      case SUBSCRIBE:
        return this.begin(SUBSCRIPTION, event.id, event, part)
      case UNSUBSCRIBE:
        return this.begin(UNSUBSCRIPTION, event.id, event, part)
      case CONNECT:
        return this.begin(CONNECTION, CONNECT_KEY, event, part)
      case PINGREQ:
        return this.begin(PING, PING_KEYS + (this.pingsSent++ & MOST_PINGS), event, part)
      case AUTH:
        return this.auth(event, part)
      case PUBREL:
        return this.advance(this.find(event.side, event.id), event, part)
      case CONNACK:
        return this.advance(this.find(other(event.side), CONNECT_KEY), event, part)
      case PINGRESP:
        return this.pong(event, part)
      case PUBACK:
      case PUBREC:
      case PUBCOMP:
      case SUBACK:
      case UNSUBACK:
        return this.advance(this.find(other(event.side), event.id), event, part)
    }
  }

  /** Everything open, in order of age. */
  all(): Exchange[] {
    const found: Exchange[] = []
    for (let exchange = this.newest; exchange !== undefined; exchange = exchange.older) found.push(exchange)
    return found.sort((a, b) => a.opener - b.opener)
  }

  /** Takes over an open exchange of an earlier connection of the same session (MQTT 5 §4.4). */
  adopt(exchange: Exchange, side: Side): void {
    exchange.open?.remove(exchange)
    exchange.side = side
    exchange.resumed++
    exchange.resent = 0
    this.add(exchange)
  }

  /** Is no longer open here. */
  remove(exchange: Exchange): void {
    const { newer, older } = exchange
    this.pool.slots.delete(this.owner + exchange.side, exchange.key)
    if (newer === undefined) this.newest = older
    else newer.older = older
    if (older !== undefined) older.newer = newer
    exchange.open = undefined
  }

  private add(exchange: Exchange): void {
    exchange.open = this
    exchange.older = this.newest
    exchange.newer = undefined
    if (this.newest !== undefined) this.newest.newer = exchange
    this.newest = exchange
    this.pool.slots.add(this.owner + exchange.side, exchange.key, exchange.index)
  }

  private find(side: Side, key: number): Exchange | undefined {
    const index = this.pool.slots.find(this.owner + side, key)
    return index === -1 ? undefined : this.pool.all[index]
  }

  private publish(event: Event, part: Part): void {
    const course = event.qos === 1 ? QOS1 : QOS2
    const known = this.find(event.side, event.id)
    const isSame = known !== undefined && known.course === course && (event.dup || known.print === event.print)
    if (isSame) this.repeat(known, event, part)
    else this.open(course, event.id, known, event, part)
  }

  private repeat(exchange: Exchange, event: Event, part: Part): void {
    exchange.repeats++
    if (event.type === PUBLISH) exchange.resent++
    if (event.dup) exchange.dups++
    part.exchange = exchange
    part.role = 'repeat'
  }

  private begin(course: Course, key: number, event: Event, part: Part): void {
    this.open(course, key, this.find(event.side, key), event, part)
  }

  /** `taken`: what was open under this id. */
  private open(course: Course, key: number, taken: Exchange | undefined, event: Event, part: Part): void {
    if (taken !== undefined) this.pool.release(taken, 'abandoned')
    const exchange = this.pool.take(event.number, taken)
    exchange.course = course
    exchange.side = event.side
    exchange.key = key
    exchange.print = event.print
    exchange.topic = event.topic
    exchange.reach(0, event.number, event.time)
    this.add(exchange)
    part.exchange = exchange
    part.role = taken === undefined ? 'opener' : 'reuse'
    part.taken = taken
    if (this.strayId === key) this.claim(exchange, event, part)
  }

  /** The next step of `exchange`, or a packet that is none. */
  private advance(exchange: Exchange | undefined, event: Event, part: Part): void {
    if (exchange === undefined) return this.stray(event, part)
    part.exchange = exchange
    const place = exchange.course.places[event.type] ?? -1
    if (place < 1) part.role = 'wrong'
    else if (place <= exchange.step) this.repeat(exchange, event, part)
    else if (place > exchange.step + 1) this.early(exchange, event, part)
    else this.step(exchange, event, part, place === exchange.course.last)
  }

  private stray(event: Event, part: Part): void {
    part.role = 'orphan'
    this.strayId = event.id
    this.strayType = event.type
    this.strayNumber = event.number
    this.strayTime = event.time
    this.strayCode = event.code
  }

  /** The answer to `exchange`, which begins just now, stands before it in the capture. */
  private claim(exchange: Exchange, event: Event, part: Part): void {
    this.strayId = -1
    if (!(event.time - this.strayTime < DISORDER) || exchange.course.places[this.strayType] !== 1) return
    exchange.ahead = this.strayNumber
    exchange.aheadType = this.strayType
    exchange.aheadTime = this.strayTime
    exchange.aheadCode = this.strayCode
    this.catchUp(exchange, event, part)
  }

  /** The step before it is missing: never sent, or captured later than its answer. */
  private early(exchange: Exchange, event: Event, part: Part): void {
    part.role = 'early'
    exchange.ahead = event.number
    exchange.aheadType = event.type
    exchange.aheadTime = event.time
    exchange.aheadCode = event.code
  }

  private step(exchange: Exchange, event: Event, part: Part, isLast: boolean): void {
    part.role = 'step'
    part.answers = exchange.last
    part.latency = event.time - exchange.lastTime
    exchange.reach(exchange.step + 1, event.number, event.time)
    exchange.code = event.code
    const isRefused = event.code >= FIRST_REFUSAL || (exchange.course === CONNECTION && event.code > 0)
    if (isLast || isRefused) this.pool.release(exchange, isRefused ? 'refused' : 'complete')
    else if (exchange.ahead !== 0) this.catchUp(exchange, event, part)
  }

  /** The missing step has come: what came before it takes its place behind it. */
  private catchUp(exchange: Exchange, event: Event, part: Part): void {
    const place = exchange.step + 1
    if (exchange.course.places[exchange.aheadType] !== place) return
    part.ahead = exchange.ahead
    part.aheadBy = event.time - exchange.aheadTime
    exchange.reach(place, exchange.ahead, exchange.aheadTime)
    exchange.code = exchange.aheadCode
    exchange.ahead = 0
    if (place < exchange.course.last) return
    this.pool.release(exchange, exchange.code >= FIRST_REFUSAL ? 'refused' : 'complete')
  }

  /** Pings have no id: each answer is to the oldest question. */
  private pong(event: Event, part: Part): void {
    const exchange = this.find(other(event.side), PING_KEYS + (this.pingsAnswered & MOST_PINGS))
    if (exchange !== undefined) this.pingsAnswered++
    this.advance(exchange, event, part)
  }

  /** Between CONNECT and CONNACK it belongs to their exchange; later it opens or answers one of its own (§4.12.1). */
  private auth(event: Event, part: Part): void {
    const connect = this.find(0, CONNECT_KEY) ?? this.find(1, CONNECT_KEY)
    const own = this.find(0, AUTH_KEY) ?? this.find(1, AUTH_KEY)
    if (connect !== undefined) {
      part.exchange = connect
      part.role = 'repeat'
    } else if (own === undefined) this.begin(AUTHENTICATION, AUTH_KEY, event, part)
    else if (own.side === event.side || event.code === CONTINUE) {
      part.exchange = own
      part.role = 'repeat'
    } else this.step(own, event, part, true)
  }
}

/** Continue authentication: more AUTH packets follow. */
const CONTINUE = 0x18
