import { describe, expect, test } from 'vitest'
import { endpointText, ipv4Text, ipv6Text } from '../../src/base/address.ts'

test('IPv4, from a signed word', () => expect(ipv4Text(0xc0000201 | 0)).toBe('192.0.2.1'))

test('an IPv6 address stands in brackets before its port', () => {
  expect(endpointText('192.0.2.1', 1883)).toBe('192.0.2.1:1883')
  expect(endpointText('2001:db8::1', 1883)).toBe('[2001:db8::1]:1883')
})

describe('IPv6', () => {
  // RFC 5952 §4 and §5
  test.each<[string, readonly [number, number, number, number]]>([
    ['::', [0, 0, 0, 0]],
    ['::1', [0, 0, 0, 1]],
    ['2001:db8::', [0x20010db8, 0, 0, 0]],
    ['2001:db8:0:1:1:1:1:1', [0x20010db8, 1, 0x00010001, 0x00010001]],
    ['2001:0:0:1::1', [0x20010000, 0x00000001, 0, 1]],
    ['2001:db8::1:0:0:1', [0x20010db8, 0, 0x00010000, 1]],
    ['fe80::abcd:ef', [0xfe800000 | 0, 0, 0, 0xabcd00ef | 0]],
    ['::ffff:192.0.2.1', [0, 0, 0xffff, 0xc0000201 | 0]],
  ])('%s', (text, words) => {
    expect(ipv6Text(...words)).toBe(text)
  })
})
