/** Tables that are looked up by words from outside: captured, typed, or written in a file. */

/** Returns a table of its own entries alone: `constructor` and the like, which every object knows, are not in it. */
export const byWord = <Value>(entries: Readonly<Record<string, Value>>): Readonly<Record<string, Value>> =>
  Object.assign(Object.create(null), entries)
