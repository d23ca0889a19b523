/** RFC 9850 §2: what key logs hold, whole and in pieces. */
import { describe, expect, test } from 'vitest'
import { KeyLogReader, KeyStore, MOST_KEYED } from '../../src/transport/keys.ts'

const RANDOM = '00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff'
const MASTER = 'a1'.repeat(48)
const SECRET = 'b2'.repeat(32)
const LONG_SECRET = 'c3'.repeat(48)

const latin1 = (digits: string): string => Buffer.from(digits, 'hex').toString('latin1')
const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'latin1'))

function storeOf(...texts: readonly string[]): KeyStore {
  const store = new KeyStore()
  const reader = new KeyLogReader(store)
  for (const text of texts) reader.push(bytes(text))
  reader.end()
  return store
}

const LOG = [
  '# a comment',
  `CLIENT_RANDOM ${RANDOM} ${MASTER}`,
  '',
  `SERVER_HANDSHAKE_TRAFFIC_SECRET ${RANDOM} ${LONG_SECRET}`,
  `CLIENT_TRAFFIC_SECRET_0 ${RANDOM} ${SECRET}`,
  `EXPORTER_SECRET ${RANDOM} ${SECRET}`,
  'WHAT_IS_THIS 00 11',
].join('\n')

function expectLog(store: KeyStore): void {
  expect(store.secrets(latin1(RANDOM), 'master')).toEqual([latin1(MASTER)])
  expect(store.secrets(latin1(RANDOM), 'server-handshake')).toEqual([latin1(LONG_SECRET)])
  expect(store.secrets(latin1(RANDOM), 'client-application')).toEqual([latin1(SECRET)])
  expect(store.secrets(latin1(RANDOM), 'client-handshake')).toEqual([])
  expect({ lines: store.lines, unused: store.unused, unknown: store.unknown }).toEqual({
    lines: 3,
    unused: 1,
    unknown: 1,
  })
}

describe('lines', () => {
  test('of every kind, with and without a carriage return, in any case', () => {
    expectLog(storeOf(LOG))
    expectLog(storeOf(LOG.replaceAll('\n', '\r\n')))
    expectLog(storeOf(LOG.replace(RANDOM, RANDOM.toUpperCase()).replace('CLIENT_RANDOM', 'client_random')))
  })

  test('cut anywhere', () => {
    for (let at = 0; at <= LOG.length; at += 7) expectLog(storeOf(LOG.slice(0, at), LOG.slice(at)))
    expectLog(storeOf(...LOG))
  })

  test('of the wrong size, or not of hex digits, are counted and not kept', () => {
    const store = storeOf(
      `CLIENT_RANDOM ${RANDOM} ${SECRET}\nCLIENT_RANDOM ${RANDOM.slice(2)} ${MASTER}\n` +
        `CLIENT_RANDOM ${RANDOM.replace('0', 'x')} ${MASTER}\nCLIENT_TRAFFIC_SECRET_0 ${RANDOM} ${SECRET}00\n` +
        `CLIENT_RANDOM ${RANDOM} ${MASTER} more\nconstructor ${RANDOM} ${MASTER}\n`,
    )
    expect(store.unknown).toBe(6)
    expect(store.size).toBe(0)
  })

  test('too long to be any are passed over to their end', () => {
    const store = storeOf('x'.repeat(5000), 'y'.repeat(5000), `\nCLIENT_RANDOM ${RANDOM} ${MASTER}\n`)
    expect(store.unknown).toBe(1)
    expect(store.lines).toBe(1)
  })

  test('of RSA: a premaster secret, and the master secret of a session', () => {
    const store = storeOf(
      `RSA 0102030405060708 ${'0303'.repeat(24)}\nRSA Session-ID:aabb Master-Key:${MASTER}\nRSA 01 02\n`,
    )
    expect(store.premasterOf(latin1('010203040506070809'))).toBe(latin1('0303'.repeat(24)))
    expect(store.masterOf(latin1('aabb'))).toBe(latin1(MASTER))
    expect(store.unknown).toBe(1)
  })

  test('several under one label: the newest first, four at most', () => {
    const store = storeOf(
      [1, 2, 3, 4, 5, 2].map(digit => `CLIENT_RANDOM ${RANDOM} ${`0${digit}`.repeat(48)}\n`).join(''),
    )
    const first = store.secrets(latin1(RANDOM), 'master').map(secret => secret.charCodeAt(0))
    expect(first).toEqual([2, 5, 4, 3])
  })
})

describe('limits', () => {
  test('the oldest connection makes room', () => {
    const store = new KeyStore(2)
    for (const digit of ['1', '2', '3']) store.line(`CLIENT_RANDOM ${digit.repeat(64)} ${MASTER}`)
    expect(store.size).toBe(2)
    expect(store.forgotten).toBe(1)
    expect(store.secrets(latin1('1'.repeat(64)), 'master')).toEqual([])
    expect(store.secrets(latin1('3'.repeat(64)), 'master')).toHaveLength(1)
    expect(MOST_KEYED).toBe(131_072)
  })

  test('1,024 sessions are remembered', () => {
    const store = new KeyStore()
    for (let id = 0; id <= 1024; id++) store.remember(`id ${id}`, 'master')
    expect(store.masterOf('id 0')).toBeUndefined()
    expect(store.masterOf('id 1')).toBe('master')
  })
})

describe('who waits', () => {
  test('hears once the text at hand is read, and only of secrets that are new', () => {
    const store = new KeyStore()
    const reader = new KeyLogReader(store)
    const heard: number[] = []
    const waiter = (): void => void heard.push(store.secrets(latin1(RANDOM), 'client-application').length)
    store.wait(latin1(RANDOM), waiter)
    reader.push(bytes(`CLIENT_RANDOM ${RANDOM} ${MASTER}\nCLIENT_TRAFFIC_SECRET_0 ${RANDOM} ${SECRET}\n`))
    expect(heard).toEqual([1])
    reader.push(bytes(`CLIENT_RANDOM ${RANDOM} ${MASTER}\nCLIENT_RANDOM ${'9'.repeat(64)} ${MASTER}\n`))
    expect(heard).toEqual([1])
    reader.push(bytes(`RSA Session-ID:aa Master-Key:${MASTER}\n`))
    expect(heard).toEqual([1, 1])
    store.stopWaiting(latin1(RANDOM), waiter)
    reader.push(bytes(`CLIENT_RANDOM ${RANDOM} ${'d4'.repeat(48)}\n`))
    expect(heard).toEqual([1, 1])
  })

  test('how many connections found secrets', () => {
    const store = storeOf(LOG)
    expect(store.asked).toBe(0)
    store.secrets(latin1(RANDOM), 'client-early')
    store.secrets(latin1(RANDOM), 'master')
    store.secrets('nobody', 'master')
    expect(store.asked).toBe(1)
  })
})
