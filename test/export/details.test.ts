import { describe, expect, it } from 'vitest'
import { fromHex } from '../../src/base/bytes.ts'
import { Details } from '../../src/export/details.ts'
import { bits } from '../../src/text/value.ts'
import { type RecordParts, recordOf } from '../support/record.ts'

const PLAIN = { color: false, redact: false }

/** The MQTT part of the tree without explanations. */
function tree(hex: string, parts: RecordParts = {}, options: Partial<{ redact: boolean }> = {}): string[] {
  const details = new Details({ ...PLAIN, ...options })
  details.of(recordOf(hex, parts))
  const lines = details.of(recordOf(hex, parts)).split('\n')
  return lines.slice(lines.findIndex(line => /^ {4}MQTT /.test(line)))
}

describe('bits', () => {
  it.each([
    ['32', 0xf0, '0011 ....'],
    ['32', 0x08, '.... 0...'],
    ['32', 0x06, '.... .01.'],
    ['ff', 0x01, '.... ...1'],
    ['5018', 0xf000, '0101 .... .... ....'],
    ['5018', 0x0018, '.... .... ...1 1...'],
  ])('%s under %i', (hex, mask, expected) => {
    const bytes = fromHex(hex)
    expect(bits(bytes, 0, bytes.length, mask)).toBe(expected)
  })
})

describe('the tree', () => {
  it('of a PUBLISH', () => {
    expect(tree('32 0d 0005 68656c6c6f 0007 61626364', { clientId: 'Me' })).toEqual([
      '    MQTT 3.1.1, PUBLISH, 15 B, from client "Me"',
      '      Fixed header',
      '        Type and flags: 0x32',
      '        0011 .... = Type: PUBLISH (3)',
      '        .... 0... = DUP: Not set',
      '        .... .01. = QoS: At least once (1)',
      '        .... ...0 = Retain: Not set',
      '        Remaining length: 13 B',
      '      Topic length: 5 B',
      '      Topic: "hello"',
      '      Packet id: 7',
      '      Payload: "abcd" 4 B',
      '',
      '',
    ])
  })

  it('of a CONNECT of 5.0', () => {
    const hex = '10 22 0004 4d515454 05 02 003c 13 11 0000012c 26 0001 6b 0001 76 16 0003 010203 7e 0002 4d65'
    expect(tree(hex, { version: 5 }).slice(7, -2)).toEqual([
      '      Protocol name: "MQTT"',
      '      Protocol level: MQTT 5.0 (5)',
      '      Connect flags: 0x02',
      '        0... .... = User name flag: Not set',
      '        .0.. .... = Password flag: Not set',
      '        ..0. .... = Will retain: Not set',
      '        ...0 0... = Will QoS: At most once (0)',
      '        .... .0.. = Will flag: Not set',
      '        .... ..1. = Clean session: Set',
      '        .... ...0 = Reserved: Not set',
      '      Keep alive: 60 s',
      '      Properties',
      '        Property length: 19 B',
      '          ✗ auth.data_without_method authentication data without a method (byte 12)',
      '        Property: Session Expiry Interval',
      '          Identifier: Session Expiry Interval (0x11)',
      '          Session Expiry Interval: 300 s',
      '        User Property: "k" = "v"',
      '          Identifier: User Property (0x26)',
      '          Name length: 1',
      '          Name: "k"',
      '          Value length: 1',
      '          Value: "v"',
      '        Property: Authentication Data',
      '          Identifier: Authentication Data (0x16)',
      '          Length: 3',
      '          Authentication Data: 01 02 03 (3 B)',
      '        Property: Unknown property',
      '          Identifier: 0x7e',
      '            ✗ malformed.property the property identifier 0x7e is unknown (byte 31)',
      '          Unknown property: empty',
      '      Client id length: 2 B',
      '      Client id: "Me"',
    ])
  })

  it('of a SUBACK to a client that is not known', () => {
    expect(tree('90 03 0002 80', { side: 1 })).toContain('      Granted QoS: Failure (128)')
    expect(tree('90 03 0002 80', { side: 1 })[0]).toBe('    MQTT 3.1.1, SUBACK, 5 B, to client')
  })

  it('an alias has its topic beside it', () => {
    expect(tree('30 07 0000 03 230003 78', { version: 5, aliasTopic: 'a\x1bb' })).toContain(
      '      [Topic, aliases resolved: "a\\x1bb"]',
    )
  })

  it('of a packet with a part missing', () => {
    const lines = tree('30 0b 0005 6865', { size: 13, incomplete: true })
    expect(lines[0]).toBe('    MQTT 3.1.1, PUBLISH, 6 of 13 B, from client')
    expect(lines).toContain('      Topic length: 5 B')
    expect(lines.filter(line => line.includes(' i capture.'))).toHaveLength(2)
  })
})

describe('the layers below', () => {
  const of = (parts: RecordParts): string[] => {
    const details = new Details(PLAIN)
    details.of(recordOf('c000', parts))
    return details.of(recordOf('c000', parts)).split('\n').slice(0, 4)
  }
  const tcp = 'c75a 075b 00000001 00000002 50 18 0100 0000 0000'

  it('IPv4', () => {
    const bytes = fromHex(
      `020000000001 020000000002 0800 45 00 002a 0000 0000 40 06 0000 c0000207 c0000201 ${tcp} c000`,
    )
    expect(of({ frame: { bytes, start: 0, end: 56, wireSize: 60, timeDigits: 9 } })).toEqual([
      '    Frame 31, 2026-11-20T10:06:31.123456789Z, 56 of 60 B',
      '    Ethernet, 02:00:00:00:00:02 → 02:00:00:00:00:01',
      '    IPv4, 192.0.2.7 → 192.0.2.1, time to live 64',
      '    TCP, 51034 → 1883, stream 0, seq 1, ACK PSH, 2 B of data',
    ])
  })
  it('IPv6 without a link header', () => {
    const addresses = '20010db8000000000000000000000007 20010db8000000000000000000000001'
    const bytes = fromHex(`60000000 0016 06 40 ${addresses} ${tcp} c000`)
    expect(
      of({ frame: { bytes, start: 0, end: bytes.length, wireSize: bytes.length, link: 229, seconds: Number.NaN } }),
    ).toEqual([
      '    Frame 31, without time, 62 B',
      '    IPv6, 2001:db8::7 → 2001:db8::1, hop limit 64',
      '    TCP, 51034 → 1883, stream 0, seq 1, ACK PSH, 2 B of data',
      '    MQTT 3.1.1, PINGREQ, 2 B, from client',
    ])
  })
  it('a packet put together from several frames', () => {
    const record = recordOf('c000', { frame: { wireSize: 0 }, pieces: [100, 1, 300, 1] })
    expect(new Details(PLAIN).of(record)).toContain(' 0 B; the packet stands in 2 pieces, this is the last\n')
  })
})

describe('what is wrong stands where it is wrong', () => {
  it('below its field', () => {
    const lines = tree('30 05 0003 61ff62')
    expect(lines[lines.indexOf('      Topic: "a�b"') + 1]).toBe(
      '        ✗ MQTT-1.5.3-1 the text is not well-formed UTF-8 (byte 5)',
    )
  })
  it('below the last of the bits that share a byte', () => {
    const lines = tree('36 05 0001 61 0007')
    expect(lines[lines.indexOf('        .... ...0 = Retain: Not set') + 1]).toBe(
      '        ✗ MQTT-3.3.1-4 both QoS bits are set (byte 0)',
    )
  })
  it('at the end where no field holds it', () => {
    const lines = tree('32 05 0003 616263')
    expect(lines.at(-3)).toMatch(/^ {6}✗ malformed\.truncated .* \(byte 7\)$/)
  })
})

describe('explanations', () => {
  it('once for each field, within the columns, with the section of the version spoken', () => {
    const details = new Details({ ...PLAIN, columns: 60 })
    const first = details.of(recordOf('c0 00'))
    expect(first).toContain(
      [
        '        1100 .... = Type: PINGREQ (12)',
        '            – What the packet is for: 1 CONNECT, 3 PUBLISH,',
        '              8 SUBSCRIBE and so on, up to 14 (15, AUTH, in',
        '              MQTT 5). [MQTT 3.1.1 §2.2.1]',
        '',
      ].join('\n'),
    )
    expect(Math.max(...first.split('\n').map(line => line.length))).toBeLessThanOrEqual(60)
    expect(details.of(recordOf('d0 00'))).not.toContain('–')
  })
  it('dimmed where colours are wanted', () => {
    expect(new Details({ ...PLAIN, color: true }).of(recordOf('c0 00'))).toMatch(/\x1b\[2m +– .*\x1b\[0m\n/)
  })
})

describe('limits', () => {
  it('nodes of one packet', () => {
    const count = 3000
    const size = 2 + count * 4
    const hex = `82 ${((size & 127) | 128).toString(16)} ${(size >> 7).toString(16)} 0002 ${'0001 61 00'.repeat(count)}`
    const lines = tree(hex)
    expect(lines.length).toBeLessThan(5010)
    expect(lines.at(-3)).toBe('      … 7006 more lines')
  })
  it('remarks of one packet', () => {
    const count = 3000
    const size = 2 + count * 3
    const hex = `82 ${((size & 127) | 128).toString(16)} ${(size >> 7).toString(16)} 0002 ${'0000 00'.repeat(count)}`
    expect(tree(hex).filter(line => line.includes('✗')).length).toBeLessThanOrEqual(100)
  })
  it('a text of 65,535 bytes', () => {
    const topic = `30 81 80 04 ffff ${'1b'.repeat(65_535)}`
    expect(Math.max(...tree(topic).map(line => line.length))).toBeLessThan(600)
  })
})

it('--redact', () => {
  const hex = '10 18 0004 4d515454 04 c2 000a 0002 4d65 0002 7573 0004 70617373'
  expect(tree(hex, {}, { redact: true })).toEqual(
    expect.arrayContaining(['      User name: ⟨2 B⟩', '      Password: ⟨4 B⟩']),
  )
  expect(tree('c0 02 7365', {}, { redact: true })).toContain('      Bytes left over: ⟨2 B⟩')
})
