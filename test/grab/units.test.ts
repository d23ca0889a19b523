/** Targets, events and frames by themselves. */
import { describe, expect, test } from 'vitest'
import type { Frame } from '../../src/base/line.ts'
import schema from '../../src/grab/event.schema.json' with { type: 'json' }
import { FAILURE_CODES, failureOf } from '../../src/grab/failure.ts'
import { Identifiers } from '../../src/grab/identifiers.ts'
import { Indenter } from '../../src/grab/indent.ts'
import { Received } from '../../src/grab/received.ts'
import { parseTarget, TargetError, targetOfLine } from '../../src/grab/target.ts'
import { Timeslice } from '../../src/grab/timeslice.ts'
import { Trace } from '../../src/grab/trace.ts'
import { readSegment, Segment } from '../../src/net/segment.ts'
import { Random } from '../support/random.ts'

describe('targets', () => {
  test.for([
    ['broker.example', 'broker.example', 1883],
    ['broker.example:8080', 'broker.example', 8080],
    ['192.0.2.1', '192.0.2.1', 1883],
    ['192.0.2.1:1', '192.0.2.1', 1],
    ['[::1]:1883', '::1', 1883],
    ['[2001:db8::1]', '2001:db8::1', 1883],
    ['::1', '::1', 1883],
    ['my_host', 'my_host', 1883],
    ['bücher.example:99', 'bücher.example', 99],
    ['broker.example.', 'broker.example.', 1883],
  ] as const)('%s', ([text, host, port]) => {
    expect(parseTarget(text, 1883)).toEqual({ host, port })
  })

  test.for([
    '192.0.2.0/24',
    '2001:db8::/32',
    '[2001:db8::/32]:1883',
    '192.0.2.1-20',
    '192.0.2.1-192.0.2.20',
    '192.0.2.*',
    '*.example',
    '192.0.2.1,192.0.2.2',
  ])('no ranges: %s', text => {
    expect(() => parseTarget(text, 1883)).toThrow(TargetError)
  })

  test.for([
    '',
    ' ',
    'a b',
    'host:0',
    'host:65536',
    'host:mqtt',
    'host:',
    ':1883',
    '[::1',
    '[host]:1',
    '1:2:3',
    'mqtt://host',
    'host/path',
    '-host',
    `${'a'.repeat(64)}.example`,
    `${'a.'.repeat(130)}example`,
  ])('nonsense: %j', text => {
    expect(() => parseTarget(text, 1883)).toThrow(TargetError)
  })

  test('a line of a file', () => {
    expect(targetOfLine(' host:1 # mine\r', 9)).toEqual({ host: 'host', port: 1 })
    for (const line of ['', '  \r', '# host', '\t#']) expect(targetOfLine(line, 9)).toBeUndefined()
  })
})

describe('failures', () => {
  const error = (code: string, syscall = 'connect'): Error => Object.assign(new Error(code), { code, syscall })
  test.for([
    [error('ECONNREFUSED'), 'connecting', 'refused'],
    [error('EHOSTUNREACH'), 'connecting', 'unreachable'],
    [error('EMFILE'), 'connecting', 'files'],
    [error('ENOTFOUND', 'getaddrinfo'), 'connecting', 'dns'],
    [error('EAI_AGAIN', 'getaddrinfo'), 'connecting', 'dns'],
    [error('ETIMEDOUT'), 'connecting', 'timeout'],
    [new AggregateError([error('ECONNREFUSED'), error('ENETUNREACH')]), 'connecting', 'refused'],
    [error('ECONNRESET'), 'securing', 'tls'],
    [error('DEPTH_ZERO_SELF_SIGNED_CERT'), 'securing', 'tls'],
    [error('ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED'), 'open', 'tls'],
    [error('ECONNRESET'), 'upgrading', 'websocket'],
    [error('ECONNRESET'), 'open', 'reset'],
    ['no error at all', 'open', 'reset'],
  ] as const)('%s while %s: %s', ([cause, phase, code]) => {
    expect(failureOf(cause, phase).code).toBe(code)
  })

  test('the schema lists the same codes', () => {
    expect(schema.properties.error.properties.code.enum).toEqual(FAILURE_CODES)
  })
})

test('messages are kept as they came, topics once each', () => {
  const random = new Random(6)
  const received = new Received()
  const added = Array.from({ length: 500 }, () => ({
    topic: random.bytes(random.below(2)),
    payload: random.bytes(random.below(300)),
  }))
  for (const { topic, payload } of added) received.add(topic, payload, 0, payload.length)
  const kept = [...received.messages()]
  expect(kept.map(({ bytes, start, end }) => Buffer.from(bytes.subarray(start, end)).toString('hex'))).toEqual(
    added.map(({ payload }) => Buffer.from(payload).toString('hex')),
  )
  expect(kept.map(({ topic }) => [...topic])).toEqual(added.map(({ topic }) => [...topic]))
  expect(received.topics.length).toBe(new Set(added.map(({ topic }) => topic.join())).size)
})

test('identifiers: a set, by bits', () => {
  const random = new Random(7)
  const identifiers = new Identifiers()
  const naive = new Set<number>()
  for (let round = 0; round < 5000; round++) {
    const id = random.chance(0.1) ? random.pick([0, 1, 65_535]) : random.below(65_536)
    if (random.chance(0.5)) expect(identifiers.add(id)).toBe(!naive.has(id))
    else expect(identifiers.delete(id)).toBe(naive.delete(id))
    if (identifiers.delete(id)) {
      naive.delete(id)
      identifiers.add(id)
      naive.add(id)
    }
  }
})

test('spread over lines as JSON.stringify does it, however the text is cut', () => {
  const value = { a: [], b: {}, c: [1, { 'd,e:"[{\\': '\\"]}' }, []], f: null, g: 'x\u2028' }
  const text = JSON.stringify(value)
  for (const size of [1, 2, 7, text.length]) {
    const indenter = new Indenter()
    let spread = ''
    for (let at = 0; at < text.length; at += size) spread += indenter.indent(text.slice(at, at + size))
    expect(spread).toBe(JSON.stringify(value, null, 2))
  }
})

test('turns: one slice each in turn, and other work in between', async () => {
  const timeslice = new Timeslice()
  const done: string[] = []
  let timers = 0
  const timer = setInterval(() => timers++, 1)
  const busy = (name: string, times: number, finished: () => void) => {
    let left = times
    return {
      turn(): boolean {
        const until = performance.now() + 3
        while (performance.now() < until);
        done.push(name)
        if (--left === 0) finished()
        return left > 0
      },
    }
  }
  await Promise.all(['a', 'b', 'c'].map(name => new Promise<void>(resolve => timeslice.add(busy(name, 6, resolve)))))
  clearInterval(timer)
  expect(done.join('')).toBe('abc'.repeat(6))
  expect(timers).toBeGreaterThan(1)
})

describe('frames', () => {
  const cases = [
    [
      { address: '192.0.2.1', port: 50_000 },
      { address: '198.51.100.7', port: 1883 },
    ],
    [
      { address: '2001:db8::1', port: 50_000 },
      { address: 'fe80::1:2%eth0', port: 1883 },
    ],
    [
      { address: '::ffff:192.0.2.1', port: 50_000 },
      { address: '::ffff:198.51.100.7', port: 1883 },
    ],
    [
      { address: '::', port: 1 },
      { address: '::1', port: 65_535 },
    ],
  ] as const

  test.for(cases)('%j to %j: each frame is read as it was meant', ([local, remote]) => {
    const frames: Frame[] = []
    const trace = new Trace(frame => frames.push(frame.copy()))
    trace.opened(local, remote)
    trace.sent(new Uint8Array(3), 1_700_000_000_123_456)
    trace.received(new Uint8Array(40_000), 1_700_000_001_000_000)
    trace.closed('us', 1_700_000_002_000_000)
    const segment = new Segment()
    const seen = frames.map(frame => {
      expect(readSegment(frame, segment)).toBe(true)
      expect(checksum(frame.bytes)).toBe(0xffff)
      return [segment.sourcePort, segment.flags, segment.end - segment.start]
    })
    const [ours, theirs] = [local.port, remote.port]
    expect(seen).toEqual([
      [ours, 0x02, 0],
      [theirs, 0x12, 0],
      [ours, 0x10, 0],
      [ours, 0x18, 3],
      [theirs, 0x18, 16_384],
      [theirs, 0x18, 16_384],
      [theirs, 0x18, 7232],
      [ours, 0x11, 0],
      [theirs, 0x11, 0],
      [ours, 0x10, 0],
    ])
    expect([frames[3]?.seconds, frames[3]?.nanos, frames[3]?.timeDigits]).toEqual([1_700_000_000, 123_456_000, 6])
  })

  /** The ones' complement sum over segment and pseudo header is all ones where the checksum is right (RFC 1071). */
  function checksum(bytes: Uint8Array): number {
    const isIpv4 = bytes[12] === 8
    const tcp = isIpv4 ? 34 : 54
    const pseudo = bytes.subarray(isIpv4 ? 26 : 22, tcp)
    let total = 6 + bytes.length - tcp
    for (const part of [pseudo, bytes.subarray(tcp)]) {
      for (let at = 0; at < part.length; at += 2) total += ((part[at] ?? 0) << 8) | (part[at + 1] ?? 0)
    }
    while (total > 0xffff) total = (total & 0xffff) + Math.floor(total / 0x10000)
    return total
  }

  test("a reset is the peer's", () => {
    const flags: (number | undefined)[] = []
    const trace = new Trace(frame => flags.push(frame.bytes[47]))
    trace.opened(...cases[0])
    trace.closed('reset', 0)
    expect(flags.at(-1)).toBe(0x14)
  })
})
