import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fromHex } from '../../src/base/bytes.ts'
import { MOST_PROBED, protocolName, recognise } from '../../src/transport/recognise.ts'

const ascii = (text: string): Uint8Array => new TextEncoder().encode(text)

/** The verdict on bytes that stand between others. */
function verdict(bytes: Uint8Array): ReturnType<typeof recognise> {
  const around = new Uint8Array(bytes.length + 8).fill(0x16)
  around.set(bytes, 4)
  return recognise(around, 4, 4 + bytes.length)
}

/** What is said of the first byte, of the first two, and so on. */
const growing = (bytes: Uint8Array): readonly ReturnType<typeof recognise>[] =>
  Array.from({ length: bytes.length }, (_, at) => verdict(bytes.subarray(0, at + 1)))

describe('TLS', () => {
  test.each([
    ['ClientHello', '16 03 01 02 00 01'],
    ['application data in mid-stream', '17 03 03 00 20 aa'],
    ['an alert', '15 03 03 00 02 02'],
    ['ChangeCipherSpec', '14 03 03 00 01 01'],
    ['SSL 3.0', '16 03 00 00 01'],
    ['the longest record', '17 03 03 48 00'],
  ])('%s', (_, input) => expect(verdict(fromHex(input))).toBe('tls'))

  test.each([
    ['content type 19', '13 03 01 02 00'],
    ['content type 24', '18 03 01 02 00'],
    ['version 2.1', '16 02 01 02 00'],
    ['version 3.5', '16 03 05 02 00'],
    ['no length', '16 03 01 00 00'],
    ['one byte more than a record holds', '17 03 03 48 01'],
  ])('%s: none', (_, input) => expect(verdict(fromHex(input))).toBe('mqtt'))

  test('the fifth byte tells', () => {
    expect(growing(fromHex('16 03 01 02 00 01'))).toEqual([...Array(4).fill(undefined), 'tls', 'tls'])
    expect(growing(fromHex('16 03 09'))).toEqual([undefined, undefined, 'mqtt'])
  })
})

describe('HTTP and SSH', () => {
  const methods = ['GET /', 'POST /x', 'PUT /x', 'HEAD /', 'DELETE /', 'OPTIONS *', 'PATCH /', 'CONNECT a:1', 'TRACE /']
  test.each([...methods, 'PRI * HTTP/2.0', 'HTTP/1.1 200 OK'])('%s', text => {
    expect(verdict(ascii(text))).toBe('http')
    const said = growing(ascii(text))
    expect(said.slice(0, said.indexOf('http')).every(one => one === undefined)).toBe(true)
    expect(said.slice(said.indexOf('http')).every(one => one === 'http')).toBe(true)
  })

  test('a method alone is none', () => {
    for (const text of ['GETS /', 'PUT x', 'get /', 'HTTP 1', 'PRI *\r']) expect(verdict(ascii(text))).toBe('mqtt')
  })

  test('SSH-2.0', () => {
    expect(growing(ascii('SSH-2'))).toEqual([undefined, undefined, undefined, 'ssh', 'ssh'])
    expect(verdict(ascii('SSH 2'))).toBe('mqtt')
  })
})

test('MQTT is told by its first byte, or by the first that the others do not have', () => {
  expect(verdict(fromHex('10'))).toBe('mqtt')
  expect(verdict(fromHex('3007 0001 61'))).toBe('mqtt')
  // PUBREC and PUBLISH begin like PUT and SSH.
  expect(growing(fromHex('5004'))).toEqual([undefined, 'mqtt'])
  expect(growing(fromHex('5302'))).toEqual([undefined, 'mqtt'])
})

test('nothing yet', () => expect(recognise(Uint8Array.of(0x16), 0, 0)).toBeUndefined())

test('so many bytes always suffice, and what they told stays', () => {
  const text = fc.constantFrom('CONNECT ', 'OPTIONS ', 'HTTP/1.1').map(ascii)
  const head = fc.oneof(text, fc.uint8Array({ minLength: MOST_PROBED, maxLength: MOST_PROBED }))
  const cut = fc.tuple(head, head, fc.nat(MOST_PROBED)).map(([a, b, at]) => Uint8Array.of(...a.subarray(0, at), ...b))
  fc.assert(
    fc.property(cut, bytes => {
      const first = bytes.subarray(0, MOST_PROBED)
      expect(verdict(first)).toBeDefined()
      const said = growing(bytes)
      const settled = said.findIndex(one => one !== undefined)
      expect(settled).toBeLessThan(MOST_PROBED)
      expect(said.slice(settled).every(one => one === said[settled])).toBe(true)
    }),
    { numRuns: 2000 },
  )
})

test('names for people', () => {
  expect(protocolName(fromHex('1503030002'))).toBe('TLS')
  expect(protocolName(ascii('HTTP/1.1 400'))).toBe('HTTP')
  expect(protocolName(ascii('SSH-2.0'))).toBe('SSH')
  expect(protocolName(ascii('220 mail'))).toBe('no MQTT')
  expect(protocolName(ascii('HT'))).toBe('no MQTT')
})
