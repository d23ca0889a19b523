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
} from '../../mqtt/spec.ts'
import type { ExchangeFact, Side } from '../../store/record.ts'
import type { ExchangeKind, ExchangeState } from '../../store/vocabulary.ts'

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
export interface KindSteps {
  readonly kind: ExchangeKind
  /** Index of the step by packet type; -1 for a type that is no step. */
  readonly stepOfType: Int8Array
  /** Index of the last step. */
  readonly last: number
}

function stepsOf(kind: ExchangeKind): KindSteps {
  const steps = STEPS[kind]
  const stepOfType = Int8Array.from({ length: 16 }, (_, type) => steps.findIndex(step => step.type === type))
  return { kind, stepOfType, last: steps.length - 1 }
}

export const QOS1 = stepsOf('qos1')
export const QOS2 = stepsOf('qos2')
export const SUBSCRIPTION = stepsOf('subscribe')
export const UNSUBSCRIPTION = stepsOf('unsubscribe')
export const CONNECTION = stepsOf('connect')
export const PING = stepsOf('ping')
export const AUTHENTICATION = stepsOf('auth')

/** Numbers and times of the four steps an exchange has at most: 64 bytes, one line of the cache. */
export const STEP_NUMBERS = 8
const TIMES = 4

/** Who opens and answers exchanges, as the exchanges know it: one connection. */
export interface ExchangeOwner {
  /** No two owners have the same number. */
  readonly number: number
  /** True while bytes are proven missing that may still come: a direction waits for them. */
  readonly isWaiting: boolean
  /** True if one side alone was captured. */
  readonly isHalf: boolean
  /** True if bytes are missing, or seem to be. */
  readonly missesBytes: boolean
  /** Called when an exchange of this owner is no longer open; its object is used again afterwards. */
  exchangeEnded(exchange: Exchange): void
}

/** The open exchanges that an exchange is one of. */
export interface ExchangeList {
  /** Unlinks `exchange`: it goes on in another list. */
  remove(exchange: Exchange): void
  /** Ends `exchange`, reports it to the owner and gives its object back. */
  release(exchange: Exchange, state: ExchangeState): void
}

/** One object for many exchanges in turn. What is read for every packet stands first. */
export class Exchange {
  kindSteps = QOS1
  state: ExchangeState = 'open'
  /** The side that opened it. */
  side: Side = 0
  /** Steps done: an index into STEPS, 0 after the opener. */
  step = 0
  key = 0
  /** Tells the message apart from another one under the same id. */
  fingerprint = 0
  /** Reason code of the last answer; -1 for none. */
  code = -1
  /** A packet that came before the step it answers; 0 for none. */
  ahead = 0
  /** The list it is open in; undefined once it has ended. */
  open: ExchangeList | undefined = undefined
  /** The next newer and the next older exchange of the same list. */
  newer: Exchange | undefined = undefined
  older: Exchange | undefined = undefined
  /** Id of the topic or first filter in the tracker's strings; -1 for none. */
  topic = -1
  /** Packets sent again, and how many of them had DUP. */
  repeats = 0
  dups = 0
  /** Connections it has outlived: resent after a reconnect. */
  resumed = 0
  /** Times its opener was sent again over the connection it is on. */
  resent = 0
  /** Times its PUBREL was sent again over the connection it is on. */
  released = 0
  /** The message counts against the Receive Maximum of the connection it is on. */
  counted = false
  /** The packet that took its id although its answer may still become readable; 0 for none. */
  replacedBy = 0
  /** Of the packet `ahead`. */
  aheadType = 0
  aheadTime = Number.NaN
  aheadCode = 0
  /** Index in `ExchangePool.all`. */
  readonly index: number
  private readonly steps: Float64Array
  private readonly at: number

  /** Its steps stand in `steps` from `at` on, STEP_NUMBERS of them. */
  constructor(index: number, steps: Float64Array, at: number) {
    this.index = index
    this.steps = steps
    this.at = at
  }

  get kind(): ExchangeKind {
    return this.kindSteps.kind
  }

  /** A message of QoS 1 or 2: it may outlive its connection. */
  get isMessage(): boolean {
    return this.kindSteps === QOS1 || this.kindSteps === QOS2
  }

  /** Packet numbers and times by step; times in seconds since the capture began. */
  get numbers(): readonly number[] {
    return [0, 1, 2, 3].map(step => this.numberAt(step))
  }

  get times(): readonly number[] {
    return [0, 1, 2, 3].map(step => this.timeAt(step))
  }

  numberAt(step: number): number {
    return this.steps[this.at + step] as number
  }

  timeAt(step: number): number {
    return this.steps[this.at + TIMES + step] as number
  }

  /** `step` is done. */
  completeStep(step: number, number: number, time: number): void {
    const at = this.at + step
    this.step = step
    this.steps[at] = number
    this.steps[at + TIMES] = time
  }

  get opener(): number {
    return this.numberAt(0)
  }

  /** Packet number of the step done last. */
  get last(): number {
    return this.numberAt(this.step)
  }

  get lastTime(): number {
    return this.timeAt(this.step)
  }

  /** Seconds from the opener to the step done last; 0 where the clock was turned back. */
  get total(): number {
    return Math.max(0, this.lastTime - this.timeAt(0))
  }

  /** Who has to send the next packet, and which. */
  get awaited(): { readonly type: number; readonly side: Side } | undefined {
    const next = STEPS[this.kind][this.step + 1]
    if (next === undefined) return undefined
    return { type: next.type, side: next.byOpener === (this.side === 0) ? 0 : 1 }
  }

  /** Resets the object for reuse. */
  reset(): void {
    this.state = 'open'
    this.step = this.repeats = this.dups = this.resumed = this.resent = this.ahead = 0
    this.released = this.replacedBy = 0
    this.counted = false
    this.code = -1
  }
}

/** What a packet is in an exchange; one object, reused. */
export class Role implements ExchangeFact {
  exchange: Exchange | undefined = undefined
  name: 'none' | 'opener' | 'step' | 'repeat' | 'orphan' | 'wrong' | 'early' | 'reuse' = 'none'
  /** The packet that this one answers, and the seconds since; 0 and NaN for none. */
  answers = 0
  latency = Number.NaN
  /** With `reuse`: the exchange whose id was taken. */
  replaced: Exchange | undefined = undefined
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
    this.name = 'none'
    this.answers = 0
    this.latency = Number.NaN
    this.replaced = undefined
    this.ahead = 0
  }
}

/** One packet, by all that exchanges depend on. */
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
  fingerprint: number
  topic: number
}
