/** Values as a row of small columns. */

const COLUMNS = '▁▂▃▄▅▆▇█'

/** Each value's column; the highest one has the highest. */
export function sparkline(values: readonly number[]): string {
  const most = Math.max(...values, 0)
  return values.map(value => columnOf(most === 0 ? 0 : value / most)).join('')
}

/** Of a part from 0 to 1. */
const columnOf = (part: number): string => COLUMNS[Math.ceil(part * (COLUMNS.length - 1))] ?? ' '

/** The lowest value has the lowest column, the highest the highest; equal ones stand in the middle. */
export function spreadLine(values: readonly number[]): string {
  const [least, most] = [Math.min(...values), Math.max(...values)]
  return values.map(value => columnOf(most === least ? 0.5 : (value - least) / (most - least))).join('')
}
