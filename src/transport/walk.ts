/** Announces the fields of a unit: of a WebSocket frame or a TLS record. */
import { u8, u16, u32 } from '../base/bytes.ts'
import type { FieldSink } from '../base/field.ts'
import * as F from './fields.ts'
import { LAYERS, type LastUnits, type LayerName, type Unit } from './unit.ts'

const MASK = 0x80
const LENGTH = 0x7f
const LENGTH_16 = 126
const LENGTH_64 = 127
const KEY_SIZE = 4

/** The group of each layer. */
const UNIT_ROOTS = { tls: F.TLS, websocket: F.WEBSOCKET } as const

/** Announces the fields of a unit. `bytes` begin with its header, which is whole, and hold as much of its payload as is at hand. */
export function walkUnit({ kind, headerSize }: Unit, bytes: Uint8Array, sink: FieldSink): void {
  sink.open(UNIT_ROOTS[kind], 0)
  WALKS[kind](bytes, headerSize, sink)
  sink.close(bytes.length)
}

/** Announces the fields in the headers of the units that a packet came out of. `turnTo` is told the bytes that follow. */
export function walkHeaders(units: LastUnits, turnTo: (bytes: Uint8Array) => void, sink: FieldSink): void {
  for (const layer of LAYERS) {
    const unit = units[layer]
    if (unit === undefined) continue
    const header = unit.header.subarray(0, unit.headerSize)
    turnTo(header)
    walkUnit(unit, header, sink)
  }
}

const WALKS: Readonly<Record<LayerName, (bytes: Uint8Array, headerSize: number, sink: FieldSink) => void>> = {
  tls: walkRecord,
  websocket: walkFrame,
}

/** RFC 8446 §5.1. */
function walkRecord(bytes: Uint8Array, headerSize: number, sink: FieldSink): void {
  sink.field(F.TLS_CONTENT_TYPE, 0, 1, u8(bytes, 0))
  sink.field(F.TLS_VERSION, 1, 3, u16(bytes, 1))
  sink.field(F.TLS_LENGTH, 3, 5, u16(bytes, 3))
  if (bytes.length > headerSize) sink.field(F.TLS_PAYLOAD, headerSize, bytes.length, 0)
}

/** RFC 6455 §5.2. */
function walkFrame(bytes: Uint8Array, headerSize: number, sink: FieldSink): void {
  const [first, second] = [u8(bytes, 0), u8(bytes, 1)]
  sink.field(F.WEBSOCKET_FIN, 0, 1, first >> 7)
  sink.field(F.WEBSOCKET_RSV, 0, 1, (first >> 4) & 7)
  sink.field(F.WEBSOCKET_OPCODE, 0, 1, first & 15)
  sink.field(F.WEBSOCKET_MASK, 1, 2, second >> 7)
  const length = second & LENGTH
  sink.field(F.WEBSOCKET_PAYLOAD_LENGTH, 1, 2, length)
  if (length === LENGTH_16) sink.field(F.WEBSOCKET_LENGTH_16, 2, 4, u16(bytes, 2))
  if (length === LENGTH_64) sink.field(F.WEBSOCKET_LENGTH_64, 2, 10, u32(bytes, 2) * 2 ** 32 + u32(bytes, 6))
  if ((second & MASK) !== 0) sink.field(F.WEBSOCKET_MASKING_KEY, headerSize - KEY_SIZE, headerSize, 0)
  if (bytes.length > headerSize) sink.field(F.WEBSOCKET_PAYLOAD, headerSize, bytes.length, 0)
}
