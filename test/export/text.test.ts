import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { summaryLine, TextExporter, type TextOptions } from '../../src/export/text.ts'
import type { Version } from '../../src/mqtt/spec.ts'
import type { Summary } from '../../src/store/record.ts'
import { connectionOf, frameOf, type RecordParts, recordOf, SECONDS } from '../support/record.ts'

const PLAIN: TextOptions = { time: 'r', color: false, verbose: false, bytes: false, redact: false }
const HELLO = '30 0b 0005 68656c6c6f 61626364'

function printed(options: Partial<TextOptions>, act: (exporter: TextExporter) => void): string {
  let text = ''
  const exporter = new TextExporter({ ...PLAIN, ...options }, part => {
    text += part
  })
  act(exporter)
  return text
}

const lines = (options: Partial<TextOptions>, ...records: readonly (readonly [string, RecordParts])[]): string[] => {
  const stream = connectionOf()
  return printed(options, exporter => {
    for (const [hex, parts] of records) exporter.packet(recordOf(hex, { stream, ...parts }))
  })
    .trimEnd()
    .split('\n')
}

describe('one line a packet', () => {
  it('in columns that do not depend on the direction', () => {
    expect(
      lines(
        {},
        ['10 0e 0004 4d515454 04 02 003c 0002 4d65', {}],
        ['20 02 00 00', { number: 2, side: 1, frame: { nanos: 123_869_000 } }],
        ['a2 07 0003 0003 612f2b', { number: 99_999 }],
        ['c0 00', { number: 1_234_567, frame: { seconds: SECONDS + 100_000 } }],
        ['d0 00', { number: 1_234_568, side: 1, frame: { seconds: SECONDS + 100_000 } }],
      ),
    ).toEqual([
      '    1   0.000000 192.0.2.7:51034 → 192.0.2.1:1883  CONNECT       14 MQTT 3.1.1 client "Me" keep alive 60 s clean',
      '    2   0.000412  192.0.2.1:1883 → 192.0.2.7:51034 CONNACK        2 accepted',
      '99999   0.000000 192.0.2.7:51034 → 192.0.2.1:1883  UNSUBSCRIBE    7 (id 3) "a/+"',
      '1234567 100000.000000 192.0.2.7:51034 → 192.0.2.1:1883  PINGREQ        0',
      '1234568 100000.000000  192.0.2.1:1883 → 192.0.2.7:51034 PINGRESP       0',
    ])
  })

  it('columns grow with the addresses and never shrink', () => {
    const short = connectionOf({ from: [0x0a000001], to: [0x0a000002], fromPort: 9999 })
    const long = connectionOf({ from: [0x20010db8, 0, 0, 1], to: [0x20010db8, 0, 0, 2] })
    const text = printed({}, exporter => {
      for (const stream of [short, long, short]) exporter.packet(recordOf('c0 00', { stream }))
    })
    expect(text.split('\n').slice(0, 3)).toEqual([
      '    1   0.000000 10.0.0.1:9999 → 10.0.0.2:1883 PINGREQ        0',
      '    1   0.000000 [2001:db8::1]:51034 → [2001:db8::2]:1883  PINGREQ        0',
      '    1   0.000000       10.0.0.1:9999 → 10.0.0.2:1883       PINGREQ        0',
    ])
  })

  it('as short as can be on a narrow terminal', () => {
    const loopback = connectionOf({ from: [0x7f000001], to: [0x7f000001] })
    expect(lines({ columns: 80 }, [HELLO, { stream: loopback }])).toEqual([
      '  1 0.000000 :51034 → :1883 PUBLISH       11 (Q0) hello "abcd" 4 B',
    ])
    expect(lines({ columns: 80 }, [HELLO, { frame: { timeDigits: 9 } }], ['20 02 00 00', { side: 1 }])).toEqual([
      '  1 0.000000 192.0.2.7:51034 → 192.0.2.1 PUBLISH       11 (Q0) hello "abcd" 4 B',
      '  1 0.000000 192.0.2.1 → 192.0.2.7:51034 CONNACK        2 accepted',
    ])
    expect(lines({ columns: 140 }, [HELLO, {}])[0]).toContain('192.0.2.7:51034 → 192.0.2.1:1883 ')
  })

  it('a long payload fills the row, and no more', () => {
    const [line = ''] = lines({ columns: 110 }, [`30 e7 07 0001 61 ${'78'.repeat(996)}`, {}])
    expect(line.length).toBeLessThanOrEqual(110)
    expect(line.length).toBeGreaterThan(100)
  })

  it('times of every kind', () => {
    expect(lines({ time: 'u' }, [HELLO, {}])[0]).toContain(' 10:06:31.123456 ')
    expect(lines({ time: 'e' }, [HELLO, { frame: { timeDigits: 9 } }])[0]).toContain(' 1795169191.123456789 ')
    expect(lines({}, [HELLO, { frame: { seconds: Number.NaN } }])[0]).toContain('    1          - 192')
    const text = printed({}, exporter => {
      exporter.begin(frameOf({ nanos: 0 }))
      exporter.packet(recordOf(HELLO))
    })
    expect(text).toContain(' 0.123456 ')
  })
})

describe('what is wrong follows on the line', () => {
  it('a malformed packet', () => {
    expect(lines({}, ['36 0d 0005 68656c6c6f 0007 61626364', {}])[0]).toMatch(
      /hello "abcd" 4 B {2}malformed {2}✗ MQTT-3\.3\.1-4 both QoS bits are set \(byte 0\)$/,
    )
  })
  it('an alias that nobody knows, whose ever fault it is', () => {
    const alias: RecordParts = { version: 5, aliasUnknown: true }
    expect(lines({}, ['30 07 0000 03 230003 78', alias])[0]).toMatch(/ {2}i alias\.unknown .* \(byte 6\)$/)
    const stream = connectionOf({ isWhole: true })
    expect(lines({}, ['30 07 0000 03 230003 78', { ...alias, stream }])[0]).toMatch(
      / {2}✗ MQTT-3\.3\.2-7 the topic alias was never set \(byte 6\)$/,
    )
    stream.missBytes(0)
    expect(lines({}, ['30 07 0000 03 230003 78', { ...alias, stream }])[0]).toContain('  i alias.unknown ')
  })
  it('a packet that never became whole', () => {
    expect(lines({}, ['30 0b 0005 6865', { size: 13, incomplete: true }])[0]).toMatch(
      / {2}PUBLISH {7}11 \(Q0\) {2}partial 6\/13 B {2}i capture\.cut .* {2}i capture\.incomplete .* \(byte 6\)$/,
    )
  })
  it('a length without an end', () => {
    expect(lines({}, ['30 ff ff ff ff', { badLength: true }])[0]).toContain(
      'PUBLISH        ? (Q0)  malformed  ✗ malformed.length',
    )
  })
  it('few of very many remarks', () => {
    const [line = ''] = lines({}, [`82 7d 0001 ${'0000 00'.repeat(41)}`, {}])
    expect(line).toMatch(/ {2}and 33 more$/)
  })
  it('types that no version has', () => {
    expect(lines({}, ['00 00', {}])[0]).toContain(' RESERVED       0  malformed')
    expect(lines({}, ['f0 00', {}])[0]).toContain(' RESERVED       0  malformed')
    expect(lines({}, ['f0 00', { version: 5 }])[0]).toContain(' AUTH           0 success')
  })
})

describe('between the packets', () => {
  const between = (act: (exporter: TextExporter) => void): string => printed({}, act)

  it('a gap', () => {
    expect(between(exporter => exporter.gap(connectionOf(), 0, 29, frameOf()))).toBe(
      '  ~~~   0.000000 192.0.2.7:51034 → 192.0.2.1:1883  GAP           29 ~ bytes are not in the capture ~\n',
    )
    expect(between(exporter => exporter.gap(connectionOf(), 1, 0, frameOf()))).toBe(
      '  ~~~   0.000000  192.0.2.1:1883 → 192.0.2.7:51034 GAP            ? ~ an unknown number of bytes is not in the capture ~\n',
    )
  })
  it('bytes passed over', () => {
    expect(between(exporter => exporter.skipped(connectionOf(), 0, 7, frameOf(), ''))).toBe(
      '  ~~~   0.000000 192.0.2.7:51034 → 192.0.2.1:1883  SKIPPED        7 ~ bytes passed over: no packet begins in them ~\n',
    )
  })
  it('bytes of another protocol', () => {
    const skipped = between(exporter => exporter.skipped(connectionOf(), 0, 517, frameOf(), 'tls'))
    expect(skipped).toMatch(/ SKIPPED {6}517 ~ bytes passed over: they are TLS, which hides what it carries ~\n$/)
  })
  it('damage, whatever its message holds', () => {
    const damage = { code: 'pcapng.block', at: 1234, size: 56, message: 'block of \x1b[2J type' }
    expect(between(exporter => exporter.damage(damage))).toBe(
      '  ~~~ capture damaged at byte 1234: block of \\x1b[2J type, 56 B passed over\n',
    )
  })
  it('nothing at the end', () => expect(between(exporter => exporter.finish())).toBe(''))
})

describe('colours', () => {
  const colored = (hex: string, parts: RecordParts = {}): string => lines({ color: true }, [hex, parts])[0] ?? ''

  it.each([
    ['10 0e 0004 4d515454 04 02 003c 0002 4d65', {}, '\x1b[32mCONNECT\x1b[0m    '],
    ['20 02 00 05', {}, '\x1b[31mCONNACK\x1b[0m    '],
    ['30 0b 0005 68656c6c6f 61626364', {}, ' PUBLISH     '],
    ['32 0d 0005 68656c6c6f 0007 61626364', {}, '\x1b[36mPUBLISH\x1b[0m    '],
    ['3a 0d 0005 68656c6c6f 0007 61626364', {}, '\x1b[35mPUBLISH\x1b[0m    '],
    ['34 0d 0005 68656c6c6f 0007 61626364', {}, '\x1b[1;35mPUBLISH\x1b[0m    '],
    ['36 0d 0005 68656c6c6f 0007 61626364', {}, '\x1b[7;31mPUBLISH\x1b[0m    '],
    ['e0 01 8e', { version: 5 }, '\x1b[31mDISCONNECT\x1b[0m '],
    ['c0 00', {}, '\x1b[90mPINGREQ\x1b[0m    '],
  ] as const)('%s', (hex, parts, expected) => expect(colored(hex, parts)).toContain(expected))

  it('none where none are wanted', () => {
    expect(lines({}, ['36 0d 0005 68656c6c6f 0007 61626364', {}])[0]).not.toContain('\x1b')
  })
  it('taken away, the line is the plain one', () => {
    const hex = '36 0d 0005 68656c6c6f 0007 61626364'
    expect(colored(hex).replace(/\x1b\[[\d;]*m/g, '')).toBe(lines({}, [hex, {}])[0])
  })
})

/** Our own sequences and line ends taken away, nothing is left that a terminal would obey. */
const HARMFUL = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/u
const bare = (text: string): string => text.replace(/\x1b\[[\d;]*m/g, '').replaceAll('\n', '')

const HOSTILE = [
  '\x1b]0;pwn\x07',
  '\x1b[2J',
  '\x9b2J',
  '\u202e',
  '\u200b',
  '\ufeff',
  '\u{e0041}',
  '\u2028',
  '\ud83d',
  '\0',
  '\\',
  '"',
  "'",
  'é',
  '温',
]
const hostileText = fc.array(fc.constantFrom(...HOSTILE, 'a', '/'), { maxLength: 8 }).map(parts => parts.join(''))

describe('X01 to X03: nothing captured moves a cursor', () => {
  const clean = (bytes: Uint8Array, version: Version, aliasTopic?: string): void => {
    const parts = { version, ...(aliasTopic === undefined ? {} : { aliasTopic }), clientId: aliasTopic ?? '' }
    for (const options of [
      { color: true },
      { verbose: true, bytes: true, color: true },
      { verbose: true, redact: true },
    ]) {
      const text = printed(options, exporter => exporter.packet(recordOf(bytes, parts)))
      expect(bare(text)).not.toMatch(HARMFUL)
      if (!('verbose' in options)) expect(text.split('\n')).toHaveLength(2)
    }
  }
  const packetOf = (first: number, body: Uint8Array): Uint8Array =>
    Uint8Array.from([first, (body.length & 127) | 128, body.length >> 7, ...body])

  it('in packets of random bytes', () => {
    const version = fc.constantFrom<Version>(0, 3, 4, 5)
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 255 }), fc.uint8Array({ maxLength: 120 }), version, (first, body, spoken) =>
        clean(packetOf(first, body), spoken),
      ),
    )
  })
  it('in topics, payloads, client ids and aliases', () => {
    fc.assert(
      fc.property(hostileText, hostileText, (topic, payload) => {
        const name = new TextEncoder().encode(topic)
        const body = [name.length >> 8, name.length & 255, ...name, ...new TextEncoder().encode(payload)]
        clean(packetOf(0x30, Uint8Array.from(body)), 4, topic)
      }),
    )
  })
  it('in user names, wills and properties', () => {
    const sized = (text: string): number[] => {
      const bytes = new TextEncoder().encode(text)
      return [bytes.length >> 8, bytes.length & 255, ...bytes]
    }
    fc.assert(
      fc.property(hostileText, text => {
        const pair = [0x26, ...sized(text), ...sized(text)]
        const properties = [pair.length | 128, 0, ...pair]
        const body = [0, 4, 0x4d, 0x51, 0x54, 0x54, 5, 0xc6, 0, 60, ...properties]
        body.push(...sized(text), ...properties, ...sized(text), ...sized(text), ...sized(text), ...sized(text))
        clean(packetOf(0x10, Uint8Array.from(body)), 5)
      }),
    )
  })
})

describe('--redact', () => {
  it('shows no secret in any form', () => {
    const connect =
      '10 26 0004 4d515454 04 c6 000a 0002 4d65 0001 77 0006 534543524554 0006 534543524554 0006 534543524554'
    const publish = '30 0b 0003 612f62 534543524554'
    for (const hex of [connect, publish]) {
      const text = printed({ redact: true, verbose: true, bytes: true }, exporter => exporter.packet(recordOf(hex)))
      expect(text).toContain('⟨6 B⟩')
      expect(text).not.toMatch(/SECRET|53 ?45 ?43/)
    }
  })
})

describe('the last line', () => {
  const NOTHING: Summary = {
    frames: 0,
    packets: 0,
    flows: 0,
    connections: 0,
    malformed: 0,
    gaps: 0,
    gapBytes: 0,
    skippedBytes: 0,
    damage: 0,
    damageBytes: 0,
    dropped: undefined,
    unread: [],
  }
  it.each([
    [{}, '0 frames · 0 packets · 0 flows (0 MQTT) · 0 gaps · no damage · drops unknown'],
    [
      { frames: 15, packets: 7, flows: 1, connections: 1, dropped: 0 },
      '15 frames · 7 packets · 1 flow (1 MQTT) · 0 gaps · no damage · 0 dropped by the kernel',
    ],
    [
      {
        frames: 1,
        packets: 1,
        malformed: 1,
        gaps: 1,
        gapBytes: 29,
        skippedBytes: 3,
        damage: 1,
        damageBytes: 8,
        dropped: 2,
      },
      '1 frame · 1 packet (1 malformed) · 0 flows (0 MQTT) · 1 gap (29 B) · 3 B passed over · 1 damaged place (8 B) · 2 dropped by the kernel',
    ],
  ])('%j', (parts, expected) => expect(summaryLine({ ...NOTHING, ...parts })).toBe(expected))
})

it('of a stream warnings have a line, and notes are left to the findings', () => {
  const finding = {
    id: 'stream.not_mqtt',
    message: 'no packet',
    offset: 0,
    packet: 0,
    stream: connectionOf(),
    frame: 4,
  }
  const text = printed({}, exporter => {
    exporter.finding({ ...finding, level: 'note' })
    exporter.finding({ ...finding, level: 'warning' })
  })
  expect(text).toBe('    ! stream 0: stream.not_mqtt no packet\n')
})
