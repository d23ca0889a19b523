import { expect, test } from 'vitest'
import { fromHex } from '../../src/base/bytes.ts'
import { RowUnits } from '../../src/store/units.ts'
import { LastUnits, Unit } from '../../src/transport/unit.ts'

const FRAME = fromHex('82ff000000020001000037fa213d')
const webSocket = (frame: number): Unit =>
  new Unit('websocket').take(FRAME, 14, 0x2_0001_0000, frame).place(2 ** 50, 99)

function unitsOf(...all: readonly Unit[]): LastUnits {
  const units = new LastUnits()
  for (const unit of all) units.unit(unit)
  return units
}

test('a row has the units it came out of, to the last byte of their headers', () => {
  const rows = new RowUnits()
  expect(rows.get(0)).toBeUndefined()
  rows.append(3, unitsOf(webSocket(9), new Unit('tls').take(fromHex('1703030013'), 5, 19, 8).place(500, 24)))
  rows.append(4, unitsOf(webSocket(10)))
  expect(rows.get(3)?.tls).toMatchObject({ headerSize: 5, size: 19, position: 500, there: 24, frame: 8 })
  expect(rows.get(3)?.websocket).toEqual(webSocket(9))
  expect(rows.get(4)?.tls).toBeUndefined()
  expect(rows.get(2)?.websocket).toBeUndefined()
})

test('what is forgotten makes the others move up', () => {
  const rows = new RowUnits()
  rows.append(3, unitsOf(webSocket(9)))
  rows.append(4, unitsOf(webSocket(10)))
  rows.forget(3)
  expect([rows.get(0)?.websocket?.frame, rows.get(1)?.websocket?.frame]).toEqual([9, 10])
})
