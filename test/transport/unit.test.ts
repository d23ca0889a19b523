import { expect, test } from 'vitest'
import { fromHex } from '../../src/base/bytes.ts'
import { NOWHERE } from '../../src/base/line.ts'
import { LastUnits, Unit } from '../../src/transport/unit.ts'

test('a unit is where its header is in one piece, and reaches no further than its payload', () => {
  const unit = new Unit('websocket').take(fromHex('8204aabb'), 2, 4, 7)
  expect(unit.place(100, 60)).toMatchObject({ position: 100, there: 6, frame: 7 })
  expect(unit.place(100, 3)).toMatchObject({ position: 100, there: 3 })
  expect(unit.place(100, 1)).toMatchObject({ position: NOWHERE, there: 0 })
  expect(unit.place(NOWHERE, 60)).toMatchObject({ position: NOWHERE, there: 0 })
  expect([...unit.header.subarray(0, 3)]).toEqual([0x82, 4, 0])
})

test('the last unit of each layer stands', () => {
  const units = new LastUnits()
  const [first, second, record] = [new Unit('websocket'), new Unit('websocket'), new Unit('tls')]
  for (const unit of [first, record, second]) units.unit(unit)
  expect(units.websocket).toBe(second)
  expect(units.tls).toBe(record)
})
