/** What the line of each packet type says, from bytes written by hand. */
import { describe, expect, it } from 'vitest'
import { info } from '../../src/text/info.ts'
import { type RecordParts, recordOf } from '../support/record.ts'

const said = (hex: string, parts: RecordParts = {}, redact = false, room?: number): string =>
  info(recordOf(hex, parts), redact, room).trim()

const V3 = { version: 3 } as const
const V5 = { version: 5 } as const

type Case = readonly [name: string, hex: string, parts: RecordParts, expected: string]

const CONNECTS: readonly Case[] = [
  ['3.1.1', '10 0e 0004 4d515454 04 02 003c 0002 4d65', {}, 'MQTT 3.1.1 client "Me" keep alive 60 s clean'],
  [
    '3.1 with user and password',
    '10 1a 0006 4d5149736470 03 c0 000a 0002 4d65 0002 7573 0004 70617373',
    V3,
    'MQTT 3.1 client "Me" keep alive 10 s resume user "us" password',
  ],
  [
    'with a will, keep alive off',
    '10 1c 0004 4d515454 04 2e 0000 0002 4d65 0006 742f77696c6c 0004 676f6e65',
    {},
    'MQTT 3.1.1 client "Me" keep alive off clean will t/will Q1 retain "gone" 4 B',
  ],
  [
    '5.0, no client id, will and properties',
    '10 22 0004 4d515454 05 06 003c 05 11 0000012c 0000 05 18 00000005 0001 77 0000',
    V5,
    'MQTT 5.0 client "" keep alive 60 s clean will w Q0 empty [delay 5 s] [session expiry 300 s]',
  ],
  [
    'of a bridge',
    '10 0e 0004 4d515454 84 02 003c 0002 4d65',
    {},
    'MQTT 3.1.1 (bridge) client "Me" keep alive 60 s clean',
  ],
  [
    'of no known version',
    '10 0e 0004 4d515454 09 02 003c 0002 4d65',
    {},
    'MQTT level 9 client "Me" keep alive 60 s clean',
  ],
  ['cut off behind the level', '10 07 0004 4d515454 04', {}, 'MQTT 3.1.1'],
  ['cut off before the level', '10 02 0004', {}, ''],
]

const CONNACKS: readonly Case[] = [
  ['accepted', '20 02 00 00', {}, 'accepted'],
  ['session present', '20 02 01 00', {}, 'accepted (session present)'],
  ['3.1 has no session present', '20 02 01 00', V3, 'accepted'],
  ['refused', '20 02 00 04', {}, 'refused: bad user name or password (4)'],
  ['refused by a reserved code', '20 02 00 09', {}, 'refused: reserved code (9)'],
  ['5.0', '20 03 00 00 00', V5, 'accepted'],
  ['5.0 refused', '20 03 00 87 00', V5, 'refused: Not authorized (0x87)'],
  [
    '5.0 with properties',
    '20 15 00 00 12 24 01 25 00 13 001e 27 00000400 12 0003 61 62 63',
    V5,
    'accepted [QoS max 1, no retain, keep alive 30 s, packet max 1024 B, client id "abc"]',
  ],
  ['of an unknown version, by 3.1.1', '20 02 00 05', { version: 0 }, 'refused: not authorized (5)'],
  ['of an unknown version, by 5.0', '20 02 00 87', { version: 0 }, 'refused: Not authorized (0x87)'],
  ['cut off', '20 02 00', { size: 4 }, ''],
]

const PUBLISHES: readonly Case[] = [
  ['QoS 0', '30 0b 0005 68656c6c6f 61626364', {}, '(Q0) hello "abcd" 4 B'],
  ['QoS 1', '32 0d 0005 68656c6c6f 0007 61626364', {}, '(Q1, id 7) hello "abcd" 4 B'],
  ['every flag', '3d 0d 0005 68656c6c6f 0007 61626364', {}, '(Q2, id 7, dup, retain) hello "abcd" 4 B'],
  ['QoS 3', '36 0d 0005 68656c6c6f 0007 61626364', {}, '(Q3, id 7) hello "abcd" 4 B'],
  ['an empty payload', '30 07 0005 68656c6c6f', {}, '(Q0) hello empty'],
  ['an empty payload, retained', '31 07 0005 68656c6c6f', {}, '(Q0, retain) hello empty: deletes what is retained'],
  ['JSON', '30 0e 0003 612f62 7b2276223a 32312e 7d', {}, `(Q0) a/b '{"v":21.}' 9 B`],
  ['a binary payload', '30 07 0001 61 0001feff', {}, '(Q0) a 00 01 fe ff (4 B)'],
  ['a line break is text', '30 06 0001 61 610a62', {}, '(Q0) a "a\\x0ab" 3 B'],
  ['a blank in the topic', '30 08 0003 612062 313233', {}, '(Q0) "a b" "123" 3 B'],
  ['a quote in the topic', '30 05 0003 612262', {}, `(Q0) 'a"b' empty`],
  ['X01 in the topic', '30 06 0004 611b5b4a', {}, '(Q0) a\\x1b[J empty'],
  ['X03 in the payload', '30 07 0001 61 e280ae78', {}, '(Q0) a "⟨U+202E⟩x" 4 B'],
  ['M12: NUL in the topic', '30 05 0003 610062', {}, '(Q0) a\\x00b empty'],
  ['an empty topic', '30 03 0000 78', {}, '(Q0) "" "x" 1 B'],
  ['5.0', '30 05 0001 61 00 78', V5, '(Q0) a "x" 1 B'],
  ['5.0 at QoS 1', '32 07 0001 61 0007 00 78', V5, '(Q1, id 7) a "x" 1 B'],
  ['an alias set', '30 08 0001 61 03 230003 78', V5, '(Q0) a (sets alias 3) "x" 1 B'],
  ['an alias known', '30 07 0000 03 230003 78', { ...V5, aliasTopic: 'a/b' }, '(Q0) a/b (alias 3) "x" 1 B'],
  ['an alias unknown', '30 07 0000 03 230003 78', { ...V5, aliasUnknown: true }, '(Q0) ⟨alias 3⟩ "x" 1 B'],
  [
    'an alias that stands for harm',
    '30 07 0000 03 230003 78',
    { ...V5, aliasTopic: 'a \x1b[2J' },
    '(Q0) "a \\x1b[2J" (alias 3) "x" 1 B',
  ],
  [
    '5.0 with properties',
    '30 22 0001 61 1d 01 01 02 0000003c 08 0001 72 09 0002 0102 0b 05 26 0001 6b 0001 76 03 0001 74 78',
    V5,
    '(Q0) a "x" 1 B [UTF-8, expires after 60 s, response topic "r", correlation 01 02, subscription id 5, content type "t", user property "k"="v"]',
  ],
  [
    'several user properties are counted',
    '30 13 0001 61 0e 26 0001 6b 0001 76 26 0001 6b 0001 76 78',
    V5,
    '(Q0) a "x" 1 B [2 user properties]',
  ],
  ['an unknown property', '30 07 0001 61 02 7e00 78', V5, '(Q0) a "x" 1 B [unknown property 0x7e]'],
  ['a payload of which a part was captured', '30 0b 0001 61 6162', { size: 13 }, '(Q0) a "ab" 2 of 8 B'],
  ['a payload of which nothing was captured', '30 0b 0001 61', { size: 13 }, '(Q0) a 0 of 8 B'],
  ['cut off in the topic', '30 0b 0005 6162', { size: 13 }, '(Q0)'],
]

const ACKS: readonly Case[] = [
  ['PUBACK', '40 02 0007', {}, '(id 7)'],
  ['PUBREC', '50 02 ffff', {}, '(id 65535)'],
  ['PUBREL', '62 02 0007', {}, '(id 7)'],
  ['PUBREL of 3.1 sent again', '6a 02 0007', V3, '(id 7, dup)'],
  ['PUBCOMP', '70 02 0007', {}, '(id 7)'],
  ['5.0 with success', '40 03 0007 00', V5, '(id 7)'],
  ['5.0 with a reason', '40 03 0007 10', V5, '(id 7) No matching subscribers (0x10)'],
  ['5.0 refused', '50 04 0007 97 00', V5, '(id 7) Quota exceeded (0x97)'],
  ['5.0 with a reserved code', '40 03 0007 77', V5, '(id 7) reserved code (0x77)'],
  ['5.0 with a reason string', '62 09 0007 92 05 1f 0002 6e6f', V5, '(id 7) Packet Identifier not found (0x92) ["no"]'],
  ['cut off', '40 02 00', { size: 4 }, ''],
]

const SUBSCRIPTIONS: readonly Case[] = [
  ['SUBSCRIBE', '82 0f 0002 0003 612f2b 01 0004 622f2f23 02', {}, '(id 2) "a/+" Q1, "b//#" Q2'],
  ['SUBSCRIBE of 3.1 sent again', '8a 08 0002 0003 612f2b 01', V3, '(id 2, dup) "a/+" Q1'],
  ['SUBSCRIBE of 5.0', '82 09 0002 00 0003 612f2b 00', V5, '(id 2) "a/+" Q0'],
  [
    'SUBSCRIBE with every option',
    '82 0b 0002 02 0b07 0003 612f2b 2e',
    V5,
    '(id 2) "a/+" Q2 (no local, retain as published, nothing retained) [subscription id 7]',
  ],
  ['UNSUBSCRIBE', 'a2 0a 0003 0003 612f2b 0001 62', {}, '(id 3) "a/+", "b"'],
  ['UNSUBSCRIBE of 5.0', 'a2 08 0003 00 0003 612f2b', V5, '(id 3) "a/+"'],
  ['SUBACK', '90 05 0002 01 02 00', {}, '(id 2) granted Q1, Q2, Q0'],
  ['SUBACK with a refusal', '90 05 0002 01 80 00', {}, '(id 2) granted Q1, refused (0x80), granted Q0'],
  ['SUBACK of 5.0', '90 05 0002 00 01 87', V5, '(id 2) granted Q1, refused: Not authorized (0x87)'],
  ['UNSUBACK', 'b0 02 0003', {}, '(id 3)'],
  ['UNSUBACK of 5.0', 'b0 05 0003 00 00 11', V5, '(id 3) done, No subscription existed (0x11)'],
]

const OTHERS: readonly Case[] = [
  ['PINGREQ', 'c0 00', {}, ''],
  ['PINGRESP', 'd0 00', {}, ''],
  ['DISCONNECT', 'e0 00', {}, ''],
  ['DISCONNECT of 5.0', 'e0 00', V5, 'normal'],
  ['DISCONNECT with a reason', 'e0 01 8e', V5, 'Session taken over (0x8e)'],
  ['DISCONNECT with the will', 'e0 02 04 00', V5, 'Disconnect with Will Message (0x04)'],
  ['DISCONNECT that never expires', 'e0 07 00 05 11 ffffffff', V5, 'normal [session never expires]'],
  ['AUTH', 'f0 0a 18 08 15 0001 58 16 0001 ff', V5, 'Continue authentication (0x18) [method "X", data ff]'],
  ['AUTH alone', 'f0 00', V5, 'success'],
  ['a reserved type', '00 00', {}, ''],
  ['type 15 before 5.0', 'f0 00', {}, ''],
]

describe('CONNECT', () => {
  it.each(CONNECTS)('%s', (_name, hex, parts, expected) => expect(said(hex, parts)).toBe(expected))
})
describe('CONNACK', () => {
  it.each(CONNACKS)('%s', (_name, hex, parts, expected) => expect(said(hex, parts)).toBe(expected))
})
describe('PUBLISH', () => {
  it.each(PUBLISHES)('%s', (_name, hex, parts, expected) => expect(said(hex, parts)).toBe(expected))
})
describe('acknowledgements', () => {
  it.each(ACKS)('%s', (_name, hex, parts, expected) => expect(said(hex, parts)).toBe(expected))
})
describe('subscriptions', () => {
  it.each(SUBSCRIPTIONS)('%s', (_name, hex, parts, expected) => expect(said(hex, parts)).toBe(expected))
})
describe('others', () => {
  it.each(OTHERS)('%s', (_name, hex, parts, expected) => expect(said(hex, parts)).toBe(expected))
})

describe('--redact leaves lengths', () => {
  it.each([
    ['payload', '30 0b 0005 68656c6c6f 61626364', {}, '(Q0) hello ⟨4 B⟩'],
    [
      'user name and password',
      '10 18 0004 4d515454 04 c2 000a 0002 4d65 0002 7573 0004 70617373',
      {},
      'MQTT 3.1.1 client "Me" keep alive 10 s clean user ⟨2 B⟩ password ⟨4 B⟩',
    ],
    [
      'will',
      '10 1c 0004 4d515454 04 2e 0000 0002 4d65 0006 742f77696c6c 0004 676f6e65',
      {},
      'MQTT 3.1.1 client "Me" keep alive off clean will t/will Q1 retain ⟨4 B⟩',
    ],
    [
      'authentication data',
      'f0 0a 18 08 15 0001 58 16 0001 ff',
      V5,
      'Continue authentication (0x18) [method "X", data ⟨1 B⟩]',
    ],
  ] as readonly Case[])('%s', (_name, hex, parts, expected) => expect(said(hex, parts, true)).toBe(expected))
})

describe('what is long is cut', () => {
  it('filters', () => {
    const eight = Array.from({ length: 8 }, () => '"a" Q0').join(', ')
    expect(said(`82 9203 0002 ${'0001 61 00'.repeat(100)}`)).toBe(`(id 2) ${eight} and 92 more`)
  })
  it('M14: 2,000 user properties', () => {
    const properties = `b0 6d ${'26 0001 6b 0001 76'.repeat(2000)}`
    expect(said(`30 b6 6d 0001 61 ${properties} 78`, V5)).toBe('(Q0) a "x" 1 B [2000 user properties]')
  })
  it('a payload to 64 cells where nobody says how wide', () => {
    expect(said(`30 67 0001 61 ${'78'.repeat(100)}`)).toBe(`(Q0) a "${'x'.repeat(63)}…" 100 B`)
  })
  it('a payload to the room that is left', () => {
    expect(said(`30 67 0001 61 ${'78'.repeat(100)}`, {}, false, 40)).toBe(`(Q0) a "${'x'.repeat(23)}…" 100 B`)
    expect(said(`30 67 0001 61 ${'78'.repeat(100)}`, {}, false, 0)).toBe(`(Q0) a "${'x'.repeat(11)}…" 100 B`)
  })
  it('a topic to 64 cells', () => {
    expect(said(`30 66 0064 ${'78'.repeat(100)}`)).toBe(`(Q0) ${'x'.repeat(63)}… empty`)
  })
  it('a binary payload to its first bytes', () => {
    expect(said(`30 67 0001 61 ${'00'.repeat(100)}`)).toBe(`(Q0) a ${'00 '.repeat(16)}… (100 B)`)
  })
})
