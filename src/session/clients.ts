/**
 * Which connection has which client id, and what a client's next connection does to the one before it. A client id is in
 * `present` while the connection that was accepted with it last stands, in `past` once that one has ended, never in both.
 */
import { AgedMap } from '../base/aged.ts'
import { type Connection, isTakenOver, type LostMessage } from './connection.ts'
import type { ExchangePool } from './exchange/pool.ts'

/** Most connections that are over and remembered by client id, to link reconnects; beyond it the one that ended first is forgotten. */
export const MOST_CLIENTS = 20_000

export class Clients {
  private readonly present = new Map<string, Connection>()
  private readonly past = new AgedMap<string, Connection>()
  private readonly pool: ExchangePool

  constructor(pool: ExchangePool) {
    this.pool = pool
  }

  /** Returns the connection that has this client id now, or had it last. */
  find(clientId: string): Connection | undefined {
    return this.present.get(clientId) ?? this.past.get(clientId)
  }

  /** Returns the connection before `connection` of the same client at the same broker. */
  before(connection: Connection): Connection | undefined {
    const before = this.other(connection)
    return before === undefined || !isSameBroker(before, connection) ? undefined : before
  }

  /** True if no later connection of the same client was accepted. */
  isLatest(connection: Connection): boolean {
    return this.present.get(connection.clientId ?? '') === connection
  }

  /** The client is in: an earlier session of its name ends or goes on (MQTT 5 §3.1.4, §4.4). */
  accept(connection: Connection, now: number): void {
    const { clientId } = connection
    if (clientId === undefined || clientId === '') return
    const before = this.other(connection)
    if (before !== undefined) {
      if (isSameBroker(before, connection)) succeed(connection, before, now)
      else if (!before.stands) before.open.abandon()
    }
    this.past.delete(clientId)
    this.present.set(clientId, connection)
  }

  /** The connection has ended: it is remembered for a while. */
  retire(connection: Connection): void {
    const { clientId } = connection
    if (clientId === undefined || !this.isLatest(connection)) return
    this.present.delete(clientId)
    this.past.set(clientId, connection)
    if (this.past.size > MOST_CLIENTS) this.forget(this.past.takeOldest())
  }

  /** No more packets: nobody comes back for what is unfinished. */
  finish(): void {
    for (const connection of this.past.values()) connection.open.abandon()
    for (const connection of this.present.values()) connection.open.abandon()
  }

  private other(connection: Connection): Connection | undefined {
    const found = this.find(connection.clientId ?? '')
    return found === connection ? undefined : found
  }

  private forget(connection: Connection | undefined): void {
    this.pool.isDropping = true
    connection?.open.abandon()
    this.pool.isDropping = false
  }
}

/** `connection` comes after `before`, and goes on with its session if the broker still has it. */
function succeed(connection: Connection, before: Connection, now: number): void {
  connection.previous = before
  connection.tookOver = isTakenOver(before, connection)
  before.previous = undefined
  if (connection.sessionPresent === true) connection.resume(before)
  else connection.lostMessages = lostMessages(before)
  before.open.abandon()
  before.ending ??= { how: 'takeover', by: 'client', code: -1, time: now }
  before.review()
}

/** Messages of a lost session remembered; of more nothing is known. */
const MOST_LOST = 1000

/** Returns what the client of `before` has sent and the broker has not acknowledged. */
function lostMessages(before: Connection): ReadonlyMap<number, LostMessage> | undefined {
  const lost = new Map<number, LostMessage>()
  for (const { isMessage, side, key, fingerprint, opener } of before.open.all()) {
    if (isMessage && side === before.clientSide && lost.size < MOST_LOST) lost.set(key, { packet: opener, fingerprint })
  }
  return lost.size === 0 ? undefined : lost
}

/** The same client id at another broker is another client. */
const isSameBroker = (a: Connection, b: Connection): boolean => brokerOf(a) === brokerOf(b)
const brokerOf = (connection: Connection): string =>
  connection.stream.flow.endpoint(connection.clientSide === 1 ? 0 : 1)
