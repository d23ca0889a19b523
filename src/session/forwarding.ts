/** Checks with copies tied to their messages: what records say of it, and the rules about what a broker hands on. */
import { PUBLISH } from '../mqtt/spec.ts'
import type { Side } from '../store/record.ts'
import type { Connection } from './connection.ts'
import type { Exchange } from './exchange/exchange.ts'
import { FanOut } from './fanout/fanout.ts'
import { Forwards } from './rules/forward.ts'
import { Missed } from './rules/missing.ts'
import type { Checks, Context, Tracker } from './tracker.ts'

export interface ForwardingOptions {
  /** Keep who got each message, for a sink that has `message`. */
  readonly keepsCopies?: boolean
  /** Of the fingerprints: random in programs. */
  readonly seed?: number
  /** Messages whose copies are waited for. */
  readonly mostMessages?: number
}

export class Forwarding implements Checks {
  private readonly next: Checks
  private readonly options: ForwardingOptions
  private readonly forwards = new Forwards()
  private readonly missed = new Missed()
  private fanOut: FanOut | undefined = undefined

  /** `next`: the other rules. */
  constructor(next: Checks, options: ForwardingOptions = {}) {
    this.next = next
    this.options = options
  }

  packet(context: Context, tracker: Tracker): void {
    this.next.packet(context, tracker)
    const { record, role } = context
    const fanOut = this.fanOutOf(tracker)
    record.fanOut = undefined
    if (record.type !== PUBLISH) return fanOut.onPacket(record)
    const step = fanOut.onPublish(record, role.exchange === undefined ? undefined : role, role.exchange)
    if (step === undefined) return
    record.fanOut = step
    this.forwards.check(context, step, fanOut, tracker)
  }

  exchange(exchange: Exchange, connection: Connection, tracker: Tracker): void {
    this.fanOut?.exchange(exchange)
    this.next.exchange(exchange, connection, tracker)
  }

  ended(connection: Connection, tracker: Tracker): void {
    this.fanOut?.left(connection.stream)
    this.next.ended(connection, tracker)
  }

  gap(connection: Connection, side: Side, size: number, tracker: Tracker): void {
    this.fanOut?.lost(connection)
    this.next.gap?.(connection, side, size, tracker)
  }

  finish(tracker: Tracker): void {
    this.fanOut?.finish()
    this.next.finish?.(tracker)
  }

  private fanOutOf(tracker: Tracker): FanOut {
    this.fanOut ??= new FanOut({
      keepsCopies: false,
      ...this.options,
      tracker,
      expects: true,
      settled: message => {
        if (message.missing.length > 0) this.missed.report(message, tracker)
        tracker.messageDone(message)
      },
    })
    return this.fanOut
  }
}
