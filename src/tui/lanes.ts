/** Who has a lane: the broker in the middle, clients at its sides, by role and by address with port, never by address alone. */
import { sanitize } from '../export/sanitize.ts'
import type { Row } from '../store/store.ts'
import type { Capture } from './capture.ts'
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

/** Of the connections of these rows as many as there is room for; that of `selected` always. */
export function lanesFor(capture: Capture, rows: readonly Row[], selected: Row, width: number): Lanes {
  const { store } = capture
  const room = Math.max(1, Math.min(MOST_CLIENTS, Math.floor(width / LANE_WIDTH)))
  const ids = new Set<number>()
  const firstRows = new Map<number, Row>()
  if (selected >= 0) ids.add(store.connectionId(selected))
  for (const row of rows) {
    const id = store.connectionId(row)
    if (!firstRows.has(id)) firstRows.set(id, row)
    if (ids.size < room) ids.add(id)
  }
  // In order of number, so that lanes do not change places when the selection moves.
  const chosen = [...ids].sort((a, b) => a - b)
  const left = Math.ceil(chosen.length / 2)
  const places = lanePlaces(chosen.length + 1, width)
  const all: Lane[] = []
  const byConnection = new Map<number, number>()
  for (const [nth, id] of chosen.entries()) {
    const at = places[nth < left ? nth : nth + 1] ?? 0
    byConnection.set(id, at)
    const row = firstRows.get(id) ?? selected
    const connection = store.connections[id]
    const client = connection?.client === 1 ? 1 : 0
    all.push({ at, title: row < 0 ? '?' : clientName(capture, row), address: connection?.flow.endpoint(client) ?? '' })
  }
  const broker = places[left] ?? 0
  const any = store.connections[chosen[0] ?? 0]
  const address = any?.flow.endpoint(any.client === 1 ? 0 : 1) ?? ''
  all.push({ at: broker, title: 'broker', address: sanitize(address) })
  return { all: all.sort((a, b) => a.at - b.at), broker, byConnection }
}
