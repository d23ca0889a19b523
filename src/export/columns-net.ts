/** Columns of the layers below: some the record itself answers, for the others the frame is walked. */

import type { Field } from '../base/field.ts'
import * as F from '../net/fields.ts'
import { otherSide } from '../net/flow.ts'
import type { PacketRecord } from '../store/record.ts'
import { fraction } from '../text/moments.ts'
import { formatOf } from '../text/row-values.ts'
import { UNIT_FIELDS } from '../transport/fields.ts'
import type { Column, Instant, Source } from './column.ts'

/** As tshark writes times here: always nine digits. */
const DIGITS = 9
const SECOND = 1_000_000_000

/** `192.0.2.1:1883` without the port, `[2001:db8::1]:1883` without port and brackets. */
const hostOf = (endpoint: string): string => endpoint.slice(0, endpoint.lastIndexOf(':')).replace(/^\[|\]$/g, '')

/** The addresses of the connection: where there are tunnels, those of the innermost layer. */
const address =
  (family: 4 | 6, ofSender: boolean) =>
  ({ stream: { flow }, side }: PacketRecord): string =>
    flow.family === family ? hostOf(flow.endpoint(ofSender ? side : otherSide(side))) : ''

const port =
  (ofSender: boolean) =>
  ({ stream: { flow }, side }: PacketRecord): string =>
    `${flow.port(ofSender ? side : otherSide(side))}`

function epoch({ raw: { frame } }: PacketRecord): string {
  if (Number.isNaN(frame.seconds)) return ''
  return frame.seconds + fraction(frame.nanos, DIGITS)
}

function relative({ raw: { frame } }: PacketRecord, first: Instant): string {
  if (Number.isNaN(frame.seconds) || Number.isNaN(first.seconds)) return ''
  let seconds = frame.seconds - first.seconds
  let nanos = frame.nanos - first.nanos
  // A frame before the first one has a minus before both parts.
  const isEarlier = seconds < 0 || (seconds === 0 && nanos < 0)
  if (isEarlier) {
    seconds = -seconds
    nanos = -nanos
  }
  if (nanos < 0) {
    seconds--
    nanos += SECOND
  }
  return (isEarlier ? '-' : '') + seconds + fraction(nanos, DIGITS)
}

const walked = (name: string, fields: readonly Field[]): Column => ({
  name,
  frameSources: options => fields.map(field => ({ field, format: formatOf(field, field, options) })),
})

/** Fields of the layers between TCP and MQTT. */
const inUnit = (field: Field): Column => ({
  name: field.name,
  unitSources: options => [{ field, format: formatOf(field, field, options) }],
})

/** Counted from the start of the side's stream, as far as that is known. */
const counted = (name: string, field: Field, bySender: boolean): Column => {
  const format: Source['format'] = (_bytes, _start, _end, value, { stream, side }) =>
    `${(value - stream.flow.base(bySender ? side : otherSide(side))) >>> 0}`
  return { name, frameSources: () => [{ field, format }] }
}

/** Wireshark counts three bytes for the flow label; with the traffic class before it, it begins in a fourth. */
const flowLabel: Column = {
  name: F.IPV6_FLOW.name,
  frameSources: () => [
    { field: F.IPV6_FLOW, format: (_bytes, _start, _end, value) => `0x${value.toString(16).padStart(6, '0')}` },
  ],
}

/** These cost no walk over the frame. */
const OF_RECORD: readonly Column[] = [
  { name: F.FRAME.name, value: () => '1' },
  { name: F.FRAME_TIME_EPOCH.name, value: epoch },
  { name: F.FRAME_TIME_RELATIVE.name, value: relative },
  { name: F.IP_SRC.name, value: address(4, true) },
  { name: F.IP_DST.name, value: address(4, false) },
  { name: F.IPV6_SRC.name, value: address(6, true) },
  { name: F.IPV6_DST.name, value: address(6, false) },
  { name: F.TCP_SRCPORT.name, value: port(true) },
  { name: F.TCP_DSTPORT.name, value: port(false) },
  { name: F.TCP_STREAM.name, value: ({ stream }) => `${stream.flow.index}` },
]

/** A later column of the same name takes the place of an earlier one. */
export const NET_COLUMNS: readonly Column[] = [
  ...F.IN_FRAME.map(field => walked(field.name, [field])),
  ...F.EITHER.map(({ field, of }) => walked(field.name, of)),
  ...OF_RECORD,
  ...UNIT_FIELDS.map(inUnit),
  flowLabel,
  { name: 'tcp.gap', gaps: true },
  counted(F.TCP_SEQ.name, F.TCP_SEQ_RAW, true),
  counted(F.TCP_ACK.name, F.TCP_ACK_RAW, false),
]
