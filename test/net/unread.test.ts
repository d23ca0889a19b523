import { expect, test } from 'vitest'
import { fromHex } from '../../src/base/bytes.ts'
import { readSegment, Segment } from '../../src/net/segment.ts'
import { UnreadFrames } from '../../src/net/unread.ts'
import { ethernet, type FrameParts, frameOf, ip4, tcp } from '../support/net.ts'

const WATCHED = ethernet(ip4(tcp({ data: 'one' })))
/** To port 80. */
const OTHER = ethernet(ip4(fromHex('9c400050 00000001')))

function listOf(isAll: boolean, ...frames: readonly (readonly [Uint8Array, FrameParts?])[]): unknown {
  const segment = new Segment()
  const unread = new UnreadFrames(new Set([1883]))
  for (const [index, [bytes, parts]] of frames.entries()) {
    const frame = frameOf(bytes, parts)
    frame.number = index + 1
    if (!readSegment(frame, segment)) unread.add(segment)
  }
  return unread.list(isAll)
}

test('by reason, with the first frame', () => {
  expect(
    listOf(false, [WATCHED], [WATCHED, { link: 147 }], [WATCHED, { captured: 40 }], [WATCHED, { link: 148 }]),
  ).toEqual([
    { reason: 'unknown link type 147', frames: 2, first: 2 },
    { reason: 'TCP header cut off', frames: 1, first: 3 },
  ])
})

test('what carries something else is nothing to tell', () => {
  const arp = ethernet(fromHex('0001 0800 0604 0001'), 0x0806)
  expect(listOf(true, [arp], [ethernet(ip4(fromHex('0000'), { protocol: 1 }))], [OTHER])).toEqual([])
})

test('an EtherType that nobody knows, where nothing else was read', () => {
  const odd = ethernet(fromHex('00000000'), 0x0fff)
  expect(listOf(true, [odd])).toEqual([{ reason: 'unknown EtherType 0x0fff', frames: 1, first: 1 }])
  expect(listOf(false, [odd])).toEqual([])
})
