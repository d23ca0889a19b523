/**
 * One grab: connects, talks, and says what came of it. There is one clock from the start to the end, and whatever the
 * broker does there is one result.
 */
import { randomBytes } from 'node:crypto'
import { isIP } from 'node:net'
import type { Target } from '../capture/sources/target.ts'
import { type Endpoint, now, type Trace } from '../capture/sources/trace.ts'
import { Conversation } from './conversation.ts'
import { type Failure, failure } from './failure.ts'
import type { CountedFinding } from './findings.ts'
import { KEEP_ALIVE_S } from './outgoing.ts'
import type { Received } from './received.ts'
import { type GrabSettings, type Protocol, protocolOf } from './settings.ts'
import type { Task, Timeslice } from './timeslice.ts'
import { WebSocketWire } from './websocket.ts'
import { Allowance, SocketWire, type Wire, type WireSink } from './wire.ts'

/** What ended the listening; null: something else did, and `failure` says what. */
export type Limit = 'duration' | 'messages' | 'bytes' | 'closed' | null

/** What came of one target. */
export interface Grabbed {
  readonly target: Target
  readonly protocol: Protocol
  readonly ip: string | null
  /** Unix milliseconds. */
  readonly startedAt: number
  readonly connected: boolean
  readonly auth: boolean
  /** JSON. */
  readonly connack: string | null
  readonly received: Received
  readonly bytes: number
  readonly findings: readonly CountedFinding[]
  readonly limit: Limit
  readonly failure: Failure | undefined
}

/** What all grabs share. */
export interface Surroundings {
  readonly timeslice: Timeslice
  /** Makes the recording of one connection; absent: none is kept. */
  readonly trace?: () => Trace
  /** Aborted: what is under way ends with what it has. */
  readonly signal: AbortSignal
}

/** Bytes read in one turn. A packet has two at least, so this is a few thousand of them. */
const SLICE = 8 * 1024
/** Our answers wait for a broker that does not take them, and so do its packets. */
const MOST_BACKLOG = 64 * 1024
/** After the broker's goodbye, or when it speaks no MQTT: for what it says on top of that. */
const LINGER_MS = 500
/** PINGREQ after this part of the keep-alive: MQTT 5 §3.1.2.10. */
const PING_PART = 0.75
const MOST_CLIENT_ID = 23

export const grab = (target: Target, settings: GrabSettings, around: Surroundings): Promise<Grabbed> =>
  new Promise(resolve => new Grab(target, settings, around, resolve).start())

/** 23 characters, as 3.1 has it, of which a broker's log tells the origin. */
const randomClientId = (): string => `mqtt-sniff-${randomBytes(6).toString('hex')}`.slice(0, MOST_CLIENT_ID)

interface Arrived {
  readonly bytes: Uint8Array
  readonly at: number
  used: number
}

class Grab implements WireSink, Task {
  private readonly target: Target
  private readonly settings: GrabSettings
  private readonly around: Surroundings
  private readonly resolve: (grabbed: Grabbed) => void
  private readonly conversation: Conversation
  private readonly allowance: Allowance
  private readonly trace: Trace | undefined
  private readonly startedAt = Date.now()
  private wire: Wire | undefined
  private ip: string | null
  private isOpen = false
  private arrived: Arrived[] = []
  /** MQTT bytes handed to the conversation. */
  private read = 0
  /** Nothing more will come: null for the peer's own end or the limit of bytes, else why. */
  private gone: Failure | null | undefined
  private isOver = false
  private readonly timers: NodeJS.Timeout[] = []
  private linger: NodeJS.Timeout | undefined
  private ping: NodeJS.Timeout | undefined
  private readonly onAbort = (): void => {
    this.finish(null, failure('interrupted', 'stopped by the user'))
  }

  constructor(target: Target, settings: GrabSettings, around: Surroundings, resolve: (grabbed: Grabbed) => void) {
    this.target = target
    this.settings = settings
    this.around = around
    this.resolve = resolve
    this.conversation = new Conversation(settings)
    this.allowance = new Allowance(settings.maxBytes)
    this.trace = around.trace?.()
    this.ip = isIP(target.host) === 0 ? null : target.host
  }

  start(): void {
    const { settings, target, allowance } = this
    this.timers.push(setTimeout(() => this.onDeadline(), settings.durationMs))
    if (this.around.signal.aborted) return this.onAbort()
    this.around.signal.addEventListener('abort', this.onAbort)
    const { wsPath } = settings
    this.wire =
      wsPath === undefined
        ? new SocketWire(target, settings, allowance, this)
        : new WebSocketWire(target, settings, wsPath, allowance, this)
  }

  // From the wire

  address(ip: string): void {
    this.ip = ip
  }

  opened(local: Endpoint, remote: Endpoint): void {
    if (this.isOver) return
    this.isOpen = true
    this.trace?.opened(local, remote)
    this.conversation.begin(this.settings.clientId ?? randomClientId())
    this.flush()
  }

  data(bytes: Uint8Array): void {
    if (this.isOver) return
    this.arrived.push({ bytes, at: now(), used: 0 })
    this.wire?.pause()
    this.around.timeslice.add(this)
  }

  text(): void {
    this.conversation.textFrame()
    this.around.timeslice.add(this)
  }

  drained(): void {
    if (!this.isOver && this.arrived.length > 0) this.around.timeslice.add(this)
  }

  ended(why?: Failure): void {
    this.gone = why ?? null
    this.around.timeslice.add(this)
  }

  // Turns

  /** A slice of what has arrived, then what follows from it. A bug of ours costs this grab alone, and is told. */
  turn(): boolean {
    if (this.isOver) return false
    try {
      return this.step()
    } catch (cause) {
      this.finish(null, failure('internal', cause instanceof Error ? cause.message : String(cause)))
      return false
    }
  }

  private step(): boolean {
    if (this.arrived.length > 0 && this.gone === undefined && (this.wire?.backlog ?? 0) > MOST_BACKLOG) return false
    this.readSlice()
    if (this.conclude()) return false
    if (this.arrived.length > 0) return true
    this.wire?.resume()
    return false
  }

  private readSlice(): void {
    const next = this.arrived[0]
    if (next === undefined) return
    const slice = next.bytes.subarray(next.used, next.used + SLICE)
    next.used += slice.length
    if (next.used >= next.bytes.length) this.arrived.shift()
    const { conversation } = this
    const before = conversation.state
    conversation.receive(slice)
    this.read += slice.length
    // Of what came in one go with the last message nothing is told behind it.
    const beyond = conversation.full ? this.read - conversation.consumed : 0
    this.trace?.received(slice.subarray(0, slice.length - beyond), next.at)
    this.flush()
    if (before === 'connecting' && conversation.state === 'listening') this.keepAlive()
  }

  /** The first of these that holds: messages, bytes, the end of the connection. What the clock says comes after them. */
  private conclude(): boolean {
    const { conversation } = this
    if (conversation.full) return this.finish('messages')
    if (this.arrived.length > 0 && conversation.state !== 'broken') return false
    if (conversation.state === 'broken') return this.onBroken()
    if (this.gone !== undefined && this.allowance.isUsedUp) return this.finish('bytes')
    // After a refusal or a DISCONNECT it does not matter how the connection goes.
    if (conversation.state === 'over' && this.gone !== undefined) return this.finish('closed')
    if (this.gone !== undefined) return this.finish(this.isOpen ? 'closed' : null, this.gone ?? undefined)
    if (conversation.state === 'over') this.lingerThen(() => this.finish('closed'))
    return false
  }

  /** What is no MQTT is listened to until its first bytes are there. */
  private onBroken(): boolean {
    const { conversation } = this
    const isStranger = conversation.failure?.code === 'not_mqtt'
    const isAllThere = conversation.knowsPeer || this.gone !== undefined
    if (!isStranger || isAllThere) return this.finish(null, conversation.failure)
    this.lingerThen(() => this.finish(null, conversation.failure))
    return false
  }

  private lingerThen(end: () => void): void {
    this.linger ??= setTimeout(end, LINGER_MS)
  }

  /** What has arrived in time is read first, so that limits reached together are told in one order. */
  private onDeadline(): void {
    while (!this.isOver && this.arrived.length > 0) {
      this.readSlice()
      if (this.conclude()) return
    }
    if (this.conclude()) return
    // What was only listened to for the rest of its words has ended before.
    const { state, failure } = this.conversation
    if (state === 'broken') this.finish(null, failure)
    else this.finish(state === 'over' ? 'closed' : 'duration')
  }

  private keepAlive(): void {
    const seconds = this.conversation.connack?.keepAlive ?? KEEP_ALIVE_S
    // 0 turns it off: MQTT 5 §3.1.2.10.
    if (seconds === 0) return
    this.ping = setInterval(
      () => {
        this.conversation.ping()
        this.flush()
      },
      seconds * 1000 * PING_PART,
    )
  }

  private flush(): void {
    const { outbox } = this.conversation
    if (outbox.length === 0) return
    this.conversation.outbox = []
    const bytes = outbox.length === 1 && outbox[0] !== undefined ? outbox[0] : Buffer.concat(outbox)
    this.trace?.sent(bytes, now())
    this.wire?.send(bytes)
  }

  // The end

  private finish(limit: Limit, why?: Failure): true {
    if (this.isOver) return true
    this.isOver = true
    const { conversation } = this
    this.arrived = []
    this.stopTimers()
    conversation.end()
    conversation.disconnect()
    // Where the bytes are used up it is we who close.
    const isByUs = this.gone === undefined || limit === 'bytes'
    if (isByUs) this.flush()
    const grabbed = this.grabbed(limit, conversation.failure ?? why)
    if (this.isOpen) this.trace?.closed(isByUs ? 'us' : this.gone === null ? 'peer' : 'reset', now())
    const done = (): void => this.resolve(grabbed)
    if (this.wire === undefined) done()
    else this.wire.close(done)
    return true
  }

  private stopTimers(): void {
    for (const timer of this.timers) clearTimeout(timer)
    clearTimeout(this.linger)
    clearInterval(this.ping)
    this.around.signal.removeEventListener('abort', this.onAbort)
  }

  private grabbed(limit: Limit, why: Failure | undefined): Grabbed {
    const { conversation } = this
    const { connack } = conversation
    return {
      target: this.target,
      protocol: protocolOf(this.settings),
      ip: this.ip,
      startedAt: this.startedAt,
      connected: connack !== undefined,
      auth: connack?.auth === true,
      connack: connack?.json ?? null,
      received: conversation.received,
      bytes: this.allowance.received,
      findings: conversation.findings.all,
      limit,
      failure: why ?? (connack === undefined ? withoutConnack(limit) : undefined),
    }
  }
}

/** Where no CONNACK came, something went wrong, whatever ended it. */
function withoutConnack(limit: Limit): Failure {
  switch (limit) {
    case 'duration':
      return failure('timeout', 'the time was over before the CONNACK')
    case 'closed':
      return failure('closed', 'the broker closed the connection before the CONNACK')
    default:
      return failure('protocol', 'no CONNACK came')
  }
}
