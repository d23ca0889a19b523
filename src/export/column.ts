/** What stands behind a name of `-e`: the fields to listen to, or what to read from the record. */
import type { Field } from '../base/field.ts'
import type { PacketRecord } from '../store/record.ts'
import type { FormatOptions } from '../text/row-values.ts'

/** A field whose announcements become values; a format that gives undefined only takes notice. */
export interface Source {
  readonly field: Field
  readonly format: (
    bytes: Uint8Array,
    start: number,
    end: number,
    value: number,
    record: PacketRecord,
  ) => string | undefined
}

/** A moment of the capture. */
export interface Instant {
  readonly seconds: number
  readonly nanos: number
}

export interface Column {
  readonly name: string
  /** What a walk over the packet announces. */
  readonly sources?: (options: FormatOptions) => readonly Source[]
  /** What a walk over its frame announces. */
  readonly frameSources?: (options: FormatOptions) => readonly Source[]
  /** What a walk over the headers of its TLS record and WebSocket frame announces. */
  readonly unitSources?: (options: FormatOptions) => readonly Source[]
  /** Read from the record, where the walks yield nothing. `first` is the time of the first frame. */
  readonly value?: (record: PacketRecord, first: Instant) => string
  /** With `--redact` the length of the value stands for it. */
  readonly isSecret?: boolean
  /** The same for columns that may have several values. */
  readonly values?: (record: PacketRecord) => readonly string[]
  /** The sizes of the gaps before and in the packet. */
  readonly gaps?: true
}
