/** The names that `-e` takes. */
import type { Column } from './column.ts'
import { MQTT_COLUMNS } from './columns-mqtt.ts'
import { NET_COLUMNS } from './columns-net.ts'

export type { Column }

const COLUMNS: ReadonlyMap<string, Column> = new Map(
  [...NET_COLUMNS, ...MQTT_COLUMNS].map(column => [column.name, column]),
)

/** A name that is not known; `near` are those at most two letters away. */
export class UnknownFieldError extends Error {
  readonly field: string
  readonly near: readonly string[]

  constructor(field: string, near: readonly string[]) {
    super(`unknown field ${field}${near.length === 0 ? '' : `; did you mean ${near.join(' or ')}?`}`)
    this.name = 'UnknownFieldError'
    this.field = field
    this.near = near
  }
}

/** The columns of the names, in their order. Throws UnknownFieldError for the first name that is not known. */
export function resolveFields(names: readonly string[]): readonly Column[] {
  return names.map(name => {
    const column = COLUMNS.get(name)
    if (column === undefined) throw new UnknownFieldError(name, nearest(name))
    return column
  })
}

/** All names, in the order of the field tables. */
export const columnNames = (): readonly string[] => [...COLUMNS.keys()]

const FARTHEST = 2
const MOST_NEAR = 3

function nearest(name: string): readonly string[] {
  return columnNames()
    .map(known => ({ known, distance: editDistance(name, known) }))
    .filter(({ distance }) => distance <= FARTHEST)
    .sort((a, b) => a.distance - b.distance)
    .slice(0, MOST_NEAR)
    .map(({ known }) => known)
}

/** Letters to insert, delete or replace (Levenshtein). */
export function editDistance(a: string, b: string): number {
  let before = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let row = 1; row <= a.length; row++) {
    const now = [row]
    for (let column = 1; column <= b.length; column++) {
      const replaced = (before[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1)
      now.push(Math.min(replaced, (before[column] ?? 0) + 1, (now[column - 1] ?? 0) + 1))
    }
    before = now
  }
  return before[b.length] ?? 0
}
