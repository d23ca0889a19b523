/** Hints, shortcuts and completion. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { Pipeline } from '../../src/analysis/pipeline.ts'
import { complete } from '../../src/filter/complete.ts'
import { expand, shortcuts } from '../../src/filter/expand.ts'
import { Filter } from '../../src/filter/filter.ts'
import { Store } from '../../src/store/store.ts'

describe('hints', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    [
      'mqtt.dupflag',
      'mqtt.dupflag',
      'mqtt.dupflag tests presence; write mqtt.dupflag == 1 for packets where it is set',
    ],
    [
      'mqtt.qos == 2 and not mqtt.dupflag',
      'not mqtt.dupflag',
      'mqtt.dupflag tests presence; write mqtt.dupflag == 0 for packets where it is not set',
    ],
    [
      'mqtt.topic != "a"',
      '!=',
      'mqtt.topic may stand several times; != is true where none of them is equal, !== where one is not',
    ],
    [
      'tcp.port ne 1883',
      'ne',
      'tcp.port may stand several times; ne is true where none of them is equal, !== where one is not',
    ],
    ['mqtt.qos !== 1', '!==', 'mqtt.qos stands once: != says the same'],
    ['mqtt.qos == 7', '7', 'mqtt.qos is never more than 3'],
    ['mqtt.topic == "a/+"', '"a/+"', '+ and # are plain characters here; write mqtt.topic like "a/+" to match topics'],
    ['mqtt.len in {8..6}', '8..6', 'this range is empty: its lower end stands first'],
  ]
  test.each(cases)('%s', (text, marked, message) => {
    const all = new Filter(text).hints
    const hint = all.find(one => text.slice(one.start, one.end) === marked && one.message === message)
    expect(hint, JSON.stringify(all)).toBeDefined()
  })

  test.each([
    'mqtt.dupflag == 0',
    'mqtt.qos != 1',
    'mqtt.topic',
    'mqtt.topic like "a/+"',
    'mqtt.len in {6..8}',
    'mqtt',
  ])('%s: none', text => {
    expect(new Filter(text).hints).toEqual([])
  })
})

describe('shortcuts', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['publish', 'mqtt.msgtype == PUBLISH'],
    [' connack ', 'mqtt.msgtype == CONNACK'],
    ['qos2', 'mqtt.qos == 2'],
    ['errors', 'mqtt.finding.level == error'],
    ['slow 100ms', 'mqtt.exchange.latency >= 100ms'],
    ['slow 1.5 s', 'mqtt.exchange.latency >= 1.5s'],
    ['client foo', 'mqtt.client == "foo"'],
    ['client a "b" c', 'mqtt.client == "a \\"b\\" c"'],
    ['topic a/+/b', 'mqtt.topic like "a/+/b"'],
    ['topic $SYS/#', 'mqtt.topic like "$SYS/#"'],
    ['mqtt.qos == 1', 'mqtt.qos == 1'],
    ['publish and qos2', 'publish and qos2'],
    ['qos3', 'qos3'],
    ['', ''],
  ]
  test.each(cases)('%s', (text, expected) => {
    expect(expand(text)).toBe(expected)
  })

  test('all that are offered can be read', () => {
    for (const { text } of shortcuts()) expect(() => new Filter(text)).not.toThrow()
  })
})

describe('completion', () => {
  const offered = (text: string, store?: Store): string[] =>
    complete(text, text.length, store).offers.map(offer => offer.text)

  test('fields by what is written of them, with type and meaning', () => {
    const { start, end, offers } = complete('mqtt.qos == 1 && mqtt.to', 24)
    expect([start, end]).toEqual([17, 24])
    expect(offers.slice(0, 3).map(({ text }) => text)).toEqual(['mqtt.topic_len', 'mqtt.topic', 'mqtt.topic_resolved'])
    expect(offers[1]).toMatchObject({ kind: 'field', type: 'text' })
    expect(offered('mqtt.topic con')).toEqual(['contains'])
    expect(offers[1]?.meaning).toMatch(/^Topic: /)
  })

  test('operators by type', () => {
    expect(offered('mqtt.qos ')).toContain('>=')
    expect(offered('mqtt.topic ')).toContain('like')
    expect(offered('mqtt.qos ')).not.toContain('like')
    expect(offered('mqtt.qos == 1 ')).toEqual(['and', 'or'])
  })

  test('names of values', () => {
    expect(offered('mqtt.msgtype == PUB')).toEqual(['PUBLISH', 'PUBACK', 'PUBREC', 'PUBREL', 'PUBCOMP'])
    expect(offered('mqtt.exchange.state in {open, c')).toEqual(['complete'])
    expect(offered('mqtt.dupflag == ')).toEqual(['1', '0'])
  })

  test('topics and clients seen', () => {
    const store = new Store()
    const pipeline = new Pipeline({ packet: record => void store.append(record), gap() {}, skipped() {}, damage() {} })
    pipeline.push(new Uint8Array(readFileSync(new URL('../../samples/tour.pcapng', import.meta.url))))
    pipeline.end()
    expect(offered('mqtt.topic == "garden/pump/s', store)).toEqual(['"garden/pump/set"', '"garden/pump/state"'])
    expect(offered('mqtt.client == ', store)).toEqual([
      '"anna-phone"',
      '"garden-pump"',
      '"kitchen-display"',
      '"old-thermostat"',
    ])
  })

  test('shortcuts where nothing else stands', () => {
    expect(offered('pub')).toContain('publish')
    expect(offered('mqtt && pub')).not.toContain('publish')
  })

  test('whatever is written, at any place', () => {
    const text = 'mqtt.topic[0:3] == "a" && (len(mqtt.topic) > 3 or mqtt.qos in {1, 2}) "'
    for (let at = 0; at <= text.length; at++) expect(() => complete(text, at)).not.toThrow()
  })
})
