/** HAProxy's proxy-protocol.txt, 2.1 and 2.2. */
import { describe, expect, test } from 'vitest'
import { fromHex } from '../../src/base/bytes.ts'
import { type ProxyHead, ProxyReader } from '../../src/transport/proxy.ts'

const ascii = (text: string): Uint8Array => new TextEncoder().encode(text)

/** The head, with CONNECT behind it: read whole and byte by byte. */
function read(head: Uint8Array): ProxyHead {
  const bytes = Uint8Array.of(0xee, ...head, 0x10, 0x0c)
  const whole = new ProxyReader()
  expect(whole.take(bytes, 1, bytes.length)).toBe(1 + head.length)
  const slow = new ProxyReader()
  for (let at = 1; at <= head.length; at++) {
    expect(slow.head).toBeUndefined()
    expect(slow.take(bytes, at, at + 1)).toBe(at + 1)
  }
  expect(slow.head).toEqual(whole.head)
  expect(whole.head?.size).toBe(head.length)
  return whole.head as ProxyHead
}

const line = (text: string): ProxyHead => read(ascii(text))

describe('version 1', () => {
  test.each([
    ['PROXY TCP4 198.51.100.7 192.0.2.1 56324 1883\r\n', '198.51.100.7:56324', '192.0.2.1:1883'],
    ['PROXY TCP6 2001:db8::7 2001:db8::1 56324 1883\r\n', '[2001:db8::7]:56324', '[2001:db8::1]:1883'],
    ['PROXY TCP6 ::ffff:198.51.100.7 ::1 0 65535\r\n', '[::ffff:198.51.100.7]:0', '[::1]:65535'],
    ['PROXY UNKNOWN\r\n', undefined, undefined],
    ['PROXY UNKNOWN ffff:f...f:ffff ffff:f...f:ffff 65535 65535\r\n', undefined, undefined],
  ])('%j', (text, client, server) => {
    expect(line(text)).toMatchObject({ version: 1, client, server, wrong: '' })
  })

  test.each([
    ['PROXY TCP5 198.51.100.7 192.0.2.1 56324 1883\r\n', /family/],
    ['PROXY TCP4 198.51.100.700 192.0.2.1 56324 1883\r\n', /address/],
    ['PROXY TCP4 2001:db8::7 192.0.2.1 56324 1883\r\n', /address/],
    ['PROXY TCP6 198.51.100.7 2001:db8::1 1 2\r\n', /address/],
    ['PROXY TCP4 198.51.100.7 192.0.2.1 65536 1883\r\n', /port/],
    ['PROXY TCP4 198.51.100.7 192.0.2.1 1\r\n', /port/],
    ['PROXY TCP4 198.51.100.7 192.0.2.1 1 2 3\r\n', /port/],
    ['PROXY \r\n', /family/],
  ])('%j is malformed', (text, wrong) => {
    expect(line(text)).toMatchObject({ client: undefined, server: undefined })
    expect(line(text).wrong).toMatch(wrong)
  })

  test('LF alone ends the line too, and is wrong', () => {
    const head = line('PROXY TCP4 198.51.100.7 192.0.2.1 1 2\n')
    expect(head.client).toBe('198.51.100.7:1')
    expect(head.wrong).toMatch(/CR LF/)
  })

  test('a line of 107 bytes is the longest', () => {
    expect(line(`PROXY UNKNOWN ${'x'.repeat(91)}\r\n`).wrong).toBe('')
    const endless = new ProxyReader()
    const bytes = ascii(`PROXY UNKNOWN ${'x'.repeat(200)}`)
    expect(endless.take(bytes, 0, bytes.length)).toBe(107)
    expect(endless.head?.wrong).toMatch(/107/)
  })
})

describe('version 2', () => {
  const SIGNATURE = '0d0a0d0a000d0a515549540a'
  const block = (rest: string): ProxyHead => read(fromHex(SIGNATURE + rest))
  const ip4 = 'c6336407c0000201dc04075b'
  const path = (text: string): string => Buffer.from(text).toString('hex').padEnd(216, '0')

  test.each([
    ['TCP over IPv4', `2111000c${ip4}`, '198.51.100.7:56324', '192.0.2.1:1883'],
    ['UDP over IPv4', `2112000c${ip4}`, '198.51.100.7:56324', '192.0.2.1:1883'],
    [
      'TCP over IPv6',
      `2121002420010db8${'0'.repeat(23)}720010db8${'0'.repeat(23)}1dc04075b`,
      '[2001:db8::7]:56324',
      '[2001:db8::1]:1883',
    ],
    ['UNIX', `213100d8${path('/run/a')}${path('/run/b')}`, '/run/a', '/run/b'],
    ['UNIX without names', `213100d8${path('')}${path('')}`, undefined, undefined],
    ['LOCAL', '20000000', undefined, undefined],
    ['LOCAL with addresses, which say nothing', `2011000c${ip4}`, undefined, undefined],
    ['an unspecified family', '21000000', undefined, undefined],
    [
      'TLVs behind the addresses',
      `2111001f${ip4}02000662726f6b6572050007636f6e6e2d3137`,
      '198.51.100.7:56324',
      '192.0.2.1:1883',
    ],
    ['1,000 bytes behind the addresses', `211103f4${ip4}${'04'.repeat(1000)}`, '198.51.100.7:56324', '192.0.2.1:1883'],
  ])('%s', (_, rest, client, server) => {
    expect(block(rest)).toMatchObject({ version: 2, client, server, wrong: '' })
  })

  test.each([
    ['version 3', `3111000c${ip4}`, /version is 3/],
    ['command 2', `2211000c${ip4}`, /command is 2/],
    ['family 4', '21410000', /family is 4/],
    ['addresses that do not fit', '21110004c6336407', /4 bytes long/],
  ])('%s is malformed', (_, rest, wrong) => {
    expect(block(rest)).toMatchObject({ client: undefined, server: undefined })
    expect(block(rest).wrong).toMatch(wrong)
  })
})
