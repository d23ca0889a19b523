/** What a report hears: records, what the tracker makes out, and the end. */
import type { Frame } from '../base/line.ts'
import type { Tracker, TrackerSink } from '../session/tracker.ts'
import type { Exporter, PacketRecord } from '../store/record.ts'

export interface Report extends Exporter, TrackerSink {
  /** Whoever follows the sessions, before the first record. */
  follow?(tracker: Tracker): void
  /** Every frame, before its packets. */
  frame?(frame: Frame): void
  /** Every packet, also those that the display filter leaves out, before `packet`. */
  every?(record: PacketRecord): void
  /** It has told as much as it was asked for. */
  readonly full?: boolean
}

export interface ReportOptions {
  /** Aligned for people, or one JSON record a line as in `report.schema.json`. */
  readonly format: 'text' | 'ndjson'
  readonly color: boolean
  /** Columns of the terminal; undefined where the output goes elsewhere: then nothing is cut to fit. */
  readonly width: number | undefined
  /** User names, passwords and payloads are shown by their length alone. */
  readonly redact: boolean
}
