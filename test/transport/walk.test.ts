/** RFC 6455 §5.2 and RFC 8446 §5.1: the fields of headers, by hand. */
import { expect, test } from 'vitest'
import { fromHex } from '../../src/base/bytes.ts'
import type { Field } from '../../src/base/field.ts'
import { TRANSPORT_FIELDS, UNIT_FIELDS } from '../../src/transport/fields.ts'
import { LastUnits, type LayerName, Unit } from '../../src/transport/unit.ts'
import { walkHeaders, walkUnit } from '../../src/transport/walk.ts'

const unitOf = (kind: LayerName, header: string, size: number): Unit =>
  new Unit(kind).take(fromHex(header), header.length / 2, size, 1)

/** What a walk announces, as `name start-end value`. */
function walked(walk: (sink: Parameters<typeof walkUnit>[2]) => void): readonly string[] {
  const seen: string[] = []
  const nameOf = ({ name, label }: Field): string => (name === '' ? label : name)
  walk({
    field: (field, start, end, value) => seen.push(`${nameOf(field)} ${start}-${end} ${value}`),
    open: (field, start) => seen.push(`${nameOf(field)} ${start}`),
    close: end => seen.push(`end ${end}`),
    fault: () => seen.push('fault'),
  })
  return seen
}

const fieldsOf = (kind: LayerName, header: string, size: number, payload = ''): readonly string[] =>
  walked(sink => walkUnit(unitOf(kind, header, size), fromHex(header + payload), sink))

test('a masked frame of the client', () => {
  expect(fieldsOf('websocket', '828237fa213d', 2, 'f7fa')).toEqual([
    'websocket 0',
    'websocket.fin 0-1 1',
    'websocket.rsv 0-1 0',
    'websocket.opcode 0-1 2',
    'websocket.mask 1-2 1',
    'websocket.payload_length 1-2 2',
    'websocket.masking_key 2-6 0',
    'Payload 6-8 0',
    'end 8',
  ])
})

test('a compressed fragment of 256 bytes, and a frame of 64 KiB: the length follows', () => {
  expect(fieldsOf('websocket', '427e0100', 256)).toEqual([
    'websocket 0',
    'websocket.fin 0-1 0',
    'websocket.rsv 0-1 4',
    'websocket.opcode 0-1 2',
    'websocket.mask 1-2 0',
    'websocket.payload_length 1-2 126',
    'websocket.payload_length_ext_16 2-4 256',
    'end 4',
  ])
  const long = fieldsOf('websocket', '82ff000000020001000037fa213d', 0x2_0001_0000)
  expect(long.slice(-3)).toEqual([
    'websocket.payload_length_ext_64 2-10 8590000128',
    'websocket.masking_key 10-14 0',
    'end 14',
  ])
})

test('a record of application data', () => {
  expect(fieldsOf('tls', '1703030013', 19, 'aabb')).toEqual([
    'tls 0',
    'tls.record.content_type 0-1 23',
    'tls.record.version 1-3 771',
    'tls.record.length 3-5 19',
    'Content 5-7 0',
    'end 7',
  ])
})

test('the headers of what a packet came out of, from the outermost in', () => {
  const units = new LastUnits()
  const bytes: Uint8Array[] = []
  units.unit(unitOf('websocket', '8204', 4))
  units.unit(unitOf('tls', '1703030013', 19))
  const seen = walked(sink => walkHeaders(units, header => bytes.push(header), sink))
  expect(seen.filter(line => /^\w+ 0$/.test(line))).toEqual(['tls 0', 'websocket 0'])
  expect(bytes).toEqual([fromHex('1703030013'), fromHex('8204')])
})

test('every field has a name and an explanation of its own', () => {
  const names = TRANSPORT_FIELDS.map(({ name }) => name)
  expect(names.filter(name => !/^(tls|websocket)(\.|$)/.test(name))).toEqual([])
  expect(new Set(names).size).toBe(names.length)
  expect(UNIT_FIELDS.every(field => TRANSPORT_FIELDS.includes(field))).toBe(true)
})
