/** Answers before their questions, and answers that are due once more. */
import { describe, expect, test } from 'vitest'
import { PUBACK, PUBREC } from '../../../src/mqtt/spec.ts'
import { Debts, DISORDER, MOST_DEBTS, MOST_STRAYS, type Stray, Strays } from '../../../src/session/exchange/strays.ts'

const stray = (number: number, more: Partial<Stray> = {}): Stray => ({
  side: 0,
  key: 7,
  type: PUBACK,
  number,
  time: 0,
  code: -1,
  isProven: false,
  ...more,
})

const keeping = (...strays: readonly Stray[]): Strays => {
  const all = new Strays()
  for (const one of strays) all.add(one)
  return all
}

describe('answers before their questions', () => {
  test('side, key and type must all fit', () => {
    const strays = keeping(stray(1))
    expect(strays.take(1, 7, PUBACK)).toBeUndefined()
    expect(strays.take(0, 8, PUBACK)).toBeUndefined()
    expect(strays.take(0, 7, PUBREC)).toBeUndefined()
    expect(strays.isEmpty).toBe(false)
    expect(strays.take(0, 7, PUBACK)?.number).toBe(1)
    expect(strays.isEmpty).toBe(true)
  })

  test('of two that fit, the first one is taken first', () => {
    const strays = keeping(stray(1), stray(2))
    expect([1, 2, 3].map(() => strays.take(0, 7, PUBACK)?.number)).toEqual([1, 2, undefined])
  })

  test('its question comes within 0.1 s, and within two seconds where bytes are proven missing', () => {
    const strays = keeping(stray(1), stray(2, { isProven: true }))
    strays.forget(DISORDER - 0.01)
    expect(strays.take(0, 7, PUBACK)?.number).toBe(1)
    strays.add(stray(3, { time: 0.05 }))
    strays.forget(1.9)
    expect([strays.take(0, 7, PUBACK)?.number, strays.isEmpty]).toEqual([2, true])
    strays.add(stray(4, { isProven: true }))
    strays.forget(2)
    expect(strays.isEmpty).toBe(true)
  })

  test('beyond the limit the oldest is forgotten', () => {
    const strays = keeping(...Array.from({ length: MOST_STRAYS + 1 }, (_, at) => stray(at + 1)))
    expect(strays.take(0, 7, PUBACK)?.number).toBe(2)
  })
})

describe('answers that are due once more', () => {
  test('as many as the packet was sent again', () => {
    const debts = new Debts()
    debts.owe(0, 7, PUBACK, 2)
    expect([1, 2, 3].map(() => debts.pay(0, 7, PUBACK))).toEqual([true, true, false])
  })

  test('side, key and type must all fit', () => {
    const debts = new Debts()
    debts.owe(0, 7, PUBACK, 1)
    expect([debts.pay(1, 7, PUBACK), debts.pay(0, 8, PUBACK), debts.pay(0, 7, PUBREC)]).toEqual([false, false, false])
    expect(debts.pay(0, 7, PUBACK)).toBe(true)
  })

  test('the last count for a packet id holds, and none changes nothing', () => {
    const debts = new Debts()
    debts.owe(0, 7, PUBACK, 3)
    debts.owe(0, 7, PUBACK, 1)
    debts.owe(0, 7, PUBACK, 0)
    expect([debts.pay(0, 7, PUBACK), debts.pay(0, 7, PUBACK)]).toEqual([true, false])
  })

  test('beyond the limit the oldest is forgotten', () => {
    const debts = new Debts()
    for (let key = 0; key <= MOST_DEBTS; key++) debts.owe(0, key, PUBACK, 1)
    expect([debts.pay(0, 0, PUBACK), debts.pay(0, 1, PUBACK)]).toEqual([false, true])
  })
})
