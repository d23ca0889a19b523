/** What expressions mean, on packets in hex. */
import { describe, expect, test } from 'vitest'
import { Filter } from '../../src/filter/filter.ts'
import type { PacketRecord } from '../../src/store/record.ts'
import { connectionOf, type RecordParts, recordOf } from '../support/record.ts'

const holds = (text: string, record: PacketRecord): boolean => new Filter(text).matches(record)

/** PUBLISH, QoS 1, id 7, topic `a/b`, payload `hi`. */
const PUBLISH = '32 09 0003 612f62 0007 6869'
/** SUBSCRIBE, id 7, filters `a/b` at QoS 1 and `c/#` at QoS 2. */
const SUBSCRIBE = '82 0e 0007 0003 612f62 01 0003 632f23 02'

const publish = (parts: RecordParts = {}): PacketRecord => recordOf(PUBLISH, parts)

const MATCHES: readonly (readonly [string, boolean])[] = [
  ['', true],
  ['mqtt && tcp && frame && ip && !ipv6', true],
  ['mqtt.msgtype == PUBLISH', true],
  ['mqtt.msgtype == publish', true],
  ['mqtt.msgtype == "Publish Message"', true],
  ['mqtt.msgtype in {PUBLISH, PUBACK..PUBCOMP}', true],
  ['PUBLISH == mqtt.msgtype', true],
  ['mqtt.qos == "At least once"', true],
  ['mqtt.qos == "at least once delivery (acknowledged deliver)"', true],
  ['1 <= mqtt.qos < 2', true],
  ['2 > mqtt.qos', true],
  ['mqtt.dupflag', true],
  ['mqtt.dupflag == true', false],
  ['mqtt.dupflag == FALSE', true],
  ['mqtt.dupflag == "not set"', true],
  ['mqtt.len == 011', true],
  ['mqtt.len == 0b1001', true],
  ['mqtt.len == +9', true],
  ['mqtt.len != -9', true],
  ["mqtt.len < 'a'", true],
  ['mqtt.hdrflags & 0x02', true],
  ['mqtt.hdrflags & 0x08', false],
  ['mqtt.hdrflags & 0x06 == 2', true],
  // Absent fields make every comparison false.
  ['mqtt.kalive == 60', false],
  ['mqtt.kalive != 60', false],
  ['mqtt.kalive !== 60', false],
  ['mqtt.kalive < 60', false],
  ['count(mqtt.kalive) == 0', false],
  ['not mqtt.kalive == 60', true],
  ['mqtt.clientid contains ""', false],
  // Text
  ['mqtt.topic == "a/b"', true],
  ['mqtt.topic == a/b', true],
  ['mqtt.topic == "A/B"', false],
  ['upper(mqtt.topic) == "A/B"', true],
  ['mqtt.topic contains "/"', true],
  ['mqtt.topic matches "^A.B$"', true],
  ['mqtt.topic matches "^a$"', false],
  ['mqtt.topic[2:] == "b"', true],
  ['mqtt.topic[3]', false],
  ['mqtt.topic[3] != "x"', false],
  ['len(mqtt.topic) == 3', true],
  ['string(mqtt.msgid) == "7"', true],
  ['string(mqtt.hdrflags) == "0x32"', true],
  ['string(ip.src) == "192.0.2.7"', true],
  ['mqtt.topic contains mqtt.payload', false],
  ['mqtt.payload == "hi"', true],
  ['mqtt.msg == 68:69', true],
  ['mqtt.msg == 68-69', true],
  ['mqtt.msg == 6869', true],
  ['mqtt.msg contains 69', true],
  ['mqtt.msg matches "^HI$"', true],
  ['mqtt contains 07:68', true],
  ['mqtt[0] == 32', true],
  // Own fields
  ['mqtt.version == 3.1.1', true],
  ['mqtt.version >= 3.1.1 and mqtt.version < 5', true],
  ['mqtt.from == client', true],
  ['mqtt.client', false],
  ['mqtt.finding.id', false],
  ['mqtt.exchange.opener', false],
  // Below
  ['ip.src == 192.0.2.7', true],
  ['ip.src == 192.0.2.0/24', true],
  ['ip.src != 192.0.2.0/24', false],
  ['ip.src > 192.0.2.0/24', false],
  ['ip.src >= 192.0.2.0/24', true],
  ['ip.addr == 192.0.2.1 and ip.addr == 192.0.2.7', true],
  ['ip.addr != 192.0.2.1', false],
  ['ip.addr !== 192.0.2.1', true],
  ['ip.addr === 192.0.2.0/24', true],
  ['tcp.port in {1883, 8883}', true],
  ['tcp.port == 1883 && tcp.srcport == 51034', true],
  ['tcp.stream == 0', true],
  ['frame.number == 31', true],
  ['frame.time_epoch == 1795169191.123456789', true],
  ['frame.time_epoch > 1795169191.123456788', true],
  ['frame.time_epoch > 1795169191.123456789', false],
]

test.each(MATCHES)('%s → %s', (text, expected) => {
  expect(holds(text, publish())).toBe(expected)
})

describe('several values in a packet', () => {
  const cases: readonly (readonly [string, boolean])[] = [
    ['mqtt.topic == "c/#"', true],
    ['mqtt.topic != "c/#"', false],
    ['mqtt.topic !== "c/#"', true],
    ['mqtt.topic != "x"', true],
    ['mqtt.topic === "c/#"', false],
    ['mqtt.topic === {"c/#"}', false],
    ['count(mqtt.topic) == 2', true],
    ['mqtt.sub.qos == 1 and mqtt.sub.qos == 2', true],
    ['mqtt.sub.qos > 1', true],
    ['mqtt.sub.qos === {1}', false],
    ['mqtt.topic like "c/+"', true],
    ['mqtt.topic_resolved', false],
  ]
  test.each(cases.filter(([text]) => !text.includes('=== {')))('%s → %s', (text, expected) => {
    expect(holds(text, recordOf(SUBSCRIBE))).toBe(expected)
  })
})

describe('topics by the rules of MQTT', () => {
  const cases: readonly (readonly [string, string, boolean])[] = [
    ['a/b', 'a/b', true],
    ['a/b', 'a/+', true],
    ['a/b', '+/+', true],
    ['a/b', '+', false],
    ['a/b', '#', true],
    ['a/b', 'a/#', true],
    ['a/b', 'a/b/#', true],
    ['a/b', 'a/b/+', false],
    ['a/b', 'a', false],
    ['a/b', 'A/b', false],
    ['a', 'a/#', true],
    ['a', 'a/+', false],
    ['ab', 'a/#', false],
    ['/a', '+/+', true],
    ['/a', '/+', true],
    ['/a', '+', false],
    ['a/', 'a/+', true],
    ['a//b', 'a/+/b', true],
    ['a/b/c/d', 'a/+/c/#', true],
    ['$SYS/x', '#', false],
    ['$SYS/x', '+/x', false],
    ['$SYS/x', '$SYS/#', true],
    ['$SYS/x', '$SYS/+', true],
    ['a/b', '$share/group/a/+', true],
    ['a/b', '$share/group/c/+', false],
    ['ü/日本', '+/日本', true],
  ]
  test.each(cases)('%s like %s: %s', (topic, filter, expected) => {
    const bytes = Buffer.from(topic)
    const packet = Buffer.concat([Buffer.from([0x30, bytes.length + 2, 0, bytes.length]), bytes])
    expect(holds(`mqtt.topic like "${filter}"`, recordOf(packet))).toBe(expected)
  })
})

describe('what is known of the packet', () => {
  test('the client on each of its packets', () => {
    const record = publish({ stream: connectionOf(), clientId: 'valve-02' })
    expect(holds('mqtt.client == "valve-02"', record)).toBe(true)
    expect(holds('mqtt.client matches "VALVE"', record)).toBe(true)
    expect(holds('client valve-02', record)).toBe(true)
    expect(holds('mqtt.clientid', record)).toBe(false)
  })

  test('a topic behind an alias', () => {
    const alias = '30 06 0000 03 23 0001'
    const record = recordOf(alias, { version: 5, aliasTopic: 'a/b' })
    expect(holds('mqtt.topic == "a/b"', record)).toBe(true)
    expect(holds('mqtt.topic_resolved like "a/+"', record)).toBe(true)
    expect(holds('mqtt.property.topicAlias == 1 and mqtt.prop_number == 1', record)).toBe(false)
    expect(holds('mqtt.property.topicAlias == 1 and mqtt.property.topic_alias == 1', record)).toBe(true)
  })

  test('properties one by one, and user properties as name=value', () => {
    const record = recordOf('30 13 0001 61 0e 02 0000003c 26 0001 6b 0002 7631 70', { version: 5 })
    expect(holds('mqtt.property.messageExpiryInterval == 60', record)).toBe(true)
    expect(holds('mqtt.property.messageExpiryInterval == 1min', record)).toBe(true)
    expect(holds('mqtt.property.userProperty == "k=v1"', record)).toBe(true)
    expect(holds('mqtt.property.userProperty matches "^k="', record)).toBe(true)
    expect(holds('mqtt.property', record)).toBe(true)
    expect(holds('mqtt.will_properties', record)).toBe(false)
  })

  test('copies and their messages', () => {
    const record = publish()
    expect(holds('mqtt.fanout.role', record)).toBe(false)
    record.fanOut = { role: 'copy', opener: 4, latency: 0.1, copies: 2, expected: 3 }
    expect(holds('mqtt.fanout.role == copy and mqtt.fanout.opener == 4', record)).toBe(true)
    expect(holds('mqtt.fanout.role in {fresh, replay}', record)).toBe(false)
    expect(holds('mqtt.fanout.latency == 100ms && mqtt.fanout.copies < mqtt.fanout.expected', record)).toBe(true)
    record.fanOut = { role: 'again', opener: 0, latency: Number.NaN, copies: 0, expected: -1 }
    expect(holds('mqtt.fanout.role == again', record)).toBe(true)
    for (const name of ['opener', 'latency', 'copies', 'expected']) {
      expect(holds(`mqtt.fanout.${name} >= 0`, record)).toBe(false)
    }
    expect(new Filter('mqtt.fanout.copies > 1').ofFanOut).toBe(true)
    expect(new Filter('mqtt.finding.level == error').ofFanOut).toBe(true)
    expect(new Filter('mqtt.exchange.latency > 1s').ofFanOut).toBe(false)
  })

  test('exchanges and remarks', () => {
    const record = publish()
    record.exchange = { opener: 4, kind: 'qos1', state: 'complete', answers: 4, latency: 0.1, total: 0.25 }
    record.ruleFindings = [{ id: 'keepalive.exceeded', level: 'warning', message: '', offset: 0 }]
    expect(holds('mqtt.exchange.state == complete and mqtt.exchange.opener == 4', record)).toBe(true)
    expect(holds('mqtt.exchange.state in {open, refused}', record)).toBe(false)
    expect(holds('mqtt.exchange.latency == 100ms && mqtt.exchange.total == 0.25', record)).toBe(true)
    expect(holds('slow 100ms', record)).toBe(true)
    expect(holds('slow 101 ms', record)).toBe(false)
    expect(holds('mqtt.finding.level >= warning', record)).toBe(true)
    expect(holds('errors', record)).toBe(false)
    expect(holds('mqtt.finding.id matches "^keepalive"', record)).toBe(true)
    expect(new Filter('slow 100ms').ofSessions).toBe(true)
    expect(new Filter('mqtt.qos == 1').ofSessions).toBe(false)
  })

  test('gaps before a packet, and those in it', () => {
    const filter = new Filter('tcp.gap > 20')
    const record = publish()
    expect(filter.matches(record)).toBe(false)
    filter.gap(record.stream, 0, 29)
    expect(filter.matches(record)).toBe(true)
    expect(filter.matches(record)).toBe(false)
    filter.gap(record.stream, 1, 29)
    expect(filter.matches(record)).toBe(false)
  })

  test('time since the first frame', () => {
    const filter = new Filter('frame.time_relative in {1ms..2ms}')
    const record = publish()
    expect(filter.matches(record)).toBe(false)
    const { seconds, nanos } = record.raw.frame
    filter.begin({ seconds, nanos: nanos - 1_500_000 })
    expect(filter.matches(record)).toBe(true)
  })

  test('a payload that was not captured as a whole has no value', () => {
    const record = recordOf(PUBLISH, { size: 40 })
    expect(holds('mqtt.msg', record)).toBe(false)
    expect(holds('mqtt.topic == "a/b"', record)).toBe(true)
  })

  test('bytes that are no UTF-8 can be searched', () => {
    const record = recordOf('30 07 0001 61 ff00fe80')
    expect(holds('mqtt.msg contains ff:00', record)).toBe(true)
    expect(holds('mqtt.msg matches r"\\xff\\x00"', record)).toBe(true)
    expect(holds('mqtt.msg matches r"\\x80$"', record)).toBe(true)
  })
})

test('deep: whether columns can tell', () => {
  const deep = (text: string): boolean => new Filter(text).deep
  expect(deep('mqtt.msgtype == PUBLISH && mqtt.topic like "a/#" && ip.src == 192.0.2.1')).toBe(false)
  expect(deep('mqtt.client == "a" || frame.time_relative > 1 || mqtt.topic[0:2] == "ab"')).toBe(false)
  expect(deep('')).toBe(false)
  expect(deep('mqtt.msg contains "a"')).toBe(true)
  expect(deep('mqtt.qos == 1 && ip.ttl == 64')).toBe(true)
  expect(deep('count(mqtt.topic) == 2')).toBe(true)
})
