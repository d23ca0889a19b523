/** Rows L01 to L10 of the matrix: frames of every kind down to the TCP payload, and those that hold none. */
import { describe, expect, test } from 'vitest'
import { fromHex } from '../../src/base/bytes.ts'
import { SegmentAnomaly, Skip } from '../../src/net/cursor.ts'
import { readSegment, Segment } from '../../src/net/segment.ts'
import { be16, be32, ethernet, type FrameParts, frameOf, ip4, ip6, join, tcp, textOf } from '../support/net.ts'

function read(bytes: Uint8Array, parts: FrameParts = {}, segment = new Segment()): string {
  const frame = frameOf(bytes, parts)
  if (!readSegment(frame, segment)) return `skip ${segment.skip}`
  expect(segment.start).toBeLessThanOrEqual(segment.end)
  const cut = segment.cut > 0 ? ` cut ${segment.cut}` : ''
  return textOf(segment.bytes, segment.start, segment.end) + cut
}

const ONE = tcp({ data: 'one' })

/** Port 40000 to 1883, sequence 1, acknowledgement 2, PSH ACK, payload "one", from 192.0.2.1 to 192.0.2.2. */
const IP4 = fromHex('4500002b00010000 40060000 c0000201 c0000202  9c40075b 00000001 00000002 5018faf0 00000000 6f6e65')
/** The same from 2001:db8::1 to 2001:db8::2. */
const IP6 = fromHex(
  '60000000 0017 06 40 20010db8000000000000000000000001 20010db8000000000000000000000002' +
    '9c40075b 00000001 00000002 5018faf0 00000000 6f6e65',
)
const MAC = '020000000002 020000000001'

test('the fields of a segment', () => {
  const segment = new Segment()
  expect(read(join(fromHex(`${MAC} 0800`), IP4), {}, segment)).toBe('one')
  const { family, source0, target0, sourcePort, targetPort, seq, ack, flags, window, urgent, cut } = segment
  expect([family, source0 >>> 0, target0 >>> 0]).toEqual([4, 0xc0000201, 0xc0000202])
  expect([sourcePort, targetPort, seq, ack, flags, window, urgent, cut]).toEqual([40000, 1883, 1, 2, 0x18, 64240, 0, 0])
  expect(read(join(fromHex(`${MAC} 86dd`), IP6), {}, segment)).toBe('one')
  expect([segment.family, segment.source0, segment.source3, segment.target3]).toEqual([6, 0x20010db8, 1, 2])
})

describe('L01 VLAN tags', () => {
  const tagged = (...types: number[]): Uint8Array => {
    const tags = types.slice(1).flatMap(type => [0, 7, ...be16(type)])
    return ethernet(join(tags, IP4), types[0])
  }

  test.each([
    ['802.1Q', [0x8100, 0x0800]],
    ['QinQ 88a8 + 8100', [0x88a8, 0x8100, 0x0800]],
    ['9100 + 8100', [0x9100, 0x8100, 0x0800]],
    ['three', [0x8100, 0x8100, 0x8100, 0x0800]],
    ['eight', [...Array(8).fill(0x8100), 0x0800]],
  ])('%s', (_name, types) => {
    expect(read(tagged(...types))).toBe('one')
  })

  test('more than eight', () => {
    expect(read(tagged(...Array(9).fill(0x8100), 0x0800))).toBe(`skip ${Skip.TooManyTags}`)
  })

  test('a tag cut off', () => {
    expect(read(ethernet(fromHex('0007'), 0x8100))).toBe(`skip ${Skip.LinkCut}`)
  })
})

describe('L02 link types', () => {
  test.each<[string, number, string, Uint8Array]>([
    ['SLL', 113, '0000 0001 0006 020000000001 0000 0800', IP4],
    ['SLL with a VLAN tag', 113, '0000 0001 0006 020000000001 0000 8100 0007 0800', IP4],
    ['SLL2', 276, '0800 0000 00000002 0001 00 06 0200000000010000', IP4],
    ['SLL2 with IPv6', 276, '86dd 0000 00000002 0001 00 06 0200000000010000', IP6],
    ['NULL, little-endian', 0, '02000000', IP4],
    ['NULL, big-endian', 0, '00000002', IP4],
    ['NULL, IPv6 of macOS', 0, '1e000000', IP6],
    ['NULL, IPv6 of FreeBSD', 0, '0000001c', IP6],
    ['LOOP', 108, '00000002', IP4],
    ['LOOP, IPv6 of OpenBSD', 108, '00000018', IP6],
    ['RAW, version 4', 101, '', IP4],
    ['RAW, version 6', 101, '', IP6],
    ['RAW of BSD', 12, '', IP4],
    ['RAW of OpenBSD', 14, '', IP6],
    ['IPV4', 228, '', IP4],
    ['IPV6', 229, '', IP6],
    ['PPP', 9, '0021', IP4],
    ['PPP with address and control', 9, 'ff03 0057', IP6],
    ['PPP with a short protocol', 9, '21', IP4],
    ['PPP in HDLC', 50, 'ff03 0021', IP4],
    ['Cisco HDLC', 50, '0f00 0800', IP4],
    ['PPPoE', 1, `${MAC} 8864 1100 0001 002d 0021`, IP4],
    ['LLC and SNAP', 1, `${MAC} 0033 aaaa03 000000 0800`, IP4],
  ])('%s', (_name, link, head, ip) => {
    expect(read(join(fromHex(head), ip), { link })).toBe('one')
    // Whatever is cut off: never an exception, never bytes that are not there.
    const whole = join(fromHex(head), ip)
    for (let captured = 0; captured < whole.length; captured++) {
      expect(read(whole, { link, captured })).toMatch(
        captured < whole.length - 3 ? /^(skip| cut 3)/ : /^(|o|on) cut [321]$/,
      )
    }
  })

  test('an unknown one is counted', () => {
    const segment = new Segment()
    expect(read(IP4, { link: 147 }, segment)).toBe(`skip ${Skip.UnknownLink}`)
    expect(read(IP4, { link: -1 }, segment)).toBe(`skip ${Skip.UnknownLink}`)
    expect(read(ethernet(IP4, 0x0806), {}, segment)).toBe(`skip ${Skip.NotIp}`)
    expect(segment.skipped(Skip.UnknownLink)).toBe(2)
    expect([...segment.reasons()]).toEqual([
      { reason: 'unknown link type', frames: 2 },
      { reason: 'not IP', frames: 1 },
    ])
  })
})

describe('length', () => {
  test('L03 padding that looks like a PUBLISH is not payload', () => {
    const padded = join(ethernet(ip4(tcp({}))), fromHex('30 04 0001 61 62'))
    const segment = new Segment()
    expect(read(padded, {}, segment)).toBe('')
    expect(segment.end - segment.start + segment.cut).toBe(0)
    expect(read(join(ethernet(ip6(tcp({})), 0x86dd), fromHex('30 04 0001 61 62')))).toBe('')
  })

  test('L04 IP total length 0: the frame says it', () => {
    expect(read(ethernet(ip4(ONE, { total: 0 })))).toBe('one')
    expect(read(ethernet(ip4(ONE, { total: 0 })), { captured: 14 + 20 + 20 + 1 })).toBe('o cut 2')
    expect(read(ethernet(ip6(ONE, { size: 0 }), 0x86dd))).toBe('one')
  })

  test('L05 a wrong TCP checksum changes nothing', () => {
    const bytes = ethernet(ip4(ONE))
    bytes.set([0xde, 0xad], 14 + 20 + 16)
    expect(read(bytes)).toBe('one')
  })

  test('a length beyond the wire is not believed', () => {
    const segment = new Segment()
    expect(read(ethernet(ip4(ONE, { total: 1500 })), {}, segment)).toBe('one')
    expect(segment.anomalies).toBe(SegmentAnomaly.LengthBeyondFrame)
  })

  test('F09 the snap length cuts payload, options, header', () => {
    const bytes = ethernet(ip4(tcp({ data: 'one', options: [1, 1, 1, 1] })))
    expect(read(bytes, { captured: 14 + 20 + 24 + 1 })).toBe('o cut 2')
    expect(read(bytes, { captured: 14 + 20 + 24 })).toBe(' cut 3')
    expect(read(bytes, { captured: 14 + 20 + 22 })).toBe(' cut 3')
    expect(read(bytes, { captured: 14 + 20 + 19 })).toBe(`skip ${Skip.TcpCut}`)
    expect(read(bytes, { captured: 14 + 19 })).toBe(`skip ${Skip.IpCut}`)
    expect(read(bytes, { captured: 0 })).toBe(`skip ${Skip.LinkCut}`)
  })
})

describe('L06 fragments', () => {
  const data = tcp({ data: 'one two tri fou' })
  const part = (from: number, to: number, more: boolean, id = 7): Uint8Array =>
    ethernet(ip4(data.subarray(from, to), { id, fragment: (more ? 0x2000 : 0) | (from / 8) }))

  test('in order, out of order, twice', () => {
    const segment = new Segment()
    expect(read(part(0, 16, true), {}, segment)).toBe(`skip ${Skip.FragmentWaiting}`)
    expect(read(part(16, 35, false), {}, segment)).toBe('one two tri fou')
    expect(read(part(24, 35, false, 8), {}, segment)).toBe(`skip ${Skip.FragmentWaiting}`)
    expect(read(part(0, 8, true, 8), {}, segment)).toBe(`skip ${Skip.FragmentWaiting}`)
    expect(read(part(0, 8, true, 8), {}, segment)).toBe(`skip ${Skip.FragmentWaiting}`)
    expect(read(part(8, 24, true, 8), {}, segment)).toBe('one two tri fou')
    expect(segment.sourcePort).toBe(40000)
    // A copy of the last fragment starts nothing new.
    expect(read(part(8, 24, true, 8), {}, segment)).toBe(`skip ${Skip.FragmentWaiting}`)
    expect(segment.fragments.dropped).toBe(0)
  })

  test('the header itself in two fragments, padding behind the last', () => {
    const segment = new Segment()
    read(part(0, 8, true), {}, segment)
    read(part(8, 32, true), {}, segment)
    expect(read(join(part(32, 35, false), fromHex('eeeeeeeeee')), {}, segment)).toBe('one two tri fou')
  })

  test('IPv6', () => {
    const piece = (from: number, to: number, more: number): Uint8Array =>
      ethernet(ip6(join([6, 0], be16(from | more), be32(99), data.subarray(from, to)), { next: 44 }), 0x86dd)
    const segment = new Segment()
    expect(read(piece(16, 35, 0), {}, segment)).toBe(`skip ${Skip.FragmentWaiting}`)
    expect(read(piece(0, 16, 1), {}, segment)).toBe('one two tri fou')
    expect(read(ethernet(ip6(join([6, 0, 0, 0, 0, 0, 0, 9], ONE), { next: 44 }), 0x86dd))).toBe('one')
  })

  test('after 30 seconds the rest comes too late', () => {
    const segment = new Segment()
    read(part(0, 16, true), { seconds: 1000 }, segment)
    expect(read(part(16, 35, false), { seconds: 1031 }, segment)).toBe(`skip ${Skip.FragmentWaiting}`)
    expect(segment.fragments.dropped).toBe(1)
  })

  test('at most 4,096 datagrams wait, the oldest goes first', () => {
    const segment = new Segment()
    for (let id = 0; id < 4097; id++) read(part(0, 16, true, id), {}, segment)
    expect(segment.fragments.dropped).toBe(1)
    expect(read(part(16, 35, false, 1), {}, segment)).toBe('one two tri fou')
    expect(read(part(16, 35, false, 0), {}, segment)).toBe(`skip ${Skip.FragmentWaiting}`)
  })

  test('at most 8 MiB wait', () => {
    const segment = new Segment()
    const large = new Uint8Array(32_768)
    for (let id = 0; id < 300; id++) {
      read(ethernet(ip4(large, { id, fragment: 0x2000 })), {}, segment)
    }
    expect(segment.fragments.dropped).toBe(300 - 256)
  })

  test('a fragment that the snap length cut completes nothing', () => {
    const segment = new Segment()
    read(part(0, 16, true), {}, segment)
    expect(read(part(16, 35, false), { captured: 40 }, segment)).toBe(`skip ${Skip.FragmentCut}`)
  })
})

describe('L07 hostile fragments', () => {
  const data = tcp({ data: 'one two tri fou' })
  const part = (bytes: Uint8Array, from: number, more: boolean): Uint8Array =>
    ethernet(ip4(bytes, { id: 7, fragment: (more ? 0x2000 : 0) | (from / 8) }))

  test('overlapping with other bytes: the first copy wins, flagged', () => {
    const segment = new Segment()
    read(part(data.subarray(0, 24), 0, true), {}, segment)
    const other = Uint8Array.from(data.subarray(16, 35)).fill(0x58, 4, 8)
    expect(read(part(other, 16, false), {}, segment)).toBe('one two tri fou')
    expect(segment.anomalies).toBe(SegmentAnomaly.FragmentConflict)
  })

  test('a hole is never complete', () => {
    const segment = new Segment()
    read(part(data.subarray(0, 8), 0, true), {}, segment)
    expect(read(part(data.subarray(24, 35), 24, false), {}, segment)).toBe(`skip ${Skip.FragmentWaiting}`)
    expect(read(part(data.subarray(8, 16), 8, true), {}, segment)).toBe(`skip ${Skip.FragmentWaiting}`)
    expect(read(part(data.subarray(16, 24), 16, true), {}, segment)).toBe('one two tri fou')
    expect(segment.anomalies).toBe(0)
  })

  test('a last fragment that shrinks or stretches the datagram is refused', () => {
    const segment = new Segment()
    read(part(data.subarray(0, 24), 0, true), {}, segment)
    expect(read(part(data.subarray(8, 16), 8, false), {}, segment)).toBe(`skip ${Skip.FragmentBad}`)
    expect(read(part(data.subarray(24, 35), 24, false), {}, segment)).toBe('one two tri fou')
    const again = new Segment()
    read(part(data.subarray(24, 35), 24, false), {}, again)
    expect(read(part(data.subarray(32, 35), 32, false), {}, again)).toBe(`skip ${Skip.FragmentWaiting}`)
    expect(read(part(data.subarray(0, 32), 8, true), {}, again)).toBe(`skip ${Skip.FragmentBad}`)
    expect(read(part(data.subarray(0, 24), 0, true), {}, again)).toBe('one two tri fou')
    expect(again.anomalies).toBe(SegmentAnomaly.FragmentConflict)
  })

  test('the id of a finished datagram serves another one', () => {
    const segment = new Segment()
    read(part(data.subarray(0, 16), 0, true), {}, segment)
    read(part(data.subarray(16, 35), 16, false), {}, segment)
    const next = tcp({ seq: 9, data: 'fiv six sev eig' })
    expect(read(part(next.subarray(16, 35), 16, false), {}, segment)).toBe(`skip ${Skip.FragmentWaiting}`)
    expect(read(part(next.subarray(0, 16), 0, true), {}, segment)).toBe('fiv six sev eig')
  })

  test('beyond 65,535 bytes, empty, or odd in the middle', () => {
    expect(read(ethernet(ip4(data, { fragment: 0x1fff })))).toBe(`skip ${Skip.FragmentBad}`)
    expect(read(ethernet(ip4(new Uint8Array(0), { fragment: 0x2001 })))).toBe(`skip ${Skip.FragmentBad}`)
    expect(read(ethernet(ip4(data.subarray(0, 9), { fragment: 0x2001 })))).toBe(`skip ${Skip.FragmentBad}`)
  })
})

describe('L08 IPv6 extension headers', () => {
  const chain = (...types: number[]): Uint8Array => {
    const headers = types.map((type, at) => {
      const next = types[at + 1] ?? 6
      if (type === 51) return [next, 1, 0, 0, ...be32(1), ...be32(1)]
      return type === 44 ? [next, 0, 0, 0, ...be32(1)] : [next, 0, 1, 4, 0, 0, 0, 0]
    })
    return ethernet(ip6(join(...headers, ONE), { next: types[0] ?? 6 }), 0x86dd)
  }

  test.each([
    ['hop-by-hop', [0]],
    ['routing', [43]],
    ['destination options, twice', [60, 43, 60]],
    ['authentication', [51]],
    ['all of them', [0, 60, 43, 44, 51, 60]],
    ['mobility, HIP, Shim6', [135, 139, 140]],
    ['sixteen', Array(16).fill(60)],
  ])('%s', (_name, types) => {
    const segment = new Segment()
    expect(read(chain(...types), {}, segment)).toBe('one')
    expect(segment.anomalies).toBe(0)
  })

  test('twice what may stand once: read, flagged', () => {
    const segment = new Segment()
    expect(read(chain(0, 0), {}, segment)).toBe('one')
    expect(segment.anomalies).toBe(SegmentAnomaly.ExtensionTwice)
  })

  test('seventeen, cut off, encrypted, no next header', () => {
    expect(read(chain(...Array(17).fill(60)))).toBe(`skip ${Skip.TooManyExtensions}`)
    expect(read(chain(0), { captured: 14 + 40 + 4 })).toBe(`skip ${Skip.IpCut}`)
    expect(read(ethernet(ip6(join([6, 255, 0, 0, 0, 0, 0, 0], ONE), { next: 0 }), 0x86dd))).toBe(`skip ${Skip.IpCut}`)
    expect(read(ethernet(ip6(ONE, { next: 50 }), 0x86dd))).toBe(`skip ${Skip.Encrypted}`)
    expect(read(ethernet(ip6(ONE, { next: 59 }), 0x86dd))).toBe(`skip ${Skip.NotTcp}`)
  })
})

describe('L09 broken headers', () => {
  test('IP header length', () => {
    expect(read(ethernet(ip4(ONE, { words: 4 })))).toBe(`skip ${Skip.BadIp}`)
    expect(read(ethernet(ip4(ONE, { total: 19 })))).toBe(`skip ${Skip.BadIp}`)
    expect(read(ethernet(IP6))).toBe(`skip ${Skip.BadIp}`)
    expect(read(ethernet(IP4, 0x86dd))).toBe(`skip ${Skip.BadIp}`)
    expect(read(ethernet(ip4(fromHex('00'), { words: 15 })))).toBe(`skip ${Skip.BadIp}`)
  })

  test('TCP header length', () => {
    expect(read(ethernet(ip4(tcp({ words: 4, data: 'one' }))))).toBe(`skip ${Skip.BadTcp}`)
    expect(read(ethernet(ip4(tcp({ words: 6, data: 'one' }))))).toBe(`skip ${Skip.BadTcp}`)
    expect(read(ethernet(ip4(fromHex('9c40075b'))))).toBe(`skip ${Skip.BadTcp}`)
  })

  test.each([
    ['of length 0', [3, 0, 0, 0]],
    ['of length 1', [2, 1, 0, 0]],
    ['beyond the header', [3, 9, 0, 0]],
    ['without a length', [1, 1, 1, 2]],
  ])('a TCP option %s: payload read, flagged', (_name, options) => {
    const segment = new Segment()
    expect(read(ethernet(ip4(tcp({ options, data: 'one' }))), {}, segment)).toBe('one')
    expect(segment.anomalies).toBe(SegmentAnomaly.BadTcpOptions)
  })

  test('sound options are no anomaly', () => {
    const segment = new Segment()
    const options = fromHex('020405b4 0402080a00000001 00000000 01030307')
    expect(read(ethernet(ip4(tcp({ options: [...options], data: 'one' }))), {}, segment)).toBe('one')
    expect(read(ethernet(ip4(tcp({ options: [0, 9, 9, 9], data: 'one' }))), {}, segment)).toBe('one')
    expect(segment.anomalies).toBe(0)
  })
})

describe('L10 tunnels', () => {
  const gre = (payload: Uint8Array, type: number, flags = 0, rest = ''): Uint8Array =>
    join(be16(flags), be16(type), fromHex(rest), payload)
  const vxlan = (frame: Uint8Array): Uint8Array =>
    join(fromHex('c000 12b5'), be16(16 + frame.length), fromHex('0000 08000000 00002a00'), frame)

  test.each<[string, Uint8Array]>([
    ['IP in IP', ip4(IP4, { protocol: 4 })],
    ['IPv6 in IPv4', ip4(IP6, { protocol: 41 })],
    ['IPv4 in IPv6', ip6(IP4, { next: 4 })],
    ['GRE', ip4(gre(IP4, 0x0800), { protocol: 47 })],
    [
      'GRE with checksum, key and sequence',
      ip4(gre(IP4, 0x0800, 0xb000, '00000000 00000001 00000002'), { protocol: 47 }),
    ],
    ['GRE with Ethernet', ip4(gre(ethernet(IP4), 0x6558), { protocol: 47 })],
    ['VXLAN', ip4(vxlan(ethernet(IP4)), { protocol: 17 })],
    ['VXLAN over IPv6 with a VLAN tag', ip6(vxlan(ethernet(join(fromHex('0007 86dd'), IP6), 0x8100)), { next: 17 })],
  ])('%s', (_name, ip) => {
    const segment = new Segment()
    expect(read(ip, { link: 101 }, segment)).toBe('one')
    expect(segment.target0 >>> 0).toBe(segment.family === 4 ? 0xc0000202 : 0x20010db8)
  })

  test('four are followed, a hundred are not', () => {
    const nest = (depth: number): Uint8Array => {
      let bytes = IP4
      for (let n = 0; n < depth; n++) bytes = ip4(bytes, { protocol: 4 })
      return bytes
    }
    expect(read(nest(4), { link: 101 })).toBe('one')
    expect(read(nest(5), { link: 101 })).toBe(`skip ${Skip.TooManyLayers}`)
    expect(read(nest(100), { link: 101 })).toBe(`skip ${Skip.TooManyLayers}`)
  })

  test('cut off or of another kind', () => {
    expect(read(ip4(fromHex('0000'), { protocol: 47 }), { link: 101 })).toBe(`skip ${Skip.BadTunnel}`)
    expect(read(ip4(fromHex('2000 0800'), { protocol: 47 }), { link: 101 })).toBe(`skip ${Skip.BadTunnel}`)
    expect(read(ip4(gre(IP4, 0x880b, 2), { protocol: 47 }), { link: 101 })).toBe(`skip ${Skip.BadTunnel}`)
    expect(read(ip4(fromHex('c000 12b5 0000 0000'), { protocol: 17 }), { link: 101 })).toBe(`skip ${Skip.BadTunnel}`)
    expect(read(ip4(fromHex('c000 0035 0000 0000'), { protocol: 17 }), { link: 101 })).toBe(`skip ${Skip.NotTcp}`)
    expect(read(ip4(ONE, { protocol: 1 }), { link: 101 })).toBe(`skip ${Skip.NotTcp}`)
  })
})

describe('L11 what tshark leaves unread by default', () => {
  const frame = ethernet(IP4)
  const attribute = join(be16(4 + IP4.length), be16(9), IP4)

  test.each<[string, number, Uint8Array]>([
    ['an MPLS pseudowire with a control word', 1, ethernet(join(fromHex('00011140 00000000'), frame), 0x8847)],
    ['an MPLS pseudowire without', 1, ethernet(join(fromHex('00011140'), frame), 0x8847)],
    ['Cisco HDLC with its direction', 205, join(fromHex('00 0f00 0800'), IP4)],
    ['Frame Relay with its direction', 206, join(fromHex('00 1841 03 cc'), IP4)],
    ['NFLOG of a big-endian machine', 239, join(fromHex('02 00 0000 0008 0001 0800 0000'), attribute)],
    ['MACsec without encryption', 1, ethernet(join(fromHex('00 2a 00000001 0800'), IP4), 0x88e5)],
    ['L2TP, version 3, over IP', 101, ip4(join(fromHex('00000001 00000000'), frame), { protocol: 115 })],
    ['a tag of a switch', 283, join(fromHex(`${MAC} c0000000 0800`), IP4)],
    ['a long tag of a switch', 284, join(fromHex(`${MAC} dada0000 c0000000 0800`), IP4)],
    [
      'two packets in one frame of 802.11: the first',
      105,
      join(
        fromHex('8801 0000 020000000002 02000000000b 020000000001 1000 8000'),
        fromHex(`${MAC} 0033 aaaa03 000000 0800`),
        IP4,
      ),
    ],
  ])('%s', (_name, link, bytes) => {
    expect(read(bytes, { link })).toBe('one')
    for (let captured = 0; captured < bytes.length - 3; captured++) {
      expect(read(bytes, { link, captured })).toMatch(/^skip -|^ cut 3$/)
    }
  })

  test.each<[string, number, Uint8Array, number]>([
    ['encrypted 802.11', 105, fromHex(`0841 0000 ${MAC} 020000000003 1000 01002000 00000000`), Skip.EncryptedWifi],
    [
      'a part of a frame of 802.11',
      105,
      fromHex(`0805 0000 ${MAC} 020000000003 1000 aaaa03 0000000800`),
      Skip.WifiFragment,
    ],
    ['a beacon', 105, fromHex(`8000 0000 ${MAC} 020000000003 1000 00000000`), Skip.NotIp],
    ['encrypted MACsec', 1, ethernet(fromHex('0c00 00000001 00000000'), 0x88e5), Skip.EncryptedLink],
    ['compressed PPP', 9, fromHex('ff03 00fd 00000000'), Skip.PackedPpp],
    ['a type that nobody knows', 1, ethernet(IP4, 0x8fff), Skip.UnknownType],
    ['ESP', 101, ip4(IP4, { protocol: 50 }), Skip.Encrypted],
    [
      'ESP in UDP',
      101,
      ip4(fromHex('11941194 0018 0000 00000001 00000001 00000000'), { protocol: 17 }),
      Skip.Encrypted,
    ],
    ['headers without end', 258, fromHex('0c000000 01000000 02010000'.repeat(20)), Skip.TooManyLayers],
  ])('%s', (_name, link, bytes, skip) => {
    expect(read(bytes, { link })).toBe(`skip ${skip}`)
  })
})
