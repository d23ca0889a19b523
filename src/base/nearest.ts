/** The names that somebody may have meant who wrote another one. */

const FARTHEST = 2
const MOST_NEAR = 3
/** No name is so long that a longer one could be near it. */
const LONGEST = 100

/** The known names at most two letters away, the nearest first. */
export function nearest(name: string, known: readonly string[]): readonly string[] {
  if (name.length > LONGEST) return []
  return known
    .map(one => ({ one, distance: editDistance(name, one) }))
    .filter(({ distance }) => distance <= FARTHEST)
    .sort((a, b) => a.distance - b.distance)
    .slice(0, MOST_NEAR)
    .map(({ one }) => one)
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
