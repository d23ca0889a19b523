/** The names that `-e` takes. */
import { nearest } from '../base/nearest.ts'
import type { PayloadReader } from '../store/payloads.ts'
import type { Column } from './column.ts'
import { RECORD_COLUMNS } from './columns-mqtt.ts'
import { NET_COLUMNS } from './columns-net.ts'
import { payloadColumn } from './columns-payload.ts'

export type { Column }

const COLUMNS: ReadonlyMap<string, Column> = new Map(
  [...NET_COLUMNS, ...RECORD_COLUMNS].map(column => [column.name, column]),
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

/**
 * The columns of the names, in their order; `payloads` decodes for those that ask for values of payloads. Throws
 * UnknownFieldError for the first name that is not known.
 */
export function resolveFields(names: readonly string[], payloads?: PayloadReader): readonly Column[] {
  return names.map(name => {
    const column = COLUMNS.get(name) ?? payloadColumn(name, payloads)
    if (column === undefined) throw new UnknownFieldError(name, nearest(name, columnNames()))
    return column
  })
}

/** All names, in the order of the field tables. */
export const columnNames = (): readonly string[] => [...COLUMNS.keys()]
