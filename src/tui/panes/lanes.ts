/** Who has a lane: the broker in the middle, clients at its sides, by role and by address with port, never by address alone. */

import type { Capture } from '../../analysis/document.ts'
import type { Row } from '../../store/store.ts'
import { type Lane, lanePlaces } from './ladder.ts'
import { clientName } from './words.ts'

/** Cells that a lane needs. */
const LANE_WIDTH = 26
const MOST_CLIENTS = 6

export interface Lanes {
  readonly all: readonly Lane[]
  readonly broker: number
  /** Column of a connection's client; undefined where it has no lane. */
  readonly byConnection: ReadonlyMap<number, number>
}

/** Of the clients of these rows as many as there is room for; that of `selected` always. */
export function lanesFor(capture: Capture, rows: readonly Row[], selected: Row, width: number): Lanes {
  const { store } = capture
  const room = Math.max(1, Math.min(MOST_CLIENTS, Math.floor(width / LANE_WIDTH)))
  const clients = clientsOf(capture, selected < 0 ? rows : [selected, ...rows])
  // In order of number, so that lanes do not change places when the selection moves.
  const chosen = clients.slice(0, room).sort((a, b) => (a.ids[0] ?? 0) - (b.ids[0] ?? 0))
  const left = Math.ceil(chosen.length / 2)
  const places = lanePlaces(chosen.length + 1, width)
  const all: Lane[] = []
  const byConnection = new Map<number, number>()
  for (const [nth, { ids, title, address }] of chosen.entries()) {
    const at = places[nth < left ? nth : nth + 1] ?? 0
    for (const id of ids) byConnection.set(id, at)
    all.push({ at, title, address })
  }
  const broker = places[left] ?? 0
  const any = store.streams[chosen[0]?.ids[0] ?? 0]
  const address = any?.flow.endpoint(any.client === 1 ? 0 : 1) ?? ''
  all.push({ at: broker, title: 'broker', address })
  return { all: all.sort((a, b) => a.at - b.at), broker, byConnection }
}

interface Client {
  readonly ids: number[]
  readonly title: string
  readonly address: string
}

/** In order of appearance. A client that comes back by another port, under its name, keeps its lane. */
function clientsOf(capture: Capture, rows: readonly Row[]): readonly Client[] {
  const { store } = capture
  const known = new Map<string, Client>()
  for (const row of rows) {
    const id = store.streamId(row)
    const { clientId, client, flow } = store.stream(row)
    const side = client === 1 ? 1 : 0
    const key = clientId === undefined || clientId === '' ? `${id}` : `${clientId} ${flow.host(side)}`
    const there = known.get(key)
    if (there === undefined)
      known.set(key, { ids: [id], title: clientName(capture, row), address: flow.endpoint(side) })
    else if (!there.ids.includes(id)) there.ids.push(id)
  }
  return [...known.values()]
}
