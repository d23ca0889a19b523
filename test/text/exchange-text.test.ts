/** What the line and the record say of a packet's exchange. */
import { describe, expect, test } from 'vitest'
import { NdjsonExporter } from '../../src/export/ndjson.ts'
import { TextExporter } from '../../src/export/text.ts'
import { type ExchangeFact, type FanOutFact, type PlacedFinding, WHOLE } from '../../src/store/record.ts'
import { answerText, exchangeJson, fanOutJson, fanOutText } from '../../src/text/exchange-text.ts'
import { expectValid, type Json } from '../support/json.ts'
import { connectionOf, recordOf } from '../support/record.ts'

const FACT: ExchangeFact = {
  opener: 11,
  kind: 'qos1',
  state: 'complete',
  answers: 11,
  latency: 0.000412,
  total: 0.000412,
}

const fact = (parts: Partial<ExchangeFact>): ExchangeFact => ({ ...FACT, ...parts })

describe('of a packet', () => {
  const packet = (hex: string, exchange?: ExchangeFact) => Object.assign(recordOf(hex, { number: 12 }), { exchange })

  test('that belongs to none', () => {
    expect(answerText(packet('c0 00'))).toBe('')
    expect(exchangeJson(packet('c0 00'))).toBe('')
  })

  test('that opens one', () => {
    const opener = packet(
      '32 04 0001 61 0007',
      fact({ opener: 12, state: 'open', answers: 0, latency: Number.NaN, total: 0 }),
    )
    expect(answerText(opener)).toBe('')
    expect(exchangeJson(opener)).toBe(',"exchange":{"opener":12,"state":"open"}')
  })

  test('that answers', () => {
    expect(answerText(packet('40 02 0007', FACT))).toBe(' ↩ 11 after 0.412 ms')
    expect(exchangeJson(packet('40 02 0007', FACT))).toBe(
      ',"answers":11,"latencyMs":0.412,"exchange":{"opener":11,"state":"complete","totalMs":0.412}',
    )
  })

  test('that ends four steps', () => {
    const last = fact({ kind: 'qos2', opener: 8, answers: 11, latency: 0.0001, total: 0.000221 })
    expect(answerText(packet('70 02 0007', last))).toBe(' ↩ 11 after 0.100 ms, 0.221 ms in all')
    expect(answerText(packet('70 02 0007', last), true)).toBe(' ↩ 11 0.100 ms')
  })

  test('that is sent again', () => {
    const again = fact({ opener: 3, state: 'open', answers: 0, latency: Number.NaN })
    expect(answerText(packet('3a 04 0001 61 0007', again))).toBe(' ↻ 3')
  })

  test('where frames have no time', () => {
    const timeless = fact({ latency: Number.NaN, total: Number.NaN })
    expect(answerText(packet('40 02 0007', timeless))).toBe(' ↩ 11')
    expect(exchangeJson(packet('40 02 0007', timeless))).toBe(
      ',"answers":11,"exchange":{"opener":11,"state":"complete"}',
    )
  })
})

describe('of a message on its way', () => {
  const hop = (parts: Partial<FanOutFact>) => {
    const fanOut: FanOutFact = { role: 'copy', opener: 4, latency: 0.0008, copies: 2, expected: 3, ...parts }
    return Object.assign(recordOf('30 04 0001 61 78', { number: 12 }), { fanOut })
  }

  test.each<readonly [Partial<FanOutFact>, string, string]>([
    [{}, ' ⇉ 4 after 0.800 ms', '{"role":"copy","opener":4,"latencyMs":0.8,"copies":2,"expected":3}'],
    [{ role: 'fresh', opener: 12, latency: Number.NaN, copies: 0 }, '', '{"role":"fresh","opener":12,"expected":3}'],
    [{ role: 'replay', latency: Number.NaN }, ' ⟲ 4', '{"role":"replay","opener":4,"copies":2,"expected":3}'],
    [{ role: 'again', opener: 0, latency: Number.NaN, copies: 0, expected: -1 }, '', '{"role":"again"}'],
    [{ latency: Number.NaN, expected: -1 }, ' ⇉ 4', '{"role":"copy","opener":4,"copies":2}'],
  ])('%o', (parts, text, json) => {
    expect(fanOutText(hop(parts))).toBe(text)
    expect(fanOutJson(hop(parts))).toBe(`,"fanout":${json}`)
    let line = ''
    new NdjsonExporter({}, more => (line += more)).packet(hop(parts))
    expectValid(JSON.parse(line) as Json)
  })

  test('nothing where nobody looks', () => {
    expect(fanOutText(recordOf('c0 00'))).toBe('')
    expect(fanOutJson(recordOf('c0 00'))).toBe('')
  })
})

describe('remarks', () => {
  const late: PlacedFinding = {
    id: 'exchange.abandoned',
    level: 'warning',
    message: 'PUBLISH id 7 was never\nanswered',
    offset: 0,
    packet: 12,
    stream: connectionOf({ index: 3 }),
  }

  test('late ones are records of their own', () => {
    let text = ''
    new NdjsonExporter({}, more => (text += more)).finding(late)
    const record = JSON.parse(text) as Json
    expectValid(record)
    expect(record).toEqual({
      record: 'finding',
      packet: 12,
      stream: 3,
      id: 'exchange.abandoned',
      level: 'warning',
      message: 'PUBLISH id 7 was never\nanswered',
    })
  })

  test('late ones are lines of their own', () => {
    let text = ''
    const options = { time: 'r', color: false, verbose: false, bytes: false, redact: false } as const
    new TextExporter(options, more => (text += more)).finding(late)
    expect(text).toBe('    ! packet 12: exchange.abandoned PUBLISH id 7 was never\\x0aanswered\n')
  })

  test('those on behaviour stand behind the packet, with a place only where they have one', () => {
    let text = ''
    const options = { time: 'r', color: false, verbose: false, bytes: false, redact: false } as const
    const exporter = new TextExporter(options, more => (text += more))
    const ruleFindings = [
      { id: 'MQTT-2.3.1-4', level: 'error', message: 'the id is in use', offset: WHOLE },
      { id: 'own', level: 'note', message: 'seen', offset: 4 },
    ] as const
    exporter.packet(Object.assign(recordOf('40 02 0007'), { ruleFindings }))
    expect(text).toContain('(id 7)  ✗ MQTT-2.3.1-4 the id is in use  i own seen (byte 4)\n')
  })
})
