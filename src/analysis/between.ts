/** Which incidents stand between the packets that are shown: of the connections of these packets, whatever a filter hides. */
import type { Incident } from '../diagram/incident.ts'
import type { Row } from '../store/store.ts'
import type { Stream } from '../store/stream.ts'
import type { Selection } from './selection.ts'

/** Returns what stands behind the packet at an index of the view and before the next one; before the first one, if the index is -1. */
export function behind({ document, view }: Selection, index: number): readonly Incident[] {
  const { store, incidents } = document
  const row = view.row(index)
  const next = view.row(index + 1)
  const from = index < 0 ? 0 : store.number(row)
  const to = next < 0 ? endOf(store.base + view.until) : store.number(next)
  return incidents
    .between(from, to)
    .filter(({ kind, after, stream }) =>
      kind === 'ghost' ? store.rowOf(after) === row : view.hasStream(store.idOfStream(stream)),
    )
}

/** Behind the last packet everything is shown, unless the view stands still. */
const endOf = (until: number): number => until + 1

/**
 * Returns what stands among `rows`, which need not be neighbours. `isStart` and `isEnd`: also before the first and behind the last
 * of them. `isAll`: of every connection that has packets shown, not of those of `rows` alone.
 */
export function among(
  { document, view }: Selection,
  rows: readonly Row[],
  { isAll, isStart, isEnd }: { isAll: boolean; isStart: boolean; isEnd: boolean },
): readonly Incident[] {
  const { store, incidents } = document
  const [first, last] = [rows[0], rows.at(-1)]
  if (first === undefined || last === undefined) return []
  const there = new Set(rows)
  const streams = new Set<Stream>(rows.map(row => store.stream(row)))
  const from = isStart ? 0 : store.number(first)
  const to = isEnd ? endOf(store.base + view.until) : store.number(last)
  return incidents.between(from, to).filter(incident => {
    if (incident.kind === 'ghost') return there.has(store.rowOf(incident.after))
    if (isAll) return view.hasStream(store.idOfStream(incident.stream))
    return streams.has(incident.stream) || (incident.kind === 'takeover' && streams.has(incident.from))
  })
}
