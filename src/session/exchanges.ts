/**
 * Packets that answer each other: one exchange from its opener to its last answer. What may follow what stands in one
 * table; each packet costs one or two look-ups.
 */
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
} from '../mqtt/spec.ts'
import type { ExchangeFact, Side } from '../store/record.ts'
import type { Session } from './session.ts'

export type ExchangeKind = 'qos1' | 'qos2' | 'subscribe' | 'unsubscribe' | 'connect' | 'ping' | 'auth'

/** `open`: an answer is still to come. `refused`: an answer with a code of 0x80 or more. `abandoned`: it will not come any more. */
export type ExchangeState = 'open' | 'complete' | 'refused' | 'abandoned'

/** One step of an exchange: this type of packet, sent by the opener's side or by the other one. */
interface Step {
  readonly type: number
  readonly byOpener: boolean
}

const opener = (type: number): Step => ({ type, byOpener: true })
const answer = (type: number): Step => ({ type, byOpener: false })

/** The steps in order, the opener first: MQTT 5 §4.3.2, §4.3.3, §3.8.4, §3.10.4, §3.1.4, §3.12.4, §4.12. */
export const STEPS: Readonly<Record<ExchangeKind, readonly Step[]>> = {
  qos1: [opener(PUBLISH), answer(PUBACK)],
  qos2: [opener(PUBLISH), answer(PUBREC), opener(PUBREL), answer(PUBCOMP)],
  subscribe: [opener(SUBSCRIBE), answer(SUBACK)],
  unsubscribe: [opener(UNSUBSCRIBE), answer(UNSUBACK)],
  connect: [opener(CONNECT), answer(CONNACK)],
  ping: [opener(PINGREQ), answer(PINGRESP)],
  auth: [opener(AUTH), answer(AUTH)],
}

/** A kind with its steps at hand: looked up once, when the exchange begins. */
interface Course {
  readonly kind: ExchangeKind
  /** Place of a packet type among the steps; -1 for none. */
  readonly places: Int8Array
  /** Place of the last step. */
  readonly last: number
}

function courseOf(kind: ExchangeKind): Course {
  const steps = STEPS[kind]
  const places = Int8Array.from({ length: 16 }, (_, type) => steps.findIndex(step => step.type === type))
  return { kind, places, last: steps.length - 1 }
}

const QOS1 = courseOf('qos1')
const QOS2 = courseOf('qos2')
const SUBSCRIPTION = courseOf('subscribe')
const UNSUBSCRIPTION = courseOf('unsubscribe')
const CONNECTION = courseOf('connect')
const PING = courseOf('ping')
const AUTHENTICATION = courseOf('auth')

/** From this reason code on an answer is a refusal (MQTT 5 §2.4); 3.1.1 has one such code, in SUBACK. */
export const FIRST_REFUSAL = 0x80

/** Open exchanges of all connections; beyond it the oldest is dropped and counted. About 500 bytes each. */
export const MOST_OPEN = 131_072

/** Seconds by which a capture may hold the two directions in the wrong order. */
export const DISORDER = 0.1

/** In place of packet ids, which end at 65,535, for packets that have none. */
const CONNECT_KEY = 0x10000
const AUTH_KEY = 0x10001
const PING_KEYS = 0x20000
const MOST_PINGS = 0xffff

export class Exchange {
  course = QOS1
  state: ExchangeState = 'open'
  /** The side that opened it. */
  side: Side = 0
  key = 0
  /** Steps done: an index into STEPS, 0 after the opener. */
  step = 0
  /** Packets sent again, and how many of them had DUP. */
  repeats = 0
  dups = 0
  /** Packet numbers and times by step; times in seconds since the capture began. */
  readonly numbers: number[] = [0, 0, 0, 0]
  readonly times: number[] = [Number.NaN, Number.NaN, Number.NaN, Number.NaN]
  /** A packet that came before the step it answers: its number, type, time and code; 0 for none. */
  ahead = 0
  aheadType = 0
  aheadTime = Number.NaN
  aheadCode = 0
  /** Tells the message apart from another one under the same id. */
  print = 0
  /** Id of the topic or first filter in the tracker's strings; -1 for none. */
  topic = -1
  /** Reason code of the last answer; -1 for none. */
  code = -1
  /** Connections it has outlived: resent after a reconnect. */
  resumed = 0
  /** Times its opener was sent again over the connection it is on. */
  resent = 0
  open: OpenExchanges | undefined = undefined
  newer: Exchange | undefined = undefined
  older: Exchange | undefined = undefined

  get kind(): ExchangeKind {
    return this.course.kind
  }

  /** A message of QoS 1 or 2: it may outlive its connection. */
  get isMessage(): boolean {
    return this.course === QOS1 || this.course === QOS2
  }

  get opener(): number {
    return this.numbers[0] ?? 0
  }

  /** Packet number of the step done last. */
  get last(): number {
    return this.numbers[this.step] ?? 0
  }

  get lastTime(): number {
    return this.times[this.step] ?? 0
  }

  /** Seconds from the opener to the step done last. */
  get total(): number {
    return this.lastTime - (this.times[0] ?? 0)
  }

  /** Who has to send the next packet, and which. */
  get awaited(): { readonly type: number; readonly side: Side } | undefined {
    const next = STEPS[this.kind][this.step + 1]
    if (next === undefined) return undefined
    return { type: next.type, side: next.byOpener === (this.side === 0) ? 0 : 1 }
  }
}

/** What a packet is in an exchange; one object, reused. */
export class Part implements ExchangeFact {
  exchange: Exchange | undefined = undefined
  role: 'none' | 'opener' | 'step' | 'repeat' | 'orphan' | 'wrong' | 'early' | 'reuse' = 'none'
  /** The packet that this one answers, and the seconds since; 0 and NaN for none. */
  answers = 0
  latency = Number.NaN
  /** With `reuse`: the exchange whose id was taken. */
  taken: Exchange | undefined = undefined
  /** With `step`: the packet behind it that came before it, and the seconds between them; 0 and NaN for none. */
  ahead = 0
  aheadBy = Number.NaN

  get opener(): number {
    return this.exchange?.opener ?? 0
  }

  get kind(): ExchangeKind | undefined {
    return this.exchange?.kind
  }

  get state(): ExchangeState {
    return this.exchange?.state ?? 'open'
  }

  /** Seconds from the opener to this packet. */
  get total(): number {
    return this.exchange?.total ?? Number.NaN
  }

  clear(): void {
    this.exchange = undefined
    this.role = 'none'
    this.answers = 0
    this.latency = Number.NaN
    this.taken = undefined
    this.ahead = 0
  }
}

/** A packet as the exchanges see it. */
export interface Event {
  number: number
  /** Seconds since the capture began. */
  time: number
  type: number
  side: Side
  id: number
  qos: number
  dup: boolean
  code: number
  print: number
  topic: number
}

const NONE: Map<number, Exchange> = new Map()

/** The open exchanges of one connection. */
export class OpenExchanges {
  /** By opener's side: packet id → exchange; made with the first one. */
  private readonly bySide: [Map<number, Exchange>, Map<number, Exchange>] = [NONE, NONE]
  private pingsSent = 0
  private pingsAnswered = 0
  /** The last answer to nothing: its question may follow, where the capture holds the two directions in the wrong order. */
  private strayId = -1
  private strayType = 0
  private strayNumber = 0
  private strayTime = Number.NaN
  private strayCode = 0
  readonly session: Session
  private readonly pool: ExchangePool

  constructor(pool: ExchangePool, session: Session) {
    this.pool = pool
    this.session = session
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
        return this.advance(this.bySide[event.side].get(event.id), event, part)
      case CONNACK:
        return this.advance(this.other(event).get(CONNECT_KEY), event, part)
      case PINGRESP:
        return this.pong(event, part)
      case PUBACK:
      case PUBREC:
      case PUBCOMP:
      case SUBACK:
      case UNSUBACK:
        return this.advance(this.other(event).get(event.id), event, part)
    }
  }

  /** Everything open, in order of age. */
  all(): Exchange[] {
    return [...this.bySide[0].values(), ...this.bySide[1].values()].sort((a, b) => a.opener - b.opener)
  }

  /** Takes over the open exchanges of an earlier connection of the same session (MQTT 5 §4.4). */
  adopt(exchange: Exchange, side: Side): void {
    exchange.side = side
    exchange.open = this
    exchange.resumed++
    exchange.resent = 0
    this.openOf(side).set(exchange.key, exchange)
  }

  remove(exchange: Exchange): void {
    this.bySide[exchange.side].delete(exchange.key)
  }

  private openOf(side: Side): Map<number, Exchange> {
    if (this.bySide[side] === NONE) this.bySide[side] = new Map()
    return this.bySide[side]
  }

  private other(event: Event): Map<number, Exchange> {
    return this.bySide[event.side === 0 ? 1 : 0]
  }

  private publish(event: Event, part: Part): void {
    const course = event.qos === 1 ? QOS1 : QOS2
    const known = this.bySide[event.side].get(event.id)
    const isSame = known !== undefined && known.course === course && (event.dup || known.print === event.print)
    if (!isSame) return this.begin(course, event.id, event, part)
    this.repeat(known, event, part)
  }

  private repeat(exchange: Exchange, event: Event, part: Part): void {
    exchange.repeats++
    if (event.type === PUBLISH) exchange.resent++
    if (event.dup) exchange.dups++
    part.exchange = exchange
    part.role = 'repeat'
  }

  private begin(course: Course, key: number, event: Event, part: Part): void {
    const open = this.openOf(event.side)
    const taken = open.get(key)
    const exchange = this.pool.take()
    exchange.course = course
    exchange.side = event.side
    exchange.key = key
    exchange.open = this
    exchange.numbers[0] = event.number
    exchange.times[0] = event.time
    exchange.print = event.print
    exchange.topic = event.topic
    if (taken !== undefined) this.pool.release(taken, 'abandoned')
    open.set(key, exchange)
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
    exchange.step++
    exchange.numbers[exchange.step] = event.number
    exchange.times[exchange.step] = event.time
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
    exchange.numbers[place] = exchange.ahead
    exchange.times[place] = exchange.aheadTime
    exchange.code = exchange.aheadCode
    exchange.step = place
    exchange.ahead = 0
    if (place < exchange.course.last) return
    this.pool.release(exchange, exchange.code >= FIRST_REFUSAL ? 'refused' : 'complete')
  }

  /** Pings have no id: each answer is to the oldest question. */
  private pong(event: Event, part: Part): void {
    const exchange = this.other(event).get(PING_KEYS + (this.pingsAnswered & MOST_PINGS))
    if (exchange !== undefined) this.pingsAnswered++
    this.advance(exchange, event, part)
  }

  /** Between CONNECT and CONNACK it belongs to their exchange; later it opens or answers one of its own (§4.12.1). */
  private auth(event: Event, part: Part): void {
    const connect = this.bySide[0].get(CONNECT_KEY) ?? this.bySide[1].get(CONNECT_KEY)
    const own = this.bySide[0].get(AUTH_KEY) ?? this.bySide[1].get(AUTH_KEY)
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

/** Hands out exchanges and takes them back, all connections together, so that none is allocated in the long run. */
export class ExchangePool {
  open = 0
  /** Dropped because there were too many. */
  dropped = 0
  /** What ends just now ends because there is no more room: it says nothing of the wire. */
  isDropping = false
  private readonly free: Exchange[] = []
  private readonly most: number
  private readonly ended: (exchange: Exchange, session: Session | undefined) => void
  private newest: Exchange | undefined = undefined
  private oldest: Exchange | undefined = undefined

  /** `ended` hears of each exchange when its state is no longer `open`; the object is reused afterwards. */
  constructor(ended: (exchange: Exchange, session: Session | undefined) => void, most = MOST_OPEN) {
    this.ended = ended
    this.most = most
  }

  take(): Exchange {
    if (this.open >= this.most && this.oldest !== undefined) {
      this.dropped++
      this.isDropping = true
      this.release(this.oldest, 'abandoned')
      this.isDropping = false
    }
    const exchange = this.free.pop() ?? new Exchange()
    exchange.state = 'open'
    exchange.step = exchange.repeats = exchange.dups = exchange.resumed = exchange.resent = exchange.ahead = 0
    exchange.code = -1
    exchange.older = this.newest
    exchange.newer = undefined
    if (this.newest === undefined) this.oldest = exchange
    else this.newest.newer = exchange
    this.newest = exchange
    this.open++
    return exchange
  }

  /** The exchange has ended. It keeps its content until the next `take`. */
  release(exchange: Exchange, state: ExchangeState): void {
    const session = exchange.open?.session
    exchange.state = state
    exchange.open?.remove(exchange)
    exchange.open = undefined
    if (exchange.newer === undefined) this.newest = exchange.older
    else exchange.newer.older = exchange.older
    if (exchange.older === undefined) this.oldest = exchange.newer
    else exchange.older.newer = exchange.newer
    this.open--
    this.ended(exchange, session)
    this.free.push(exchange)
  }
}
