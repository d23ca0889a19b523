/**
 * mqtt-sniff as a library: captures in, MQTT control packets out.
 *
 * - `open(name)` gives the bytes of a capture, `Pipeline` turns bytes into records, in order, keeping nothing.
 * - `walk` announces every field of one control packet with its place; `Tree` and `ControlPacket` are listeners.
 * - `Analysis` does the same with sessions, exchanges, and what breaks the standard: a `Tracker` with `Findings` behind a
 *   `Pipeline`.
 * - `Filter` tests records and rows by a display filter.
 * - `Store` keeps packets as rows and reads them again from the capture.
 * - The exporters turn records into text.
 *
 * Everything below `open` is synchronous, does no input or output and owns no clock. Records, frames and packets are
 * reused objects: they are valid only during the call that hands them out.
 */

export { Analysis, type AnalysisOptions, type Depth } from './analysis/analysis.ts'
export { Pipeline, type PipelineOptions } from './analysis/pipeline.ts'
export { fromHex, hex } from './base/bytes.ts'
export type { Field, FieldKind, FieldSink } from './base/field.ts'
export { type FlowEnd, Frame, type FrameSink, NO_TIME, type RunSink } from './base/line.ts'
export { type ByteLog, logOver, MemoryLog } from './capture/log.ts'
export { CaptureReader, type CaptureSink, type Damage, DamageCode, type Interface } from './capture/reader.ts'
export { open, type PacketSource } from './capture/sources/source.ts'
export { CaptureWriter } from './capture/writer.ts'
export { resolveFields, UnknownFieldError } from './export/columns.ts'
export { CsvExporter } from './export/csv.ts'
export { FieldsExporter } from './export/fields.ts'
export { JsonExporter, NdjsonExporter } from './export/ndjson.ts'
export { TextExporter } from './export/text.ts'
export { FilterError } from './filter/error.ts'
export { Filter } from './filter/filter.ts'
export { type FaultPlace, faultMessage } from './mqtt/fault-text.ts'
export { FAULTS, Fault, faultId, faultLevel } from './mqtt/faults.ts'
export { Slot } from './mqtt/fields.ts'
export { ControlPacket } from './mqtt/packet.ts'
export type { PacketSink, RawPacket } from './mqtt/raw.ts'
export { PROPERTIES, REASON_CODES, reasonName, TYPE_NAMES, type Version } from './mqtt/spec.ts'
export { type Node, Tree } from './mqtt/tree.ts'
export { walk } from './mqtt/walk.ts'
export type { Flow } from './net/flow.ts'
export type { Connection } from './session/connection.ts'
export type { Exchange } from './session/exchange/exchange.ts'
export type { RuleFinding } from './session/finding.ts'
export { Findings } from './session/findings.ts'
export type { Session, Subscription } from './session/session.ts'
export { Tracker, type TrackerSink } from './session/tracker.ts'
export { RECORD_FIELDS as MQTT_FIELDS } from './store/facts.ts'
export { type Finding, findingsOf } from './store/findings.ts'
export type { Exporter, PacketRecord, RecordSink, Side, Summary, Write } from './store/record.ts'
export { type Row, Store } from './store/store.ts'
export { Stream } from './store/stream.ts'
export type { ExchangeKind, ExchangeState, Level, Sender } from './store/vocabulary.ts'
export { sanitize } from './text/sanitize.ts'
