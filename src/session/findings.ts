/** Puts the families of rules together. */
import type { Exchange } from './exchanges.ts'
import type { Session } from './session.ts'
import type { Checks, Context, Tracker } from './tracker.ts'

export class Findings implements Checks {
  packet(_context: Context, _tracker: Tracker): void {}
  exchange(_exchange: Exchange, _session: Session, _tracker: Tracker): void {}
  ended(_session: Session, _tracker: Tracker): void {}
}
