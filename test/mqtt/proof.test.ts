/** How surely bytes are MQTT. The bytes are written by hand from the specification. */
import { describe, expect, test } from 'vitest'
import { fromHex } from '../../src/base/bytes.ts'
import { answersConnect, chainBits, provesConnect } from '../../src/mqtt/proof.ts'

/** Asked with other bytes in front and behind. */
function asked<T>(hex: string, ask: (bytes: Uint8Array, start: number, end: number) => T): T {
  const bytes = fromHex(`30${hex}10`)
  return ask(bytes, 1, bytes.length - 1)
}

/** Version 3.1.1, 5.0, 3.1, a bridge, a length of two bytes. */
const CONNECTS = [
  '100c00044d5154540402003c0000',
  '100d00044d5154540502003c000000',
  '100e00064d514973647003 02003c0000',
  '100c00044d5154548402003c0000',
  // A level that nobody has written down yet.
  '100c00044d5154540902003c0000',
  '10ac0200044d51545404c2003c0000',
]

describe('a CONNECT', () => {
  test('proves a stream, and the beginning of one needs more bytes, cut anywhere', () => {
    for (const hex of CONNECTS) {
      expect(asked(hex, provesConnect)).toBe(true)
      const bytes = fromHex(hex)
      const sure = Array.from({ length: bytes.length + 1 }, (_, end) => provesConnect(bytes, 0, end))
      const first = sure.indexOf(true)
      expect(sure.slice(0, first).every(answer => answer === undefined)).toBe(true)
      expect(sure.slice(first).every(answer => answer === true)).toBe(true)
    }
  })

  test('another type or name, flags in the head, a body that is too short, a length that has no end: no proof', () => {
    const others = [
      '200c00044d5154540402003c0000',
      '110c00044d5154540402003c0000',
      '100c00044d5154580402003c0000',
      '100800044d51545404020000',
      '10ffffffffff0f00044d51545404',
      // Modbus with a transaction id of 0x1000.
      '100000000006010300000002',
    ]
    for (const hex of others) expect([hex, asked(hex, provesConnect)]).toEqual([hex, false])
  })
})

describe('a chain of packets', () => {
  test('speaks for MQTT only where it fills the run', () => {
    const publish = '300e0008 736974652f612f74 32312e34'
    expect(asked(publish, chainBits)).toBeGreaterThan(24)
    expect(asked(`${publish}${publish}`, chainBits)).toBe(2 * asked(publish, chainBits))
    expect(asked(`${publish}ff`, chainBits)).toBe(0)
    expect(asked(`ff${publish}`, chainBits)).toBe(0)
  })

  test('one ping is little, text and zeros are nothing', () => {
    expect(asked('c000', chainBits)).toBeLessThan(32)
    for (const text of ['220 mail.example ESMTP\r\n', '0123456789', '\0\0\0\0\0\0'])
      expect(asked(Buffer.from(text).toString('hex'), chainBits)).toBe(0)
  })
})

test('what may answer a CONNECT', () => {
  for (const hex of ['20', '20020000', 'f00000', 'f00218 00'])
    expect([hex, asked(hex, answersConnect)]).toEqual([hex, hex !== 'f00000'])
  for (const hex of ['53', '2000', '30', 'd000']) expect([hex, asked(hex, answersConnect)]).toEqual([hex, false])
})
