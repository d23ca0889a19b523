/** The known names that the writer of an unknown one may have meant. */

/** Most letters that may differ, and most names that are offered. */
const FARTHEST = 2
const MOST_NEAR = 3
/** Longest name that is compared, in characters: no known name is so long that a longer one could be near it. */
const LONGEST = 100

interface Likeness {
  /** Most letters to insert, delete or replace. */
  readonly farthest?: number
  /** True if a letter in the other case is the same letter. */
  readonly ignoresCase?: boolean
}

/** Returns the known names that differ from `name` by few letters, at most three, the nearest first. */
export function nearest(
  name: string,
  known: readonly string[],
  { farthest = FARTHEST, ignoresCase = false }: Likeness = {},
): readonly string[] {
  if (name.length > LONGEST) return []
  const plain = (text: string): string => (ignoresCase ? text.toLowerCase() : text)
  return known
    .map(one => ({ one, distance: editDistance(plain(name), plain(one)) }))
    .filter(({ distance }) => distance <= farthest)
    .sort((a, b) => a.distance - b.distance)
    .slice(0, MOST_NEAR)
    .map(({ one }) => one)
}

/** Returns the number of letters to insert, delete or replace to make `b` of `a` (Levenshtein). */
function editDistance(a: string, b: string): number {
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
