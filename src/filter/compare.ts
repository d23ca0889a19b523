/** Tests of single values, and of all values of a field. */
import { compareBytes, indexOfBytes } from '../base/bytes.ts'
import type { Comparison } from './expression.ts'
import type { Literal } from './literals.ts'
import type { ValueType } from './names.ts'
import type { Value } from './sources.ts'

export type Test = (value: Value) => boolean

/** Below 0, 0 or above 0; values of one comparison are of one kind. */
export type Order = (a: Value, b: Value) => number

/** Text as in a dictionary; of bytes the longer ones are the greater, as Wireshark 4.0 has it. */
export const orderOf = (type: ValueType): Order => (type === 'bytes' ? byLength : byContent)

function byContent(a: Value, b: Value): number {
  if (typeof a === 'object' && typeof b === 'object') return compareBytes(a, b)
  return a < b ? -1 : a > b ? 1 : 0
}

const byLength: Order = (a, b) =>
  typeof a === 'object' && typeof b === 'object' && a.length !== b.length ? a.length - b.length : byContent(a, b)

/** Whether the relation holds, by what `order` says. */
const HOLDS: Readonly<Record<Comparison, (sign: number) => boolean>> = {
  anyEqual: sign => sign === 0,
  allEqual: sign => sign === 0,
  anyUnequal: sign => sign !== 0,
  allUnequal: sign => sign !== 0,
  greater: sign => sign > 0,
  less: sign => sign < 0,
  atLeast: sign => sign >= 0,
  atMost: sign => sign <= 0,
}

/** Wireshark 4.0: `===` and `!=` ask for all values of the field, everything else for one that fits. */
export const asksAll = (comparison: string): boolean => comparison === 'allEqual' || comparison === 'allUnequal'

export const relation = (comparison: Comparison, order: Order): ((a: Value, b: Value) => boolean) => {
  const holds = HOLDS[comparison]
  return (a, b) => holds(order(a, b))
}

/** Numbers against a number: these run once for every row of a capture. */
const NUMERIC: Readonly<Record<Comparison, (than: number) => Test>> = {
  anyEqual: than => value => value === than,
  allEqual: than => value => value === than,
  anyUnequal: than => value => value !== than,
  allUnequal: than => value => value !== than,
  greater: than => value => (value as number) > than,
  less: than => value => (value as number) < than,
  atLeast: than => value => (value as number) >= than,
  atMost: than => value => (value as number) <= than,
}

const IS_EQUALITY: ReadonlySet<Comparison> = new Set(['anyEqual', 'allEqual'])

/** A network is equal to each of its addresses; above and below it are those beyond its ends. */
export function compareTest(comparison: Comparison, { low, high }: Literal, order: Order): Test {
  if (typeof low === 'number' && low === high) return NUMERIC[comparison](low)
  const within = withinTest({ low, high }, order)
  if (IS_EQUALITY.has(comparison)) return within
  if (comparison === 'anyUnequal' || comparison === 'allUnequal') return value => !within(value)
  const holds = HOLDS[comparison]
  const end = comparison === 'greater' || comparison === 'atMost' ? high : low
  return value => holds(order(value, end))
}

/** From `low` up to and with `high`. */
export function withinTest({ low, high }: Literal, order: Order): Test {
  if (typeof low === 'number' && typeof high === 'number')
    return value => (value as number) >= low && (value as number) <= high
  if (low === high) return value => order(value, low) === 0
  return value => order(value, low) >= 0 && order(value, high) <= 0
}

export const containsTest =
  (part: Uint8Array): Test =>
  value =>
    typeof value === 'object' && indexOfBytes(value, part) >= 0

/** Of no values neither all nor any pass. */
export const quantified = (test: Test, all: boolean): ((values: readonly Value[]) => boolean) =>
  all ? values => values.length > 0 && values.every(test) : values => values.some(test)
