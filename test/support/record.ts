/** Records as the pipeline hands them to exporters, from the bytes of one packet in hex. */
import { fromHex } from '../../src/base/bytes.ts'
import { Frame } from '../../src/base/line.ts'
import type { RawPacket } from '../../src/mqtt/raw.ts'
import type { Version } from '../../src/mqtt/spec.ts'
import { Flow, Known } from '../../src/net/flow.ts'
import { PacketRecord, type Side } from '../../src/store/record.ts'
import { Stream } from '../../src/store/stream.ts'

export interface RecordParts {
  readonly number?: number
  readonly version?: Version
  readonly side?: Side
  readonly frame?: Partial<Frame>
  readonly stream?: Stream
  readonly clientId?: string
  /** The packet's size, where more than the bytes given were on the wire. */
  readonly size?: number
  readonly incomplete?: boolean
  readonly badLength?: boolean
  readonly pieces?: readonly number[]
  readonly aliasTopic?: string
  readonly aliasUnknown?: boolean
}

/** 2026-11-20 10:06:31.123456789 UTC. */
export const SECONDS = 1_795_169_191
export const NANOS = 123_456_789

export const frameOf = (parts: Partial<Frame> = {}): Frame =>
  Object.assign(new Frame(), { number: 31, seconds: SECONDS, nanos: NANOS, timeDigits: 6, link: 1 }, parts)

export interface FlowParts {
  readonly index?: number
  /** IPv4 addresses as words; IPv6 ones as four of them. */
  readonly from?: readonly number[]
  readonly to?: readonly number[]
  readonly fromPort?: number
  readonly toPort?: number
  readonly frame?: Frame
  /** Its SYN was seen. */
  readonly isWhole?: boolean
}

/** 192.0.2.7:51034 → 192.0.2.1:1883, unless said otherwise; side 0 is the client. */
export function connectionOf(parts: FlowParts = {}): Stream {
  const [source0 = 0, source1 = 0, source2 = 0, source3 = 0] = parts.from ?? [0xc0000207]
  const [target0 = 0, target1 = 0, target2 = 0, target3 = 0] = parts.to ?? [0xc0000201]
  const flow = new Flow(parts.index ?? 0, {
    family: (parts.from ?? []).length === 4 ? 6 : 4,
    source0,
    source1,
    source2,
    source3,
    target0,
    target1,
    target2,
    target3,
    sourcePort: parts.fromPort ?? 51034,
    targetPort: parts.toPort ?? 1883,
    frame: parts.frame ?? frameOf(),
  })
  if (parts.isWhole) flow.known |= Known.Syn0
  return new Stream(flow, 0)
}

/** `bytes`: hex, blanks welcome, or bytes. They stand behind three others and before two, as in a chunk. */
export function recordOf(bytes: string | Uint8Array, parts: RecordParts = {}): PacketRecord {
  const given = typeof bytes === 'string' ? fromHex(bytes) : bytes
  const chunk = Uint8Array.from([0xff, 0xff, 0xff, ...given, 0xff, 0xff])
  const version = parts.version ?? 4
  const raw: RawPacket = {
    bytes: chunk,
    start: 3,
    end: 3 + (parts.size ?? given.length),
    readable: 3 + given.length,
    kept: 3 + given.length,
    holes: [],
    pieces: parts.pieces ?? [],
    frame: frameOf(parts.frame),
    began: Number.NaN,
    incomplete: parts.incomplete ?? false,
    badLength: parts.badLength ?? false,
  }
  const stream = parts.stream ?? connectionOf()
  if (parts.clientId !== undefined) stream.clientId = parts.clientId
  const record = new PacketRecord()
  record.fill(stream, parts.side ?? 0, raw, version)
  record.number = parts.number ?? 1
  record.aliasTopic = parts.aliasTopic
  record.aliasUnknown = parts.aliasUnknown ?? false
  return record
}
