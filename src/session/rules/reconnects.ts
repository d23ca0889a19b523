/** Clients that come back after their connection was lost: how often, how long after one another, and many at once. */
import { AgedMap } from '../../base/aged.ts'
import { otherSide } from '../../net/flow.ts'
import type { Side, Stream } from '../../store/record.ts'
import type { Connection } from '../connection.ts'
import type { Rule } from '../rules.ts'
import type { Context, Tracker } from '../tracker.ts'
import { seconds } from './seconds.ts'

export const RECONNECT_RULES = {
  series: {
    id: 'reconnect.series',
    level: 'note',
    title: 'Client reconnects repeatedly',
    explanation:
      'The connections of the client end without DISCONNECT, and it connects again each time. A good client waits longer after each failure, with some randomness. Check why the connections end.',
  },
  busy: {
    id: 'reconnect.busy',
    level: 'warning',
    title: 'Client reconnects without delay',
    explanation:
      'The connections of the client end without DISCONNECT, and it reconnects within a second each time. This loads the broker without removing the cause. Check why the connections end.',
  },
  storm: {
    id: 'reconnect.storm',
    level: 'warning',
    title: 'Many clients reconnect at once',
    explanation:
      'The broker or the network in front of it ended the connections of many clients, which reconnect at the same moment. A random delay in each client spreads this load.',
  },
} as const satisfies Record<string, Rule>

/** Clients whose attempts are counted; beyond it the one that lost its connection first is reported and forgotten. */
const MOST_CLIENTS = 10_000
/** Brokers whose clients are looked at for a storm; beyond it the one that was looked at first is reported and forgotten. */
const MOST_BROKERS = 1000
/** Attempts from which on a series is worth a finding, and clients from which on it is a storm. */
const FEWEST_ATTEMPTS = 5
const FEWEST_CLIENTS = 20
/** A connection that stood so many seconds, or a pause of so many, ends a series. */
const LONGEST_S = 600
/** Seconds between two clients of one storm, and clients that come back in each second of it. */
const STORM_GAP_S = 1
const STORM_RATE = 10

interface Series {
  attempts: number
  readonly first: number
  last: number
  shortest: number
  longest: number
  /** Seconds at which the connection was lost; NaN while one stands. */
  lost: number
  connection: Connection
}

interface Attempt {
  readonly connection: Connection
  readonly time: number
  readonly broker: string
}

interface Storm {
  readonly clients: Set<string>
  readonly first: number
  last: number
  readonly connection: Connection
}

export class Reconnects {
  private readonly series = new AgedMap<string, Series>()
  /** By broker. */
  private readonly storms = new AgedMap<string, Storm>()

  /** Called when both sides of a connection have ended. */
  ended(connection: Connection, tracker: Tracker): void {
    const { stream, clientSide, connect } = connection
    const key = connect === 0 || clientSide === -1 ? undefined : keyOf(stream, clientSide)
    if (key === undefined) return
    const known = this.series.get(key)
    if (!isLost(connection)) return this.close(key, known, tracker)
    if (known !== undefined) known.lost = connection.ending?.time ?? Number.NaN
    else this.begin(key, connection, tracker)
  }

  /** Called for each CONNECT. */
  connect({ record, connection, time }: Context, tracker: Tracker): void {
    const key = keyOf(record.stream, record.side)
    if (key !== undefined) this.count(key, { connection, time, broker: brokerOf(record.stream, record.side) }, tracker)
  }

  /** Called for each CONNACK that accepts a client: its connection before may have been ended by the broker alone. */
  accepted({ connection }: Context, tracker: Tracker): void {
    const { stream, clientSide, start } = connection
    const before = tracker.before(connection)
    const key = keyOf(stream, clientSide === 1 ? 1 : 0)
    if (key === undefined || before?.ending === undefined || before.ending.time >= start) return
    if (this.series.get(key)?.connection === connection) return
    this.ended(before, tracker)
    this.count(key, { connection, time: start, broker: brokerOf(stream, clientSide === 1 ? 1 : 0) }, tracker)
  }

  private count(key: string, attempt: Attempt, tracker: Tracker): void {
    const { connection, time } = attempt
    const known = this.series.get(key)
    if (known === undefined || Number.isNaN(known.lost)) return
    if (time - known.last > LONGEST_S) return this.close(key, known, tracker)
    if (known.connection.ending?.by !== 'client') this.gather(key, attempt, tracker)
    const apart = time - known.last
    known.attempts++
    known.shortest = Math.min(known.shortest, apart)
    known.longest = Math.max(known.longest, apart)
    known.last = time
    known.lost = Number.NaN
    known.connection = connection
  }

  /** Reports every series and storm that has no end so far. */
  finish(tracker: Tracker): void {
    for (const series of this.series.values()) reportSeries(series, tracker)
    for (const storm of this.storms.values()) reportStorm(storm, tracker)
  }

  private begin(key: string, connection: Connection, tracker: Tracker): void {
    const { start, ending } = connection
    if (this.series.size >= MOST_CLIENTS) reportSeries(this.series.takeOldest(), tracker)
    this.series.set(key, {
      attempts: 1,
      first: start,
      last: start,
      shortest: Number.POSITIVE_INFINITY,
      longest: 0,
      lost: ending?.time ?? Number.NaN,
      connection,
    })
  }

  private close(key: string, series: Series | undefined, tracker: Tracker): void {
    if (series === undefined) return
    this.series.delete(key)
    reportSeries(series, tracker)
  }

  /** The broker had ended the connection of this client: others may come back with it. */
  private gather(key: string, { connection, time, broker }: Attempt, tracker: Tracker): void {
    let storm = this.storms.get(broker)
    if (storm === undefined || time - storm.last > STORM_GAP_S) {
      if (storm !== undefined) reportStorm(storm, tracker)
      storm = { clients: new Set(), first: time, last: time, connection }
      if (this.storms.size >= MOST_BROKERS) reportStorm(this.storms.takeOldest(), tracker)
      this.storms.set(broker, storm)
    }
    storm.last = time
    if (storm.clients.size < MOST_CLIENTS) storm.clients.add(key)
  }
}

/** True if the connection ended in the capture and its client had not said goodbye. */
function isLost(connection: Connection): boolean {
  const { ending, clientSide } = connection
  if (ending === undefined || ['capture', 'evicted', 'takeover'].includes(ending.how)) return false
  return clientSide !== -1 && !connection.peer(clientSide).disconnected
}

const brokerOf = ({ flow }: Stream, client: Side): string => flow.endpoint(otherSide(client))

/** The client at its broker; undefined for one without a name of its own. */
function keyOf(stream: Stream, client: Side): string | undefined {
  const { clientId } = stream
  return clientId === undefined || clientId === '' ? undefined : `${clientId}\n${brokerOf(stream, client)}`
}

function reportSeries(series: Series | undefined, tracker: Tracker): void {
  if (series === undefined || series.attempts < FEWEST_ATTEMPTS) return
  const { attempts, first, last, shortest, longest, connection } = series
  const isEven = longest - shortest < longest / 10
  const apart = isEven ? seconds(longest) : `from ${seconds(shortest)} to ${seconds(longest)}`
  const message = `${attempts} attempts of ${connection.clientId} to stay connected in ${seconds(last - first)}, ${apart} apart`
  const rule = (last - first) / (attempts - 1) < 1 ? RECONNECT_RULES.busy : RECONNECT_RULES.series
  tracker.report(rule, connection, connection.connect, message)
}

function reportStorm(storm: Storm | undefined, tracker: Tracker): void {
  if (storm === undefined) return
  const { clients, first, last, connection } = storm
  const lasted = last - first
  if (clients.size < FEWEST_CLIENTS || clients.size < STORM_RATE * lasted) return
  const message = `${clients.size} clients reconnect at once, within ${seconds(lasted)}`
  tracker.report(RECONNECT_RULES.storm, connection, connection.connect, message)
}
