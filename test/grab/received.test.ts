/** Messages that were received. */
import { expect, test } from 'vitest'
import { Received } from '../../src/grab/received.ts'
import { Random } from '../support/random.ts'

test('messages are kept as they came, topics once each', () => {
  const random = new Random(6)
  const received = new Received()
  const added = Array.from({ length: 500 }, () => ({
    topic: random.bytes(random.below(2)),
    payload: random.bytes(random.below(300)),
  }))
  for (const { topic, payload } of added) received.add(topic, payload, 0, payload.length)
  const kept = [...received.messages()]
  expect(kept.map(({ bytes, start, end }) => Buffer.from(bytes.subarray(start, end)).toString('hex'))).toEqual(
    added.map(({ payload }) => Buffer.from(payload).toString('hex')),
  )
  expect(kept.map(({ topic }) => [...topic])).toEqual(added.map(({ topic }) => [...topic]))
  expect(received.topics.length).toBe(new Set(added.map(({ topic }) => topic.join())).size)
})
