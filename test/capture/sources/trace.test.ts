/** Frames made of what was sent and received. */
import { describe, expect, test } from 'vitest'
import type { Frame } from '../../../src/base/line.ts'
import { Trace } from '../../../src/capture/sources/trace.ts'
import { readSegment, Segment } from '../../../src/net/segment.ts'

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
