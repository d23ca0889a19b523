/** Client ids that are taken over, gathered: how often in how long, and from which addresses. */
import { type Connection, isTakenOver } from '../connection.ts'
import type { Context, Tracker } from '../tracker.ts'
import { CONNACK_RULES } from './connack.ts'
import { seconds } from './seconds.ts'

/** Most client ids gathered at once; beyond it the one that was taken over first is reported at once. */
const MOST_CLIENTS = 1000
/** Most addresses named of one client id. */
const MOST_ADDRESSES = 4
/** Seconds after the last takeover of a client id, and after its first one, until the finding is made. */
const QUIET_S = 10
const LONGEST_S = 60

interface Gathered {
  count: number
  readonly first: number
  last: number
  /** The connection that took over last. */
  connection: Connection
  readonly before: Connection
  readonly addresses: Set<string>
}

export class Takeovers {
  /** Seconds since the capture began at which the next finding is due; Infinity for none. */
  due = Number.POSITIVE_INFINITY
  private readonly gathered = new Map<string, Gathered>()
  /** Connections that ended with 0x8E, Session taken over, and wait for the connection that took over. */
  private readonly dismissed = new Map<Connection, () => void>()

  /** Called for each CONNACK that accepts a client, before the connection is taken for the client's latest one. */
  accepted({ connection, time }: Context, tracker: Tracker): void {
    const { clientId } = connection
    const before = clientId === undefined || clientId === '' ? undefined : tracker.before(connection)
    if (clientId === undefined || before === undefined || !isTakenOver(before, connection)) return
    this.dismissed.delete(before)
    const key = `${clientId}\n${addressOf(connection, true)}`
    const known = this.gathered.get(key) ?? this.begin(key, before, connection, time, tracker)
    known.count++
    known.last = time
    known.connection = connection
    for (const one of [before, connection]) {
      if (known.addresses.size < MOST_ADDRESSES) known.addresses.add(addressOf(one, false))
    }
    this.due = Math.min(this.due, dueOf(known))
  }

  /** Called for a DISCONNECT with 0x8E: `report` makes its finding, unless the capture shows who took over. */
  dismiss(connection: Connection, time: number, report: () => void): void {
    if (this.dismissed.size >= MOST_CLIENTS) return report()
    this.dismissed.set(connection, report)
    this.due = Math.min(this.due, time + QUIET_S)
  }

  /** Reports what is due at `time`. */
  review(time: number, tracker: Tracker): void {
    this.due = Number.POSITIVE_INFINITY
    for (const report of this.dismissed.values()) report()
    this.dismissed.clear()
    for (const [key, one] of this.gathered) {
      if (time >= dueOf(one)) this.report(key, one, tracker)
      else this.due = Math.min(this.due, dueOf(one))
    }
  }

  /** Reports everything that is gathered. */
  finish(tracker: Tracker): void {
    this.review(Number.POSITIVE_INFINITY, tracker)
  }

  private begin(key: string, before: Connection, connection: Connection, time: number, tracker: Tracker): Gathered {
    const [oldest] = this.gathered
    if (this.gathered.size >= MOST_CLIENTS && oldest !== undefined) this.report(oldest[0], oldest[1], tracker)
    const made = { count: 0, first: time, last: time, connection, before, addresses: new Set<string>() }
    this.gathered.set(key, made)
    return made
  }

  private report(key: string, gathered: Gathered, tracker: Tracker): void {
    this.gathered.delete(key)
    tracker.report(CONNACK_RULES.takeover, gathered.connection, gathered.connection.connect, messageOf(gathered))
  }
}

const dueOf = ({ first, last }: Gathered): number => Math.min(last + QUIET_S, first + LONGEST_S)

/** The address of the client without its port, or the address and port of its broker. */
function addressOf({ clientSide, stream }: Connection, isBroker: boolean): string {
  if (isBroker) return stream.flow.endpoint(clientSide === 1 ? 0 : 1)
  return stream.flow.host(clientSide === 1 ? 1 : 0)
}

function messageOf({ count, first, last, connection, before, addresses }: Gathered): string {
  const from = [...addresses].join(' and ')
  const id = `client id ${connection.clientId}`
  if (count === 1) return `${id} was connected since packet ${before.firstPacket} and is taken over from ${from}`
  const often = `${id} was taken over ${count} times in ${seconds(last - first)} by ${from}`
  return addresses.size > 1 ? `${often}: two clients share it` : often
}
