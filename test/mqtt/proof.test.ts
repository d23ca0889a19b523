/** How surely bytes are MQTT. The bytes are written by hand from the specification. */
import { describe, expect, test } from 'vitest'
import { fromHex } from '../../src/base/bytes.ts'
import { answersConnect, Chain, provesConnect } from '../../src/mqtt/proof.ts'

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

/** Bits of a side whose runs these are, each given with other bytes in front and behind; a number is a gap. */
function bitsOf(...runs: readonly (string | number)[]): number {
  const chain = new Chain()
  for (const run of runs) {
    if (typeof run === 'number') chain.lose()
    else asked(run, (bytes, start, end) => chain.run(bytes, start, end))
  }
  return chain.bits
}

describe('a chain of packets', () => {
  const PUBLISH = '300e0008 736974652f612f74 32312e34'
  const PING = 'c000'
  const one = bitsOf(PUBLISH)

  test('speaks for MQTT only where it fills the run', () => {
    expect(one).toBeGreaterThan(24)
    expect([bitsOf(PUBLISH + PUBLISH), bitsOf(PUBLISH, PUBLISH)]).toEqual([2 * one, 2 * one])
    expect([bitsOf(`${PUBLISH}ff`), bitsOf(`ff${PUBLISH}`), bitsOf(PUBLISH, 'ff')]).toEqual([0, 0, 0])
    expect(bitsOf(PUBLISH, 7, PUBLISH)).toBe(one)
  })

  test('a packet goes on in the next runs, and speaks once', () => {
    const [head, body, end] = ['300e0008 736974652f612f74 3231', '2e', '34']
    expect([bitsOf(head), bitsOf(head, body), bitsOf(head, body, end)]).toEqual([one, one, one])
    expect(bitsOf(head, body, end + PUBLISH)).toBe(2 * one)
    // Inside of the packet anything may stand; behind it a packet.
    expect([bitsOf(head, 'ff'), bitsOf(head, 'ffffffff')]).toEqual([one, 0])
    // What went on was none: the run begins a packet.
    expect(bitsOf(head, PUBLISH)).toBe(one)
    // Modbus, with a transaction id whose first byte is that of a PUBLISH.
    const request = (id: string): string => `33${id}0000000602030063001d`
    expect(bitsOf(...['34', '35', '36', '37', '38', '39'].map(request))).toBeLessThan(32)
  })

  test('pings and acknowledgements speak once, text and zeros never', () => {
    const ping = bitsOf(PING)
    expect(ping).toBeLessThan(32)
    for (const runs of [[PING, PING], [PING + PING], [PING, 'e000e000e000e000', '40020001']])
      expect([runs, bitsOf(...runs)]).toEqual([runs, ping])
    expect(bitsOf(PING.repeat(60) + PUBLISH)).toBe(ping + one)
    for (const text of ['220 mail.example ESMTP\r\n', '0123456789', '\0\0\0\0\0\0'])
      expect(bitsOf(Buffer.from(text).toString('hex'))).toBe(0)
  })
})

test('what may answer a CONNECT', () => {
  for (const hex of ['20', '20020000', 'f00000', 'f00218 00'])
    expect([hex, asked(hex, answersConnect)]).toEqual([hex, hex !== 'f00000'])
  for (const hex of ['53', '2000', '30', 'd000']) expect([hex, asked(hex, answersConnect)]).toEqual([hex, false])
})
