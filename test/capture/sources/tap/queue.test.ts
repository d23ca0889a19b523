/** Frames that wait for the reader of a tap. */
import { expect, test } from 'vitest'
import { Frame } from '../../../../src/base/line.ts'
import { CaptureReader } from '../../../../src/capture/reader.ts'
import { FrameQueue } from '../../../../src/capture/sources/tap/queue.ts'

function frameOf(size: number, value: number): Frame {
  const frame = new Frame()
  frame.link = 1
  frame.bytes = new Uint8Array(size).fill(value)
  frame.end = frame.wireSize = size
  return frame
}

/** Size and first byte of each frame. */
function read(chunks: readonly Uint8Array[]): number[][] {
  const seen: number[][] = []
  const reader = new CaptureReader({
    frame: frame => seen.push([frame.end - frame.start, frame.bytes[frame.start] ?? -1]),
    lost: () => {},
    damage: damage => expect.fail(damage.message),
  })
  for (const chunk of chunks) reader.push(chunk)
  reader.end()
  return seen
}

function all(queue: FrameQueue): Uint8Array[] {
  const chunks: Uint8Array[] = []
  for (let chunk = queue.take(); chunk !== undefined; chunk = queue.take()) chunks.push(chunk)
  return chunks
}

test('an empty capture is the head of a file', () => {
  const [head] = all(new FrameQueue())
  expect(head).toHaveLength(28)
  expect(read([head ?? new Uint8Array()])).toEqual([])
})

test('frames of all sizes come in order, taken at any time', () => {
  const sizes = [60, 16_438, 1, 65_535, 70_000, 60, 40_000, 40_000, 3]
  const queue = new FrameQueue()
  const chunks: Uint8Array[] = []
  for (const [value, size] of sizes.entries()) {
    queue.add(frameOf(size, value))
    if (value % 3 === 0) chunks.push(...all(queue))
  }
  chunks.push(...all(queue))
  expect(read(chunks)).toEqual(sizes.map((size, value) => [size, value]))
})

test('beyond its limit it drops frames and counts them, until some were taken', () => {
  const queue = new FrameQueue(1000)
  for (let value = 0; value < 5; value++) queue.add(frameOf(600, value))
  expect([queue.taken, queue.dropped]).toEqual([2, 3])
  const chunks = all(queue)
  queue.add(frameOf(10, 9))
  expect(read([...chunks, ...all(queue)])).toEqual([
    [600, 0],
    [600, 1],
    [10, 9],
  ])
})

test('a reader that waits is woken by a frame', async () => {
  const queue = new FrameQueue()
  all(queue)
  const waited = queue.change()
  queue.add(frameOf(1, 1))
  await waited
  expect(all(queue)).not.toEqual([])
})
