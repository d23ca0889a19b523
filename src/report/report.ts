/** What a report hears: records, what the tracker makes out, and the end. */
import type { Frame } from '../line.ts'
import type { Tracker, TrackerSink } from '../session/tracker.ts'
import type { Exporter } from '../store/record.ts'

export interface Report extends Exporter, TrackerSink {
  /** Whoever follows the sessions, before the first record. */
  follow?(tracker: Tracker): void
  /** Every frame, before its packets. */
  frame?(frame: Frame): void
}
