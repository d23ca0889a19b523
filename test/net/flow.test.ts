/** Which sides of a connection the capture has. */
import { expect, test } from 'vitest'
import { Talk } from '../support/net.ts'

test('both sides are there: none is unheard', () => {
  const { flow } = new Talk().shake().client({ seq: 100, data: 'ask' }).server({ ack: 103, data: 'answer' }).end()
  expect([flow.unheard, flow.heard(0), flow.heard(1)]).toEqual([-1, true, true])
})

test('one side alone acknowledges bytes of the other, of which there is no segment: that one is unheard', () => {
  const ofClient = new Talk().client({ seq: 100, data: 'ask' }).client({ seq: 103, ack: 560, data: 'more' }).end()
  expect([ofClient.flow.unheard, ofClient.flow.heard(0), ofClient.flow.heard(1)]).toEqual([1, true, false])
  const ofBroker = new Talk().server({ seq: 500, data: 'one' }).server({ seq: 503, ack: 160, data: 'two' }).end()
  expect([ofBroker.flow.unheard, ofBroker.flow.endpoint(ofBroker.flow.unheard === 1 ? 1 : 0)]).toEqual([
    1,
    '192.0.2.1:40000',
  ])
})

test('an acknowledgement without bytes to acknowledge says nothing of the other side', () => {
  const { flow } = new Talk().client({ seq: 100, data: 'ask' }).client({ seq: 103, data: 'more' }).end()
  expect(flow.unheard).toBe(-1)
})

test('a side that was heard once, and lost bytes, has a gap', () => {
  const talk = new Talk().shake().server({ data: 'one' }).client({ seq: 100, ack: 560, data: 'more' }).end()
  expect([talk.flow.unheard, talk.flow.rare.gapBytes]).toEqual([-1, 57])
})
