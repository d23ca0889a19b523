/** The lanes of a diagram: the broker in the middle, clients at both sides. A client is known by its id and address. */
import type { Row, Store } from '../store/store.ts'
import { nameOfClient } from '../text/client.ts'

export interface Lane {
  /** `broker`, or the name of a client: sanitised. */
  readonly title: string
  /** Address and port; those of the first connection that uses the lane. */
  readonly address: string
}

export interface Lanes {
  /** All lanes from left to right. */
  readonly all: readonly Lane[]
  /** Index of the broker in `all`. */
  readonly broker: number
  /** Index in `all` of the client of a stream, by stream id of the store; without the streams that have no lane. */
  readonly ofStream: ReadonlyMap<number, number>
}

interface Client extends Lane {
  /** Ids of its streams in order of appearance; never empty. */
  readonly streams: number[]
}

/** Returns lanes for the first `most` clients of `rows` (1 or more) and for one broker. */
export function lanesOf(store: Store, rows: readonly Row[], most: number): Lanes {
  // Sorted by stream, so that lanes stay where they are when `rows` begins with another client.
  const clients = clientsOf(store, rows)
    .slice(0, most)
    .sort((a, b) => firstOf(a) - firstOf(b))
  const broker = Math.ceil(clients.length / 2)
  const ofStream = new Map<number, number>()
  for (const [nth, { streams }] of clients.entries()) {
    for (const id of streams) ofStream.set(id, nth < broker ? nth : nth + 1)
  }
  const all = [...clients.slice(0, broker), brokerOf(store, clients[0]), ...clients.slice(broker)]
  return { all: all.map(({ title, address }) => ({ title, address })), broker, ofStream }
}

const firstOf = ({ streams }: Client): number => streams[0] ?? 0

/** The lane of the broker, under the address that `client` speaks to; none without a client. */
function brokerOf(store: Store, client: Client | undefined): Lane {
  const stream = client && store.streams[firstOf(client)]
  return { title: 'broker', address: stream?.flow.endpoint(stream.client === 1 ? 0 : 1) ?? '' }
}

/** The clients in order of appearance. One that returns from another port, under its client id, is the same client. */
function clientsOf(store: Store, rows: readonly Row[]): readonly Client[] {
  const known = new Map<string, Client>()
  const seen = new Set<number>()
  for (const row of rows) {
    const id = store.streamId(row)
    if (seen.has(id)) continue
    seen.add(id)
    const stream = store.stream(row)
    const { clientId, client, flow } = stream
    const side = client === 1 ? 1 : 0
    const key = clientId === undefined || clientId === '' ? `${id}` : `${clientId} ${flow.host(side)}`
    const there = known.get(key)
    if (there !== undefined) there.streams.push(id)
    else known.set(key, { streams: [id], title: nameOfClient(stream), address: flow.endpoint(side) })
  }
  return [...known.values()]
}
