/** The same stream under two names, and streams that only look like it. */
import { describe, expect, test } from 'vitest'
import { ACK, ethernet, ip4, ip6, SYN, Talk, type TcpParts, tcp } from '../support/net.ts'

/** A segment of the client as the broker's side of a translation sees it. */
const inside = (talk: Talk, parts: TcpParts): void => {
  talk.bytes(ethernet(ip4(tcp({ from: 50_000, ack: 500, ...parts }), { source: [10, 0, 0, 1] })))
}
const insideAnswer = (talk: Talk, parts: TcpParts): void => {
  const addresses = { source: [192, 0, 2, 2], target: [10, 0, 0, 1] }
  talk.bytes(ethernet(ip4(tcp({ from: 1883, to: 50_000, seq: 500, ack: 100, ...parts }), addresses)))
}

/** Both begin with the numbers 99 and `base`, the second one behind the first. */
function pair(base = 499): Talk {
  const talk = new Talk()
  talk.client({ seq: 99, flags: SYN })
  inside(talk, { seq: 99, flags: SYN })
  insideAnswer(talk, { seq: base, flags: SYN | ACK })
  return talk.server({ seq: 499, flags: SYN | ACK })
}

const textOf = (talk: Talk): readonly string[] => [talk.recorder.text(0, 0), talk.recorder.text(0, 1)]

describe('twins', () => {
  test('the same numbers and bytes: read once, and told', () => {
    const talk = pair().client({ seq: 100, data: 'one' })
    inside(talk, { seq: 100, data: 'one' })
    insideAnswer(talk, { seq: 500, data: 'ok' })
    talk.server({ seq: 500, data: 'ok' })
    expect(textOf(talk)).toEqual(['one', ''])
    expect(talk.recorder.text(1, 0)).toBe('ok')
    expect(talk.anomalies).toEqual(['same_stream'])
    expect(talk.recorder.flows.map(({ rare }) => rare.twin)).toEqual([-1, 0])
  })

  test('the first segments captured come from opposite sides: read once, and told', () => {
    const talk = new Talk()
    talk.client({ seq: 99, flags: SYN })
    insideAnswer(talk, { seq: 499, flags: SYN | ACK })
    talk.server({ seq: 499, flags: SYN | ACK })
    talk.client({ seq: 100, data: 'one' })
    inside(talk, { seq: 100, data: 'one' })
    insideAnswer(talk, { seq: 500, data: 'ok' })
    talk.server({ seq: 500, data: 'ok' })
    expect([talk.recorder.text(0, 0), talk.recorder.text(0, 1)]).toEqual(['one', ''])
    expect(talk.recorder.flows.map(({ rare }) => rare.twin)).toEqual([-1, 0])
    expect(talk.anomalies).toEqual(['same_stream'])
  })

  test('the answer was captured first, then the question from the other side: read once', () => {
    const talk = new Talk()
    insideAnswer(talk, { seq: 499, flags: SYN | ACK })
    talk.client({ seq: 99, flags: SYN })
    talk.server({ seq: 499, flags: SYN | ACK })
    inside(talk, { seq: 100, data: 'one' })
    talk.client({ seq: 100, data: 'one' })
    expect(talk.recorder.flows.map(({ rare }) => rare.twin)).toEqual([-1, 0])
    expect(talk.anomalies).toEqual(['same_stream'])
  })

  test('opposite sides of two ports of the same client: two streams', () => {
    const talk = new Talk()
    talk.client({ seq: 99, flags: SYN })
    talk.server({ to: 40_001, seq: 499, ack: 100, flags: SYN | ACK })
    talk.server({ seq: 499, ack: 100, flags: SYN | ACK })
    talk.client({ seq: 100, ack: 500, data: 'one' }).client({ from: 40_001, seq: 100, ack: 500, data: 'one' })
    expect(talk.recorder.flows.map(({ rare }) => rare.twin)).toEqual([-1, -1])
    expect(talk.anomalies).toEqual([])
  })

  test('a second later the same numbers and bytes are another connection: generators begin at the same number', () => {
    const talk = new Talk()
    talk.client({ seq: 99, flags: SYN })
    talk.server({ seq: 499, flags: SYN | ACK })
    talk.client({ seq: 100, data: 'one' })
    talk.wait(1000)
    inside(talk, { seq: 99, flags: SYN })
    insideAnswer(talk, { seq: 499, flags: SYN | ACK })
    inside(talk, { seq: 100, data: 'one' })
    expect(textOf(talk)).toEqual(['one', 'one'])
    expect(talk.anomalies).toEqual([])
  })

  test('the data of the second stream comes first: the first one is not read', () => {
    const talk = pair()
    inside(talk, { seq: 100, data: 'one' })
    talk.client({ seq: 100, data: 'one' })
    expect(textOf(talk)).toEqual(['', 'one'])
    expect(talk.recorder.flows.map(({ rare }) => rare.twin)).toEqual([1, -1])
  })

  test('other bytes under the same numbers: two streams', () => {
    const talk = pair().client({ seq: 100, data: 'one' })
    inside(talk, { seq: 100, data: 'two' })
    expect(textOf(talk)).toEqual(['one', 'two'])
    expect(talk.anomalies).toEqual([])
  })

  test('the same bytes, and other numbers of the broker: two streams', () => {
    const talk = pair(700).client({ seq: 100, data: 'one' })
    inside(talk, { seq: 100, ack: 701, data: 'one' })
    expect(textOf(talk)).toEqual(['one', 'one'])
  })

  test('another port of the same client with the same numbers and bytes: two streams', () => {
    const talk = new Talk().client({ seq: 99, flags: SYN }).client({ from: 40_001, seq: 99, flags: SYN })
    talk.client({ seq: 100, data: 'one' }).client({ from: 40_001, seq: 100, data: 'one' })
    expect(textOf(talk)).toEqual(['one', 'one'])
  })

  test('an IPv4 address is one word, whatever an IPv6 frame in between has left in the others', () => {
    const talk = new Talk().client({ seq: 99, flags: SYN })
    talk.bytes(ethernet(ip6(tcp({ from: 45_000, seq: 1, flags: SYN })), 0x86dd))
    talk.client({ from: 40_001, seq: 99, flags: SYN })
    talk.server({ seq: 499, flags: SYN | ACK }).server({ to: 40_001, seq: 499, flags: SYN | ACK })
    talk.client({ seq: 100, data: 'one' }).client({ from: 40_001, seq: 100, data: 'one' })
    expect([talk.recorder.text(0, 0), talk.recorder.text(0, 2)]).toEqual(['one', 'one'])
    expect(talk.anomalies).toEqual([])
  })

  test('IPv6 addresses that differ in the middle alone are two: a translation of the prefix', () => {
    const talk = new Talk()
    const from = (word: number, parts: TcpParts): void => {
      const source = [0x20, 1, 0xd, 0xb8, 0, 0, 0, word, 0, 0, 0, 0, 0, 0, 0, 1]
      talk.bytes(ethernet(ip6(tcp({ from: 50_000, ack: 500, ...parts }), { source }), 0x86dd))
    }
    const answer = (word: number): void => {
      const target = [0x20, 1, 0xd, 0xb8, 0, 0, 0, word, 0, 0, 0, 0, 0, 0, 0, 1]
      const source = [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2]
      const segment = tcp({ from: 1883, to: 50_000, seq: 499, ack: 100, flags: SYN | ACK })
      talk.bytes(ethernet(ip6(segment, { source, target }), 0x86dd))
    }
    for (const word of [1, 2]) from(word, { seq: 99, flags: SYN })
    for (const word of [1, 2]) answer(word)
    for (const word of [1, 2]) from(word, { seq: 100, data: 'one' })
    expect(textOf(talk)).toEqual(['one', ''])
    expect(talk.anomalies).toEqual(['same_stream'])
  })

  test('only with the streams opened last is a new one compared', () => {
    const talk = pair()
    for (let at = 0; at < 40; at++) inside(talk, { from: 51_000 + at, seq: 7000 + at, flags: SYN })
    talk.client({ seq: 100, data: 'one' })
    inside(talk, { from: 60_000, seq: 99, flags: SYN })
    inside(talk, { from: 60_000, seq: 100, data: 'one' })
    expect(talk.recorder.text(0, 42)).toBe('one')
  })
})
