/** Where the values of a name come from: fields that a walk announces, or what is known of the record. */
import { byWord } from '../base/by-word.ts'
import { concatBytes } from '../base/bytes.ts'
import type { Field } from '../base/field.ts'
import * as M from '../mqtt/fields.ts'
import * as N from '../net/fields.ts'
import { type Flow, otherSide } from '../net/flow.ts'
import { dottedPath, type Path } from '../payload/path.ts'
import { type Fact, factNamed } from '../store/facts.ts'
import type { PacketRecord, Side } from '../store/record.ts'
import { UNIT_FIELDS } from '../transport/fields.ts'

/** A number, an amount of nanoseconds, or bytes: of texts, payloads and longer addresses. */
export type Value = number | bigint | Uint8Array

/** A moment of the capture. */
export interface Moment {
  readonly seconds: number
  readonly nanos: number
}

/** The value announced at `bytes[start..end)`; undefined: none. */
export type Take = (
  bytes: Uint8Array,
  start: number,
  end: number,
  value: number,
  record: PacketRecord,
) => Value | undefined

export type Source =
  | {
      readonly walk: 'packet' | 'frame' | 'unit'
      readonly fields: readonly (readonly [Field, Take])[]
      /** Where the walk yields nothing. */
      readonly otherwise?: (record: PacketRecord) => readonly Value[]
    }
  | { readonly read: (record: PacketRecord, first: Moment) => readonly Value[] }
  /** The same for all packets that one side of a connection sends. */
  | { readonly ofSide: (flow: Flow, side: Side) => readonly Value[] }
  | { readonly gaps: true }
  /** The values that decoding the payload gives at a path. */
  | { readonly payload: Path }
  /** How the payload was decoded, or why it was not. */
  | { readonly decoding: 'as' | 'error' }

const encoder = new TextEncoder()
export const textBytes = (text: string): Uint8Array => encoder.encode(text)

const NONE: readonly Value[] = []
const number: Take = (_bytes, _start, _end, value) => value
const bytesOf: Take = (bytes, start, end) => bytes.subarray(start, end)
const present: Take = () => 1
/** From the header of a layer to the end of its frame. */
const layer: Take = (bytes, start, _end, _value, { raw }) => bytes.subarray(start, raw.frame.end)
/** A payload that is not in the capture as a whole has no value, as in tshark. */
const payload: Take = (bytes, start, end, _value, { raw }) =>
  raw.readable < raw.end ? undefined : bytes.subarray(start, end)
const relative =
  (ofSender: boolean): Take =>
  (_bytes, _start, _end, value, { stream, side }) =>
    (value - stream.flow.base(ofSender ? side : otherSide(side))) >>> 0

/** Protocols whose bytes reach to the end of the frame. */
const LAYERS = ['eth', 'ip', 'ipv6', 'tcp']

function takeOf(field: Field): Take {
  if (LAYERS.includes(field.name)) return layer
  if (field === M.MSG) return payload
  if (field.kind === 'group') return present
  return field.kind === 'text' || field.kind === 'bytes' || field.kind === 'ipv6' || field.kind === 'mac'
    ? bytesOf
    : number
}

const packet = (...fields: readonly (readonly [Field, Take])[]): Source => ({ walk: 'packet', fields })
const frame = (...fields: readonly (readonly [Field, Take])[]): Source => ({ walk: 'frame', fields })
const unit = (...fields: readonly (readonly [Field, Take])[]): Source => ({ walk: 'unit', fields })
const read = (values: (record: PacketRecord, first: Moment) => readonly Value[]): Source => ({ read: values })
const ofSide = (values: (flow: Flow, side: Side) => readonly Value[]): Source => ({ ofSide: values })
const one = (value: (record: PacketRecord) => Value): Source => read(record => [value(record)])

/** The group around a user property has no value of its own: its name and value are put together here. */
function userProperty(): Source {
  let key: Uint8Array = new Uint8Array(0)
  return packet(
    [
      M.PROP_KEY,
      (bytes, start, end) => {
        key = bytes.subarray(start, end)
        return undefined
      },
    ],
    [M.PROP_VALUE, (bytes, start, end) => concatBytes(key, EQUALS, bytes.subarray(start, end))],
  )
}

const EQUALS = Uint8Array.of(0x3d)

/** The addresses of the connection: where there are tunnels, those of the innermost layer. */
function addressOf(flow: Flow, side: Side, family: 4 | 6): readonly Value[] {
  if (flow.family !== family) return NONE
  const words =
    side === 0
      ? [flow.a0, flow.wide.a1, flow.wide.a2, flow.wide.a3]
      : [flow.b0, flow.wide.b1, flow.wide.b2, flow.wide.b3]
  if (family === 4) return [(words[0] ?? 0) >>> 0]
  const bytes = new Uint8Array(16)
  for (let at = 0; at < 16; at++) bytes[at] = (words[at >> 2] ?? 0) >>> (24 - 8 * (at & 3))
  return [bytes]
}

/** `toSender` for fields of the sender, `toReceiver` for those of the other end, both for names that mean either. */
const ends = (values: (flow: Flow, side: Side) => readonly Value[], ...which: readonly ('from' | 'to')[]): Source =>
  ofSide((flow, side) => which.flatMap(end => values(flow, end === 'from' ? side : otherSide(side))))

const ipv4 = (flow: Flow, side: Side): readonly Value[] => addressOf(flow, side, 4)
const ipv6 = (flow: Flow, side: Side): readonly Value[] => addressOf(flow, side, 6)
const port = (flow: Flow, side: Side): readonly Value[] => [flow.port(side)]

function epoch({ raw: { frame } }: PacketRecord): readonly Value[] {
  return Number.isNaN(frame.seconds) ? NONE : [BigInt(frame.seconds) * 1_000_000_000n + BigInt(frame.nanos)]
}

function sinceFirst({ raw: { frame } }: PacketRecord, first: Moment): readonly Value[] {
  const nanos = (frame.seconds - first.seconds) * 1e9 + (frame.nanos - first.nanos)
  return Number.isNaN(nanos) ? NONE : [nanos]
}

const NANOS = 1e9
const asValue = (value: number | string | Uint8Array): Value => (typeof value === 'string' ? textBytes(value) : value)

/** `read` in the unit in which filters compare the fact: durations in nanoseconds. */
export const scaled = <From>({ kind }: Fact, read: (from: From) => number): ((from: From) => number) =>
  kind === 'seconds' ? from => Math.round(read(from) * NANOS) : read

function ofFact(fact: Fact): Source {
  const { number, text, all } = fact
  if (all !== undefined) return read(record => all(record).map(asValue))
  const value = number === undefined ? (text ?? nothing) : scaled(fact, number)
  return read(record => {
    const found = value(record)
    return found === undefined || Number.isNaN(found) ? NONE : [asValue(found)]
  })
}

const nothing = (): undefined => undefined

/** By name: what no walk announces, or not so. */
const SPECIAL: Readonly<Record<string, () => Source>> = byWord({
  payload: () => ({ payload: dottedPath('') }),
  'mqtt.payload.decoded_as': () => ({ decoding: 'as' }),
  'mqtt.payload.error': () => ({ decoding: 'error' }),
  mqtt: () => one(({ raw }) => raw.bytes.subarray(raw.start, raw.readable)),
  // Wireshark writes the topic that an alias stands for under the same name.
  'mqtt.topic': () => ({
    walk: 'packet',
    fields: [[M.TOPIC, bytesOf]],
    otherwise: ({ aliasTopic }) => (aliasTopic === undefined ? NONE : [textBytes(aliasTopic)]),
  }),
  'mqtt.msg_text': () => packet([M.MSG, payload]),
  'mqtt.payload': () => packet([M.MSG, payload]),
  'mqtt.willmsg_text': () => packet([M.WILLMSG, bytesOf]),
  'mqtt.will_payload': () => packet([M.WILLMSG, bytesOf]),
  'mqtt.msg_decoded_as': () => read(() => NONE),
  'mqtt.property.userProperty': userProperty,
  frame: () => one(({ raw: { frame } }) => frame.bytes.subarray(frame.start, frame.end)),
  'frame.time_epoch': () => read(epoch),
  'frame.time_relative': () => read(sinceFirst),
  'ip.src': () => ends(ipv4, 'from'),
  'ip.dst': () => ends(ipv4, 'to'),
  'ip.addr': () => ends(ipv4, 'from', 'to'),
  'ipv6.src': () => ends(ipv6, 'from'),
  'ipv6.dst': () => ends(ipv6, 'to'),
  'ipv6.addr': () => ends(ipv6, 'from', 'to'),
  'tcp.srcport': () => ends(port, 'from'),
  'tcp.dstport': () => ends(port, 'to'),
  'tcp.port': () => ends(port, 'from', 'to'),
  'tcp.stream': () => ofSide(flow => [flow.index]),
  'tcp.gap': () => ({ gaps: true }),
  'tcp.seq': () => frame([N.TCP_SEQ_RAW, relative(true)]),
  'tcp.ack': () => frame([N.TCP_ACK_RAW, relative(false)]),
})

const IN_UNIT: ReadonlySet<Field> = new Set(UNIT_FIELDS)
const IN_FRAME: ReadonlySet<Field> = new Set(N.IN_FRAME)

export function sourceOf(name: string, field: Field | undefined): Source {
  const special = SPECIAL[name]
  if (special !== undefined) return special()
  const fact = factNamed(name)
  if (fact !== undefined) return ofFact(fact)
  if (field === undefined) throw new Error(`${name} has no source`)
  const either = N.EITHER.find(names => names.field === field)
  if (either !== undefined) return frame(...either.of.map(end => [end, takeOf(end)] as const))
  if (IN_UNIT.has(field)) return unit([field, takeOf(field)])
  if (IN_FRAME.has(field)) return frame([field, takeOf(field)])
  const announcers = [field, ...M.MQTT_FIELDS.filter(({ also }) => also === field)]
  return packet(...announcers.map(announcer => [announcer, takeOf(announcer)] as const))
}
