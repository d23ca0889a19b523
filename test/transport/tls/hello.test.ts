/** RFC 8446 §4.1, RFC 5246 §7.4.1: hellos by hand, whole and cut. */
import { describe, expect, test } from 'vitest'
import { fromHex } from '../../../src/base/bytes.ts'
import { firstCertificate, premasterOf, readAccepted, readHello, ticketOf } from '../../../src/transport/tls/hello.ts'

const RANDOM = '0102030405060708091011121314151617181920212223242526272829303132'
const RETRY = 'cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c'

/** Extensions with their length in front. */
const extensions = (...list: readonly string[]): string => {
  const text = list.join('').replaceAll(' ', '')
  return (text.length / 2).toString(16).padStart(4, '0') + text
}

const SNI = '0000 0007 0005 00 0002 6162'
const ALPN = '0010 0007 0005 04 6d717474'

const clientHello = (...list: readonly string[]): Uint8Array =>
  fromHex(`0303 ${RANDOM} 01 aa 0004 1301 1302 01 00 ${extensions(...list)}`)

const serverHello = (random: string, ...list: readonly string[]): Uint8Array =>
  fromHex(`0303 ${random} 01 aa 1301 00 ${extensions(...list)}`)

describe('ClientHello', () => {
  test('with everything', () => {
    const versions = '002b 0007 06 5a5a 0304 0303'
    const hello = readHello(
      clientHello(SNI, ALPN, versions, '0023 0002 beef', '002a 0000', '0016 0000', '0029 0000'),
      true,
    )
    expect(hello).toEqual({
      random: Buffer.from(RANDOM, 'hex').toString('latin1'),
      sessionId: '\xaa',
      version: 0x0304,
      suite: 0,
      isCompressed: false,
      isRetry: false,
      serverName: 'ab',
      alpn: ['mqtt'],
      encryptThenMac: true,
      hasEarlyData: true,
      hasPreSharedKey: true,
      ticket: '\xbe\xef',
    })
  })

  test('without extensions, as clients of TLS 1.0 send it', () => {
    const hello = readHello(fromHex(`0301 ${RANDOM} 00 0002 002f 01 00`), true)
    expect(hello).toMatchObject({ version: 0x0301, serverName: undefined, alpn: undefined, hasEarlyData: false })
  })

  test('cut anywhere: what is there', () => {
    const whole = clientHello(SNI, ALPN)
    for (let size = 0; size < 34; size++) expect(readHello(whole.subarray(0, size), true), `${size}`).toBeUndefined()
    const hellos = [34, 46, 57, 68].map(size => readHello(whole.subarray(0, size), true))
    expect(hellos.map(hello => hello?.serverName)).toEqual([undefined, undefined, 'ab', 'ab'])
    expect(hellos.map(hello => hello?.alpn)).toEqual([undefined, undefined, undefined, ['mqtt']])
    expect(hellos[0]?.random).toHaveLength(32)
  })
})

describe('ServerHello', () => {
  test('the version that was chosen', () => {
    expect(readHello(serverHello(RANDOM, '002b 0002 0304'), false)).toMatchObject({ version: 0x0304, suite: 0x1301 })
    expect(readHello(serverHello(RANDOM), false)).toMatchObject({ version: 0x0303, isRetry: false })
  })

  test('cut anywhere: undefined, because it decides on the keys', () => {
    const whole = serverHello(RANDOM, '002b 0002 0304')
    for (let size = 0; size < whole.length; size++)
      if (size !== 39) expect(readHello(whole.subarray(0, size), false), `${size}`).toBeUndefined()
    // Without extensions it is whole.
    expect(readHello(whole.subarray(0, 39), false)?.version).toBe(0x0303)
  })

  test('one that asks again', () => {
    expect(readHello(serverHello(RETRY, '002b 0002 0304'), false)?.isRetry).toBe(true)
  })
})

describe('other messages', () => {
  test('EncryptedExtensions', () => {
    expect(readAccepted(fromHex(extensions(ALPN, '002a 0000')))).toEqual({ alpn: ['mqtt'], hasEarlyData: true })
    expect(readAccepted(fromHex(extensions()))).toEqual({ alpn: undefined, hasEarlyData: false })
  })

  test('the first certificate of a chain', () => {
    expect(firstCertificate(fromHex('000007 000002 abcd 000000'), false)).toEqual(fromHex('abcd'))
    expect(firstCertificate(fromHex('00 000007 000002 abcd 0000'), true)).toEqual(fromHex('abcd'))
    expect(firstCertificate(fromHex('000000'), false)).toBeUndefined()
  })

  test('a ticket, and a premaster secret', () => {
    expect(ticketOf(fromHex('00000e10 0002 beef'))).toBe('\xbe\xef')
    expect(ticketOf(fromHex('0000'))).toBe('')
    expect(premasterOf(fromHex('0003 010203'))).toBe('\x01\x02\x03')
  })
})
