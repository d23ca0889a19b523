/** Real handshakes of OpenSSL, opened with their key log: every version, and all that may go wrong on the way. */
import { execFileSync } from 'node:child_process'
import tls from 'node:tls'
import { describe, expect, test } from 'vitest'
import { MOST_WAITING, TlsBudget } from '../../../src/transport/tls/budget.ts'
import { HEADER_SIZE } from '../../../src/transport/tls/opener.ts'
import { effort } from '../../support/effort.ts'
import { Random } from '../../support/random.ts'
import {
  CLIENT_KEYS,
  type Options,
  type Piece,
  Reading,
  type Recorded,
  recordPrograms,
  recordTls,
} from '../../support/tls.ts'

function expectWhole(recorded: Recorded, reading: Reading): void {
  for (const side of [0, 1] as const) {
    expect(Buffer.from(reading.out[side].bytes).equals(recorded.sent[side]), `side ${side}`).toBe(true)
    expect(reading.out[side].gaps).toEqual([])
    expect(reading.out[side].ends).toBe(1)
    expect(reading.skipped[side]).toBe(0)
  }
}

const read = (recorded: Recorded, keyLog = recorded.keyLog): Reading =>
  new Reading().log(keyLog).runAll(recorded.pieces).end()

const both = (options: tls.SecureContextOptions): Options => ({ client: options, server: options })

const VERSIONS = {
  '1.3': both({ minVersion: 'TLSv1.3' }),
  '1.2': both({ maxVersion: 'TLSv1.2' }),
  '1.2 CBC': both({ maxVersion: 'TLSv1.2', ciphers: 'ECDHE-RSA-AES128-SHA256' }),
  '1.1': both({ minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' }),
  '1.0': both({ minVersion: 'TLSv1', maxVersion: 'TLSv1', ciphers: 'ALL:@SECLEVEL=0' }),
} as const
type Version = keyof typeof VERSIONS
const EACH = Object.keys(VERSIONS) as Version[]

describe('versions', () => {
  test.each(EACH)('%s', async version => {
    const recorded = await recordTls(VERSIONS[version])
    const reading = read(recorded)
    expectWhole(recorded, reading)
    expect(reading.session.serverName).toBe('broker.example')
    expect(reading.session.certificate?.names).toContain('broker.example')
    expect(reading.session.isResumed).toBe(false)
  })

  test.each(EACH)('%s, byte by byte and cut anywhere', async version => {
    const recorded = await recordTls(VERSIONS[version])
    expectWhole(recorded, read({ ...recorded, pieces: recorded.pieces.flatMap(piece => pieced(piece, () => 1)) }))
    const random = new Random(7)
    for (let round = 0; round < effort(5, 100); round++) {
      const pieces = recorded.pieces.flatMap(piece => pieced(piece, () => 1 + random.below(90)))
      expectWhole(recorded, read({ ...recorded, pieces }))
    }
  })
})

/** Cuts what one side wrote into pieces. */
function pieced({ side, bytes }: Piece, size: () => number): Piece[] {
  const pieces: Piece[] = []
  for (let at = 0; at < bytes.length; ) {
    const next = at + size()
    pieces.push({ side, bytes: bytes.subarray(at, next) })
    at = next
  }
  return pieces
}

describe('suites', () => {
  const list = execFileSync('openssl', ['ciphers', '-V', '-stdname', 'ALL:COMPLEMENTOFALL:@SECLEVEL=0'], {
    encoding: 'utf8',
  })
  // Certificates with DSA, and passwords over SRP, are nothing that Node can be given.
  const suites = [...list.matchAll(/(0x..),0x(..) - (\S+) +- (\S+) +(\S+)/g)].filter(
    ([, , , name = '']) => !/DSS|SRP/.test(name),
  )

  test('OpenSSL knows more than a hundred', () => expect(suites.length).toBeGreaterThan(100))

  const names = suites.map(([, , , name = '', short = '', version = '']) => [name, short, version] as const)
  const thirteen = ['TLS_AES_128_CCM_SHA256', 'TLS_AES_128_CCM_8_SHA256'].map(name => [name, name, 'TLSv1.3'] as const)

  test.each([...names, ...thirteen])('%s', async (name, short, version) => {
    const isOld = version !== 'TLSv1.3'
    const ciphers = isOld ? `${short}:@SECLEVEL=0` : name
    const ways = name.includes('CBC') ? [0, NO_ENCRYPT_THEN_MAC] : [0]
    for (const secureOptions of ways) {
      const options = { ciphers, secureOptions, ...(isOld ? { maxVersion: 'TLSv1.2' as const } : {}) }
      const recorded = await recordTls(withPsk(options, name.includes('PSK')))
      const reading = read(recorded)
      expect(reading.session.first.suite?.name).toBe(name)
      if (name.includes('CBC')) expect(reading.session.first.server?.encryptThenMac).toBe(secureOptions === 0)
      expectWhole(recorded, reading)
    }
  })
})

/** SSL_OP_NO_ENCRYPT_THEN_MAC. */
const NO_ENCRYPT_THEN_MAC = 1 << 19

function withPsk(options: tls.SecureContextOptions, hasPsk: boolean): Options {
  const psk = Buffer.from('0123456789abcdef')
  const server = { ...options, dhparam: 'auto' }
  if (!hasPsk) return { client: options, server }
  const client = { ...options, pskCallback: () => ({ psk, identity: 'who' }), checkServerIdentity: () => undefined }
  return { client, server: { ...server, pskCallback: () => psk } }
}

describe('handshakes', () => {
  test.each([
    ['1.3', { minVersion: 'TLSv1.3' }],
    ['1.2 by ticket', { maxVersion: 'TLSv1.2' }],
  ] as const)('%s resumed', async (_name, options) => {
    const context = tls.createSecureContext({ ...(await import('../../support/tls.ts')).SERVER_KEYS, ...options })
    const first = await recordTls({ client: options, server: { ...options, secureContext: context } as tls.TlsOptions })
    const second = await recordTls({
      client: { ...options, session: first.session },
      server: { ...options, secureContext: context } as tls.TlsOptions,
    })
    const reading = read(second)
    expectWhole(second, reading)
    expect(reading.session.isResumed).toBe(true)
  })

  test('1.2 resumed, with the key of the session it began with alone', async () => {
    const options = { maxVersion: 'TLSv1.2' } as const
    const context = tls.createSecureContext({ ...(await import('../../support/tls.ts')).SERVER_KEYS, ...options })
    const server = { ...options, secureContext: context } as tls.TlsOptions
    const first = await recordTls({ client: options, server })
    const second = await recordTls({ client: { ...options, session: first.session }, server })
    const before = read(first)
    const reading = new Reading(before.budget, before.keys).runAll(second.pieces).end()
    expectWhole(second, reading)
  })

  test('with a certificate of the client', async () => {
    for (const version of ['1.3', '1.2'] as const) {
      const { client, server } = VERSIONS[version]
      const recorded = await recordTls({
        client: { ...client, ...CLIENT_KEYS },
        server: { ...server, requestCert: true, rejectUnauthorized: false },
      })
      expectWhole(recorded, read(recorded))
    }
  })

  test('with a HelloRetryRequest', async () => {
    const recorded = await recordTls({
      client: { minVersion: 'TLSv1.3', ecdhCurve: 'X25519:P-384' },
      server: { minVersion: 'TLSv1.3', ecdhCurve: 'P-384' },
    })
    // Two messages of the client before the first one that is sealed: it was asked again.
    const hellos = recorded.pieces.filter(
      ({ side, bytes }) => side === 0 && Buffer.from(bytes).includes('broker.example'),
    )
    expect(hellos).toHaveLength(2)
    expectWhole(recorded, read(recorded))
  })

  test('with the protocol that was agreed on', async () => {
    for (const version of ['1.3', '1.2'] as const) {
      const { client, server } = VERSIONS[version]
      const recorded = await recordTls({
        client: { ...client, ALPNProtocols: ['mqtt', 'http/1.1'] },
        server: { ...server, ALPNProtocols: ['mqtt'] },
      })
      const reading = read(recorded)
      expect(reading.session.alpnOffered).toEqual(['mqtt', 'http/1.1'])
      expect(reading.session.alpn).toBe('mqtt')
    }
  })

  test('with small records', async () => {
    for (const version of EACH) {
      const recorded = await recordTls({
        ...VERSIONS[version],
        messages: [Buffer.alloc(5000, 1), Buffer.alloc(40_000, 2)],
        during: (client, server) => {
          client.setMaxSendFragment(512)
          server.setMaxSendFragment(700)
        },
      })
      const reading = read(recorded)
      expectWhole(recorded, reading)
      expect(reading.sides[0].largest).toBeLessThan(700)
      expect(reading.sides[0].records).toBeGreaterThan(80)
    }
  })
})

describe("OpenSSL's own programs", () => {
  test('keys that are updated, by both sides', async () => {
    const recorded = await recordPrograms({
      server: ['-tls1_3'],
      lines: [
        ['client', 'one\n'],
        ['client', 'K\n'],
        ['client', 'two\n'],
        ['server', 'three\n'],
        ['server', 'K\n'],
        ['server', 'four\n'],
        ['client', 'five\n'],
      ],
    })
    const reading = read(recorded)
    for (const side of [0, 1] as const)
      expect(Buffer.from(reading.out[side].bytes).toString()).toBe(Buffer.from(recorded.sent[side]).toString())
  })

  test('a connection that is negotiated anew', async () => {
    const recorded = await recordPrograms({
      server: ['-tls1_2', '-client_renegotiation'],
      client: ['-legacy_renegotiation'],
      lines: [
        ['client', 'one\n'],
        ['client', 'R\n'],
        ['client', 'two\n'],
        ['server', 'three\n'],
      ],
    })
    expect(recorded.keyLog.match(/^CLIENT_RANDOM/gm)).toHaveLength(2)
    const reading = read(recorded)
    for (const side of [0, 1] as const)
      expect(Buffer.from(reading.out[side].bytes).toString()).toBe(Buffer.from(recorded.sent[side]).toString())
  })
})

describe('early data', () => {
  const early = Buffer.from('early data\n')
  const LINES: readonly ['client' | 'server', string][] = [
    ['client', 'one\n'],
    ['server', 'two\n'],
  ]

  test.each([
    ['with all keys', (): boolean => true],
    ['without those of the handshake of the server', (line: string): boolean => !line.startsWith('SERVER_HANDSHAKE')],
  ])('that is accepted, %s', async (_name, isKept) => {
    const recorded = await recordPrograms({ server: ['-tls1_3', '-early_data'], early, lines: LINES })
    const log = recorded.keyLog.split('\n').filter(isKept).join('\n')
    expect(log).toContain('CLIENT_EARLY_TRAFFIC_SECRET')
    const reading = read(recorded, log)
    expect(Buffer.from(reading.out[0].bytes).toString()).toBe('early data\none\n')
    expect(Buffer.from(reading.out[1].bytes).toString()).toContain('two\n')
    expect(reading.session.early).toBe(true)
  })

  test('whose key is missing is a gap', async () => {
    const recorded = await recordPrograms({ server: ['-tls1_3', '-early_data'], early, lines: LINES })
    const log = recorded.keyLog.split('\n').filter(line => !line.startsWith('CLIENT_EARLY'))
    const reading = read(recorded, log.join('\n'))
    expect(Buffer.from(reading.out[0].bytes).toString()).toBe('one\n')
    expect(reading.out[0].gaps).toEqual([0])
  })

  test('that is rejected is not handed on', async () => {
    const recorded = await recordPrograms({
      server: ['-tls1_3', '-early_data'],
      early,
      hasNewServer: true,
      lines: LINES,
    })
    const reading = read(recorded)
    expect(recorded.keyLog).toContain('CLIENT_EARLY_TRAFFIC_SECRET')
    expect(reading.session.early).toBe(false)
    expect(Buffer.from(reading.out[0].bytes).toString()).toBe('one\n')
    expect(reading.out[0].gaps).toEqual([])
    expect(read(recorded, recorded.keyLog.replace(/^SERVER_HAND.*\n/gm, '')).out[0].gaps).toEqual([])
  })
})

describe('keys', () => {
  test.each(EACH)('%s: that come late, a line at a time', async version => {
    const recorded = await recordTls(VERSIONS[version])
    const reading = new Reading().runAll(recorded.pieces)
    expect(reading.out[0].bytes).toHaveLength(0)
    for (const line of recorded.keyLog.split(/(?<=\n)/)) reading.log(line)
    expectWhole(recorded, reading.end())
  })

  test.each(EACH)('%s: that come in the middle of the data', async version => {
    const recorded = await recordTls(VERSIONS[version])
    const reading = new Reading()
    const half = recorded.pieces.length - 3
    reading.runAll(recorded.pieces.slice(0, half)).log(recorded.keyLog).runAll(recorded.pieces.slice(half))
    expectWhole(recorded, reading.end())
  })

  test('late, the packets of both sides come in the order of their frames', async () => {
    const recorded = await recordTls(VERSIONS['1.3'])
    const reading = new Reading().runAll(recorded.pieces)
    const order: number[] = []
    for (const side of [0, 1] as const) {
      const { run } = reading.out[side]
      reading.out[side].run = function (bytes, start, end, frame) {
        order.push(frame.number)
        run.call(this, bytes, start, end, frame)
      }
    }
    reading.log(recorded.keyLog)
    expect(order.length).toBeGreaterThan(5)
    expect(order).toEqual(order.toSorted((a, b) => a - b))
  })

  test.each(EACH)('%s: of another connection open nothing', async version => {
    const [one, other] = [await recordTls(VERSIONS[version]), await recordTls(VERSIONS[version])]
    const random = /\w+ (\w+)/.exec(one.keyLog)?.[1] ?? ''
    const wrong = other.keyLog.replace(/(\w+) \w+ /g, `$1 ${random} `)
    const reading = read(one, wrong)
    expect(reading.out.map(out => out.bytes.length)).toEqual([0, 0])
    expect(reading.out.map(out => out.gaps)).toEqual([[], []])
    expect(reading.sides.map(side => side.isOpen)).toEqual([false, false])
  })

  test.each(EACH)('%s: the right one stands beside wrong ones', async version => {
    const [one, other] = [await recordTls(VERSIONS[version]), await recordTls(VERSIONS[version])]
    const random = /\w+ (\w+)/.exec(one.keyLog)?.[1] ?? ''
    const wrong = other.keyLog.replace(/(\w+) \w+ /g, `$1 ${random} `)
    expectWhole(one, read(one, wrong + one.keyLog))
    expectWhole(one, read(one, one.keyLog + wrong))
  })

  test('1.3: of one side open that side', async () => {
    const recorded = await recordTls(VERSIONS['1.3'])
    const lines = recorded.keyLog.split('\n').filter(line => line.startsWith('SERVER'))
    const reading = read(recorded, lines.join('\n'))
    expect(Buffer.from(reading.out[1].bytes).equals(recorded.sent[1])).toBe(true)
    expect(reading.sides.map(side => side.isOpen)).toEqual([false, true])
    expect(reading.out[0].bytes).toHaveLength(0)
  })

  test('1.3: without those of the handshake', async () => {
    const recorded = await recordTls(VERSIONS['1.3'])
    const lines = recorded.keyLog.split('\n').filter(line => !line.includes('HANDSHAKE'))
    expectWhole(recorded, read(recorded, lines.join('\n')))
    const late = new Reading().runAll(recorded.pieces).log(lines.join('\n'))
    expectWhole(recorded, late.end())
  })

  test('1.3: without the direction of the server', async () => {
    const recorded = await recordTls(VERSIONS['1.3'])
    const reading = read({ ...recorded, pieces: recorded.pieces.filter(({ side }) => side === 0) })
    expect(Buffer.from(reading.out[0].bytes).equals(recorded.sent[0])).toBe(true)
  })

  test.each(EACH)('%s: none at all', async version => {
    const recorded = await recordTls(VERSIONS[version])
    const reading = read(recorded, '')
    expect(reading.out.map(out => out.bytes.length)).toEqual([0, 0])
    expect(reading.session.first.suite?.name).toMatch(/^TLS_/)
    expect(reading.session.serverName).toBe('broker.example')
    expect(reading.session.certificate === undefined).toBe(version === '1.3')
    expect(reading.out.map(out => out.ends)).toEqual([1, 1])
  })
})

describe('gaps', () => {
  const messages = Array.from({ length: 12 }, (_, at) => Buffer.alloc(200 + at, at))

  /** The pieces of the data of one side, without those of its handshake. */
  const dataOf = (recorded: Recorded, side: 0 | 1): number[] =>
    recorded.pieces.flatMap((piece, at) => (piece.side === side && piece.bytes.length > 200 && at > 6 ? [at] : []))

  test.each(EACH)('%s: whole records are missing', async version => {
    const recorded = await recordTls({ ...VERSIONS[version], messages })
    const data = dataOf(recorded, 0)
    const gone = [data[3], data[4], data[8]]
    const reading = new Reading().log(recorded.keyLog)
    for (const [at, piece] of recorded.pieces.entries())
      if (gone.includes(at)) reading.gap(piece.side, piece.bytes.length)
      else reading.run(piece)
    reading.end()
    const left = reading.out[0].parts.map(part => part.length)
    // In TLS 1.0 a record is opened with the end of the one before; OpenSSL sends one without data in front of each.
    expect(left.filter(size => size >= 199)).toHaveLength(12 - 3)
    expect(reading.out[0].gaps.length).toBeGreaterThanOrEqual(2)
    expect(Buffer.from(reading.out[1].bytes).equals(recorded.sent[1])).toBe(true)
  })

  test.each(EACH)('%s: the middle of a record is missing', async version => {
    const recorded = await recordTls({ ...VERSIONS[version], messages })
    const at = dataOf(recorded, 0)[5] ?? -1
    const reading = new Reading().log(recorded.keyLog)
    for (const [index, piece] of recorded.pieces.entries()) {
      if (index !== at) reading.run(piece)
      else {
        reading.run({ side: 0, bytes: piece.bytes.subarray(0, 100) })
        reading.gap(0, 60)
        reading.run({ side: 0, bytes: piece.bytes.subarray(160) })
      }
    }
    reading.end()
    const sizes = reading.out[0].parts.map(part => part.length).filter(size => size >= 199)
    expect(sizes.length).toBe(11)
    expect(reading.out[0].gaps.length).toBeGreaterThanOrEqual(1)
    // What is handed on of the record that is cut is true.
    expect(Buffer.from(recorded.sent[0]).includes(Buffer.from(reading.out[0].bytes).subarray(0, 900))).toBe(true)
  })

  test.each(EACH)('%s: a hole of unknown size', async version => {
    const recorded = await recordTls({ ...VERSIONS[version], messages })
    const at = dataOf(recorded, 0)[5]
    const reading = new Reading().log(recorded.keyLog)
    for (const [index, piece] of recorded.pieces.entries())
      if (index === at) reading.gap(piece.side, 0)
      else reading.run(piece)
    reading.end()
    const sizes = reading.out[0].parts.map(part => part.length).filter(size => size >= 199)
    expect(sizes.length).toBe(11)
  })

  test('1.3: the end of the handshake is missing', async () => {
    const recorded = await recordTls({ ...VERSIONS['1.3'], messages })
    const own = recorded.pieces.flatMap((piece, at) => (piece.side === 0 ? [at] : []))
    const reading = new Reading().log(recorded.keyLog)
    for (const [at, piece] of recorded.pieces.entries())
      if (at !== own[1]) reading.run(piece)
      else {
        // ChangeCipherSpec and Finished; the first data stands behind them.
        const size = piece.bytes.length - (HEADER_SIZE + 200 + 17)
        reading.gap(0, size)
        reading.run({ side: 0, bytes: piece.bytes.subarray(size) })
      }
    reading.end()
    expect(Buffer.from(reading.out[0].bytes).equals(recorded.sent[0])).toBe(true)
    expect(reading.out[0].gaps).toEqual([])
  })

  test('1.3: records of 15 bytes, the shortest there are with data', async () => {
    const recorded = await recordTls({
      ...both({ minVersion: 'TLSv1.3', ciphers: 'TLS_AES_128_CCM_8_SHA256' }),
      messages: Array.from({ length: 60 }, (_, at) => Buffer.of(at)),
    })
    const data = recorded.pieces.flatMap((piece, at) => (piece.side === 0 && piece.bytes.length === 15 ? [at] : []))
    const gone = data.slice(4, 44)
    const reading = new Reading().log(recorded.keyLog)
    for (const [at, piece] of recorded.pieces.entries())
      if (at === gone[0]) reading.gap(0, 15 * gone.length)
      else if (!gone.includes(at)) reading.run(piece)
    expect(reading.end().out[0].bytes.at(-1)).toBe(59)
    expect(reading.out[0].bytes.length).toBe(60 - 40)
  })

  test('1.2: the number of a record that stands in it is found at once', async () => {
    const recorded = await recordTls({
      ...VERSIONS['1.2'],
      messages: Array.from({ length: 200 }, () => Buffer.alloc(210)),
    })
    const data = dataOf(recorded, 0)
    const reading = new Reading(new TlsBudget(undefined, 0)).log(recorded.keyLog)
    for (const [at, piece] of recorded.pieces.entries())
      if (piece.side === 0 && at > (data[2] ?? 0) && at < (data[190] ?? 0)) reading.gap(0, piece.bytes.length)
      else reading.run(piece)
    expect(reading.end().out[0].bytes.length).toBe(0)
    const allowed = new Reading(new TlsBudget(undefined, 4)).log(recorded.keyLog)
    for (const [at, piece] of recorded.pieces.entries())
      if (piece.side === 0 && at > (data[2] ?? 0) && at < (data[190] ?? 0)) allowed.gap(0, piece.bytes.length)
      else allowed.run(piece)
    expect(allowed.end().out[0].parts.filter(part => part.length === 210)).toHaveLength(200 - 187)
  })
})

describe('limits', () => {
  test('records that wait for a key: 256 KiB of a direction', async () => {
    const recorded = await recordTls({ ...VERSIONS['1.3'], messages: [Buffer.alloc(MOST_WAITING, 1)] })
    const reading = new Reading().runAll(recorded.pieces).log(recorded.keyLog).end()
    expect(reading.budget.givenUp).toBe(2)
    expect(reading.out.map(out => out.bytes.length)).toEqual([0, 0])
    expect(reading.out.map(out => out.ends)).toEqual([1, 1])
  })

  test('records of all directions: the one that has waited longest goes', async () => {
    const [one, other] = [await recordTls(VERSIONS['1.3']), await recordTls(VERSIONS['1.3'])]
    const budget = new TlsBudget(10_000)
    const first = new Reading(budget).runAll(one.pieces)
    const second = new Reading(budget).runAll(other.pieces)
    expect(budget.givenUp).toBeGreaterThanOrEqual(1)
    first.log(one.keyLog)
    second.log(other.keyLog)
    expect(first.out[1].bytes.length).toBe(0)
    expect(second.out[0].bytes.length).toBeGreaterThan(0)
  })

  test('records that do not open: 64 in a row', async () => {
    const recorded = await recordTls({
      ...VERSIONS['1.3'],
      messages: Array.from({ length: 100 }, () => Buffer.alloc(50)),
    })
    const reading = new Reading().log(recorded.keyLog)
    let own = 0
    for (const { side, bytes } of recorded.pieces) {
      const isData = side === 0 && ++own > 5
      reading.run({ side, bytes: isData ? bytes.with(-1, (bytes.at(-1) ?? 0) ^ 1) : bytes })
    }
    reading.end()
    expect(reading.out[0].gaps.length).toBeLessThanOrEqual(65)
    expect(reading.out[0].gaps.length).toBeGreaterThan(60)
    expect(Buffer.from(reading.out[1].bytes).equals(recorded.sent[1])).toBe(true)
  })

  test('a connection whose beginning is not in the capture is counted', async () => {
    const recorded = await recordTls(VERSIONS['1.3'])
    const reading = new Reading().log(recorded.keyLog).runAll(recorded.pieces.slice(-4)).end()
    expect(reading.sides[0].records + reading.sides[1].records).toBeGreaterThan(1)
    expect(reading.out.map(out => out.bytes.length)).toEqual([0, 0])
  })
})

test('a capture with cut frames: the hello says enough, and whole records are read', async () => {
  const recorded = await recordTls({
    ...VERSIONS['1.3'],
    messages: [Buffer.alloc(20, 1), Buffer.alloc(500, 2), Buffer.alloc(30, 3)],
  })
  const reading = new Reading().log(recorded.keyLog)
  for (const { side, bytes } of recorded.pieces) {
    reading.run({ side, bytes: bytes.subarray(0, 130) })
    if (bytes.length > 130) reading.gap(side, bytes.length - 130)
  }
  reading.end()
  const sizes = reading.out[0].parts.map(part => part.length)
  // The ClientHello ends behind its random, and its record is cut like the long one.
  expect(sizes).toEqual([20, 130 - 5, 30])
  expect(reading.out[0].gaps).toEqual([0])
})

test('64 renegotiations are followed', () => {
  const reading = new Reading()
  for (let count = 0; count < 100; count++) {
    const random = Buffer.alloc(32, count)
    const hello = Buffer.concat([Buffer.from('160303002a020000260303', 'hex'), random, Buffer.from('00c02f00', 'hex')])
    reading.run({ side: 1, bytes: hello })
  }
  expect(reading.session.handshake(64).server?.random).toBe('c'.repeat(32))
  expect(reading.session.handshake(65).server).toBeUndefined()
})
