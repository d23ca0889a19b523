import { describe, expect, test } from 'vitest'
import { fromHex } from '../../src/base/bytes.ts'
import { MOST_OPENING, opensAsMqtt } from '../../src/mqtt/opening.ts'

const ascii = (text: string): string => Buffer.from(text).toString('hex')

/** The answer to the bytes between others; growing byte by byte, an answer stays as it is. */
function opens(hex: string, byClient = true): boolean | undefined {
  const bytes = Uint8Array.of(0xee, ...fromHex(hex), 0xee)
  let said: boolean | undefined
  for (let end = 1; end < bytes.length; end++) {
    const now = opensAsMqtt(bytes, 1, end, byClient)
    if (said !== undefined) expect(now).toBe(said)
    said = now
  }
  return said
}

const CONNECT = '100c00044d5154540402003c0000'

describe('a client', () => {
  test.each([
    ['CONNECT', CONNECT],
    ['CONNECT of 3.1', '100e00064d51497364700302003c0000'],
    ['CONNECT with flags', `1f${CONNECT.slice(2)}`],
    ['CONNECT with another name', '100d00054d5154545804020000'],
    ['CONNECT whose type is wrong', `00${CONNECT.slice(2)}`],
    ['CONNECT whose length is too small', `1003${CONNECT.slice(4)}`],
    ['CONNECT whose name has two wrong bytes', '100c00046d7154540402003c0000'],
    ['CONNECT whose length is written in one byte', '10ce00044d51545404ce003c'],
    ['CONNECT whose length is wrong', '10ff7f00044d51545404ce003c'],
    ['CONNECT without a name', '100200000402'],
    ['CONNECT with another name altogether', '100c0004585858580402003c0000'],
    ['CONNECT with a length of five bytes', '108c808080000004 4d5154540402'.replace(' ', '')],
    ['PUBLISH', '30070001616f70656e'],
    ['SUBSCRIBE', '8206000100016100'],
    ['PINGREQ', 'c000'],
    ['DISCONNECT', 'e000'],
    ['a PUBLISH that goes on', `30c8010004${ascii('site')}${'61'.repeat(60)}`],
  ])('%s', (_, hex) => expect(opens(hex)).toBe(true))

  test.each([
    ['PING of Redis', ascii('PING\r\n')],
    ['SET of Redis', ascii('SET key 1\r\n')],
    ['INFO of Redis', ascii('INFO\r\n')],
    ['an array of Redis', ascii('*2\r\n$3\r\n')],
    ['EHLO', ascii('EHLO a\r\n')],
    ['Modbus', '000100000006010300000002'],
    ['Modbus, transaction 0x1000', '100000000006010300000002'],
    ['Modbus, transaction 0x3000', '300000000006010300000002'],
    ['zeros', '0000000000000000'],
    ['ones', 'ffffffffffffffff'],
    ['a startup message of PostgreSQL', `0000002c00030000${ascii('user')}`],
    ['a DNS query over TCP', '001d1234010000010000'],
    ['a PUBLISH with QoS 3', '36070001616f70656e'],
  ])('%s: none', (_, hex) => expect(opens(hex)).toBe(false))

  test.each(['', '10', '10ce', '10ce00', '100c00044d51', '10ffffffff0112', '30', '3007', '82'])(
    '%j: more must tell',
    hex => {
      expect(opens(hex)).toBeUndefined()
    },
  )

  test('no more bytes than the most are asked for', () => {
    const long = fromHex(`30b91700${'01'}61${'00'.repeat(MOST_OPENING)}`)
    expect(opensAsMqtt(long, 0, MOST_OPENING - 1, true)).toBeUndefined()
    expect(opensAsMqtt(long, 0, MOST_OPENING, true)).toBe(true)
  })
})

describe('a broker', () => {
  test.each([
    ['CONNACK', '20020000'],
    ['CONNACK that is wrong', '20ff'],
    ['DISCONNECT of 5.0', 'e0028d00'],
    ['AUTH', 'f0'],
    ['PUBLISH', '30070001616f70656e'],
    ['SUBACK', '9003000100'],
  ])('%s', (_, hex) => expect(opens(hex, false)).toBe(true))

  test.each([
    ['a banner of SMTP', ascii('220 mail.example ESMTP\r\n')],
    ['a greeting of MySQL', `4a0000000a${ascii('8.0.36')}`],
    ['an answer of Redis', ascii('+PONG\r\n')],
  ])('%s: none', (_, hex) => expect(opens(hex, false)).toBe(false))
})
