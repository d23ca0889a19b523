/** The packets around the selected one that belong together: of one stream or handshake, or of broken handshakes alone. */

import type { Row } from '../store/store.ts'
import type { RowTest } from '../store/view.ts'
import type { Selection } from './selection.ts'

export const SCOPES = ['all', 'connection', 'handshake'] as const
export type Scope = (typeof SCOPES)[number]

/** Rows looked at to fill the screen with those of one connection among many. */
export const MOST_SCANNED = 200_000

export class FlowRows {
  scope: Scope = 'all'
  onlyBroken = false

  get showsAll(): boolean {
    return this.scope === 'all' && !this.onlyBroken
  }

  /** Rows that are shown: at most `count` before the selected one, itself if it is among them, and `count` after. */
  around(selection: Selection, count: number): readonly Row[] {
    const test = this.test(selection)
    return this.onlyBroken ? brokenAround(selection, test, count) : around(selection, test, count)
  }

  private test(selection: Selection): RowTest {
    const { store, links } = selection.document
    const { row } = selection
    if (row < 0 || this.scope === 'all') return () => true
    const opener = links.opener(row)
    if (this.scope === 'handshake') return other => (opener === 0 ? other === row : links.opener(other) === opener)
    const id = store.streamId(row)
    return other => store.streamId(other) === id
  }
}

/** Rows that pass the test: at most `count` before the selected one, itself, and `count` after. */
function around(selection: Selection, test: RowTest, count: number): readonly Row[] {
  const { view } = selection
  const index = selection.index
  const collect = (step: 1 | -1): Row[] => {
    const found: Row[] = []
    let left = MOST_SCANNED
    for (let at = index + step; found.length < count && left > 0; at += step, left--) {
      const row = view.row(at)
      if (row < 0) break
      if (test(row)) found.push(row)
    }
    return found
  }
  return [...collect(-1).reverse(), view.row(index), ...collect(1)]
}

/** The same among the packets of handshakes that went wrong. */
function brokenAround({ document, view, row }: Selection, test: RowTest, count: number): readonly Row[] {
  const { broken, store, links, tracker } = document
  const rows = broken.rows(store, links, tracker.pool.all, tracker.now)
  const shown = rows.filter(one => test(one) && view.row(view.indexOf(one)) === one)
  const behind = shown.findIndex(one => one > row)
  const at = behind < 0 ? shown.length : behind
  return shown.slice(Math.max(0, at - count - 1), at + count)
}

/** At most `height` rows with the selected one near the middle. */
export function windowOf(found: readonly Row[], row: Row, height: number): readonly Row[] {
  const top = Math.max(0, Math.min(found.indexOf(row) - Math.floor(height / 2), found.length - height))
  return found.slice(top, top + height)
}
