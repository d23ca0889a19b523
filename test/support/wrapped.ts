/** Frames around TCP port 1883 that a capture filter should let pass, and such that it should not. */
import { be16, be32, ethernet, ip4, ip6, join, tcp } from './net.ts'

const VLAN = 0x8100
const SERVICE_VLAN = 0x88a8
const IPV4 = 0x0800
const IPV6 = 0x86dd
const UDP = 17
const MORE_FRAGMENTS = 0x2000

const tag = (payload: Uint8Array, type: number): Uint8Array => join([0, 7], be16(type), payload)

const segment = tcp({ from: 40001, to: 1883, flags: 24, data: 'sixteen bytes...' })

/** IPv6's fragment header: next header, reserved, offset in units of 8 and a bit for more, identification. */
const piece6 = (bytes: Uint8Array, offset: number, more: number, next = 6): Uint8Array =>
  ip6(join([next, 0], be16(offset | more), be32(1), bytes), { next: 44 })

export const WANTED: Readonly<Record<string, Uint8Array>> = {
  plain: ethernet(ip4(segment)),
  answer: ethernet(ip4(tcp({ from: 1883, to: 40001, flags: 24, data: 'x' }))),
  IPv6: ethernet(ip6(segment), IPV6),
  tagged: ethernet(tag(ip4(segment), IPV4), VLAN),
  'tagged, IPv6': ethernet(tag(ip6(segment), IPV6), VLAN),
  'tagged twice': ethernet(tag(tag(ip4(segment), IPV4), VLAN), SERVICE_VLAN),
  'first fragment': ethernet(ip4(segment.subarray(0, 24), { fragment: MORE_FRAGMENTS })),
  'last fragment': ethernet(ip4(segment.subarray(24), { fragment: 3 })),
  'last fragment, tagged': ethernet(tag(ip4(segment.subarray(24), { fragment: 3 }), IPV4), VLAN),
  'first fragment, IPv6': ethernet(piece6(segment.subarray(0, 24), 0, 1), IPV6),
  'last fragment, IPv6': ethernet(piece6(segment.subarray(24), 24, 0), IPV6),
}

export const UNWANTED: Readonly<Record<string, Uint8Array>> = {
  'another port': ethernet(ip4(tcp({ from: 40001, to: 80 }))),
  'another port, tagged': ethernet(tag(ip4(tcp({ from: 40001, to: 80 })), IPV4), VLAN),
  'a fragment of UDP': ethernet(ip4(segment.subarray(24), { fragment: 3, protocol: UDP })),
  'a fragment of UDP, IPv6': ethernet(piece6(segment.subarray(24), 24, 0, UDP), IPV6),
}
