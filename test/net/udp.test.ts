/** Datagrams reach whoever listens, with their addresses, and nothing changes for the segments. */
import { describe, expect, test } from 'vitest'
import { ipv4Text, ipv6Text } from '../../src/base/address.ts'
import { fromHex, hex } from '../../src/base/bytes.ts'
import { type Datagram, NOWHERE } from '../../src/base/line.ts'
import { Skip } from '../../src/net/cursor.ts'
import { readSegment, Segment } from '../../src/net/segment.ts'
import { be16, ethernet, type FrameParts, frameOf, ip4, join, tcp } from '../support/net.ts'

const host = (family: 4 | 6, a: number, b: number, c: number, d: number): string =>
  family === 4 ? ipv4Text(a) : ipv6Text(a, b, c, d)

/** `192.0.2.1:40000 → 192.0.2.2:1884 @55 020c00`, with what is cut. */
function told(datagram: Datagram): string {
  const { family, source0, source1, source2, source3, target0, target1, target2, target3 } = datagram
  const from = `${host(family, source0, source1, source2, source3)}:${datagram.sourcePort}`
  const to = `${host(family, target0, target1, target2, target3)}:${datagram.targetPort}`
  const cut = datagram.cut === 0 ? '' : ` cut ${datagram.cut}`
  return `${from} → ${to} @${datagram.position} ${hex(datagram.bytes, datagram.start, datagram.end)}${cut}`
}

/** All that a listener hears of the frames, which stand one behind the other from position 100 on, and what is skipped. */
function heard(frames: readonly Uint8Array[], parts: FrameParts = {}): readonly string[] {
  const events: string[] = []
  const segment = new Segment({ datagram: datagram => events.push(told(datagram)) })
  let position = 100
  for (const bytes of frames) {
    const frame = frameOf(bytes, parts)
    frame.position = position
    position += frame.end - frame.start
    if (readSegment(frame, segment)) events.push('segment')
    else if (segment.skip !== Skip.NotTcp) events.push(`skip ${segment.skip}`)
  }
  return events
}

/** Ports 40000 to 1884, length 10, no checksum, payload 02 16: a PINGREQ of MQTT-SN. */
const UDP = fromHex('9c40 075c 000a 0000 0216')
const IP4 = fromHex('4500001e00010000 40110000 c0000201 c0000202')
const IP6 = fromHex('60000000 000a 11 40 20010db8000000000000000000000001 20010db8000000000000000000000002')
const FROM_TO = '192.0.2.1:40000 → 192.0.2.2:1884'
const MAC = fromHex('020000000002 020000000001 0800')

describe('payload and addresses', () => {
  test('over IPv4: 14, 20 and 8 bytes stand before it', () => {
    expect(heard([join(MAC, IP4, UDP)])).toEqual([`${FROM_TO} @142 0216`])
  })

  test('over IPv6', () => {
    expect(heard([ethernet(join(IP6, UDP), 0x86dd)])).toEqual(['2001:db8::1:40000 → 2001:db8::2:1884 @162 0216'])
  })

  test('padding behind the IP datagram, and bytes behind the length, are no part of it', () => {
    expect(heard([join(MAC, IP4, UDP, [0, 0, 0, 0])])).toEqual([`${FROM_TO} @142 0216`])
    expect(heard([ethernet(ip4(join(UDP, [7, 7]), { protocol: 17 }))])).toEqual([`${FROM_TO} @142 0216`])
  })

  test('an empty one', () => {
    expect(heard([ethernet(ip4(fromHex('9c40 075c 0008 0000'), { protocol: 17 }))])).toEqual([`${FROM_TO} @142 `])
  })

  test('a length of 0 reaches to the end', () => {
    expect(heard([ethernet(ip4(fromHex('9c40 075c 0000 0000 0216'), { protocol: 17 }))])).toEqual([
      `${FROM_TO} @142 0216`,
    ])
  })

  test('cut by the snap length, in the payload and right before it', () => {
    const frame = join(MAC, IP4, UDP)
    expect(heard([frame], { captured: 43 })).toEqual([`${FROM_TO} @142 02 cut 1`])
    expect(heard([frame], { captured: 42 })).toEqual([`${FROM_TO} @142  cut 2`])
    expect(heard([frame], { captured: 41 })).toEqual([])
  })

  test.each([
    ['shorter than the header', '0007'],
    ['longer than the IP datagram', '000b'],
  ])('a length %s', (_name, length) => {
    expect(heard([ethernet(ip4(fromHex(`9c40 075c ${length} 0000 0216`), { protocol: 17 }))])).toEqual([])
  })
})

describe('what it is in', () => {
  test('fragments: once, with the last of them; it stands nowhere in one piece', () => {
    const whole = join(fromHex('9c40 075c 0014 0000'), fromHex('0c0c0c0c0c0c0c0c0c0c0c0c'))
    const first = ethernet(ip4(whole.subarray(0, 16), { protocol: 17, id: 9, fragment: 0x2000 }))
    const last = ethernet(ip4(whole.subarray(16), { protocol: 17, id: 9, fragment: 2 }))
    expect(heard([first, last])).toEqual([`skip ${Skip.FragmentWaiting}`, `${FROM_TO} @${NOWHERE} ${'0c'.repeat(12)}`])
  })

  test('a tunnel is none, and the addresses are those inside it', () => {
    const inner = join(MAC, IP4, UDP)
    const vxlan = join(fromHex('c000 12b5'), be16(16 + inner.length), fromHex('0000 0800000000002a00'), inner)
    const outer = ip4(vxlan, { protocol: 17, source: [198, 51, 100, 1], target: [198, 51, 100, 2] })
    expect(heard([ethernet(outer)])).toEqual([`${FROM_TO} @192 0216`])
  })

  test('from the port of a tunnel, and none: the payload is where it was', () => {
    // GRE over UDP has at least four bytes of header.
    expect(heard([join(MAC, IP4, fromHex('1292 075c 000a 0000 0216'))])).toEqual([
      '192.0.2.1:4754 → 192.0.2.2:1884 @142 0216',
    ])
  })

  test('between segments, each in its place', () => {
    const segment = ethernet(ip4(tcp({ data: 'one' })))
    expect(heard([segment, join(MAC, IP4, UDP), segment])).toEqual(['segment', `${FROM_TO} @199 0216`, 'segment'])
  })
})

test('where nobody listens a datagram is a frame without TCP, as with a listener', () => {
  const frame = join(MAC, IP4, UDP)
  for (const segment of [new Segment(), new Segment({ datagram: () => {} })]) {
    expect(readSegment(frameOf(frame), segment)).toBe(false)
    expect(segment.skip).toBe(Skip.NotTcp)
    expect([...segment.reasons()]).toEqual([{ reason: 'not TCP', frames: 1 }])
  }
})
